// One JSON document with gaps: the rows of its arrays and maps that matter, its long
// strings cut, the rest as JsonWriter would have it.
//
//   {"items":[180 rows, 9 shown; columns: id,status,amount; in the 171 omitted: status: succeeded (171)
//   pay_1,succeeded,12.5
//   ... rows 2-13 omitted ...
//   pay_14,failed,8
//   ],"series":[0.1,0.2,0.1,... elements 4-500 omitted (0.1 to 0.4) ...,0.3],"next":null}
//
// Each array is judged by itself. Values nested in a kept row stay as they are but for
// long strings and lists, and in a row that is asked for they all stay. Of a few large
// objects of which one is asked for the others are outlined: their keys and short values.
// Thread-compatible.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"
#include "text/excerpt.h"
#include "text/json_deadline.h"
#include "text/json_excerpt_asked.h"
#include "text/json_excerpt_labels.h"
#include "text/json_excerpt_rows.h"
#include "text/json_table.h"

namespace headroom::text {

// What was left out so far.
struct JsonOmitted {
  size_t rows = 0;       // of the arrays and maps that were cut
  size_t kept_rows = 0;  // of these
  size_t bytes = 0;      // of strings

  void Add(const JsonOmitted& other) {
    rows += other.rows;
    kept_rows += other.kept_rows;
    bytes += other.bytes;
  }
  bool any() const { return kept_rows < rows || bytes > 0; }
};

class JsonExcerptWriter : public ValueCutter {
 public:
  // All must outlive it.
  JsonExcerptWriter(const json::Document& document, const ExcerptInput& in, const JsonAsked& asked, size_t nesting = 0);

  // Appends the root. False when the deadline passed; `out` is then useless. Cost:
  // O(bytes), at most kEffort times.
  bool Write(std::string& out);

  // The root is an array that stands for the documents of a JSON Lines text.
  bool WriteLines(std::string& out);

  const JsonOmitted& omitted() const { return omitted_; }

  void BeginRow(size_t row) override;
  bool Cut(std::string_view key, const json::Token& value, size_t skip, std::string& out) override;

 private:
  static constexpr size_t kEffort = 8;
  static constexpr size_t kMaxNesting = 2;  // documents in strings of documents

  struct Rows {
    const json::Token& whole;
    const std::vector<json::Token>& rows;
    const std::vector<json::Token>& keys;
    TableForm form;
    std::string_view key;  // of the array in its object
  };
  // Which rows stay and what is said of the others.
  struct Choice {
    std::optional<RowSelection> selection;
    std::string omitted;
    JsonLabels labels;
    std::vector<bool> outlined;  // one per row where only some are asked for; the others in outline
    const std::vector<bool>* kept() const { return selection.has_value() ? &selection->kept : nullptr; }
    const std::vector<bool>* asked() const { return selection.has_value() ? &selection->asked : nullptr; }
  };

  void Value(std::string_view key, const json::Token& value, std::string& out);
  void Object(std::string_view key, const json::Token& object, std::string& out);
  void Array(std::string_view key, const json::Token& array, std::string& out);
  void AppendRows(const Rows& rows, std::string& out);
  Choice Choose(const Rows& rows);
  std::vector<bool> RowsToOutline(const Rows& rows) const;
  bool AppendAsTable(const Rows& rows, const Choice& choice, std::string& out);
  // "0.1 to 0.4" of numbers [begin, end) as they stand, else "".
  std::string RangeOf(const std::vector<json::Token>& values, size_t begin, size_t end) const;
  void AppendList(const Rows& rows, const Choice& choice, std::string& out);
  void AppendOutline(const json::Token& value, size_t depth, std::string& out);
  void AppendOutlineOfArray(const json::Token& array, std::string& out);
  // Arrays of an object that are columns: as many values in each, none of them nested.
  struct ArrayColumn {
    size_t member;
    std::vector<json::Token> values;
  };
  bool IsPageOfResults(const std::vector<json::Member>& members) const;
  std::vector<ArrayColumn> FindColumns(const std::vector<json::Member>& members) const;
  // False, with `out` as it was, where all rows stay.
  bool AppendColumns(const std::vector<json::Member>& members, const std::vector<ArrayColumn>& columns,
                     std::string& out);
  bool CutString(std::string_view key, const json::Token& value, size_t skip, std::string& out);
  bool CutNested(std::string_view inside, std::string& out);
  bool CutArray(std::string_view key, const json::Token& value, std::string& out);

  const json::Document& document_;
  const ExcerptInput& in_;
  const JsonAsked& asked_;
  Deadline deadline_;
  size_t effort_;
  size_t nesting_;
  JsonOmitted omitted_;
  const std::vector<bool>* asked_rows_ = nullptr;  // of the table that is written
  bool whole_ = false;                             // in a row that is asked for: nothing but opaque strings is cut
  bool counted_ = false;                           // in a row of a list that is counted
  bool listed_ = false;                            // in a row of a list of some length
  bool hits_;                                      // results of a search: of a tool for it, or beside a total
};

}  // namespace headroom::text
