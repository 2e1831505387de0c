// Which rows of a table a question is about.
//
//   "the cheapest seat that arrives in SEA"    filter destination=SEA, lowest price
//   "orders above 2,500 or cancelled"          price > 2500, filter status=cancelled
//   "which payments failed, anything odd?"     asks for what stands out
//
// A filter keeps all of its rows, so that the answer can be found among them. A
// condition whose column is not found is said to be open: then any row may be
// the answer. Thread-compatible.

#pragma once

#include <string_view>
#include <vector>

#include "text/row_selection.h"
#include "text/row_signals.h"
#include "text/row_terms.h"

namespace headroom::text {

struct RowQuestion {
  std::vector<bool> kept;          // rows that are asked for
  bool singles_out = false;        // some rows are filtered on or wanted as extremes
  bool names = false;              // few rows have an id, a path, a number or a quoted string of the question
  bool asks_for_odd = false;       // what is unusual, unhealthy or stands out
  bool asks_for_failures = false;  // what failed, crashed, was denied
  bool open = false;               // a comparison, a span of time or a sum whose rows are not found here
  bool open_extreme = false;       // a superlative of no column here, a comparison of many rows
};

// `counts` are those of the columns of `table`, `terms` those of its rows.
RowQuestion ReadRowQuestion(const RowTable& table, const std::vector<ValueCounts>& counts, const RowTerms& terms,
                            const ExcerptInput& in);

}  // namespace headroom::text
