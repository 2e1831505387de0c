// A tool result that stood earlier in the same conversation, or nearly did,
// becomes a reference to it.
//
//   Bash {"command":"make"}  → 300 lines          (the anchor, in full)
//   ...
//   Bash {"command":"make"}  → [Identical to the result of the earlier call Bash {"command":"make"}, 2 tool
//                               results before this one; its 300 lines are not repeated here.]
//   ...
//   Bash {"command":"make"}  → [Changes since the result of the earlier call Bash {"command":"make"}, 3 tool
//                               results before this one, as a unified diff; all other lines are identical:]
//                              @@ -7,5 +7,5 @@
//                              ...
//
//   edit {"line":287}        → [Lines that also stand in the result of the earlier call open {"path":"a.py"}, the tool
//                               result before this one, are not repeated; marks name them by its line numbers:]
//                              ... lines 1-286 of it ...
//                              287:    'Rows',
//                              ...
//
// A reference never points to a reference or a diff. A diff is made against the text
// that the model has before it, so never against an excerpt.
// Thread-compatible; made for one request.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "proxy/plan.h"
#include "proxy/request_view.h"
#include "text/compressor.h"
#include "text/delta.h"

namespace headroom::proxy {

class SeenBefore {
 public:
  // Shorter texts are not worth a reference.
  static constexpr size_t kMinBytes = 400;
  // A text is compared with at most so many earlier results, the latest first.
  static constexpr size_t kMaxCompared = 6;
  // The same for lines, with which results about the same files are compared besides.
  static constexpr size_t kMaxLineAnchors = 6;
  // Longer texts are not compared.
  static constexpr size_t kMaxComparedBytes = 4u << 20;

  struct Reference {
    size_t anchor;  // index of the block referred to
    std::string text;
    bool excerpt = false;  // the block referred to stands as an excerpt
  };

  // An earlier result that shares most of its lines with the one at hand.
  struct Near {
    size_t anchor;  // index of its block
    size_t distance;
    const Block* call;
    bool same_call;    // both calls ask for the same
    std::string text;  // as it stands in the request that goes upstream
    std::string rule;  // what rewrote it, without loss; "" when it stands as it came
  };

  explicit SeenBefore(const json::Document& document) : document_(document) {}

  // The next tool result of the conversation, `text` its text. Returns a
  // reference when the same text stood earlier. To an excerpt it says enough only
  // where the same excerpt would stand here.
  std::optional<Reference> Find(const Block& result, std::string_view text) const;

  // The best anchor of a diff for a result of `call`: from the same tool, called
  // with equal or similar arguments; of a file read with equal ones. Cost: O(bytes)
  // of kMaxCompared results.
  std::optional<Near> FindNear(const Block& call, std::string_view text, const text::Expired& expired) const;

  // `text` without the lines that stand in an earlier result, of whatever call, which stands as it came: of the latest
  // ones and of those about the same files the one that shares the most. Nothing where that is little.
  // Cost: O(bytes) of the results that are compared; each is read once.
  std::optional<Reference> FindLines(const Block& call, std::string_view text, const text::Expired& expired);

  // `text` as a diff against `near.text`. Nothing when it would not be clearly shorter.
  std::optional<Reference> Differences(const Near& near, std::string_view text, const text::Expired& expired) const;

  // Files block `index` as one that refers to no other; `decision` says how it
  // stands and must outlive this.
  void AddAnchor(size_t index, const Block& result, const Block& call, const Decision& decision);
  // Every tool result counts for distances, whatever became of it.
  void CountResult() { ++results_; }

 private:
  struct Anchor {
    size_t index;
    size_t ordinal;  // among the tool results
    const Block* result;
    const Block* call;
    const Decision* decision;
  };

  // What the texts of an anchor share with others is found in a sketch, made when it is first needed.
  struct Sketched {
    std::vector<std::string> files;  // that its call names
    std::optional<text::LineSketch> lines;
  };

  // Anchors that may share lines with a result about `files`, the latest first.
  std::vector<size_t> LineAnchors(const std::vector<std::string>& files, bool of_files_only);
  std::string Named(std::string_view what, const Block& call, size_t distance) const;
  // The text of the anchor as it goes upstream; nothing if that is an excerpt.
  std::optional<std::string> Shown(const Anchor& anchor) const;

  const json::Document& document_;
  size_t results_ = 0;
  std::vector<Anchor> anchors_;
  std::unordered_map<size_t, Sketched> sketches_;               // by place in anchors_
  std::unordered_map<Hash128, size_t, Hash128Hasher> by_text_;  // place in anchors_; the latest wins
};

}  // namespace headroom::proxy
