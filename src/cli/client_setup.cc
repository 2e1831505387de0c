#include "cli/client_setup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "text/line_diff.h"

namespace headroom::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = size_t{4} << 20;
constexpr size_t kContextLines = 2;

Status Unavailable(const std::string& path, const std::string& why) { return {Code::kUnavailable, path + ": " + why}; }

// Nothing where there is no such file.
Result<std::optional<std::string>> ReadFile(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<std::string>();
  if (fs::file_size(path, error) > kMaxFileBytes || error) return Unavailable(path, "no file, or larger than 4 MiB");
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good()) return Unavailable(path, "cannot be read");
  return std::optional<std::string>(std::move(text));
}

// Beside the file, then in its place. Synced: what undoing needs must outlive the change.
Status WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  const std::string temporary = path + ".headroom";
  const auto fail = [&](const char* what) {
    const Status status = Unavailable(path, std::string(what) + ": " + std::strerror(errno));
    ::unlink(temporary.c_str());
    return status;
  };
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return fail("open");
  ::fchmod(file, mode);
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t some = ::write(file, text.data() + written, text.size() - written);
    if (some < 0 && errno == EINTR) continue;
    if (some <= 0) break;
    written += static_cast<size_t>(some);
  }
  const bool good = written == text.size() && ::fsync(file) == 0;
  if (::close(file) != 0 || !good) return fail("write");
  return ::rename(temporary.c_str(), path.c_str()) == 0 ? Status() : fail("rename");
}

Status MakeFolder(const std::string& folder) {
  std::error_code error;
  if (fs::create_directories(folder, error)) ::chmod(folder.c_str(), 0700);
  return error ? Unavailable(folder, error.message()) : Status();
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

ClientSetup::ClientSetup(const Client& client, std::string path, std::string data_dir)
    : client_(client), path_(std::move(path)), folder_(std::move(data_dir) + "/setup") {}

std::string ClientSetup::Kept(std::string_view what) const {
  return folder_ + "/" + std::string(client_.name) + "." + std::string(what);
}

Result<std::optional<std::string>> ClientSetup::ReadClientFile() const { return ReadFile(path_); }

Status ClientSetup::WriteClientFile(const std::string& text) const {
  std::error_code error;
  std::string target = path_;
  if (fs::is_symlink(fs::symlink_status(path_, error))) {
    target = fs::canonical(path_, error).string();
    if (error) return Unavailable(path_, error.message());
  }
  if (Status made = MakeFolder(fs::path(target).parent_path().string()); !made.ok()) return made;
  struct stat status {};
  const mode_t mode = ::stat(target.c_str(), &status) == 0 ? status.st_mode & 07777 : 0600;
  return WriteFile(target, text, mode);
}

Result<ClientSetup::Change> ClientSetup::Plan(const std::string& url) const {
  const Result<std::optional<std::string>> file = ReadClientFile();
  if (!file.ok()) return file.status();
  Change change;
  change.exists = file->has_value();
  change.before = file->value_or("");
  Result<std::string> after = client_.edit(change.before, url);
  if (!after.ok()) return Status(after.status().code(), path_ + " " + after.status().detail());
  change.after = *std::move(after);
  return change;
}

Status ClientSetup::Apply(const Change& change) const {
  if (Status made = MakeFolder(folder_); !made.ok()) return made;
  // A second setup goes on from what the first one wrote: undoing goes back behind both.
  const Result<std::optional<std::string>> written = ReadFile(Kept("after"));
  const bool again = written.ok() && written->has_value() && **written == change.before && change.exists;
  if (!again) {
    std::error_code ignored;
    fs::remove(Kept("before"), ignored);
    if (change.exists) {
      if (Status kept = WriteFile(Kept("before"), change.before, 0600); !kept.ok()) return kept;
    }
  }
  if (Status kept = WriteFile(Kept("path"), path_, 0600); !kept.ok()) return kept;
  if (Status kept = WriteFile(Kept("after"), change.after, 0600); !kept.ok()) return kept;
  return WriteClientFile(change.after);
}

Result<ClientSetup::Change> ClientSetup::PlanUndo() const {
  const Result<std::optional<std::string>> written = ReadFile(Kept("after"));
  if (!written.ok()) return written.status();
  const Result<std::optional<std::string>> path = ReadFile(Kept("path"));
  if (!written->has_value() || !path.ok() || path->value_or("") != path_) {
    return Status(Code::kNotFound, "nothing is to be undone: this program did not change " + path_);
  }
  const Result<std::optional<std::string>> file = ReadClientFile();
  if (!file.ok()) return file.status();
  if (file->value_or("") != **written) {
    return Status(Code::kFailedPrecondition, path_ + " was changed since; what it was before is in " + Kept("before"));
  }
  const Result<std::optional<std::string>> before = ReadFile(Kept("before"));
  if (!before.ok()) return before.status();
  return Change{**written, before->value_or(""), true, before->has_value()};
}

Status ClientSetup::ApplyUndo(const Change& change) const {
  std::error_code error;
  if (change.remains) {
    if (Status written = WriteClientFile(change.after); !written.ok()) return written;
  } else if (!fs::remove(path_, error) && error) {
    return Unavailable(path_, error.message());
  }
  for (const char* what : {"after", "before", "path"}) fs::remove(Kept(what), error);
  return {};
}

std::string ChangeText(const std::string& path, const ClientSetup::Change& change) {
  std::string out = path + (change.exists ? "" : " (new)") + (change.remains ? "" : " (removed)") + "\n";
  const std::vector<std::string_view> before = Lines(change.before);
  const std::vector<std::string_view> after = Lines(change.after);
  const auto changes = text::DiffLines(before, after, [] { return false; });
  if (!changes) return out;
  size_t shown = 0;  // lines of `before` that stand in `out` or were passed over
  const auto equal = [&](size_t begin, size_t end) {
    if (begin > shown) out += "  ...\n";
    for (size_t i = std::max(begin, shown); i < end; ++i) out.append("  ").append(before[i]).append("\n");
    shown = std::max(shown, end);
  };
  for (const text::LineChange& one : *changes) {
    const size_t first = std::max(shown, one.before_begin - std::min(one.before_begin, kContextLines));
    equal(first, one.before_begin);
    for (size_t i = one.before_begin; i < one.before_end; ++i) out.append("- ").append(before[i]).append("\n");
    for (size_t i = one.after_begin; i < one.after_end; ++i) out.append("+ ").append(after[i]).append("\n");
    shown = std::max(shown, one.before_end);
    equal(shown, std::min(before.size(), one.before_end + kContextLines));
  }
  if (shown < before.size() && !changes->empty()) out += "  ...\n";
  return out;
}

}  // namespace headroom::cli
