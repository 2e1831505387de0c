#include "text/html_characters.h"

#include <algorithm>
#include <cstdint>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxReference = 12;

struct NamedCharacter {
  std::string_view name;
  uint32_t code;
};

// Names people use for characters that are visible and no markup.
constexpr NamedCharacter kNamed[] = {
    {"quot", '"'},      {"apos", '\''},    {"gt", '>'},       {"copy", 0xa9},    {"laquo", 0xab},   {"reg", 0xae},
    {"deg", 0xb0},      {"plusmn", 0xb1},  {"para", 0xb6},    {"middot", 0xb7},  {"raquo", 0xbb},   {"times", 0xd7},
    {"eacute", 0xe9},   {"uuml", 0xfc},    {"auml", 0xe4},    {"ouml", 0xf6},    {"szlig", 0xdf},   {"ndash", 0x2013},
    {"mdash", 0x2014},  {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"bull", 0x2022},
    {"hellip", 0x2026}, {"euro", 0x20ac},  {"trade", 0x2122}, {"larr", 0x2190},  {"rarr", 0x2192}};

// Further names, decoded only where the text is no HTML afterwards.
constexpr NamedCharacter kOthers[] = {
    {"amp", '&'},      {"lt", '<'},        {"nbsp", ' '},      {"ensp", ' '},      {"emsp", ' '},
    {"thinsp", ' '},   {"shy", 0xad},      {"sect", 0xa7},     {"cent", 0xa2},     {"pound", 0xa3},
    {"yen", 0xa5},     {"micro", 0xb5},    {"frac12", 0xbd},   {"frac14", 0xbc},   {"sup2", 0xb2},
    {"sup3", 0xb3},    {"iexcl", 0xa1},    {"iquest", 0xbf},   {"Auml", 0xc4},     {"Ouml", 0xd6},
    {"Uuml", 0xdc},    {"agrave", 0xe0},   {"aacute", 0xe1},   {"acirc", 0xe2},    {"atilde", 0xe3},
    {"aring", 0xe5},   {"aelig", 0xe6},    {"ccedil", 0xe7},   {"egrave", 0xe8},   {"ecirc", 0xea},
    {"euml", 0xeb},    {"iacute", 0xed},   {"icirc", 0xee},    {"iuml", 0xef},     {"ntilde", 0xf1},
    {"ograve", 0xf2},  {"oacute", 0xf3},   {"ocirc", 0xf4},    {"otilde", 0xf5},   {"divide", 0xf7},
    {"oslash", 0xf8},  {"ugrave", 0xf9},   {"uacute", 0xfa},   {"ucirc", 0xfb},    {"Eacute", 0xc9},
    {"Ccedil", 0xc7},  {"sbquo", 0x201a},  {"bdquo", 0x201e},  {"dagger", 0x2020}, {"permil", 0x2030},
    {"prime", 0x2032}, {"lsaquo", 0x2039}, {"rsaquo", 0x203a}, {"uarr", 0x2191},   {"darr", 0x2193},
    {"harr", 0x2194},  {"rArr", 0x21d2},   {"minus", 0x2212},  {"infin", 0x221e},  {"asymp", 0x2248},
    {"ne", 0x2260},    {"le", 0x2264},     {"ge", 0x2265},     {"check", 0x2713},  {"num", '#'},
    {"lbrack", '['},   {"rbrack", ']'},    {"lpar", '('},      {"rpar", ')'},      {"colon", ':'},
    {"comma", ','},    {"period", '.'},    {"excl", '!'},      {"quest", '?'},     {"dollar", '$'},
    {"percnt", '%'},   {"plus", '+'},      {"equals", '='},    {"lowbar", '_'},    {"grave", '`'},
    {"lbrace", '{'},   {"rbrace", '}'},    {"vert", '|'},      {"sol", '/'}};

