// Whether a question wants all there is, so that whatever is left out could change the answer.
//
//   yes  "List all orders", "How many rows are there?", "Add up the amounts per account", "What
//        changed between these two listings?", "Turn this into a seating list", "列出所有订单"
//   no   "Which of all these failed?", "What is the reason for each failing test?", "every 5 minutes",
//        "How many seats are left?", "quantity and total of order 7"
//
// A quantifier alone says little: it counts with a verb that lists, sums, sorts or rewrites.
// All errors are no reason to keep all: AsksForEveryError tells of them.
//
// Thread-safe.

#pragma once

#include <string_view>

namespace headroom::text {

// English in some depth; set phrases of German, French, Spanish, Portuguese, Italian, Russian,
// Chinese, Japanese and Korean. Code in fences is skipped; of a long text (an issue, a
// pasted log) only both ends are read. Cost: O(bytes) of at most a few kilobytes.
bool AsksForAll(std::string_view question);

// Whether it wants every single error: "list all errors", "fix every warning". English only.
bool AsksForEveryError(std::string_view question);

}  // namespace headroom::text
