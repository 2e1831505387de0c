#include "net/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace headroom::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Events = std::vector<std::pair<std::string, std::string>>;

struct Outcome {
  Events events;
  size_t dropped = 0;
  bool operator==(const Outcome&) const = default;
};

// Feeds `pieces`, each from a heap buffer of its exact size.
Outcome Parse(const std::vector<std::string_view>& pieces, size_t limit = 1 << 20) {
  Outcome outcome;
  SseParser parser(
      [&](const SseParser::Event& event) {
        outcome.events.emplace_back(std::string(event.name), std::string(event.data));
      },
      limit);
  for (const std::string_view piece : pieces) {
    const std::unique_ptr<char[]> exact(new char[piece.size()]);
    piece.copy(exact.get(), piece.size());
    parser.Feed({exact.get(), piece.size()});
  }
  parser.End();
  outcome.dropped = parser.dropped_events();
  return outcome;
}

Events EventsOf(std::string_view stream) { return Parse({stream}).events; }

// The steps of WHATWG HTML 9.2.6 one after the other over the whole stream,
// with this parser's two additions: a limit, and delivery of an unfinished event.
Outcome SlowTwin(std::string stream, size_t limit) {
  if (stream.rfind("\xEF\xBB\xBF", 0) == 0) stream.erase(0, 3);
  std::vector<std::string> lines(1);
  for (size_t i = 0; i < stream.size(); ++i) {
    const bool second_half = stream[i] == '\n' && i > 0 && stream[i - 1] == '\r';
    if (second_half) continue;
    if (stream[i] == '\n' || stream[i] == '\r') {
      lines.emplace_back();
    } else {
      lines.back() += stream[i];
    }
  }
  if (!lines.back().empty()) lines.emplace_back();

  Outcome outcome;
  std::string name;
  std::string data;
  size_t size = 0;
  for (const std::string& line : lines) {
    if (line.empty()) {
      if (size > limit) {
        ++outcome.dropped;
      } else if (!data.empty()) {
        data.pop_back();
        outcome.events.emplace_back(name.empty() ? "message" : name, data);
      }
      name.clear();
      data.clear();
      size = 0;
      continue;
    }
    if (line[0] == ':') continue;
    size += line.size();
    const size_t colon = line.find(':');
    const std::string field = line.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);
    if (field == "event") name = value;
    if (field == "data") data += value + "\n";
  }
  // Without a final blank line the last event is still open here.
  if (size > limit) ++outcome.dropped;
  if (size <= limit && !data.empty())
    outcome.events.emplace_back(name.empty() ? "message" : name, data.substr(0, data.size() - 1));
  return outcome;
}

TEST(SseTest, ReadsNamedAndUnnamedEvents) {
  EXPECT_THAT(EventsOf("event: ping\ndata: {}\n\ndata: x\n\n"), ElementsAre(Pair("ping", "{}"), Pair("message", "x")));
}

TEST(SseTest, JoinsDataLinesWithLineFeed) {
  EXPECT_THAT(EventsOf("data: a\ndata\ndata: b\n\n"), ElementsAre(Pair("message", "a\n\nb")));
}

TEST(SseTest, RemovesOneSpaceAfterTheColonOnly) {
  EXPECT_THAT(EventsOf("data:a\n\ndata:  b\n\ndata: \tc \n\n"),
              ElementsAre(Pair("message", "a"), Pair("message", " b"), Pair("message", "\tc ")));
}

TEST(SseTest, SkipsCommentsUnknownFieldsAndEventsWithoutData) {
  EXPECT_THAT(EventsOf(": hi\n\nid: 7\nretry: 3\n\nevent: gone\n\n data: indented\n\ndata: kept\n\n"),
              ElementsAre(Pair("message", "kept")));
}

TEST(SseTest, AFieldWithEmptyDataIsAnEvent) {
  EXPECT_THAT(EventsOf("event: e\ndata\n\ndata:\n\n"), ElementsAre(Pair("e", ""), Pair("message", "")));
}

TEST(SseTest, EndsLinesAtLfCrAndCrLf) {
  EXPECT_THAT(EventsOf("data: a\rdata: b\r\ndata: c\n\r\ndata: d\r\rdata: e\n\n"),
              ElementsAre(Pair("message", "a\nb\nc"), Pair("message", "d"), Pair("message", "e")));
}

