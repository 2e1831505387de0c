// The part of pattern_file.h that touches files.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/log.h"
#include "learning/pattern_file.h"

namespace headroom::learning {
namespace {

Status Unavailable(const std::string& path) { return Status(Code::kUnavailable, path + ": " + std::strerror(errno)); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  int number_;
};

bool WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// A process that stopped with the lock in its hand shall not stop this one.
bool Lock(int descriptor) {
  constexpr int kTries = 100;
  const timespec wait{.tv_sec = 0, .tv_nsec = 20'000'000};
  for (int i = 0; i < kTries; ++i) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    nanosleep(&wait, nullptr);
  }
  return false;
}

}  // namespace

Result<std::string> ReadWholeFile(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return Unavailable(path);
  std::string text;
  char part[64 * 1024];
  for (;;) {
    const ssize_t got = read(file.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unavailable(path);
    if (got == 0) return text;
    text.append(part, static_cast<size_t>(got));
    if (text.size() > kMaxPatternFileBytes) return Status(Code::kResourceExhausted, path + ": more than 32 MiB");
  }
}

Status ReplaceFile(const std::string& path, std::string_view text) {
  const std::string made = path + ".new." + std::to_string(getpid());
  const Descriptor file(open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.open()) return Unavailable(made);
  if (!WriteAll(file.get(), text) || fsync(file.get()) != 0 || std::rename(made.c_str(), path.c_str()) != 0) {
    const Status status = Unavailable(made);
    unlink(made.c_str());
    return status;
  }
  return Status();
}

Result<Patterns> LoadPatterns(const std::string& path, const KeyedHash& hash, Patterns::Limits limits) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return Patterns(limits);
  const Result<std::string> text = ReadWholeFile(path);
  if (!text.ok()) return text.status();
  return ReadPatterns(*text, hash, limits);
}

// The lock is on a file of its own: the patterns' file is another one after each change.
Result<Patterns> ChangePatterns(const std::string& path, const KeyedHash& hash, int64_t unix_seconds,
                                const std::function<void(Patterns&)>& change, Patterns::Limits limits) {
  const std::string lock_path = path + ".lock";
  const Descriptor lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.open()) return Unavailable(lock_path);
  if (!Lock(lock.get())) return Unavailable(lock_path);
  Result<Patterns> patterns = LoadPatterns(path, hash, limits);
  if (patterns.status().code() == Code::kUnavailable) return patterns.status();
  if (!patterns.ok()) {
    log::Warning("learnt patterns cannot be read; begun anew", {{"path", path}, {"why", patterns.status().detail()}});
    if (std::rename(path.c_str(), (path + ".unreadable").c_str()) != 0) return Unavailable(path);
    patterns = Patterns(limits);
  }
  change(*patterns);
  if (const Status written = ReplaceFile(path, WritePatterns(*patterns, hash, unix_seconds)); !written.ok()) {
    return written;
  }
  return patterns;
}

}  // namespace headroom::learning
