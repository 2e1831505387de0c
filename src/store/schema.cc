#include "store/schema.h"

namespace headroom::store {
namespace {

// "HDRM"; tells our files from any other SQLite database.
constexpr int64_t kApplicationId = 0x4844524d;

// Nodes are small and looked up by a uniformly distributed key. Originals are
// large: a rowid table keeps their bytes out of the key index. The triggers keep
// `totals` true whoever deletes rows, so that nobody ever has to count.
constexpr char kCreate[] = R"sql(
CREATE TABLE nodes(
  key BLOB PRIMARY KEY NOT NULL,
  tenant BLOB NOT NULL,
  project TEXT NOT NULL,
  upstream TEXT NOT NULL,
  generation INTEGER NOT NULL,
  decision INTEGER NOT NULL,
  tokens_before INTEGER NOT NULL,
  tokens_after INTEGER NOT NULL,
  rule TEXT NOT NULL,
  anchor BLOB NOT NULL,
  original_id TEXT NOT NULL,
  encoding INTEGER NOT NULL,
  payload BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  last_used_day INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX nodes_by_day ON nodes(last_used_day);

CREATE TABLE originals(
  tenant BLOB NOT NULL,
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  upstream TEXT NOT NULL,
  generation INTEGER NOT NULL,
  tool_name TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  tokens_after INTEGER NOT NULL,
  size INTEGER NOT NULL,
  encoding INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  retrievals INTEGER NOT NULL,
  stored_size INTEGER NOT NULL,
  text BLOB NOT NULL,
  items INTEGER NOT NULL DEFAULT 0,
  items_after INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(tenant, id)
);
CREATE INDEX originals_by_use ON originals(last_used);

CREATE TABLE totals(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  originals INTEGER NOT NULL,
  original_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL,
  probes INTEGER NOT NULL
);
INSERT INTO totals VALUES(1, 0, 0, 0, 0);
CREATE TRIGGER original_added AFTER INSERT ON originals BEGIN
  UPDATE totals SET originals = originals + 1, original_bytes = original_bytes + NEW.size,
                    stored_bytes = stored_bytes + NEW.stored_size;
END;
CREATE TRIGGER original_removed AFTER DELETE ON originals BEGIN
  UPDATE totals SET originals = originals - 1, original_bytes = original_bytes - OLD.size,
                    stored_bytes = stored_bytes - OLD.stored_size;
END;

CREATE TABLE generations(
  number INTEGER PRIMARY KEY,
  policy TEXT NOT NULL,
  checksum INTEGER NOT NULL
);
PRAGMA application_id = 1212437069;
PRAGMA user_version = 2;
)sql";
static_assert(kApplicationId == 1212437069 && kSchemaVersion == 3);

// A process of version 1 that has the file open goes on: it names its columns.
constexpr char kFromVersion1[] =
    "ALTER TABLE originals ADD COLUMN items INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE originals ADD COLUMN items_after INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 2";

// page_size and auto_vacuum only take effect before the first table is made.
constexpr char kSetUp[] =
    "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA cache_size=-4096; PRAGMA wal_autocheckpoint=512; PRAGMA journal_size_limit=16777216;"
    "PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY";

// Runs `sql` unless another process has moved the database on from `version` meanwhile.
Disk MoveOn(Connection& connection, int64_t version, const char* sql) {
  Disk disk = connection.Execute("BEGIN IMMEDIATE");
  if (disk != Disk::kOk) return disk;
  int64_t stands = version;
  disk = connection.QueryInteger("PRAGMA user_version", stands);
  if (disk == Disk::kOk && stands == version) disk = connection.Execute(sql);
  if (disk == Disk::kOk) disk = connection.Execute("COMMIT");
  if (disk != Disk::kOk) (void)connection.Execute("ROLLBACK");
  return disk;
}

}  // namespace

Disk PrepareDatabase(Connection& connection, bool& newer) {
  int64_t version = 0;
  int64_t application = 0;
  int64_t objects = 0;
  Disk disk = connection.QueryInteger("PRAGMA user_version", version);
  if (disk == Disk::kOk) disk = connection.QueryInteger("PRAGMA application_id", application);
  if (disk == Disk::kOk) disk = connection.QueryInteger("SELECT count(*) FROM sqlite_schema", objects);
  if (disk != Disk::kOk) return disk;

  const bool empty = objects == 0 && version == 0;
  if (!empty && application != kApplicationId) return Disk::kCorrupt;
  newer = version > kSchemaVersion;
  if (newer) return Disk::kOk;

  disk = connection.Execute(kSetUp);
  if (disk == Disk::kOk && empty) disk = MoveOn(connection, 0, kCreate);
  if (disk == Disk::kOk && version == 1) disk = MoveOn(connection, 1, kFromVersion1);
  return disk;
}

}  // namespace headroom::store
