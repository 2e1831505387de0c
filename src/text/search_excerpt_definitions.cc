#include "text/search_excerpt_definitions.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxLine = 1024;

bool IsNameByte(char c) { return IsWordByte(c) || c == '$'; }

// Takes the name (or "a.b.c", of which the last part names) at the start of `text`.
std::string_view TakeName(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() &&
         (IsNameByte(text[end]) || (end > 0 && (text[end] == '.' || text[end] == ':' || text[end] == '#') &&
                                    end + 1 < text.size() && (IsNameByte(text[end + 1]) || text[end + 1] == ':'))))
    ++end;
  std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  const size_t last = name.find_last_of(".:#");
  return last == std::string_view::npos ? name : name.substr(last + 1);
}

std::string_view TakeWord(std::string_view& text) {
  text = Trim(text);
  size_t end = 0;
  while (end < text.size() && (IsNameByte(text[end]) || text[end] == '!' || (end == 0 && text[end] == '#'))) ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 31> kModifiers = {
    "export",   "default",  "public", "private",  "protected", "internal",    "static",    "final",
    "abstract", "async",    "pub",    "inline",   "virtual",   "override",    "unsafe",    "extern",
    "declare",  "readonly", "open",   "sealed",   "partial",   "suspend",     "constexpr", "local",
    "data",     "explicit", "friend", "template", "mutating",  "fileprivate", "typename"};
constexpr std::array<std::string_view, 34> kDefiners = {
    "def",      "class",     "function",  "fn",      "func",      "fun",          "type",    "struct",  "enum",
    "union",    "trait",     "interface", "module",  "namespace", "macro_rules!", "#define", "typedef", "object",
    "protocol", "extension", "record",    "sub",     "proc",      "defmodule",    "defp",    "defn",    "defun",
    "package",  "mod",       "macro",     "message", "service",   "rpc",          "concept"};
constexpr std::array<std::string_view, 7> kBinders = {"const", "let", "var", "val", "using", "my", "static"};
constexpr std::array<std::string_view, 20> kControl = {"if",     "for",    "while", "switch", "catch", "return", "else",
                                                       "elif",   "new",    "throw", "await",  "yield", "do",     "try",
                                                       "except", "typeof", "case",  "assert", "print", "delete"};

bool IsLiteral(std::string_view value) {
  value = Trim(value);
  if (value.empty()) return false;
  if (IsDigit(value[0]) || value[0] == '"' || value[0] == '\'' || value[0] == '`') return true;
  if (value[0] == '-' && value.size() > 1 && IsDigit(value[1])) return true;
  for (const std::string_view word : {"true", "false", "True", "False", "null", "nil", "None", "undefined"}) {
    if (value.starts_with(word) && (value.size() == word.size() || !IsNameByte(value[word.size()]))) return true;
  }
  return false;
}

bool IsNumber(std::string_view value) {
  value = Trim(value);
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && IsDigit(value[0]);
}

Definition ByValue(std::string_view name, std::string_view value) { return {name, true, IsNumber(value)}; }
Definition ByName(std::string_view name) { return {name, false, false}; }

// "name = 5", "name: true,", "a.name := "x"", "name = function(", "name = (a) =>": what is given to a name.
Definition GivenTo(std::string_view code) {
  std::string_view rest = code;
  if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) rest.remove_prefix(1);
  const std::string_view name = TakeName(rest);
  if (name.empty() || IsDigit(name[0])) return {};
  if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) rest.remove_prefix(1);
  rest = Trim(rest);
  // A type may stand between: "name: Type = value".
  if (rest.starts_with(':') && !rest.starts_with(":=") && !rest.starts_with("::")) {
    const std::string_view value = Trim(rest.substr(1));
    if (IsLiteral(value)) return ByValue(name, value);
    const size_t equals = value.find(" = ");
    if (value.starts_with("function") || value.starts_with("async ")) return ByName(name);
    if (equals == std::string_view::npos || equals >= 80) return {};
    const std::string_view given = value.substr(equals + 3);
    return IsLiteral(given) ? ByValue(name, given) : ByName(name);
  }
  if (rest.starts_with(":=")) rest.remove_prefix(1);
  if (!rest.starts_with('=') || rest.starts_with("==") || rest.starts_with("=>")) return {};
  const std::string_view value = Trim(rest.substr(1));
  if (IsLiteral(value)) return ByValue(name, value);
  const bool function = value.starts_with("function") || value.starts_with("async ") || value.starts_with("lambda") ||
                        value.starts_with("func(") || value.starts_with("class ") ||
                        (value.starts_with('(') && value.find("=>") != std::string_view::npos);
  if (function) return ByName(name);
  return {};
}

