#include "store/writer.h"

#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/log.h"

namespace headroom::store {
namespace {

constexpr int kNice = 5;

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long the writer waits for another process's transaction before it counts
// a failure and tries again.
constexpr milliseconds kLockPatience{250};
// Also how soon a database that was deleted while nothing is written is noticed.
constexpr milliseconds kIdle{1000};
constexpr milliseconds kProbeFresh{1000};
constexpr milliseconds kProbePatience{500};
constexpr milliseconds kStopPatience{2000};

}  // namespace

Writer::Writer(Options options, DatabaseFiles& files, WriteQueue& queue, NodeMemory& nodes, OriginalMemory& originals,
               Generations& generations, ReaderPool& readers, const Clock& clock)
    : options_(std::move(options)),
      files_(files),
      queue_(queue),
      nodes_(nodes),
      originals_(originals),
      generations_(generations),
      readers_(readers),
      clock_(clock) {}

Writer::~Writer() {
  queue_.Stop();
  if (thread_.joinable()) thread_.join();
  // Readers first: the last connection to close empties the write-ahead log.
  CloseDatabase();
}

DatabaseFiles::Opening Writer::Start() {
  const DatabaseFiles::Opening opening = OpenDatabase();
  if (opening == DatabaseFiles::Opening::kUnwritable || opening == DatabaseFiles::Opening::kNewerSchema ||
      opening == DatabaseFiles::Opening::kNoKey || opening == DatabaseFiles::Opening::kWrongKey) {
    return opening;
  }
  disk_ok_ = opening == DatabaseFiles::Opening::kOpen;
  if (!disk_ok_) log::Warning("store database cannot be opened now; going on from memory", {{"path", files_.path()}});
  thread_ = std::thread([this] { Run(); });
  return opening;
}

void Writer::Push(WriteOperation operation) { GiveUp(queue_.Push(std::move(operation))); }

void Writer::GiveUp(const WriteQueue::Batch& dropped) {
  failures_.fetch_add(dropped.size(), std::memory_order_relaxed);
  for (const WriteOperation& operation : dropped) Settle(operation);
}

void Writer::ReportDamage() {
  damaged_ = true;
  queue_.Wake();
}

bool Writer::Probe() {
  std::unique_lock lock(probe_mutex_);
  if (steady_clock::now() - probed_ < kProbeFresh) return probe_result_ && disk_ok_;
  const uint64_t asked = ++probes_asked_;
  queue_.Wake();
  const bool answered = probe_answered_.wait_for(lock, kProbePatience, [&] { return probes_answered_ >= asked; });
  return answered && probe_result_ && disk_ok_;
}

Writer::Counts Writer::counts() const {
  Counts counts;
  counts.failures = failures_.load(std::memory_order_relaxed);
  counts.evicted_originals = evicted_originals_.load(std::memory_order_relaxed);
  counts.expired_originals = expired_originals_.load(std::memory_order_relaxed);
  counts.disk_ok = disk_ok_;
  const std::lock_guard lock(totals_mutex_);
  counts.originals = totals_;
  return counts;
}

void Writer::Run() {
  // Requests come first: nobody waits for this thread. (On Linux the call is for
  // the calling thread alone.)
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
  steady_clock::time_point give_up{};
  for (;;) {
    WriteQueue::Batch batch = queue_.Take(purge_more_ ? milliseconds(0) : kIdle);
    const bool stopping = queue_.stopping();
    if (batch.empty()) {
      if (stopping) return;
      if (disk_ok_ ? EnsureOpen() : CommitProbe()) Maintain();
    } else if (Write(std::move(batch))) {
      Maintain();
    } else if (stopping) {
      const auto now = steady_clock::now();
      if (give_up == steady_clock::time_point{}) give_up = now + kStopPatience;
      if (now >= give_up) {
        log::Error("store closed with writes that did not reach the disk",
                   {{"rows", std::to_string(queue_.waiting())}});
        return;
      }
      std::this_thread::sleep_for(milliseconds(50));
    }
    AnswerProbe();
  }
}

bool Writer::Write(WriteQueue::Batch batch) {
  if (!EnsureOpen()) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    GiveUp(queue_.Failed(std::move(batch)));
    return false;
  }
  const Disk disk = Transaction(batch);
  if (disk != Disk::kOk) {
    HandleFailure(disk);
    GiveUp(queue_.Failed(std::move(batch)));
    return false;
  }
  for (const WriteOperation& operation : batch) Settle(operation);
  queue_.Written(batch);
  SetDiskOk(true, "");
  return true;
}

