#include "text/json_excerpt_strings.h"

#include <algorithm>

#include "text/gaps.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

bool IsOpaqueByte(char c) {
  return IsLetter(c) || IsDigit(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

// The largest end <= `limit` that is outside of escapes and at the end of a character.
size_t SafeEnd(std::string_view inside, size_t limit) {
  size_t end = 0;
  while (end < limit) {
    size_t next = end + 1;
    if (inside[end] == '\\') next = end + (inside[end + 1] == 'u' ? 6 : 2);
    while (next < inside.size() && (static_cast<unsigned char>(inside[next]) & 0xc0) == 0x80) ++next;
    if (next > limit) break;
    end = next;
  }
  return end;
}

}  // namespace

bool IsOpaque(std::string_view inside) {
  if (inside.size() < kMinOpaqueBytes) return false;
  // "data:image/png;base64," is no part of the alphabet.
  const size_t begin = inside.starts_with("data:") ? std::min(inside.find(',') + 1, inside.size()) : 0;
  const std::string_view body = inside.substr(begin);
  size_t other = 0;
  size_t run = 0;  // a path or a slug has short words between its marks
  size_t longest = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '\\' && i + 1 < body.size() && (body[i + 1] == 'n' || body[i + 1] == 'r' || body[i + 1] == '/')) {
      ++i;  // lines of base64
      continue;
    }
    if (!IsOpaqueByte(c)) ++other;
    if (other > 4 + i / 50) return false;
    run = IsLetter(c) || IsDigit(c) ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest >= 24;
}

size_t AppendCutString(std::string_view inside, size_t skip, size_t head, std::string& out) {
  const size_t end = std::max(SafeEnd(inside, skip + head), skip);
  out.push_back('"');
  out.append(inside.substr(skip, end - skip));
  out.append(GapMark("bytes", end + 1, inside.size()));
  out.push_back('"');
  return inside.size() - end;
}

}  // namespace headroom::text