// Letters and marks that show; no blanks, joiners, direction marks, controls, private or unassigned planes.
bool IsVisible(uint32_t code) {
  if (code < 0xa1) return code > 0x20 && code < 0x7f;
  if (code == 0xad || (code >= 0x300 && code < 0x370) || (code >= 0x600 && code < 0x606)) return false;
  if (code >= 0x1680 && code <= 0x180f) return false;
  if (code >= 0x2000 && code < 0x2010) return false;
  if (code >= 0x2028 && code < 0x2030) return false;
  if (code >= 0x205f && code < 0x2070) return false;
  if (code == 0x3000 || code == 0x3164 || code == 0x61c) return false;
  return code < 0xd800 || (code >= 0xf900 && code < 0xfe00) || (code >= 0x1f300 && code < 0x1fb00);
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto byte = [&](uint32_t value) { out->push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = Lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The character of "#233" or "#xe9", 0 when it is none.
uint32_t NumberedCode(std::string_view digits) {
  digits.remove_prefix(1);
  const bool hex = digits.starts_with('x') || digits.starts_with('X');
  if (hex) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 7) return 0;
  uint32_t code = 0;
  for (const char c : digits) {
    const int digit = hex ? HexDigit(c) : (IsDigit(c) ? c - '0' : -1);
    if (digit < 0) return 0;
    code = code * (hex ? 16 : 10) + static_cast<uint32_t>(digit);
  }
  return code;
}

// "&am&#112;;" must not become "&amp;".
bool CouldBePartOfMarkup(uint32_t code) {
  if (code >= 0x80) return false;
  const char c = static_cast<char>(code);
  return IsLetter(c) || IsDigit(c) || c == '#' || c == ';' || c == '<';
}

// The code of the reference with `name` ("#233", "mdash"), 0 when it stays as it is.
uint32_t DecodableCode(std::string_view name, std::string_view behind) {
  uint32_t code = 0;
  if (name.starts_with('#')) {
    code = NumberedCode(name);
  } else if (name == "amp") {
    code = '&';
  } else {
    for (const NamedCharacter& known : kNamed) code = known.name == name ? known.code : code;
  }
  if (!IsVisible(code) || CouldBePartOfMarkup(code)) return 0;
  // "&amp;lt;" is no "&lt;".
  const bool alone = behind.empty() || IsBlank(behind[0]) || behind[0] == '\n' || behind[0] == '\r';
  return code == '&' && !alone ? 0 : code;
}

// Appends the reference at source[at] ('&') or its character; returns what stands behind it.
size_t AppendReference(std::string_view source, size_t at, std::string* out) {
  const size_t end = source.substr(0, at + kMaxReference).find(';', at);
  if (end != std::string_view::npos) {
    const uint32_t code = DecodableCode(source.substr(at + 1, end - at - 1), source.substr(end + 1));
    if (code != 0) {
      AppendUtf8(code, out);
      return end + 1;
    }
  }
  out->push_back('&');
  return at + 1;
}

bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r' || c == '\f'; }

}  // namespace

std::string ShortText(std::string_view source, bool runs_stay) {
  std::string out;
  out.reserve(source.size());
  size_t at = 0;
  while (at < source.size()) {
    if (source[at] == '&') {
      at = AppendReference(source, at, &out);
    } else if (!runs_stay && IsSpace(source[at])) {
      bool line_end = false;
      for (; at < source.size() && IsSpace(source[at]); ++at) line_end = line_end || source[at] == '\n';
      out.push_back(line_end ? '\n' : ' ');
    } else {
      out.push_back(source[at++]);
    }
  }
  return out;
}

void AppendDecoded(std::string_view source, std::string* out) {
  size_t at = 0;
  for (size_t amp = source.find('&'); amp != std::string_view::npos; amp = source.find('&', at)) {
    out->append(source.substr(at, amp - at));
    at = amp + 1;
    const size_t end = source.substr(0, amp + kMaxReference).find(';', amp);
    const std::string_view name = end == std::string_view::npos ? "" : source.substr(amp + 1, end - amp - 1);
    uint32_t code = name.starts_with('#') ? NumberedCode(name) : 0;
    for (const NamedCharacter& known : kNamed) code = known.name == name ? known.code : code;
    for (const NamedCharacter& known : kOthers) code = known.name == name ? known.code : code;
    const bool is_character = code >= 0x20 && code < 0x110000 && (code < 0xd800 || code >= 0xe000);
    if (code == 0xa0) code = ' ';
    if (code == '\n' || code == '\t' || is_character) {
      if (code != 0xad && code != 0x200b) AppendUtf8(code, out);  // soft hyphens and blanks without width
      at = end + 1;
    } else {
      out->push_back('&');
    }
  }
  out->append(source.substr(at));
}

}  // namespace headroom::text
