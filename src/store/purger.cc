#include "store/purger.h"

#include <string>
#include <utility>
#include <vector>

namespace headroom::store {
namespace {

// The file shrinks when at least a quarter of it, and 16 MiB, is unused; free
// pages are reused before the file grows, so less is not worth the writes.
constexpr int64_t kMinFreePages = 1024;

Disk ReadInteger(Statement& statement, int64_t& value) {
  const Disk disk = statement.Step();
  if (disk == Disk::kRow) value = statement.Integer(0);
  statement.Reset();
  return disk == Disk::kRow ? Disk::kOk : disk;
}

}  // namespace

Disk Purger::Prepare(Connection& connection) {
  const std::pair<std::string, Statement*> statements[] = {
      {"DELETE FROM nodes WHERE key IN (SELECT key FROM nodes WHERE last_used_day < ?1 LIMIT " +
           std::to_string(kNodes) + ")",
       &expire_nodes_},
      {"DELETE FROM originals WHERE rowid IN (SELECT rowid FROM originals WHERE last_used < ?1 LIMIT " +
           std::to_string(kOriginals) + ")",
       &expire_originals_},
      {"SELECT rowid, stored_size FROM originals ORDER BY last_used, rowid LIMIT " + std::to_string(kOriginals),
       &oldest_originals_},
      {"DELETE FROM originals WHERE rowid = ?1", &delete_original_},
      {"PRAGMA freelist_count", &free_pages_},
      {"PRAGMA page_count", &all_pages_},
  };
  for (const auto& [sql, statement] : statements) {
    if (const Disk disk = connection.Prepare(sql, *statement); disk != Disk::kOk) return disk;
  }
  return Disk::kOk;
}

Disk Purger::Step(Connection& connection, const Limits& limits, int64_t stored_bytes, Progress& progress) {
  progress = {};
  expire_nodes_.BindInteger(1, limits.oldest_node_day);
  if (const Disk disk = expire_nodes_.Run(); disk != Disk::kOk) return disk;
  progress.more = connection.changes() >= kNodes;

  expire_originals_.BindInteger(1, limits.oldest_original_second);
  if (const Disk disk = expire_originals_.Run(); disk != Disk::kOk) return disk;
  progress.expired_originals = connection.changes();
  if (progress.expired_originals > 0) {
    // The bytes just freed are not in `stored_bytes` yet: the budget has its turn in the next step.
    progress.more = true;
  } else if (stored_bytes > limits.original_budget_bytes) {
    return Evict(connection, stored_bytes - limits.original_budget_bytes, progress);
  }
  return progress.more ? Disk::kOk : Shrink(connection, progress);
}

Disk Purger::Evict(Connection& connection, int64_t excess_bytes, Progress& progress) {
  if (const Disk disk = connection.Execute("BEGIN IMMEDIATE"); disk != Disk::kOk) return disk;
  int64_t deleted = 0;
  Disk disk = DeleteOldest(excess_bytes, deleted);
  if (disk == Disk::kOk) disk = connection.Execute("COMMIT");
  if (disk != Disk::kOk) {
    (void)connection.Execute("ROLLBACK");
    return disk;
  }
  progress.evicted_originals = deleted;
  progress.more = deleted > 0;
  return Disk::kOk;
}

Disk Purger::DeleteOldest(int64_t excess_bytes, int64_t& deleted) {
  std::vector<int64_t> rows;
  Disk disk = Disk::kOk;
  while (excess_bytes > 0 && (disk = oldest_originals_.Step()) == Disk::kRow) {
    rows.push_back(oldest_originals_.Integer(0));
    excess_bytes -= oldest_originals_.Integer(1);
  }
  oldest_originals_.Reset();
  if (disk != Disk::kOk && disk != Disk::kRow) return disk;
  for (const int64_t row : rows) {
    delete_original_.BindInteger(1, row);
    if (disk = delete_original_.Run(); disk != Disk::kOk) return disk;
    ++deleted;
  }
  return Disk::kOk;
}

Disk Purger::Shrink(Connection& connection, Progress& progress) {
  int64_t free_pages = 0;
  int64_t all_pages = 0;
  Disk disk = ReadInteger(free_pages_, free_pages);
  if (disk == Disk::kOk) disk = ReadInteger(all_pages_, all_pages);
  if (disk != Disk::kOk || free_pages < kMinFreePages || free_pages < all_pages / 4) return disk;
  disk = connection.Execute("PRAGMA incremental_vacuum(64)");
  progress.more = disk == Disk::kOk;
  return disk;
}

}  // namespace headroom::store
