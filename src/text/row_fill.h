// Rows that fill up what must stay, to a share of a table.
//
// In this order, as far as the room goes: rows that fit the question best; one row of each
// id that several rows have, so that no thread is lost; half of the room that is left from
// the top, where sources put what matters, and half in pieces spread evenly over the rest.
// Thread-safe.

#pragma once

#include <cstddef>
#include <vector>

#include "text/relevance.h"
#include "text/row_selection.h"

namespace headroom::text {

// Adds rows to `kept` until these have `bytes` of the table's rows, or about so.
// Cost: O(bytes of the rows).
void FillRows(const RowTable& table, const Relevance& relevance, size_t bytes, std::vector<bool>& kept);

// What the rows of the table have, and what those of them have that are kept.
size_t BytesOfRows(const RowTable& table);
size_t BytesOfRows(const RowTable& table, const std::vector<bool>& kept);

}  // namespace headroom::text
