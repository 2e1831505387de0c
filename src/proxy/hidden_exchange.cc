#include "proxy/hidden_exchange.h"

#include "base/framing.h"

namespace headroom::proxy {
void VisibleMessage::AddText(std::string_view text) {
  for (const char c : text) {
    if (!IsSpace(c)) squeezed_text.push_back(c);
  }
}

void VisibleMessage::AddCall(std::string_view id) { call_ids.append(id).push_back('\n'); }

Hash128 VisibleMessage::Print() const {
  if (referred && call_ids.empty()) return Hasher128().Add("item").Add(last_item).Finish();
  return Hasher128().Add(call_ids.empty() ? "text" : "calls").Add(call_ids.empty() ? squeezed_text : call_ids).Finish();
}

uint32_t VisibleMessage::TextPrint() const {
  return static_cast<uint32_t>(Hasher128().Add(squeezed_text).Finish().low);
}

std::string HiddenExchange::Encode() const {
  std::string payload;
  AppendUint32(blocks, payload);
  AppendUint32(thinking, payload);
  AppendUint32(text_print, payload);
  for (const HiddenInsert& insert : inserts) {
    AppendUint32(insert.blocks, payload);
    AppendUint32(insert.thinking, payload);
    AppendUint32(insert.text, payload);
    AppendUint32(insert.client_calls, payload);
    AppendUint32(insert.splits ? 1 : 0, payload);
    AppendFramed(insert.calls, payload);
    AppendFramed(insert.results, payload);
  }
  return payload;
}

Result<HiddenExchange> HiddenExchange::Decode(std::string_view payload) {
  HiddenExchange exchange;
  if (!TakeUint32(payload, exchange.blocks) || !TakeUint32(payload, exchange.thinking) ||
      !TakeUint32(payload, exchange.text_print)) {
    return Status(Code::kDataLoss, "hidden exchange cut short");
  }
  while (!payload.empty()) {
    HiddenInsert& insert = exchange.inserts.emplace_back();
    uint32_t splits = 0;
    const bool whole = TakeUint32(payload, insert.blocks) && TakeUint32(payload, insert.thinking) &&
                       TakeUint32(payload, insert.text) && TakeUint32(payload, insert.client_calls) &&
                       TakeUint32(payload, splits) && TakeFramed(payload, insert.calls) &&
                       TakeFramed(payload, insert.results);
    if (!whole || splits > 1) return Status(Code::kDataLoss, "hidden exchange cut short");
    insert.splits = splits == 1;
  }
  return exchange;
}

Hash128 HiddenKey(const Hash128& before, const VisibleMessage& message) {
  return Hasher128().Add("hidden exchange").Add(before).Add(message.Print()).Finish();
}

}  // namespace headroom::proxy
