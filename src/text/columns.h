// Padding of aligned tables, squeezed where the columns stay told apart.
//
//   NAME      READY   AGE          NAME READY AGE
//   web-1     1/1     5d     ─►    web-1 1/1 5d
//   db        0/1     12d          db 0/1 12d
//
//    pid  | state               |  q            pid|state|q
//   ------+---------------------+----      ─►  ---+---+---
//    4211 | idle in transaction |  SELECT 1     4211|idle in transaction|SELECT 1
//
//   | id | name |             id|name
//   |----|------|       ─►    ---|---
//   | 7  | ada  |             7|ada
//
// Blanks become one space only where every row of the block has the same number
// of fields and each field but the last starts or ends in its column; between
// drawn delimiters (| and │) only where every row has equally many of them; bars at
// both ends go where no first or last cell is empty. The
// last field of an undelimited row is kept as it is. Counter-example: "2 hours
// ago" in one row and nothing in the same column of the next: rows with blanks
// inside cells or with empty cells keep their padding. Indentation stays.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "text/line_text.h"

namespace headroom::text {

// Rewrites `lines` in place; true when one changed. Cost: O(bytes).
bool SqueezeColumns(std::vector<std::string_view>* lines, LineArena* arena);

}  // namespace headroom::text
