#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/excerpt.h"

namespace headroom::text {
namespace {

constexpr std::string_view kQuestion = "Is anything unusual here?";

// A share of 0 leaves what must stay.
std::optional<Excerpt> Excerpted(std::string_view text, std::string_view question = kQuestion, double share = 0) {
  const Input input{.text = text, .tool_name = "", .tool_arguments = "", .question = question};
  const Query query(input);
  const Expired never;
  return ExcerptJson({.input = input, .text = text, .query = query, .share = share, .expired = never});
}

std::string Text(std::string_view text, std::string_view question = kQuestion) {
  const std::optional<Excerpt> excerpt = Excerpted(text, question);
  return excerpt.has_value() ? excerpt->text : "(whole)";
}

std::string Joined(const std::vector<std::string>& rows, std::string_view between = ",") {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "" : std::string(between)) + row;
  return text;
}

std::string Array(const std::vector<std::string>& rows) { return "[" + Joined(rows) + "]"; }

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string N(size_t n) { return std::to_string(n); }

// An independent reader of gap marks: the lines of a table without its header, each with its row number
// from 1; fails where marks and rows do not cover 1..total.
struct Shown {
  std::vector<std::pair<size_t, std::string>> rows;
  size_t omitted = 0;
};

Shown ReadRows(const std::vector<std::string>& lines, size_t total) {
  Shown shown;
  size_t next = 1;
  for (const std::string& line : lines) {
    size_t first = 0, last = 0;
    char dash = 0;
    if (std::sscanf(line.c_str(), "... rows %zu%c%zu omitted", &first, &dash, &last) == 3 && dash == '-') {
      EXPECT_EQ(first, next);
      shown.omitted += last - first + 1;
      next = last + 1;
    } else if (std::sscanf(line.c_str(), "... row %zu omitted", &first) == 1) {
      EXPECT_EQ(first, next);
      ++shown.omitted;
      ++next;
    } else {
      shown.rows.emplace_back(next++, line);
    }
  }
  EXPECT_EQ(next, total + 1);
  return shown;
}

std::vector<std::string> Payments(size_t count) {
  std::vector<std::string> rows;
  for (size_t i = 1; i <= count; ++i) {
    rows.push_back("{\"id\":\"pay_" + N(100000 + i) + "\",\"status\":\"" + (i == 40 ? "failed" : "paid") +
                   "\",\"amount\":" + N(i == 90 ? 99000 : 20 + i % 13) +
                   ",\"note\":" + (i == 70 ? "\"see ticket\"" : "null") + "}");
  }
  return rows;
}

TEST(JsonExcerptTest, ShowsTheRowsThatStandOutAndSaysWhatTheOthersAre) {
  EXPECT_EQ(
      Text(Array(Payments(120))),
      "[120 rows, 8 shown; columns: id,status,amount,note; in the 112 omitted: status: paid (112); amount: 20 to 32; "
      "note: null (112)\n"
      "pay_100001,paid,21,null\n"
      "pay_100002,paid,22,null\n"
      "pay_100003,paid,23,null\n"
      "... rows 4-39 omitted ...\n"
      "pay_100040,failed,21,null\n"
      "... rows 41-69 omitted ...\n"
      "pay_100070,paid,25,see ticket\n"
      "... rows 71-89 omitted ...\n"
      "pay_100090,paid,99000,null\n"
      "... rows 91-118 omitted ...\n"
      "pay_100119,paid,22,null\n"
      "pay_100120,paid,23,null\n"
      "]");
}

TEST(JsonExcerptTest, CountsTheRowsOfTheOutermostLists) {
  const std::optional<Excerpt> excerpt = Excerpted(Array(Payments(120)));
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_EQ(excerpt->omitted.unit, "rows");
  EXPECT_EQ(excerpt->omitted.total, 120u);
  EXPECT_EQ(excerpt->omitted.kept, 8u);
  EXPECT_EQ(excerpt->rule, "json_excerpt");
}

TEST(JsonExcerptTest, KeepsTheRowThatIsNamed) {
  EXPECT_NE(Text(Array(Payments(120)), "What about pay_100077?").find("\npay_100077,paid,32,null\n"),
            std::string::npos);
}

TEST(JsonExcerptTest, IsWholeWhereEveryRowIsWanted) {
  EXPECT_EQ(Text(Array(Payments(120)), "List all of these payments with their amounts."), "(whole)");
}

TEST(JsonExcerptTest, KeepsErrorsAtAnyDepth) {
  std::vector<std::string> rows;
  for (size_t i = 1; i <= 60; ++i) {
    rows.push_back("{\"n\":" + N(i) + ",\"a\":{\"b\":{\"c\":[{\"d\":\"" + (i == 31 ? "disk failure on sda" : "fine") +
                   "\"}]}}}");
  }
  EXPECT_NE(Text(Array(rows)).find("disk failure on sda"), std::string::npos);
}

TEST(JsonExcerptTest, AnErrorColumnOfNullsMarksNothing) {
  std::vector<std::string> rows;
  for (size_t i = 1; i <= 60; ++i) rows.push_back("{\"n\":" + N(i) + ",\"error\":null,\"failed\":false,\"errors\":0}");
  EXPECT_EQ(Lines(Text(Array(rows))).size(), 1 + 3 + 1 + 2 + 1u);
}

TEST(JsonExcerptTest, IdenticalRowsKeepTheFirstAndTheLast) {
  // The reference gave an empty array for these.
  const std::string text = Text(Array(std::vector<std::string>(40, "{\"kind\":\"x\",\"v\":1}")));
  EXPECT_EQ(text, "(whole)");  // the table is its header: [40 rows; in every row: kind=x,v=1
}

TEST(JsonExcerptTest, KeepsTheVectorsOfTheReference) {
  std::vector<std::string> errors, outliers;
  for (size_t i = 0; i < 100; ++i) {
    errors.push_back("{\"id\":" + N(i) + ",\"msg\":\"" + (i % 20 == 5 ? "error: timeout" : "ok") + "\"}");
    outliers.push_back("{\"id\":" + N(i) + ",\"v\":" + (i % 25 == 0 && i > 0 ? "5000" : "10") + "}");
  }
  const std::string with_errors = Text(Array(errors));
  for (const size_t i : {5, 25, 45, 65, 85}) {
    EXPECT_NE(with_errors.find("\n" + N(i) + ",error: timeout\n"), std::string::npos) << i;
  }
  const std::string with_outliers = Text(Array(outliers));
  for (const size_t i : {25, 50, 75}) EXPECT_NE(with_outliers.find("\n" + N(i) + ",5000\n"), std::string::npos) << i;
}

TEST(JsonExcerptTest, AThousandUniformRowsShrinkByNineTenthsAndTheErrorStays) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < 1000; ++i) {
    rows.push_back("{\"id\":" + N(i) + ",\"type\":\"job\",\"state\":\"" + (i == 617 ? "crashed" : "done") + "\"}");
  }
  const std::string source = Array(rows);
  const std::string text = Text(source);
  EXPECT_LT(text.size() * 10, source.size());
  EXPECT_NE(text.find("617,crashed"), std::string::npos);
}

