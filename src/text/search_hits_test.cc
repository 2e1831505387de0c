#include "text/search_hits.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

std::string PathOf(std::string_view line) { return std::string(ReadMatchLine(line).path); }

TEST(SearchHitsTest, ReadsPathAndNumber) {
  EXPECT_EQ(PathOf("src/a.c:12:x"), "src/a.c");
  EXPECT_EQ(PathOf("Makefile:1:"), "Makefile");
  EXPECT_EQ(PathOf("C:\\w\\a.c:12:x"), "C:\\w\\a.c");
  EXPECT_EQ(PathOf("C:/w/a.c:12:x"), "C:/w/a.c");
  EXPECT_EQ(PathOf("my docs/a b.md:7:x"), "my docs/a b.md");
  EXPECT_EQ(PathOf("2024-01-02-post.md:7:x"), "2024-01-02-post.md");
  EXPECT_EQ(ReadMatchLine("a.c:12:5:x").rest, "12:5:x");
}

TEST(SearchHitsTest, TimesAndSentencesAreNoHits) {
  for (const std::string_view line :
       {"12:34:56 started", "2026-01-02T10:00:07 x", "2026-01-02 10:00:07 x", "Jan  2 10:00:07 host x", "[10:00:07] x",
        "see line:5: of it", "a.c:12", "a.c:x:y", ":12:x", "a.c:1234567890:x", "{\"a\":1:2", "", "a = b:3:"}) {
    EXPECT_FALSE(ReadMatchLine(line).is_hit()) << line;
  }
}

TEST(SearchHitsTest, ReadsContextOnlyBesideAHit) {
  const std::vector<SearchHit> hits = ReadSearchHits({"a-b.c-1-x", "a-b.c:2:y", "a-b.c-3-z", "--", "a-b.c-9-w"});
  EXPECT_EQ(hits[0].path, "a-b.c");
  EXPECT_EQ(hits[2].rest, "3-z");
  EXPECT_FALSE(hits[4].is_hit());
}

}  // namespace
}  // namespace headroom::text
