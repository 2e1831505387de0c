#include "text/prose_excerpt_shape.h"

#include <gtest/gtest.h>

#include <string>

#include "text/line_text.h"

namespace headroom::text {
namespace {

bool Reads(std::string_view text, bool from_command) {
  const LineText split = SplitLines(text);
  return ReadsAsProse(split.lines, ReadProse(split.lines), from_command);
}

std::string Paragraphs() {
  static constexpr std::string_view kStarts[] = {"Servers", "It", "When", "Most", "The", "After", "Each", "No"};
  std::string text;
  for (int i = 0; i < 24; ++i) {
    text += std::string(kStarts[i % 8]) + " waits for some time until the other side has said what it wants.\n";
    if (i % 6 == 5) text += "\n";
  }
  return text;
}

constexpr std::string_view kFindings =
    "\nIn sh/b.sh line 2:\ncd $TARGET\n^--------^ SC2164 (warning): Use 'cd ... || exit' in case the cd fails.\n"
    "   ^-----^ SC2086 (info): Double quote to prevent globbing and word splitting of it.\n\n"
    "Did you mean to write the following line there?\n\n";

TEST(ProseShapeTest, DocumentsThatACommandPrintsAreProse) {
  EXPECT_TRUE(
      Reads("# Use\n\nRun it and wait until it says that all is done.\n\n## Limits\n\n- a limit of one\n", true));
  EXPECT_TRUE(
      Reads("NAME\n       x - do it\n\nDESCRIPTION\n       It does what it is told to do, and then it ends.\n"
            "\nEXIT STATUS\n       The number is 0 unless there was something that it could not do.\n",
            true));
  EXPECT_TRUE(Reads("Usage: x [options]\n\n  -a, --all   all of it\n  -b          both\n", true));
  EXPECT_TRUE(
      Reads("4.17.2 / 2021-12-16\n===\n\n  * The server no longer waits for what the client does not send\n\n"
            "4.17.1 / 2019-05-26\n===\n\n  * Fix it\n",
            true));
  EXPECT_TRUE(Reads(Paragraphs(), true));
}

TEST(ProseShapeTest, FindingsAtPlacesAreNoProse) {
  for (const bool from_command : {false, true}) {
    EXPECT_FALSE(Reads(kFindings, from_command));
    EXPECT_FALSE(Reads(Paragraphs() + "a.cc:12:3: one\nb/a.cc:40: two\n", from_command));
    EXPECT_FALSE(Reads(Paragraphs() + "error[E0382]: borrow of a moved value\n --> src/a.rs:3:4\n", from_command));
    EXPECT_FALSE(Reads(Paragraphs() + "$ make\n$ make test\n", from_command));
    EXPECT_FALSE(Reads(Paragraphs() + "2024-05-06T07:08:09 up\n[07:08:10] down\n", from_command));
    EXPECT_FALSE(Reads(Paragraphs() + "  File \"a.py\", line 3, in b\n    at c (d.js:4:5)\n", from_command));
    EXPECT_FALSE(Reads("\x1b[1m" + Paragraphs(), from_command));
  }
}

TEST(ProseShapeTest, OnePlaceOrAnExampleInAFenceIsNoSign) {
  EXPECT_TRUE(Reads(Paragraphs() + "a.cc:12: one\n", true));
  EXPECT_TRUE(Reads(Paragraphs() + "```\n$ make\na.cc:12: one\na.cc:13: two\n```\n", true));
}

TEST(ProseShapeTest, MessagesInSentencesAreNoProseOfACommand) {
  std::string messages;
  for (int i = 0; i < 40; ++i) {
    messages += "npm warn deprecated inflight of some version: this module is not supported and leaks memory\n";
  }
  EXPECT_FALSE(Reads(messages, true));
  EXPECT_FALSE(
      Reads("Containers:\n  the one that has been waiting for a long time now\n\nEvents:\n  there were none\n", true));
}

}  // namespace
}  // namespace headroom::text
