#include "text/json_excerpt_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "text/gaps.h"
#include "text/json_spelling.h"
#include "text/line_text.h"
#include "text/relevance.h"
#include "text/row_signals.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

constexpr size_t kMaxTenths = 9;        // of the list's cost: for less than that its familiar form stays
constexpr size_t kMinObjectTenths = 9;  // of the elements of an array
constexpr size_t kMinEntries = 3;       // of a map
constexpr size_t kMinSeries = 32;       // numbers
constexpr size_t kMaxRows = 2'000'000;  // of one list: what is known of a row takes some 100 bytes
constexpr size_t kMaxPointBytes = 80;
constexpr size_t kCostBytes = 400;    // of a row that are looked at to see whether a gap pays
constexpr double kLabelShare = 0.04;  // of the bytes of a list that the names of its rows may take
constexpr size_t kMinOutlined = 400;  // bytes of a row, on average
constexpr size_t kMinOutlinedList = 2'000;
constexpr size_t kMinListed = 4;  // rows whose long texts are shortened to be surveyed

size_t CountObjects(const std::vector<Token>& values) {
  return static_cast<size_t>(
      std::count_if(values.begin(), values.end(), [](const Token& value) { return value.type == Type::kObject; }));
}

// Keeps rows in gaps that a mark would not pay for. A row of a table is written in about
// half the tokens of its JSON.
void CloseSmallGaps(const RowTable& table, RowSelection& selection) {
  std::vector<bool>& kept = selection.kept;
  for (size_t begin = 0; begin < kept.size();) {
    size_t end = begin;
    size_t saved = 0;
    for (; end < kept.size() && !kept[end]; ++end) {
      if (saved <= 2 * kGapMarkTokens) saved += 1 + EstimateTokens(table.rows[end].substr(0, kCostBytes)) / 2;
    }
    if (saved <= kGapMarkTokens + 2) {
      for (size_t i = begin; i < end; ++i) kept[i] = true;
    }
    begin = end + 1;
  }
  selection.count = static_cast<size_t>(std::count(kept.begin(), kept.end(), true));
}

// Numbers alone: the first and the last, what is far from the others, both sides of a step.
std::optional<RowSelection> SelectSeries(const RowTable& table, const ExcerptInput& in) {
  const size_t rows = table.rows.size();
  if (rows < kMinSeries || in.query.exhaustive()) return std::nullopt;
  RowSelection selection{FindRowSignals(table, in).kept, std::vector<bool>(rows), 0};
  for (size_t i = 0; i < rows; ++i) selection.kept[i] = selection.kept[i] || i < kFirstRows || i + kLastRows >= rows;
  return selection;
}

// A number, or a few: a point of a line on a map.
bool IsNumeric(const json::Document& document, const Token& value) {
  if (value.type != Type::kArray) return value.type == Type::kNumber;
  if (value.span.size() > kMaxPointBytes) return false;
  const std::vector<Token> elements = document.Elements(value);
  return !elements.empty() && std::all_of(elements.begin(), elements.end(),
                                          [](const Token& element) { return element.type == Type::kNumber; });
}

// The header of their table says all there is.
bool AreEqual(const json::Document& document, const std::vector<Token>& rows) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Token& row) { return document.Raw(row) == document.Raw(rows.front()); });
}

std::string_view UnitOf(TableForm form) {
  switch (form) {
    case TableForm::kMap:
      return " entries, ";
    case TableForm::kLines:
      return " JSON Lines, ";
    case TableForm::kArray:
      break;
  }
  return " rows, ";
}

}  // namespace

JsonExcerptWriter::JsonExcerptWriter(const json::Document& document, const ExcerptInput& in, const JsonAsked& asked,
                                     size_t nesting)
    : document_(document),
      in_(in),
      asked_(asked),
      deadline_(in.expired),
      effort_(kEffort * document.body().size()),
      nesting_(nesting),
      hits_(IsSearchTool(in.input)) {}

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
  const bool hits = std::exchange(hits_, hits_ || IsPageOfResults(members));
  std::vector<bool> written(members.size());  // as a part of the table of columns
  std::string table;
  if (const std::vector<ArrayColumn> columns = FindColumns(members); !columns.empty() && !whole_ && !counted_) {
    if (AppendColumns(members, columns, table)) {
      for (const ArrayColumn& column : columns) written[column.member] = true;
    }
  }
  char opening = '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (written[i] && table.empty()) continue;
    out.push_back(std::exchange(opening, ','));
    if (written[i]) {
      out.append(std::exchange(table, ""));
      continue;
    }
    out.append(document_.Raw(members[i].key)).push_back(':');
    Value(document_.Inside(members[i].key), members[i].value, out);
  }
  out.append(members.empty() ? "{}" : "}");
  hits_ = hits;
}

