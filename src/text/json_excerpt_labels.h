// The names of rows that are left out, where a name says much for little.
//
//   ... rows 3-9 omitted (title: Request Rate; Error Rate; Memory Usage) ...
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"

namespace headroom::text {

class JsonLabels {
 public:
  static constexpr size_t kMaxLabels = 48;  // names said of one list; with more, none are
  static constexpr size_t kMaxLabelBytes = 60;

  // Finds the key that names the objects of `rows`: "title", "name", "id" and the like,
  // a short plain string in each, nearly all of them different. The document must outlive it.
  // Cost: O(members of the rows).
  JsonLabels(const json::Document& document, const std::vector<json::Token>& rows);

  // Names of map entries, or of nothing.
  JsonLabels() = default;

  bool empty() const { return labels_.empty(); }

  // "title: A; B; C" for rows [begin, end) from 0.
  std::string Of(size_t begin, size_t end) const;

  // About the bytes that the names of all rows take.
  size_t bytes() const { return bytes_; }

 private:
  bool Take(const json::Document& document, const std::vector<json::Token>& rows, std::string_view key,
            std::string_view inner);

  std::string key_;
  std::vector<std::string_view> labels_;  // one per row
  size_t bytes_ = 0;
};

}  // namespace headroom::text