// What stands behind "var", "let", "const": a type may follow the name without a colon ("limit int = 5").
Definition Bound(std::string_view code) {
  if (const Definition given = GivenTo(code); !given.name.empty()) return given;
  std::string_view rest = code;
  const std::string_view name = TakeName(rest);
  const size_t equals = rest.find(" = ");
  if (name.empty() || equals == std::string_view::npos || equals > 40) return {};
  const std::string_view value = rest.substr(equals + 3);
  return IsLiteral(value) ? ByValue(name, value) : Definition{};
}

// "constructor(options) {", "int main(int argc)" at the margin: a function without a word that says so.
Definition FunctionByShape(std::string_view code, bool at_margin) {
  const size_t open = code.find('(');
  if (open == std::string_view::npos || open == 0) return {};
  size_t begin = open;
  while (begin > 0 && (IsNameByte(code[begin - 1]) || code[begin - 1] == '~')) --begin;
  const std::string_view name = code.substr(begin, open - begin);
  const std::string_view before = TrimRight(code.substr(0, begin));
  if (name.empty() || IsDigit(name[0]) || IsOneOf(kControl, name)) return {};
  std::string_view first_text = code;
  if (IsOneOf(kControl, TakeWord(first_text))) return {};
  if (code.find("=>") != std::string_view::npos || code.find("function") != std::string_view::npos) return {};
  const std::string_view end = TrimRight(code);
  const bool opens = end.ends_with('{') || end.ends_with("){}") || end.ends_with(") {}");
  if (before.empty()) return opens && !at_margin ? ByName(name) : Definition{};
  // Words of a return type in front, and no operator.
  const bool typed = std::all_of(before.begin(), before.end(), [](char c) {
    return IsNameByte(c) || std::string_view(" *&<>:,[]?~").find(c) != std::string_view::npos;
  });
  return typed && (opens || (at_margin && !end.ends_with(';'))) ? ByName(name) : Definition{};
}

}  // namespace

Definition DefinitionIn(std::string_view line) {
  line = line.substr(0, kMaxLine);
  const bool at_margin = !line.empty() && !IsBlank(line[0]);
  const std::string_view code = Trim(line);
  if (CodeLineKind(code) != CodeLine::kCode) return {};
  std::string_view rest = code;
  for (int words = 0; words < 6; ++words) {
    const std::string_view before = rest;
    std::string_view word = TakeWord(rest);
    if (word == "pub" && rest.starts_with('(')) rest.remove_prefix(std::min(rest.find(')'), rest.size() - 1) + 1);
    if (IsOneOf(kDefiners, word)) {
      rest = Trim(rest);
      if (rest.starts_with('*')) rest = Trim(rest.substr(1));  // function* name
      if (word == "func" && rest.starts_with('(')) {           // a receiver in front of the name
        const size_t close = rest.find(')');
        if (close == std::string_view::npos) return {};
        rest = Trim(rest.substr(close + 1));
      }
      const std::string_view name = TakeName(rest);
      if (!name.empty() && !IsDigit(name[0])) {
        const size_t end = rest.find_first_not_of(" \t");
        const bool macro = word == "#define" && end != std::string_view::npos && IsLiteral(rest.substr(end));
        return macro ? ByValue(name, rest.substr(end)) : ByName(name);
      }
      break;
    }
    if (word == "impl") {
      const size_t end = rest.find_last_not_of(" {");
      return ByName(Trim(rest.substr(0, end == std::string_view::npos ? 0 : end + 1)));
    }
    if (IsOneOf(kBinders, word) && word != "static") return Bound(Trim(rest));
    if (word.empty() || !IsOneOf(kModifiers, word)) {
      rest = before;
      break;
    }
  }
  if (const Definition given = GivenTo(Trim(rest)); !given.name.empty()) return given;
  return FunctionByShape(code, at_margin);
}

CodeLine CodeLineKind(std::string_view code) {
  code = Trim(code);
  static constexpr std::array<std::string_view, 9> kComments = {"//", "/*",   "* ",     "#:", "--",
                                                                ";;", "<!--", "\"\"\"", "*/"};
  for (const std::string_view mark : kComments) {
    if (code.starts_with(mark)) return CodeLine::kComment;
  }
  if (code.starts_with("# ") || code == "#" || code == "*") return CodeLine::kComment;
  static constexpr std::array<std::string_view, 6> kImports = {"import ",          "#include", "use ",
                                                               "using namespace ", "from ",    "require "};
  for (const std::string_view word : kImports) {
    if (code.starts_with(word)) return CodeLine::kImport;
  }
  const bool binds = code.starts_with("const ") || code.starts_with("var ") || code.starts_with("let ");
  if (binds && code.find("require(") != std::string_view::npos) return CodeLine::kImport;
  return code.starts_with("export * from") || code.starts_with("pub use ") ? CodeLine::kImport : CodeLine::kCode;
}

}  // namespace headroom::text
