// The tables, their version and how a connection is set up. docs/store.md
// describes each column.

#pragma once

#include "store/connection.h"

namespace headroom::store {

// The highest PRAGMA user_version that is understood: 2, and 3 where rows are sealed (store/sealer.h). A
// database with a higher one is never touched.
inline constexpr int kSchemaVersion = 3;

// Sets page size, write-ahead log and cache limits; creates the tables in an
// empty database and adds what one of an earlier version lacks. `newer` is set, and nothing is changed, if the database
// has a later version. kCorrupt if it is a database, but not ours.
Disk PrepareDatabase(Connection& connection, bool& newer);

}  // namespace headroom::store
