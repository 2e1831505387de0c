// Removes what is too old or over the budget, in steps of a few rows, each its
// own short transaction, so that writes in other processes never wait long.
//
// Thread-compatible; bound to the connection it was prepared on.

#pragma once

#include <cstdint>

#include "store/connection.h"

namespace headroom::store {

class Purger {
 public:
  struct Limits {
    int64_t oldest_node_day = 0;         // nodes last used before this day go
    int64_t oldest_original_second = 0;  // originals last used before this second go
    int64_t original_budget_bytes = 0;   // compressed
  };
  struct Progress {
    int64_t evicted_originals = 0;  // for the budget, not for their age
    int64_t expired_originals = 0;
    bool more = false;  // another step has work
  };

  // Rows of one step.
  static constexpr int kNodes = 256;
  static constexpr int kOriginals = 32;

  Disk Prepare(Connection& connection);
  // `stored_bytes` is what the originals take now.
  Disk Step(Connection& connection, const Limits& limits, int64_t stored_bytes, Progress& progress);

 private:
  Disk Evict(Connection& connection, int64_t excess_bytes, Progress& progress);
  Disk DeleteOldest(int64_t excess_bytes, int64_t& deleted);
  Disk Shrink(Connection& connection, Progress& progress);

  Statement expire_nodes_;
  Statement expire_originals_;
  Statement oldest_originals_;
  Statement delete_original_;
  Statement free_pages_;
  Statement all_pages_;
};

}  // namespace headroom::store
