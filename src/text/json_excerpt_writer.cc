#include "text/json_excerpt_writer.h"

#include <algorithm>
#include <utility>

#include "json/strings.h"
#include "text/gaps.h"
#include "text/json_excerpt_strings.h"
#include "text/json_spelling.h"
#include "text/line_text.h"
#include "text/row_signals.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

constexpr size_t kMaxTenths = 9;        // of the list's cost: for less than that its familiar form stays
constexpr size_t kMinObjectTenths = 9;  // of the elements of an array
constexpr size_t kMinEntries = 3;       // of a map
constexpr size_t kMinSeries = 32;       // numbers, or ids
constexpr size_t kMinBulk = 8;          // strings of a list in a row
constexpr size_t kHeadBytes = 40;       // that stay of an opaque string
constexpr size_t kLongHeadBytes = 300;  // of prose
constexpr size_t kMinNestedBytes = 400;
constexpr size_t kMaxNestedBytes = 4 << 20;

bool IsContainer(const Token& token) { return token.type == Type::kObject || token.type == Type::kArray; }

size_t CountObjects(const std::vector<Token>& values) {
  return static_cast<size_t>(
      std::count_if(values.begin(), values.end(), [](const Token& value) { return value.type == Type::kObject; }));
}

// Keeps rows in gaps that a mark would not pay for. `cost` is about what a row of `bytes` is written in.
void CloseSmallGaps(const RowTable& table, RowSelection& selection) {
  std::vector<bool>& kept = selection.kept;
  for (size_t begin = 0; begin < kept.size();) {
    size_t end = begin;
    size_t saved = 0;
    for (; end < kept.size() && !kept[end]; ++end) {
      if (saved <= 2 * kGapMarkTokens) saved += 1 + EstimateTokens(table.rows[end].substr(0, 400)) / 2;
    }
    if (saved <= kGapMarkTokens + 2)
      std::fill(kept.begin() + static_cast<std::ptrdiff_t>(begin), kept.begin() + static_cast<std::ptrdiff_t>(end),
                true);
    begin = end + 1;
  }
  selection.count = static_cast<size_t>(std::count(kept.begin(), kept.end(), true));
}

// Numbers alone: the first and the last, what is far from the others, both sides of a step.
std::optional<RowSelection> SelectSeries(const RowTable& table, const ExcerptInput& in) {
  if (table.rows.size() < kMinSeries || in.query.exhaustive()) return std::nullopt;
  const RowSignals signals = FindRowSignals(table, in);
  RowSelection selection{signals.kept, {}, 0};
  const size_t rows = table.rows.size();
  for (size_t i = 0; i < rows; ++i) selection.kept[i] = selection.kept[i] || i < kFirstRows || i + kLastRows >= rows;
  selection.count = static_cast<size_t>(std::count(selection.kept.begin(), selection.kept.end(), true));
  return selection;
}

}  // namespace

JsonExcerptWriter::JsonExcerptWriter(const json::Document& document, const ExcerptInput& in, const JsonAsked& asked,
                                     size_t nesting)
    : document_(document),
      in_(in),
      asked_(asked),
      deadline_(in.expired),
      effort_(kEffort * document.body().size()),
      nesting_(nesting) {}

bool JsonExcerptWriter::Write(std::string& out) {
  Value("", document_.root(), out);
  return !deadline_.passed();
}

bool JsonExcerptWriter::WriteLines(std::string& out) {
  const std::vector<Token> lines = document_.Elements(document_.root());
  AppendRows({document_.root(), lines, {}, TableForm::kLines, ""}, out);
  return !deadline_.passed();
}

void JsonExcerptWriter::Value(std::string_view key, const Token& value, std::string& out) {
  if (deadline_.Spend()) return;
  switch (value.type) {
    case Type::kObject:
      return Object(key, value, out);
    case Type::kArray:
      return Array(key, value, out);
    case Type::kString:
      if (CutString(key, value, 0, out)) return;
      [[fallthrough]];
    default:
      out.append(document_.Raw(value));
  }
}

void JsonExcerptWriter::Object(std::string_view key, const Token& object, std::string& out) {
  const std::vector<Member> members = document_.Members(object);
  if (members.size() >= kMinEntries) {
    std::vector<Token> keys, values;
    for (const Member& member : members) {
      if (member.value.type != Type::kObject) break;
      keys.push_back(member.key);
      values.push_back(member.value);
    }
    if (values.size() == members.size()) return AppendRows({object, values, keys, TableForm::kMap, key}, out);
  }
  char opening = '{';
  for (const Member& member : members) {
    out.push_back(opening);
    opening = ',';
    out.append(document_.Raw(member.key));
    out.push_back(':');
    Value(document_.Inside(member.key), member.value, out);
  }
  out.append(members.empty() ? "{}" : "}");
}

void JsonExcerptWriter::Array(std::string_view key, const Token& array, std::string& out) {
  const std::vector<Token> elements = document_.Elements(array);
  if (elements.empty()) {
    out.append("[]");
    return;
  }
  AppendRows({array, elements, {}, TableForm::kArray, key}, out);
}

