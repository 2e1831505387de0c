// Nodes as rows of the table `nodes`: reading by key, and the three writes.
//
// The checksum covers every column except last_used_day, which changes without
// the row being read. A row whose checksum, decision or encoding is wrong reads
// as kDamaged and is never used.
//
// Thread-compatible; bound to the connection it was prepared on, and outlived by
// it.

#pragma once

#include <cstdint>

#include "store/codec.h"
#include "store/connection.h"
#include "store/store.h"

namespace headroom::store {

// A look-up of one row.
enum class Lookup {
  kFound,
  kMissing,
  kDamaged,  // the row is there and fails its checksum
  kFailed,   // not answered: locked, out of time, input/output error
};

struct NodeRow {
  Node node;
  int64_t last_used_day = 0;  // days since 1970-01-01 UTC
  int64_t checksum = 0;       // as stored, also of a damaged row
};

class NodeReader {
 public:
  Disk Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer = nullptr);
  // `disk` tells why when the answer is kFailed.
  Lookup Read(const Hash128& key, NodeRow& row, Disk& disk);

 private:
  Statement select_;
  Codec codec_;
  RowChecksum checksum_;
};

class NodeWriter {
 public:
  Disk Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer = nullptr);
  // A row that is there already stands.
  Disk Insert(const Node& node, int64_t day);
  Disk Touch(const Hash128& key, int64_t day);
  // Removes the row if it is still the one that was seen with this checksum and
  // was last used no later than `day`.
  Disk Drop(const Hash128& key, int64_t checksum, int64_t day);

 private:
  Statement insert_;
  Statement touch_;
  Statement drop_;
  Codec codec_;
  RowChecksum checksum_;
};

}  // namespace headroom::store
