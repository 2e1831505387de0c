// The values of a JSON document that JsonExcerptWriter shortens: long strings, lists in
// rows, and objects of which nothing is asked.

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "json/strings.h"
#include "text/gaps.h"
#include "text/json_excerpt_strings.h"
#include "text/json_excerpt_writer.h"
#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

constexpr size_t kMinBulk = 8;          // strings of a list in a row
constexpr size_t kHeadBytes = 40;       // that stay of an opaque string
constexpr size_t kLongHeadBytes = 300;  // of prose
constexpr size_t kSmallBytes = 60;      // of a nested value that an outline keeps
constexpr size_t kOutlineHead = 120;    // of a string in an outline
constexpr size_t kOutlineDepth = 1;     // objects in an outlined object whose keys are shown
constexpr size_t kMinNestedBytes = 400;
constexpr size_t kMaxNestedBytes = 4 << 20;

bool IsContainer(const Token& token) { return token.type == Type::kObject || token.type == Type::kArray; }

}  // namespace

bool JsonExcerptWriter::Cut(std::string_view key, const Token& value, size_t skip, std::string& out) {
  if (value.type == Type::kString) return CutString(key, value, skip, out);
  if (value.type == Type::kArray) return CutArray(key, value, out);
  return false;
}

bool JsonExcerptWriter::CutString(std::string_view key, const Token& value, size_t skip, std::string& out) {
  const std::string_view inside = document_.Inside(value);
  if (inside.size() < skip + kMinOpaqueBytes) return false;
  if (IsOpaque(inside.substr(skip))) {
    omitted_.bytes += AppendCutString(inside, skip, kHeadBytes, out);
    return true;
  }
  if (skip == 0 && CutNested(inside, out)) return true;
  if (inside.size() < skip + kMinLongBytes || whole_ || in_.query.exhaustive()) return false;
  if (!listed_ || hits_) return false;
  if (asked_.Key(key) || asked_.Text(inside)) return false;
  omitted_.bytes += AppendCutString(inside, skip, kLongHeadBytes, out);
  return true;
}

// A string that holds JSON, as the excerpt of that.
bool JsonExcerptWriter::CutNested(std::string_view inside, std::string& out) {
  if (nesting_ >= kMaxNesting || inside.size() < kMinNestedBytes || inside.size() > kMaxNestedBytes) return false;
  if (inside.front() != '{' && inside.front() != '[') return false;
  const std::optional<std::string> text = json::Unescape(inside);
  if (!text.has_value()) return false;
  const PaddedBytes body(*text);
  json::Document document;
  if (!document.Parse(body).ok() || !IsContainer(document.root())) return false;
  JsonExcerptWriter writer(document, in_, asked_, nesting_ + 1);
  std::string nested;
  if (!writer.Write(nested) || !writer.omitted().any()) return false;
  if (counted_) {
    omitted_.bytes += inside.size() - std::min(nested.size(), inside.size() - 1);
  } else {
    omitted_.Add(writer.omitted());
  }
  out.append("JSON in a string: ").append(nested);
  return true;
}

// A list in a row: numbers, strings, or values of any kind that can be chosen from.
bool JsonExcerptWriter::CutArray(std::string_view key, const Token& value, std::string& out) {
  if (value.span.size() < kMinOpaqueBytes || effort_ < value.span.size() || whole_) return false;
  const std::vector<Token> elements = document_.Elements(value);
  if (elements.size() < kMinBulk) return false;
  effort_ -= value.span.size();
  Choice choice = Choose({value, elements, {}, TableForm::kArray, key});
  // Addresses are of one kind; other strings of a list are things of their own.
  const bool strings = std::all_of(elements.begin(), elements.end(), [&](const Token& element) {
    return element.type == Type::kString && document_.Inside(element).find("://") != std::string_view::npos;
  });
  if (!choice.selection.has_value() && strings && !in_.query.exhaustive() && !asked_.Key(key) &&
      !asked_.Text(document_.Raw(value))) {
    choice.selection = RowSelection{std::vector<bool>(elements.size()), {}, kFirstRows + 1};
    std::fill_n(choice.selection->kept.begin(), kFirstRows, true);
    choice.selection->kept.back() = true;
  }
  if (!choice.selection.has_value()) return false;
  char opening = '[';
  const auto row = [&](size_t i) {
    out.push_back(std::exchange(opening, ','));
    AppendMinified(document_.Raw(elements[i]), out);
  };
  const auto gap = [&](size_t begin, size_t end) {
    out.push_back(std::exchange(opening, ','));
    out.append(GapMark("elements", begin, end, RangeOf(elements, begin - 1, end)));
    omitted_.bytes += elements[end - 1].span.end - elements[begin - 1].span.begin;
  };
  ForEachRow(choice.kept(), elements.size(), row, gap);
  out.push_back(']');
  return true;
}

// Keys and short values; lists of objects by their names.
void JsonExcerptWriter::AppendOutline(const Token& value, size_t depth, std::string& out) {
  if (deadline_.Spend()) return;
  if (!IsContainer(value) || value.span.size() <= kSmallBytes) {
    const std::string_view raw = document_.Raw(value);
    if (value.type != Type::kString || raw.size() <= 2 * kOutlineHead) return AppendMinified(raw, out);
    omitted_.bytes += AppendCutString(document_.Inside(value), 0, kOutlineHead, out);
    return;
  }
  if (value.type == Type::kArray) return AppendOutlineOfArray(value, out);
  const std::vector<Member> members = document_.Members(value);
  if (depth > kOutlineDepth) {
    out.append("{").append(GapMark("members", 1, members.size())).append("}");
    omitted_.bytes += value.span.size();
    return;
  }
  char opening = '{';
  for (const Member& member : members) {
    out.push_back(std::exchange(opening, ','));
    out.append(document_.Raw(member.key)).push_back(':');
    AppendOutline(member.value, depth + 1, out);
  }
  out.push_back('}');
}

void JsonExcerptWriter::AppendOutlineOfArray(const Token& array, std::string& out) {
  const std::vector<Token> elements = document_.Elements(array);
  size_t kept = 0;
  out.push_back('[');
  for (; kept < std::min(kFirstRows, elements.size()) && !IsContainer(elements[kept]); ++kept) {
    if (kept > 0) out.push_back(',');
    AppendOutline(elements[kept], kOutlineDepth, out);
  }
  if (kept < elements.size()) {
    if (kept > 0) out.push_back(',');
    const JsonLabels labels(document_, elements);
    out.append(GapMark("elements", kept + 1, elements.size(), labels.Of(kept, elements.size())));
    omitted_.bytes += elements.back().span.end - elements[kept].span.begin;
  }
  out.push_back(']');
}

}  // namespace headroom::text
