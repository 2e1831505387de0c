// The one thread that writes: takes batches from the WriteQueue, one transaction
// each, and between them keeps the database within its limits.
//
//   Take ──► database still in its place? ──no──► open or create, write again all that memory holds
//     ▲             │yes
//     │        transaction ──failed──► batch back to the queue, next try after a pause
//     └── settle ◄──ok                 (damaged: database moved aside first)
//
// Thread-safe. Start() once; the destructor writes what it can within two
// seconds, then joins.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "store/database_files.h"
#include "store/generations.h"
#include "store/node_memory.h"
#include "store/node_rows.h"
#include "store/original_memory.h"
#include "store/original_rows.h"
#include "store/purger.h"
#include "store/reader_pool.h"
#include "store/write_queue.h"

namespace headroom::store {

class Writer {
 public:
  struct Options {
    int64_t node_ttl_days = 30;
    int64_t original_ttl_seconds = 7 * 86400;
    int64_t original_budget_bytes = 2ll << 30;
    std::shared_ptr<const Sealer> sealer = nullptr;  // null: rows are not sealed
  };
  struct Counts {
    uint64_t failures = 0;  // transactions that failed and rows given up
    uint64_t evicted_originals = 0;
    uint64_t expired_originals = 0;
    OriginalTotals originals;
    bool disk_ok = false;
  };

  // Borrows all but the options.
  Writer(Options options, DatabaseFiles& files, WriteQueue& queue, NodeMemory& nodes, OriginalMemory& originals,
         Generations& generations, ReaderPool& readers, const Clock& clock);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // First opening, on the caller's thread, then starts the thread unless the
  // database cannot ever be used (kUnwritable, kNewerSchema).
  DatabaseFiles::Opening Start();

  // Queues `operation`; lets go of what had to be dropped for it.
  void Push(WriteOperation operation);
  // A reader met damage: the database is moved aside soon.
  void ReportDamage();
  // True when a transaction was committed just now, or within the last second,
  // and the last batch was too. Waits at most half a second.
  bool Probe();
  Counts counts() const;

 private:
  // Statements prepared on connection_.
  struct Tables {
    NodeWriter nodes;
    OriginalWriter originals;
    GenerationWriter generations;
    Purger purger;
  };

  void Run();
  bool Write(WriteQueue::Batch batch);
  bool EnsureOpen();
  DatabaseFiles::Opening OpenDatabase();
  Disk PrepareStatements();
  void CloseDatabase();
  void RewriteMemory();
  Disk Transaction(const WriteQueue::Batch& batch);
  Disk Apply(const WriteOperation& operation);
  void GiveUp(const WriteQueue::Batch& dropped);
  void Settle(const WriteOperation& operation);
  void HandleFailure(Disk disk);
  void SetDiskOk(bool ok, std::string_view reason);
  void Maintain();
  bool CommitProbe();
  void AnswerProbe();

  const Options options_;
  DatabaseFiles& files_;
  WriteQueue& queue_;
  NodeMemory& nodes_;
  OriginalMemory& originals_;
  Generations& generations_;
  ReaderPool& readers_;
  const Clock& clock_;

  // The writer thread's own, after Start().
  Connection connection_;
  std::unique_ptr<Tables> tables_;  // while connection_ is open
  bool lost_ = false;               // what memory holds may be missing on disk
  bool purge_more_ = false;
  std::chrono::steady_clock::time_point next_purge_{};

  std::atomic<bool> damaged_{false};
  std::atomic<bool> disk_ok_{false};
  std::atomic<uint64_t> failures_{0};
  std::atomic<uint64_t> evicted_originals_{0};
  std::atomic<uint64_t> expired_originals_{0};
  mutable std::mutex totals_mutex_;
  OriginalTotals totals_;

  std::mutex probe_mutex_;
  std::condition_variable probe_answered_;
  uint64_t probes_asked_ = 0;
  uint64_t probes_answered_ = 0;
  bool probe_result_ = false;
  std::chrono::steady_clock::time_point probed_{};

  std::thread thread_;
};

}  // namespace headroom::store
