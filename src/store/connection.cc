#include "store/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace headroom::store {
namespace {

Disk Classify(int code) {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
      return Disk::kOk;
    case SQLITE_ROW:
      return Disk::kRow;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Disk::kBusy;
    case SQLITE_FULL:
      return Disk::kFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Disk::kCorrupt;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Disk::kUnwritable;
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return Disk::kRejected;
    default:
      return Disk::kError;
  }
}

// SQLite calls this while a lock is taken; non-zero means try again.
int WaitForLock(void* deadline, int tries) {
  const auto until = *static_cast<const Connection::TimePoint*>(deadline);
  const auto now = std::chrono::steady_clock::now();
  if (now >= until) return 0;
  const auto pause = std::chrono::microseconds(100 << std::min(tries, 7));
  std::this_thread::sleep_for(std::min<Connection::TimePoint::duration>(pause, until - now));
  return 1;
}

}  // namespace

std::string_view DiskName(Disk disk) {
  switch (disk) {
    case Disk::kOk:
      return "ok";
    case Disk::kRow:
      return "row";
    case Disk::kBusy:
      return "locked";
    case Disk::kFull:
      return "full";
    case Disk::kCorrupt:
      return "corrupt";
    case Disk::kUnwritable:
      return "unwritable";
    case Disk::kRejected:
      return "rejected";
    case Disk::kError:
      break;
  }
  return "io_error";
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::BindInteger(int parameter, int64_t value) { sqlite3_bind_int64(statement_.get(), parameter, value); }

// A null pointer would bind NULL, so an empty view is bound as "".
void Statement::BindText(int parameter, std::string_view bytes) {
  sqlite3_bind_text64(statement_.get(), parameter, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Statement::BindBlob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
}

void Statement::BindHash(int parameter, const Hash128& hash) {
  const auto bytes = hash.Bytes();
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

Disk Statement::Step() { return Classify(sqlite3_step(statement_.get())); }

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Disk Statement::Run() {
  Disk disk;
  do {
    disk = Step();
  } while (disk == Disk::kRow);
  Reset();
  return disk;
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::Bytes(int column) const {
  // The order of the two calls is SQLite's: first the pointer, then its length.
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (bytes == nullptr || size <= 0) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

void Connection::Closer::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Disk Connection::Open(const std::string& path, Access access) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(raw);
  if (code != SQLITE_OK) {
    handle_.reset();
    return Classify(code);
  }
  // Without permission to write SQLite opens the file for reading instead.
  if (sqlite3_db_readonly(raw, "main") != 0) {
    handle_.reset();
    return Disk::kUnwritable;
  }
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_handler(raw, &WaitForLock, deadline_.get());
  if (access == Access::kReader) {
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return Execute("PRAGMA query_only=1");
  }
  return Disk::kOk;
}

void Connection::Close() { handle_.reset(); }

Disk Connection::Execute(const char* sql) {
  return Classify(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr));
}

Disk Connection::Prepare(std::string_view sql, Statement& statement) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  statement.statement_.reset(raw);
  return (code & 0xff) == SQLITE_ERROR ? Disk::kCorrupt : Classify(code);
}

Disk Connection::QueryInteger(std::string_view sql, int64_t& value) {
  Statement statement;
  if (const Disk disk = Prepare(sql, statement); disk != Disk::kOk) return disk;
  const Disk disk = statement.Step();
  if (disk != Disk::kRow) return disk == Disk::kOk ? Disk::kCorrupt : disk;
  value = statement.Integer(0);
  return Disk::kOk;
}

int64_t Connection::changes() const { return sqlite3_changes64(handle_.get()); }

}  // namespace headroom::store
