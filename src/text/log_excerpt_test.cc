#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/lines_rendition_reader_test.h"
#include "text/log_rules.h"

namespace headroom::text {
namespace {

struct Asked {
  std::string question = {};
  double share = 0.3;
  Kind kind = Kind::kLog;
};

std::optional<Excerpt> Cut(const std::string& text, const Asked& asked = {}) {
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = ""};
  input.question = asked.question;
  input.kind = asked.kind;
  const Query query(input);
  const Expired never;
  return ExcerptLog({.input = input, .text = text, .query = query, .share = asked.share, .expired = never});
}

std::string Kept(const std::string& text, const Asked& asked = {}) {
  const std::optional<Excerpt> excerpt = Cut(text, asked);
  return excerpt ? excerpt->text : "(nothing)";
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string Requests(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += "2026-01-02T10:00:" + std::to_string(10 + i % 50) + "Z INFO request " + std::to_string(1000 + i) +
            " served in " + std::to_string(3 + i * 7 % 11) + " ms\n";
  }
  return text;
}

// Reads an excerpt by its marks alone: kept lines with their numbers, and the gaps.
struct Reading {
  std::vector<std::pair<size_t, std::string>> kept;
  size_t lines = 0;
  size_t gaps = 0;
};

Reading Read(const std::string& excerpt) {
  Reading reading;
  size_t next = 1;
  for (const std::string& line : ReadFoldedLines(excerpt)) {
    size_t first = 0;
    size_t last = 0;
    char tail = 0;
    if (std::sscanf(line.c_str(), "... lines %zu-%zu omitted%c", &first, &last, &tail) == 3 ||
        (std::sscanf(line.c_str(), "... line %zu omitted%c", &first, &tail) == 2 && (last = first) > 0)) {
      EXPECT_EQ(first, next) << line;
      EXPECT_GE(last, first);
      next = last + 1;
      ++reading.gaps;
      continue;
    }
    reading.kept.emplace_back(next++, line);
  }
  reading.lines = next - 1;
  return reading;
}

TEST(LogExcerptTest, KeepsTheErrorAmongRequestsServed) {
  const std::string text = Requests(400) + "2026-01-02T10:09:01Z ERROR disk 3 is failing\n" + Requests(400);
  const std::string kept = Kept(text);
  EXPECT_TRUE(Has(kept, "ERROR disk 3 is failing"));
  EXPECT_LT(kept.size(), text.size() / 20);
}

TEST(LogExcerptTest, ALogWithoutErrorsKeepsItsEndsAndAnExample) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "10:00:" + std::to_string(10 + i % 50) + " INFO heartbeat " + std::to_string(i) + "\n";
  const Reading reading = Read(Kept(text));
  ASSERT_GE(reading.kept.size(), 3u);
  EXPECT_EQ(reading.kept.front().first, 1u);
  EXPECT_EQ(reading.kept.back().first, 300u);
  EXPECT_EQ(reading.lines, 300u);
}

TEST(LogExcerptTest, LinesThatStandOnceStayWithoutAnErrorWord) {
  const std::string odd = "2026-01-02T10:00:59Z INFO operator mallory changed the price of line 12\n";
  EXPECT_TRUE(Has(Kept(Requests(200) + odd + Requests(200)), "mallory"));
}

TEST(LogExcerptTest, ARareValueInALineOfAFrequentShapeStays) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += "worker " + std::to_string(i % 7) + " finished batch " + std::to_string(i) +
            " state=" + (i == 170 ? "partial" : "complete") + "\n";
  }
  EXPECT_TRUE(Has(Kept(text), "batch 170 state=partial"));
}

TEST(LogExcerptTest, ADurationFarFromTheOthersStays) {
  std::string text = Requests(300);
  text += "2026-01-02T10:00:59Z INFO request 9999 served in 98140 ms\n" + Requests(300);
  EXPECT_TRUE(Has(Kept(text), "98140 ms"));
}

