#include "cli/stats_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StatsViewTest, FiguresAreGroupedByThousands) {
  EXPECT_EQ(Grouped("0"), "0");
  EXPECT_EQ(Grouped("999"), "999");
  EXPECT_EQ(Grouped("1000"), "1,000");
  EXPECT_EQ(Grouped("-1234567.125"), "-1,234,567.125");
}

TEST(StatsViewTest, ShowsWhatIsThereAndLeavesOutTheRest) {
  const Result<std::string> view =
      StatsView(R"({"requests":{"total":1234,"failed":2,"by_model":{"a":3,"b":1200,"c":40}},)"
                R"("tokens":{"input":5000000,"saved":250000,"savings_percent":4.76,"output":null},"cost":null})");
  ASSERT_TRUE(view.ok()) << view.status().detail();
  EXPECT_THAT(*view, HasSubstr("Requests        1,234, 2 failed\n"));
  EXPECT_THAT(*view, HasSubstr("Prompt tokens   5,000,000 sent, 250,000 saved (4.76 %)\n"));
  EXPECT_THAT(*view, HasSubstr("Models          b 1,200, c 40, a 3\n"));
  for (const char* label : {"Cost", "Budget", "Output", "Latency"}) EXPECT_THAT(*view, Not(HasSubstr(label)));
}

TEST(StatsViewTest, OtherTextIsAnError) {
  for (const char* text : {"", "[]", "<html>", "{"}) EXPECT_FALSE(StatsView(text).ok()) << text;
  EXPECT_EQ(*StatsView("{}"), "");
}

}  // namespace
}  // namespace headroom::cli
