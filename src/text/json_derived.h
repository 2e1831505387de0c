// Columns that another column gives away.
//
// APIs repeat themselves: every row has an address and five more that begin
// with it, or a name twice. Such a column is said once, as what stands around
// the other column's string:
//
//   url=https://x.example/issues/1  labels_url=https://x.example/issues/1/labels
//   ->  computed: labels_url=url+"/labels"
//
// Counter-example: a number inside an address. "issues/7" says more than 7, and
// short strings contain each other by chance; only strings of kMinContained
// bytes or equal ones count.

#pragma once

#include <cstddef>
#include <vector>

#include "json/document.h"
#include "text/json_shape.h"

namespace headroom::text {

inline constexpr size_t kMinContained = 6;       // bytes
inline constexpr size_t kMaxSources = 32;        // columns that may give others away
inline constexpr size_t kMaxDerivedPairs = 256;  // looked at in all rows

// Marks columns of the planned `record` as derived where it holds in all
// `rows`, the objects the record was made of; marks none when the deadline has
// passed. Cost: O(columns * kMaxSources) for the first row, O(bytes) for the
// others if the first had any, and then only until the last candidate fell.
void FindDerivedColumns(const json::Document& document, const std::vector<json::Token>& rows, Deadline& deadline,
                        Shape& record);

}  // namespace headroom::text
