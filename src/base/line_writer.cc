#include "base/line_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace headroom {
namespace {

constexpr int kMode = 0600;

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
}

Status Unwritable(const std::string& path) {
  return Status(Code::kUnavailable, "cannot write " + path + ": " + std::strerror(errno));
}

uint64_t SizeOf(int file) {
  struct stat about {};
  return fstat(file, &about) == 0 ? static_cast<uint64_t>(about.st_size) : 0;
}

}  // namespace

Result<std::unique_ptr<LineWriter>> LineWriter::Open(Options options) {
  const int file = OpenToAppend(options.path);
  if (file < 0) return Unwritable(options.path);
  return std::unique_ptr<LineWriter>(new LineWriter(std::move(options), file));
}

LineWriter::LineWriter(Options options, int file)
    : options_(std::move(options)), file_(file), file_bytes_(SizeOf(file)), thread_([this] { Run(); }) {}

LineWriter::~LineWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (file_ >= 0) close(file_);
}

void LineWriter::Write(size_t bytes, std::function<std::string()> make) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_bytes_ + bytes > options_.max_queued_bytes) {
      ++counts_.dropped;
      return;
    }
    queued_bytes_ += bytes;
    queue_.push_back({bytes, std::move(make)});
  }
  changed_.notify_all();
}

void LineWriter::Reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  changed_.notify_all();
}

void LineWriter::Flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !busy_ && !reopen_; });
}

LineWriter::Counts LineWriter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void LineWriter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || reopen_ || !queue_.empty(); });
    if (reopen_) {
      if (const Status opened = OpenFile(); !opened.ok()) log::Error("log file", {{"status", opened.detail()}});
      reopen_ = false;
      changed_.notify_all();
    }
    if (queue_.empty()) {
      if (stopping_) return;
      continue;
    }
    const Line line = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    lock.unlock();
    Append(line.make() + "\n");
    lock.lock();
    busy_ = false;
    queued_bytes_ -= line.bytes;
    changed_.notify_all();
  }
}

Status LineWriter::OpenFile() {
  const int file = OpenToAppend(options_.path);
  if (file < 0) return Unwritable(options_.path);
  if (file_ >= 0) close(file_);
  file_ = file;
  file_bytes_ = SizeOf(file);
  return Status();
}

void LineWriter::Append(const std::string& line) {
  if (options_.rotate_bytes > 0 && file_bytes_ > 0 && file_bytes_ + line.size() > options_.rotate_bytes) Rotate();
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t wrote = write(file_, line.data() + done, line.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    done += static_cast<size_t>(wrote);
  }
  file_bytes_ += done;
  const bool failed = done < line.size();
  if (failed && !failing_) log::Error("log file", {{"status", Unwritable(options_.path).detail()}});
  failing_ = failed;
  const std::lock_guard lock(mutex_);
  ++(failed ? counts_.failed : counts_.written);
}

// file.4 becomes file.5, and so on; where a name cannot be moved, the file goes on.
void LineWriter::Rotate() {
  const auto name = [this](int number) { return options_.path + "." + std::to_string(number); };
  for (int number = kKept - 1; number > 0; --number) (void)std::rename(name(number).c_str(), name(number + 1).c_str());
  if (std::rename(options_.path.c_str(), name(1).c_str()) != 0) return;
  if (const Status opened = OpenFile(); !opened.ok()) log::Error("log file", {{"status", opened.detail()}});
}

}  // namespace headroom
