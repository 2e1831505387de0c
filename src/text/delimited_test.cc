#include "text/delimited.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <random>
#include <string>

namespace headroom::text {
namespace {

std::string Shortened(const std::string& text) {
  LineText source = SplitLines(text);
  LineArena arena;
  return ShortenDelimited(&source.lines, &arena) ? source.Join() : "(nothing)";
}

TEST(DelimitedTest, SaysConstantColumnsOnce) {
  EXPECT_EQ(
      Shortened("id,site,unit,note\n7,Oslo,m3 per hour,\"first\"\n8,Oslo,m3 per hour,\"a, b\"\n9,Oslo,m3 per hour,\n"
                "10,Oslo,m3 per hour,x\n11,Oslo,m3 per hour,x\n12,Oslo,m3 per hour,x\n13,Oslo,m3 per hour,x\n"),
      "[in each row below, column 2 \"site\" is Oslo and column 3 \"unit\" is m3 per hour]\nid,note\n7,first\n"
      "8,\"a, b\"\n9,\n10,x\n11,x\n12,x\n13,x\n");
}

TEST(DelimitedTest, KeepsConstantsThatDoNotPayOrCouldNotBeRead) {
  EXPECT_EQ(Shortened("id,c\n1,EUR\n2,EUR\n3,EUR\n4,EUR\n"), "(nothing)");
  std::string text = "id,c\n";
  for (int i = 0; i < 20; ++i) text += std::to_string(i) + ",[some longer words]\n";
  EXPECT_EQ(Shortened(text), "(nothing)");
}

TEST(DelimitedTest, DropsOnlyQuotesThatSayNothing) {
  EXPECT_EQ(
      Shortened("\"a\",\"b\"\n\"1\",\"x y\"\n\"2\",\"\"\n\"3\",\" z\"\n\"4\",\"say \"\"hi\"\"\"\n\"5\",\"p,q\"\n"),
      "a,b\n1,x y\n2,\"\"\n3,\" z\"\n4,\"say \"\"hi\"\"\"\n5,\"p,q\"\n");
}

TEST(DelimitedTest, ReadsTabsAndSemicolons) {
  EXPECT_EQ(Shortened("a\tb\n\"1\"\tx,y\n2\tx,y\n3\tz\n"), "a\tb\n1\tx,y\n2\tx,y\n3\tz\n");
  EXPECT_EQ(Shortened("a;b\n\"1,5\";x\n2;y\n3;z\n"), "a;b\n1,5;x\n2;y\n3;z\n");
}

TEST(DelimitedTest, StaysAwayFromWhatIsNoTable) {
  EXPECT_EQ(Shortened("a,b\n1,x\n2,y\n3,z,w\n4,\"x\"\n"), "(nothing)");
  EXPECT_EQ(Shortened("a,b\n1,\"x\ny\"\n2,\"y\"\n3,\"z\"\n"), "(nothing)");
  EXPECT_EQ(Shortened("a,b\n1,x\"y\n2,\"y\"\n3,\"z\"\n"), "(nothing)");
  EXPECT_EQ(Shortened("a\n\"1\"\n\"2\"\n\"3\"\n"), "(nothing)");
  EXPECT_EQ(Shortened("a,b\n1,\"x\"\n2,\"y\"\n"), "(nothing)");  // three lines; four are a table
  EXPECT_EQ(Shortened("[in each row below, column 1,b\n1,\"x\"\n2,\"y\"\n3,\"z\"\n"), "(nothing)");
}

TEST(DelimitedTest, KeepsAColumnThatDiffersInOneRow) {
  EXPECT_EQ(Shortened("id,unit of measure\n1,m3 per hour\n2,m3 per hour\n3,m3 per hour\n4,m3 per hour\n5,m3 per day\n"),
            "(nothing)");
}

// A CSV reader of its own: the values of a line.
std::vector<std::string> Values(const std::string& line) {
  std::vector<std::string> values(1);
  bool inside = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && inside && i + 1 < line.size() && line[i + 1] == '"') {
      values.back() += line[i++];
    } else if (line[i] == '"') {
      inside = !inside;
    } else if (line[i] == ',' && !inside) {
      values.emplace_back();
    } else {
      values.back() += line[i];
    }
  }
  return values;
}

std::vector<std::vector<std::string>> ReadTable(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::tuple<size_t, std::string, std::string>> constants;
  for (const std::string_view view : SplitLines(text).lines) {
    const std::string line(view);
    re2::StringPiece rest(line);
    if (RE2::Consume(&rest, R"(\[in each row below, )")) {
      int column = 0;
      std::string name;
      std::string value;
      while (RE2::Consume(&rest, R"re( ?column (\d+) "(\w+)" is ([^\]"]*?)(?: and|\]$))re", &column, &name, &value)) {
        constants.emplace_back(column - 1, name, Values(value)[0]);
      }
      continue;
    }
    std::vector<std::string> values = Values(line);
    for (const auto& [column, name, value] : constants) {
      values.insert(values.begin() + static_cast<ptrdiff_t>(column), rows.empty() ? name : value);
    }
    rows.push_back(values);
  }
  return rows;
}

TEST(DelimitedTest, EveryCellCanBeRebuilt) {
  static constexpr const char* kCells[] = {"7", "\"x\"", "\"a, b\"", "", "\"\"", "\"q\"\"r\"", "long words", "\" s\""};
  size_t shortened = 0;
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const size_t columns = 2 + random() % 5;
    std::vector<const char*> fixed(columns, nullptr);
    for (const char*& cell : fixed) cell = random() % 3 == 0 ? kCells[random() % 8] : nullptr;
    std::string text;
    for (size_t row = 0; row < 5 + random() % 20; ++row) {
      for (size_t column = 0; column < columns; ++column) {
        if (column > 0) text += ",";
        if (row == 0) {
          text += "name" + std::to_string(column);
        } else {
          text += fixed[column] != nullptr ? fixed[column] : kCells[random() % 8];
        }
      }
      text += "\n";
    }
    const std::string rendition = Shortened(text);
    if (rendition == "(nothing)") continue;
    ++shortened;
    ASSERT_EQ(ReadTable(rendition), ReadTable(text)) << "seed " << seed << "\n" << text << "=>\n" << rendition;
  }
  EXPECT_GT(shortened, 1000u);
}

}  // namespace
}  // namespace headroom::text