// The inode is looked at before each transaction: rows written to a file that
// was deleted would be lost with it.
bool Writer::EnsureOpen() {
  if (connection_.is_open() && files_.Replaced()) {
    log::Error("store database was deleted or replaced; going on with the one in its place", {{"path", files_.path()}});
    CloseDatabase();
    lost_ = true;
  }
  if (damaged_.exchange(false) && connection_.is_open()) {
    CloseDatabase();
    if (!files_.MoveAside(clock_.UnixMillis() / 1000)) SetDiskOk(false, "damaged");
    lost_ = true;
  }
  if (connection_.is_open()) return true;
  const DatabaseFiles::Opening opening =
      files_.MakeDirectory().ok() ? OpenDatabase() : DatabaseFiles::Opening::kUnwritable;
  if (opening != DatabaseFiles::Opening::kOpen) {
    SetDiskOk(false, opening == DatabaseFiles::Opening::kBusy ? "locked" : "cannot open");
    return false;
  }
  if (std::exchange(lost_, false)) RewriteMemory();
  return true;
}

DatabaseFiles::Opening Writer::OpenDatabase() {
  const int64_t now = clock_.UnixMillis() / 1000;
  DatabaseFiles::Opening opening = files_.Open(connection_, kLockPatience, now);
  if (opening != DatabaseFiles::Opening::kOpen) return opening;
  Disk disk = PrepareStatements();
  if (disk == Disk::kCorrupt) {
    CloseDatabase();
    lost_ = true;
    if (!files_.MoveAside(now)) return DatabaseFiles::Opening::kUnwritable;
    opening = files_.Open(connection_, kLockPatience, now);
    if (opening != DatabaseFiles::Opening::kOpen) return opening;
    disk = PrepareStatements();
  }
  Sealing sealing = Sealing::kFits;
  if (disk == Disk::kOk) disk = CheckSealing(connection_, options_.sealer.get(), sealing);
  if (disk == Disk::kOk && sealing == Sealing::kFits) {
    readers_.Enable();
    return DatabaseFiles::Opening::kOpen;
  }
  CloseDatabase();
  if (sealing == Sealing::kNoKey) return DatabaseFiles::Opening::kNoKey;
  if (sealing == Sealing::kWrongKey) return DatabaseFiles::Opening::kWrongKey;
  return disk == Disk::kBusy ? DatabaseFiles::Opening::kBusy : DatabaseFiles::Opening::kUnavailable;
}

Disk Writer::PrepareStatements() {
  connection_.set_deadline(steady_clock::now() + kLockPatience);
  GenerationReader reader;
  tables_ = std::make_unique<Tables>();
  Disk disk = tables_->nodes.Prepare(connection_, options_.sealer);
  if (disk == Disk::kOk) disk = tables_->originals.Prepare(connection_, options_.original_ttl_seconds, options_.sealer);
  if (disk == Disk::kOk) disk = tables_->generations.Prepare(connection_);
  if (disk == Disk::kOk) disk = tables_->purger.Prepare(connection_);
  if (disk == Disk::kOk) disk = reader.Prepare(connection_);
  if (disk == Disk::kOk) disk = reader.LoadAll(generations_);
  OriginalTotals totals;
  if (disk == Disk::kOk) disk = tables_->originals.ReadTotals(totals);
  const std::lock_guard lock(totals_mutex_);
  totals_ = totals;
  return disk;
}

void Writer::CloseDatabase() {
  readers_.Invalidate();
  tables_.reset();
  connection_.Close();
}

void Writer::RewriteMemory() {
  for (const uint32_t number : generations_.Numbers()) {
    Push({.kind = WriteOperation::Kind::kGeneration, .key = {}, .id = {}, .when = number});
  }
  for (const NodeMemory::Unwritten& node : nodes_.PinAll()) {
    Push({.kind = WriteOperation::Kind::kNode, .key = node.key, .id = {}, .bytes = node.bytes});
  }
}

Disk Writer::Transaction(const WriteQueue::Batch& batch) {
  connection_.set_deadline(steady_clock::now() + kLockPatience);
  Disk disk = connection_.Execute("BEGIN IMMEDIATE");
  if (disk != Disk::kOk) return disk;
  for (const WriteOperation& operation : batch) {
    disk = Apply(operation);
    if (disk == Disk::kRejected) {
      failures_.fetch_add(1, std::memory_order_relaxed);
      disk = Disk::kOk;
    }
    if (disk != Disk::kOk) break;
  }
  OriginalTotals totals;
  if (disk == Disk::kOk) disk = tables_->originals.ReadTotals(totals);
  if (disk == Disk::kOk) disk = connection_.Execute("COMMIT");
  if (disk != Disk::kOk) {
    (void)connection_.Execute("ROLLBACK");
    return disk;
  }
  const std::lock_guard lock(totals_mutex_);
  totals_ = totals;
  return Disk::kOk;
}

