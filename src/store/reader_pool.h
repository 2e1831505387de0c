// Connections that read, handed to one request thread at a time.
//
// A connection is opened when none is idle and kept afterwards. When the writer
// turns to another database file, Invalidate() closes the idle ones and each
// leased one closes as it comes back.
//
// Thread-safe.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/connection.h"
#include "store/generations.h"
#include "store/node_rows.h"
#include "store/original_rows.h"

namespace headroom::store {

struct Reader {
  Connection connection;
  // One snapshot, and one set of file locks, for many look-ups.
  Statement begin;
  Statement commit;
  NodeReader nodes;
  OriginalReader originals;
  GenerationReader generations;
  uint64_t epoch = 0;
};

class ReaderPool {
 public:
  static constexpr size_t kMaxReaders = 16;

  explicit ReaderPool(std::string path, std::shared_ptr<const Sealer> sealer = nullptr);

  // Null, with the reason in `disk`, if there is no database or no connection
  // comes free before `deadline`, which is also set on the connection.
  std::unique_ptr<Reader> Acquire(Connection::TimePoint deadline, Disk& disk);
  void Release(std::unique_ptr<Reader> reader);

  // The database can be read from now on.
  void Enable();
  // It cannot: moved, deleted or not yet open.
  void Invalidate();

 private:
  Disk OpenReader(Reader& reader) const;

  const std::string path_;
  const std::shared_ptr<const Sealer> sealer_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<std::unique_ptr<Reader>> idle_;
  size_t leased_ = 0;
  uint64_t epoch_ = 0;
  bool enabled_ = false;
};

}  // namespace headroom::store
