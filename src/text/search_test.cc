#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/compressor.h"
#include "text/lines_rendition_reader_test.h"

namespace headroom::text {
namespace {

std::string Grouped(const std::string& text) {
  const std::optional<Rendition> rendition = CompressSearch({text, "Grep", "", true}, {});
  return rendition ? rendition->text : "(nothing)";
}

std::string Shortened(const std::string& text) {
  const std::optional<Rendition> rendition = CompressSearch({text, "Grep", ""}, {});
  return rendition ? rendition->text : "(nothing)";
}

TEST(SearchTest, KeepsEveryHitsLiteralPathAndLine) {
  EXPECT_EQ(Shortened("my-lib/a-b.c-11-before\nmy-lib/a-b.c:12:hit\nmy-lib/a-b.c-13-after\nmy-lib/a-b.c:14:7:hit\n--\n"
                      "my-lib/other.c=1=void f() {\nmy-lib/other.c:3:hit\n"),
            "11-before\nmy-lib/a-b.c:12:hit\n13-after\nmy-lib/a-b.c:14:7:hit\n--\n1=void f() {\n"
            "my-lib/other.c:3:hit\n");
}

TEST(SearchTest, LeavesHitsWithoutContextAlone) {
  EXPECT_EQ(Shortened("src/main/server.cc:12:  int x = 1;\nsrc/main/server.cc:40:  return x;\n"), "(nothing)");
}

TEST(SearchTest, LeavesContextWhereTwoFilesTouch) {
  EXPECT_EQ(Shortened("src/main/a.c:12:hit\nsrc/main/a.c-13-after\nsrc/main/b.c-2-before\nsrc/main/b.c:3:hit\n"),
            "(nothing)");
}

TEST(SearchTest, LeavesContextWhereAnotherLineLooksNumbered) {
  EXPECT_EQ(Shortened("src/main/a.c:12:hit\nsrc/main/a.c-13-after\n12-5 done\n"), "(nothing)");
}

TEST(SearchTest, KeepsListedPathsWhole) {
  EXPECT_EQ(Shortened("src/text/json.cc\nsrc/text/lines.cc\nsrc/text/search.cc\nsrc/net/sse.cc\n"), "(nothing)");
}

TEST(SearchTest, WritesEachPathOnce) {
  EXPECT_EQ(Grouped("src/main/server.cc:12:  int x = 1;\n"
                    "src/main/server.cc:40:  return x;\n"
                    "src/main/client.cc:7:int x;\n"),
            "src/main/server.cc\n12:  int x = 1;\n40:  return x;\n\nsrc/main/client.cc\n7:int x;\n");
}

TEST(SearchTest, TellsContextFromHits) {
  EXPECT_EQ(Grouped("my-lib/a-b.c-11-before\nmy-lib/a-b.c:12:hit\nmy-lib/a-b.c-13-after\n--\n"
                    "my-lib/a-b.c:90:hit\n--\nmy-lib/other.c:3:hit\n"),
            "my-lib/a-b.c\n11-before\n12:hit\n13-after\n--\n90:hit\n\nmy-lib/other.c\n3:hit\n");
}

TEST(SearchTest, ReadsContextWhoseTextLooksLikeAHit) {
  EXPECT_EQ(Grouped("lib/parser.c:12:call();\nlib/parser.c-13-see lib/lexer.c:4: for this\nlib/parser.c:14:call();\n"),
            "lib/parser.c\n12:call();\n13-see lib/lexer.c:4: for this\n14:call();\n");
}

TEST(SearchTest, KeepsWindowsDrivesColumnsAndFunctionLines) {
  EXPECT_EQ(Grouped("C:\\work\\app\\x.cc:12:5:hit\nC:\\work\\app\\x.cc:14:9:hit\nC:\\work\\app\\x.cc=3=void f() {\n"),
            "C:\\work\\app\\x.cc\n12:5:hit\n14:9:hit\n3=void f() {\n");
}

TEST(SearchTest, LeavesOtherLinesWholeAndInPlace) {
  EXPECT_EQ(Grouped("grep: secret: Permission denied\nsource/file.c:1:a\nsource/file.c:2:b\n"
                    "Binary file source/x.o matches\nsource/file.c:9:c\n"),
            "grep: secret: Permission denied\n\nsource/file.c\n1:a\n2:b\nBinary file source/x.o matches\n9:c\n");
}

TEST(SearchTest, KeepsBlanksAtTheEndOfAHit) {
  EXPECT_EQ(Grouped("docs/guide/readme.md:1:line  \ndocs/guide/readme.md:2:line\t\n"),
            "docs/guide/readme.md\n1:line  \n2:line\t\n");
}

TEST(SearchTest, DropsTheColoursOfGrep) {
  EXPECT_EQ(
      Grouped("\x1b[35m\x1b[Ka/b.c\x1b[m\x1b[K\x1b[36m\x1b[K:\x1b[m\x1b[K\x1b[32m\x1b[K1\x1b[m\x1b[K:x\na/b.c:2:x\n"),
      "a/b.c\n1:x\n2:x\n");
}

TEST(SearchTest, KeepsCrLf) {
  EXPECT_EQ(Grouped("folder/name.txt:1:a\r\nfolder/name.txt:2:b\r\n"), "folder/name.txt\r\n1:a\r\n2:b\r\n");
}

TEST(SearchTest, StaysAwayWhenAnotherLineLooksNumbered) {
  EXPECT_EQ(Grouped("src/file.c:1:a\nsrc/file.c:2:b\n12:34:56 done\n"), "(nothing)");
}

TEST(SearchTest, StaysAwayWhenNoPathComesTwice) { EXPECT_EQ(Grouped("a.c:1:x\nb.c:1:x\nc.c:1:x\n"), "(nothing)"); }

TEST(SearchTest, StaysAwayFromHeadingsThatAreThereAlready) {
  EXPECT_EQ(Grouped("src/a.c\n1:x\n2:y\n\nsrc/b.c\n3:z\n4:w\n"), "(nothing)");
}

TEST(SearchTest, GivesNothingForNulBytesAndAfterTheDeadline) {
  EXPECT_EQ(Grouped(std::string("a/b.c:1:\0\na/b.c:2:x\n", 19)), "(nothing)");
  EXPECT_FALSE(CompressSearch({"src/a.c:1:x\nsrc/a.c:2:y\n", "", "", true}, [] { return true; }));
}

TEST(SearchTest, GroupsPathListsByFolder) {
  const std::string list = "README.md\nsrc/text/json.cc\nsrc/text/lines.cc\nsrc/text/search.cc\nsrc/net/sse.cc\n";
  EXPECT_EQ(Grouped(list), "README.md\nsrc/text/:\n json.cc\n lines.cc\n search.cc\nsrc/net/sse.cc\n");
}

TEST(SearchTest, KeepsFoldersInAPathListApart) {
  const std::string list = "./a\n./a/b\n./a/b/one\n./a/b/two\n./a/c/\n./a/d/\n/etc/x y.conf\n/etc/z.conf\n";
  EXPECT_EQ(ReadGroupedPaths(Grouped(list)), LinesOf(list));
}

TEST(SearchTest, StaysAwayFromIndentedLists) {
  EXPECT_EQ(Grouped(" src/text/a.cc\n src/text/b.cc\n src/text/c.cc\n src/text/d.cc\n"), "(nothing)");
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }

