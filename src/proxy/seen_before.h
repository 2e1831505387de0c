// A tool result identical to an earlier one of the same conversation becomes a
// one-line reference to it.
//
//   Bash {"command":"make"}  → 300 lines          (the anchor, in full)
//   ...
//   Bash {"command":"make"}  → [Identical to the result of the earlier call Bash {"command":"make"}, 2 tool
//                               results before this one; its 300 lines are not repeated here.]
//
// Only what stands in full in this request can be an anchor: a reference never
// points to a reference. Thread-compatible; made for one request.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

class SeenBefore {
 public:
  // Shorter texts are not worth a reference.
  static constexpr size_t kMinBytes = 400;

  struct Reference {
    size_t anchor;  // index of the block referred to
    std::string text;
  };

  explicit SeenBefore(const json::Document& document) : document_(document) {}

  // The next tool result of the conversation, `call` its call. Returns a
  // reference when the same text stood earlier.
  std::optional<Reference> Find(const Block& result, std::string_view text) const;

  // Files block `index` as one that stands in full.
  void AddInFull(size_t index, const Block& result, const Block& call);
  // Every tool result counts for distances, whatever became of it.
  void CountResult() { ++results_; }

 private:
  struct Anchor {
    size_t index;
    size_t ordinal;  // among the tool results
    const Block* call;
  };

  const json::Document& document_;
  size_t results_ = 0;
  std::unordered_map<Hash128, Anchor, Hash128Hasher> anchors_;  // by text; the latest wins
};

}  // namespace headroom::proxy
