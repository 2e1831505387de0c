#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "text/diff_excerpt_hunks.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

std::optional<Excerpt> ExcerptOf(std::string_view text, std::string_view question, double share = 0.3) {
  Input input{};
  input.text = text;
  input.question = question;
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .share = share, .expired = never};
  return ExcerptDiff(in);
}

// One file before and after, and the diff between them, made from the edits and not by comparing.
struct MadeFile {
  std::vector<std::string> before;
  std::vector<std::string> after;
  std::string diff;
};

MadeFile MakeFile(const std::string& path, size_t hunks, std::mt19937& random) {
  MadeFile made;
  made.diff = "diff --git a/" + path + " b/" + path + "\nindex 1111111..2222222 100644\n--- a/" + path + "\n+++ b/" +
              path + "\n";
  const auto both = [&](const std::string& line) {
    made.before.push_back(line);
    made.after.push_back(line);
  };
  const auto line = [&](std::string_view what) {
    return "    " + std::string(what) + " " + std::to_string(random() % 100000) + " of " + path + " does its work;";
  };
  for (size_t h = 0; h < hunks; ++h) {
    for (size_t i = random() % 30; i-- > 0;) both(line("apart"));
    const size_t from_before = made.before.size();
    const size_t from_after = made.after.size();
    std::string body;
    size_t blocks = 1 + random() % 3;
    for (size_t block = 0; block < blocks; ++block) {
      for (size_t i = 1 + random() % 6; i-- > 0;) {
        both(i % 4 == 1 ? "void at_the_margin() {" : line("context"));
        body += " " + made.before.back() + "\n";
      }
      for (size_t i = random() % 20; i-- > 0;) {
        made.before.push_back(i == 0 ? "-- a/old " + path : line("old"));
        body += "-" + made.before.back() + "\n";
      }
      for (size_t i = 1 + random() % 20; i-- > 0;) {
        made.after.push_back(i == 0 ? "++ b/new " + path : line("new"));
        body += "+" + made.after.back() + "\n";
      }
    }
    const size_t removed = made.before.size() - from_before;
    const size_t added = made.after.size() - from_after;
    made.diff += "@@ -" + std::to_string(from_before + (removed > 0 ? 1 : 0)) + "," + std::to_string(removed) + " +" +
                 std::to_string(from_after + (added > 0 ? 1 : 0)) + "," + std::to_string(added) + " @@ void f" +
                 std::to_string(h) + "() {\n" + body;
  }
  return made;
}

// Replays an excerpt against its source: kept lines and gaps cover it in order and without a hole; a
// header that is not the source's stands for the source's or opens lines behind a gap.
void ExpectCovers(const std::string& source, const Excerpt& excerpt) {
  const LineText from = SplitLines(source);
  const LineText to = SplitLines(excerpt.text);
  size_t at = 0;
  size_t kept = 0;
  ASSERT_TRUE(to.lines.back().ends_with(" in the whole diff]"));
  for (size_t i = 0; i + 1 < to.lines.size(); ++i) {
    const std::string_view line = to.lines[i];
    if (at < from.lines.size() && line == from.lines[at]) {
      ++at;
      ++kept;
    } else if (ImitatesGapMarks(line)) {
      size_t first = 0;
      size_t last = 0;
      const int read = std::sscanf(std::string(line).c_str(), "... lines %zu-%zu omitted", &first, &last);
      if (read < 2) {
        ASSERT_EQ(std::sscanf(std::string(line).c_str(), "... line %zu omitted", &first), 1) << line;
        last = first;
      }
      ASSERT_EQ(first, at + 1) << line;
      at = last;
    } else {
      ASSERT_TRUE(line.starts_with("@@")) << line;
      if (from.lines[at].starts_with("@@")) {
        ++at;
        ++kept;
      }
    }
  }
  EXPECT_EQ(at, from.lines.size());
  EXPECT_EQ(excerpt.omitted.kept, kept);
  EXPECT_EQ(excerpt.omitted.total, from.lines.size());
}

