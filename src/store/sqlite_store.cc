#include "store/sqlite_store.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "store/schema.h"

namespace headroom::store {
namespace {

// Nodes are dated by the day: a part of a day counts as one.
int64_t WholeDays(std::chrono::seconds ttl) { return (ttl.count() + 86399) / 86400; }

// Unwritten rows may take this many times the memory budget while the disk does
// not answer.
constexpr size_t kBacklogFactor = 4;

// So much waiting is written at once.
constexpr size_t kWakeBytes = 1u << 20;

constexpr size_t kOriginalIdBytes = 24;

// How much longer than for a look-up somebody waits who asks for a tenant's sums.
constexpr std::chrono::milliseconds kSumPatience{50};

// One transaction; some tens of milliseconds of the write lock.
constexpr size_t kMaxBatchBytes = 8u << 20;

}  // namespace

SqliteStore::DiskSide::DiskSide(const Options& options, NodeMemory& nodes, OriginalMemory& originals,
                                Generations& generations, const Clock& clock)
    : files(options.data_dir, "ledger", PrepareDatabase),
      queue({.flush_interval = options.flush_interval,
             .wake_bytes = std::min(kWakeBytes, options.memory_budget_bytes),
             .batch_bytes = std::min(kMaxBatchBytes, options.memory_budget_bytes),
             .max_bytes = kBacklogFactor * options.memory_budget_bytes}),
      readers(files.path(), options.sealer),
      writer({.node_ttl_days = WholeDays(options.node_ttl),
              .original_ttl_seconds = options.original_ttl.count(),
              .original_budget_bytes = static_cast<int64_t>(options.original_budget_bytes),
              .sealer = options.sealer},
             files, queue, nodes, originals, generations, readers, clock) {}

SqliteStore::SqliteStore(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      nodes_(options_.memory_budget_bytes, WholeDays(options_.node_ttl),
             UseResolutionSeconds(options_.original_ttl.count())) {
  originals_ = std::make_unique<OriginalMemory>(
      OriginalMemory::Options{.waiting_only = false,
                              .budget_bytes = std::min(options_.memory_budget_bytes, options_.original_budget_bytes),
                              .ttl_seconds = options_.original_ttl.count()});
}

SqliteStore::~SqliteStore() = default;

Status SqliteStore::OpenDisk() {
  auto waiting = std::make_unique<OriginalMemory>(OriginalMemory::Options{});
  auto disk = std::make_unique<DiskSide>(options_, nodes_, *waiting, generations_, clock_);
  if (Status made = disk->files.MakeDirectory(); !made.ok()) return made;
  switch (disk->writer.Start()) {
    case DatabaseFiles::Opening::kUnwritable:
      return Status(Code::kInvalidArgument, "cannot write " + disk->files.path());
    case DatabaseFiles::Opening::kNoKey:
      return Status(Code::kInvalidArgument, disk->files.path() + " is encrypted, and no encryption key is given");
    case DatabaseFiles::Opening::kWrongKey:
      return Status(Code::kInvalidArgument, disk->files.path() + " is encrypted with another key than the one given");
    case DatabaseFiles::Opening::kNewerSchema:
      log::Error("store database was made by a later version; it is left alone and everything is kept in memory",
                 {{"path", disk->files.path()}});
      return Status();
    default:
      originals_ = std::move(waiting);
      disk_ = std::move(disk);
      return Status();
  }
}

std::vector<std::optional<Node>> SqliteStore::Find(const std::vector<Hash128>& keys, bool* complete) {
  std::vector<std::optional<Node>> found(keys.size());
  std::vector<size_t> missing;
  const int64_t now = UnixSeconds();
  for (size_t i = 0; i < keys.size(); ++i) {
    const NodeMemory::Hit hit = nodes_.Find(keys[i], now, found[i]);
    if (!hit.found) missing.push_back(i);
    if (hit.first_use_today && disk_ != nullptr) {
      disk_->writer.Push({.kind = WriteOperation::Kind::kTouchNode, .key = keys[i], .id = {}, .when = now / 86400});
    }
    if (hit.keeps_originals) KeepOriginals(*found[i]);
  }
  const bool answered = disk_ == nullptr || missing.empty() || FindOnDisk(keys, std::move(missing), found);
  if (complete != nullptr) *complete = answered;
  return found;
}

// In the order of the keys, so that neighbours in the tree are read together.
bool SqliteStore::FindOnDisk(const std::vector<Hash128>& keys, std::vector<size_t> missing,
                             std::vector<std::optional<Node>>& found) {
  std::sort(missing.begin(), missing.end(), [&keys](size_t a, size_t b) { return keys[a] < keys[b]; });
  const Connection::TimePoint deadline = ReadDeadline();
  Disk disk;
  std::unique_ptr<Reader> reader = disk_->readers.Acquire(deadline, disk);
  if (reader == nullptr) {
    CountReadFailures(missing.size(), disk);
    return false;
  }

  const int64_t today = Today();
  const bool snapshot = missing.size() > 1;
  if (snapshot) disk = reader->begin.Run();
  size_t answered = 0;
  while (disk == Disk::kOk && answered < missing.size()) {
    const size_t i = missing[answered];
    if (ReadNode(*reader, keys[i], today, found[i], disk) == Lookup::kFailed) break;
    disk = Disk::kOk;
    ++answered;
    if (answered < missing.size() && std::chrono::steady_clock::now() >= deadline) disk = Disk::kBusy;
  }
  if (snapshot) (void)reader->commit.Run();
  disk_->readers.Release(std::move(reader));
  if (answered < missing.size()) CountReadFailures(missing.size() - answered, disk);
  return answered == missing.size();
}

Lookup SqliteStore::ReadNode(Reader& reader, const Hash128& key, int64_t today, std::optional<Node>& found,
                             Disk& disk) {
  NodeRow row;
  const Lookup lookup = reader.nodes.Read(key, row, disk);
  const bool expired = lookup == Lookup::kFound && today - row.last_used_day > WholeDays(options_.node_ttl);
  if (lookup == Lookup::kDamaged) corrupt_rows_.fetch_add(1, std::memory_order_relaxed);
  if (lookup == Lookup::kDamaged || expired) {
    // Out of the way of the next decision for this key.
    disk_->writer.Push({.kind = WriteOperation::Kind::kDropNode,
                        .key = key,
                        .id = {},
                        .when = row.last_used_day,
                        .checksum = row.checksum});
  } else if (lookup == Lookup::kFound) {
    found = nodes_.Insert(std::move(row.node), today, UnixSeconds(), /*pinned=*/false).node;
    if (row.last_used_day < today) {
      disk_->writer.Push({.kind = WriteOperation::Kind::kTouchNode, .key = key, .id = {}, .when = today});
    }
    KeepOriginals(*found);
  }
  return lookup;
}

// A conversation that goes on keeps what its decisions stand for.
void SqliteStore::KeepOriginals(const Node& node) {
  for (size_t at = 0; at + kOriginalIdBytes <= node.original_ids.size(); at += kOriginalIdBytes) {
    std::string id = node.original_ids.substr(at, kOriginalIdBytes);
    if (disk_ == nullptr) {
      originals_->Keep(node.tenant, id, UnixSeconds());
      continue;
    }
    disk_->writer.Push(
        {.kind = WriteOperation::Kind::kKeepOriginal, .key = node.tenant, .id = std::move(id), .when = UnixSeconds()});
  }
}

Node SqliteStore::Insert(Node node) {
  const Hash128 key = node.key;
  const size_t bytes = NodeBytes(node);
  NodeMemory::Standing standing = nodes_.Insert(std::move(node), Today(), UnixSeconds(), /*pinned=*/disk_ != nullptr);
  if (standing.added && disk_ != nullptr) {
    disk_->writer.Push({.kind = WriteOperation::Kind::kNode, .key = key, .id = {}, .bytes = bytes});
  }
  return std::move(standing.node);
}

// With a budget of nothing none is kept, not even the latest.
void SqliteStore::PutOriginal(Original original) {
  if (options_.original_budget_bytes == 0) return;
  WriteOperation operation{.kind = WriteOperation::Kind::kOriginal,
                           .key = original.tenant,
                           .id = original.id,
                           .bytes = OriginalBytes(original)};
  const bool added = originals_->Put(std::move(original), UnixSeconds());
  if (added && disk_ != nullptr) disk_->writer.Push(std::move(operation));
}

Result<Original> SqliteStore::GetOriginal(const TenantId& tenant, std::string_view id, Fetch fetch) {
  std::optional<Original> waiting = originals_->Find(tenant, id, UnixSeconds());
  if (!waiting && disk_ != nullptr) return GetOriginalFromDisk(tenant, id, fetch);
  if (!waiting) return Status(Code::kNotFound, "no such original");
  if (fetch == Fetch::kWhole) waiting->retrievals = originals_->AddRetrieval(tenant, id);
  if (disk_ != nullptr) Used(tenant, id, fetch);
  return *std::move(waiting);
}

void SqliteStore::Used(const TenantId& tenant, std::string_view id, Fetch fetch) {
  const bool whole = fetch == Fetch::kWhole;
  disk_->writer.Push({.kind = whole ? WriteOperation::Kind::kTouchOriginal : WriteOperation::Kind::kKeepOriginal,
                      .key = tenant,
                      .id = std::string(id),
                      .when = UnixSeconds()});
}

Result<std::vector<OriginalsOfUpstream>> SqliteStore::OriginalsOf(const TenantId& tenant) {
  std::map<std::string, OriginalsOfUpstream> sums;
  originals_->Sum(tenant, sums);
  if (disk_ != nullptr) {
    const Connection::TimePoint deadline = ReadDeadline() + kSumPatience;
    Disk disk;
    std::unique_ptr<Reader> reader = disk_->readers.Acquire(deadline, disk);
    if (reader != nullptr) {
      disk = reader->originals.Sum(tenant, deadline, sums);
      disk_->readers.Release(std::move(reader));
    }
    if (disk != Disk::kOk) {
      CountReadFailures(1, disk);
      return Status(Code::kUnavailable, "the disk did not answer: " + std::string(DiskName(disk)));
    }
  }
  std::vector<OriginalsOfUpstream> out;
  for (auto& [upstream, sum] : sums) {
    sum.upstream = upstream;
    out.push_back(std::move(sum));
  }
  return out;
}

Result<Original> SqliteStore::GetOriginalFromDisk(const TenantId& tenant, std::string_view id, Fetch fetch) {
  Disk disk;
  OriginalRow row;
  Lookup lookup = Lookup::kFailed;
  if (std::unique_ptr<Reader> reader = disk_->readers.Acquire(ReadDeadline(), disk); reader != nullptr) {
    lookup = reader->originals.Read(tenant, id, row, disk);
    disk_->readers.Release(std::move(reader));
  }
  switch (lookup) {
    case Lookup::kFound:
      return AcceptOriginal(std::move(row), fetch);
    case Lookup::kMissing:
      return Status(Code::kNotFound, "no such original");
    case Lookup::kDamaged:
      corrupt_rows_.fetch_add(1, std::memory_order_relaxed);
      disk_->writer.Push({.kind = WriteOperation::Kind::kDropOriginal,
                          .key = tenant,
                          .id = std::string(id),
                          .checksum = row.checksum});
      return Status(Code::kDataLoss, "the original's row fails its checksum");
    case Lookup::kFailed:
      break;
  }
  CountReadFailures(1, disk);
  return Status(Code::kUnavailable, "the disk did not answer: " + std::string(DiskName(disk)));
}

Result<Original> SqliteStore::AcceptOriginal(OriginalRow row, Fetch fetch) {
  if (UnixSeconds() - row.last_used > options_.original_ttl.count())
    return Status(Code::kNotFound, "the original has expired");
  Original& original = row.original;
  if (fetch == Fetch::kWhole) original.retrievals += originals_->AddRetrieval(original.tenant, original.id);
  Used(original.tenant, original.id, fetch);
  return std::move(original);
}

uint32_t SqliteStore::InternGeneration(std::string_view policy) {
  const Generations::Interned interned = generations_.Intern(policy);
  if (interned.added && disk_ != nullptr) {
    disk_->writer.Push({.kind = WriteOperation::Kind::kGeneration, .key = {}, .id = {}, .when = interned.number});
  }
  return interned.number;
}

Result<std::string> SqliteStore::GenerationPolicy(uint32_t generation) {
  if (std::optional<std::string> policy = generations_.Find(generation)) return *std::move(policy);
  const Status not_found(Code::kNotFound, "no such generation");
  if (disk_ == nullptr) return not_found;
  // Another process on the same directory may have added it.
  Disk disk;
  std::string policy;
  std::unique_ptr<Reader> reader = disk_->readers.Acquire(ReadDeadline(), disk);
  if (reader == nullptr) {
    CountReadFailures(1, disk);
    return not_found;
  }
  const Lookup lookup = reader->generations.Read(generation, policy, disk);
  disk_->readers.Release(std::move(reader));
  if (lookup == Lookup::kFailed) CountReadFailures(1, disk);
  if (lookup == Lookup::kDamaged) corrupt_rows_.fetch_add(1, std::memory_order_relaxed);
  if (lookup != Lookup::kFound) return not_found;
  generations_.Restore(generation, policy);
  return policy;
}

void SqliteStore::Flush() {
  if (disk_ != nullptr) disk_->queue.Flush();
}

bool SqliteStore::Writable() {
  if (disk_ != nullptr) return disk_->writer.Probe();
  return options_.data_dir.empty();
}

Stats SqliteStore::stats() const {
  Stats stats;
  const OriginalMemory::Totals originals = originals_->totals();
  stats.nodes = nodes_.count();
  stats.node_bytes = nodes_.bytes();
  stats.originals = originals.count;
  stats.original_bytes = originals.bytes;
  stats.evicted_originals = originals.evicted;
  stats.expired_originals = originals.expired;
  stats.stored_bytes = originals_->bytes();
  stats.original_ttl_seconds = options_.original_ttl.count();
  stats.original_budget_bytes = disk_ != nullptr
                                    ? options_.original_budget_bytes
                                    : std::min(options_.memory_budget_bytes, options_.original_budget_bytes);
  stats.read_failures = read_failures_.load(std::memory_order_relaxed);
  stats.corrupt_rows = corrupt_rows_.load(std::memory_order_relaxed);
  if (disk_ == nullptr) return stats;
  const Writer::Counts counts = disk_->writer.counts();
  stats.originals += static_cast<uint64_t>(counts.originals.count);
  stats.original_bytes += static_cast<uint64_t>(counts.originals.bytes);
  stats.evicted_originals += counts.evicted_originals;
  stats.expired_originals += counts.expired_originals;
  stats.stored_bytes += static_cast<uint64_t>(counts.originals.stored_bytes);
  stats.queued_writes = disk_->queue.waiting();
  stats.write_failures = counts.failures;
  stats.disk_ok = counts.disk_ok;
  return stats;
}

void SqliteStore::CountReadFailures(uint64_t keys, Disk disk) {
  read_failures_.fetch_add(keys, std::memory_order_relaxed);
  if (disk == Disk::kCorrupt) disk_->writer.ReportDamage();
}

Result<std::unique_ptr<Store>> Store::Open(Options options, const Clock& clock) {
  const bool on_disk = !options.data_dir.empty();
  auto store = std::make_unique<SqliteStore>(std::move(options), clock);
  if (on_disk) {
    if (Status opened = store->OpenDisk(); !opened.ok()) return opened;
  }
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace headroom::store
