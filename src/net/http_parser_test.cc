#include "net/http_parser.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace headroom::net {
namespace {

// What came out of a parser that was fed `wire` in pieces.
template <bool kIsRequest>
struct Outcome {
  Status status;
  int refusal = 0;
  bool done = false;
  std::string body;
  std::string left;  // bytes after the message
  BodyLength length;
  bool keep_alive = false;
  typename HttpParser<kIsRequest>::Head head;
};

// Each piece is copied into a heap block of exactly the unread bytes, so that a
// sanitizer sees a read past them.
template <bool kIsRequest>
Outcome<kIsRequest> Feed(HttpParser<kIsRequest>& parser, const std::vector<std::string>& pieces) {
  using Event = typename HttpParser<kIsRequest>::Event;
  Outcome<kIsRequest> outcome;
  std::string unread;
  for (const std::string& piece : pieces) {
    unread += piece;
    while (!outcome.done) {
      const std::unique_ptr<char[]> exact(new char[unread.size()]);
      std::memcpy(exact.get(), unread.data(), unread.size());
      auto step = parser.Parse({exact.get(), unread.size()});
      if (!step.ok()) {
        outcome.status = step.status();
        outcome.refusal = parser.refusal();
        return outcome;
      }
      outcome.body += step->body;
      unread.erase(0, step->consumed);
      if (step->event == Event::kNeedMore) break;
      if (step->event == Event::kHead) {
        outcome.head = parser.head();
        outcome.length = parser.length();
        outcome.keep_alive = parser.keep_alive();
      }
      outcome.done = step->event == Event::kDone;
    }
  }
  outcome.left = unread;
  return outcome;
}

Outcome<true> Request(const std::string& wire) {
  RequestParser parser;
  return Feed(parser, {wire});
}

Outcome<false> Response(const std::string& wire) {
  ResponseParser parser;
  return Feed(parser, {wire});
}

int Refusal(const std::string& wire) {
  const Outcome<true> outcome = Request(wire);
  return outcome.status.ok() ? 0 : outcome.refusal;
}

std::string WithHeaders(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }

std::string Chunked(const std::string& body) { return WithHeaders("Transfer-Encoding: chunked\r\n") + body; }

TEST(RequestParserTest, KeepsOrderSpellingAndDuplicatesOfFields) {
  const Outcome<true> outcome = Request("PATCH /v1/x?y=1 HTTP/1.1\r\nhOSt: a\r\nX-B:  two words \r\nx-b:\r\n\r\nNEXT");
  ASSERT_TRUE(outcome.done);
  EXPECT_EQ(outcome.head.method, "PATCH");
  EXPECT_EQ(outcome.head.path(), "/v1/x");
  EXPECT_EQ(outcome.head.query(), "?y=1");
  EXPECT_EQ(outcome.head.version_minor, 1);
  ASSERT_EQ(outcome.head.headers.size(), 3u);
  EXPECT_EQ(outcome.head.headers[0].name, "hOSt");
  EXPECT_EQ(outcome.head.headers[1].name, "X-B");
  EXPECT_EQ(outcome.head.headers[1].value, "two words");
  EXPECT_EQ(outcome.head.headers[2].name, "x-b");
  EXPECT_EQ(outcome.head.headers[2].value, "");
  EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kNone);
  EXPECT_EQ(outcome.left, "NEXT");
}