TEST(JsonExcerptTest, DistinctUsersStayWhole) {
  std::vector<std::string> rows;
  const char* const names[] = {"Ada", "Bela", "Cato", "Dora", "Egon", "Fina", "Gero", "Hila", "Ivo", "Jana"};
  for (size_t i = 0; i < 50; ++i) {
    const std::string name = std::string(names[i % 10]) + " van " + names[(i * 7 + i / 10) % 10] + "son";
    rows.push_back("{\"id\":" + N(i) + ",\"name\":\"" + name + "\",\"email\":\"" + names[i % 10] + N(i) +
                   "@x.example\"}");
  }
  EXPECT_EQ(Text(Array(rows)), "(whole)");
}

TEST(JsonExcerptTest, KeptRowsAreThoseOfTheLosslessTable) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    const size_t count = 40 + random() % 300;
    std::vector<std::string> rows;
    std::set<size_t> must = {1, 2, 3, count - 1, count};
    for (size_t i = 1; i <= count; ++i) {
      const bool bad = random() % 50 == 0;
      if (bad) must.insert(i);
      rows.push_back("{\"n\":" + N(i) + ", \"state\": \"" +
                     (bad            ? "fatal: out of memory"
                      : random() % 2 ? "up"
                                     : "idle") +
                     "\",\"load\":" + N(random() % 9) + (random() % 3 == 0 ? ",\"extra\":{\"k\":[1,2]}}" : "}"));
    }
    const std::string source = Array(rows);
    const std::optional<Excerpt> excerpt = Excerpted(source);
    ASSERT_TRUE(excerpt.has_value()) << round;
    const std::optional<Rendition> lossless = CompressJson({source, "", ""}, {});
    ASSERT_TRUE(lossless.has_value());
    const std::vector<std::string> all = Lines(lossless->text);
    const std::vector<std::string> lines = Lines(excerpt->text);
    const Shown shown = ReadRows({lines.begin() + 1, lines.end() - 1}, count);
    EXPECT_EQ(lines[0].substr(0, lines[0].find(" shown")), "[" + N(count) + " rows, " + N(shown.rows.size()));
    EXPECT_EQ(shown.rows.size(), excerpt->omitted.kept);
    EXPECT_EQ(shown.omitted, count - excerpt->omitted.kept);
    for (const auto& [number, line] : shown.rows) {
      EXPECT_EQ(line, all[number]);
      must.erase(number);
    }
    EXPECT_TRUE(must.empty()) << round;
    EXPECT_EQ(Excerpted(source)->text, excerpt->text);
  }
}

