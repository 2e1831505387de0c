#include "text/lookup.h"

#include <gtest/gtest.h>

#include "text/json_rendition_reader_test.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

std::string Log(int lines) {
  std::string text;
  for (int i = 1; i <= lines; ++i)
    text += "worker " + std::to_string(i % 7) + " handled batch " + std::to_string(1000 + i) + "\n";
  return text;
}

TEST(LookUpTest, GivesTheLinesAQuestionNamesWithTheirNeighboursAndNumbers) {
  std::string text = Log(100);
  text += "disk error on node n17: no space left\n" + Log(50);
  const Lookup found = LookUp(text, "disk error on node", 60);
  ASSERT_TRUE(found.matched);
  EXPECT_EQ(found.unit, "lines");
  EXPECT_EQ(found.total, 151u);
  std::vector<size_t> numbers;
  for (const Lookup::Unit& unit : found.found) numbers.push_back(unit.number);
  EXPECT_EQ(numbers, (std::vector<size_t>{99, 100, 101, 102, 103}));
  EXPECT_TRUE(found.Text().starts_with("... lines 1-98 omitted ...\n"));
  EXPECT_TRUE(found.Text().ends_with("... lines 104-151 omitted ...\n"));
}

TEST(LookUpTest, GivesTheElementsOfAnArrayAsTheyAreSpelled) {
  std::string text = R"({"total":40,"items":[)";
  for (int i = 0; i < 40; ++i) {
    text += std::string(i == 0 ? "" : ",") + R"({"id": )" + std::to_string(i) + R"(,"name":"user )" +
            std::to_string(500 + i) + R"("})";
  }
  text += "]}";
  const Lookup found = LookUp(text, "what is user 517?", 20);
  EXPECT_EQ(found.unit, "elements");
  ASSERT_FALSE(found.found.empty());
  bool has = false;
  for (const Lookup::Unit& unit : found.found) {
    if (unit.number == 18) has = unit.text == R"({"id": 17,"name":"user 517"})";
  }
  EXPECT_TRUE(has);
}

// Two arrays, the second one the shorter.
std::string TwoArrays() {
  std::string text = R"({"users":[)";
  for (int i = 0; i < 100; ++i)
    text += std::string(i == 0 ? "" : ",") + R"({"name":"user )" + std::to_string(i) + "\"}";
  text += R"(],"orders":[)";
  for (int i = 0; i < 90; ++i)
    text += std::string(i == 0 ? "" : ",") + R"({"order":"parcel )" + std::to_string(1000 + i) + R"( to Oslo"})";
  return text + "]}";
}

TEST(LookUpTest, FindsWhatStandsOutsideOfTheLongestArray) {
  const std::string text = TwoArrays();
  EXPECT_EQ(LookUp(text, "user 17", 100).unit, "elements");
  const Lookup found = LookUp(text, "parcel 1071", 400);
  EXPECT_TRUE(found.matched);
  EXPECT_EQ(found.unit, "parts");
  EXPECT_NE(found.Text().find("parcel 1071"), std::string::npos);
  // As its gap marks name it.
  const Lookup part = LookUp(text, "parts 2-2", 400);
  EXPECT_EQ(part.unit, "parts");
  ASSERT_EQ(part.found.size(), 1u);
  EXPECT_EQ(part.found[0].text, text.substr(1024, 1024));
  EXPECT_EQ(LookUp(text, "rows 3-3", 400).found[0].text, R"({"name":"user 2"})");
}

TEST(ReadPageTest, PagesReachWhatStandsOutsideOfTheLongestArray) {
  const std::string text = TwoArrays();
  std::string pages;
  for (size_t page = 0; page < 3; ++page) {
    for (const Lookup::Unit& unit : ReadPage(text, page, 400, 20'000).found) pages += unit.text;
  }
  EXPECT_EQ(pages.substr(0, text.size()), text);
}

TEST(LookUpTest, ShowsTheBeginningWhereNothingFits) {
  const Lookup found = LookUp(Log(100), "zebra", 30);
  EXPECT_FALSE(found.matched);
  ASSERT_FALSE(found.found.empty());
  EXPECT_EQ(found.found[0].number, 1u);
  EXPECT_LT(found.found.size(), 10u);
}

TEST(LookUpTest, FindsAnArrayInsideOfShortOnes) {
  std::string text = R"([{"rows":[)";
  for (int i = 0; i < 50; ++i) text += std::string(i == 0 ? "" : ",") + R"({"id":)" + std::to_string(1000 + i) + "}";
  const Lookup found = LookUp(text + "]}]", "1042", 10);
  EXPECT_EQ(found.unit, "elements");
  EXPECT_EQ(found.total, 50u);
  ASSERT_FALSE(found.found.empty());
  EXPECT_EQ(found.found[0].text, R"({"id":1042})");
}

TEST(LookUpTest, ReachesEveryPartOfALongLine) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "word" + std::to_string(i) + " ";
  const Lookup found = LookUp(text, "where is word17777", 300);
  EXPECT_EQ(found.unit, "parts");
  bool has = false;
  for (const Lookup::Unit& unit : found.found) has = has || unit.text.find("word17777 ") != std::string::npos;
  EXPECT_TRUE(has);
}

TEST(LookUpTest, AUnitLargerThanTheBudgetIsCutAtACharacter) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "größer als erlaubt ";
  const Lookup found = LookUp(text, "größer", 10);
  ASSERT_EQ(found.found.size(), 1u);
  EXPECT_LE(found.found[0].text.size(), 44u);
  EXPECT_TRUE(found.found[0].text.ends_with(" ..."));
}

