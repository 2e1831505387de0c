// Objects of arrays of equal length, which are the columns of one table:
//
//   {"time":[1,2,...],"temp":[20.1,20.2,...],"unit":"C"}
//   {(300 rows, 4 shown, of the arrays time,temp; in the 296 omitted: temp: 19.8 to 21
//   1,20.1
//   2,20.2
//   ... rows 3-299 omitted ...
//   300,20
//   ),"unit":"C"}
//
// A row is what stands at one place of each array.

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "json/strings.h"
#include "text/gaps.h"
#include "text/json_excerpt_writer.h"
#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Member;
using json::Token;
using json::Type;

ValueType TypeOf(Type type) {
  switch (type) {
    case Type::kNumber:
      return ValueType::kNumber;
    case Type::kBool:
      return ValueType::kBool;
    case Type::kNull:
      return ValueType::kNull;
    default:
      return ValueType::kText;
  }
}

bool IsScalar(const Token& token) { return token.type != Type::kObject && token.type != Type::kArray; }

}  // namespace

std::vector<JsonExcerptWriter::ArrayColumn> JsonExcerptWriter::FindColumns(const std::vector<Member>& members) const {
  std::vector<ArrayColumn> columns;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].value.type != Type::kArray) continue;
    ArrayColumn column{i, document_.Elements(members[i].value)};
    if (column.values.size() < kMinTableRows || !std::all_of(column.values.begin(), column.values.end(), IsScalar)) {
      continue;
    }
    if (!columns.empty() && columns.front().values.size() != column.values.size()) return {};
    columns.push_back(std::move(column));
  }
  if (columns.size() < 2) columns.clear();
  return columns;
}

bool JsonExcerptWriter::AppendColumns(const std::vector<Member>& members, const std::vector<ArrayColumn>& columns,
                                      std::string& out) {
  const size_t rows = columns.front().values.size();
  std::deque<std::string> texts;
  RowTable table;
  for (size_t i = 0; i < rows && !deadline_.Spend(); ++i) {
    std::string& text = texts.emplace_back();
    for (const ArrayColumn& column : columns) {
      if (!text.empty()) text.push_back(',');
      text.append(document_.Raw(column.values[i]));
    }
    table.rows.push_back(text);
  }
  for (const ArrayColumn& column : columns) {
    RowColumn& named = table.columns.emplace_back();
    named.name = document_.Inside(members[column.member].key);
    for (uint32_t i = 0; i < table.rows.size(); ++i) {
      const Token& value = column.values[i];
      const std::string_view text = value.type == Type::kString ? document_.Inside(value) : document_.Raw(value);
      named.values.push_back({i, TypeOf(value.type), text});
    }
  }
  if (deadline_.passed()) return false;
  std::optional<RowSelection> selection = SelectRows(table, in_);
  if (!selection.has_value() || selection->count == rows) return false;
  omitted_.rows += rows;
  omitted_.kept_rows += selection->count;
  out.append("(").append(std::to_string(rows)).append(" rows, ").append(std::to_string(selection->count));
  out.append(" shown, of the arrays ");
  for (const RowColumn& column : table.columns) {
    if (&column != &table.columns.front()) out.push_back(',');
    AppendName(column.name, out);
  }
  const std::string omitted = DescribeOmittedRows(table, selection->kept);
  if (!omitted.empty()) {
    out.append("; in the ").append(std::to_string(rows - selection->count)).append(" omitted: ").append(omitted);
  }
  const auto row = [&](size_t i) {
    out.push_back('\n');
    for (const ArrayColumn& column : columns) {
      if (&column != &columns.front()) out.push_back(',');
      AppendCell(document_.Raw(column.values[i]), column.values[i].type, CellPlace::kRow, out);
    }
  };
  const auto gap = [&](size_t begin, size_t end) { out.append("\n").append(GapMark("rows", begin, end)); };
  ForEachRow(&selection->kept, rows, row, gap);
  out.append("\n)");
  return true;
}

}  // namespace headroom::text
