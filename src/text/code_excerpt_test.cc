// Folded code against its source: what stands in it are the source's lines, and
// every gap says which lines it stands for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/query.h"

namespace headroom::text {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Lines of a body, each like no other line: "    <before>41<after>".
std::string Body(std::string_view indent, std::string_view before, std::string_view after, int first, int count = 40) {
  std::string body;
  for (int i = first; i < first + count; ++i) {
    body.append(indent).append(before).append(std::to_string(i)).append(after).append("\n");
  }
  return body;
}

std::optional<Excerpt> Fold(std::string_view text, std::string_view question, std::string_view arguments,
                            std::string_view tool = "Bash", const Expired& expired = {}, bool opens_gaps = false) {
  Input input{.text = text, .tool_name = tool, .tool_arguments = arguments};
  input.opens_gaps = opens_gaps;
  input.question = question;
  input.gaps = input.fold_reads = true;
  const Query query(input);
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = expired};
  return ExcerptCode(in);
}

std::string FoldText(std::string_view text, std::string_view question, std::string_view arguments,
                     std::string_view tool = "Bash") {
  const std::optional<Excerpt> excerpt = Fold(text, question, arguments, tool);
  return excerpt.has_value() ? excerpt->text : "(whole)";
}

// With what may go where the model can open gaps.
std::string FoldOpening(std::string_view text, std::string_view question, std::string_view arguments) {
  const std::optional<Excerpt> excerpt = Fold(text, question, arguments, "Bash", {}, true);
  return excerpt.has_value() ? excerpt->text : "(whole)";
}

// The excerpt with the source's lines in place of each gap, where `first` is the number of the source's first line.
std::string Expand(const std::string& excerpt, std::string_view source, size_t first = 1) {
  static const re2::RE2 kMark(R"(\s*\.\.\. lines? (\d+)(?:-(\d+))? omitted(?: \([a-z ]+\))? \.\.\.)");
  const LineText kept = SplitLines(excerpt);
  const LineText all = SplitLines(source);
  LineText whole{.lines = {}, .ending = all.ending, .ends_with_newline = kept.ends_with_newline};
  for (const std::string_view line : kept.lines) {
    size_t begin = 0;
    std::string last;
    if (!re2::RE2::FullMatch(re2::StringPiece(line.data(), line.size()), kMark, &begin, &last)) {
      whole.lines.push_back(line);
      continue;
    }
    const size_t end = last.empty() ? begin : std::stoul(last);
    for (size_t number = begin; number <= end; ++number) whole.lines.push_back(all.lines.at(number - first));
  }
  return whole.Join();
}

struct LanguageCase {
  std::string name;
  std::string file;
  std::string source;             // with a function or method Beta to ask for
  std::vector<std::string> kept;  // besides Beta's body: signatures, constants, types
  std::string folded;             // a line that goes
};

LanguageCase Python() {
  return {"python",
          "retry.py",
          "import time\n\nLIMIT = 5  # tries\n\n\nclass Retry:\n    \"\"\"Retries a call.\n\n" +
              Body("    ", "Detail ", "", 10) +
              "    \"\"\"\n\n    name = 'retry'\n\n    @property\n    def alpha(self):\n" +
              "        \"\"\"First.\"\"\"\n" + Body("        ", "x = ", "", 100) + "\n    def Beta(self, times):\n" +
              Body("        ", "y = ", "", 200) +
              "        return helper(times)\n\n\ndef helper(times):\n    return times + 1\n\n\n" +
              "async def gamma(a,\n                b):\n" + Body("    ", "z = ", "", 300),
          {"import time", "LIMIT = 5", "class Retry:", "    name = 'retry'", "    @property",
           "    def alpha(self):", "        \"\"\"First.\"\"\"", "def helper(times):", "    return times + 1",
           "async def gamma(a,", "                b):"},
          "x = 105"};
}

LanguageCase Javascript(std::string name, std::string file) {
  return {name,
          file,
          "const path = require('path');\n\nconst LIMIT = 5;\n\nclass Retry {\n  alpha(times) {\n" +
              Body("    ", "x += ", ";", 100) + "  }\n\n  Beta(times) {\n" + Body("    ", "y += ", ";", 200) +
              "    return helper(times);\n  }\n}\n\nfunction helper(times) {\n  return times + LIMIT;\n}\n\n" +
              "exports.gamma = async (a) => {\n" + Body("  ", "z += ", ";", 300) + "};\n",
          {"const path = require('path');", "const LIMIT = 5;", "class Retry {", "  alpha(times) {",
           "function helper(times) {", "  return times + LIMIT;", "exports.gamma = async (a) => {"},
          "x += 105;"};
}