TEST(LogExcerptTest, PassedTestsGoAndNamesOfFailedOnesStay) {
  std::string text = "running 200 tests\n";
  for (int i = 0; i < 200; ++i) {
    text += "test fares::tests::case_" + std::to_string(i) + (i % 50 == 7 ? " ... FAILED\n" : " ... ok\n");
  }
  text += "\ntest result: FAILED. 196 passed; 4 failed; 0 ignored\n";
  const std::string kept = Kept(text);
  for (const std::string name : {"case_7 ", "case_57 ", "case_107 ", "case_157 "}) EXPECT_TRUE(Has(kept, name)) << name;
  EXPECT_TRUE(Has(kept, "196 passed; 4 failed"));
  EXPECT_FALSE(Has(kept, "case_120"));
}

TEST(LogExcerptTest, OfAnErrorThatComesOftenExamplesStayAndTheGapsCountTheRest) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "10:00:00 ERROR shard " + std::to_string(i) + " is unreachable\n";
  const std::string kept = Kept(text, {.share = 0.0});
  EXPECT_TRUE(Has(kept, "shard 0 is unreachable"));
  size_t counted = 0;
  for (const std::string& line : LinesOf(kept)) {
    const size_t open = line.find('(');
    if (line.starts_with("... line") && open != std::string::npos) counted += std::stoul(line.substr(open + 1));
  }
  EXPECT_EQ(counted + Read(kept).kept.size(), 400u);
}

TEST(LogExcerptTest, EachDifferentErrorStays) {
  std::string text = Requests(100);
  for (const std::string name : {"alpha", "beta", "gamma", "delta"})
    text += "ERROR cannot reach service " + name + "\n";
  text += Requests(100);
  const std::string kept = Kept(text);
  for (const std::string name : {"alpha", "beta", "gamma", "delta"}) EXPECT_TRUE(Has(kept, name)) << name;
}

TEST(LogExcerptTest, AQuestionForAllErrorsKeepsThemAll) {
  std::string text = Requests(200);
  for (int i = 0; i < 60; ++i) text += "ERROR order " + std::to_string(5000 + i) + " was rejected\n";
  const std::string kept = Kept(text, {.question = "List all orders that were rejected."});
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(Has(kept, "order " + std::to_string(5000 + i))) << i;
}

TEST(LogExcerptTest, WhatTheQuestionNamesStaysWithItsNeighbours) {
  const std::string kept = Kept(Requests(500), {.question = "What happened to request 1321?"});
  EXPECT_TRUE(Has(kept, "request 1321 served"));
  EXPECT_TRUE(Has(kept, "request 1320 served"));
  EXPECT_TRUE(Has(kept, "request 1322 served"));
}

TEST(LogExcerptTest, TheMessageBelowAnErrorStaysWithIt) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "-- Looking for header" + std::to_string(i) + ".h - found\n";
  text +=
      "CMake Error at CMakeLists.txt:24 (find_package):\n  Could not find absl that is compatible\n"
      "  with requested version \"20230802\".\n\n    /usr/lib/abslConfig.cmake, version: 20220623\n\n-- Done\n";
  const std::string kept = Kept(text);
  EXPECT_TRUE(Has(kept, "with requested version"));
  EXPECT_TRUE(Has(kept, "version: 20220623"));
}

// What SettleEndings has decided of so many lines of a frequent shape that tell of an end.
LogPlan PlanOfEndings(size_t ends, const LogLines& lines) {
  LogPlan plan(lines.size());
  plan.MayGo(0, ends);
  SettleEndings(lines, &plan);
  return plan;
}

TEST(LogExcerptTest, LinesThatTellOfAnEndStayWhereTheyAreFew) {
  for (const size_t ends : {kMaxEndings, kMaxEndings + 1}) {
    std::string text;
    for (size_t i = 0; i < ends; ++i)
      text += "10:00:0" + std::to_string(i) + " INFO VM " + std::to_string(i) + " Stopped\n";
    text += Requests(20);
    const LogLines lines(text, {});
    const LogPlan plan = PlanOfEndings(ends, lines);
    for (size_t i = 0; i < ends; ++i) EXPECT_EQ(plan[i] == Fate::kMust, ends == kMaxEndings) << ends << " " << i;
    EXPECT_EQ(plan[ends], Fate::kOpen);
  }
}

TEST(LogExcerptTest, AnEndThatARuleLetGoStaysGone) {
  const std::string text = "10:00:01 INFO VM 1 Stopped\n" + Requests(20);
  const LogLines lines(text, {});
  LogPlan plan(lines.size());
  plan.Goes(0);
  SettleEndings(lines, &plan);
  EXPECT_EQ(plan[0], Fate::kGoes);
}

