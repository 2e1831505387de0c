// Writes objects of one document as a table.
//
//   [3 rows; columns: id,name,size.w; in every row: kind=a,ok=true
//   1,x,20
//   2,"y,z",
//   3,null,30
//   ]
//
// docs/compression.md has the rules for readers. Thread-compatible.

#pragma once

#include <string>
#include <vector>

#include "json/document.h"
#include "text/json_deadline.h"

namespace headroom::text {

enum class TableForm {
  kArray,  // [N rows; ... ]
  kLines,  // [N JSON Lines; ... ], the documents of a JSON Lines text
  kMap,    // {N entries; columns: (key),... }, an object of objects
};

// Appends the table of `rows`. For kMap `keys` holds their string tokens, else
// it is empty. For kArray some rows may be no objects: they stand in a last
// column "(value)". False, with `out` as it was, if the objects do not make a
// table (a key twice in one of them, too many keys) or the
// deadline has passed.
// Requires at least one object. Cost: O(bytes of the rows).
bool AppendTable(const json::Document& document, const std::vector<json::Token>& rows,
                 const std::vector<json::Token>& keys, TableForm form, Deadline& deadline, std::string& out);

}  // namespace headroom::text
