// What happened to the results of one structure, or of one tool: numbers and
// keyed hashes, nothing else.
//
// Totals only grow. What recommendations go by are the recent counts, which are
// halved when they reach kRecent excerpts, so that a change in what is asked for
// shows within some hundred results, and nothing is settled for ever.
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace headroom::learning {

// Counts by keyed hash; when full, the rarest makes room.
class WordCounts {
 public:
  explicit WordCounts(size_t limit) : limit_(limit) {}

  void Add(uint64_t word, uint32_t count = 1);
  void Merge(const WordCounts& other);
  // Halves all counts; what reaches zero goes.
  void Halve();

  const std::map<uint64_t, uint32_t>& counts() const { return counts_; }
  size_t limit() const { return limit_; }

 private:
  size_t limit_;
  std::map<uint64_t, uint32_t> counts_;
};

struct Pattern {
  static constexpr uint32_t kRecent = 200;
  static constexpr size_t kMaxFields = 64;
  static constexpr size_t kMaxWords = 64;
  static constexpr size_t kMaxQueries = 32;
  static constexpr size_t kMaxStrategies = 20;
  static constexpr size_t kMaxTenants = 100;
  static constexpr size_t kMaxStrategyBytes = 40;

  struct Strategy {
    uint64_t uses = 0;
    uint64_t opened = 0;  // excerpts that were opened for something left out
  };

  bool of_tool = false;     // else of a structure
  uint64_t excerpts = 0;    // compressions that left something out
  uint64_t lossless = 0;    // results of which nothing was left out
  uint64_t units = 0;       // lines or rows of the excerpted results
  uint64_t units_kept = 0;  // of these, what the excerpts show
  uint64_t tokens_before = 0;
  uint64_t tokens_after = 0;
  uint64_t whole_retrievals = 0;
  uint64_t query_retrievals = 0;
  uint64_t visible_retrievals = 0;  // of all retrievals: what they found was in the excerpt already

  // Each excerpt counts once, however often it is opened.
  uint32_t recent_excerpts = 0;
  uint32_t recent_whole = 0;  // opened to the end
  uint32_t recent_query = 0;  // opened by query, or the first pages

  WordCounts fields{kMaxFields};                            // names of fields in queries
  WordCounts words{kMaxWords};                              // words of queries that stand in what was left out
  WordCounts queries{kMaxQueries};                          // whole queries
  std::map<std::string, Strategy, std::less<>> strategies;  // by the compressor's rule
  std::set<std::string> tenants;                            // of the installation's patterns: who contributed
  bool more_tenants = false;                                // than kMaxTenants

  uint32_t field_count = 0;
  uint32_t depth = 0;
  uint32_t traits = 0;
  int64_t updated = 0;  // Unix seconds

  uint64_t compressions() const { return excerpts + lossless; }
  uint64_t retrievals() const { return whole_retrievals + query_retrievals; }
  // Of recent excerpts, the share that was opened for something left out; 0 to 1.
  double retrieval_rate() const;
  // Of those openings, the share that took all there is.
  double whole_share() const;
  // min(0.95, min(0.7, n/100) + (min(0.3, 0.03 users) from three users on)).
  double confidence() const;
  // The rule with the fewest openings per use among those used three times; "" for none.
  std::string_view best_strategy() const;

  Strategy* StrategyOf(std::string_view rule);
  void AddTenant(std::string_view tenant);
  // Adds the other's counts.
  void Merge(const Pattern& other);
  // Halves the recent counts when they are many.
  void Age();

  // About what it takes in memory and in the file.
  size_t Bytes() const;
};

}  // namespace headroom::learning
