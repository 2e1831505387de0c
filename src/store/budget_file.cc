#include "store/budget_file.h"

#include <utility>
#include <vector>

#include "base/log.h"

namespace headroom::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLockPatience{250};
constexpr milliseconds kRetry{1000};
constexpr int64_t kPurgeSeconds = 3600;

// "HDRB"
constexpr int64_t kApplicationId = 0x48445242;
constexpr char kCreate[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS budgets(key BLOB PRIMARY KEY NOT NULL, ends_at INTEGER NOT NULL,"
    " spent INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1212437058; PRAGMA user_version = 1; COMMIT";
static_assert(kApplicationId == 1212437058);

Disk Prepare(Connection& connection, bool& newer) {
  int64_t version = 0;
  int64_t application = 0;
  int64_t objects = 0;
  Disk disk = connection.QueryInteger("PRAGMA user_version", version);
  if (disk == Disk::kOk) disk = connection.QueryInteger("PRAGMA application_id", application);
  if (disk == Disk::kOk) disk = connection.QueryInteger("SELECT count(*) FROM sqlite_schema", objects);
  if (disk != Disk::kOk) return disk;
  const bool empty = objects == 0 && version == 0;
  if (!empty && application != kApplicationId) return Disk::kCorrupt;
  newer = version > 1;
  if (newer) return Disk::kOk;
  disk = connection.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-256");
  return disk == Disk::kOk && empty ? connection.Execute(kCreate) : disk;
}

}  // namespace

BudgetFile::BudgetFile(const std::string& data_dir, milliseconds flush_interval, BudgetTable& table, const Clock& clock)
    : flush_interval_(flush_interval), table_(table), clock_(clock), files_(data_dir, "budgets", Prepare) {
  (void)EnsureOpen();
  thread_ = std::thread([this] { Run(); });
}

BudgetFile::~BudgetFile() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BudgetFile::Wake() {
  if (woken_.exchange(true)) return;
  { const std::lock_guard lock(mutex_); }  // the thread is waiting, or looks again before it does
  changed_.notify_all();
}

void BudgetFile::Flush() {
  std::unique_lock lock(mutex_);
  const uint64_t asked = ++flushes_asked_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return flushes_done_ >= asked; });
}

void BudgetFile::Run() {
  bool failed = false;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || flushes_asked_ > flushes_done_ || woken_.load(); });
    const milliseconds pause = failed ? kRetry : flush_interval_;
    changed_.wait_for(lock, pause, [&] { return stopping_ || flushes_asked_ > flushes_done_; });
    const bool last = stopping_;
    const uint64_t asked = flushes_asked_;
    woken_ = false;
    lock.unlock();
    failed = !Write();
    lock.lock();
    if (failed) woken_ = true;
    flushes_done_ = asked;
    changed_.notify_all();
    if (last) return;
  }
}

bool BudgetFile::Write() {
  if (!EnsureOpen()) return false;
  const std::vector<BudgetTable::Difference> differences = table_.TakeUnwritten();
  if (differences.empty()) return true;
  std::vector<int64_t> sums;
  const Disk disk = Transaction(differences, sums);
  if (disk != Disk::kOk) {
    (void)connection_.Execute("ROLLBACK");
    table_.Failed(differences);
    if (disk == Disk::kCorrupt) {
      statements_ = {};
      connection_.Close();
      (void)files_.MoveAside(UnixSeconds());
    }
    CountFailure(DiskName(disk));
    return false;
  }
  table_.Written(differences, sums);
  if (std::exchange(failing_, false)) log::Info("budgets are written again", {{"path", files_.path()}});
  return true;
}

Disk BudgetFile::Transaction(const std::vector<BudgetTable::Difference>& differences, std::vector<int64_t>& sums) {
  connection_.set_deadline(steady_clock::now() + kLockPatience);
  Disk disk = connection_.Execute("BEGIN IMMEDIATE");
  if (disk != Disk::kOk) return disk;
  for (const BudgetTable::Difference& difference : differences) {
    statements_.add.BindHash(1, difference.key);
    statements_.add.BindInteger(2, difference.ends_at);
    statements_.add.BindInteger(3, difference.amount);
    disk = statements_.add.Step();
    if (disk == Disk::kRow) sums.push_back(statements_.add.Integer(0));
    const bool row = disk == Disk::kRow;
    if (row) disk = statements_.add.Step();
    statements_.add.Reset();
    if (!row || disk != Disk::kOk) return row ? disk : Disk::kError;
  }
  const int64_t now = UnixSeconds();
  if (now >= next_purge_) {
    next_purge_ = now + kPurgeSeconds;
    statements_.purge.BindInteger(1, now - kKeepSeconds);
    if (disk = statements_.purge.Run(); disk != Disk::kOk) return disk;
  }
  return connection_.Execute("COMMIT");
}

bool BudgetFile::EnsureOpen() {
  if (connection_.is_open() && files_.Replaced()) {
    log::Error("the file of budgets was deleted or replaced; going on with another", {{"path", files_.path()}});
    statements_ = {};
    connection_.Close();
  }
  if (connection_.is_open()) return true;
  if (!files_.MakeDirectory().ok() ||
      files_.Open(connection_, kLockPatience, UnixSeconds()) != DatabaseFiles::Opening::kOpen) {
    CountFailure("cannot open");
    return false;
  }
  Disk disk = connection_.Prepare(
      "INSERT INTO budgets(key, ends_at, spent) VALUES(?1, ?2, ?3) ON CONFLICT(key) DO UPDATE SET"
      " ends_at = max(ends_at, excluded.ends_at), spent = min(spent + excluded.spent, 9007199254740992)"
      " RETURNING spent",
      statements_.add);
  if (disk == Disk::kOk) disk = connection_.Prepare("DELETE FROM budgets WHERE ends_at < ?1", statements_.purge);
  // A second time: the file before it was lost, and what it held is known here.
  if (disk == Disk::kOk && was_open_) table_.ForgetDisk();
  if (disk == Disk::kOk && !was_open_) disk = Load();
  if (disk != Disk::kOk) {
    statements_ = {};
    connection_.Close();
    CountFailure(DiskName(disk));
    return false;
  }
  was_open_ = true;
  return true;
}

Disk BudgetFile::Load() {
  Disk disk =
      connection_.Prepare("SELECT key, spent, ends_at FROM budgets WHERE ends_at >= ?1 LIMIT 65536", statements_.load);
  if (disk != Disk::kOk) return disk;
  statements_.load.BindInteger(1, UnixSeconds() - BudgetTable::kGraceSeconds);
  while ((disk = statements_.load.Step()) == Disk::kRow) {
    const std::string_view key = statements_.load.Bytes(0);
    if (key.size() != 16) continue;
    table_.Restore({Hash128::FromBytes(key), statements_.load.Integer(1), statements_.load.Integer(2)});
  }
  statements_.load.Reset();
  return disk;
}

void BudgetFile::CountFailure(std::string_view why) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  if (std::exchange(failing_, true)) return;
  log::Error("budgets are not written; going on from memory", {{"path", files_.path()}, {"why", std::string(why)}});
}

}  // namespace headroom::store