// Each hunk of an excerpt says where its lines stand in the two states of the file.
void ExpectHolds(const Excerpt& excerpt, const std::map<std::string, MadeFile>& files) {
  const LineText lines = SplitLines(excerpt.text);
  const ParsedDiff diff = ParseDiff(lines.lines);
  EXPECT_FALSE(diff.broken);
  for (const DiffFile& file : diff.files) {
    const MadeFile& made = files.at(std::string(file.path));
    for (size_t h = file.first_hunk; h < file.last_hunk; ++h) {
      const DiffHunk& hunk = diff.hunks[h];
      size_t before = hunk.ranges[0].start - (hunk.ranges[0].count > 0 ? 1 : 0);
      size_t after = hunk.ranges[1].start - (hunk.ranges[1].count > 0 ? 1 : 0);
      for (size_t i = hunk.begin(); i < hunk.end; ++i) {
        const std::string_view text = lines.lines[i].substr(1);
        if (CountsFor(lines.lines[i], 1, 0)) {
          ASSERT_EQ(made.before.at(before++), text);
        }
        if (CountsFor(lines.lines[i], 1, 1)) {
          ASSERT_EQ(made.after.at(after++), text);
        }
      }
    }
  }
}

struct Made {
  std::map<std::string, MadeFile> files;
  std::string diff;
};

Made MakeDiff(unsigned seed, size_t files) {
  std::mt19937 random(seed);
  Made made;
  for (size_t i = 0; i < files; ++i) {
    const std::string path = "src/part" + std::to_string(i) + "/file" + std::to_string(i) + ".cc";
    MadeFile file = MakeFile(path, 1 + random() % 6, random);
    made.diff += file.diff;
    made.files.emplace(path, std::move(file));
  }
  return made;
}

TEST(DiffExcerptTest, CoversItsSourceAndHoldsWhatItsHeadersSay) {
  size_t excerpts = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    const Made made = MakeDiff(seed, 3 + seed % 7);
    const std::string question = seed % 3 == 0   ? "In file1.cc, what changes around line 40?"
                                 : seed % 3 == 1 ? "What happens in src/part2/file2.cc?"
                                                 : "Where is `does its work` of file0.cc, line 12?";
    const std::optional<Excerpt> excerpt = ExcerptOf(made.diff, question, seed % 2 == 0 ? 0.3 : 0.05);
    if (!excerpt) continue;
    ++excerpts;
    ExpectCovers(made.diff, *excerpt);
    ExpectHolds(*excerpt, made.files);
    EXPECT_EQ(ExcerptOf(made.diff, question, seed % 2 == 0 ? 0.3 : 0.05)->text, excerpt->text);
  }
  EXPECT_GT(excerpts, 50u);
}

TEST(DiffExcerptTest, KeepsEveryChangeOfTheHunkPointedAtAndALineOfEveryFile) {
  const Made made = MakeDiff(7, 8);
  const LineText lines = SplitLines(made.diff);
  const ParsedDiff diff = ParseDiff(lines.lines);
  const DiffFile& file = diff.files[5];
  const DiffHunk& hunk = diff.hunks[file.last_hunk - 1];
  const std::string question = "In " + std::string(file.path) + ", what exactly changes around line " +
                               std::to_string(hunk.result().start + 1) + "?";
  const std::optional<Excerpt> excerpt = ExcerptOf(made.diff, question);
  ASSERT_TRUE(excerpt);
  for (size_t i = hunk.begin(); i < hunk.end; ++i) {
    if (DiffLineKind(lines.lines[i], 1) == DiffLine::kContext) continue;
    EXPECT_NE(excerpt->text.find("\n" + std::string(lines.lines[i]) + "\n"), std::string::npos) << lines.lines[i];
  }
  const LineText kept = SplitLines(excerpt->text);
  const ParsedDiff read = ParseDiff(kept.lines);
  ASSERT_EQ(read.files.size(), 8u);
  for (const DiffFile& each : read.files) {
    size_t changes = 0;
    for (size_t h = each.first_hunk; h < each.last_hunk; ++h) changes += read.hunks[h].added + read.hunks[h].removed;
    EXPECT_GT(changes, 0u) << each.path;
  }
  EXPECT_LT(excerpt->text.size() * 2, made.diff.size());
}

