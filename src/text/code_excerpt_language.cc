#include "text/code_excerpt_language.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "text/line_text.h"

extern "C" {
const TSLanguage* tree_sitter_bash();
const TSLanguage* tree_sitter_c();
const TSLanguage* tree_sitter_c_sharp();
const TSLanguage* tree_sitter_cpp();
const TSLanguage* tree_sitter_go();
const TSLanguage* tree_sitter_java();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_php();
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_ruby();
const TSLanguage* tree_sitter_rust();
const TSLanguage* tree_sitter_tsx();
const TSLanguage* tree_sitter_typescript();
}

namespace headroom::text {
namespace {

enum Index { kBash, kC, kCSharp, kCpp, kGo, kJava, kJavascript, kPhp, kPython, kRuby, kRust, kTsx, kTypescript };

constexpr size_t kLanguages = 13;
constexpr size_t kMaxCandidates = 3;
constexpr size_t kSampleBytes = 16 * 1024;

// Node names over all grammars; a name means the same in each that has it.
constexpr std::string_view kFunctions[] = {"accessor_declaration",
                                           "anonymous_function",
                                           "arrow_function",
                                           "class_static_block",
                                           "closure_expression",
                                           "compact_constructor_declaration",
                                           "constructor_declaration",
                                           "conversion_operator_declaration",
                                           "destructor_declaration",
                                           "do_block",
                                           "func_literal",
                                           "function_declaration",
                                           "function_definition",
                                           "function_expression",
                                           "function_item",
                                           "generator_function",
                                           "generator_function_declaration",
                                           "lambda_expression",
                                           "local_function_statement",
                                           "method",
                                           "method_declaration",
                                           "method_definition",
                                           "operator_declaration",
                                           "property_hook",
                                           "singleton_method"};
constexpr std::string_view kTypes[] = {"abstract_class_declaration",
                                       "class",
                                       "class_declaration",
                                       "class_definition",
                                       "class_specifier",
                                       "enum_declaration",
                                       "enum_item",
                                       "enum_specifier",
                                       "impl_item",
                                       "interface_declaration",
                                       "record_declaration",
                                       "singleton_class",
                                       "struct_declaration",
                                       "struct_item",
                                       "struct_specifier",
                                       "trait_declaration",
                                       "trait_item",
                                       "type_alias_declaration",
                                       "type_spec",
                                       "union_item",
                                       "union_specifier"};
constexpr std::string_view kComments[] = {"comment", "line_comment", "block_comment"};
constexpr std::string_view kAttributes[] = {"attribute_item", "attribute_list", "decorator", "attribute_declaration"};
constexpr std::string_view kInitializers[] = {"field_initializer_list"};
constexpr std::string_view kTables[] = {"array",
                                        "array_creation_expression",
                                        "array_expression",
                                        "array_initializer",
                                        "dictionary",
                                        "hash",
                                        "initializer_list",
                                        "initializer_expression",
                                        "literal_value",
                                        "list",
                                        "object",
                                        "set",
                                        "tuple"};
constexpr std::string_view kWrappers[] = {
    "assignment",           "assignment_expression",   "decorated_definition", "export_statement",
    "expression_statement", "field_definition",        "lexical_declaration",  "pair",
    "template_declaration", "public_field_definition", "variable_declaration", "variable_declarator"};

bool IsOneOf(const auto& name, const auto& list) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

CodeRole RoleOf(std::string_view name) {
  if (IsOneOf(name, kFunctions)) return CodeRole::kFunction;
  if (IsOneOf(name, kTypes)) return CodeRole::kType;
  if (IsOneOf(name, kComments)) return CodeRole::kComment;
  if (IsOneOf(name, kAttributes)) return CodeRole::kAttribute;
  if (IsOneOf(name, kInitializers)) return CodeRole::kInitializers;
  if (IsOneOf(name, kTables)) return CodeRole::kTable;
  if (IsOneOf(name, kWrappers)) return CodeRole::kWrapper;
  return CodeRole::kOther;
}

CodeLanguage Load(std::string_view name, const TSLanguage* grammar) {
  CodeLanguage language{name, grammar, {}};
  language.has_docstrings = name == "python";
  const uint32_t symbols = ts_language_symbol_count(grammar);
  language.roles.resize(symbols);
  for (uint32_t i = 0; i < symbols; ++i) {
    const auto symbol = static_cast<TSSymbol>(i);
    // Keywords have symbols, too: "class" is one in every language.
    if (ts_language_symbol_type(grammar, symbol) != TSSymbolTypeRegular) continue;
    language.roles[i] = RoleOf(ts_language_symbol_name(grammar, symbol));
  }
  return language;
}

const CodeLanguage& Language(Index index) {
  static const std::array<CodeLanguage, kLanguages> kLoaded = {Load("bash", tree_sitter_bash()),
                                                               Load("c", tree_sitter_c()),
                                                               Load("c_sharp", tree_sitter_c_sharp()),
                                                               Load("cpp", tree_sitter_cpp()),
                                                               Load("go", tree_sitter_go()),
                                                               Load("java", tree_sitter_java()),
                                                               Load("javascript", tree_sitter_javascript()),
                                                               Load("php", tree_sitter_php()),
                                                               Load("python", tree_sitter_python()),
                                                               Load("ruby", tree_sitter_ruby()),
                                                               Load("rust", tree_sitter_rust()),
                                                               Load("tsx", tree_sitter_tsx()),
                                                               Load("typescript", tree_sitter_typescript())};
  return kLoaded[index];
}

using Candidates = std::vector<Index>;

struct Ending {
  std::string_view ending;
  Index language;
};
constexpr Ending kEndings[] = {{"py", kPython},
                               {"pyi", kPython},
                               {"pyw", kPython},
                               {"js", kJavascript},
                               {"mjs", kJavascript},
                               {"cjs", kJavascript},
                               {"jsx", kJavascript},
                               {"ts", kTypescript},
                               {"mts", kTypescript},
                               {"cts", kTypescript},
                               {"tsx", kTsx},
                               {"go", kGo},
                               {"rs", kRust},
                               {"java", kJava},
                               {"c", kC},
                               {"h", kC},
                               {"cc", kCpp},
                               {"cpp", kCpp},
                               {"cxx", kCpp},
                               {"hpp", kCpp},
                               {"hh", kCpp},
                               {"hxx", kCpp},
                               {"ipp", kCpp},
                               {"inl", kCpp},
                               {"tpp", kCpp},
                               {"rb", kRuby},
                               {"rake", kRuby},
                               {"gemspec", kRuby},
                               {"php", kPhp},
                               {"phtml", kPhp},
                               {"cs", kCSharp},
                               {"sh", kBash},
                               {"bash", kBash},
                               {"zsh", kBash}};

const Ending* FindEnding(std::string_view ending) {
  const std::string lower = LowerCase(ending.substr(0, 16));
  const auto found =
      std::find_if(std::begin(kEndings), std::end(kEndings), [&](const Ending& e) { return e.ending == lower; });
  return found == std::end(kEndings) ? nullptr : found;
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool Has(std::string_view text, std::string_view words) { return text.find(words) != std::string_view::npos; }

// Headers are of either language: what only C++ has decides which is tried first.
Candidates ForHeader(std::string_view sample) {
  const bool cpp = Has(sample, "namespace ") || Has(sample, "template") || Has(sample, "class ") || Has(sample, "::") ||
                   Has(sample, "public:");
  return cpp ? Candidates{kCpp, kC} : Candidates{kC, kCpp};
}

// A file by its name: nothing when the name does not say, `known` false when it has no ending.
Candidates ByName(std::string_view path, std::string_view sample, bool* known) {
  const std::string_view name = BaseName(path);
  const size_t dot = name.rfind('.');
  *known = dot != std::string_view::npos && dot > 0;
  if (!*known) {
    const bool ruby = name == "Rakefile" || name == "Gemfile" || name == "Vagrantfile";
    *known = ruby;
    return ruby ? Candidates{kRuby} : Candidates{};
  }
  const Ending* ending = FindEnding(name.substr(dot + 1));
  if (ending == nullptr) return {};
  if (ending->language == kC && ending->ending == "h") return ForHeader(sample);
  if (ending->language == kTypescript) return {kTypescript, kTsx};
  return {ending->language};
}

bool IsShebangOf(std::string_view sample, std::string_view program) {
  return sample.starts_with("#!") && Has(sample.substr(0, sample.find('\n')), program);
}

// How many of these stand at the start of a line, indented or not.
size_t CountStarts(const LineText& sample, const auto& starts) {
  size_t count = 0;
  for (const std::string_view line : sample.lines) {
    const std::string_view code = Trim(line);
    count += std::any_of(std::begin(starts), std::end(starts), [&](std::string_view s) { return code.starts_with(s); })
                 ? 1
                 : 0;
  }
  return count;
}

Candidates ByContent(std::string_view text) {
  const std::string_view sample = text.substr(0, kSampleBytes);
  if (IsShebangOf(sample, "python")) return {kPython};
  if (IsShebangOf(sample, "node")) return {kJavascript};
  if (IsShebangOf(sample, "ruby")) return {kRuby};
  if (IsShebangOf(sample, "sh")) return {kBash};
  if (Has(sample.substr(0, 256), "<?php")) return {kPhp};
  const LineText lines = SplitLines(sample);
  static constexpr std::string_view kPythonStarts[] = {"def ", "from ", "elif ", "async def ", "except", "@"};
  static constexpr std::string_view kScriptStarts[] = {"const ",         "let ",     "export ", "function ",
                                                       "async function", "import {", "var "};
  static constexpr std::string_view kTypedStarts[] = {"interface ", "export interface ", "type ",    "export type ",
                                                      "enum ",      "export enum ",      "private ", "readonly "};
  static constexpr std::string_view kGoStarts[] = {"func ", "package ", "type ", "defer ", "go func"};
  static constexpr std::string_view kRustStarts[] = {"fn ", "pub ", "impl", "use ", "let mut ", "mod ", "#["};
  static constexpr std::string_view kJavaStarts[] = {"import java", "package ",  "public class",
                                                     "private ",    "@Override", "public "};
  static constexpr std::string_view kCStarts[] = {"#include", "#define", "static ", "#ifdef", "#ifndef", "typedef "};
  static constexpr std::string_view kCppStarts[] = {"namespace ", "template", "class ", "using ", "public:", "std::"};
  static constexpr std::string_view kSharpStarts[] = {"using System", "namespace ", "public ", "private ", "internal "};
  static constexpr std::string_view kRubyStarts[] = {"end", "require ", "module ", "attr_", "def "};
  const size_t script = CountStarts(lines, kScriptStarts);
  const size_t typed = CountStarts(lines, kTypedStarts);
  const size_t c = CountStarts(lines, kCStarts);
  const size_t cpp = CountStarts(lines, kCppStarts);
  const bool colons = Has(sample, "):\n") || Has(sample, "else:\n");
  const bool sharp = Has(sample, "using System") || (Has(sample, "namespace ") && Has(sample, "get;"));
  std::vector<std::pair<size_t, Index>> scores = {
      {colons ? 2 * CountStarts(lines, kPythonStarts) : 0, kPython},
      {script > 0 ? script : 0, kJavascript},
      {script > 0 ? script + 2 * typed : 0, kTypescript},
      {Has(sample, "func ") ? 2 * CountStarts(lines, kGoStarts) : 0, kGo},
      {Has(sample, "fn ") ? 2 * CountStarts(lines, kRustStarts) : 0, kRust},
      {sharp ? 0 : CountStarts(lines, kJavaStarts), kJava},
      {Has(sample, "#include") ? c : 0, kC},
      {Has(sample, "#include") || Has(sample, "::") || Has(sample, "template") ? c + 2 * cpp : 0, kCpp},
      {sharp ? 2 * CountStarts(lines, kSharpStarts) : 0, kCSharp},
      {Has(sample, "\nend") && !colons ? 2 * CountStarts(lines, kRubyStarts) : 0, kRuby}};
  std::stable_sort(scores.begin(), scores.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Candidates candidates;
  for (const auto& [score, language] : scores) {
    if (score >= 3 && candidates.size() < kMaxCandidates) candidates.push_back(language);
  }
  return candidates;
}

}  // namespace

bool IsCodeEnding(std::string_view ending) { return FindEnding(ending) != nullptr; }

std::vector<const CodeLanguage*> CodeLanguagesOf(const std::vector<std::string>& files, std::string_view text,
                                                 bool* by_name) {
  Candidates candidates;
  bool any_known = false;
  for (const std::string& file : files) {
    bool known = false;
    for (const Index language : ByName(file, text.substr(0, kSampleBytes), &known)) {
      if (!IsOneOf(language, candidates) && candidates.size() < kMaxCandidates) candidates.push_back(language);
    }
    any_known = any_known || known;
  }
  *by_name = any_known;
  if (!any_known) candidates = ByContent(text);
  std::vector<const CodeLanguage*> languages;
  for (const Index index : candidates) languages.push_back(&Language(index));
  return languages;
}

}  // namespace headroom::text
