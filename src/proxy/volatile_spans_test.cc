#include "proxy/volatile_spans.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::proxy {
namespace {

// "kind:text" of each span.
std::vector<std::string> Spans(const std::string& text) {
  std::vector<std::string> out;
  for (const VolatileSpan& span : FindVolatileSpans(text)) {
    out.push_back(std::string(VolatileKindName(span.kind)) + ":" + text.substr(span.begin, span.end - span.begin));
  }
  return out;
}
using Found = std::vector<std::string>;

TEST(VolatileSpansTest, DatesInTheFormsThatPromptsHave) {
  EXPECT_EQ(Spans("Today is 2026-11-24."), Found{"date:2026-11-24"});
  EXPECT_EQ(Spans("Today is 2026/11/24, go"), Found{"date:2026/11/24"});
  EXPECT_EQ(Spans("am 24.11.2026 um"), Found{"date:24.11.2026"});
  EXPECT_EQ(Spans("on 11/24/2026"), Found{"date:11/24/2026"});
  EXPECT_EQ(Spans("Tuesday, November 24, 2026"), Found{"date:November 24, 2026"});
  EXPECT_EQ(Spans("It is 24 Nov 2026 now"), Found{"date:24 Nov 2026"});
  EXPECT_EQ(Spans("Nov 24th, 2026"), Found{"date:Nov 24th, 2026"});
  EXPECT_EQ(Spans("built 20261124"), Found{"date:20261124"});
}

TEST(VolatileSpansTest, TimesAloneAndWithADate) {
  EXPECT_EQ(Spans("Time: 14:05:09"), Found{"time:14:05:09"});
  EXPECT_EQ(Spans("at 2:05 PM today"), Found{"time:2:05 PM"});
  EXPECT_EQ(Spans("2026-11-24T14:05:09.123Z"), Found{"time:2026-11-24T14:05:09.123Z"});
  EXPECT_EQ(Spans("now=2026-11-24 14:05:09+01:00;"), Found{"time:2026-11-24 14:05:09+01:00"});
  EXPECT_EQ(Spans("(2026-11-24T14:05)"), Found{"time:2026-11-24T14:05"});
}

TEST(VolatileSpansTest, IdsInTheFormsThatPromptsHave) {
  EXPECT_EQ(Spans("session 123e4567-e89b-12d3-a456-426614174000."), Found{"uuid:123e4567-e89b-12d3-a456-426614174000"});
  EXPECT_EQ(Spans("deadbeef-cafe-babe-f00d-abcdefabcdef"), Found{"uuid:deadbeef-cafe-babe-f00d-abcdefabcdef"});
  EXPECT_EQ(Spans("commit 9f1c2ab44e0d77aa"), Found{"id:9f1c2ab44e0d77aa"});
  EXPECT_EQ(Spans("request req_011CSHoEeqs5C35K2UUq"), Found{"id:req_011CSHoEeqs5C35K2UUq"});
}

TEST(VolatileSpansTest, CountersAndEpochTimesAreNumbers) {
  EXPECT_EQ(Spans("turn 17 of 1795000000"), (Found{"number:17", "number:1795000000"}));
}

TEST(VolatileSpansTest, ProseHasNone) {
  for (const std::string text : {
           "Always provide valid code and keep the user informed about progress, please.",
           "The current date, time, id: and status are given by the user. Order matters; version of the key.",
           "May I march on? In May we will. Call get_current_time_for_user or mcp__server__list_all_items.",
           "Use std::vector, not arrays. ABCDEFGHIJKLMNOPQRSTUVWXYZ_is_a_name; base64, utf8, sha256, x86_64.",
           "",
       }) {
    EXPECT_EQ(Spans(text), Found{}) << text;
  }
}

TEST(VolatileSpansTest, WhatLooksLikeOneIsNone) {
  EXPECT_EQ(Spans("main.cc:12:34"), (Found{"number:12", "number:34"}));
  EXPECT_EQ(Spans("127.0.0.1:8787"), (Found{"number:127", "number:0", "number:0", "number:1", "number:8787"}));
  EXPECT_EQ(Spans("2026-13-24"), (Found{"number:2026", "number:13", "number:24"}));
  EXPECT_EQ(Spans("25:00"), (Found{"number:25", "number:00"}));
  EXPECT_EQ(Spans("123e4567-e89b-12d3-a456-4266141740001").size(), 1u);  // one digit too many
}

TEST(VolatileSpansTest, EveryCutOfATextIsRead) {
  const std::string text =
      "at 2026-11-24T14:05:09.123+01:00, 2:05 PM, Nov 24, 2026, 123e4567-e89b-12d3-a456-426614174000";
  for (size_t begin = 0; begin < text.size(); ++begin) {
    for (size_t end = begin; end <= text.size(); ++end) {
      const std::string cut = text.substr(begin, end - begin);
      size_t at = 0;
      for (const VolatileSpan& span : FindVolatileSpans(cut)) {
        ASSERT_LE(at, span.begin);
        ASSERT_LT(span.begin, span.end);
        ASSERT_LE(span.end, cut.size()) << cut;
        at = span.end;
      }
    }
  }
}

}  // namespace
}  // namespace headroom::proxy