TEST(JsonExcerptTest, CountsInTheSummaryAddUp) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < 200; ++i) {
    const char* const state = i % 4 == 0 ? "red" : i % 4 == 1 ? "blue" : "green";
    rows.push_back("{\"n\":" + N(i) + ",\"state\":\"" + state + "\"}");
  }
  const std::string text = Text(Array(rows));
  const std::vector<std::string> lines = Lines(text);
  const Shown shown = ReadRows({lines.begin() + 1, lines.end() - 1}, 200);
  size_t red = 50, blue = 50, green = 100;
  for (const auto& [number, line] : shown.rows) {
    red -= line.ends_with("red");
    blue -= line.ends_with("blue");
    green -= line.ends_with("green");
  }
  for (const std::string& part : {"green (" + N(green) + ")", "blue (" + N(blue) + ")", "red (" + N(red) + ")"}) {
    EXPECT_NE(lines[0].find(part), std::string::npos) << lines[0];
  }
}

TEST(JsonExcerptTest, JsonLinesAreRows) {
  const std::string text = Text(Joined(Payments(120), "\n") + "\n");
  EXPECT_TRUE(text.starts_with("[120 JSON Lines, 8 shown; columns: id,status,amount,note;")) << text;
  EXPECT_TRUE(text.ends_with("]\n"));
}

