// One SQLite connection and its prepared statements, with SQLite's result codes
// reduced to what the store acts upon. The only file that includes sqlite3.h is
// connection.cc.
//
// Thread-compatible: one thread at a time per connection and its statements.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/hash.h"

struct sqlite3;
struct sqlite3_stmt;

namespace headroom::store {

enum class Disk {
  kOk,          // done
  kRow,         // a row is ready
  kBusy,        // another connection holds the lock, longer than allowed
  kFull,        // no space, or a file-size limit
  kCorrupt,     // not a database, damaged, or not of our schema
  kUnwritable,  // missing, read-only, forbidden
  kRejected,    // this row cannot be stored; others can
  kError,       // input/output errors and the rest
};

std::string_view DiskName(Disk disk);

class Statement {
 public:
  Statement() = default;

  // Parameters count from 1. `bytes` is borrowed until Reset.
  void BindInteger(int parameter, int64_t value);
  void BindText(int parameter, std::string_view bytes);
  void BindBlob(int parameter, std::string_view bytes);
  void BindHash(int parameter, const Hash128& hash);

  Disk Step();
  // Ends the statement's use of bound bytes and rows.
  void Reset();
  // Step to the end, then Reset.
  Disk Run();

  // Columns count from 0; valid after kRow until the next Step or Reset.
  int64_t Integer(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class Connection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Access { kWriter, kReader };

  // Opens an existing file. A reader can write nothing and, when closed, leaves
  // the write-ahead log alone.
  Disk Open(const std::string& path, Access access);
  void Close();
  bool is_open() const { return handle_ != nullptr; }

  // Waits for locks end at `deadline` with kBusy.
  void set_deadline(TimePoint deadline) { *deadline_ = deadline; }

  Disk Execute(const char* sql);
  // kCorrupt if the schema lacks what `sql` names.
  Disk Prepare(std::string_view sql, Statement& statement);
  // Runs `sql`, which yields one integer.
  Disk QueryInteger(std::string_view sql, int64_t& value);
  // Rows changed by the last statement that ran.
  int64_t changes() const;

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  // On the heap: the busy handler keeps its address across moves.
  std::unique_ptr<TimePoint> deadline_ = std::make_unique<TimePoint>();
  std::unique_ptr<sqlite3, Closer> handle_;
};

}  // namespace headroom::store
