#include "proxy/plan.h"

namespace headroom::proxy {
namespace {

void AppendUint32(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

bool TakeUint32(std::string_view& bytes, uint32_t& value) {
  if (bytes.size() < 4) return false;
  value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  bytes.remove_prefix(4);
  return true;
}

}  // namespace

std::string EncodeReplacements(const std::vector<Replacement>& replacements) {
  std::string payload;
  for (const Replacement& replacement : replacements) {
    AppendUint32(replacement.piece, payload);
    AppendUint32(static_cast<uint32_t>(replacement.literal.size()), payload);
    payload.append(replacement.literal);
  }
  return payload;
}

Result<std::vector<Replacement>> DecodeReplacements(std::string_view payload) {
  std::vector<Replacement> replacements;
  while (!payload.empty()) {
    Replacement& replacement = replacements.emplace_back();
    uint32_t size = 0;
    if (!TakeUint32(payload, replacement.piece) || !TakeUint32(payload, size) || size > payload.size()) {
      return Status(Code::kDataLoss, "replacements cut short");
    }
    replacement.literal = payload.substr(0, size);
    payload.remove_prefix(size);
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
