#include "store/reader_pool.h"

#include <chrono>
#include <utility>

namespace headroom::store {
namespace {

constexpr std::chrono::milliseconds kOpenTime{100};

}  // namespace

ReaderPool::ReaderPool(std::string path, std::shared_ptr<const Sealer> sealer)
    : path_(std::move(path)), sealer_(std::move(sealer)) {}

std::unique_ptr<Reader> ReaderPool::Acquire(Connection::TimePoint deadline, Disk& disk) {
  auto reader = std::make_unique<Reader>();
  {
    std::unique_lock lock(mutex_);
    if (!enabled_) {
      disk = Disk::kUnwritable;
      return nullptr;
    }
    if (!released_.wait_until(lock, deadline, [this] { return leased_ < kMaxReaders; })) {
      disk = Disk::kBusy;
      return nullptr;
    }
    ++leased_;
    reader->epoch = epoch_;
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  reader->connection.set_deadline(deadline);
  disk = reader->connection.is_open() ? Disk::kOk : OpenReader(*reader);
  if (disk == Disk::kOk) return reader;
  reader->connection.Close();
  Release(std::move(reader));
  return nullptr;
}

void ReaderPool::Release(std::unique_ptr<Reader> reader) {
  {
    const std::lock_guard lock(mutex_);
    --leased_;
    if (reader->connection.is_open() && reader->epoch == epoch_ && enabled_) idle_.push_back(std::move(reader));
  }
  released_.notify_one();
}

void ReaderPool::Enable() {
  {
    const std::lock_guard lock(mutex_);
    enabled_ = true;
  }
  // The first request shall not pay for opening a connection out of its
  // time to read.
  Disk disk;
  if (std::unique_ptr<Reader> first = Acquire(std::chrono::steady_clock::now() + kOpenTime, disk); first != nullptr) {
    Release(std::move(first));
  }
}

void ReaderPool::Invalidate() {
  std::vector<std::unique_ptr<Reader>> closing;
  const std::lock_guard lock(mutex_);
  enabled_ = false;
  ++epoch_;
  closing.swap(idle_);
}

Disk ReaderPool::OpenReader(Reader& reader) const {
  Disk disk = reader.connection.Open(path_, Connection::Access::kReader);
  if (disk == Disk::kOk) disk = reader.connection.Execute("PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY");
  if (disk == Disk::kOk) disk = reader.connection.Prepare("BEGIN", reader.begin);
  if (disk == Disk::kOk) disk = reader.connection.Prepare("COMMIT", reader.commit);
  if (disk == Disk::kOk) disk = reader.nodes.Prepare(reader.connection, sealer_);
  if (disk == Disk::kOk) disk = reader.originals.Prepare(reader.connection, sealer_);
  if (disk == Disk::kOk) disk = reader.generations.Prepare(reader.connection);
  return disk;
}

}  // namespace headroom::store
