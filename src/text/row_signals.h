// What stands out in the rows of a table by itself, whatever is asked.
//
// Looked at column by column. A rule that would keep many rows of one column says
// little about each of them: then a few examples stand for it (kExamples).
// Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/row_selection.h"

namespace headroom::text {

// How often each value of a column occurs.
struct ValueCounts {
  std::unordered_map<std::string_view, uint32_t> counts;
  bool many = false;  // too many values to be few; counts is then incomplete
  size_t rows = 0;    // with a value that is not null
  size_t distinct() const { return counts.size(); }
};

// True for a column whose values are few beside its rows: a status, a type, a region.
bool IsCategory(const ValueCounts& counts);

ValueCounts CountValues(const RowColumn& column, size_t rows);

// The numbers of a column with their rows; empty where fewer than nine in ten of its values are numbers.
struct NumberColumn {
  std::vector<double> values;
  std::vector<uint32_t> rows;
  bool monotonous = false;  // never falls or never rises: a counter, a time
};
NumberColumn NumbersOf(const RowColumn& column);

struct RowSignals {
  std::vector<bool> kept;           // rows that stand out
  std::vector<bool> error_rows;     // of these, those with error values
  size_t errors = 0;                // rows with error values
  size_t others = 0;                // rows that stand out by anything else than errors or shape
  bool ranked = false;              // results in the order of a score that falls
  std::vector<ValueCounts> counts;  // of each column
};

RowSignals FindRowSignals(const RowTable& table, const ExcerptInput& in);

}  // namespace headroom::text
