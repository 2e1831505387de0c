#include "net/sse_framer.h"

#include <gtest/gtest.h>

#include <vector>

namespace headroom::net {
namespace {

std::vector<std::string> Events(SseFramer& framer, std::string_view bytes) {
  std::vector<std::string> events;
  framer.Feed(bytes, [&](std::string_view event) { events.emplace_back(event); });
  return events;
}

TEST(SseFramerTest, GivesWholeEventsWithTheirBytes) {
  SseFramer framer;
  EXPECT_EQ(Events(framer, "event: a\ndata: 1\n\ndata: 2\r\n\r\nda"),
            (std::vector<std::string>{"event: a\ndata: 1\n\n", "data: 2\r\n\r\n"}));
  EXPECT_EQ(framer.rest(), "da");
  EXPECT_EQ(Events(framer, "ta: 3\n\n"), (std::vector<std::string>{"data: 3\n\n"}));
  EXPECT_EQ(framer.rest(), "");
}

TEST(SseFramerTest, BlankLinesBeforeAnEventBelongToIt) {
  SseFramer framer;
  EXPECT_EQ(Events(framer, "\n\ndata: 1\n\n"), (std::vector<std::string>{"\n\ndata: 1\n\n"}));
}

TEST(SseFramerTest, CutsAnywhereGiveTheSameEvents) {
  const std::string stream = "event: a\r\ndata: x\r\n\r\n: ping\n\ndata: \xc3\xa9\ndata: z\n\n";
  SseFramer whole;
  const std::vector<std::string> expected = Events(whole, stream);
  ASSERT_EQ(expected.size(), 3u);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    SseFramer framer;
    std::vector<std::string> events = Events(framer, stream.substr(0, cut));
    for (std::string& event : Events(framer, stream.substr(cut))) events.push_back(std::move(event));
    EXPECT_EQ(events, expected) << cut;
  }
}

TEST(SseFramerTest, AnEventOfTheLimitPassesAndOneByteMoreEndsTheFraming) {
  const std::string event = "data: 12345\n\n";
  const std::string stream = "data: a\n\n" + event + "data: b\n\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    SseFramer exact(event.size());
    std::vector<std::string> events = Events(exact, stream.substr(0, cut));
    for (std::string& more : Events(exact, stream.substr(cut))) events.push_back(std::move(more));
    EXPECT_EQ(events.size(), 3u);
    EXPECT_FALSE(exact.overflowed());

    SseFramer less(event.size() - 1);
    events = Events(less, stream.substr(0, cut));
    for (std::string& more : Events(less, stream.substr(cut))) events.push_back(std::move(more));
    EXPECT_EQ(events, (std::vector<std::string>{"data: a\n\n"})) << cut;
    EXPECT_TRUE(less.overflowed());
    EXPECT_EQ(less.rest(), event + "data: b\n\n");
  }
}

TEST(SseFramerTest, AnEventWithoutEndIsBounded) {
  SseFramer framer(100);
  EXPECT_TRUE(Events(framer, std::string(100, 'x')).empty());
  EXPECT_FALSE(framer.overflowed());
  EXPECT_TRUE(Events(framer, "x").empty());
  EXPECT_TRUE(framer.overflowed());
  EXPECT_EQ(framer.rest().size(), 101u);
  framer.DropRest();
  EXPECT_TRUE(Events(framer, "data: c\n\n").empty());
  EXPECT_EQ(framer.rest(), "data: c\n\n");
}

}  // namespace
}  // namespace headroom::net