TEST(DiffExcerptTest, CountsTheWholeDiffInItsLastLine) {
  const Made made = MakeDiff(11, 5);
  const LineText lines = SplitLines(made.diff);
  size_t added = 0;
  size_t removed = 0;
  size_t hunks = 0;
  for (const auto& [path, file] : made.files) {
    for (const std::string_view line : SplitLines(file.diff).lines) hunks += line.starts_with("@@ -") ? 1 : 0;
    added += file.after.size();
    removed += file.before.size();
  }
  // Lines that both states share stand in both sums; only the difference of the sums is known here.
  const std::optional<Excerpt> excerpt = ExcerptOf(made.diff, "In file1.cc, what changes around line 1?");
  ASSERT_TRUE(excerpt);
  size_t files_said = 0;
  size_t hunks_said = 0;
  size_t added_said = 0;
  size_t removed_said = 0;
  const std::string last(SplitLines(excerpt->text).lines.back());
  ASSERT_EQ(std::sscanf(last.c_str(), "[%zu files, %zu hunks, +%zu -%zu in the whole diff]", &files_said, &hunks_said,
                        &added_said, &removed_said),
            4)
      << last;
  EXPECT_EQ(files_said, 5u);
  EXPECT_EQ(hunks_said, hunks);
  EXPECT_EQ(added_said + removed, removed_said + added);
}

std::string Hunk(int line, std::string_view change) {
  const std::string at = std::to_string(line);
  std::string hunk = "@@ -" + at + ",7 +" + at + ",7 @@ function f" + at + "() {\n";
  for (int i = 0; i < 3; ++i) hunk += "   const before" + at + std::to_string(i) + " = compute(before, " + at + ");\n";
  hunk.append("-  const value = old_").append(change).append("(argument, other, third, fourth);\n");
  hunk.append("+  const value = new_").append(change).append("(argument, other, third, fourth);\n");
  for (int i = 0; i < 3; ++i) hunk += "   const after" + at + std::to_string(i) + " = compute(after, " + at + ");\n";
  return hunk;
}

std::string Head(const std::string& path) {
  return "diff --git a/" + path + " b/" + path + "\nindex 1..2 100644\n--- a/" + path + "\n+++ b/" + path + "\n";
}

std::string ManyHunks(const std::string& path, int count) {
  std::string text = Head(path);
  for (int i = 0; i < count; ++i) text += Hunk(10 + 20 * i, path.substr(0, 3) + "change" + std::to_string(i));
  return text;
}

TEST(DiffExcerptTest, KeepsEveryChangedLineOfSourceForAReview) {
  const std::string text = ManyHunks("src/a.js", 20) + ManyHunks("package-lock.json", 40);
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "Review this change before I merge it");
  ASSERT_TRUE(excerpt);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(excerpt->text.find("+  const value = new_srcchange" + std::to_string(i) + "("), std::string::npos);
  }
  EXPECT_NE(excerpt->text.find("diff --git a/package-lock.json"), std::string::npos);
  EXPECT_NE(excerpt->text.find(" omitted (40 hunks, +40 -40) ..."), std::string::npos) << excerpt->text;
}

TEST(DiffExcerptTest, LeavesNothingOutOfSourceWhereNothingIsAskedOrAllIs) {
  const std::string text = ManyHunks("src/a.js", 30);
  EXPECT_FALSE(ExcerptOf(text, ""));
  EXPECT_FALSE(ExcerptOf(text, "List every changed line of src/a.js"));
  std::string task = "Fix the bug in src/a.js around line 30. ";
  for (int i = 0; i < 40; ++i) task += "The report says more about it. ";
  EXPECT_FALSE(ExcerptOf(text, task));
}

TEST(DiffExcerptTest, ShowsAChangeOnceThatBuildsRepeat) {
  const auto build = [](const std::string& path) {
    std::string text = Head(path);
    for (int i = 0; i < 8; ++i) text += Hunk(10 + 20 * i, "change" + std::to_string(i));
    return text;
  };
  const std::optional<Excerpt> excerpt =
      ExcerptOf(build("lib/a.js") + build("esm/a.js") + build("umd/a.js"), "Review this change");
  ASSERT_TRUE(excerpt);
  EXPECT_NE(excerpt->text.find("(8 hunks, +8 -8, the same as in lib/a.js)"), std::string::npos) << excerpt->text;
  const size_t first = excerpt->text.find("+  const value = new_change3(");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(excerpt->text.find("+  const value = new_change3(", first + 1), std::string::npos);
}