LanguageCase Go() {
  return {"go",
          "retry.go",
          "package retry\n\nimport \"time\"\n\nconst Limit = 5\n\ntype Retry struct {\n\tname string\n}\n\n" +
              std::string("func (r *Retry) Alpha(n int) int {\n") + Body("\t", "x := ", "", 100) +
              "\treturn x\n}\n\nfunc (r *Retry) Beta(n int) int {\n" + Body("\t", "y := ", "", 200) +
              "\treturn helper(n)\n}\n\nfunc helper(n int) int { return n + Limit }\n\nfunc Gamma() {\n" +
              Body("\t", "z := ", "", 300) + "}\n",
          {"package retry", "const Limit = 5", "type Retry struct {", "\tname string",
           "func (r *Retry) Alpha(n int) int {", "func helper(n int) int { return n + Limit }", "func Gamma() {"},
          "x := 105"};
}

LanguageCase Rust() {
  return {"rust",
          "retry.rs",
          "use std::io;\n\nconst LIMIT: u32 = 5;\n\npub struct Retry {\n    name: String,\n}\n\nimpl Retry {\n" +
              std::string("    #[inline]\n    pub fn alpha(&self) -> u32 {\n") + Body("        ", "x += ", ";", 100) +
              "        x\n    }\n\n    fn Beta<T>(&self, times: T) -> u32\n    where\n        T: Into<u32>,\n    {\n" +
              Body("        ", "y += ", ";", 200) +
              "        helper(y)\n    }\n}\n\nfn helper(n: u32) -> u32 {\n    n + LIMIT\n}\n\n" + "fn gamma() {\n" +
              Body("    ", "z += ", ";", 300) + "}\n",
          {"use std::io;", "const LIMIT: u32 = 5;", "pub struct Retry {", "    name: String,", "impl Retry {",
           "    #[inline]", "    pub fn alpha(&self) -> u32 {", "        T: Into<u32>,", "fn helper(n: u32) -> u32 {",
           "fn gamma() {"},
          "x += 105;"};
}

LanguageCase Java() {
  return {"java",
          "Retry.java",
          "package a.b;\n\nimport java.util.List;\n\npublic class Retry {\n    static final int LIMIT = 5;\n\n" +
              std::string("    public Retry(int n) {\n") + Body("        ", "x += ", ";", 100) +
              "    }\n\n    @Override\n    public int Beta(int n) throws Error {\n" +
              Body("        ", "y += ", ";", 200) +
              "        return helper(n);\n    }\n\n    int helper(int n) {\n        return n + LIMIT;\n    }\n\n    "
              "void gamma() {\n" +
              Body("        ", "z += ", ";", 300) + "    }\n}\n",
          {"import java.util.List;", "    static final int LIMIT = 5;", "    public Retry(int n) {", "    @Override",
           "    int helper(int n) {", "        return n + LIMIT;", "    void gamma() {"},
          "x += 105;"};
}

LanguageCase C() {
  return {
      "c",
      "retry.c",
      "#include <stdio.h>\n\n#define LIMIT 5\n\nstruct retry {\n    int times;\n};\n\nstatic int *alpha(int n)\n{\n" +
          Body("    ", "x += ", ";", 100) + "}\n\nint Beta(struct retry *r)\n{\n" + Body("    ", "y += ", ";", 200) +
          "    return helper(r);\n}\n\nstatic int helper(struct retry *r)\n{\n    return r->times + LIMIT;\n}\n\nvoid "
          "gamma(void) {\n" +
          Body("    ", "z += ", ";", 300) + "}\n",
      {"#include <stdio.h>", "#define LIMIT 5", "struct retry {", "    int times;", "static int *alpha(int n)",
       "static int helper(struct retry *r)", "    return r->times + LIMIT;", "void gamma(void) {"},
      "x += 105;"};
}

