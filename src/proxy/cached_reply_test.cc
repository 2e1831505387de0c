#include "proxy/cached_reply.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace headroom::proxy {
namespace {

CachedReply MakeReply() {
  CachedReply reply;
  reply.head.status = 200;
  reply.head.headers.Add("Content-Type", "text/event-stream");
  reply.head.headers.Add("request-id", "req_1");
  reply.body = std::string("data: \xC3\xA9\0\n\n", 12);
  reply.unix_seconds = 1'795'000'000;
  return reply;
}

TEST(CachedReplyTest, ComesBackAsItWas) {
  const std::optional<CachedReply> read = DecodeCachedReply(EncodeCachedReply(MakeReply()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->head.status, 200);
  EXPECT_EQ(read->body, MakeReply().body);
  EXPECT_EQ(read->unix_seconds, 1'795'000'000);
  ASSERT_EQ(read->head.headers.size(), 2u);
  EXPECT_EQ(read->head.headers[0].name, "Content-Type");
  EXPECT_EQ(read->head.headers[1].value, "req_1");
}

TEST(CachedReplyTest, NoBeginningOfAnEntryAndNothingLongerIsOne) {
  const std::string entry = EncodeCachedReply(MakeReply());
  for (size_t size = 0; size < entry.size(); ++size) {
    const std::unique_ptr<char[]> exact(new char[size]);  // so that a read past the end is seen
    std::copy_n(entry.data(), size, exact.get());
    EXPECT_FALSE(DecodeCachedReply({exact.get(), size}).has_value()) << size;
  }
  EXPECT_FALSE(DecodeCachedReply(entry + "x").has_value());
}

TEST(CachedReplyTest, FieldsThatCouldNotHaveBeenKeptMakeNoEntry) {
  for (const auto& [name, value] : {std::pair("set-cookie", "a"), std::pair("content-type", "a\r\nset-cookie: b")}) {
    CachedReply reply = MakeReply();
    reply.head.headers.Add(name, value);
    EXPECT_FALSE(DecodeCachedReply(EncodeCachedReply(reply)).has_value()) << name;
  }
}

TEST(CachedReplyTest, OfTheHeadOnlyWhatIsTrueOfEveryReplyIsRepeated) {
  net::ResponseHead head;
  head.status = 200;
  for (const char* name : {"Content-Type", "date", "set-cookie", "anthropic-ratelimit-requests-remaining",
                           "x-ratelimit-limit-tokens", "retry-after", "Request-Id", "connection", "transfer-encoding",
                           "content-length", "cf-ray", "content-encoding"}) {
    head.headers.Add(name, "v");
  }
  std::string names;
  const net::ResponseHead repeated = RepeatedHead(head);
  for (size_t i = 0; i < repeated.headers.size(); ++i) names.append(repeated.headers[i].name).append(" ");
  EXPECT_EQ(names, "Content-Type Request-Id content-encoding ");
}

}  // namespace
}  // namespace headroom::proxy
