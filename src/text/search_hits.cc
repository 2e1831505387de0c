#include "text/search_hits.h"

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxPath = 512;
constexpr size_t kMaxNumber = 9;

bool IsMark(char c) { return c == ':' || c == '-' || c == '='; }

// A path has a letter, no bytes that names of files rarely have, and blanks only with a folder or an ending.
bool LooksLikePath(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath || path.front() == ' ' || path.back() == ' ') return false;
  bool letter = false;
  bool blank = false;
  bool structure = false;
  for (const char c : path) {
    if (std::string_view("\"'`<>|*?;{}=,\t").find(c) != std::string_view::npos) return false;
    letter = letter || IsLetter(c) || static_cast<unsigned char>(c) >= 0x80;
    blank = blank || c == ' ';
    structure = structure || c == '/' || c == '\\' || c == '.';
  }
  return letter && (!blank || (structure && (path[0] == '.' || path[0] == '/' || IsLetter(path[0]))));
}

// "text" begins with digits and `mark`: the length of the digits, else 0.
size_t NumberBefore(std::string_view text, char mark) {
  const size_t digits = LeadingDigits(text.substr(0, kMaxNumber + 1));
  return digits > 0 && digits <= kMaxNumber && digits < text.size() && text[digits] == mark ? digits : 0;
}

// "2026-01-02T10" and "00:07 ...", "Jan 2 10" and "00:07": a time of day, no path and number.
bool IsTimeOfDay(std::string_view path, std::string_view rest) {
  const size_t size = path.size();
  if (size < 3 || !IsDigit(path[size - 1]) || !IsDigit(path[size - 2])) return false;
  const char before = path[size - 3];
  return std::string_view(" T[(|").find(before) != std::string_view::npos && LeadingDigits(rest) == 2 &&
         LeadingDigits(rest.substr(3)) == 2;
}

bool HasDrive(std::string_view line) {
  return line.size() > 3 && IsLetter(line[0]) && line[1] == ':' && (line[2] == '\\' || line[2] == '/');
}

// Reads `line` as a context line of `path`.
SearchHit ReadContextLine(std::string_view line, std::string_view path) {
  if (path.empty() || line.size() < path.size() + 3 || !line.starts_with(path)) return {};
  const char mark = line[path.size()];
  if (mark != '-' && mark != '=') return {};
  const std::string_view rest = line.substr(path.size() + 1);
  if (NumberBefore(rest, mark) == 0) return {};
  return {line.substr(0, path.size()), rest};
}

}  // namespace

SearchHit ReadMatchLine(std::string_view line) {
  const std::string_view head = line.substr(0, kMaxPath + 1);
  for (size_t colon = head.find(':', HasDrive(line) ? 2 : 0); colon != std::string_view::npos;
       colon = head.find(':', colon + 1)) {
    const std::string_view rest = line.substr(colon + 1);
    if (NumberBefore(rest, ':') == 0) continue;
    const std::string_view path = line.substr(0, colon);
    return LooksLikePath(path) && !IsTimeOfDay(path, rest) ? SearchHit{path, rest} : SearchHit{};
  }
  return {};
}

std::vector<SearchHit> ReadSearchHits(const std::vector<std::string_view>& lines) {
  std::vector<SearchHit> hits(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) hits[i] = ReadMatchLine(lines[i]);
  // Backwards: context in front of the hit it belongs to. A match line may be a
  // context line whose text looks like one ("a.c-3-see b.c:4:").
  const auto nearer = [&](size_t i, std::string_view path) {
    if (hits[i].is_hit() && hits[i].path.size() <= path.size()) return;
    const SearchHit context = ReadContextLine(lines[i], path);
    if (context.is_hit()) hits[i] = context;
  };
  std::string_view path;
  for (size_t i = lines.size(); i-- > 0;) {
    nearer(i, path);
    path = lines[i] == "--" ? std::string_view() : (hits[i].is_hit() ? hits[i].path : path);
  }
  path = {};
  for (size_t i = 0; i < lines.size(); ++i) {
    nearer(i, path);
    path = lines[i] == "--" ? std::string_view() : (hits[i].is_hit() ? hits[i].path : path);
  }
  return hits;
}

bool LooksLikeNumberedLine(std::string_view line) {
  const size_t digits = LeadingDigits(line);
  return digits > 0 && digits < line.size() && IsMark(line[digits]);
}

}  // namespace headroom::text