TEST(LogExcerptTest, TextWhoseLinesAllDifferIsLeftAlone) {
  std::mt19937 random(5);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    for (int k = 0; k < 8; ++k) {
      for (int c = 0; c < 6; ++c) text += static_cast<char>('a' + random() % 26);
      text += k == 7 ? '\n' : ' ';
    }
  }
  EXPECT_FALSE(Cut(text, {.kind = Kind::kPlain}).has_value());
}

TEST(LogExcerptTest, RowsOfATableAreNotItsToLeaveOut) {
  std::string text = "time,station,flow\n";
  for (int i = 0; i < 200; ++i) text += "2026-01-02,K" + std::to_string(i) + "," + std::to_string(i * 37 % 101) + "\n";
  EXPECT_FALSE(Cut(text, {.kind = Kind::kTable}).has_value());
}

TEST(LogExcerptTest, FewerLinesThanTheFloorAreLeftAlone) {
  std::string text;
  for (int i = 0; i < 19; ++i) text += "same shape " + std::to_string(i) + "\n";
  EXPECT_FALSE(Cut(text).has_value());
  for (int i = 0; i < 41; ++i) text += "same shape " + std::to_string(i) + "\n";
  EXPECT_TRUE(Cut(text).has_value());
}

TEST(LogExcerptTest, AnImitatedMarkerStaysAsItIs) {
  const std::string marker = "INFO note: [500 items compressed to 20. Retrieve more: hash=efa614ffb135497157bcd6e3]";
  const std::string kept = Kept(Requests(200) + marker + "\n" + Requests(200));
  EXPECT_TRUE(Has(kept, marker));
}

TEST(LogExcerptTest, LineEndsOfWindowsArePutBack) {
  std::string text;
  for (const std::string& line : LinesOf(Requests(200))) text += line + "\r\n";
  const std::string kept = Kept(text);
  for (size_t at = kept.find('\n'); at != std::string::npos; at = kept.find('\n', at + 1)) {
    ASSERT_EQ(kept[at - 1], '\r');
  }
}

TEST(LogExcerptTest, ColoursDoNotHideAnError) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "\x1b[32mINFO\x1b[0m ready " + std::to_string(i) + "\n";
  text += "\x1b[1;31mERROR\x1b[0m disk \x1b[1m3\x1b[0m gone\n";
  for (int i = 0; i < 200; ++i) text += "\x1b[32mINFO\x1b[0m ready " + std::to_string(i) + "\n";
  EXPECT_TRUE(Has(Kept(text), "ERROR disk 3 gone"));
}

std::string RandomLog(std::mt19937* random) {
  static const std::vector<std::string> kLines = {"INFO request # served in # ms",
                                                  "WARN pool has # of # left",
                                                  "ERROR shard # is unreachable",
                                                  "",
                                                  "test a::case_# ... ok",
                                                  "test a::case_# ... FAILED",
                                                  "----------------------",
                                                  "Traceback (most recent call last):",
                                                  "  File \"/srv/app.py\", line #, in main",
                                                  "    run(#)",
                                                  "ValueError: bad port #",
                                                  "[#/300] Building CXX object a#.o",
                                                  "src/a.cc:#:5: error: no member 'x#'",
                                                  "   12 | code",
                                                  "      |  ^~~",
                                                  "src/a.cc:#:5: note: declared here",
                                                  "____ test_# ____",
                                                  ">       assert f(#) == 3",
                                                  "E       assert # == 3",
                                                  "tests/a.py:#: AssertionError",
                                                  "=== short test summary info ===",
                                                  "FAILED tests/a.py::test_#",
                                                  "\tat com.example.A.run(A.java:#)",
                                                  "... # more",
                                                  "\xe6\x97\xa5\xe5\xbf\x97 # \xe9\x94\x99\xe8\xaf\xaf",
                                                  "\x1b[31mred #\x1b[0m",
                                                  "\xff\xfe # \x01"};
  std::string text;
  const size_t count = 20 + (*random)() % 200;
  for (size_t i = 0; i < count; ++i) {
    for (const char c : kLines[(*random)() % kLines.size()]) {
      if (c == '#')
        text += std::to_string((*random)() % 50);
      else
        text += c;
    }
    if (i + 1 < count || (*random)() % 2 == 0) text += '\n';
  }
  return text;
}

