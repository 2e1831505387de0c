#include "store/inventory.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "store/connection.h"

namespace headroom::store {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr int64_t kDaySeconds = 86'400;
// Rows of one transaction: some milliseconds of the write lock.
constexpr int64_t kStep = 200;

Status Unavailable(Disk disk) {
  return {Code::kUnavailable, "the data directory does not answer: " + std::string(DiskName(disk))};
}

Status Open(const std::string& data_dir, Connection& connection) {
  const std::string path = data_dir + "/ledger.db";
  if (access(path.c_str(), F_OK) != 0) return {Code::kNotFound, "nothing is kept in " + data_dir};
  connection.set_deadline(std::chrono::steady_clock::now() + kPatience);
  const Disk disk = connection.Open(path, Connection::Access::kWriter);
  return disk == Disk::kOk ? Status() : Unavailable(disk);
}

using Sums = std::map<std::pair<TenantId, std::string>, DataSum>;

Disk SumUp(Connection& connection, std::string_view sql, const std::function<void(const Statement&, DataSum&)>& add,
           Sums& sums) {
  Statement select;
  Disk disk = connection.Prepare(sql, select);
  if (disk != Disk::kOk) return disk;
  while ((disk = select.Step()) == Disk::kRow) {
    if (select.Bytes(0).size() != 16) continue;
    const auto tenant = TenantId::FromBytes(select.Bytes(0));
    const std::string project(select.Bytes(1));
    DataSum& sum = sums[{tenant, project}];
    const bool first = sum.decisions == 0 && sum.originals == 0;
    sum.tenant = tenant;
    sum.project = project;
    add(select, sum);
    const int64_t from = select.Integer(3);
    const int64_t to = select.Integer(4);
    sum.first_used = first ? from : std::min(sum.first_used, from);
    sum.last_used = first ? to : std::max(sum.last_used, to);
  }
  return disk;
}

// " WHERE ..." for what is given; parameters 1 to 3.
std::string Conditions(const DataFilter& filter, std::string_view age) {
  std::string out = " WHERE 1";
  if (filter.tenant.has_value()) out += " AND tenant = ?1";
  if (filter.project.has_value()) out += " AND project = ?2";
  if (filter.unused_since.has_value()) out.append(" AND ").append(age).append(" < ?3");
  return out;
}

// Deletes kStep rows at a time.
Disk Delete(Connection& connection, const std::string& sql, const DataFilter& filter, int64_t age, uint64_t& deleted) {
  Statement remove;
  Disk disk = connection.Prepare(sql, remove);
  if (disk != Disk::kOk) return disk;
  int64_t rows = kStep;
  while (rows >= kStep) {
    if (filter.tenant.has_value()) remove.BindHash(1, *filter.tenant);
    if (filter.project.has_value()) remove.BindText(2, *filter.project);
    if (filter.unused_since.has_value()) remove.BindInteger(3, age);
    connection.set_deadline(std::chrono::steady_clock::now() + kPatience);
    if (disk = remove.Run(); disk != Disk::kOk) return disk;
    rows = connection.changes();
    deleted += static_cast<uint64_t>(rows);
  }
  return disk;
}

}  // namespace

Result<std::vector<DataSum>> ListData(const std::string& data_dir) {
  Connection connection;
  if (Status opened = Open(data_dir, connection); !opened.ok()) return opened;
  Sums sums;
  Disk disk = SumUp(
      connection,
      "SELECT tenant, project, count(*), min(last_used_day) * 86400, max(last_used_day) * 86400 FROM nodes"
      " GROUP BY tenant, project",
      [](const Statement& row, DataSum& sum) { sum.decisions = static_cast<uint64_t>(row.Integer(2)); }, sums);
  if (disk == Disk::kOk) {
    disk = SumUp(
        connection,
        "SELECT tenant, project, count(*), min(last_used), max(last_used), sum(size) FROM originals"
        " GROUP BY tenant, project",
        [](const Statement& row, DataSum& sum) {
          sum.originals = static_cast<uint64_t>(row.Integer(2));
          sum.original_bytes = static_cast<uint64_t>(row.Integer(5));
        },
        sums);
  }
  if (disk != Disk::kOk) return Unavailable(disk);
  std::vector<DataSum> out;
  for (auto& [key, sum] : sums) out.push_back(std::move(sum));
  return out;
}

Result<Purged> PurgeData(const std::string& data_dir, const DataFilter& filter) {
  Connection connection;
  if (Status opened = Open(data_dir, connection); !opened.ok()) return opened;
  Purged purged;
  const int64_t since = filter.unused_since.value_or(0);
  const std::string limit = " LIMIT " + std::to_string(kStep) + ")";
  Disk disk = connection.Execute("PRAGMA secure_delete=ON");
  // Originals first: a decision whose original is gone replays, an original without its decision is unreachable.
  if (disk == Disk::kOk) {
    const std::string which = "SELECT rowid FROM originals" + Conditions(filter, "last_used") + limit;
    disk = Delete(connection, "DELETE FROM originals WHERE rowid IN (" + which, filter, since, purged.originals);
  }
  if (disk == Disk::kOk) {
    const std::string which = "SELECT key FROM nodes" + Conditions(filter, "last_used_day") + limit;
    disk =
        Delete(connection, "DELETE FROM nodes WHERE key IN (" + which, filter, since / kDaySeconds, purged.decisions);
  }
  if (disk != Disk::kOk) return Unavailable(disk);
  // Old pages may stand in the write-ahead log; readers that hold it keep it for a while.
  (void)connection.Execute("PRAGMA incremental_vacuum");
  (void)connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
  return purged;
}

}  // namespace headroom::store
