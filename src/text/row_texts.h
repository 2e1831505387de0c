// Messages in the cells of a table: which are of one kind, and which of a kind say something
// that the others do not.
//
//   Took 19.05 seconds to spawn the instance      one kind, told by its words
//   Took 20.58 seconds to spawn the instance
//   Took 48.11 seconds to spawn the instance      its highest number
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/row_selection.h"

namespace headroom::text {

// What texts of one kind share: the words of the first 200 bytes without those that have
// digits. Paths and addresses count with their digits. Cost: O(1).
uint64_t TextKind(std::string_view text);

// Rows, ascending, with the lowest or the highest number, or one far from the others, at a
// place of a kind of messages that at least kMinOfKind rows have. Numbers that only rise
// from row to row are counters. Cost: O(values + bytes), O(n log n) for numbers.
inline constexpr size_t kMinOfKind = 4;
std::vector<uint32_t> RowsWithExtremeNumbers(const RowColumn& column);

// Words of a row that lead to other rows: UUIDs, request ids, hashes. Appends their hashes.
// Cost: O(bytes).
void AppendIds(std::string_view row, std::vector<uint64_t>& ids);

}  // namespace headroom::text
