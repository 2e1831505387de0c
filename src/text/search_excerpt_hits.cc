#include "text/search_excerpt_hits.h"

#include <algorithm>
#include <unordered_map>

#include "text/line_text.h"
#include "text/search_hits.h"

namespace headroom::text {
namespace {

constexpr size_t kMinMatches = 3;
constexpr size_t kMinHitPercent = 60;  // of the lines that are no breaks
constexpr size_t kMaxPath = 512;

// "12:text" or "12-text": its number and the rest.
void ReadNumbered(std::string_view rest, SearchLine& line) {
  const size_t digits = std::min<size_t>(LeadingDigits(rest), 9);
  uint32_t number = 0;
  for (const char c : rest.substr(0, digits)) number = number * 10 + static_cast<uint32_t>(c - '0');
  line.number = number;
  line.kind = rest[digits] == ':' ? SearchLineKind::kMatch : SearchLineKind::kContext;
  line.text = rest.substr(digits + 1);
}

bool IsBreak(std::string_view line) { return line == "--" || Trim(line).empty(); }

bool LooksLikeHeading(std::string_view line) {
  if (line.empty() || line.size() > kMaxPath || line.find(' ') != std::string_view::npos) return false;
  return line.find_first_of("./\\") != std::string_view::npos && line.back() != ':' &&
         std::any_of(line.begin(), line.end(), IsLetter);
}

bool IsNumbered(std::string_view line) {
  const size_t digits = LeadingDigits(line);
  return digits > 0 && digits <= 9 && digits < line.size() && (line[digits] == ':' || line[digits] == '-');
}

class Files {
 public:
  explicit Files(std::vector<std::string_view>& files) : files_(files) {}

  uint32_t Index(std::string_view path) {
    const auto [found, is_new] = index_.emplace(path, static_cast<uint32_t>(files_.size()));
    if (is_new) files_.push_back(path);
    return found->second;
  }

 private:
  std::vector<std::string_view>& files_;
  std::unordered_map<std::string_view, uint32_t> index_;
};

SearchLines ReadHeaded(const std::vector<std::string_view>& lines) {
  SearchLines read;
  read.headed = true;
  read.lines.resize(lines.size());
  Files files(read.files);
  bool open = false;
  uint32_t file = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    SearchLine& line = read.lines[i];
    if (IsBreak(lines[i])) {
      line.kind = SearchLineKind::kBreak;
      open = open && lines[i] == "--";
    } else if (open && IsNumbered(lines[i])) {
      ReadNumbered(lines[i], line);
      line.file = file;
    } else if (LooksLikeHeading(lines[i]) && i + 1 < lines.size() && IsNumbered(lines[i + 1])) {
      line.kind = SearchLineKind::kHeading;
      line.file = file = files.Index(lines[i]);
      open = true;
    } else {
      open = false;
    }
  }
  return read;
}

SearchLines ReadFlat(const std::vector<std::string_view>& lines) {
  SearchLines read;
  read.lines.resize(lines.size());
  Files files(read.files);
  const std::vector<SearchHit> hits = ReadSearchHits(lines);
  for (size_t i = 0; i < lines.size(); ++i) {
    SearchLine& line = read.lines[i];
    if (hits[i].is_hit()) {
      ReadNumbered(hits[i].rest, line);
      line.file = files.Index(hits[i].path);
    } else if (IsBreak(lines[i])) {
      line.kind = SearchLineKind::kBreak;
    }
  }
  return read;
}

bool IsSearch(SearchLines& read) {
  size_t breaks = 0;
  size_t hits = 0;
  read.matches = 0;
  for (const SearchLine& line : read.lines) {
    breaks += line.kind == SearchLineKind::kBreak || line.kind == SearchLineKind::kHeading ? 1 : 0;
    hits += line.kind == SearchLineKind::kMatch || line.kind == SearchLineKind::kContext ? 1 : 0;
    read.matches += line.kind == SearchLineKind::kMatch ? 1 : 0;
  }
  return read.matches >= kMinMatches && hits * 100 >= (read.lines.size() - breaks) * kMinHitPercent;
}

}  // namespace

std::optional<SearchLines> ReadSearchLines(const std::vector<std::string_view>& lines) {
  if (SearchLines read = ReadFlat(lines); IsSearch(read)) return read;
  if (SearchLines read = ReadHeaded(lines); IsSearch(read)) return read;
  return std::nullopt;
}

bool LooksLikeHeadedSearch(const std::vector<std::string_view>& lines) {
  SearchLines read = ReadHeaded(lines);
  return IsSearch(read);
}

}  // namespace headroom::text