// "total": 479 or "next_offset": 120 beside the rows: of what was searched for.
bool JsonExcerptWriter::IsPageOfResults(const std::vector<Member>& members) const {
  static constexpr std::array<std::string_view, 12> kKeys = {
      "total",        "total_count", "totalCount",   "total_hits",  "totalHits",  "total_results",
      "totalResults", "num_results", "result_count", "next_offset", "nextOffset", "hits"};
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return std::find(kKeys.begin(), kKeys.end(), document_.Inside(member.key)) != kKeys.end();
  });
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
  if (rows.rows.size() < kMinTableRows || rows.rows.size() > kMaxRows) return choice;
  if (whole_ || deadline_.passed()) return choice;
  if (rows.rows.front().type == Type::kObject && rows.keys.empty() && AreEqual(document_, rows.rows)) return choice;
  const JsonRows json_rows(document_, rows.rows, rows.keys, deadline_);
  if (deadline_.passed()) return choice;
  const RowTable& table = json_rows.table();
  const bool numbers =
      std::all_of(rows.rows.begin(), rows.rows.end(), [&](const Token& row) { return IsNumeric(document_, row); });
  choice.selection = numbers ? SelectSeries(table, in_) : SelectRows(table, in_, hits_);
  if (!choice.selection.has_value()) return choice;
  CloseSmallGaps(table, *choice.selection);
  if (choice.selection->count == rows.rows.size()) {
    choice.selection.reset();
    return choice;
  }
  choice.omitted = DescribeOmittedRows(table, choice.selection->kept);
  if (!rows.keys.empty() || rows.rows.size() - choice.selection->count > JsonLabels::kMaxLabels) return choice;
  JsonLabels labels(document_, rows.rows);
  const double cost = static_cast<double>(labels.bytes()) / static_cast<double>(rows.whole.span.size());
  if (cost <= kLabelShare) choice.labels = std::move(labels);
  return choice;
}

// A few large objects of which the question names some: the others will be outlined.
std::vector<bool> JsonExcerptWriter::RowsToOutline(const Rows& rows) const {
  const size_t count = rows.rows.size();
  const size_t bytes = rows.whole.span.size();
  if (count < 2 || bytes < kMinOutlinedList || bytes / count < kMinOutlined || whole_ || in_.query.exhaustive())
    return {};
  if (CountObjects(rows.rows) < count || rows.form == TableForm::kLines) return {};
  std::vector<std::string_view> texts;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = rows.keys.empty() ? rows.rows[i].span.begin : rows.keys[i].span.begin;
    texts.push_back(document_.body().substr(begin, rows.rows[i].span.end - begin));
  }
  const Relevance relevance(asked_.question(), texts);
  std::vector<bool> outlined(count);
  for (size_t i = 0; i < count; ++i) outlined[i] = !relevance.named(i);
  const auto others = std::count(outlined.begin(), outlined.end(), true);
  if (others == 0 || static_cast<size_t>(others) == count) return {};
  return outlined;
}

void JsonExcerptWriter::AppendRows(const Rows& rows, std::string& out) {
  if (deadline_.passed()) return;
  if (effort_ < rows.whole.span.size()) {
    AppendMinified(document_.Raw(rows.whole), out);
    return;
  }
  effort_ -= rows.whole.span.size();
  Choice choice = Choose(rows);
  const bool counts = choice.selection.has_value() && !counted_;
  if (counts) {
    omitted_.rows += rows.rows.size();
    omitted_.kept_rows += choice.selection->count;
  } else if (!choice.selection.has_value()) {
    choice.outlined = RowsToOutline(rows);
  }
  const bool outer = std::exchange(counted_, counted_ || choice.selection.has_value());
  const bool listed = std::exchange(listed_, listed_ || rows.rows.size() >= kMinListed);
  const JsonOmitted counted = omitted_;
  std::string table;
  const bool made = AppendAsTable(rows, choice, table);
  const JsonOmitted by_table = std::exchange(omitted_, counted);
  std::string list;
  if (!deadline_.passed()) AppendList(rows, choice, list);
  counted_ = outer;
  listed_ = listed;
  if (made && EstimateQuarterTokens(table) * 10 <= EstimateQuarterTokens(list) * kMaxTenths) {
    omitted_ = by_table;
    out.append(table);
  } else {
    out.append(list);
  }
}

