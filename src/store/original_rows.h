// Originals as rows of the table `originals`: reading by tenant and id, writing,
// and the steps that keep the table within its budget and age.
//
// The checksum covers every column except last_used and retrievals, which change
// without the text being read.
//
// Thread-compatible; bound to the connection it was prepared on, and outlived by
// it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "store/codec.h"
#include "store/connection.h"
#include "store/node_rows.h"
#include "store/store.h"

namespace headroom::store {

struct OriginalRow {
  Original original;
  int64_t last_used = 0;  // seconds since 1970-01-01 UTC
  int64_t checksum = 0;   // as stored, also of a damaged row
};

// last_used moves at most this often, so that use costs few writes: once an hour, and at
// least eight times in an original's life.
int64_t UseResolutionSeconds(int64_t ttl_seconds);

struct OriginalTotals {
  int64_t count = 0;
  int64_t bytes = 0;         // uncompressed
  int64_t stored_bytes = 0;  // compressed
};

class OriginalReader {
 public:
  Disk Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer = nullptr);
  // `disk` tells why when the answer is kFailed. retrievals is the row's.
  Lookup Read(const TenantId& tenant, std::string_view id, OriginalRow& row, Disk& disk);
  // Adds the tenant's rows to `sums`. kBusy when `deadline` passes before the last.
  Disk Sum(const TenantId& tenant, Connection::TimePoint deadline, std::map<std::string, OriginalsOfUpstream>& sums);

 private:
  Statement select_;
  Statement of_tenant_;
  Codec codec_;
  RowChecksum checksum_;
};

class OriginalWriter {
 public:
  Disk Prepare(Connection& connection, int64_t ttl_seconds, std::shared_ptr<const Sealer> sealer = nullptr);
  // Adds the row, or refreshes the use of the one that is there. One last used
  // before `oldest_second` has expired: it is replaced, retrievals and all.
  Disk Put(const Original& original, int64_t oldest_second, int64_t unix_seconds);
  // Adds `retrievals` and refreshes the use.
  Disk Touch(const TenantId& tenant, std::string_view id, int64_t retrievals, int64_t unix_seconds);
  // Removes the row if it still has the checksum that was seen.
  Disk Drop(const TenantId& tenant, std::string_view id, int64_t checksum);
  Disk ReadTotals(OriginalTotals& totals);

 private:
  Disk Add(const Original& original, int64_t unix_seconds);

  Statement last_used_;
  Statement insert_;
  Statement touch_;
  Statement expire_;
  Statement drop_;
  Statement totals_;
  Codec codec_;
  RowChecksum checksum_;
  int64_t use_resolution_ = 0;
};

}  // namespace headroom::store