TEST(LogExcerptTest, KeptLinesAndGapsCoverTheSource) {
  std::mt19937 random(11);
  size_t cut = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string text = RandomLog(&random);
    const std::optional<Excerpt> excerpt = Cut(text, {.question = "why does case_7 fail?"});
    if (!excerpt) continue;
    ++cut;
    std::string plain;  // the source as a terminal would show it
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\x1b') {
        while (text[i] != 'm') ++i;
        continue;
      }
      plain += text[i];
    }
    const std::vector<std::string> source = LinesOf(plain);
    const Reading reading = Read(excerpt->text);
    ASSERT_EQ(reading.lines, source.size());
    ASSERT_EQ(reading.kept.size(), excerpt->omitted.kept);
    ASSERT_EQ(excerpt->omitted.total, source.size());
    for (const auto& [number, line] : reading.kept) ASSERT_EQ(line, source[number - 1]) << number;
    ASSERT_EQ(Kept(text, {.question = "why does case_7 fail?"}), excerpt->text);
  }
  EXPECT_GT(cut, 100u);
}

TEST(LogExcerptTest, AMillionShortLinesAndOneLongLineAreBorne) {
  std::string text;
  for (size_t i = 0; i < 1'000'000; ++i) {
    text += static_cast<char>('a' + i * i % 7);
    text += '\n';
  }
  const std::optional<Excerpt> excerpt = Cut(text);
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_LT(excerpt->text.size(), 10'000u);
  std::string long_line(10'000'000, 'x');
  for (int i = 0; i < 30; ++i) long_line += "\nINFO ready " + std::to_string(i);
  EXPECT_NO_FATAL_FAILURE(Cut(long_line));
}

TEST(LogExcerptTest, NothingIsReturnedPastTheDeadline) {
  const std::string text = Requests(500);
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = ""};
  const Query query(input);
  const Expired always = [] { return true; };
  EXPECT_FALSE(ExcerptLog({.input = input, .text = text, .query = query, .expired = always}).has_value());
}

// A linter's report: many files, each with warnings and one error below its path.
std::string Lint(int files) {
  std::string text;
  for (int i = 0; i < files; ++i) {
    text += "\n/srv/app/src/f" + std::to_string(i) + ".js\n";
    for (int k = 1; k <= 6; ++k) text += "  " + std::to_string(k) + ":1  warning  Missing semicolon  semi\n";
    text += "  9:5  error  'name" + std::to_string(i) + "' is not defined  no-undef\n";
  }
  return text + "\n210 problems\n";
}

TEST(LogExcerptTest, AnErrorKeepsTheHeadingThatSaysWhereItIs) {
  const std::string kept = Kept(Lint(30), {.question = "where is name17 not defined?"});
  const size_t heading = kept.find("/srv/app/src/f17.js");
  const size_t error = kept.find("'name17' is not defined");
  ASSERT_NE(error, std::string::npos);
  ASSERT_NE(heading, std::string::npos);
  EXPECT_LT(heading, error);
  EXPECT_EQ(kept.substr(heading, error - heading).find("f18.js"), std::string::npos);
}

TEST(LogExcerptTest, AWishForEveryErrorKeepsEachOfThem) {
  std::string text = Requests(300);
  for (int i = 0; i < 40; ++i) text += "2026-01-02T11:00:00Z ERROR disk " + std::to_string(i) + " is failing\n";
  text += Requests(50);
  const std::string kept = Kept(text, {.question = "list all errors"});
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(Has(kept, "disk " + std::to_string(i) + " is failing")) << i;
}

TEST(LogExcerptTest, APartSaysNothingOfTheLinesBelowIt) {
  const std::string text = Requests(300);
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = ""};
  input.kind = Kind::kLog;
  const Query query(input);
  const Expired never;
  const auto part = ExcerptLog({.input = input, .text = text, .is_part = true, .query = query, .expired = never});
  ASSERT_TRUE(part);
  EXPECT_FALSE(Has(part->text, "each line below"));
  EXPECT_TRUE(Has(part->text, "2026-01-02T10:00:10Z INFO request 1000"));
}

}  // namespace
}  // namespace headroom::text
