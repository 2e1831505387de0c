#include "text/diff_excerpt_hunks.h"

#include <gtest/gtest.h>

#include "text/line_text.h"

namespace headroom::text {
namespace {

ParsedDiff Parse(std::string_view text) { return ParseDiff(SplitLines(text).lines); }

TEST(DiffHunksTest, ReadsFilesAndHunksOfGit) {
  const ParsedDiff diff = Parse(
      "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n"
      "@@ -10,3 +10,4 @@ int main() {\n a\n-b\n+c\n+d\n e\n"
      "@@ -20 +21,0 @@\n-gone\n"
      "diff --git a/y.c b/z.c\nsimilarity index 100%\nrename from y.c\nrename to z.c\n");
  ASSERT_EQ(diff.files.size(), 2u);
  ASSERT_EQ(diff.hunks.size(), 2u);
  EXPECT_FALSE(diff.broken);
  EXPECT_EQ(diff.files[0].path, "x.c");
  EXPECT_EQ(diff.files[0].last_hunk, 2u);
  EXPECT_EQ(diff.files[1].path, "z.c");
  EXPECT_EQ(diff.files[1].old_path, "y.c");
  EXPECT_EQ(diff.hunks[0].heading, " int main() {");
  EXPECT_EQ(diff.hunks[0].header, 4u);
  EXPECT_EQ(diff.hunks[0].end, 10u);
  EXPECT_EQ(diff.hunks[0].added, 2u);
  EXPECT_EQ(diff.hunks[0].removed, 1u);
  EXPECT_EQ(diff.hunks[1].ranges[0].count, 1u);
  EXPECT_EQ(diff.hunks[1].result().count, 0u);
}

TEST(DiffHunksTest, CountsContentThatLooksLikeHeadersByTheHunk) {
  const ParsedDiff diff = Parse(
      "--- a/query.sql\n+++ b/query.sql\n"
      "@@ -1,3 +1,3 @@\n select 1;\n--- a/old comment\n+++ b/new comment\n @@ -1 +1 @@\n");
  ASSERT_EQ(diff.files.size(), 1u);
  ASSERT_EQ(diff.hunks.size(), 1u);
  EXPECT_EQ(diff.hunks[0].added, 1u);
  EXPECT_EQ(diff.hunks[0].removed, 1u);
}

TEST(DiffHunksTest, ReadsCombinedDiffs) {
  const ParsedDiff diff = Parse(
      "diff --cc m.c\nindex 1,2..3\n--- a/m.c\n+++ b/m.c\n"
      "@@@ -1,3 -1,3 +1,3 @@@ f\n  same\n- ours\n -theirs\n- both of one\n++merged\n+ from theirs\n");
  ASSERT_EQ(diff.hunks.size(), 1u);
  EXPECT_FALSE(diff.broken);
  EXPECT_EQ(diff.hunks[0].parents, 2u);
  EXPECT_EQ(diff.hunks[0].added, 2u);
  EXPECT_EQ(diff.hunks[0].removed, 3u);
}

TEST(DiffHunksTest, LeavesAloneWhatDoesNotHoldWhatItsHeaderSays) {
  EXPECT_TRUE(Parse("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n").broken);           // cut off
  EXPECT_TRUE(Parse("--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@\n-a\n-b\n+c\n").broken);       // one more than said
  EXPECT_TRUE(Parse("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\nnothing\n b\n").broken);  // another line
  EXPECT_TRUE(Parse("@@ -1,1 +1,1 @@\n-a\n+b\n").broken);                             // of no file
  EXPECT_TRUE(Parse("@@ -9999999999,1 +1,1 @@\n-a\n").hunks.empty());                 // ten digits
}

TEST(DiffHunksTest, TakesTheNoteOnAMissingNewlineWithItsHunk) {
  const ParsedDiff diff = Parse(
      "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n-- \n2.39\n");
  ASSERT_EQ(diff.hunks.size(), 1u);
  EXPECT_EQ(diff.hunks[0].end, 7u);
}

TEST(DiffHunksTest, FindsTheDataOfABinaryPatch) {
  const ParsedDiff diff = Parse(
      "diff --git a/l.png b/l.png\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZ?\n\nliteral 2\nJcmZ\n\n"
      "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
  ASSERT_EQ(diff.files.size(), 2u);
  EXPECT_EQ(diff.files[0].patch_begin, 3u);
  EXPECT_EQ(diff.files[0].patch_end, 9u);
}

TEST(DiffHunksTest, WritesHeadersAsGitDoes) {
  DiffHunk hunk;
  EXPECT_EQ(HunkHeader(hunk, {DiffRange{3, 1}, DiffRange{2, 0}}, " f()"), "@@ -3 +2,0 @@ f()");
  hunk.parents = 2;
  EXPECT_EQ(HunkHeader(hunk, {DiffRange{3, 1}, DiffRange{2, 5}, DiffRange{7, 4}}, ""), "@@@ -3 -2,5 +7,4 @@@");
}

}  // namespace
}  // namespace headroom::text
