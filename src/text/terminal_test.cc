#include "text/terminal.h"

#include <gtest/gtest.h>

namespace headroom::text {
namespace {

std::string Shown(std::string_view text) { return CleanTerminal(text, Clean::kTerminal); }

TEST(TerminalTest, RemovesColoursTitlesAndCharsets) {
  EXPECT_EQ(Shown("\x1b[1;31merror\x1b[0m: \x1b[38;2;1;2;3mx\x1b[K\n"), "error: x\n");
  EXPECT_EQ(Shown("\x1b]0;title\x07"
                  "a\x1b(Bb\x1b]2;t\x1b\\c\n"),
            "abc\n");
}

TEST(TerminalTest, KeepsWhatIsNoCompleteSequence) {
  EXPECT_EQ(Shown("a\x1b[12"), "a\x1b[12");
  EXPECT_EQ(Shown("a\x1b]0;never closed\nb"), "a\x1b]0;never closed\nb");
  EXPECT_EQ(Shown("tail\x1b"), "tail\x1b");
}

TEST(TerminalTest, KeepsTheAddressOfALink) {
  EXPECT_EQ(Shown("see \x1b]8;;https://x.test/a\x1b\\docs\x1b]8;;\x1b\\ now"), "see docs <https://x.test/a> now");
  EXPECT_EQ(Shown("\x1b]8;;file:///tmp/a.c\x07/tmp/a.c\x1b]8;;\x07"), "/tmp/a.c");
}

TEST(TerminalTest, KeepsTheLastStateOfAProgressLine) {
  EXPECT_EQ(Shown("Receiving objects:  10% (1/10)\rReceiving objects: 100% (10/10), done.\n"),
            "Receiving objects: 100% (10/10), done.\n");
  EXPECT_EQ(Shown("  3%|#   | 1.2kB 5s\r 50%|##  | 3.1MB 2s\r100%|####| 9MB 0s\n"), "100%|####| 9MB 0s\n");
  EXPECT_EQ(Shown("|\r/\r-\rready\n"), "ready\n");
}

TEST(TerminalTest, KeepsWhatWasOverwrittenByOtherWords) {
  EXPECT_EQ(Shown("warning: disk 3 failing\rFetching 10%\rFetching 20%\n"), "warning: disk 3 failing\nFetching 20%\n");
  EXPECT_EQ(Shown("Fetching a.txt 10%\rFetching b.txt 10%\n"), "Fetching a.txt 10%\nFetching b.txt 10%\n");
  EXPECT_EQ(Shown("alpha\rbeta\rgamma"), "alpha\nbeta\ngamma");
}

TEST(TerminalTest, KeepsLineEnds) {
  EXPECT_EQ(Shown("a\r\nb\r\n"), "a\r\nb\r\n");
  EXPECT_EQ(Shown("a\nb"), "a\nb");
  EXPECT_EQ(Shown("\n\n"), "\n\n");
}

TEST(TerminalTest, AppliesBackspaces) {
  EXPECT_EQ(Shown("N\bNA\bAM\bME\bE"), "NAME");
  EXPECT_EQ(Shown("_\bfile"), "file");
  EXPECT_EQ(Shown("\bx\b"), "x");
  EXPECT_EQ(Shown("10%\b\b\b99%"), "99%");
}

TEST(TerminalTest, MovesTheCursorForward) { EXPECT_EQ(Shown("a\x1b[3Cb"), "a   b"); }

TEST(TerminalTest, LeavesOtherSequencesWhereTextIsQuoted) {
  EXPECT_EQ(CleanTerminal("\x1b[32m+a\x1b[m\x1b[2J\rb\n", Clean::kColours), "+a\x1b[2J\rb\n");
  EXPECT_EQ(CleanTerminal("\x1b[32ma\x1b[m\x1b[2J\rb\bc\n", Clean::kEscapes), "a\rb\bc\n");
}

TEST(TerminalTest, SurvivesInvalidUtf8) { EXPECT_EQ(Shown("\xff\xc3\b\x80z"), Shown("\xff\xc3\b\x80z")); }

}  // namespace
}  // namespace headroom::text