LanguageCase Cpp() {
  return {"cpp",
          "retry.h",
          "#pragma once\n\nnamespace net {\n\nconstexpr int kLimit = 5;\n\ntemplate <typename T>\nclass Retry {\n "
          "public:\n" +
              std::string("  explicit Retry(int n)\n      : times_(n) {\n") + Body("    ", "x += ", ";", 100) +
              "  }\n\n  int Beta(int n) const override {\n" + Body("    ", "y += ", ";", 200) +
              "    return helper(n);\n  }\n\n private:\n  int times_;\n};\n\ninline int helper(int n) { return n + "
              "kLimit; }\n\n" +
              "void Retry<int>::gamma() {\n" + Body("  ", "z += ", ";", 300) + "}\n\n}  // namespace net\n",
          {"constexpr int kLimit = 5;", "template <typename T>", "class Retry {", "  explicit Retry(int n)",
           "      : times_(n) {", "  int times_;", "inline int helper(int n) { return n + kLimit; }",
           "void Retry<int>::gamma() {"},
          "x += 105;"};
}

LanguageCase Ruby() {
  return {"ruby",
          "retry.rb",
          "require 'time'\n\nclass Retry\n  LIMIT = 5\n  attr_reader :name\n\n  def alpha(times)\n" +
              Body("    ", "x += ", "", 100) + "  end\n\n  def Beta(times)\n" + Body("    ", "y += ", "", 200) +
              "    helper(times)\n  end\n\n  def helper(times)\n    times + LIMIT\n  end\n\n  def self.gamma\n" +
              Body("    ", "z += ", "", 300) + "  end\nend\n",
          {"require 'time'", "class Retry", "  LIMIT = 5", "  attr_reader :name", "  def alpha(times)",
           "  def helper(times)", "    times + LIMIT", "  def self.gamma"},
          "x += 105"};
}

LanguageCase Php() {
  return {"php",
          "Retry.php",
          "<?php\nnamespace A;\n\nconst LIMIT = 5;\n\nclass Retry\n{\n    private $name = 'retry';\n\n    public "
          "function alpha($n)\n    {\n" +
              Body("        ", "$x += ", ";", 100) + "    }\n\n    public function Beta($n): int\n    {\n" +
              Body("        ", "$y += ", ";", 200) +
              "        return helper($n);\n    }\n}\n\nfunction helper($n)\n{\n    return $n + LIMIT;\n}\n\n" +
              "function gamma() {\n" + Body("    ", "$z += ", ";", 300) + "}\n",
          {"namespace A;", "const LIMIT = 5;", "class Retry", "    private $name = 'retry';",
           "    public function alpha($n)", "function helper($n)", "    return $n + LIMIT;", "function gamma() {"},
          "$x += 105;"};
}

LanguageCase CSharp() {
  return {"c_sharp",
          "Retry.cs",
          "using System;\n\nnamespace Net\n{\n    public class Retry\n    {\n        const int Limit = 5;\n\n        "
          "public Retry(int n)\n        {\n" +
              Body("            ", "x += ", ";", 100) + "        }\n\n        public int Beta(int n)\n        {\n" +
              Body("            ", "y += ", ";", 200) +
              "            return Helper(n);\n        }\n\n        int Helper(int n) => n + Limit;\n\n        async "
              "Task Gamma()\n        {\n" +
              Body("            ", "z += ", ";", 300) + "        }\n    }\n}\n",
          {"using System;", "    public class Retry", "        const int Limit = 5;", "        public Retry(int n)",
           "        int Helper(int n) => n + Limit;", "        async Task Gamma()"},
          "x += 105;"};
}

LanguageCase Bash() {
  return {"bash",
          "retry.sh",
          "#!/bin/bash\nset -e\nLIMIT=5\n\nalpha() {\n" + Body("  ", "echo x", "", 100) + "}\n\nfunction Beta {\n" +
              Body("  ", "echo y", "", 200) + "  helper\n}\n\nhelper() {\n  echo $LIMIT\n}\n\ngamma() {\n" +
              Body("  ", "echo z", "", 300) + "}\n\nalpha \"$@\"\n",
          {"set -e", "LIMIT=5", "alpha() {", "helper() {", "  echo $LIMIT", "gamma() {", "alpha \"$@\""},
          "echo x105"};
}

void PrintTo(const LanguageCase& language, std::ostream* out) { *out << language.name; }

std::vector<LanguageCase> Cases() {
  return {Python(),
          Javascript("javascript", "retry.js"),
          Javascript("typescript", "retry.ts"),
          Javascript("tsx", "retry.tsx"),
          Go(),
          Rust(),
          Java(),
          C(),
          Cpp(),
          Ruby(),
          Php(),
          CSharp(),
          Bash()};
}

std::string CatOf(const std::string& file) { return R"({"command": "cat src/)" + file + R"("})"; }