bool JsonExcerptWriter::AppendAsTable(const Rows& rows, const Choice& choice, std::string& out) {
  const size_t objects = CountObjects(rows.rows);
  if (objects < 2 || objects * 10 < rows.rows.size() * kMinObjectTenths || !choice.outlined.empty()) return false;
  TableGaps gaps{.kept = choice.kept(), .omitted = choice.omitted, .cutter = this};
  if (!choice.labels.empty()) gaps.note = [&](size_t begin, size_t end) { return choice.labels.Of(begin, end); };
  const bool whole = whole_;
  const auto* outer = std::exchange(asked_rows_, choice.asked());
  const bool made = AppendTable(document_, rows.rows, rows.keys, rows.form, deadline_, out, gaps);
  asked_rows_ = outer;
  whole_ = whole;
  return made && !deadline_.passed();
}

void JsonExcerptWriter::BeginRow(size_t row) { whole_ = asked_rows_ != nullptr && (*asked_rows_)[row]; }

std::string JsonExcerptWriter::RangeOf(const std::vector<Token>& values, size_t begin, size_t end) const {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::string_view lowest, highest;
  for (size_t i = begin; i < end; ++i) {
    if (values[i].type != Type::kNumber) return {};
    const std::string_view raw = document_.Raw(values[i]);
    double number = 0;
    if (std::from_chars(raw.data(), raw.data() + raw.size(), number).ec != std::errc()) return {};
    if (number < low) low = number, lowest = raw;
    if (number > high) high = number, highest = raw;
  }
  if (low >= high) return {};
  return std::string(lowest) + " to " + std::string(highest);
}

// The elements or members as JSON: on lines of their own with gaps between, or in one line.
void JsonExcerptWriter::AppendList(const Rows& rows, const Choice& choice, std::string& out) {
  const bool map = rows.form == TableForm::kMap;
  const bool gaps = choice.selection.has_value();
  const bool containers = std::any_of(rows.rows.begin(), rows.rows.end(), [](const Token& row) {
    return row.type == Type::kObject || row.type == Type::kArray;
  });
  const bool lines = (gaps && containers) || rows.form == TableForm::kLines;
  const bool brackets = rows.form != TableForm::kLines || gaps;
  if (brackets) out.push_back(map ? '{' : '[');
  if (gaps && lines) {
    const size_t kept = choice.selection->count;
    out.append(std::to_string(rows.rows.size())).append(UnitOf(rows.form)).append(std::to_string(kept));
    out.append(" shown as JSON");
    if (!choice.omitted.empty()) {
      out.append("; in the ").append(std::to_string(rows.rows.size() - kept)).append(" omitted: ");
      out.append(choice.omitted);
    }
    out.push_back('\n');
  }
  bool first = true;
  const auto separate = [&] {
    if (!std::exchange(first, false)) out.push_back(lines ? '\n' : ',');
  };
  const auto row = [&](size_t i) {
    separate();
    if (map) out.append(document_.Raw(rows.keys[i])).push_back(':');
    if (!choice.outlined.empty() && choice.outlined[i]) return AppendOutline(rows.rows[i], 0, out);
    const bool whole = std::exchange(whole_, whole_ || (choice.asked() != nullptr && (*choice.asked())[i]));
    Value(map ? document_.Inside(rows.keys[i]) : rows.key, rows.rows[i], out);
    whole_ = whole;
  };
  const auto gap = [&](size_t begin, size_t end) {
    separate();
    const std::string note = lines ? choice.labels.Of(begin - 1, end) : RangeOf(rows.rows, begin - 1, end);
    out.append(GapMark(lines ? "rows" : "elements", begin, end, note));
  };
  ForEachRow(choice.kept(), rows.rows.size(), row, gap);
  if (lines && brackets) out.push_back('\n');
  if (brackets) out.push_back(map ? '}' : ']');
}

}  // namespace headroom::text
