#include "proxy/hidden_exchange.h"

namespace headroom::proxy {
namespace {

void AppendNumber(uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void AppendText(std::string_view text, std::string& out) {
  AppendNumber(static_cast<uint32_t>(text.size()), out);
  out.append(text);
}

bool TakeNumber(std::string_view& payload, uint32_t& value) {
  if (payload.size() < 4) return false;
  value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(payload[i]);
  payload.remove_prefix(4);
  return true;
}

bool TakeText(std::string_view& payload, std::string& text) {
  uint32_t size = 0;
  if (!TakeNumber(payload, size) || size > payload.size()) return false;
  text = payload.substr(0, size);
  payload.remove_prefix(size);
  return true;
}

}  // namespace

void VisibleMessage::AddText(std::string_view text) {
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') squeezed_text.push_back(c);
  }
}

void VisibleMessage::AddCall(std::string_view id) { call_ids.append(id).push_back('\n'); }

Hash128 VisibleMessage::Print() const {
  return Hasher128().Add(call_ids.empty() ? "text" : "calls").Add(call_ids.empty() ? squeezed_text : call_ids).Finish();
}

std::string HiddenExchange::Encode() const {
  std::string payload;
  AppendNumber(blocks, payload);
  AppendNumber(thinking, payload);
  for (const HiddenInsert& insert : inserts) {
    AppendNumber(insert.blocks, payload);
    AppendNumber(insert.thinking, payload);
    AppendNumber(insert.splits ? 1 : 0, payload);
    AppendText(insert.calls, payload);
    AppendText(insert.results, payload);
  }
  return payload;
}

Result<HiddenExchange> HiddenExchange::Decode(std::string_view payload) {
  HiddenExchange exchange;
  if (!TakeNumber(payload, exchange.blocks) || !TakeNumber(payload, exchange.thinking)) {
    return Status(Code::kDataLoss, "hidden exchange cut short");
  }
  while (!payload.empty()) {
    HiddenInsert& insert = exchange.inserts.emplace_back();
    uint32_t splits = 0;
    const bool whole = TakeNumber(payload, insert.blocks) && TakeNumber(payload, insert.thinking) &&
                       TakeNumber(payload, splits) && TakeText(payload, insert.calls) &&
                       TakeText(payload, insert.results);
    if (!whole || splits > 1) return Status(Code::kDataLoss, "hidden exchange cut short");
    insert.splits = splits == 1;
  }
  return exchange;
}

Hash128 HiddenKey(const Hash128& before, const VisibleMessage& message) {
  return Hasher128().Add("hidden exchange").Add(before).Add(message.Print()).Finish();
}

}  // namespace headroom::proxy
