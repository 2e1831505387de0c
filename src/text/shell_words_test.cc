#include "text/shell_words.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

// Pipelines as "a b|c > ; d": words joined by blanks, '>' for output to a file.
std::string Parsed(std::string_view command) {
  std::string text;
  for (const Pipeline& pipeline : ParseShell(command)) {
    if (!text.empty()) text += " ; ";
    for (size_t i = 0; i < pipeline.size(); ++i) {
      if (i > 0) text += "|";
      for (size_t k = 0; k < pipeline[i].words.size(); ++k) text += (k > 0 ? " " : "") + pipeline[i].words[k];
      if (pipeline[i].writes_file) text += " >";
    }
  }
  return text;
}

TEST(ShellWordsTest, SplitsAtOperators) {
  EXPECT_EQ(Parsed("a b && c | d || e; f & g\nh"), "a b ; c|d ; e ; f ; g ; h");
}

TEST(ShellWordsTest, ResolvesQuotes) {
  EXPECT_EQ(Parsed(R"(a 'b c' "d \"e\"" f\ g h"i"'j' '')"), R"(a b c d "e" f g hij )");
  EXPECT_EQ(Parsed("sed -n '1,8p;9q' \"x|y\""), "sed -n 1,8p;9q x|y");
}

TEST(ShellWordsTest, RemembersOutputToAFile) {
  EXPECT_EQ(Parsed("a > b"), "a >");
  EXPECT_EQ(Parsed("a >> b; c"), "a > ; c");
  EXPECT_EQ(Parsed("a &> b"), "a >");
  EXPECT_EQ(Parsed("a 2>/dev/null 2>&1 1>&2"), "a");
}

TEST(ShellWordsTest, SkipsHereDocumentsAndComments) {
  EXPECT_EQ(Parsed("cat <<'EOF' > x\nrm a; b\nEOF\nc # d\ne"), "cat > ; c ; e");
}

TEST(ShellWordsTest, DropsWrappersAndAssignments) {
  EXPECT_EQ(Parsed("A=1 B=2 sudo env C=3 x; for i in a; do y $i; done"), "x ; for i in a ; y $i ; done");
}

TEST(ShellWordsTest, KeepsSubstitutionsWhole) { EXPECT_EQ(Parsed("a $(b | c; d) e"), "a $(b | c; d) e"); }

TEST(ShellWordsTest, EndsOnAnyInput) {
  for (const std::string_view command :
       {"'", "\"", "\\", "$(", "<<", ">", "a >", "2>", "&>", "|", "||", "((", "<<-\n", "1<2<3<"}) {
    ParseShell(command);
  }
  for (int byte = 0; byte < 256; ++byte) ParseShell(std::string(3, static_cast<char>(byte)) + " a");
}

TEST(ShellWordsTest, ReadsAtMostItsLimit) {
  const std::string inside = std::string(kMaxCommandBytes - 2, ' ') + "a";
  EXPECT_EQ(Parsed(inside), "a");
  EXPECT_EQ(Parsed("  " + inside), "");
}

}  // namespace
}  // namespace headroom::text
