// What a data directory keeps, by tenant and project, and its removal: for the user whose data it is. Works beside
// running proxies: each step is a short transaction of its own.
//
// A running proxy keeps in memory what it used lately (Options::memory_budget_bytes); what is removed here is gone
// from the disk, and from there when it ends. Thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "store/store.h"

namespace headroom::store {

// One tenant's rows with one label.
struct DataSum {
  TenantId tenant;
  std::string project;
  uint64_t decisions = 0;  // rows of the ledger
  uint64_t originals = 0;
  uint64_t original_bytes = 0;  // uncompressed
  int64_t first_used = 0;       // seconds since 1970; of the row that was used longest ago, to the day
  int64_t last_used = 0;        // likewise of the latest
};

// Rows that match all that is given.
struct DataFilter {
  std::optional<TenantId> tenant = {};
  std::optional<std::string> project = {};
  std::optional<int64_t> unused_since = {};  // last used before this second (decisions: before its day)
};

struct Purged {
  uint64_t decisions = 0;
  uint64_t originals = 0;
};

// By tenant, then project. Errors: kNotFound     nothing is kept there
//                                  kUnavailable  the database cannot be opened or read
Result<std::vector<DataSum>> ListData(const std::string& data_dir);

// Removes the rows and overwrites what they took in the file. Errors as above; then what was removed so far stays
// removed.
Result<Purged> PurgeData(const std::string& data_dir, const DataFilter& filter);

}  // namespace headroom::store