TEST(RequestParserTest, TakesAnyMethodToken) {
  EXPECT_EQ(Request("M-SEARCH!# / HTTP/1.1\r\nHost: a\r\n\r\n").head.method, "M-SEARCH!#");
  EXPECT_EQ(Refusal("GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestParserTest, ReadsAnExactBodyAndLeavesTheNextMessage) {
  const Outcome<true> outcome = Request(WithHeaders("Content-Length: 5\r\n") + "helloGET /");
  ASSERT_TRUE(outcome.done);
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kExact);
  EXPECT_EQ(outcome.length.bytes, 5u);
  EXPECT_EQ(outcome.left, "GET /");
}

TEST(RequestParserTest, BodyIsAViewIntoTheInput) {
  RequestParser parser;
  const std::string wire = Chunked("5\r\nhello\r\n0\r\n\r\n");
  const Result<RequestParser::Step> head = parser.Parse(wire);
  ASSERT_TRUE(head.ok());
  const Result<RequestParser::Step> body = parser.Parse(std::string_view(wire).substr(head->consumed));
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(body->body, "hello");
  EXPECT_EQ(body->body.data(), wire.data() + wire.find("hello"));
}

TEST(RequestParserTest, SplitAtEveryByteGivesTheSameMessage) {
  const std::string wire = Chunked("5;a=b\r\nhello\r\n0b\r\n big world!\r\n000\r\nX-T: 1\r\n\r\n") + "GET ";
  for (size_t cut = 0; cut <= wire.size(); ++cut) {
    RequestParser parser;
    const Outcome<true> outcome = Feed(parser, {wire.substr(0, cut), wire.substr(cut)});
    ASSERT_TRUE(outcome.done) << cut << " " << outcome.status.ToString();
    EXPECT_EQ(outcome.body, "hello big world!") << cut;
    EXPECT_EQ(outcome.left, "GET ") << cut;
    EXPECT_EQ(outcome.head.headers.size(), 2u) << "trailers are dropped";
  }
}

TEST(RequestParserTest, OneByteAtATimeGivesTheSameMessage) {
  const std::string wire =
      "\r\n" + Chunked("5;a=\"b c\"\r\nhello\r\nB\r\n big world!\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n");
  std::vector<std::string> pieces;
  for (const char c : wire) pieces.emplace_back(1, c);
  RequestParser parser;
  const Outcome<true> outcome = Feed(parser, pieces);
  ASSERT_TRUE(outcome.done) << outcome.status.ToString();
  EXPECT_EQ(outcome.body, "hello big world!");
  EXPECT_EQ(outcome.left, "");
}

TEST(RequestParserTest, ResetReadsThreePipelinedMessages) {
  RequestParser parser;
  std::string unread = WithHeaders("Content-Length: 1\r\n") + "A" + Chunked("1\r\nB\r\n0\r\n\r\n") + WithHeaders("");
  std::string bodies;
  for (int i = 0; i < 3; ++i) {
    parser.Reset();
    const Outcome<true> outcome = Feed(parser, {unread});
    ASSERT_TRUE(outcome.done);
    bodies += outcome.body + "|";
    unread = outcome.left;
  }
  EXPECT_EQ(bodies, "A|B||");
  EXPECT_EQ(unread, "");
}

TEST(RequestParserTest, SkipsAFewEmptyLinesBeforeARequest) {
  EXPECT_TRUE(Request("\r\n\r\n" + WithHeaders("")).done);
  EXPECT_TRUE(Request(std::string("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n") + WithHeaders("")).done);
  EXPECT_EQ(Refusal(std::string("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n") + WithHeaders("")), 400);
}

TEST(RequestParserTest, RefusesAmbiguousLines) {
  EXPECT_EQ(Refusal(WithHeaders("A: b\r\n c\r\n")), 400) << "obs-fold";
  EXPECT_EQ(Refusal(WithHeaders("A: b\r\n\tc\r\n")), 400) << "obs-fold with a tab";
  EXPECT_EQ(Refusal(WithHeaders("A:\r\n \r\n")), 400) << "obs-fold of nothing";
  EXPECT_EQ(Refusal(WithHeaders("A: b\n")), 400) << "bare LF";
  EXPECT_EQ(Refusal("GET / HTTP/1.1\nHost: a\n\n"), 400) << "bare LF only";
  EXPECT_EQ(Refusal("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400) << "LF first";
  EXPECT_EQ(Refusal(WithHeaders("A: b\rC: d\r\n")), 400) << "bare CR";
  EXPECT_EQ(Refusal(WithHeaders("A: b\r\r\n")), 400) << "CR CR LF";
  EXPECT_EQ(Refusal(WithHeaders(std::string("A: b\0c\r\n", 8))), 400) << "NUL";
  EXPECT_EQ(Refusal(WithHeaders("A : b\r\n")), 400) << "space before the colon";
  EXPECT_EQ(Refusal(WithHeaders("A\t: b\r\n")), 400) << "tab before the colon";
  EXPECT_EQ(Refusal(WithHeaders("A b: c\r\n")), 400) << "space in the name";
  EXPECT_EQ(Refusal(WithHeaders(": b\r\n")), 400) << "no name";
  EXPECT_EQ(Refusal(WithHeaders("A\r\n")), 400) << "no colon";
  EXPECT_EQ(Refusal("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400) << "two spaces";
  EXPECT_EQ(Refusal("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400) << "space after the version";
  EXPECT_EQ(Refusal(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400) << "space first";
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400) << "space after the request line";
}

TEST(RequestParserTest, RefusesConflictingLengths) {
  EXPECT_EQ(Refusal(WithHeaders("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
  EXPECT_EQ(Refusal(WithHeaders("Content-Length: 5, 6\r\n")), 400);
  EXPECT_EQ(Refusal(WithHeaders("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(Refusal(WithHeaders("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  for (const char* value : {"", "+5", "-5", "0x5", "5 5", "5;", "five", ",", "5,", "18446744073709551616"}) {
    EXPECT_EQ(Refusal(WithHeaders("Content-Length: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(Refusal(WithHeaders("Content-Length: 18446744073709551615\r\n")), 0);
}

TEST(RequestParserTest, RefusesTransferEncodingsOtherThanChunked) {
  for (const char* value : {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "", "xchunked",
                            "chunked;q=1", "\"chunked\"",
                            "\x0b"
                            "chunked"}) {
    EXPECT_EQ(Refusal(WithHeaders("Transfer-Encoding: " + std::string(value) + "\r\n")), 400) << value;
  }
  EXPECT_EQ(Refusal(WithHeaders("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(Refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(Refusal(WithHeaders("Transfer-Encoding: CHUNKED\r\n")), 0);
}

TEST(RequestParserTest, RefusesBadChunks) {
  for (const char* body : {"g\r\n",
                           "-1\r\nx",
                           "0x1\r\nx",
                           " 1\r\nx",
                           "\r\n",
                           "1\nx\r\n",
                           "1\r\nxy\r\n",
                           "1\r\nx\n0\r\n\r\n",
                           "1;\r\nx",
                           "1 x\r\n",
                           "1;a=\"\n\"\r\nx",
                           "1\rx\r\n",
                           "10000000000000000\r\n",
                           "00000000000000001\r\n",
                           "1;a=\x01\r\nx",
                           "0\n\r\n",
                           "0\r\nA: b\r\n c\r\n\r\n",
                           "0\r\nA: b\n\r\n",
                           "0\r\nA : b\r\n\r\n",
                           "0\r\nContent-Length: 3\r\n\r\n"}) {
    EXPECT_EQ(Refusal(Chunked(body)), 400) << body;
  }
  EXPECT_EQ(Refusal(Chunked("ffffffffffffffff\r\nx")), 0) << "the largest size there is";
  EXPECT_EQ(Refusal(Chunked("0000000000000001\r\nx")), 0) << "sixteen digits";
}

TEST(RequestParserTest, BoundsChunkExtensionsAndTrailers) {
  const size_t line_limit = 4 * 1024;
  const auto chunk_line = [](size_t bytes) { return "1;" + std::string(bytes - 4, 'e') + "\r\n"; };
  EXPECT_EQ(Refusal(Chunked(chunk_line(line_limit))), 0);
  EXPECT_EQ(Refusal(Chunked(chunk_line(line_limit + 1))), 400);
  EXPECT_EQ(Refusal(Chunked("1;" + std::string(line_limit, 'e'))), 400) << "before its end";

  const size_t trailer_limit = 16 * 1024;
  const auto trailers = [](size_t bytes) { return "0\r\nT: " + std::string(bytes - 7, 't') + "\r\n\r\n"; };
  EXPECT_TRUE(Request(Chunked(trailers(trailer_limit))).done);
  EXPECT_EQ(Refusal(Chunked(trailers(trailer_limit + 1))), 400);
  EXPECT_EQ(Refusal(Chunked("0\r\nT: " + std::string(trailer_limit, 't'))), 400) << "before their end";
}

TEST(RequestParserTest, BoundsTheHead) {
  const size_t limit = 64 * 1024;
  const std::string empty = WithHeaders("A: \r\n");
  const auto head = [&](size_t bytes) { return WithHeaders("A: " + std::string(bytes - empty.size(), 'a') + "\r\n"); };
  ASSERT_EQ(head(limit).size(), limit);
  EXPECT_TRUE(Request(head(limit)).done);
  EXPECT_EQ(Refusal(head(limit + 1)), 431);
  EXPECT_EQ(Refusal(head(2 * limit).substr(0, limit - 1)), 0);
  EXPECT_EQ(Refusal(head(2 * limit).substr(0, limit)), 431) << "before its end";
}

TEST(RequestParserTest, WantsExactlyOneHost) {
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(Refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(Refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_TRUE(Request("GET / HTTP/1.0\r\n\r\n").done);
}

TEST(RequestParserTest, TellsOtherVersionsFromNonsense) {
  EXPECT_EQ(Refusal("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(Refusal("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(Refusal("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(Refusal("PRI * HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(Refusal("GET / HTTP/1.10\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(Refusal("GET / http/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(Refusal("GET /\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestParserTest, TurnsAbsoluteTargetsIntoOriginForm) {
  const auto target = [](const std::string& text) {
    return Request(text + " HTTP/1.1\r\nHost: a\r\n\r\n").head.target;
  };
  EXPECT_EQ(target("GET http://a:1/b?c"), "/b?c");
  EXPECT_EQ(target("GET HTTPS://a"), "/");
  EXPECT_EQ(target("GET http://a?q"), "/?q");
  EXPECT_EQ(target("OPTIONS *"), "*");
  for (const char* line : {"GET *", "GET a/b", "CONNECT a:443", "GET ftp://a/", "GET ://"}) {
    EXPECT_EQ(Refusal(std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n"), 400) << line;
  }
}

TEST(RequestParserTest, TellsWhetherTheConnectionStays) {
  EXPECT_TRUE(Request(WithHeaders("")).keep_alive);
  EXPECT_FALSE(Request(WithHeaders("Connection: foo, Close\r\n")).keep_alive);
  EXPECT_FALSE(Request("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(Request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(RequestParserTest, StaysRefused) {
  RequestParser parser;
  EXPECT_FALSE(parser.Parse("bad\n").ok());
  EXPECT_FALSE(parser.Parse(WithHeaders("")).ok());
}

TEST(RequestParserTest, EndOfStreamInsideAMessageIsAnError) {
  RequestParser parser;
  Feed(parser, {WithHeaders("Content-Length: 5\r\n") + "hell"});
  EXPECT_EQ(parser.ParseEnd().code(), Code::kUnavailable);
}

TEST(ResponseParserTest, ReadsABodyUntilTheConnectionCloses) {
  ResponseParser parser;
  const Outcome<false> outcome = Feed(parser, {"HTTP/1.1 200 All right\r\nA: b\r\n\r\nhel", "lo"});
  EXPECT_FALSE(outcome.done);
  EXPECT_EQ(outcome.head.status, 200);
  EXPECT_EQ(outcome.head.reason, "All right");
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kUntilClose);
  EXPECT_FALSE(outcome.keep_alive);
  EXPECT_TRUE(parser.ParseEnd().ok());
}

TEST(ResponseParserTest, AStatusLineMayEndAfterItsCode) {
  ResponseParser parser;
  const Outcome<false> outcome = Feed(parser, {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"});
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.head.status, 200);
  EXPECT_EQ(outcome.head.reason, "");
  EXPECT_EQ(outcome.body, "hi");
}

TEST(ResponseParserTest, EndOfStreamInsideAChunkedBodyIsAnError) {
  ResponseParser parser;
  Feed(parser, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"});
  EXPECT_EQ(parser.ParseEnd().code(), Code::kUnavailable);
}

TEST(ResponseParserTest, BodilessStatusesEndAfterTheirHead) {
  for (const char* status : {"100 Continue", "103 Early Hints", "204 No Content", "304 Not Modified"}) {
    const Outcome<false> outcome = Response("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 5\r\n\r\nHTTP/");
    EXPECT_TRUE(outcome.done) << status;
    EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kNone) << status;
    EXPECT_EQ(outcome.left, "HTTP/") << status;
  }
}

TEST(ResponseParserTest, AResponseToHeadHasNoBody) {
  for (const char* field : {"Content-Length: 5", "Transfer-Encoding: chunked", "A: b"}) {
    ResponseParser parser;
    parser.ExpectNoBody();
    const Outcome<false> outcome = Feed(parser, {"HTTP/1.1 200 OK\r\n" + std::string(field) + "\r\n\r\n"});
    EXPECT_TRUE(outcome.done) << field;
    EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kNone) << field;
    EXPECT_TRUE(outcome.head.headers.size() == 1) << field;
  }
}

TEST(ResponseParserTest, AnEmptyBodyOfStatedLengthIsDone) {
  const Outcome<false> outcome = Response("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(outcome.done);
  EXPECT_EQ(outcome.length.kind, BodyLength::Kind::kExact);
  EXPECT_TRUE(outcome.keep_alive);
}

TEST(ResponseParserTest, RefusesAmbiguousFraming) {
  for (const char* fields :
       {"Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "A: b\r\n c\r\n", "A: b\n"}) {
    EXPECT_FALSE(Response("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n").status.ok()) << fields;
  }
  EXPECT_FALSE(Response("HTTP/2.0 200 OK\r\n\r\n").status.ok());
  EXPECT_FALSE(Response("HTTP/1.1 099 No\r\n\r\n").status.ok());
  EXPECT_FALSE(Response("<html>\r\n\r\n").status.ok());
}

}  // namespace
}  // namespace headroom::net
