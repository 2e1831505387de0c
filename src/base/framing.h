// Numbers and texts in the records that the ledger keeps: four bytes, little-endian; a text
// behind its size. Thread-safe.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom {

inline void AppendUint32(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

// Requires text.size() to fit 32 bits.
inline void AppendFramed(std::string_view text, std::string& out) {
  AppendUint32(static_cast<uint32_t>(text.size()), out);
  out.append(text);
}

// Takes it off the front. False, with `record` as it may be, when it is cut short.
inline bool TakeUint32(std::string_view& record, uint32_t& value) {
  if (record.size() < 4) return false;
  value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(record[i]);
  record.remove_prefix(4);
  return true;
}

inline bool TakeFramed(std::string_view& record, std::string& text) {
  uint32_t size = 0;
  if (!TakeUint32(record, size) || size > record.size()) return false;
  text = record.substr(0, size);
  record.remove_prefix(size);
  return true;
}

}  // namespace headroom
