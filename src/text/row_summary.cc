// What the rows left out of a table have in common, in one line.

#include <algorithm>
#include <string_view>
#include <vector>

#include "text/row_selection.h"
#include "text/row_signals.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxValues = 4;  // of a column
constexpr size_t kMaxValueBytes = 40;
constexpr size_t kMaxColumns = 5;
constexpr size_t kMaxNameBytes = 60;
constexpr size_t kMinCounted = 3;   // rows per value, on average: a list of names is no summary
constexpr size_t kMinOmitted = 10;  // fewer are not summed up

bool IsPlainText(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

struct Counted {
  std::string_view value;
  size_t count = 0;
};

// The values of a column in the omitted rows, most frequent first. Nothing where there are many, where
// most rows have none, or where the whole column has only one.
std::vector<Counted> CountOmitted(const RowColumn& column, const std::vector<bool>& kept, size_t omitted) {
  std::vector<Counted> counted;
  bool varies = false;
  size_t all = 0;
  uint32_t last = UINT32_MAX;
  ValueType type = ValueType::kNull;
  for (const RowValue& value : column.values) {
    // "true" and true would be counted as one.
    if (type == ValueType::kNull) type = value.type;
    const bool mixed = value.type != type && value.type != ValueType::kNull;
    if (value.type == ValueType::kNested || value.row == last || mixed) return {};
    last = value.row;
    varies = varies || value.text != column.values.front().text;
    if (kept[value.row]) continue;
    ++all;
    const auto found =
        std::find_if(counted.begin(), counted.end(), [&](const Counted& one) { return one.value == value.text; });
    if (found != counted.end()) {
      ++found->count;
      continue;
    }
    if (counted.size() == kMaxValues || value.text.size() > kMaxValueBytes || !IsPlainText(value.text)) return {};
    counted.push_back({value.text, 1});
  }
  if (!varies || all * 2 < omitted || all < kMinCounted * counted.size()) return {};
  std::stable_sort(counted.begin(), counted.end(),
                   [](const Counted& a, const Counted& b) { return a.count > b.count; });
  return counted;
}

// "status: succeeded (160), pending (8)". More than two numbers are a range.
std::string DescribeValues(const RowColumn& column, const std::vector<bool>& kept, size_t omitted) {
  const std::vector<Counted> counted = CountOmitted(column, kept, omitted);
  const auto numbers = std::count_if(column.values.begin(), column.values.end(),
                                     [](const RowValue& value) { return value.type == ValueType::kNumber; });
  if (counted.empty() || (counted.size() > 2 && numbers > 0)) return {};
  std::string text = column.name + ":";
  for (size_t i = 0; i < counted.size(); ++i) {
    text.append(i > 0 ? ", " : " ").append(counted[i].value.empty() ? "\"\"" : counted[i].value);
    text.append(" (").append(std::to_string(counted[i].count)).append(")");
  }
  return text;
}

// "amount: 0.5 to 240.1", the numbers as they stand.
std::string DescribeRange(const RowColumn& column, const std::vector<bool>& kept, size_t omitted) {
  const NumberColumn numbers = NumbersOf(column);
  if (numbers.values.empty() || numbers.values.size() != column.values.size() || numbers.monotonous) return {};
  size_t low = SIZE_MAX, high = SIZE_MAX, all = 0;
  for (size_t i = 0; i < numbers.values.size(); ++i) {
    if (kept[numbers.rows[i]]) continue;
    ++all;
    if (low == SIZE_MAX || numbers.values[i] < numbers.values[low]) low = i;
    if (high == SIZE_MAX || numbers.values[i] > numbers.values[high]) high = i;
  }
  if (all * 2 < omitted || low == SIZE_MAX || numbers.values[low] == numbers.values[high]) return {};
  std::string text = column.name + ": ";
  return text.append(column.values[low].text).append(" to ").append(column.values[high].text);
}

}  // namespace

std::string DescribeOmittedRows(const RowTable& table, const std::vector<bool>& kept) {
  const auto omitted = static_cast<size_t>(std::count(kept.begin(), kept.end(), false));
  if (omitted < kMinOmitted) return {};
  std::string text;
  size_t columns = 0;
  for (const RowColumn& column : table.columns) {
    if (columns == kMaxColumns) break;
    if (column.name.size() > kMaxNameBytes || !IsPlainText(column.name)) continue;
    std::string one = DescribeValues(column, kept, omitted);
    if (one.empty()) one = DescribeRange(column, kept, omitted);
    if (one.empty()) continue;
    text.append(text.empty() ? "" : "; ").append(one);
    ++columns;
  }
  return text;
}

}  // namespace headroom::text