Disk Writer::Apply(const WriteOperation& operation) {
  const int64_t seconds = clock_.UnixMillis() / 1000;
  switch (operation.kind) {
    case WriteOperation::Kind::kNode: {
      const std::optional<Node> node = nodes_.Peek(operation.key);
      return node ? tables_->nodes.Insert(*node, seconds / 86400) : Disk::kOk;
    }
    case WriteOperation::Kind::kTouchNode:
      return tables_->nodes.Touch(operation.key, operation.when);
    case WriteOperation::Kind::kDropNode:
      return tables_->nodes.Drop(operation.key, operation.checksum, operation.when);
    case WriteOperation::Kind::kOriginal: {
      const auto original = originals_.Peek(operation.key, operation.id);
      return original != nullptr ? tables_->originals.Put(*original, seconds - options_.original_ttl_seconds, seconds)
                                 : Disk::kOk;
    }
    case WriteOperation::Kind::kTouchOriginal:
      return tables_->originals.Touch(operation.key, operation.id, 1, operation.when);
    case WriteOperation::Kind::kKeepOriginal:
      return tables_->originals.Touch(operation.key, operation.id, 0, operation.when);
    case WriteOperation::Kind::kDropOriginal:
      return tables_->originals.Drop(operation.key, operation.id, operation.checksum);
    case WriteOperation::Kind::kGeneration: {
      const auto number = static_cast<uint32_t>(operation.when);
      const std::optional<std::string> policy = generations_.Find(number);
      return policy ? tables_->generations.Insert(number, *policy) : Disk::kOk;
    }
  }
  return Disk::kOk;
}

// Written or given up: memory may let go.
void Writer::Settle(const WriteOperation& operation) {
  switch (operation.kind) {
    case WriteOperation::Kind::kNode:
      nodes_.Unpin(operation.key);
      break;
    case WriteOperation::Kind::kOriginal:
      originals_.Remove(operation.key, operation.id);
      break;
    case WriteOperation::Kind::kTouchOriginal:
      originals_.RetrievalWritten(operation.key, operation.id);
      break;
    default:
      break;
  }
}

void Writer::HandleFailure(Disk disk) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  SetDiskOk(false, DiskName(disk));
  if (disk == Disk::kCorrupt) damaged_ = true;
}

void Writer::SetDiskOk(bool ok, std::string_view reason) {
  if (disk_ok_.exchange(ok) == ok) return;
  if (ok) {
    log::Info("store writes to disk again", {{"path", files_.path()}});
  } else {
    log::Error("store cannot write; going on from memory", {{"path", files_.path()}, {"reason", std::string(reason)}});
  }
}

void Writer::Maintain() {
  const auto now = steady_clock::now();
  if (!purge_more_ && now < next_purge_) return;
  next_purge_ = now + kIdle;
  const int64_t seconds = clock_.UnixMillis() / 1000;
  connection_.set_deadline(now);
  OriginalTotals totals;
  if (tables_->originals.ReadTotals(totals) != Disk::kOk) return;
  Purger::Progress progress;
  const Disk disk = tables_->purger.Step(connection_,
                                         {.oldest_node_day = seconds / 86400 - options_.node_ttl_days,
                                          .oldest_original_second = seconds - options_.original_ttl_seconds,
                                          .original_budget_bytes = options_.original_budget_bytes},
                                         totals.stored_bytes, progress);
  purge_more_ = disk == Disk::kOk && progress.more;
  evicted_originals_.fetch_add(static_cast<uint64_t>(progress.evicted_originals), std::memory_order_relaxed);
  expired_originals_.fetch_add(static_cast<uint64_t>(progress.expired_originals), std::memory_order_relaxed);
  if (disk == Disk::kCorrupt) ReportDamage();
  if (disk != Disk::kOk || tables_->originals.ReadTotals(totals) != Disk::kOk) return;
  const std::lock_guard lock(totals_mutex_);
  totals_ = totals;
}

// A transaction of its own; with nothing else to write, also the way back to
// disk_ok.
bool Writer::CommitProbe() {
  if (!EnsureOpen()) return false;
  connection_.set_deadline(steady_clock::now() + kLockPatience);
  const Disk disk = connection_.Execute("UPDATE totals SET probes = probes + 1");
  if (disk != Disk::kOk) {
    HandleFailure(disk);
  } else if (queue_.waiting() == 0) {
    SetDiskOk(true, "");
  }
  return disk == Disk::kOk;
}

void Writer::AnswerProbe() {
  uint64_t asked;
  {
    const std::lock_guard lock(probe_mutex_);
    asked = probes_asked_;
    if (asked == probes_answered_) return;
  }
  const bool committed = CommitProbe();
  {
    const std::lock_guard lock(probe_mutex_);
    probes_answered_ = asked;
    probe_result_ = committed;
    probed_ = steady_clock::now();
  }
  probe_answered_.notify_all();
}

}  // namespace headroom::store
