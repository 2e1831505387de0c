// Byte-exact edits over one immutable JSON body.
//
// An EditList collects replacements; Splice() joins them with the untouched
// bytes. Bytes outside the edited spans are copied, never re-encoded: providers
// key their prompt caches on them (docs/invariants.md, I1).
//
//   {"messages":[{"content":"AAAA"},{"content":"BBBB"}]}
//                            ^begin end^
//
// Thread-compatible.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace headroom::json {

class EditList {
 public:
  explicit EditList(uint32_t body_size) : body_size_(body_size) {}

  // Replaces `span` (byte offsets into the body) with `text`, which must be
  // valid JSON at that position. An empty span inserts.
  //
  // Errors: kOutOfRange         span leaves the body or is reversed
  //         kFailedPrecondition span overlaps an earlier edit
  // On error the list is unchanged. Cost: O(log edits) when added in order.
  Status Replace(ByteSpan span, std::string text);

  bool empty() const { return edits_.empty(); }
  size_t size() const { return edits_.size(); }

  // The body with all edits applied. Requires body.size() == body_size.
  // Cost: one copy of the result.
  std::string Splice(std::string_view body) const;

  // Where the byte at `position` of the body stands in Splice's result. What is inserted
  // at that very place stands behind it. Requires a position inside no replaced span.
  // Cost: O(edits).
  uint32_t PositionOf(uint32_t position) const;

 private:
  struct Edit {
    ByteSpan span;
    std::string text;
  };
  uint32_t body_size_;
  std::vector<Edit> edits_;  // sorted by span.begin
};

}  // namespace headroom::json
