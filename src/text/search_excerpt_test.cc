#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <string>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/search_excerpt_hits.h"

namespace headroom::text {
namespace {

std::optional<Excerpt> ExcerptOf(std::string_view text, std::string_view question, std::string_view arguments = "",
                                 double share = 0.3) {
  Input input{};
  input.text = text;
  input.question = question;
  input.tool_name = "Bash";
  input.tool_arguments = arguments;
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .share = share, .expired = never};
  return ExcerptSearch(in);
}

bool Holds(const std::optional<Excerpt>& excerpt, std::string_view line) {
  return excerpt && ("\n" + excerpt->text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

// Results of a made search: `files` files of up to 40 hits each, with context, flat or below headings.
std::string MakeResults(unsigned seed, size_t files, bool headed, bool context) {
  std::mt19937 random(seed);
  std::string text;
  for (size_t f = 0; f < files; ++f) {
    const std::string path = (f % 4 == 3 ? "test/case" : "src/part") + std::to_string(f) + "/file.cc";
    if (headed) text += (f > 0 ? "\n" : "") + path + "\n";
    size_t line = 1;
    for (size_t hit = 1 + random() % 40; hit-- > 0;) {
      line += 1 + random() % 40;
      const auto add = [&](char mark, std::string_view what) {
        if (!headed) text += path + mark;
        text += std::to_string(line++) + mark + "    " + std::string(what) + std::to_string(random() % 1000) +
                "(pool, timeout, other_argument);\n";
      };
      if (context) add('-', "before");
      add(':', random() % 9 == 0 ? "void define" : "use_the_pool");
      if (context) add('-', "after");
      if (context && hit > 0) text += "--\n";
    }
  }
  return text;
}

// Replays an excerpt: kept lines and gaps cover the source in order; a note counts the hits of its gap.
void ExpectCovers(const std::string& source, const Excerpt& excerpt) {
  const LineText from = SplitLines(source);
  const LineText to = SplitLines(excerpt.text);
  const std::optional<SearchLines> read = ReadSearchLines(from.lines);
  ASSERT_TRUE(read);
  size_t at = 0;
  size_t kept = 0;
  for (const std::string_view line : to.lines) {
    if (!ImitatesGapMarks(line)) {
      ASSERT_LT(at, from.lines.size());
      ASSERT_EQ(line, from.lines[at]);
      ++at;
      ++kept;
      continue;
    }
    size_t first = 0;
    size_t last = 0;
    if (std::sscanf(std::string(line).c_str(), "... lines %zu-%zu omitted", &first, &last) < 2) {
      ASSERT_EQ(std::sscanf(std::string(line).c_str(), "... line %zu omitted", &first), 1) << line;
      last = first;
    }
    ASSERT_EQ(first, at + 1) << line;
    std::map<std::string, size_t> hits;
    size_t all = 0;
    for (; at < last; ++at) {
      if (read->lines[at].kind != SearchLineKind::kMatch) continue;
      ++hits[std::string(read->files[read->lines[at].file])];
      ++all;
    }
    size_t said = 0;
    const size_t open = line.find('(');
    if (open == std::string_view::npos) continue;
    std::string note(line.substr(open + 1, line.rfind(')') - open - 1));
    for (size_t begin = 0; begin < note.size();) {
      const size_t end = std::min(note.find(", ", begin), note.size());
      const std::string part = note.substr(begin, end - begin);
      const size_t count = std::stoul(part);
      said += count;
      const size_t in = part.find(" in ");
      if (in != std::string::npos && !part.ends_with(" more files")) {
        EXPECT_EQ(hits[part.substr(in + 4)], count) << line;
      }
      begin = end + 2;
    }
    EXPECT_EQ(said, all) << line;
  }
  EXPECT_EQ(at, from.lines.size());
  EXPECT_EQ(excerpt.omitted.kept, kept);
  EXPECT_EQ(excerpt.omitted.total, from.lines.size());
}

TEST(SearchExcerptTest, CoversItsSourceAndCountsWhatItLeavesOut) {
  size_t excerpts = 0;
  for (unsigned seed = 0; seed < 80; ++seed) {
    const std::string text = MakeResults(seed, 2 + seed % 20, seed % 2 == 0, seed % 3 == 0);
    const auto excerpt = ExcerptOf(text, "How does define7 wait for the pool?", "", seed % 5 == 0 ? 0.1 : 0.3);
    if (!excerpt) continue;
    ++excerpts;
    ExpectCovers(text, *excerpt);
    EXPECT_EQ(ExcerptOf(text, "How does define7 wait for the pool?", "", seed % 5 == 0 ? 0.1 : 0.3)->text,
              excerpt->text);
    EXPECT_LT(EstimateTokens(excerpt->text), EstimateTokens(text));
  }
  EXPECT_GT(excerpts, 70u);
}

std::string Uses(const std::string& path, int from, int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += path + ":" + std::to_string(from + 9 * i) + ":    result = use_the_pool(argument, other, third);\n";
  return text;
}

TEST(SearchExcerptTest, KeepsTheDefinitionAndWhatIsNamed) {
  const std::string text = Uses("src/a.py", 10, 40) + "src/pool.py:7:def acquire_connection(pool, timeout):\n" +
                           Uses("src/pool.py", 20, 40) + "src/pool.py:900:    raise PoolError('pool ran dry')\n" +
                           Uses("src/z.py", 10, 40);
  const auto excerpt = ExcerptOf(text, "Where is acquire_connection, and what raises 'pool ran dry'?");
  EXPECT_TRUE(Holds(excerpt, "src/pool.py:7:def acquire_connection(pool, timeout):"));
  EXPECT_TRUE(Holds(excerpt, "src/pool.py:900:    raise PoolError('pool ran dry')"));
  // The first, the last, and one of each file.
  EXPECT_TRUE(excerpt->text.starts_with("src/a.py:10:"));
  EXPECT_NE(excerpt->text.find("\nsrc/z.py:361:"), std::string::npos);
  ExpectCovers(text, *excerpt);
}

TEST(SearchExcerptTest, FindsANumberThatIsAskedForByItsName) {
  const std::string text = Uses("src/a.js", 10, 60) + "src/defaults.js:12:  pool: 300,\n" + Uses("src/b.js", 10, 60);
  EXPECT_TRUE(Holds(ExcerptOf(text, "What is the limit of connections?", R"({"command":"grep -rn pool src"})"),
                    "src/defaults.js:12:  pool: 300,"));
}

TEST(SearchExcerptTest, LeavesNoUseOutWhereUsesAreAsked) {
  const std::string text = Uses("src/a.py", 10, 40) + Uses("src/b.py", 10, 40);
  EXPECT_FALSE(ExcerptOf(text, "Who calls use_the_pool?"));
  EXPECT_FALSE(ExcerptOf(text, "Where is use_the_pool used?"));
  EXPECT_FALSE(ExcerptOf(text, "Rename use_the_pool to take_from_pool"));
  EXPECT_FALSE(ExcerptOf(text, "List every line that mentions the pool"));
  // Asked of one file, the others are samples.
  const auto excerpt =
      ExcerptOf(Uses("src/a.py", 10, 200) + Uses("src/b.py", 10, 40), "Who calls use_the_pool in src/b.py?");
  for (int i = 0; i < 40; ++i)
    EXPECT_TRUE(Holds(
        excerpt, "src/b.py:" + std::to_string(10 + 9 * i) + ":    result = use_the_pool(argument, other, third);"));
  EXPECT_FALSE(Holds(excerpt, "src/a.py:1360:    result = use_the_pool(argument, other, third);"));
}

TEST(SearchExcerptTest, DropsContextFirst) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const std::string at = std::to_string(100 + 10 * i);
    text += "src/a.py-" + at + "-    before the call there is a long line of context that nobody asked for\n";
    text += "src/a.py:" + std::to_string(101 + 10 * i) + ":    result = use_the_pool(argument" + at + ")\n--\n";
  }
  const auto excerpt = ExcerptOf(text, "Who calls use_the_pool?");
  ASSERT_TRUE(excerpt);
  ExpectCovers(text, *excerpt);
  for (int i = 0; i < 60; ++i)
    EXPECT_NE(excerpt->text.find("src/a.py:" + std::to_string(101 + 10 * i) + ":"), std::string::npos);
  EXPECT_LT(excerpt->omitted.kept, 100u);
}

TEST(SearchExcerptTest, KeepsLinesThatAreNoHits) {
  const std::string text = "Found 3 files\n" + Uses("src/a.py", 10, 60) + "Binary file src/a.bin matches\n" +
                           Uses("src/b.py", 10, 60) + "grep: src/secret: Permission denied\n";
  const auto excerpt = ExcerptOf(text, "What does line 19 do?");
  ASSERT_TRUE(excerpt);
  for (const std::string_view line :
       {"Found 3 files", "Binary file src/a.bin matches", "grep: src/secret: Permission denied"})
    EXPECT_TRUE(Holds(excerpt, line)) << line;
  ExpectCovers(text, *excerpt);
}

TEST(SearchExcerptTest, KeepsWhatIsAskedAndWhatOrientsInListsOfPaths) {
  std::string text = "./README.md\n./LICENSE\n";
  for (int i = 0; i < 200; ++i) text += "./lib/helpers/part" + std::to_string(i) + ".js\n";
  text += "./lib/helpers/cookies.js\n";
  for (int i = 0; i < 200; ++i) text += "./test/unit/part" + std::to_string(i) + ".spec.js\n";
  const auto excerpt = ExcerptOf(text, "What is in cookies.js?");
  ASSERT_TRUE(excerpt);
  EXPECT_TRUE(Holds(excerpt, "./lib/helpers/cookies.js"));
  EXPECT_TRUE(Holds(excerpt, "./README.md"));
  EXPECT_TRUE(Holds(excerpt, "./LICENSE"));
  EXPECT_NE(excerpt->text.find(" in ./lib/helpers/) ..."), std::string::npos) << excerpt->text;
  EXPECT_LT(excerpt->text.size() * 2, text.size());
  EXPECT_FALSE(ExcerptOf(text, "List every file"));
  EXPECT_FALSE(ExcerptOf(text, "Please go on with the task"));
  EXPECT_FALSE(ExcerptOf(text, ""));
}

TEST(SearchExcerptTest, StandsHostileText) {
  std::string one = "src/a.c:1:" + std::string(10'000'000, 'x') + "\n";
  ExcerptOf(one + one + one, "Where is xx?");
  std::string many;
  for (int i = 0; i < 300'000; ++i) many += "a.c:1:x\n";
  const auto excerpt = ExcerptOf(many, "Where is y?");
  ASSERT_TRUE(excerpt);
  ExpectCovers(many, *excerpt);
  std::string files;
  for (int i = 0; i < 50'000; ++i) files += "f" + std::to_string(i) + ".c:1:x\n";
  const auto of_files = ExcerptOf(files, "Where is y?");
  ASSERT_TRUE(of_files);
  ExpectCovers(files, *of_files);
  ExcerptOf("a.c:1:\xff\xfe\na.c:2:\xe4\xbd\xa0\na.c:3:\n" + many.substr(0, 8000), "\xe4\xbd\xa0\xe5\xa5\xbd");
}

}  // namespace
}  // namespace headroom::text
