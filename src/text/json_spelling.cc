#include "text/json_spelling.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "json/strings.h"

namespace headroom::text {
namespace {

using json::Type;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// True for what a reader may take for a number: those of JSON, and "007", which
// is none there. Text that reads so keeps its quotes.
bool ReadsAsNumber(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

bool ReadsAsLiteral(std::string_view text) { return text == "null" || text == "true" || text == "false"; }

enum ByteClass : uint8_t { kFree = 0, kNeverBare = 1, kNotInTuple = 2, kNotFirst = 4 };

constexpr std::array<uint8_t, 256> kByteClass = [] {
  std::array<uint8_t, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = kNeverBare;
  table[0x7f] = table[','] = table['\\'] = kNeverBare;
  table['('] = table[')'] = kNotInTuple;
  for (const char c : {'"', '[', ']', '{', '}', ' '}) table[static_cast<uint8_t>(c)] = kNotFirst;
  return table;
}();

bool IsBare(std::string_view text, CellPlace place) {
  if (text.empty() || text.back() == ' ') return false;
  if ((kByteClass[static_cast<uint8_t>(text.front())] & kNotFirst) != 0) return false;
  const uint8_t forbidden = place == CellPlace::kTuple ? kNeverBare | kNotInTuple : kNeverBare;
  uint8_t seen = 0;
  for (const char c : text) seen |= kByteClass[static_cast<uint8_t>(c)];
  return (seen & forbidden) == 0 && !ReadsAsNumber(text) && !ReadsAsLiteral(text);
}

// The code unit of the escape "\uXXXX" at `at`; requires a valid one.
uint32_t UnitAt(std::string_view inside, size_t at) {
  uint32_t unit = 0;
  for (const char c : inside.substr(at + 2, 4)) {
    unit = unit << 4 | static_cast<uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

// True for characters that print: an escape of anything else (controls, lone
// surrogates, joiners, direction marks) stays an escape, or nobody would see it.
bool IsVisible(uint32_t unit) {
  if (unit < 0x20 || (unit >= 0x7f && unit <= 0xa0) || unit == 0xad) return false;
  if (unit >= 0xd800 && unit < 0xf900) return false;  // surrogates, private use
  if (unit >= 0x2000 && unit <= 0x200f) return false;
  if (unit >= 0x2028 && unit <= 0x202f) return false;
  if (unit >= 0x205f && unit <= 0x206f) return false;
  return unit < 0xfe00 && unit != 0x3000 && unit != 0x061c && unit != 0x115f && unit != 0x1160 && unit != 0x3164 &&
         (unit < 0x0300 || unit > 0x036f) && unit != 0x180e && unit != 0x1680;
}

// The text of a string literal if all its escapes are of visible characters.
std::optional<std::string> DecodeVisible(std::string_view inside) {
  for (size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at)) {
    const char name = inside[at + 1];
    if (name == 'u') {
      if (!IsVisible(UnitAt(inside, at))) return std::nullopt;
      at += 6;
    } else if (name == '"' || name == '/') {
      at += 2;
    } else {
      return std::nullopt;
    }
  }
  return json::Unescape(inside);
}

void AppendString(std::string_view raw, CellPlace place, std::string& out) {
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (json::IsPlain(inside)) {
    out.append(IsBare(inside, place) ? inside : raw);
    return;
  }
  const std::optional<std::string> decoded = DecodeVisible(inside);
  out.append(decoded.has_value() && IsBare(*decoded, place) ? std::string_view(*decoded) : raw);
}

bool IsWordByte(char c) {
  return IsDigit(c) || IsLower(c) || IsUpper(c) || c == '_' || c == '-' || c == '$' || c == '@' || c == '/' ||
         static_cast<uint8_t>(c) >= 0x80;
}

}  // namespace

void AppendMinified(std::string_view raw, std::string& out) {
  size_t copied = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '"') {
      for (++i; raw[i] != '"'; ++i) {
        if (raw[i] == '\\') ++i;
      }
    } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      out.append(raw, copied, i - copied);
      copied = i + 1;
    }
  }
  out.append(raw, copied);
}

void AppendCell(std::string_view raw, Type type, CellPlace place, std::string& out) {
  switch (type) {
    case Type::kString:
      return AppendString(raw, place, out);
    case Type::kObject:
    case Type::kArray:
      return AppendMinified(raw, out);
    default:
      out.append(raw);
  }
}

void AppendPlainCell(std::string_view text, CellPlace place, std::string& out) {
  const bool bare = IsBare(text, place);
  if (!bare) out.push_back('"');
  out.append(text);
  if (!bare) out.push_back('"');
}

void AppendTextCell(std::string_view text, CellPlace place, std::string& out) {
  const bool word = !text.empty() &&
                    std::all_of(text.begin(), text.end(), [](char c) { return IsWordByte(c) || c == '.' || c == '-'; });
  if (!word) return AppendPlainCell(text, place, out);
  out.append(text);
}

void AppendName(std::string_view inside, std::string& out) {
  if (!inside.empty() && std::all_of(inside.begin(), inside.end(), IsWordByte)) {
    out.append(inside);
    return;
  }
  out.push_back('"');
  out.append(inside);
  out.push_back('"');
}

// A word costs a token and one more for each five letters past the sixth; three
// digits cost one; so do two marks in a row, since `","` and `},{` are single
// tokens; a capital in the middle of a word starts another.
size_t EstimateQuarterTokens(std::string_view text) {
  size_t quarters = 0;
  size_t i = 0;
  while (i < text.size()) {
    const size_t begin = i;
    const char c = text[i];
    if (IsDigit(c)) {
      while (i < text.size() && IsDigit(text[i])) ++i;
      quarters += 4 * ((i - begin + 2) / 3);
    } else if (IsLower(c) || IsUpper(c)) {
      while (i < text.size() && IsUpper(text[i])) ++i;
      while (i < text.size() && IsLower(text[i])) ++i;
      const size_t letters = i - begin;
      quarters += letters <= 6 ? 4 : 4 + (letters - 6) * 4 / 5;
    } else if (c == ' ') {
      while (i < text.size() && text[i] == ' ') ++i;
      if (i - begin > 1) quarters += 4;
    } else if (static_cast<uint8_t>(c) >= 0x80) {
      while (i < text.size() && static_cast<uint8_t>(text[i]) >= 0x80) ++i;
      quarters += 2 * (i - begin);
    } else {
      while (i < text.size() && static_cast<uint8_t>(text[i]) < 0x80 && !IsDigit(text[i]) && !IsLower(text[i]) &&
             !IsUpper(text[i]) && text[i] != ' ') {
        ++i;
      }
      const size_t marks = i - begin;
      // One mark before a word often melts into it.
      quarters += marks == 1 ? 3 : 4 + (marks > 3 ? (marks - 3) * 2 : 0);
    }
  }
  return quarters;
}

}  // namespace headroom::text
