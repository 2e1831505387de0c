// What stands out in a text by itself, whatever is asked.
//
//   severity      ERROR, panic:, "failed: 3", but not "0 errors", "error: null"   severity.h
//   templates     lines that differ in numbers and names only; a rare one stands out   template_miner.h
//   outliers      numbers far from the median (median absolute deviation)
//   change points where the level of a series moves, clean steps included
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "text/severity.h"
#include "text/template_miner.h"

namespace headroom::text {

// Indices of values whose distance from the median is more than `deviations` times the
// scaled median absolute deviation (1.4826 MAD); with a MAD of 0, those that differ from a
// median that more than half of the values have. Values that are no finite numbers are passed
// over. Fewer than five values have none. Cost: O(n).
std::vector<size_t> Outliers(std::span<const double> values, double deviations = 5.0);

// First indices of a new level in a series: the five values from there on and the five before
// do not overlap, and are further apart than either side is wide. A clean step is one, a
// ramp, a lone spike and noise are none. Cost: O(n).
std::vector<size_t> ChangePoints(std::span<const double> values);

}  // namespace headroom::text
