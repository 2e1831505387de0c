// What the proxy learns from: which results it shortened, and what of them was
// asked for afterwards.
//
//   request path ─► Post (bounded queue) ─► worker ─► Learn ─► patterns ─► toin.json
//                                                                │ at start, every 24 h
//   request path ◄──────────── recommendations ◄──── Snapshot ◄──┘
//
// Learning never changes a decision: only a snapshot does, and a conversation
// keeps the one that it began with. Nothing is sent anywhere. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "learning/keyed_hash.h"
#include "learning/patterns.h"
#include "learning/signature.h"
#include "learning/snapshot.h"

namespace headroom::learning {

// Numbers of units from 1, both inclusive.
struct Range {
  size_t first = 0;
  size_t last = 0;
};

// What was made of one tool result.
struct Excerpt {
  Hash128 tenant;
  std::string original;  // the id it is kept under
  Structure structure;
  std::string rule;  // the compressor's; "" when nothing was done
  bool leaves_out = false;
  size_t units = 0;  // with leaves_out
  size_t units_kept = 0;
  uint64_t tokens_before = 0;
  uint64_t tokens_after = 0;
  std::vector<Range> gaps;  // what is left out, as its marks say; ascending
};

// That a model, or a user, asked for an original.
struct Opening {
  Hash128 tenant;
  std::string original;
  Structure structure;  // where no excerpt of it is remembered
  bool whole = false;   // all of it was given back; else a page, or what fits a query
  bool by_query = false;
  bool left_out = true;           // something that it found is not in the excerpt
  std::vector<uint64_t> fields;   // of the query's words, those that name fields
  std::vector<uint64_t> words;    // those that stand in what was left out and found
  std::optional<uint64_t> query;  // of the whole query
};

class Learner {
 public:
  struct Options {
    std::string path;  // toin.json, its key beside it; "" keeps all in memory
    bool enabled = true;
    Patterns::Limits limits = {};
    size_t max_remembered = 4'096;  // excerpts of which the gaps are known
    size_t max_queued_bytes = size_t{8} << 20;
    size_t max_queued = 1'024;
    std::chrono::seconds save_every{600};
    std::chrono::seconds snapshot_every{86'400};
    // Runs a task later, on another thread; false when it cannot. Empty: Post runs it at once.
    std::function<bool(std::function<void()>)> run = {};
  };

  // Reads what was learnt before. Where key or file cannot be read it starts with nothing, says so once, and learns
  // in memory.
  Learner(Options options, const Clock& clock);

  bool enabled() const { return options_.enabled; }
  const KeyedHash& hash() const { return hash_; }
  std::string TenantId(const Hash128& tenant) const;

  // Has `task` run off the request's way. False, and counted, when too much waits already. `bytes` is about what it
  // holds. Cost: a lock and a move.
  bool Post(size_t bytes, std::function<void()> task);

  // Meant for tasks of Post. Cost: O(log n) each.
  void Learn(const Excerpt& excerpt);
  void Learn(const Opening& opening);

  // What the excerpt of an original left out, where it is remembered.
  struct Remembered {
    Structure structure;
    std::string rule;
    std::vector<Range> gaps;
    enum class Opened : uint8_t { kNot, kInPart, kWhole } opened = Opened::kNot;
  };
  std::optional<Remembered> Recall(const Hash128& tenant, const std::string& original) const;

  // How much results like this are worth keeping, for whoever has to drop some: 0.5 where nothing is known, up to 1
  // where every one was asked for again. `signature_or_tool`: a Structure::id, or the tool's name.
  // Changes over time: who decides by it has to record the decision. Cost: O(log n).
  double Worth(const Hash128& tenant, const std::string& signature_or_tool) const;

  // What is recommended as of now.
  Snapshot Now() const;

  // For the owner's timer, from one thread: saves when something new is older than save_every.
  // True when it is time for another snapshot, the first call included.
  bool Tick();
  // Adds what is new to the file. Errors: kUnavailable; then it is kept for the next time.
  Status Save();

  struct Totals {
    size_t patterns = 0;  // of the installation
    uint64_t compressions = 0;
    uint64_t retrievals = 0;
    size_t with_recommendations = 0;
    uint64_t dropped = 0;  // tasks that Post refused
  };
  // Of the installation, or of one tenant; of structures alone.
  Totals totals(const std::string& tenant_id = {}) const;
  // Copies of the patterns of one scope, most compressions first, at most `limit`.
  std::vector<std::pair<PatternKey, Pattern>> List(const std::string& tenant_id, bool of_tools, size_t limit) const;

 private:
  void Drain();
  void Update(const Hash128& tenant, const Structure& structure, const std::function<void(Pattern&)>& change);
  void Apply(const PatternKey& key, const std::function<void(Pattern&)>& change);

  const Options options_;
  const Clock& clock_;
  bool on_disk_ = false;
  KeyedHash hash_;

  mutable std::mutex mutex_;
  Patterns all_;      // the file's and what came since
  Patterns unsaved_;  // what came since
  bool dirty_ = false;
  struct Memory {
    Remembered excerpt;
    std::list<Hash128>::iterator use;
  };
  std::list<Hash128> uses_;  // oldest first
  std::unordered_map<Hash128, Memory, Hash128Hasher> remembered_;

  mutable std::mutex queue_mutex_;
  struct Task {
    size_t bytes;
    std::function<void()> run;
  };
  std::deque<Task> queue_;
  size_t queued_bytes_ = 0;
  bool draining_ = false;
  uint64_t dropped_ = 0;

  std::optional<Clock::TimePoint> last_save_;
  std::optional<Clock::TimePoint> last_snapshot_;
};

}  // namespace headroom::learning