TEST(JsonExcerptTest, TextAroundADocumentStays) {
  const std::string text = Text("HTTP/1.1 200 OK\nserver: x\n\n" + Array(Payments(120)) + "\nbye\n");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\nserver: x\n\n[120 rows, 8 shown;")) << text;
  EXPECT_TRUE(text.ends_with("\n]\nbye\n"));
}

TEST(JsonExcerptTest, EachArrayOfADocumentIsJudgedByItself) {
  const std::string text = Text("{\"a\":" + Array(Payments(120)) + ",\"b\":[1,2,3],\"c\":" + Array(Payments(50)) + "}");
  EXPECT_NE(text.find("{\"a\":[120 rows, 8 shown;"), std::string::npos);
  EXPECT_NE(text.find(",\"b\":[1,2,3],\"c\":[50 rows, 6 shown;"), std::string::npos) << text;
}

TEST(JsonExcerptTest, SeriesOfNumbersKeepOutliersAndBothSidesOfAStep) {
  std::vector<std::string> values;
  for (size_t i = 0; i < 100; ++i) values.push_back(N(i == 20 ? 7777 : (i < 60 ? 10 : 50) + i % 3));
  EXPECT_EQ(
      Text("{\"v\":" + Array(values) + "}"),
      "{\"v\":[10,11,12,... elements 4-20 omitted (10 to 12) ...,7777,... elements 22-59 omitted (10 to 12) ...,12,50,"
      "... elements 62-98 omitted (50 to 52) ...,52,50]}");
}

TEST(JsonExcerptTest, ArraysOfArraysAreRowsByPlace) {
  std::vector<std::string> points;
  for (size_t i = 0; i < 60; ++i) points.push_back("[" + N(1000 + i) + ",\"" + N(i == 33 ? 900 : 20 + i % 5) + "\"]");
  const std::string text = Text(Array(points));
  EXPECT_TRUE(text.starts_with("[60 rows, 6 shown as JSON; in the 54 omitted: [1]: 20 to 24\n[1000,\"20\"]\n")) << text;
  EXPECT_NE(text.find("\n[1033,\"900\"]\n"), std::string::npos);
}

TEST(JsonExcerptTest, ArraysOfAnObjectAreTheColumnsOfOneTable) {
  std::vector<std::string> time, load;
  for (size_t i = 0; i < 50; ++i) {
    time.push_back(N(1000 + i));
    load.push_back(N(i == 25 ? 640 : 3 + i % 4));
  }
  EXPECT_EQ(Text("{\"time\":" + Array(time) + ",\"unit\":\"s\",\"load\":" + Array(load) + "}"),
            "{(50 rows, 6 shown, of the arrays time,load; in the 44 omitted: load: 3 to 6\n"
            "1000,3\n1001,4\n1002,5\n... rows 4-25 omitted ...\n1025,640\n... rows 27-48 omitted ...\n1048,3\n1049,4\n"
            "),\"unit\":\"s\"}");
}

TEST(JsonExcerptTest, MapsOfObjectsAreRowsWithTheirKeys) {
  std::vector<std::string> entries;
  for (size_t i = 10; i < 60; ++i) {
    entries.push_back("\"svc-" + N(i) + "\":{\"up\":" + (i == 30 ? "false" : "true") + ",\"replicas\":" + N(i % 3) +
                      "}");
  }
  const std::string text = Text("{" + Joined(entries) + "}");
  EXPECT_TRUE(text.starts_with("{50 entries, 6 shown; columns: (key),up,replicas;")) << text;
  EXPECT_NE(text.find("\nsvc-30,false,0\n"), std::string::npos);
}

TEST(JsonExcerptTest, RowsOfManyShapesStayJson) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < 60; ++i) {
    rows.push_back(i == 44 ? "{\"type\":\"crash\",\"why\":\"panic: nil map\"}" : i % 2 ? "[\"tick\",1]" : "\"beat\"");
  }
  const std::string text = Text(Array(rows));
  const std::vector<std::string> lines = Lines(text);
  EXPECT_EQ(lines[0].substr(0, lines[0].find(" shown")), "[60 rows, " + N(lines.size() - 2 - 2));
  for (const auto& [number, line] : ReadRows({lines.begin() + 1, lines.end() - 1}, 60).rows) {
    EXPECT_EQ(line, rows[number - 1]);
  }
  EXPECT_NE(text.find("panic: nil map"), std::string::npos);
}

TEST(JsonExcerptTest, OpaqueStringsAreCutAndTheBytesLeftOutAreCounted) {
  const std::string blob(500, 'Q');
  EXPECT_EQ(Text("{\"png\":\"" + blob + "\",\"w\":4}"),
            "{\"png\":\"" + blob.substr(0, 40) + "... bytes 41-500 omitted ...\",\"w\":4}");
}