  template <size_t N>
  std::string Pick(const char* const (&choices)[N]) {
    return choices[Below(N)];
  }

  std::string SearchOutput() {
    static constexpr const char* kPaths[] = {
        "src/a-1-b.c", "lib/x.py", "2024-01-02-post.md",     "C:\\w\\y.cs", "Makefile",
        "a b/c d.txt", "src/a",    "./deep/er/and/deeper.rs"};
    static constexpr const char* kTexts[] = {
        "", "  x();", "see src/a-1-b.c:3:y", "12:30:00 tick", "--", "a-3-b", "\ttail  ", "path:9:", "é ü 漢字"};
    static constexpr const char* kOthers[] = {"Binary file x.o matches", "", "grep: y: Is a directory", "--",
                                              "src/a.c"};
    std::string text;
    for (size_t files = 1 + Below(4); files > 0; --files) {
      const std::string path = Pick(kPaths);
      size_t number = 1 + Below(50);
      for (size_t hits = 1 + Below(6); hits > 0; --hits, number += 1 + Below(3)) {
        const char mark = Below(3) == 0 ? '-' : ':';
        text += path + mark + std::to_string(number) + mark + Pick(kTexts) + "\n";
        if (Below(8) == 0) text += Pick(kOthers) + "\n";
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

// "--" in front of another file may go; all else must come back.
std::vector<std::string> WithoutSeparators(std::vector<std::string> lines) {
  std::erase(lines, "--");
  return lines;
}

TEST(SearchTest, EveryHitCanBeRebuilt) {
  size_t grouped = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const std::string text = Generator(seed).SearchOutput();
    const std::optional<Rendition> rendition = CompressSearch({text, "Grep", "", true}, {});
    if (!rendition) continue;
    if (rendition->rule == "paths_grouped") {
      ASSERT_EQ(ReadGroupedPaths(rendition->text), LinesOf(text)) << "seed " << seed;
      continue;
    }
    ++grouped;
    ASSERT_EQ(WithoutSeparators(ReadGroupedHits(rendition->text)), WithoutSeparators(LinesOf(text)))
        << "seed " << seed << "\n"
        << text << "=>\n"
        << rendition->text;
  }
  EXPECT_GT(grouped, 500u);
}

TEST(SearchTest, EveryContextLineCanBeRebuilt) {
  size_t shortened = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const std::string text = Generator(seed).SearchOutput();
    const std::optional<Rendition> rendition = CompressSearch({text, "Grep", ""}, {});
    if (!rendition) continue;
    ++shortened;
    ASSERT_EQ(ReadShortenedContext(rendition->text), LinesOf(text)) << "seed " << seed << "\n" << rendition->text;
  }
  EXPECT_GT(shortened, 300u);
}

}  // namespace
}  // namespace headroom::text