class CodeExcerptLanguageTest : public ::testing::TestWithParam<LanguageCase> {};

TEST_P(CodeExcerptLanguageTest, KeepsSignaturesAndTheNamedFunctionAndFoldsTheRest) {
  const LanguageCase& language = GetParam();
  const std::string folded = FoldText(language.source, "What does Beta() do?", CatOf(language.file));
  const LineText lines = SplitLines(folded);
  for (const std::string& kept : language.kept) {
    EXPECT_THAT(lines.lines, ::testing::Contains(::testing::StartsWith(kept))) << folded;
  }
  // Beta's forty lines.
  for (int i = 200; i < 240; ++i) EXPECT_THAT(folded, HasSubstr(std::to_string(i)));
  EXPECT_THAT(folded, Not(HasSubstr(language.folded)));
  EXPECT_EQ(Expand(folded, language.source), language.source);
}

TEST_P(CodeExcerptLanguageTest, RecognisesTheLanguageByItsContent) {
  const LanguageCase& language = GetParam();
  const std::string folded = FoldText(language.source, "What does Beta() do?", R"({"url": "x"})", "fetch");
  EXPECT_THAT(folded, Not(HasSubstr(language.folded)));
  EXPECT_EQ(Expand(folded, language.source), language.source);
}

TEST_P(CodeExcerptLanguageTest, FoldsAtEveryCutOfTheFileOrLeavesItWhole) {
  const LanguageCase& language = GetParam();
  const LineText lines = SplitLines(language.source);
  for (size_t begin = 0; begin < lines.lines.size(); begin += 7) {
    LineText part = lines;
    part.lines.erase(part.lines.begin(), part.lines.begin() + static_cast<ptrdiff_t>(begin));
    const std::string source = part.Join();
    const std::string folded = FoldText(source, "What does Beta() do?", CatOf(language.file));
    if (folded != "(whole)") {
      EXPECT_EQ(Expand(folded, source), source) << begin;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, CodeExcerptLanguageTest, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST(CodeExcerptTest, MarksEachBodyWithItsLinesAtItsIndentation) {
  const std::string source = "class Retry:\n    def alpha(self):\n" + Body("        ", "x = ", "", 100) +
                             "\n    def beta(self):\n" + Body("        ", "y = ", "", 200) + "\n\ndef gamma():\n" +
                             Body("    ", "z = ", "", 300);
  EXPECT_EQ(FoldText(source, "change alpha()", CatOf("a.py")),
            "class Retry:\n    def alpha(self):\n" + Body("        ", "x = ", "", 100) +
                "\n    def beta(self):\n        ... lines 45-84 omitted ...\n\n\ndef gamma():\n" +
                "    ... lines 88-127 omitted ...\n");
}

std::string TwoFunctions(int lines = 40) {
  return "def alpha():\n" + Body("    ", "x = ", " + a", 100, lines) + "\n\ndef beta():\n" +
         Body("    ", "y = ", " + b", 200, lines);
}

TEST(CodeExcerptTest, GivesTheFilesOwnNumbersForNumberedReads) {
  const std::string unnumbered = TwoFunctions(120);
  const LineText plain = SplitLines(unnumbered);
  for (const std::string separator : {"\xe2\x86\x92", "\t", " | ", ": "}) {
    std::string source;
    for (size_t i = 0; i < plain.lines.size(); ++i) {
      source += "   " + std::to_string(i + 120) + separator + std::string(plain.lines[i]) + "\n";
    }
    const std::string folded = FoldText(source, "alpha()", R"({"file_path": "a.py", "offset": 120})", "Read");
    EXPECT_THAT(folded, HasSubstr("def beta():\n    ... lines 244-363 omitted ...\n")) << separator;
    EXPECT_EQ(Expand(folded, source, 120), source) << separator;
  }
}

TEST(CodeExcerptTest, KeepsWhatStandsAroundNumberedLines) {
  const std::string unnumbered = TwoFunctions();
  const LineText plain = SplitLines(unnumbered);
  std::string source = "Here is the file:\n";
  for (size_t i = 0; i < plain.lines.size(); ++i) {
    source += std::to_string(i + 1) + "\t" + std::string(plain.lines[i]) + "\n";
  }
  source += "\n<system-reminder>\nMind the gap.\n</system-reminder>\n";
  const std::string folded = FoldText(source, "alpha()", R"({"file_path": "a.py"})", "Read");
  EXPECT_THAT(folded, ::testing::StartsWith("Here is the file:\n1\tdef alpha():\n"));
  EXPECT_THAT(folded, ::testing::EndsWith(
                          "    ... lines 45-84 omitted ...\n\n<system-reminder>\nMind the gap.\n</system-reminder>\n"));
}

TEST(CodeExcerptTest, NumbersTheLinesOfASedRangeAsTheFileDoes) {
  const std::string folded =
      FoldText(TwoFunctions(120), "alpha()", R"({"command": "cd src && sed -n '501,800p' a.py"})");
  EXPECT_THAT(folded, HasSubstr("    ... lines 625-744 omitted ...\n"));
  EXPECT_EQ(Expand(folded, TwoFunctions(120), 501), TwoFunctions(120));
}

TEST(CodeExcerptTest, SaysWhenLinesAreNotTheFilesOwn) {
  for (const std::string_view command : {"tail -90 a.py", "cat a.py b.py", "sed -n '5,9p;20,100p' a.py"}) {
    const std::string folded =
        FoldText(TwoFunctions(120), "alpha()", R"({"command": ")" + std::string(command) + "\"}");
    EXPECT_THAT(folded, HasSubstr("    ... lines 125-244 omitted (counted in this output) ...\n")) << command;
  }
}

TEST(CodeExcerptTest, LeavesARangeThatIsAskedForWhole) {
  const std::string_view range = R"({"command": "sed -n '501,600p' a.py"})";
  EXPECT_EQ(FoldText(TwoFunctions(98), "alpha()", range), "(whole)");  // 200 lines
  EXPECT_NE(FoldText(TwoFunctions(99), "alpha()", range), "(whole)");
}

TEST(CodeExcerptTest, CountsFromTheFilesFirstLineBehindAnEnvelope) {
  const std::string source = "Exit code: 0\nWall time: 0.1 seconds\nOutput:\n" + TwoFunctions();
  EXPECT_THAT(FoldText(source, "alpha()", CatOf("a.py")),
              ::testing::StartsWith("Exit code: 0\nWall time: 0.1 seconds\nOutput:\ndef alpha():\n"));
  EXPECT_THAT(FoldText(source, "alpha()", CatOf("a.py")), HasSubstr("def beta():\n    ... lines 45-84 omitted ...\n"));
  const std::string tagged = "<output>\n" + TwoFunctions() + "</output>\n";
  EXPECT_THAT(FoldText(tagged, "alpha()", CatOf("a.py")),
              ::testing::EndsWith("def beta():\n    ... lines 45-84 omitted ...\n</output>\n"));
}

TEST(CodeExcerptTest, CountsInTheOutputWhereTheFirstLineDoesNotParse) {
  const std::string tail = "        return x) + 1\n\n" + TwoFunctions() + TwoFunctions() + TwoFunctions();
  EXPECT_THAT(FoldText(tail, "alpha()", R"({"command": "sed -n '300,600p' a.py"})"),
              HasSubstr("    ... lines 47-86 omitted (counted in this output) ...\n"));
}

TEST(CodeExcerptTest, KeepsEveryMethodOfTheNameAskedFor) {
  std::string source;
  for (int i = 1; i <= 3; ++i) {
    source += "class C" + std::to_string(i) + ":\n    def run(self):\n" + Body("        ", "x = ", "", i * 1000, 20) +
              "    def stop(self):\n" + Body("        ", "y = ", "", i * 1000 + 500, 20);
  }
  const std::string folded = FoldText(source, "What does run() do?", CatOf("a.py"));
  for (const int line : {1000, 1019, 2000, 2019, 3000, 3019})
    EXPECT_THAT(folded, HasSubstr("x = " + std::to_string(line)));
  EXPECT_THAT(folded, Not(HasSubstr("y = ")));
  const std::string one = FoldText(source, "What does C2.run() do?", CatOf("a.py"));
  EXPECT_THAT(one, HasSubstr("x = 2010\n"));
  EXPECT_THAT(one, Not(HasSubstr("x = 1010\n")));
}

TEST(CodeExcerptTest, KeepsANamedClassWithWhatDerivesFromIt) {
  const std::string source = "class Columns(Table):\n    def text(self):\n" + Body("        ", "a = ", "", 100, 20) +
                             "\nclass IndexColumns(Columns):\n    def text(self):\n" +
                             Body("        ", "b = ", "", 200, 20) + "\nclass Other:\n    def text(self):\n" +
                             Body("        ", "c = ", "", 300, 90);
  const std::string folded = FoldText(source, "How does the `Columns` class work?", CatOf("a.py"));
  EXPECT_THAT(folded, HasSubstr("a = 110\n"));
  EXPECT_THAT(folded, HasSubstr("b = 210\n"));
  EXPECT_THAT(folded, Not(HasSubstr("c = 310\n")));
}

TEST(CodeExcerptTest, KeepsTheFunctionOnALineThatIsNamed) {
  EXPECT_THAT(FoldText(TwoFunctions(), "It fails at a.py:60", CatOf("a.py")), HasSubstr("y = 215 + b\n"));
  EXPECT_THAT(FoldText(TwoFunctions(), "File \"a.py\", line 60, in ?", CatOf("a.py")), Not(HasSubstr("x = 115")));
}

TEST(CodeExcerptTest, KeepsTheFunctionThatHoldsAQuotedMessage) {
  const std::string source = TwoFunctions() + "    raise Error('port out of range')\n";
  const std::string folded = FoldText(source, "Why do I see \"port out of range\"?", CatOf("a.py"));
  EXPECT_THAT(folded, HasSubstr("y = 215 + b\n"));
  EXPECT_THAT(folded, Not(HasSubstr("x = 115")));
}

TEST(CodeExcerptTest, KeepsTheFunctionThatUsesANameDefinedElsewhere) {
  const std::string source = TwoFunctions() + "    retry_policy.apply(y)\n";
  const std::string folded = FoldText(source, "Where does retry_policy come from?", CatOf("a.py"));
  EXPECT_THAT(folded, HasSubstr("y = 215 + b\n"));
  EXPECT_THAT(folded, Not(HasSubstr("x = 115")));
}

TEST(CodeExcerptTest, KeepsWhatTheQuestionDescribesWhereNothingIsNamed) {
  std::string source;
  for (const char* name : {"open_socket", "render_page", "parse_header", "load_config", "write_cache"}) {
    source +=
        "def " + std::string(name) + "(a):\n" + Body("    ", "x = ", "", static_cast<int>(source.size()), 30) + "\n\n";
  }
  const std::string folded = FoldText(source, "Why is parsing of headers slow?", CatOf("a.py"));
  const size_t begin = source.find("def parse_header");
  EXPECT_THAT(folded, HasSubstr(source.substr(begin, source.find("def load_config") - begin)));
  EXPECT_THAT(folded, HasSubstr("def render_page(a):\n    ... lines "));
}

TEST(CodeExcerptTest, FoldsTheCallbacksInsideAFunctionThatWrapsTheFile) {
  const std::string source = "(function (root) {\n  var LIMIT = 5;\n  function alpha() {\n" +
                             Body("    ", "x(", ");", 100, 90) + "  }\n  function beta() {\n" +
                             Body("    ", "y(", ");", 200, 30) + "  }\n  root.beta = beta;\n})(this);\n";
  const std::string folded = FoldText(source, "beta()", CatOf("a.js"));
  EXPECT_THAT(folded, HasSubstr("  function alpha() {\n    ... lines 4-93 omitted ...\n  }\n"));
  EXPECT_THAT(folded, HasSubstr("y(215);\n"));
  EXPECT_THAT(folded, HasSubstr("  var LIMIT = 5;\n"));
}

TEST(CodeExcerptTest, KeepsANamedFunctionInsideALongFunction) {
  const std::string source = "def outer():\n" + Body("    ", "x = ", "", 100, 60) + "    def inner():\n" +
                             Body("        ", "y = ", "", 200, 20) + Body("    ", "z = ", "", 300, 60);
  EXPECT_EQ(FoldText(source, "inner()", CatOf("a.py")),
            "def outer():\n    ... lines 2-61 omitted ...\n    def inner():\n" + Body("        ", "y = ", "", 200, 20) +
                "    ... lines 83-142 omitted ...\n");
}

TEST(CodeExcerptTest, LeavesWholeWhatDoesNotParse) {
  std::string broken =
      "def alpha(:\n" + Body("    ", "x = = ", "", 100, 60) + "def beta(]\n" + Body("  ", "y ) ", "", 200, 60);
  EXPECT_EQ(FoldText(broken, "alpha()", CatOf("a.py")), "(whole)");
  EXPECT_EQ(FoldText(Body("", "Words of prose, number ", ".", 100, 200), "alpha()", CatOf("a.py")), "(whole)");
}

// A file of a namespace with three functions of 100 rows each.
std::string Namespace() {
  return "BEGIN_NAMESPACE\n\nnamespace net {\n\nint Alpha(int a) {\n" + Body("  ", "x += ", ";", 100, 100) +
         "}\n\nEXPORT_API int Beta(int b) NOEXCEPT {\n" + Body("  ", "y += ", ";", 200, 100) +
         "}\n\nint Gamma(int c) {\n" + Body("  ", "z += ", ";", 300, 100) + "}\n\n}  // namespace net\n";
}

TEST(CodeExcerptTest, FoldsWhatParsesInAFileThatIsCutAtEitherEnd) {
  const std::string source = Namespace();
  const std::string head = source.substr(0, source.find("  z += 320"));
  const std::string folded = FoldText(head, "change Alpha()", R"({"command": "head -232 a.cc"})");
  EXPECT_EQ(Expand(folded, head), head);
  EXPECT_THAT(folded, HasSubstr("EXPORT_API int Beta(int b) NOEXCEPT {\n  ... lines 109-208 omitted ...\n}\n"));
  EXPECT_THAT(folded, HasSubstr("z += 310;"));  // its end is not in the text
  const std::string tail = source.substr(source.find("  x += 150"));
  const std::string rest = FoldText(tail, "change Beta()", R"({"command": "sed -n '56,999p' a.cc"})");
  EXPECT_EQ(Expand(rest, tail, 56), tail);
  EXPECT_THAT(rest, HasSubstr("x += 155;"));
  EXPECT_THAT(rest, HasSubstr("int Gamma(int c) {\n  ... lines 212-311 omitted ...\n}\n"));
}

TEST(CodeExcerptTest, FoldsNoBodyWithAnErrorInside) {
  std::string source = Namespace();
  source.insert(source.find("  z += 320"), "  if (broken ) ) {\n");
  const std::string folded = FoldText(source, "change Alpha()", CatOf("a.cc"));
  EXPECT_THAT(folded, HasSubstr("z += 310;"));
  EXPECT_THAT(folded, Not(HasSubstr("y += 210;")));
}

TEST(CodeExcerptTest, TakesNoTypeForAFunctionBecauseOfAMacroInItsHeader) {
  const std::string source = "#pragma once\n\nclass EXPORT_API Reader final : public Base {\n" +
                             Body("  ", "int field_", ";", 100) + "};\n\nint Beta(int b) {\n" +
                             Body("  ", "y += ", ";", 200) + "}\n";
  const std::string folded = FoldText(source, "what is a stream", CatOf("a.h"));
  EXPECT_THAT(folded, HasSubstr("int field_120;"));
  EXPECT_THAT(folded, HasSubstr("int Beta(int b) {\n  ... lines 47-86 omitted ...\n}\n"));
}

TEST(CodeExcerptTest, WhereTheModelOpensGapsOnlyTheOutlineStays) {
  const std::string source = Body("", "// Licence, line ", "", 500, 8) + "\nconst int kPrimes[] = {\n" +
                             Body("    ", "", ",", 600) + "};\n\nAlpha::Alpha(int a)\n    : base_(a) {\n" +
                             Body("  ", "x += ", ";", 100) + "}\n\nint Beta(int b) {\n" +
                             Body("  ", "y += ", ";", 200) + "}\n";
  EXPECT_EQ(FoldOpening(source, "what does Beta() do", CatOf("a.cc")),
            "// Licence, line 500\n... lines 2-8 omitted ...\n\nconst int kPrimes[] = {\n    600,\n    601,\n"
            "    ... lines 13-50 omitted ...\n};\n\nAlpha::Alpha(int a)\n    ... lines 54-96 omitted ...\n"
            "int Beta(int b) {\n" +
                Body("  ", "y += ", ";", 200) + "}\n");
  EXPECT_THAT(FoldText(source, "what does Beta() do", CatOf("a.cc")), HasSubstr("    620,"));
}

TEST(CodeExcerptTest, LeavesConfigurationAndUnknownFilesWhole) {
  for (const char* file : {"a.toml", "a.yaml", "a.kt", "Makefile.am", "a.html"}) {
    EXPECT_EQ(FoldText(TwoFunctions(), "alpha()", CatOf(file)), "(whole)") << file;
  }
}

TEST(CodeExcerptTest, LeavesShortFilesAndShortFunctionsWhole) {
  EXPECT_EQ(FoldText("def a():\n    return 1\n", "b()", CatOf("a.py")), "(whole)");
  std::string getters;
  for (int i = 0; i < 200; ++i) getters += "def get" + std::to_string(i) + "(a):\n    return a\n\n";
  EXPECT_EQ(FoldText(getters, "get7()", CatOf("a.py")), "(whole)");
}

TEST(CodeExcerptTest, LeavesTextWithMarksOfItsOwnWhole) {
  EXPECT_EQ(FoldText(TwoFunctions() + "# ... lines 3-9 omitted ...\n", "alpha()", CatOf("a.py")), "(whole)");
}

TEST(CodeExcerptTest, LeavesWholeWhatIsAskedForCompletely) {
  EXPECT_EQ(FoldText(TwoFunctions(), "Translate every line into Go", CatOf("a.py")), "(whole)");
  EXPECT_NE(FoldText(TwoFunctions(), "Translate every line of alpha() into Go", CatOf("a.py")), "(whole)");
}

TEST(CodeExcerptTest, CountsBytesNotCharacters) {
  const std::string source =
      "# \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x8e\x89\nNAME = '\xc3\xa9\xc3\xa9\xc3\xa9'\n" + TwoFunctions() +
      "\ndef \xc3\xa9t\xc3\xa9():\n" + Body("    ", "z = '\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d ", "'", 300, 30);
  const std::string folded = FoldText(source, "\xc3\xa9t\xc3\xa9()", CatOf("a.py"));
  EXPECT_THAT(folded, HasSubstr("def alpha():\n    ... lines 4-43 omitted ...\n"));
  EXPECT_THAT(folded, HasSubstr("\xd7\x9d 315'\n"));
  EXPECT_EQ(Expand(folded, source), source);
}

TEST(CodeExcerptTest, KeepsCarriageReturns) {
  std::string source;
  for (const char c : TwoFunctions()) source += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string folded = FoldText(source, "alpha()", CatOf("a.py"));
  EXPECT_THAT(folded, HasSubstr("def beta():\r\n    ... lines 45-84 omitted ...\r\n"));
  EXPECT_EQ(Expand(folded, source), source);
}

TEST(CodeExcerptTest, SaysHowManyLinesStay) {
  const std::optional<Excerpt> excerpt = Fold(TwoFunctions(), "alpha()", CatOf("a.py"));
  ASSERT_TRUE(excerpt.has_value());
  EXPECT_EQ(excerpt->omitted.total, 84u);
  EXPECT_EQ(excerpt->omitted.kept, 44u);
  EXPECT_EQ(excerpt->omitted.unit, "lines");
  EXPECT_EQ(excerpt->rule, "code_excerpt");
}

TEST(CodeExcerptTest, GivesUpAtTheDeadline) {
  EXPECT_FALSE(Fold(TwoFunctions(), "alpha()", CatOf("a.py"), "Bash", [] { return true; }).has_value());
}

TEST(CodeExcerptTest, BearsHostileInput) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "f(";
  std::string functions;
  for (int i = 0; i < 3000; ++i) functions += "function f() {\n";
  const std::string lines(1'000'000, '\n');
  const std::string one_line = "x = \"" + std::string(3 << 20, 'a') + "\"\n";
  for (const std::string& text :
       {deep, functions, lines, one_line, std::string(1 << 20, '{'), std::string(1 << 20, '\xff')}) {
    for (const char* file : {"a.py", "a.js", "a.cpp", "a.rb"}) {
      const std::string folded = FoldText(text, "f()", CatOf(file));
      if (folded != "(whole)") {
        EXPECT_EQ(Expand(folded, text), text);
      }
    }
  }
}

TEST(CodeExcerptTest, IsUsedForReadsOnlyWhenTheUserFoldsThem) {
  Input input{.text = {}, .tool_name = "Bash", .tool_arguments = R"({"command": "cat a.py"})"};
  const std::string source = TwoFunctions();
  input.text = source;
  input.question = "alpha()";
  input.gaps = true;
  EXPECT_FALSE(Compress(input).has_value());
  input.fold_reads = true;
  const std::optional<Rendition> rendition = Compress(input);
  ASSERT_TRUE(rendition.has_value());
  EXPECT_EQ(rendition->rule, "code_excerpt");
  EXPECT_THAT(rendition->text, HasSubstr("[84 lines compressed to 44. Retrieve more: hash="));
  const std::string once = rendition->text;
  input.text = once;
  EXPECT_FALSE(Compress(input).has_value());
}

}  // namespace
}  // namespace headroom::text
