// What must outlive a request: the ledger of decisions and the originals of
// changed blocks. One file of embedded SQLite (WAL) under the data directory,
// memory in front of it.
//
//   Insert ──► memory (visible at once) ──► queue ──► one writer thread ──► SQLite
//   Find   ──► memory ──► else SQLite (reader connection)
//
// A request never waits for a write; what is inserted is visible to every
// later call of this process before Insert returns, and on disk within
// Options::flush_interval. When the disk is full, read-only, locked or broken,
// everything goes on from memory and the failures are counted. A corrupt
// database is moved aside at Open and a new one begun.
//
// Every row has tenant, project label, upstream and generation, a checksum and
// a last-use day. Thread-safe.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/status.h"

namespace headroom::store {

class Sealer;

// First 16 bytes of a SHA-256 over the credential; the scope of everything.
using TenantId = Hash128;

// What was decided for one block, or another fact filed under one key. The
// store does not look into `payload`.
struct Node {
  enum class Decision : uint8_t {
    kRaw = 0,         // the block goes upstream as it came
    kReplace = 1,     // payload: the bytes that stand in its place
    kTenantLink = 2,  // payload: the tenant that an opaque login belongs to
    kSame = 3,        // payload: the key of the node that holds the decision
  };

  Hash128 key;
  TenantId tenant;
  Decision decision = Decision::kRaw;
  uint32_t generation = 0;
  uint32_t tokens_before = 0;  // of the block, by the generation's counter; 0 for blocks never considered
  uint32_t tokens_after = 0;
  std::string rule;          // compressor's rule, or why it stayed raw
  std::string payload;       // compressed on disk
  Hash128 anchor;            // key of the block the payload refers to; zero if none
  std::string original_ids;  // of what the payload stands for, 24 hex each; "" if none
  std::string project;
  std::string upstream;
};

struct Original {
  std::string id;  // ContentId(text)
  TenantId tenant;
  std::string text;
  std::string tool_name;
  std::string project;
  std::string upstream;
  uint32_t generation = 0;
  uint32_t tokens = 0;
  uint32_t tokens_after = 0;
  uint32_t items = 0;        // lines, rows, ... of the text; 0 where nobody counted them
  uint32_t items_after = 0;  // those that stand in its rendition
  uint64_t retrievals = 0;   // whole fetches so far, this one included
};

// What one tenant's originals of one upstream come to.
struct OriginalsOfUpstream {
  std::string upstream;
  uint64_t count = 0;
  uint64_t bytes = 0;  // uncompressed
  uint64_t tokens = 0;
  uint64_t tokens_after = 0;
};

// Whether a fetch counts as a retrieval of the whole.
enum class Fetch : uint8_t { kWhole, kPart };

struct Stats {
  uint64_t nodes = 0;  // in memory
  uint64_t node_bytes = 0;
  uint64_t originals = 0;       // on disk and waiting
  uint64_t original_bytes = 0;  // uncompressed
  uint64_t queued_writes = 0;
  uint64_t write_failures = 0;
  uint64_t read_failures = 0;
  uint64_t corrupt_rows = 0;
  uint64_t evicted_originals = 0;  // for the budget, within their time to live
  uint64_t expired_originals = 0;  // unused for longer than their time to live
  uint64_t stored_bytes = 0;       // what the originals take of their budget
  uint64_t original_budget_bytes = 0;
  int64_t original_ttl_seconds = 0;
  bool disk_ok = false;  // the last write reached the disk
};

class Store {
 public:
  struct Options {
    std::string data_dir;                            // created with mode 0700 if missing; "" keeps everything in memory
    size_t memory_budget_bytes = 64u << 20;          // nodes and waiting originals kept in memory
    size_t original_budget_bytes = 2ull << 30;       // compressed originals on disk
    std::chrono::seconds original_ttl{7 * 86400};    // after last use
    std::chrono::seconds node_ttl{30 * 86400};       // after last use
    std::shared_ptr<const Sealer> sealer = nullptr;  // encrypts originals and payloads on disk
    std::chrono::milliseconds flush_interval{50};
    std::chrono::milliseconds read_timeout{5};  // a Find never waits longer for the disk
  };

  // What goes wrong with the database itself is in stats() and the log.
  // Errors: kInvalidArgument  data_dir cannot be created or written, or is encrypted with another key
  static Result<std::unique_ptr<Store>> Open(Options options, const Clock& clock);

  virtual ~Store() = default;  // flushes

  // The nodes of `keys` that exist, in the order of `keys`. A hit counts as a
  // use of the node, once a day, and of its originals, once an hour or, where they
  // live for less than eight hours, eight times in their life. `complete`, where given, becomes false when the disk did
  // not answer for every key in time: then a missing node may exist all the same.
  virtual std::vector<std::optional<Node>> Find(const std::vector<Hash128>& keys, bool* complete = nullptr) = 0;

  // Files `node` unless its key exists already: the first decision stands.
  // Returns the node that stands. Looks in memory alone; call Find first, so
  // that a row on disk has its say.
  virtual Node Insert(Node node) = 0;

  // Files or refreshes an original. Idempotent per (tenant, id).
  virtual void PutOriginal(Original original) = 0;

  // Counts as a use. Errors: kNotFound (unknown, expired, or another tenant's),
  // kDataLoss, kUnavailable (the disk did not answer within read_timeout).
  virtual Result<Original> GetOriginal(const TenantId& tenant, std::string_view id, Fetch fetch = Fetch::kWhole) = 0;

  // The originals of a tenant, by upstream; those on their way to the disk may be
  // counted twice for a moment. Cost: O(its originals); may take some tens of
  // milliseconds. Errors: kUnavailable when it would take longer.
  virtual Result<std::vector<OriginalsOfUpstream>> OriginalsOf(const TenantId& tenant) = 0;

  // The number of a policy text; the same text gets the same number, also
  // after a restart.
  virtual uint32_t InternGeneration(std::string_view policy) = 0;
  // Errors: kNotFound.
  virtual Result<std::string> GenerationPolicy(uint32_t generation) = 0;

  // Blocks until all that was inserted before is on disk or has failed.
  virtual void Flush() = 0;
  // True when a write transaction can be made now; for /readyz.
  virtual bool Writable() = 0;
  virtual Stats stats() const = 0;
};

// As Store::Find, asked again up to ten times while the disk has not answered: deciding
// without its answer may cost the provider's cache, asking again costs read_timeout.
std::vector<std::optional<Node>> FindSurely(Store& store, const std::vector<Hash128>& keys, bool* complete = nullptr);

}  // namespace headroom::store
