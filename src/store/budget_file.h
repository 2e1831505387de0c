// Keeps what a BudgetTable has spent in a SQLite file, by a thread of its own.
//
//   spent ──► table ──(flush interval)──► one transaction of differences ──► sums back into the table
//
// Rows of periods that ended more than kKeepSeconds ago are deleted. When the
// disk is full, locked or gone, differences wait in the table and are tried
// again every second; a file that was deleted is begun anew with all that the
// table knows.
//
// Thread-safe. The destructor writes what it can, then joins.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "store/budget_table.h"
#include "store/connection.h"
#include "store/database_files.h"

namespace headroom::store {

class BudgetFile {
 public:
  static constexpr int64_t kKeepSeconds = 35 * 86'400;

  // Reads what is there before it returns. Borrows the table and the clock.
  BudgetFile(const std::string& data_dir, std::chrono::milliseconds flush_interval, BudgetTable& table,
             const Clock& clock);
  ~BudgetFile();
  BudgetFile(const BudgetFile&) = delete;
  BudgetFile& operator=(const BudgetFile&) = delete;

  // The table has something new. Never waits for the disk.
  void Wake();
  // Blocks until all that was spent before is written, or an attempt has failed.
  void Flush();
  uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  struct Statements {
    Statement add, load, purge;
  };

  void Run();
  // One transaction; false if it failed.
  bool Write();
  bool EnsureOpen();
  Disk Load();
  Disk Transaction(const std::vector<BudgetTable::Difference>& differences, std::vector<int64_t>& sums);
  void CountFailure(std::string_view why);
  int64_t UnixSeconds() const { return clock_.UnixMillis() / 1000; }

  const std::chrono::milliseconds flush_interval_;
  BudgetTable& table_;
  const Clock& clock_;

  // The thread's own, after the constructor.
  DatabaseFiles files_;
  Connection connection_;
  Statements statements_;
  bool was_open_ = false;
  bool failing_ = false;
  int64_t next_purge_ = 0;

  std::atomic<uint64_t> failures_{0};
  std::atomic<bool> woken_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t flushes_asked_ = 0;  // guarded by mutex_, as the next two
  uint64_t flushes_done_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace headroom::store
