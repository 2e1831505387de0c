#include "text/code_excerpt_minified.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <string>
#include <string_view>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/query.h"

namespace headroom::text {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Functions f<first>, f<first+1>, ... on one line.
std::string Functions(int first, int count) {
  std::string code;
  for (int i = first; i < first + count; ++i) {
    const std::string n = std::to_string(i);
    code += "function f" + n + "(n,t){return n===t?r[" + n + "]:e(n,{u:t,i:\"x" + n + "\"})}var o" + n + "=f" + n +
            "(1,2);";
  }
  return code;
}

std::string Cut(std::string_view text, std::string_view question) {
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = R"({"command": "cat a.min.js"})"};
  input.question = question;
  input.gaps = true;
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
  const std::optional<Excerpt> excerpt = ExcerptMinified(in);
  return excerpt.has_value() ? excerpt->text : "(whole)";
}

// The source again: pieces and the bytes and lines that the marks name.
std::string Expand(const std::string& excerpt, std::string_view source) {
  static const re2::RE2 kLines(R"(\.\.\. lines? (\d+)(?:-(\d+))? omitted \.\.\.)");
  static const re2::RE2 kBytes(R"(\.\.\. bytes? (\d+)(?:-(\d+))? omitted \(of line (\d+)\) \.\.\.)");
  const LineText all = SplitLines(source);
  LineText whole{.lines = {}, .ending = all.ending, .ends_with_newline = all.ends_with_newline};
  LineArena arena;
  size_t line = 0;  // being put together
  std::string open;
  const auto add = [&](std::string_view piece) {
    open += piece;
    if (open != all.lines.at(line)) return;
    whole.lines.push_back(arena.Keep(open));
    open.clear();
    ++line;
  };
  for (const std::string_view kept : SplitLines(excerpt).lines) {
    const re2::StringPiece text(kept.data(), kept.size());
    size_t begin = 0;
    size_t of = 0;
    std::string last;
    if (re2::RE2::FullMatch(text, kLines, &begin, &last)) {
      const size_t end = last.empty() ? begin : std::stoul(last);
      EXPECT_EQ(begin, line + 1);
      for (; begin <= end; ++begin) add(all.lines.at(begin - 1));
    } else if (re2::RE2::FullMatch(text, kBytes, &begin, &last, &of)) {
      const size_t end = last.empty() ? begin : std::stoul(last);
      EXPECT_EQ(of, line + 1);
      EXPECT_EQ(begin, open.size() + 1);
      add(all.lines.at(of - 1).substr(begin - 1, end + 1 - begin));
    } else {
      add(kept);
    }
  }
  return whole.Join();
}

TEST(CodeExcerptMinifiedTest, KeepsBannerVersionAndEnd) {
  const std::string source = "/*! tool | MIT */\n" + Functions(0, 300) + "n.VERSION=\"4.17.15\";" +
                             Functions(300, 300) + "}).call(this);\n//# sourceMappingURL=tool.js.map\n";
  const std::string cut = Cut(source, "Which release is this?");
  EXPECT_THAT(cut, ::testing::StartsWith("/*! tool | MIT */\n... bytes 1-"));
  EXPECT_THAT(cut, HasSubstr("n.VERSION=\"4.17.15\";"));
  EXPECT_THAT(cut, ::testing::EndsWith("//# sourceMappingURL=tool.js.map\n"));
  EXPECT_LT(cut.size(), source.size() / 10);
  EXPECT_EQ(Expand(cut, source), source);
}

TEST(CodeExcerptMinifiedTest, KeepsTheFunctionAskedFor) {
  const std::string source = Functions(0, 600);
  const std::string cut = Cut(source, "What does f417() return?");
  EXPECT_THAT(cut, HasSubstr("function f417(n,t){return n===t?r[417]:e(n,{u:t,i:\"x417\"})}"));
  EXPECT_THAT(cut, Not(HasSubstr("function f300(")));
  EXPECT_EQ(Expand(cut, source), source);
}

TEST(CodeExcerptMinifiedTest, NamesWholeLinesWhereLinesAreShortEnoughToBePieces) {
  std::string source = "/*! tool 1.0 */\n";
  for (int i = 0; i < 100; ++i) source += Functions(i * 6, 6) + "\n";
  const std::string cut = Cut(source, "f300()");
  EXPECT_THAT(cut, HasSubstr("... lines 2-"));
  EXPECT_EQ(Expand(cut, source), source);
}

TEST(CodeExcerptMinifiedTest, LeavesReadableCodeProseAndDataWhole) {
  std::string readable;
  for (int i = 0; i < 400; ++i) readable += Functions(i, 1) + "\n";
  EXPECT_EQ(Cut(readable, "f3()"), "(whole)");
  std::string prose;
  for (int i = 0; i < 600; ++i) prose += "A sentence of a long paragraph, number " + std::to_string(i) + ". ";
  EXPECT_EQ(Cut(prose, "f3()"), "(whole)");
  EXPECT_EQ(Cut(std::string(50'000, 'A'), "f3()"), "(whole)");
  EXPECT_EQ(Cut("[" + Functions(0, 300) + "]", "f3()"), "(whole)");
  std::string numbers = "var x=[";
  for (int i = 0; i < 5000; ++i) numbers += std::to_string(i * 7919) + ",";
  EXPECT_EQ(Cut(numbers + "0];", "f3()"), "(whole)");
}

TEST(CodeExcerptMinifiedTest, CutsBetweenCharacters) {
  std::string source;
  for (int i = 0; i < 400; ++i)
    source += "f(" + std::to_string(i) + ",{k:\"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\"});";
  const std::string cut = Cut(source, "where is 399?");
  ASSERT_NE(cut, "(whole)");
  for (const std::string_view line : SplitLines(cut).lines) {
    ASSERT_FALSE(line.empty());
    EXPECT_NE(static_cast<unsigned char>(line[0]) & 0xC0, 0x80);
  }
  EXPECT_EQ(Expand(cut, source), source);
}

TEST(CodeExcerptMinifiedTest, IsUsedForMinifiedFilesWithoutFoldingReads) {
  const std::string source = Functions(0, 600) + "n.version=\"1.2.3\"";
  Input input{.text = source, .tool_name = "Bash", .tool_arguments = R"({"command": "cat a.min.js"})"};
  input.question = "Which version?";
  input.gaps = true;
  const std::optional<Rendition> rendition = Compress(input);
  ASSERT_TRUE(rendition.has_value());
  EXPECT_EQ(rendition->rule, "minified_excerpt");
  EXPECT_THAT(rendition->text, HasSubstr("n.version=\"1.2.3\""));
}

}  // namespace
}  // namespace headroom::text