TEST(DiffExcerptTest, KeepsHeadsRenamesModesAndMessages) {
  const std::string text =
      "commit 1f2e3d\nAuthor: A <a@b.c>\n\n    Fix it\n\n"
      "diff --git a/tool.sh b/tool.sh\nold mode 100644\nnew mode 100755\n"
      "diff --git a/old.js b/new.js\nsimilarity index 100%\nrename from old.js\nrename to new.js\n"
      "diff --git a/logo.png b/logo.png\nindex 1..2 100644\nBinary files a/logo.png and b/logo.png differ\n" +
      ManyHunks("src/a.js", 40) + "-- \n2.39.0\n";
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "In src/a.js, what changes around line 210?");
  ASSERT_TRUE(excerpt);
  EXPECT_TRUE(excerpt->text.starts_with(text.substr(0, text.find("@@ -"))));
  EXPECT_NE(excerpt->text.find("\n-- \n2.39.0\n"), std::string::npos);
  ExpectCovers(text, *excerpt);
}

TEST(DiffExcerptTest, CountsCombinedHunksAgain) {
  std::string text = "diff --cc m.c\nindex 1,2..3\n--- a/m.c\n+++ b/m.c\n";
  for (int i = 0; i < 20; ++i) {
    const std::string at = std::to_string(100 * i + 1);
    text += "@@@ -" + at + ",13 -" + at + ",13 +" + at + ",13 @@@ f\n";
    for (int k = 0; k < 6; ++k)
      text += "      int before = call_of_some_length(" + at + ", " + std::to_string(k) + ");\n";
    text += "- int ours" + at + " = call_of_some_length();\n -int theirs" + at +
            " = call_of_some_length();\n++int merged" + at + " = call_of_some_length();\n";
    for (int k = 0; k < 6; ++k)
      text += "      int after = call_of_some_length(" + at + ", " + std::to_string(k) + ");\n";
  }
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "What changes in m.c at line 507?");
  ASSERT_TRUE(excerpt);
  EXPECT_FALSE(ParseDiff(SplitLines(excerpt->text).lines).broken);
  EXPECT_NE(excerpt->text.find("@@@ -504,7 -504,7 +504,7 @@@ f\n"), std::string::npos) << excerpt->text;
  EXPECT_NE(excerpt->text.find("++int merged501 "), std::string::npos);
  ExpectCovers(text, *excerpt);
}

TEST(DiffExcerptTest, LeavesTheDataOfABinaryPatchOut) {
  std::string text = "diff --git a/l.png b/l.png\nindex 1..2\nGIT binary patch\nliteral 3000\n";
  for (int i = 0; i < 80; ++i)
    text += "zcmV;;0RR910RR910RR910RR910RR910RR910RR910RR910RR910RR91" + std::to_string(i) + "\n";
  text += "\n" + ManyHunks("src/a.js", 20);
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "Review this change");
  ASSERT_TRUE(excerpt);
  EXPECT_NE(excerpt->text.find("GIT binary patch\n... lines 4-85 omitted (binary data) ...\n"), std::string::npos);
}

TEST(DiffExcerptTest, SaysNoTotalsOfADiffThatIsCutOff) {
  std::string text = ManyHunks("src/a.js", 40);
  text.resize(text.rfind("+  const"));
  const std::optional<Excerpt> excerpt = ExcerptOf(text, "In src/a.js, what changes around line 210?");
  ASSERT_TRUE(excerpt);
  EXPECT_EQ(excerpt->text.find("in the whole diff"), std::string::npos);
  // What is left of the last hunk stays as it is.
  EXPECT_TRUE(excerpt->text.ends_with(text.substr(text.rfind("@@ -"))));
}

TEST(DiffExcerptTest, StandsHostileText) {
  const std::string deep = Head("x") + "@@ -1,1 +1,1 @@\n-" + std::string(10'000'000, 'a') + "\n+b\n";
  ExcerptOf(deep, "In x, line 1?");
  std::string headers;
  for (int i = 0; i < 200'000; ++i) headers += "@@ -1 +1 @@\n";
  EXPECT_FALSE(ExcerptOf("--- a/x\n+++ b/x\n" + headers, "In x, line 1?"));
  std::string files;
  for (int i = 0; i < 100'000; ++i) files += "diff --git a/x b/x\n";
  EXPECT_FALSE(ExcerptOf(files, "In x, line 1?"));
  std::string crlf = ManyHunks("src/a.js", 40);
  for (size_t at = 0; (at = crlf.find('\n', at)) != std::string::npos; at += 2) crlf.insert(at, "\r");
  const std::optional<Excerpt> excerpt = ExcerptOf(crlf, "In src/a.js, what changes around line 210?");
  ASSERT_TRUE(excerpt);
  ExpectCovers(crlf, *excerpt);
}

}  // namespace
}  // namespace headroom::text
