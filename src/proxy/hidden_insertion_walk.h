// What Messages and Chat Completions share when hidden exchanges go back: each
// assistant message that has one on record is cut where it stood.

#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/hidden_insertion.h"

namespace headroom::proxy {

// `reader.Read(token)` gives a message or nothing, with `is_assistant` and `visible`. `make(message, hidden)` gives
// what puts one exchange back: Prepare(next message), which says whether the echo has a form for it, and Apply(edits).
template <typename Reader, typename Make>
Result<PutBackCounts> PutBackByMessage(const Reader& reader, const Make& make, const json::Document& document,
                                       const json::Token& messages, const FindHidden& find, json::EditList& edits) {
  std::vector<decltype(reader.Read(messages))> read;
  std::vector<VisibleAt> asked;
  for (const json::Token& element : document.Elements(messages)) {
    read.push_back(reader.Read(element));
    if (read.back().has_value() && read.back()->is_assistant) asked.push_back({read.size() - 1, read.back()->visible});
  }
  read.emplace_back();  // behind the last there is none
  PutBackCounts counts;
  const std::vector<std::optional<HiddenExchange>> found = find(asked);
  for (size_t i = 0; i < std::min(found.size(), asked.size()); ++i) {
    if (!found[i].has_value()) continue;
    const size_t at = asked[i].index;
    auto inserter = make(*read[at], *found[i]);
    if (!inserter.Prepare(read[at + 1])) {
      ++counts.lost;
      continue;
    }
    if (Status status = inserter.Apply(edits); !status.ok()) return status;
    ++counts.put_back;
  }
  return counts;
}

}  // namespace headroom::proxy
