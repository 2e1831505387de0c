// The files under the data directory, who may read them, and what happens when
// they are missing, damaged or not ours.
//
//   NAME.db           the database          0600
//   NAME.db-wal       SQLite's write-ahead log   0600
//   NAME.db-shm       its shared index      0600
//   NAME.lock         held (flock) while a process creates or moves the database
//   NAME.db.corrupt-<unixtime>[-wal]      moved aside, never read again
//
// No file is ever opened and closed beside SQLite's own descriptors: closing any
// descriptor of a file drops the process's POSIX locks on it
// (https://www.sqlite.org/howtocorrupt.html, 2.2).
//
// Thread-compatible; path() may be read from any thread.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "store/connection.h"

namespace headroom::store {

class DatabaseFiles {
 public:
  enum class Opening {
    kOpen,
    kBusy,         // locked by another process; try later
    kUnavailable,  // disk full, input/output error; try later
    kUnwritable,   // directory or file cannot be created or written
    kNewerSchema,  // made by a later version of this program; left alone
    kNoKey,        // encrypted, and no key is given; likewise
    kWrongKey,     // encrypted with another key
  };

  // Makes or checks the schema of a database that was just opened; `newer` as for PrepareDatabase.
  using Prepare = Disk (*)(Connection& connection, bool& newer);

  DatabaseFiles(std::string data_dir, const std::string& name, Prepare prepare);

  // Makes the directory and its missing parents, mode 0700.
  // Errors: kInvalidArgument.
  Status MakeDirectory() const;

  // Opens the database for writing: creates it if missing, moves it aside and
  // creates another if SQLite or the schema says it is damaged. Waits at most
  // `patience` for other processes. Cost: two pages read; no scan.
  Opening Open(Connection& connection, std::chrono::milliseconds patience, int64_t unix_seconds);

  // Moves the opened database aside, unless somebody has put another in its
  // place already. False if it still stands there.
  bool MoveAside(int64_t unix_seconds);

  // True if the path no longer leads to the file that was opened.
  bool Replaced() const;

  const std::string& path() const { return path_; }

 private:
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Identity&) const = default;
  };

  Identity Look() const;
  Opening CreateFile() const;
  void RestrictModes() const;
  Disk OpenSchema(Connection& connection, bool& newer) const;
  bool Rename(int64_t unix_seconds) const;

  const std::string directory_;
  const std::string path_;
  const std::string lock_path_;
  const Prepare prepare_;
  Identity opened_;
};

}  // namespace headroom::store
