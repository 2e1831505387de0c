#include "store/database_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/log.h"

namespace headroom::store {
namespace {

// An exclusive flock on one file, between processes and between stores.
class FileLock {
 public:
  FileLock(const std::string& path, std::chrono::milliseconds patience) {
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
      error_ = errno;
      return;
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      error_ = errno;
      if (std::chrono::steady_clock::now() >= deadline) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    error_ = 0;
  }
  ~FileLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  int error() const { return error_; }

 private:
  int descriptor_ = -1;
  int error_ = 0;
};

bool Transient(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO || error == EMFILE || error == ENFILE;
}

DatabaseFiles::Opening ToOpening(Disk disk) {
  switch (disk) {
    case Disk::kOk:
      return DatabaseFiles::Opening::kOpen;
    case Disk::kBusy:
      return DatabaseFiles::Opening::kBusy;
    case Disk::kUnwritable:
      return DatabaseFiles::Opening::kUnwritable;
    default:
      return DatabaseFiles::Opening::kUnavailable;
  }
}

}  // namespace

DatabaseFiles::DatabaseFiles(std::string data_dir, const std::string& name, Prepare prepare)
    : directory_(std::move(data_dir)),
      path_(directory_ + "/" + name + ".db"),
      lock_path_(directory_ + "/" + name + ".lock"),
      prepare_(prepare) {}

Status DatabaseFiles::MakeDirectory() const {
  for (size_t end = directory_.find('/', 1);; end = directory_.find('/', end + 1)) {
    const std::string prefix = directory_.substr(0, end);
    // The umask takes bits from mkdir's mode; chmod gives exactly 0700.
    if (mkdir(prefix.c_str(), 0700) == 0) {
      (void)chmod(prefix.c_str(), 0700);
    } else if (errno != EEXIST && end == std::string::npos) {
      return Status(Code::kInvalidArgument, "cannot create the data directory " + directory_);
    }
    if (end == std::string::npos) break;
  }
  struct stat info {};
  if (stat(directory_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || access(directory_.c_str(), W_OK | X_OK) != 0) {
    return Status(Code::kInvalidArgument, "cannot write to the data directory " + directory_);
  }
  return Status();
}

DatabaseFiles::Opening DatabaseFiles::Open(Connection& connection, std::chrono::milliseconds patience,
                                           int64_t unix_seconds) {
  const FileLock lock(lock_path_, patience);
  if (lock.error() == EWOULDBLOCK) return Opening::kBusy;
  if (lock.error() != 0) return Transient(lock.error()) ? Opening::kUnavailable : Opening::kUnwritable;

  for (int attempt = 0; attempt < 2; ++attempt) {
    if (const Opening created = CreateFile(); created != Opening::kOpen) return created;
    RestrictModes();
    connection.set_deadline(std::chrono::steady_clock::now() + patience);
    bool newer = false;
    const Disk disk = OpenSchema(connection, newer);
    if (disk == Disk::kOk && !newer) {
      opened_ = Look();
      RestrictModes();
      return Opening::kOpen;
    }
    connection.Close();
    if (newer) return Opening::kNewerSchema;
    if (disk != Disk::kCorrupt) return ToOpening(disk);
    if (!Rename(unix_seconds)) return Opening::kUnwritable;
  }
  return Opening::kUnavailable;
}

bool DatabaseFiles::MoveAside(int64_t unix_seconds) {
  const FileLock lock(lock_path_, std::chrono::milliseconds(250));
  if (lock.error() != 0) return false;
  if (Replaced()) return true;
  return Rename(unix_seconds);
}

bool DatabaseFiles::Replaced() const { return Look() != opened_; }

DatabaseFiles::Identity DatabaseFiles::Look() const {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino};
}

// SQLite gives -wal and -shm the mode of the database, so an empty file of the
// right mode is put there first. Logs left over from a database that was deleted
// belong to nothing, and old readers may still map the index: unlinked, never
// truncated.
DatabaseFiles::Opening DatabaseFiles::CreateFile() const {
  if (access(path_.c_str(), F_OK) == 0) return Opening::kOpen;
  (void)unlink((path_ + "-wal").c_str());
  (void)unlink((path_ + "-shm").c_str());
  const int descriptor = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return Transient(errno) ? Opening::kUnavailable : Opening::kUnwritable;
  (void)fchmod(descriptor, 0600);
  close(descriptor);
  return Opening::kOpen;
}

void DatabaseFiles::RestrictModes() const {
  for (const char* suffix : {"", "-wal", "-shm"}) (void)chmod((path_ + suffix).c_str(), 0600);
  (void)chmod(lock_path_.c_str(), 0600);
}

Disk DatabaseFiles::OpenSchema(Connection& connection, bool& newer) const {
  const Disk disk = connection.Open(path_, Connection::Access::kWriter);
  return disk == Disk::kOk ? prepare_(connection, newer) : disk;
}

bool DatabaseFiles::Rename(int64_t unix_seconds) const {
  std::string aside = path_ + ".corrupt-" + std::to_string(unix_seconds);
  for (int i = 1; access(aside.c_str(), F_OK) == 0 && i < 100; ++i) {
    aside = path_ + ".corrupt-" + std::to_string(unix_seconds) + "." + std::to_string(i);
  }
  if (std::rename(path_.c_str(), aside.c_str()) != 0) return false;
  (void)std::rename((path_ + "-wal").c_str(), (aside + "-wal").c_str());
  (void)unlink((path_ + "-shm").c_str());
  log::Error("store database is damaged, moved aside; a new one is begun", {{"moved_to", aside}});
  return true;
}

}  // namespace headroom::store
