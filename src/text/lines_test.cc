#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/lines_rendition_reader_test.h"

namespace headroom::text {
namespace {

std::string Folded(const std::string& text, std::string_view arguments = R"({"command":"make"})") {
  const std::optional<Rendition> rendition = CompressLines({text, "Bash", arguments}, {});
  return rendition ? rendition->text : "(nothing)";
}

TEST(LinesTest, CountsIdenticalLines) {
  std::string text = "start\n";
  for (int i = 0; i < 40; ++i) text += "waiting for the lock\n";
  EXPECT_EQ(Folded(text + "end\n"), "start\nwaiting for the lock  [40 identical lines]\nend\n");
}

TEST(LinesTest, CountsIdenticalBlocks) {
  std::string text;
  for (int i = 0; i < 9; ++i) text += "GET /health from the balancer\n  200 in 3 ms\n";
  EXPECT_EQ(Folded(text), "[the next 2 lines came 9 times in a row:]\nGET /health from the balancer\n  200 in 3 ms\n");
}

TEST(LinesTest, NamesBlocksThatComeAgain) {
  const std::string trace =
      "  at Reader.next (reader.js:12)\n  at Parser.parse (parser.js:340)\n  at Server.handle (server.js:77)\n"
      "  at main (main.js:5)\n";
  EXPECT_EQ(Folded("first request failed\n" + trace + "second failed\n" + trace + "third\n" + trace),
            "first request failed\n[block 1, 4 lines, comes again below:]\n" + trace +
                "second failed\n[block 1 again, 4 lines]\nthird\n[block 1 again, 4 lines]\n");
}

TEST(LinesTest, KeepsFaultsInEveryPlace) {
  const std::string finding =
      "cd $TARGET to the place\n^--------^ SC2164 (warning): use cd or exit\nDid you mean to write it so:\n"
      "cd $TARGET or exit from here\n";
  EXPECT_EQ(Folded("In a.sh line 2\n" + finding + "In b.sh line 2\n" + finding + "In c.sh line 2\n" + finding),
            "(nothing)");
}

TEST(LinesTest, LeavesBlocksThatAreTooShortToName) {
  const std::string trace =
      "  at Reader.next (reader.js:12)\n  at Parser.parse (parser.js:340)\n  at main (main.js:5)\n";
  EXPECT_EQ(Folded("first failed\n" + trace + "second failed\n" + trace + "third\n" + trace), "(nothing)");
}

TEST(LinesTest, LeavesLinesThatDifferInOneDigit) {
  EXPECT_EQ(Folded("retry 1 of the connection\nretry 2 of the connection\nretry 3 of the connection\n"), "(nothing)");
}

std::string Log(int lines, const std::string& date) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    text +=
        date + (i < 10 ? "10:00:0" : "10:00:") + std::to_string(i) + " request " + std::to_string(i * 7) + " served\n";
  }
  return text;
}

TEST(LinesTest, SaysADateOnceAndWhereItEnds) {
  const std::string folded = Folded(Log(12, "2026-01-02T") + "all done\n");
  EXPECT_TRUE(folded.starts_with("[each line below starts with \"2026-01-02T\"]\n10:00:00 request 0 served\n"))
      << folded;
  EXPECT_TRUE(folded.ends_with("10:00:11 request 77 served\n[end of these lines]\nall done\n")) << folded;
}

TEST(LinesTest, PutsASignWhereOtherLinesStandBetween) {
  std::string text;
  for (int i = 10; i < 40; ++i) {
    text += "2026-01-02 10:00:" + std::to_string(i) + " request failed\n  at handler " + std::to_string(i * i) + "\n";
  }
  const std::string folded = Folded(text);
  EXPECT_TRUE(
      folded.starts_with("[~ at the start of a line below stands for \"2026-01-02 \"]\n~10:00:10 request failed\n"
                         "  at handler 100\n"))
      << folded;
  EXPECT_EQ(ReadFoldedLines(folded), LinesOf(text));
}

TEST(LinesTest, NeverCutsTheMessage) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "test module::tests::case_" + std::to_string(i) + " ... ok\n";
  EXPECT_EQ(Folded(text), "(nothing)");
}

TEST(LinesTest, SqueezesAlignedColumns) {
  EXPECT_EQ(Folded("NAME      READY   AGE\nweb-1     1/1     5d\ndb        0/1     12d\ncache     1/1     3d\nqueue    "
                   " 1/1     9d\n"),
            "NAME READY AGE\nweb-1 1/1 5d\ndb 0/1 12d\ncache 1/1 3d\nqueue 1/1 9d\n");
}

TEST(LinesTest, KeepsPaddingWhereACellIsEmptyOrHasBlanks) {
  EXPECT_EQ(Folded("NAME      NOTE      AGE\nweb-1     ok        5d\ndb                  12d\ncache     two words "
                   "3d\nqueue     ok        9d\n"),
            "(nothing)");
}

TEST(LinesTest, SqueezesDrawnTables) {
  EXPECT_EQ(Folded("  pid  | state               | q\n-------+---------------------+----------\n  4211 | idle in "
                   "transaction | SELECT 1\n"
                   "  4212 |                     | COMMIT\n(2 rows)\n"),
            "pid|state|q\n---+---+---\n4211|idle in transaction|SELECT 1\n4212||COMMIT\n(2 rows)\n");
}

TEST(LinesTest, KeepsIndentation) {
  const std::string folded = Folded("top\n    indented   \n\tby a tab\t\n    indented twice        \n");
  EXPECT_EQ(folded, "top\n    indented\n\tby a tab\n    indented twice\n");
}

