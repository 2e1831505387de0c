#include "text/search_excerpt_paths.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "text/gaps.h"
#include "text/path_list.h"
#include "text/relevance.h"

namespace headroom::text {
namespace {

constexpr size_t kMinTokens = 400;
constexpr size_t kLongTokens = 8'000;
constexpr size_t kMaxLandmarks = 40;
constexpr size_t kMaxLandmarkName = 24;
constexpr size_t kNotedFolders = 3;

std::string_view WithoutDot(std::string_view path) { return path.starts_with("./") ? path.substr(2) : path; }

std::string_view NameOf(std::string_view path) { return path.substr(path.find_last_of("/\\") + 1); }

// Files that tell what a folder is.
bool IsLandmark(std::string_view path) {
  if (NameOf(path).size() > kMaxLandmarkName) return false;
  static constexpr std::array<std::string_view, 24> kStems = {
      "readme",     "license",  "licence",   "copying",        "changelog",    "contributing", "makefile", "cmakelists",
      "dockerfile", "package",  "pyproject", "setup",          "cargo",        "go",           "pom",      "build",
      "gemfile",    "tsconfig", "compose",   "docker-compose", "requirements", "justfile",     "meson",    "notice"};
  const std::string lower = LowerCase(NameOf(path));
  const std::string_view stem = std::string_view(lower).substr(0, lower.find('.'));
  if (std::find(kStems.begin(), kStems.end(), stem) == kStems.end()) return false;
  const bool source =
      lower.ends_with(".c") || lower.ends_with(".h") || lower.ends_with(".ts") || lower.ends_with(".py");
  return !source || lower == "setup.py";
}

std::string_view EndingOf(std::string_view path) {
  const std::string_view name = NameOf(path);
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot);
}

// The first `depth` folders of a path with their slash.
std::string_view FoldersOf(std::string_view path, size_t depth) {
  size_t end = 0;
  for (size_t at = path.find_first_of("/\\"); at != std::string_view::npos && depth > 0;
       at = path.find_first_of("/\\", at + 1)) {
    end = at + 1;
    if (at > 0) --depth;  // the slash of an absolute path opens nothing
  }
  return path.substr(0, end);
}

// "12 in axios/dist/, 44 in axios/lib/": the folders below what all paths of a gap share.
std::string FolderNote(const std::vector<std::string_view>& lines, size_t begin, size_t end) {
  std::string_view shared = lines[begin].substr(0, lines[begin].find_last_of("/\\") + 1);
  for (size_t i = begin; i < end; ++i) {
    while (!lines[i].starts_with(shared))
      shared = shared.substr(0, shared.substr(0, shared.size() - 1).find_last_of("/\\") + 1);
  }
  std::vector<std::pair<std::string_view, size_t>> folders;
  for (size_t i = begin; i < end; ++i) {
    const size_t slash = lines[i].find_first_of("/\\", shared.size());
    const std::string_view folder = slash == std::string_view::npos ? shared : lines[i].substr(0, slash + 1);
    const auto known = std::find_if(folders.begin(), folders.end(), [&](const auto& f) { return f.first == folder; });
    if (known != folders.end()) {
      ++known->second;
    } else if (folders.size() <= kNotedFolders) {
      folders.emplace_back(folder, 1);
    }
  }
  if (folders.size() > kNotedFolders) folders = {{shared, end - begin}};
  std::string note;
  for (const auto& [folder, count] : folders) {
    if (folder.empty()) return {};
    note.append(note.empty() ? "" : ", ").append(std::to_string(count)).append(" in ").append(folder);
  }
  return note;
}

bool NamesAny(const Relevance& relevance, size_t paths) {
  for (size_t i = 0; i < paths; ++i) {
    if (relevance.named(i)) return true;
  }
  return false;
}

}  // namespace

std::optional<Excerpt> ExcerptPathList(const ExcerptInput& in, const LineText& source) {
  if (in.query.exhaustive() || in.query.empty() || !LooksLikePathList(source)) return std::nullopt;
  const std::vector<std::string_view>& lines = source.lines;
  const Relevance relevance(in.query, lines);
  if (in.late()) return std::nullopt;
  LineSelection selection(lines, in.first_line);
  if (selection.total_tokens() < kMinTokens) return std::nullopt;
  // A list of which the question names nothing is read whole, unless it is very long.
  if (selection.total_tokens() < kLongTokens && !NamesAny(relevance, lines.size())) return std::nullopt;
  std::unordered_map<std::string_view, size_t> endings;
  for (const std::string_view line : lines) ++endings[EndingOf(line)];
  std::unordered_set<std::string_view> seen;
  size_t landmarks = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view path = WithoutDot(lines[i]);
    const bool near_top = std::count(path.begin(), path.end(), '/') <= 1;
    const bool landmark = near_top && IsLandmark(lines[i]) && ++landmarks <= kMaxLandmarks;
    if (landmark || relevance.named(i)) selection.Keep(i);
    if (lines[i].find_first_of("/\\") == std::string_view::npos) selection.Offer(i, 0.1);
    if (relevance.score(i) > 0) selection.Offer(i, relevance.score(i));
    if (endings[EndingOf(lines[i])] == 1) selection.Offer(i, 0.15);
    // The first of each folder near the top.
    if (seen.insert(FoldersOf(lines[i], path.size() == lines[i].size() ? 2 : 3)).second) selection.Offer(i, 0.12);
  }
  selection.Keep(0);
  selection.Keep(lines.size() - 1);
  selection.Fill(static_cast<size_t>(in.share * static_cast<double>(selection.total_tokens())));
  selection.CloseSmallGaps();
  std::string out;
  size_t kept = 0;
  for (size_t i = 0; i < lines.size();) {
    if (i > 0) out.append(source.ending);
    size_t end = i;
    while (end < lines.size() && !selection.kept(end)) ++end;
    if (end == i) {
      out.append(lines[i++]);
      ++kept;
      continue;
    }
    out.append(GapMark("lines", in.first_line + i, in.first_line + end - 1, FolderNote(lines, i, end)));
    i = end;
  }
  if (kept == lines.size()) return std::nullopt;
  if (source.ends_with_newline) out.append(source.ending);
  return Excerpt{std::move(out), Kind::kSearch, "paths_excerpt", Omission{"lines", lines.size(), kept}};
}

}  // namespace headroom::text
