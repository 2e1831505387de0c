// Whether a request fits its model, and by which figures.
//
//   limit    what a refusal of this model named; else the catalogue's window by the provider's rule
//   tokens   RequestSizer's figure
//
// A figure that is the provider's own (the last reply's usage and our count of what is new), or a count by
// the model's own vocabulary, is believed. An estimate of everything is believed only where it
// is far beyond the limit: else the request is sent, and a refusal tells.
// What refusals tell is kept in memory, for the last kMaxTold of tenant, upstream, model and the window that the
// catalogue has for the request: one login's plan or gateway says nothing of another's, and a beta header may
// open a longer window of the same model.
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "policy/model_catalog.h"
#include "proxy/overflow.h"
#include "proxy/request_size.h"
#include "proxy/request_view.h"
#include "store/store.h"

namespace headroom::proxy {

// The output that a request asks for at most.
std::optional<uint64_t> MaxOutput(const json::Document& document);

class ContextFit {
 public:
  static constexpr size_t kMaxTold = 1'024;
  // How far an estimate of everything must be beyond the limit to be believed, and one of what is new.
  static constexpr double kDoubt = 1.5;
  static constexpr double kSmallDoubt = 1.03;

  // Without a catalogue only refusals tell limits. It must outlive this.
  explicit ContextFit(const policy::ModelCatalog* models) : models_(models) {}

  struct Request {
    const json::Document& document;
    const RequestView& view;
    const std::vector<Hash128>& lineage;
    const store::TenantId& tenant;
    std::string_view upstream;
    std::string_view anthropic_beta;  // the header's values
    int64_t tokens_saved = 0;         // by what is done to the body
    double ratio = 1;                 // billed over counted, as learnt of the model from usage
  };
  struct Figures {
    uint64_t tokens = 0;
    uint64_t limit = 0;
  };

  // Nothing when the request fits, or when nothing is known that says it does not.
  std::optional<Figures> Exceeds(const Request& request);

  // The figures that a refusal gives, and by our own where it gives none. They are remembered.
  Figures Learn(const Request& request, const Overflow& refusal);

  // What a later request is measured by.
  struct Place {
    Hash128 last_lineage;
    std::string model;
    uint64_t fixed_bytes = 0;
    int64_t tokens_saved = 0;
  };
  static Place PlaceOf(const Request& request);
  // What the provider counted for the request of this place.
  void Record(const Place& place, uint64_t prompt_tokens, uint64_t output_tokens);

 private:
  struct Told {
    std::optional<uint64_t> window;  // what a prompt may have, with the output where that counts
    bool adds_output = false;        // the output that is asked for counts against it
    double ratio = 0;                // the provider's tokens over ours; 0: not told
    uint64_t at = 0;
  };

  std::optional<uint64_t> LimitOf(const Request& request, std::optional<uint64_t> max_output) const;
  Hash128 ToldKey(const Request& request) const;
  Told ToldOf(const Request& request) const;
  SizeRequest Sized(const Request& request, double ratio, uint64_t limit) const;

  const policy::ModelCatalog* const models_;
  RequestSizer sizer_;
  mutable std::mutex mutex_;
  uint64_t learnt_ = 0;                                    // guarded by mutex_
  std::unordered_map<Hash128, Told, Hash128Hasher> told_;  // guarded by mutex_
};

}  // namespace headroom::proxy
