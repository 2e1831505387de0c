#include "text/search_excerpt_hits.h"

#include <gtest/gtest.h>

#include "text/line_text.h"

namespace headroom::text {
namespace {

std::optional<SearchLines> Read(std::string_view text) { return ReadSearchLines(SplitLines(text).lines); }

TEST(SearchHitsReadTest, ReadsHitsWithTheirPath) {
  const auto read =
      Read("src/a.c:12:int x;\nsrc/a.c-13-int y;\n--\nsrc/a.c:40:x = 1;\nsrc/b.c:7:x = 2;\nBinary file z matches\n");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->headed);
  EXPECT_EQ(read->matches, 3u);
  ASSERT_EQ(read->files.size(), 2u);
  EXPECT_EQ(read->files[1], "src/b.c");
  EXPECT_EQ(read->lines[0].number, 12u);
  EXPECT_EQ(read->lines[0].text, "int x;");
  EXPECT_EQ(read->lines[1].kind, SearchLineKind::kContext);
  EXPECT_EQ(read->lines[2].kind, SearchLineKind::kBreak);
  EXPECT_EQ(read->lines[5].kind, SearchLineKind::kOther);
}

TEST(SearchHitsReadTest, ReadsHitsBelowAHeading) {
  const auto read = Read("src/a.c\n12:int x;\n13-int y;\n--\n40:x = 1;\n\nsrc/b.c\n7:x = 2;\n");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->headed);
  EXPECT_EQ(read->matches, 3u);
  EXPECT_EQ(read->lines[0].kind, SearchLineKind::kHeading);
  EXPECT_EQ(read->lines[4].file, 0u);
  EXPECT_EQ(read->lines[7].file, 1u);
  EXPECT_EQ(read->lines[7].text, "x = 2;");
}

TEST(SearchHitsReadTest, TakesNothingElseForAResult) {
  EXPECT_FALSE(Read(""));
  EXPECT_FALSE(Read("src/a.c:1:x\nsrc/a.c:2:x\n"));  // two hits
  EXPECT_TRUE(Read("src/a.c:1:x\nsrc/a.c:2:x\nsrc/a.c:3:x\n"));
  EXPECT_FALSE(Read("Shopping list.\n1: milk\n2: bread\n3: eggs\n"));
  EXPECT_FALSE(Read("12:30 lunch\n13:30 tea\n14:30 talk\n"));
  EXPECT_FALSE(Read("a\nb\nc\nsrc/a.c:1:x\nsrc/a.c:2:x\nsrc/a.c:3:x\n"));  // half of it is something else
}

}  // namespace
}  // namespace headroom::text
