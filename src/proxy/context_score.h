// How much each unit of a conversation is still worth, for dropping the least first.
//
//   score = .20 recency          e^(-0.1 * units from the end)
//         + .20 similarity       to the current task: cosine of TF-IDF vectors of hashed words, the best unit = 1
//         + .25 pattern          what was learnt of its tools; .5 where nothing was
//         + .15 errors           a failed call, lines that tell of errors
//         + .15 references       later messages of the user or the model that quote a path, an id or an
//                                identifier of it
//         + .05 density          distinct words among all
//
// The current task is the user's newest message and what was said and called in
// the last turns. All is computed here from the words; a word is a hash of 16 bits,
// so two may share a place. Beyond kMaxScoredBytes each text counts with its beginning.
//
// Deterministic. Cost: O(bytes); bench/context_bench. Thread-safe.

#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "json/document.h"
#include "proxy/context_units.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

// What was learnt of a tool's results: 0 never asked for again, 1 always; .5 nothing.
using ToolPattern = std::function<double(std::string_view tool_name)>;

inline constexpr size_t kMaxScoredBytes = 4u << 20;

// One score of 0 to 1 a unit. `messages`: MessagesOf(document).
std::vector<double> ScoreUnits(const json::Document& document, const std::vector<json::Token>& messages,
                               const RequestView& view, const ContextUnits& units, const ToolPattern& pattern = {});

// The oldest least: index / (units - 1).
std::vector<double> ScoreByPosition(size_t units);

}  // namespace headroom::proxy
