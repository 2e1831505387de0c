// What goes upstream in the place of each block of one request.
//
//   transforms write decisions ─► Plan ─► one EditList ─► one splice
//
// A plan holds exactly one decision per block, so that transforms never fight
// over byte offsets. Thread-compatible.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "json/edits.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

// The bytes in place of one text of a block.
struct Replacement {
  uint32_t piece = 0;   // index into Block::pieces
  std::string literal;  // a JSON string literal, quotes included
};

struct Decision {
  enum class Source { kUndecided, kReplayed, kNew };
  Source source = Source::kUndecided;
  std::vector<Replacement> replacements;  // empty: the block goes as it came
  uint32_t tokens_before = 0;             // of the replaced pieces
  uint32_t tokens_after = 0;
  std::string rule;          // the compressor's rule, or why it stays raw
  std::string original_ids;  // of the texts replaced, 24 hex each
  Hash128 anchor;            // lineage of the block the replacements refer to, zero if none
  bool recorded = false;     // the ledger has it: these bytes stand from now on

  bool replaced() const { return !replacements.empty(); }
};

// A decision's replacements as the ledger keeps them.
std::string EncodeReplacements(const std::vector<Replacement>& replacements);
// Errors: kDataLoss when `payload` is not what EncodeReplacements makes.
Result<std::vector<Replacement>> DecodeReplacements(std::string_view payload);

class Plan {
 public:
  explicit Plan(size_t blocks) : decisions_(blocks) {}

  Decision& operator[](size_t block) { return decisions_[block]; }
  const Decision& operator[](size_t block) const { return decisions_[block]; }
  size_t size() const { return decisions_.size(); }

  uint64_t tokens_saved() const;

  // Errors: as EditList::Replace, and kOutOfRange for a piece that the block
  // does not have.
  Result<json::EditList> ToEdits(const RequestView& view, uint32_t body_size) const;

 private:
  std::vector<Decision> decisions_;
};

}  // namespace headroom::proxy
