#include "text/path_list.h"

#include <algorithm>
#include <vector>

namespace headroom::text {
namespace {

constexpr size_t kPollLines = 4096;
constexpr size_t kSampleLines = 200;
constexpr size_t kMinPaths = 4;
constexpr size_t kMinShare = 90;  // percent of the lines

bool IsSlash(char c) { return c == '/' || c == '\\'; }

// The folder of a path with its slash, "" when it has none. "a/b/" is the folder b in "a/".
std::string_view FolderOf(std::string_view path) {
  size_t end = path.size();
  if (end > 0 && IsSlash(path[end - 1])) --end;
  while (end > 0 && !IsSlash(path[end - 1])) --end;
  return path.substr(0, end);
}

bool LooksLikeListedPath(std::string_view line) {
  if (line.empty() || line.size() > 1024) return false;
  const bool drive = line.size() > 2 && IsLetter(line[0]) && line[1] == ':' && IsSlash(line[2]);
  if (drive) line.remove_prefix(2);
  return std::none_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 ||
           std::string_view("\"'`<>|*?;{}=,:()").find(c) != std::string_view::npos;
  });
}

bool HasWords(std::string_view line) { return std::count(line.begin(), line.end(), ' ') > 2; }

// True when every line can stand whole in the grouped list without being misread.
bool CanGroup(const LineText& source) {
  return std::none_of(source.lines.begin(), source.lines.end(), [](std::string_view line) {
    return line.starts_with(' ') || line.ends_with("/:") || line.ends_with("\\:");
  });
}

}  // namespace

bool LooksLikePathList(const LineText& source) {
  size_t lines = 0;
  size_t paths = 0;
  size_t with_folder = 0;
  for (const std::string_view line : source.lines) {
    if (line.empty()) continue;
    if (++lines > kSampleLines) break;
    if (!LooksLikeListedPath(line) || HasWords(line)) continue;
    ++paths;
    with_folder += FolderOf(line).empty() ? 0 : 1;
  }
  lines = std::min(lines, kSampleLines);
  return paths >= kMinPaths && paths * 100 >= lines * kMinShare && with_folder * 2 >= paths;
}

std::optional<std::string> GroupPaths(const LineText& source, const Expired& expired) {
  if (!LooksLikePathList(source) || !CanGroup(source)) return std::nullopt;
  std::string out;
  std::string_view open;
  bool grouped = false;
  const auto folder_at = [&](size_t i) {
    return i < source.lines.size() && LooksLikeListedPath(source.lines[i]) ? FolderOf(source.lines[i])
                                                                           : std::string_view();
  };
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (i % kPollLines == 0 && expired && expired()) return std::nullopt;
    const std::string_view line = source.lines[i];
    const std::string_view folder = folder_at(i);
    if (!folder.empty() && folder != open && folder == folder_at(i + 1)) {
      out.append(folder).append(":").append(source.ending);
      open = folder;
      grouped = true;
    }
    if (!folder.empty() && folder == open) {
      out.append(" ").append(line.substr(folder.size()));
    } else {
      out.append(line);
      open = {};
    }
    if (i + 1 < source.lines.size() || source.ends_with_newline) out.append(source.ending);
  }
  if (!grouped) return std::nullopt;
  return out;
}

}  // namespace headroom::text
