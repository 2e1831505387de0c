// Which rows of a table must stay when others are left out.
//
// Rows of JSON arrays, of CSV, of aligned and drawn tables are given as columns
// of values; what a value says decides, not the form it came in:
//
//   row  id    status     amount
//   1    a17   succeeded  12.50     first three
//   ...
//   14   b02   failed     8.00      says error; named when the question has "b02"
//   66   c9e   succeeded  18450.0   outlier
//   80   d11   on_hold    9.10      a value that few rows have
//   180  e54   succeeded  11.00     last two
//
// Kept whatever the budget: error values, rare values of columns with few values,
// numeric outliers, the highest and lowest number in messages of a kind, the rows
// around a change of level, fields and types that few rows have, one row of each
// shape, the first three and the last two, rows that the question names or filters
// on, and the extremes it asks for. The rest fills up to the share (row_fill.h): of
// a series (row_nature.h) to a tenth, of results of a search to half.
//
// Counter-example: a list of users or orders in which each row is another thing
// and nothing is asked of one of them. No row is more important there: nothing
// is left out (SelectRows returns nothing). So it is for a question that wants
// all rows, or whose condition cannot be found in the columns.
//
// Cost: O(values + bytes) and O(n log n) for numbers. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/excerpt.h"

namespace headroom::text {

enum class ValueType : uint8_t { kText, kNumber, kBool, kNull, kNested };

struct RowValue {
  uint32_t row = 0;  // from 0
  ValueType type = ValueType::kText;
  std::string_view text;  // decoded or as it stands, without quotes; a number in JSON's form
};

// A row that lacks the column has no value; a row may have several (a list).
struct RowColumn {
  std::string name;              // as the source has it: "status", "items[].price"
  std::vector<RowValue> values;  // rows ascending
};

struct RowTable {
  std::vector<RowColumn> columns;
  std::vector<std::string_view> rows;  // the text of each row, for relevance and cost
};

struct RowSelection {
  std::vector<bool> kept;   // one per row
  std::vector<bool> asked;  // one per row: of the kept, those that are named, filtered on or tell of an error
  size_t count = 0;         // of kept rows
};

// Tables with fewer rows are never cut.
inline constexpr size_t kMinTableRows = 16;
inline constexpr size_t kFirstRows = 3;
inline constexpr size_t kLastRows = 2;

// True for a tool that searches, by its name or arguments: "search_logs", a "query". Cost: O(bytes).
bool IsSearchTool(const Input& input);

// Which rows to keep. `hits`: the text says that these are results of a search,
// of which about 8 KiB stay beside the share. Nothing where all should stay, or when late. Gaps that save less than
// their mark are not closed here: the caller knows what a row costs.
std::optional<RowSelection> SelectRows(const RowTable& table, const ExcerptInput& in, bool hits = false);

// What is left out, said in a line: counts per value of columns with few values,
// ranges of numbers. "status: succeeded (160), pending (8); amount: 0.5 to 240.1".
// "" where there is nothing short to say. Describes the rows not in `kept`, exactly.
std::string DescribeOmittedRows(const RowTable& table, const std::vector<bool>& kept);

}  // namespace headroom::text