TEST(LinesTest, RemovesColoursFromSourceAndDiffsButNoBlanks) {
  EXPECT_EQ(Folded("\x1b[1mdiff --git a/x b/x\x1b[m\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n\x1b[31m-a  \x1b[m\n\x1b[32m+b "
                   " \x1b[m\n c\n"),
            "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a  \n+b  \n c\n");
}

TEST(LinesTest, KeepsCrLf) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "the same line again\r\n";
  EXPECT_EQ(Folded(text), "the same line again  [20 identical lines]\r\n");
}

TEST(LinesTest, LeavesAloneWhatItsMarksCouldBeMistakenFor) {
  std::string text = "x  [3 identical lines]\n";
  for (int i = 0; i < 40; ++i) text += "waiting for the lock\n";
  EXPECT_EQ(Folded(text), "(nothing)");
  EXPECT_EQ(Folded(Log(12, "2026-01-02T") + "[each line below starts with \"y\"]\n"), "(nothing)");
  const std::string signs = Log(12, "2026-01-02T") + "~ home\n";
  EXPECT_EQ(Folded(signs), "(nothing)");
}

TEST(LinesTest, GivesNothingForNulEmptyAndLateInput) {
  EXPECT_EQ(Folded(""), "(nothing)");
  EXPECT_EQ(Folded(std::string(200, '\0')), "(nothing)");
  EXPECT_FALSE(CompressLines({Log(50, "2026-01-02T"), "", ""}, [] { return true; }));
}

TEST(LinesTest, SurvivesInvalidUtf8AndLongLines) {
  std::string text(3 << 20, '\xff');
  EXPECT_EQ(Folded(text), "(nothing)");
  text += "\x1b[0m";
  EXPECT_EQ(Folded(text).size(), size_t{3} << 20);
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  std::string Line() {
    static constexpr const char* kLines[] = {"",
                                             "ok",
                                             "~tilde",
                                             "  at Frame.run(Frame.java:12)",
                                             "Caused by: timeout",
                                             "connection refused by peer",
                                             "x [2 identical lines]",
                                             "[end of these lines]",
                                             "[the next 2 lines came 3 times in a row:]",
                                             "~",
                                             "tail   ",
                                             "é漢 \xff"};
    // Content that imitates marks is rare, or no rule would ever run.
    const size_t kind = Below(400);
    if (kind < 4) return kLines[6 + kind];
    if (kind < 40) return kLines[kind % 2];
    if (kind < 80) return kLines[3 + kind % 3];
    if (kind < 90) return kLines[10 + kind % 2];
    static constexpr const char* kDates[] = {"2026-01-02 ", "2026-01-02T", "Nov 24 ", "[2026-01-03 ", "28126 "};
    return kDates[date_] + std::string("10:11:") + std::to_string(10 + Below(4)) + " step " + std::to_string(Below(3));
  }

  std::string Output() {
    std::string text;
    for (size_t parts = 5 + Below(40); parts > 0; --parts) {
      if (Below(20) == 0) date_ = Below(5);
      std::string block;
      for (size_t lines = 1 + Below(4); lines > 0; --lines) block += Line() + "\n";
      const size_t times = Below(4) == 0 ? 1 + Below(12) : 1;
      for (size_t k = 0; k < times; ++k) text += block;
      if (Below(3) == 0) trace_ += block;
      if (Below(4) == 0) text += trace_.substr(Below(2) == 0 ? 0 : trace_.find('\n') + 1);
    }
    if (Below(3) == 0) text.pop_back();
    return text;
  }

 private:
  std::mt19937 random_;
  size_t date_ = 0;
  std::string trace_ = "a fixture that stands in many traces\n  and its second line with words\nthird line of it\n";
};

std::vector<std::string> WithoutTrailingBlanks(std::vector<std::string> lines) {
  for (std::string& line : lines) line.erase(line.find_last_not_of(" \t") + 1);
  return lines;
}

TEST(LinesTest, EveryLineCanBeRebuilt) {
  size_t folded = 0;
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    const std::string text = Generator(seed).Output();
    const std::optional<Rendition> rendition = CompressLines({text, "Bash", R"({"command":"make"})"}, {});
    if (!rendition) continue;
    ++folded;
    // Where the source imitates a mark the rendition must be its lines as they are.
    const std::string ended = text + "\n";
    const bool imitates = ended.find("s]\n") != std::string::npos || ended.find(":]\n") != std::string::npos;
    const std::vector<std::string> read = imitates ? LinesOf(rendition->text) : ReadFoldedLines(rendition->text);
    ASSERT_EQ(WithoutTrailingBlanks(read), WithoutTrailingBlanks(LinesOf(text))) << "seed " << seed << "\n"
                                                                                 << text << "=>\n"
                                                                                 << rendition->text;
    ASSERT_EQ(rendition->text.ends_with('\n'), text.ends_with('\n'));
  }
  EXPECT_GT(folded, 1000u);
}

TEST(LinesTest, SameInputGivesSameBytes) {
  const std::string text = Generator(7).Output();
  const std::optional<Rendition> first = CompressLines({text, "Bash", ""}, {});
  const std::optional<Rendition> second = CompressLines({text, "Bash", ""}, {});
  ASSERT_EQ(first.has_value(), second.has_value());
  EXPECT_EQ(first.value_or(Rendition()).text, second.value_or(Rendition()).text);
}

}  // namespace
}  // namespace headroom::text
