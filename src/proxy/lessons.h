// Where the proxy and what it learns meet (src/learning): how results are told
// from one another, what a recommendation means for one of them, and what is
// learnt when a result was shortened or an original asked for.
//
// What is learnt is worked out after the request, by tasks of the learner; on the
// request's way stand the structure and, where something is recommended, a look
// for words in the text. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "learning/learner.h"
#include "store/store.h"
#include "text/compressor.h"

namespace headroom::proxy {

class Lessons {
 public:
  // Smaller results are not excerpted.
  static constexpr size_t kMinBytes = 1024;
  static constexpr size_t kMaxGaps = 512;  // of one excerpt that are remembered

  Lessons() = default;  // learns nothing
  // Nor where the learner is not enabled. `learner` must outlive it.
  explicit Lessons(learning::Learner* learner) : learner_(learner) {}

  // Null where nothing is learnt.
  const learning::Learner* learner() const { return learner_; }
  bool on() const { return learner_ != nullptr && learner_->enabled(); }

  // Requires on(). Cost: O(bytes), some 0.3 ms/MB.
  learning::Structure StructureOf(std::string_view text, std::string_view tool) const;

  struct Advice {
    bool whole = false;  // leave nothing out
    double share_factor = 1;
    std::string asked_before;  // as text::Input has it
  };
  // What `snapshot` recommends for this text; the same for the same text, whenever it is asked. Requires on().
  // Cost: O(log n), and O(bytes) where words are recommended.
  Advice For(const learning::Snapshot& snapshot, const store::TenantId& tenant, const learning::Structure& structure,
             std::string_view text) const;

  // Results of one request, once they are decided.
  void Compressed(std::vector<learning::Excerpt> excerpts) const;

  struct Given {
    std::string_view query = {};
    size_t page = 0;     // without a query: which one
    bool whole = false;  // all of the original at once
  };
  // That the tenant's original was given back.
  void Retrieved(const store::TenantId& tenant, const store::Original& original, const Given& given) const;

 private:
  learning::Learner* learner_ = nullptr;
};

// What `rendition` leaves out by its own marks.
std::vector<learning::Range> RangesLeftOut(std::string_view rendition);

}  // namespace headroom::proxy
