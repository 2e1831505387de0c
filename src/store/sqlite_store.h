// The Store over SQLite: memory in front, readers for what memory lacks, one
// writer behind. Without a data directory the same, less readers and writer.
//
// Thread-safe.

#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database_files.h"
#include "store/generations.h"
#include "store/node_memory.h"
#include "store/original_memory.h"
#include "store/reader_pool.h"
#include "store/store.h"
#include "store/write_queue.h"
#include "store/writer.h"

namespace headroom::store {

class SqliteStore : public Store {
 public:
  SqliteStore(Options options, const Clock& clock);
  ~SqliteStore() override;

  // Opens the database under data_dir, which must not be "". Falls back to
  // memory for good when the database is of a later version.
  // Errors: kInvalidArgument  the directory or the file cannot be written.
  Status OpenDisk();

  std::vector<std::optional<Node>> Find(const std::vector<Hash128>& keys, bool* complete) override;
  Node Insert(Node node) override;
  void PutOriginal(Original original) override;
  Result<Original> GetOriginal(const TenantId& tenant, std::string_view id, Fetch fetch) override;
  Result<std::vector<OriginalsOfUpstream>> OriginalsOf(const TenantId& tenant) override;
  uint32_t InternGeneration(std::string_view policy) override;
  Result<std::string> GenerationPolicy(uint32_t generation) override;
  void Flush() override;
  bool Writable() override;
  Stats stats() const override;

 private:
  // What exists only with a database.
  struct DiskSide {
    DiskSide(const Options& options, NodeMemory& nodes, OriginalMemory& originals, Generations& generations,
             const Clock& clock);
    DatabaseFiles files;
    WriteQueue queue;
    ReaderPool readers;
    Writer writer;
  };

  int64_t UnixSeconds() const { return clock_.UnixMillis() / 1000; }
  int64_t Today() const { return UnixSeconds() / 86400; }
  Connection::TimePoint ReadDeadline() const { return std::chrono::steady_clock::now() + options_.read_timeout; }

  // False when the disk did not answer for every key.
  bool FindOnDisk(const std::vector<Hash128>& keys, std::vector<size_t> missing,
                  std::vector<std::optional<Node>>& found);
  Lookup ReadNode(Reader& reader, const Hash128& key, int64_t today, std::optional<Node>& found, Disk& disk);
  void KeepOriginals(const Node& node);
  void Used(const TenantId& tenant, std::string_view id, Fetch fetch);
  Result<Original> GetOriginalFromDisk(const TenantId& tenant, std::string_view id, Fetch fetch);
  Result<Original> AcceptOriginal(OriginalRow row, Fetch fetch);
  void CountReadFailures(uint64_t keys, Disk disk);

  const Options options_;
  const Clock& clock_;
  NodeMemory nodes_;
  std::unique_ptr<OriginalMemory> originals_;
  Generations generations_;
  std::atomic<uint64_t> read_failures_{0};
  std::atomic<uint64_t> corrupt_rows_{0};
  std::unique_ptr<DiskSide> disk_;
};

}  // namespace headroom::store