TEST(JsonExcerptTest, LongProseIsCutUnlessItIsAskedForOrTellsOfAnError) {
  std::string prose;
  while (prose.size() < 900) prose += "Lorem ipsum dolor sit amet. ";
  const std::string other = ",{\"id\":2},{\"id\":3},{\"id\":4}]";
  const std::string source = "[{\"id\":1,\"body\":\"" + prose + "\"}" + other;
  EXPECT_NE(Text(source).find("... bytes 301-" + N(prose.size()) + " omitted ..."), std::string::npos);
  EXPECT_EQ(Text(source, "What does the body say?"), "(whole)");
  EXPECT_EQ(Text("[{\"id\":1,\"body\":\"" + prose + "The build failed.\"}" + other), "(whole)");
  EXPECT_EQ(Text("{\"id\":1,\"body\":\"" + prose + "\"}"), "(whole)");   // all that there is
  EXPECT_EQ(Text("{\"total\":4,\"items\":" + source + "}"), "(whole)");  // what was searched for
}

TEST(JsonExcerptTest, CutsBetweenCharactersAndEscapes) {
  for (size_t shift = 0; shift < 8; ++shift) {
    std::string prose(shift, 'a');
    while (prose.size() < 900) prose += "ü\\n\\u00e9 ";
    const std::string text = Text("[\"" + prose + "\",1,2,3]");
    const size_t mark = text.find("... bytes ");
    ASSERT_NE(mark, std::string::npos);
    size_t first = 0, last = 0;
    ASSERT_EQ(std::sscanf(text.c_str() + mark, "... bytes %zu-%zu omitted", &first, &last), 2);
    EXPECT_EQ(last, prose.size());
    EXPECT_EQ(text.substr(2, mark - 2), prose.substr(0, first - 1));
    EXPECT_TRUE(prose[first - 1] == 'a' || prose[first - 1] == '\\' || prose[first - 1] == ' ' ||
                static_cast<unsigned char>(prose[first - 1]) == 0xc3);
    EXPECT_NE(prose[first - 2], '\\');
  }
}

TEST(JsonExcerptTest, AStringThatHoldsJsonShowsThatJson) {
  std::string inner;
  for (const char c : Array(Payments(120))) inner += c == '"' ? std::string("\\\"") : std::string(1, c);
  const std::string text = Text("{\"content\":[{\"type\":\"text\",\"text\":\"" + inner + "\"}]}");
  EXPECT_TRUE(text.starts_with("{\"content\":[{\"type\":\"text\",\"text\":JSON in a string: [120 rows, 8 shown;"))
      << text;
}

TEST(JsonExcerptTest, OutlinesLargeObjectsBesideTheOneAskedFor) {
  std::vector<std::string> panels;
  for (size_t i = 0; i < 6; ++i) {
    std::vector<std::string> targets;
    for (size_t t = 0; t < 8; ++t) {
      targets.push_back("{\"expr\":\"rate(panel_" + N(i) + "_metric_" + N(t) + "[5m])\",\"refId\":\"A\",\"name\":\"t" +
                        N(t) + "\"}");
    }
    panels.push_back("{\"title\":\"Panel_" + N(i) + "\",\"targets\":" + Array(targets) + "}");
  }
  const std::string text = Text("{\"panels\":" + Array(panels) + "}", "Which expressions does `Panel_3` have?");
  for (size_t t = 0; t < 8; ++t) EXPECT_NE(text.find("panel_3_metric_" + N(t)), std::string::npos) << text;
  EXPECT_NE(text.find("{\"title\":\"Panel_1\",\"targets\":[... elements 1-8 omitted (name: t0; t1; t2; t3; t4; t5; t6; "
                      "t7) ...]}"),
            std::string::npos)
      << text;
}

