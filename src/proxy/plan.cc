#include "proxy/plan.h"

#include "base/framing.h"

namespace headroom::proxy {
std::string EncodeReplacements(const std::vector<Replacement>& replacements) {
  std::string payload;
  for (const Replacement& replacement : replacements) {
    AppendUint32(replacement.piece, payload);
    AppendFramed(replacement.literal, payload);
  }
  return payload;
}

Result<std::vector<Replacement>> DecodeReplacements(std::string_view payload) {
  std::vector<Replacement> replacements;
  while (!payload.empty()) {
    Replacement& replacement = replacements.emplace_back();
    if (!TakeUint32(payload, replacement.piece) || !TakeFramed(payload, replacement.literal)) {
      return Status(Code::kDataLoss, "replacements cut short");
    }
  }
  return replacements;
}

uint64_t Plan::tokens_saved() const {
  uint64_t saved = 0;
  for (const Decision& decision : decisions_) saved += decision.tokens_before - decision.tokens_after;
  return saved;
}

Result<json::EditList> Plan::ToEdits(const RequestView& view, uint32_t body_size) const {
  json::EditList edits(body_size);
  for (size_t i = 0; i < decisions_.size(); ++i) {
    for (const Replacement& replacement : decisions_[i].replacements) {
      if (replacement.piece >= view.blocks[i].pieces.size()) return Status(Code::kOutOfRange, "no such piece");
      const ByteSpan span = view.blocks[i].pieces[replacement.piece].span;
      if (Status status = edits.Replace(span, replacement.literal); !status.ok()) return status;
    }
  }
  return edits;
}

}  // namespace headroom::proxy