TEST(LookUpTest, AnEmptyTextHasNoUnits) {
  EXPECT_TRUE(LookUp("", "x", 10).found.empty());
  EXPECT_EQ(LookUp("", "x", 10).Text(), "");
}

TEST(LookUpTest, GivesARangeAsGapMarksNameIt) {
  const std::string text = Log(100);
  for (const char* query : {"lines 41-43", "41-43", " rows 41 to 43 ", "line 41..43"}) {
    const Lookup found = LookUp(text, query, 1000);
    ASSERT_EQ(found.found.size(), 3u) << query;
    EXPECT_EQ(found.found[0].number, 41u) << query;
    EXPECT_TRUE(found.matched) << query;
    EXPECT_TRUE(found.found[0].text.ends_with("batch 1041")) << query;
  }
  EXPECT_EQ(LookUp(text, "line 100", 1000).found.size(), 1u);
}

TEST(LookUpTest, AQueryThatIsNoRangeOfTheTextIsLookedFor) {
  const std::string text = Log(100);
  for (const char* query : {"lines 101-200", "lines 9-3", "lines 0-4", "1042", "batch 41-43", "lines 99999999999-3"}) {
    const Lookup found = LookUp(text, query, 40);
    EXPECT_FALSE(found.found.empty()) << query;
    EXPECT_LT(found.found.size(), 10u) << query;
  }
  EXPECT_EQ(LookUp(text, "1042", 20).found[0].number, 40u);  // with its neighbours: a number alone is a name
}

TEST(LookUpTest, ARangeEndsWhereTheTokensDo) {
  const Lookup found = LookUp(Log(100), "lines 11-100", 60);
  ASSERT_FALSE(found.found.empty());
  EXPECT_EQ(found.found[0].number, 11u);
  EXPECT_LT(found.found.size(), 12u);
  EXPECT_TRUE(found.Text().ends_with("-100 omitted ...\n"));
}

TEST(ReadPageTest, PagesJoinToTheTextAndDouble) {
  const std::string text = Log(500);
  std::vector<size_t> sizes;
  size_t next = 1;
  for (size_t page = 0; next <= 500; ++page) {
    const Lookup found = ReadPage(text, page, 100, 1'000'000);
    ASSERT_FALSE(found.found.empty());
    EXPECT_EQ(found.found[0].number, next);
    sizes.push_back(found.found.size());
    next += found.found.size();
  }
  EXPECT_EQ(next, 501u);
  ASSERT_GE(sizes.size(), 4u);
  EXPECT_GT(sizes[1], sizes[0] * 3 / 2);
  EXPECT_GT(sizes[2], sizes[1] * 3 / 2);
  EXPECT_EQ(ReadPage(text, sizes.size(), 100, 1'000'000).found[0].number, 1u);  // from the beginning again
}

std::string Requests(int rows) {
  std::string text = "[";
  for (int i = 0; i < rows; ++i) {
    text += std::string(i == 0 ? "" : ",\n ") + R"({"request": )" + std::to_string(i * 7919 % 100'000) +
            R"(, "service": "checkout", "status": )" + (i % 9 == 0 ? "503" : "200") + R"(, "host": "node-)" +
            std::to_string(i % 4) + "\"}";
  }
  return text + "]";
}

TEST(ReadPageTest, ElementsStandAsATableThatHasAllOfThem) {
  const std::string text = Requests(600);
  std::string joined;
  size_t pages = 0;
  for (size_t next = 1; next <= 600; ++pages) {
    const Lookup found = ReadPage(text, pages, 300, 20'000);
    ASSERT_FALSE(found.found.empty());
    EXPECT_EQ(found.found[0].number, next);
    ASSERT_FALSE(found.rendition.empty());
    std::string array = "[";
    for (const Lookup::Unit& unit : found.found) array += (array.size() > 1 ? "," : "") + unit.text;
    EXPECT_EQ(Sorted(RenditionReader(found.rendition, true).ReadAll()),
              Sorted(RenditionReader(array + "]", false).ReadAll()));
    EXPECT_LE(EstimateTokens(found.rendition), (300u << pages) * 5 / 4);
    next += found.found.size();
  }
  EXPECT_LE(pages, 5u);  // 6 of elements as they are spelled
  const Lookup second = ReadPage(text, 1, 300, 20'000);
  EXPECT_TRUE(second.Text().starts_with("... elements 1-" + std::to_string(second.found[0].number - 1) + " omitted"));
  EXPECT_NE(second.Text().find(second.rendition + "\n... elements "), std::string::npos);
}

TEST(ReadPageTest, ElementsThatAreNoTableStandAsTheyAreSpelled) {
  std::string text = "[";
  for (int i = 0; i < 400; ++i) text += std::to_string(i * i * 7919 % 1'000'003) + ",";
  const Lookup found = ReadPage(text + "1]", 0, 200, 20'000);
  EXPECT_TRUE(found.rendition.empty());
  EXPECT_TRUE(found.Text().starts_with("0\n7919\n"));
}

TEST(ReadPageTest, APageOfATableEndsWhereTheTokensDo) {
  const Lookup found = ReadPage(Requests(600), 2, 300, 500);
  EXPECT_LE(EstimateTokens(found.rendition), 500u);
  EXPECT_GE(EstimateTokens(found.Text()), 250u);
}

TEST(ReadPageTest, AnEmptyTextHasOneEmptyPageOrNone) {
  EXPECT_LE(ReadPage("", 0, 100, 100).found.size(), 1u);
  EXPECT_LE(ReadPage("", 7, 100, 100).found.size(), 1u);
}

}  // namespace
}  // namespace headroom::text