TEST(JsonExcerptTest, KeepsSpellingAndRepeatedKeys) {
  std::vector<std::string> rows(60, "{\"v\":1e400,\"v\":1.10,\"t\":\"\\u00e9\"}");
  for (size_t i = 0; i < rows.size(); ++i) rows[i].insert(1, "\"n\":" + N(i) + ",");
  const std::string text = Text(Array(rows));
  EXPECT_NE(text.find("{\"n\":59,\"v\":1e400,\"v\":1.10,\"t\":\"\\u00e9\"}"), std::string::npos) << text;
}

TEST(JsonExcerptTest, TextThatIsNoJsonHasNoExcerpt) {
  EXPECT_EQ(Text(""), "(whole)");
  EXPECT_EQ(Text("plain text\nof two lines"), "(whole)");
  const std::string source = Array(Payments(120));
  EXPECT_EQ(Text(source.substr(0, source.size() - 1)), "(whole)");
  EXPECT_EQ(Text(source + std::string(1, '\0')), "(whole)");
  EXPECT_EQ(Text("[\"\xff\xfe\"," + Joined(Payments(120)) + "]"), "(whole)");
  EXPECT_EQ(Text(std::string(600, '[') + std::string(600, ']')), "(whole)");
}

TEST(JsonExcerptTest, CarriageReturnsAndOtherScriptsStand) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < 60; ++i) {
    rows.push_back("{\"名\":\"项目" + N(i) + "\",\"حالة\":\"" + (i == 30 ? "error: فشل 🚨" : "جيد") + "\"}");
  }
  const std::string text = Text("[\r\n" + Joined(rows, ",\r\n") + "\r\n]\r\n");
  EXPECT_NE(text.find("项目30,error: فشل 🚨"), std::string::npos) << text;
}

TEST(JsonExcerptTest, AnExcerptIsNotExcerptedAgain) {
  Input input{.text = "", .tool_name = "", .tool_arguments = ""};
  const std::string source = Array(Payments(300));
  input.text = source;
  input.gaps = true;
  input.question = kQuestion;
  const std::optional<Rendition> once = Compress(input);
  ASSERT_TRUE(once.has_value());
  ASSERT_TRUE(once->omitted.has_value());
  EXPECT_LT(once->text.size() * 4, source.size());
  input.text = once->text;
  const std::optional<Rendition> again = Compress(input);
  EXPECT_TRUE(!again.has_value() || !again->omitted.has_value());
}

TEST(JsonExcerptTest, StopsWhenTheDeadlinePassed) {
  std::string source = Array(Payments(4000));
  const Input input{.text = source, .tool_name = "", .tool_arguments = ""};
  const Query query(input);
  const Expired at_once = [] { return true; };
  EXPECT_FALSE(
      ExcerptJson({.input = input, .text = source, .query = query, .share = 0.3, .expired = at_once}).has_value());
}

TEST(JsonExcerptTest, LargeAndHostileInputsEnd) {
  std::string numbers = "[0";
  for (size_t i = 0; i < 1'000'000; ++i) numbers += ",1";
  EXPECT_TRUE(Excerpted(numbers + "]").has_value());
  std::string keys = "[";
  for (size_t i = 0; i < 50'000; ++i) keys += (i > 0 ? ",{\"k" : "{\"k") + N(i) + "\":1}";
  Excerpted(keys + "]");
  std::string nested = "[";
  for (size_t i = 0; i < 20'000; ++i) nested += (i > 0 ? ",[[[[[[[[[[" : "[[[[[[[[[[") + N(i) + "]]]]]]]]]]";
  Excerpted(nested + "]");
  std::string deep;
  for (size_t i = 0; i < 250; ++i) deep += "{\"a\":[";
  deep += Joined(std::vector<std::string>(2000, "1"));
  for (size_t i = 0; i < 250; ++i) deep += "]}";
  Excerpted(deep);
  EXPECT_TRUE(Excerpted("[\"" + std::string(10 << 20, 'A') + "\"]").has_value());
}

}  // namespace
}  // namespace headroom::text
