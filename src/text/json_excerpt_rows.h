// The elements of a JSON array, or the members of an object, as the rows that
// SelectRows reads.
//
//   [{"id":1,"owner":{"name":"ada"},"tags":["x","y"]}, "resync"]
//     row 0   id 1   owner.name ada   tags[] x   tags[] y
//     row 1   (value) resync
//
// Arrays in arrays have columns by place: [[1717259821,"612"],...] has [0] and [1].
// Thread-compatible.

#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/document.h"
#include "text/json_deadline.h"
#include "text/row_selection.h"

namespace headroom::text {

class JsonRows {
 public:
  static constexpr size_t kMaxColumns = 1024;  // values of more stand in one column
  static constexpr size_t kMaxNodes = 16'384;  // places of values; more share one
  static constexpr size_t kMaxDepth = 8;       // of objects and arrays in a row; deeper ones are read as text

  // `keys` are the string tokens of a map's members, else empty. The document must
  // outlive it. Cost: O(bytes of the rows).
  JsonRows(const json::Document& document, const std::vector<json::Token>& rows, const std::vector<json::Token>& keys,
           Deadline& deadline);

  const RowTable& table() const { return table_; }

 private:
  struct Node {
    std::string_view key;
    size_t column = SIZE_MAX;
    std::vector<size_t> children;
    std::unordered_map<std::string_view, size_t> index;  // once there are many children
  };

  size_t Child(size_t node, std::string_view key, size_t& guess);
  RowColumn& ColumnOf(size_t node, std::string_view path);
  void Add(const json::Token& value, size_t node, size_t depth, std::string& path);
  void AddScalar(const json::Token& value, size_t node, const std::string& path);
  std::string_view Decoded(std::string_view inside);

  const json::Document& document_;
  Deadline& deadline_;
  std::vector<Node> nodes_;
  std::deque<std::string> decoded_;
  RowTable table_;
  uint32_t row_ = 0;
};

// Text of `raw` with the escapes of line ends, tabs and quotes as blanks, so that words
// begin where they do in the decoded text. `raw` itself where it has no escape.
std::string_view ReadableEscapes(std::string_view raw, std::deque<std::string>& arena);

}  // namespace headroom::text
