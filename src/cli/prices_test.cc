#include "cli/prices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

TEST(PricesTest, ShowsWindowPromptAndPricesOfAModel) {
  const std::string table = PricesTable(policy::ModelCatalog(), "gpt-5.4");
  EXPECT_THAT(table, ContainsRegex("\ngpt-5.4 +openai/gpt-5.4 +1050000 +922000 +2.5 +15 +0.25 "));
  EXPECT_THAT(table, HasSubstr(std::string(policy::ModelCatalog::DataDate())));
}

TEST(PricesTest, LongPromptsHaveALineOfTheirOwn) {
  EXPECT_THAT(PricesTable(policy::ModelCatalog(), "claude-sonnet-4-5"),
              ContainsRegex("\n  prompt above 200000 +6 +22.5 +0.6 +7.5 +12\n"));
}

TEST(PricesTest, SaysWhereTheFactsComeFrom) {
  const policy::ModelCatalog catalog({{.model = "mine*", .context_window = 5}});
  EXPECT_THAT(PricesTable(catalog, "mine-1"), ContainsRegex("\nmine-1 +your setting mine\\* +5 +5 +- +- +- +- +-\n"));
  EXPECT_THAT(PricesTable(catalog, "claude-haiku-9"), HasSubstr("family of anthropic/"));
  EXPECT_EQ(PricesTable(catalog, "nobody's"), "");
}

TEST(PricesTest, WithoutAModelEveryListedOneIsShown) {
  const std::string table = PricesTable(policy::ModelCatalog(), std::nullopt);
  EXPECT_THAT(table, ContainsRegex("\nclaude-opus-5-5 +anthropic/claude-opus-5-5 "));
  EXPECT_THAT(table, ContainsRegex("\ngemini-2.5-flash +google/"));
}

}  // namespace
}  // namespace headroom::cli
