#include "json/strings.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace headroom::json {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// What the letter of a two-character escape stands for; 0 if it is none.
constexpr std::array<char, 256> kNamed = [] {
  std::array<char, 256> table{};
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  for (size_t i = 0; i < kNames.size(); ++i) table[static_cast<uint8_t>(kNames[i])] = kValues[i];
  return table;
}();

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of "\uXXXX" whose backslash is at `at`; -1 if it is none.
int32_t UnitAt(std::string_view inside, size_t at) {
  if (inside.size() - at < 6 || inside[at] != '\\' || inside[at + 1] != 'u') return -1;
  int32_t unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const int digit = HexValue(inside[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
}

// Decodes the escape whose backslash is at `at`; returns its length, 0 if malformed.
size_t AppendEscape(std::string_view inside, size_t at, std::string& out) {
  if (at + 1 >= inside.size()) return 0;
  if (const char named = kNamed[static_cast<uint8_t>(inside[at + 1])]; named != 0) {
    out.push_back(named);
    return 2;
  }
  const int32_t unit = UnitAt(inside, at);
  if (unit < 0) return 0;
  if (unit >= 0xd800 && unit < 0xdc00 && at + 6 < inside.size()) {
    const int32_t low = UnitAt(inside, at + 6);
    if (low >= 0xdc00 && low < 0xe000) {
      AppendUtf8(0x10000 + ((static_cast<uint32_t>(unit) & 0x3ff) << 10 | (static_cast<uint32_t>(low) & 0x3ff)), out);
      return 12;
    }
  }
  AppendUtf8(static_cast<uint32_t>(unit), out);  // a lone surrogate becomes WTF-8
  return 6;
}

void AppendUnitEscape(uint32_t unit, std::string& out) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHexDigits[unit >> shift & 15]);
}

// Bytes that AppendQuoted cannot copy: quote, backslash, controls, and 0xed,
// which may begin a surrogate.
constexpr std::array<bool, 256> kNeedsCare = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = table[0xed] = true;
  return table;
}();

}  // namespace

bool HasValidEscapes(std::string_view inside) {
  size_t at = 0;
  while (at < inside.size()) {
    const void* found = std::memchr(inside.data() + at, '\\', inside.size() - at);
    if (found == nullptr) return true;
    at = static_cast<size_t>(static_cast<const char*>(found) - inside.data());
    while (at < inside.size() && inside[at] == '\\') {
      const bool named = at + 1 < inside.size() && kNamed[static_cast<uint8_t>(inside[at + 1])] != 0;
      if (!named && UnitAt(inside, at) < 0) return false;
      at += named ? 2 : 6;
    }
  }
  return true;
}

bool IsPlain(std::string_view inside) { return inside.find('\\') == std::string_view::npos; }

std::optional<std::string> Unescape(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  size_t at = 0;
  while (at < inside.size()) {
    const void* found = std::memchr(inside.data() + at, '\\', inside.size() - at);
    const size_t next = found == nullptr ? inside.size() : static_cast<const char*>(found) - inside.data();
    out.append(inside, at, next - at);
    at = next;
    // Escapes come in runs (quoted JSON, Windows paths): stay in this loop for them.
    while (at < inside.size() && inside[at] == '\\') {
      const size_t length = AppendEscape(inside, at, out);
      if (length == 0) return std::nullopt;
      at += length;
    }
  }
  return out;
}

void AppendQuoted(std::string_view text, std::string& out) {
  out.reserve(out.size() + text.size() + text.size() / 8 + 2);
  out.push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (!kNeedsCare[byte]) continue;
    if (byte == 0xed) {
      // ED A0..BF xx is a surrogate; ED 80..9F xx is an ordinary character.
      if (i + 2 >= text.size() || static_cast<uint8_t>(text[i + 1]) < 0xa0) continue;
      out.append(text, copied, i - copied);
      AppendUnitEscape(
          0xd000u | (static_cast<uint8_t>(text[i + 1]) & 0x3fu) << 6 | (static_cast<uint8_t>(text[i + 2]) & 0x3fu),
          out);
      i += 2;
      copied = i + 1;
      continue;
    }
    out.append(text, copied, i - copied);
    copied = i + 1;
    constexpr std::string_view kValues = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    const size_t named = kValues.find(text[i]);
    if (named != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kNames[named]);
    } else {
      AppendUnitEscape(byte, out);
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

std::string Quote(std::string_view text) {
  std::string out;
  AppendQuoted(text, out);
  return out;
}

}  // namespace headroom::json
