// One JSON document, smaller: arrays of objects and maps of equal objects as
// tables where they stand, everything else without white space.
//
//   {"items":[120 rows; columns: id,name
//   1,ada
//   ...
//   ],"next":null}
//
// A table is taken where it is cheaper than the JSON it replaces, by an
// estimate (EstimateQuarterTokens). Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "json/document.h"
#include "text/compressor.h"
#include "text/json_deadline.h"
#include "text/json_table.h"

namespace headroom::text {

class JsonWriter {
 public:
  // Both must outlive the writer.
  JsonWriter(const json::Document& document, const Expired& expired);

  // Appends the root. False when the deadline passed; `out` is then useless.
  // Cost: O(bytes): values nested in rejected tables are looked at again, up to
  // kEffort times the document in all; after that nothing more becomes a table.
  bool Write(std::string& out);

  // The root is an array that stands for the documents of a JSON Lines text:
  // a table, or each document on a line of its own.
  bool WriteLines(std::string& out);

  bool made_table() const { return made_table_; }

 private:
  static constexpr size_t kEffort = 8;

  void Value(const json::Token& value, std::string& out);
  void Object(const json::Token& object, std::string& out);
  void Array(const json::Token& array, std::string& out);
  // Appends a table of `rows`, which are all that `whole` holds; false where
  // there is none or the JSON is cheaper.
  bool Table(const json::Token& whole, const std::vector<json::Token>& rows, const std::vector<json::Token>& keys,
             TableForm form, std::string& out);

  const json::Document& document_;
  Deadline deadline_;
  size_t effort_;
  bool made_table_ = false;
};

}  // namespace headroom::text