TEST(SseTest, DropsAByteOrderMarkAtTheStartOnly) {
  EXPECT_THAT(EventsOf("\xEF\xBB\xBF"
                       "data: a\n\n\xEF\xBB\xBF"
                       "data: b\n\n"),
              ElementsAre(Pair("message", "a")));
  EXPECT_THAT(EventsOf("\xEF\xBB"
                       "data: a\n\n"),
              IsEmpty());
}

TEST(SseTest, DeliversALastEventWithoutItsBlankLine) {
  EXPECT_THAT(EventsOf("data: a\n\ndata: b"), ElementsAre(Pair("message", "a"), Pair("message", "b")));
  EXPECT_THAT(EventsOf("data: b\n"), ElementsAre(Pair("message", "b")));
  EXPECT_THAT(EventsOf("event: b\n"), IsEmpty());
}

TEST(SseTest, KeepsAnEventAtTheLimitAndDropsOnePastIt) {
  EXPECT_EQ(Parse({"data: 1234\n\ndata: ok\n\n"}, 10), (Outcome{{{"message", "1234"}, {"message", "ok"}}, 0}));
  EXPECT_EQ(Parse({"data: 12345\n\ndata: ok\n\n"}, 10), (Outcome{{{"message", "ok"}}, 1}));
  EXPECT_EQ(Parse({"data: 12345"}, 10), (Outcome{{}, 1}));
}

TEST(SseTest, DoesNotCountCommentsAgainstTheLimit) {
  EXPECT_EQ(Parse({": 12345678901234567890\n", ": 1234567890", "1234567890\n", "data: 1234\n\n"}, 10),
            (Outcome{{{"message", "1234"}}, 0}));
}

const std::vector<std::string>& Streams() {
  static const std::vector<std::string> streams = {
      "event: message_start\ndata: {\"type\":\"message_start\"}\n\nevent: ping\ndata: {}\n\n",
      "event: a\r\ndata: 1\r\ndata: 2\r\n\r\n: c\r\ndata: 3\r\n\r\n",
      "data: 1\rdata: 2\r\rdata: 3\r\r",
      "\xEF\xBB\xBF"
      "data: x\n\n",
      "\xEF\xBB"
      "data: x\n\ndata: y\n\n",
      "data: \xF0\x9F\x99\x82 \xE2\x82\xAC\n\ndata: [DONE]",
      ":\n:comment: with colon\n\n\r\n\rdata\n\nevent\ndata:\n\nid: 1\n\n",
      "data: 0123456789012345678901234567890123456789\n\ndata: short\n\n",
  };
  return streams;
}

TEST(SseTest, GivesTheSameEventsForEverySplitInThree) {
  for (const std::string& stream : Streams()) {
    const Outcome expected = SlowTwin(stream, 30);
    const std::string_view view = stream;
    for (size_t i = 0; i <= view.size(); ++i) {
      for (size_t j = i; j <= view.size(); ++j) {
        ASSERT_EQ(Parse({view.substr(0, i), view.substr(i, j - i), view.substr(j)}, 30), expected)
            << stream << " cut at " << i << " and " << j;
      }
    }
  }
}

TEST(SseTest, GivesTheSameEventsByteByByte) {
  for (const std::string& stream : Streams()) {
    std::vector<std::string_view> bytes;
    for (const char& byte : stream) bytes.emplace_back(&byte, 1);
    EXPECT_EQ(Parse(bytes, 30), SlowTwin(stream, 30)) << stream;
  }
}

TEST(SseTest, AgreesWithItsSlowTwinOnRandomStreams) {
  const std::vector<std::string> parts = {"data", "event", ":", " ",  "\n",           "\r",
                                          "\r\n", "\n\n",  "x", "id", "\xEF\xBB\xBF", "long text"};
  std::mt19937 random(20261124);
  for (int round = 0; round < 20'000; ++round) {
    std::string stream;
    for (size_t n = random() % 24; n > 0; --n) stream += parts[random() % parts.size()];
    std::vector<std::string_view> pieces;
    for (size_t at = 0; at < stream.size();) {
      const size_t size = 1 + random() % 7;
      pieces.push_back(std::string_view(stream).substr(at, size));
      at += size;
    }
    const size_t limit = 8 + random() % 16;
    ASSERT_EQ(Parse(pieces, limit), SlowTwin(stream, limit)) << testing::PrintToString(stream) << " limit " << limit;
  }
}

}  // namespace
}  // namespace headroom::net
