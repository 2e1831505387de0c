// The patterns of all tenants and of the installation, within bounds: when one
// more would exceed them, the one that was used longest ago goes.
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "learning/pattern.h"

namespace headroom::learning {

struct PatternKey {
  std::string tenant;     // id under the installation's key; "" for the installation as a whole
  std::string signature;  // Structure::id, or ToolId

  auto operator<=>(const PatternKey&) const = default;
};

class Patterns {
 public:
  struct Limits {
    size_t entries = 4'096;
    size_t bytes = size_t{8} << 20;  // as Pattern::Bytes counts
  };

  Patterns() : Patterns(Limits()) {}
  explicit Patterns(Limits limits) : limits_(limits) {}
  Patterns(Patterns&&) = default;
  Patterns& operator=(Patterns&&) = default;

  // Null when there is none.
  const Pattern* Find(const PatternKey& key) const;
  // Changes the pattern of `key`, made new where there is none. Cost: O(log n).
  void Update(const PatternKey& key, const std::function<void(Pattern&)>& change);
  // Adds the counts of all the other's.
  void Merge(const Patterns& other);
  // Takes over each of the other's patterns that has more compressions than this one's:
  // merging the same twice changes nothing.
  void TakeLarger(const Patterns& other);

  // Oldest use first.
  void ForEach(const std::function<void(const PatternKey&, const Pattern&)>& visit) const;

  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Pattern pattern;
    size_t bytes = 0;
    std::list<PatternKey>::iterator use;
  };

  Limits limits_;
  size_t bytes_ = 0;
  std::list<PatternKey> uses_;  // oldest first
  std::map<PatternKey, Entry> entries_;
};

}  // namespace headroom::learning
