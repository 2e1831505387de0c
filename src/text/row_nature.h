// Series, events or entities: how alike the rows of a table are.
//
//   {"t":1717259821,"cpu":41}, {"t":1717259851,"cpu":40}           series
//   {"ts":"...","msg":"job 4711 finished","trace":"67b538"}         events
//   {"name":"apt","version":"1.8.2","license":"GPL-2.0"}            entities
//
// Amounts of money make rows entities: a ledger has the shape of a series, but each of
// its lines counts. Thread-safe.

#pragma once

#include <cstdint>
#include <vector>

#include "text/row_selection.h"
#include "text/row_signals.h"

namespace headroom::text {

// What the rows of a table are to a reader, which says how much of them may be missing.
enum class RowNature : uint8_t {
  kEntities,  // payments, packages, flights, users: each row is another thing
  kEvents,    // lines of a log, messages of a few kinds: most are alike, but any may matter later
  kSeries,    // a value per minute, a health check: the next row says what the last one said
};

// `counts` are those of the columns of `table`. Cost: O(values), and at most 200 bytes of
// 2,000 texts of each column.
RowNature NatureOf(const RowTable& table, const std::vector<ValueCounts>& counts);

}  // namespace headroom::text
