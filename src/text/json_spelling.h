// How single JSON values and keys are written inside a table, and what text
// costs in tokens, roughly.
//
// A cell is either a JSON value as the source spells it, without the white
// space, or bare text: a string whose content can be read in no other way.
//
//   "Oslo"        Oslo            bare
//   "4000"        "4000"          would read as a number
//   "a, b"        "a, b"          holds the separator
//   ""            ""              an empty cell means: key missing
//   "x\u003cy"    x<y             an escape of a visible character is decoded
//   "C:\\new"     "C:\\new"       a backslash would be taken for an escape
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "json/document.h"

namespace headroom::text {

// Where a cell stands: in a row of its own, or in a tuple "(a,b)" in a row.
enum class CellPlace { kRow, kTuple };

// Appends the JSON text `raw` without the white space between its tokens.
// Requires valid JSON. Cost: O(bytes).
void AppendMinified(std::string_view raw, std::string& out);

// Appends one value. Requires `raw` to be the bytes of a value of `type`.
void AppendCell(std::string_view raw, json::Type type, CellPlace place, std::string& out);

// Appends a string that has no escapes; `text` is the inside of its literal.
void AppendPlainCell(std::string_view text, CellPlace place, std::string& out);

// The same in a column of nothing but strings, where "7" and "true" need no quotes.
void AppendTextCell(std::string_view text, CellPlace place, std::string& out);

// Appends a key for use in a column name: bare where it is a plain word, else
// as the JSON string the source has. `inside` is the literal without quotes.
void AppendName(std::string_view inside, std::string& out);

// An estimate of the tokens of `text` in a byte-pair vocabulary of the o200k
// family, in quarter tokens; meant for comparing two spellings of one content.
// Deterministic. Cost: O(bytes).
size_t EstimateQuarterTokens(std::string_view text);

}  // namespace headroom::text
