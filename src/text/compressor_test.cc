#include "text/compressor.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::text {
namespace {

Kind Detected(std::string_view text) { return DetectKind({text, "", ""}); }

std::string Repeated(std::string_view line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

TEST(DetectKindTest, TellsTheKindsApart) {
  EXPECT_EQ(Detected(R"([{"a":1},{"a":2}])"), Kind::kJson);
  EXPECT_EQ(Detected("  {\n  \"a\": 1\n}\n"), Kind::kJson);
  EXPECT_EQ(Detected("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n"), Kind::kDiff);
  EXPECT_EQ(Detected("src/a.c:12:int x;\nsrc/a.c:14:int y;\n"), Kind::kSearch);
  EXPECT_EQ(Detected("src/a.c\nsrc/b.c\nsrc/c.c\nlib/d.c\n"), Kind::kSearch);
  EXPECT_EQ(Detected("2026-01-02T10:00:00 start\n2026-01-02T10:00:01 stop\n"), Kind::kLog);
  EXPECT_EQ(Detected("[10:00:00] INFO a\n[10:00:01] WARN b\n"), Kind::kLog);
  EXPECT_EQ(Detected("import os\n\ndef f(x):\n    return x\n\nclass A:\n    def g(self):\n        return 1\n"),
            Kind::kCode);
  EXPECT_EQ(Detected("NAME   READY   AGE\na      1/1     5d\nb      1/1     6d\nc      0/1     7d\n"), Kind::kTable);
  EXPECT_EQ(Detected("\n<!DOCTYPE html>\n<html><body>x</body></html>"), Kind::kHtml);
  EXPECT_EQ(Detected("id,name,city\n1,a,b\n2,c,d\n3,e,f\n"), Kind::kTable);
}

TEST(DetectKindTest, ProseIsPlain) {
  EXPECT_EQ(Detected("We let the class import what it needs.\nReturn to the office by noon.\n"), Kind::kPlain);
  EXPECT_EQ(Detected(""), Kind::kPlain);
  EXPECT_EQ(Detected("\n\n"), Kind::kPlain);
}

TEST(DetectKindTest, BracketsAloneAreNoJson) {
  EXPECT_EQ(Detected("[INFO] a\n[INFO] b\n[INFO] c]"), Kind::kLog);
  EXPECT_EQ(Detected("{block} of words}"), Kind::kPlain);
  EXPECT_EQ(Detected("["), Kind::kPlain);
}

TEST(DetectKindTest, CompilersDoNotSearch) {
  EXPECT_EQ(Detected("src/a.c:12:5: error: x undeclared\nsrc/a.c:14:5: warning: y unused\n"), Kind::kLog);
}

TEST(DetectKindTest, ListsBeginningWithDashesAreNoDiff) {
  EXPECT_NE(Detected("- one\n- two\n- three\n- four\n- five\n"), Kind::kDiff);
}

TEST(DetectKindTest, EveryKindHasItsName) {
  EXPECT_EQ(KindName(Kind::kPlain), "plain");
  EXPECT_EQ(KindName(Kind::kJson), "json");
  EXPECT_EQ(KindName(Kind::kSearch), "search");
  EXPECT_EQ(KindName(Kind::kLog), "log");
  EXPECT_EQ(KindName(Kind::kDiff), "diff");
  EXPECT_EQ(KindName(Kind::kCode), "code");
  EXPECT_EQ(KindName(Kind::kTable), "table");
  EXPECT_EQ(KindName(Kind::kHtml), "html");
}

TEST(CompressTest, TakesTheRuleThatFitsTheContent) {
  const std::string search = Repeated("source/server/handler.cc:12:  return x;\n", 5);
  EXPECT_EQ(Compress({search, "Bash", R"({"command":"grep -rn x"})", true}).value().rule, "search_grouped");
  const std::string log = Repeated("waiting for the lock\n", 30);
  EXPECT_EQ(Compress({log, "Bash", R"({"command":"make"})"}).value().rule, "lines_folded");
}

TEST(CompressTest, LeavesProtectedReadsAlone) {
  const std::string text = Repeated("waiting for the lock\n", 30);
  EXPECT_FALSE(Compress({text, "Read", R"({"file_path":"a.py"})"}));
  EXPECT_FALSE(Compress({text, "Bash", R"({"command":"cat a.py"})"}));
}

TEST(CompressTest, GivesNothingWhereNothingIsSaved) {
  EXPECT_FALSE(Compress({"done\n", "Bash", ""}));
  EXPECT_FALSE(Compress({"", "Bash", ""}));
  EXPECT_FALSE(Compress({std::string(100, '\0'), "Bash", ""}));
  EXPECT_FALSE(Compress({Repeated("waiting for the lock\n", 30), "Bash", ""}, [] { return true; }));
}

TEST(CompressTest, NeverGivesEmptyText) { EXPECT_FALSE(Compress({"\x1b[0m\x1b[1m", "Bash", ""})); }

}  // namespace
}  // namespace headroom::text
