// What waits for the writer thread, in order: which rows, not their bytes (those
// stay in NodeMemory and OriginalMemory, pinned).
//
// The writer takes a batch when the oldest operation has waited for the flush
// interval, when enough bytes wait, or when somebody flushes. A batch that fails
// goes back to the front and is tried again after a pause. When more than
// max_bytes wait, the oldest operations are dropped and handed to the caller, to
// let go of what they pinned.
//
// Thread-safe; one thread takes.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/hash.h"

namespace headroom::store {

struct WriteOperation {
  enum class Kind : uint8_t {
    kNode,           // write the node `key`
    kTouchNode,      // `key` was used on day `when`
    kDropNode,       // the row of `key` is damaged or expired
    kOriginal,       // write the original (`key` = tenant, `id`)
    kTouchOriginal,  // it was retrieved at second `when`
    kKeepOriginal,   // a rendition of it was used at second `when`
    kDropOriginal,   // its row is damaged
    kGeneration,     // write the policy numbered `when`
  };
  Kind kind = Kind::kNode;
  Hash128 key;
  std::string id;
  int64_t when = 0;
  int64_t checksum = 0;
  size_t bytes = 0;  // pinned by it
};

class WriteQueue {
 public:
  struct Options {
    std::chrono::milliseconds flush_interval{50};
    size_t wake_bytes = 1u << 20;
    size_t batch_bytes = 8u << 20;
    size_t batch_operations = 4096;
    size_t max_bytes = 256u << 20;
    size_t max_operations = 1u << 20;
    std::chrono::milliseconds retry_interval{100};
  };
  using Batch = std::vector<WriteOperation>;

  explicit WriteQueue(Options options);

  // Returns what was dropped to make room.
  Batch Push(WriteOperation operation);

  // Waits for a batch, at most `idle`; empty if there is none, or if woken by
  // Wake() or Stop().
  Batch Take(std::chrono::milliseconds idle);
  // After Take, one of these. Operations count as waiting until then. Failed
  // returns what had to be dropped.
  void Written(const Batch& batch);
  Batch Failed(Batch batch);

  // Blocks until everything pushed before is written or dropped, or an attempt
  // that began after the call has failed.
  void Flush();
  // Makes Take return now.
  void Wake();
  // Makes every later Take return at once.
  void Stop();
  bool stopping() const;
  // Operations, those of the batch taken included.
  uint64_t waiting() const;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  bool Due(TimePoint now) const;
  TimePoint NextLook(TimePoint now, TimePoint idle_until) const;
  Batch Cut();
  Batch Trim();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable progress_;
  std::deque<WriteOperation> queue_;
  size_t queued_bytes_ = 0;
  size_t taken_ = 0;    // operations of the batch with the writer
  TimePoint oldest_{};  // when the queue became non-empty
  TimePoint retry_{};   // not before this, after a failure
  uint64_t pushed_ = 0;
  uint64_t settled_ = 0;  // written or dropped
  uint64_t attempts_ = 0;
  uint64_t last_failed_ = 0;
  int flushing_ = 0;
  bool woken_ = false;
  bool stopping_ = false;
};

}  // namespace headroom::store