JsonExcerptWriter::Choice JsonExcerptWriter::Choose(const Rows& rows) {
  Choice choice;
  if (rows.rows.size() < kMinTableRows || deadline_.passed()) return choice;
  const JsonRows json_rows(document_, rows.rows, rows.keys, deadline_);
  if (deadline_.passed()) return choice;
  const RowTable& table = json_rows.table();
  const bool numbers =
      std::all_of(rows.rows.begin(), rows.rows.end(), [](const Token& row) { return row.type == Type::kNumber; });
  choice.selection = numbers ? SelectSeries(table, in_) : SelectRows(table, in_);
  if (!choice.selection.has_value()) return choice;
  CloseSmallGaps(table, *choice.selection);
  if (choice.selection->count == rows.rows.size()) {
    choice.selection.reset();
    return choice;
  }
  choice.omitted = DescribeOmittedRows(table, choice.selection->kept);
  return choice;
}

void JsonExcerptWriter::AppendRows(const Rows& rows, std::string& out) {
  if (deadline_.passed()) return;
  if (effort_ < rows.whole.span.size()) {
    AppendMinified(document_.Raw(rows.whole), out);
    return;
  }
  effort_ -= rows.whole.span.size();
  const Choice choice = Choose(rows);
  if (choice.selection.has_value()) {
    omitted_.rows += rows.rows.size();
    omitted_.kept_rows += choice.selection->count;
  }
  const JsonOmitted counted = omitted_;
  std::string table;
  const size_t objects = CountObjects(rows.rows);
  const bool tabular =
      objects > 1 && objects * 10 >= rows.rows.size() * kMinObjectTenths &&
      AppendTable(document_, rows.rows, rows.keys, rows.form, deadline_, table, {choice.kept(), choice.omitted, this});
  if (deadline_.passed()) return;
  const JsonOmitted by_table = omitted_;
  omitted_ = counted;
  std::string list;
  AppendList(rows, choice, list);
  if (tabular && EstimateQuarterTokens(table) * 10 <= EstimateQuarterTokens(list) * kMaxTenths) {
    omitted_ = by_table;
    out.append(table);
  } else {
    out.append(list);
  }
}

// The elements or members as JSON: on lines of their own with gaps between, or in one line.
void JsonExcerptWriter::AppendList(const Rows& rows, const Choice& choice, std::string& out) {
  const bool map = rows.form == TableForm::kMap;
  const bool gaps = choice.selection.has_value();
  const bool lines =
      (gaps && std::any_of(rows.rows.begin(), rows.rows.end(), IsContainer)) || rows.form == TableForm::kLines;
  const bool brackets = rows.form != TableForm::kLines || gaps;
  if (brackets) out.push_back(map ? '{' : '[');
  if (gaps && lines) {
    out.append(std::to_string(rows.rows.size()))
        .append(map                              ? " entries, "
                : rows.form == TableForm::kLines ? " JSON Lines, "
                                                 : " rows, ");
    out.append(std::to_string(choice.selection->count)).append(" shown as JSON");
    if (!choice.omitted.empty()) {
      out.append("; in the ").append(std::to_string(rows.rows.size() - choice.selection->count)).append(" omitted: ");
      out.append(choice.omitted);
    }
    out.push_back('\n');
  }
  bool first = true;
  const auto separate = [&] {
    if (!first) out.push_back(lines ? '\n' : ',');
    first = false;
  };
  ForEachRow(
      choice.kept(), rows.rows.size(),
      [&](size_t i) {
        separate();
        if (map) out.append(document_.Raw(rows.keys[i])).push_back(':');
        Value(map ? document_.Inside(rows.keys[i]) : rows.key, rows.rows[i], out);
      },
      [&](size_t begin, size_t end) {
        separate();
        const std::string_view note = lines ? std::string_view() : std::string_view(choice.omitted);
        out.append(GapMark(lines ? "rows" : "elements", begin, end, note));
      });
  if (lines && brackets) out.push_back('\n');
  if (brackets) out.push_back(map ? '}' : ']');
}

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
  if (inside.size() < skip + kMinLongBytes || in_.query.exhaustive()) return false;
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
  omitted_.rows += writer.omitted().rows;
  omitted_.kept_rows += writer.omitted().kept_rows;
  omitted_.bytes += writer.omitted().bytes;
  out.append("JSON in a string: ").append(nested);
  return true;
}

// A list in a row: numbers, strings, or values of any kind that can be chosen from.
bool JsonExcerptWriter::CutArray(std::string_view key, const Token& value, std::string& out) {
  if (value.span.size() < kMinOpaqueBytes || effort_ < value.span.size()) return false;
  const std::vector<Token> elements = document_.Elements(value);
  if (elements.size() < kMinBulk) return false;
  effort_ -= value.span.size();
  const Rows rows{value, elements, {}, TableForm::kArray, key};
  Choice choice = Choose(rows);
  const bool strings =
      std::all_of(elements.begin(), elements.end(), [](const Token& element) { return element.type == Type::kString; });
  if (!choice.selection.has_value() && strings && !in_.query.exhaustive() && !asked_.Key(key) &&
      !asked_.Text(document_.Raw(value))) {
    choice.selection = RowSelection{std::vector<bool>(elements.size()), {}, kFirstRows + 1};
    std::fill_n(choice.selection->kept.begin(), kFirstRows, true);
    choice.selection->kept.back() = true;
  }
  if (!choice.selection.has_value()) return false;
  omitted_.rows += elements.size();
  omitted_.kept_rows += choice.selection->count;
  char opening = '[';
  ForEachRow(
      choice.kept(), elements.size(),
      [&](size_t i) {
        out.push_back(std::exchange(opening, ','));
        AppendMinified(document_.Raw(elements[i]), out);
      },
      [&](size_t begin, size_t end) {
        out.push_back(std::exchange(opening, ','));
        out.append(GapMark("elements", begin, end, choice.omitted));
      });
  out.push_back(']');
  return true;
}

}  // namespace headroom::text
