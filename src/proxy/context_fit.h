// Whether a request fits its model, and by which figures.
//
//   limit    what a refusal of this model named; else the catalogue's window by the provider's rule
//   tokens   RequestSizer's figure
//
// A figure that is the provider's own (the last reply's usage and our count of
// what is new) is believed. One that is our estimate of everything is believed only where it
// is far beyond the limit: else the request is sent, and a refusal tells.
// What refusals tell is kept in memory, for each of the last kMaxModels models.
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "json/document.h"
#include "policy/model_catalog.h"
#include "proxy/overflow.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

// The output that a request asks for at most.
std::optional<uint64_t> MaxOutput(const json::Document& document);

class ContextFit {
 public:
  static constexpr size_t kMaxModels = 256;
  // How far an estimate must be beyond the limit to be believed.
  static constexpr double kDoubt = 1.5;

  // Without a catalogue only refusals tell limits. It must outlive this.
  explicit ContextFit(const policy::ModelCatalog* models) : models_(models) {}

  struct Request {
    const json::Document& document;
    const RequestView& view;
    const std::vector<Hash128>& lineage;
    std::string_view anthropic_beta;  // the header's values
    std::string_view sent;            // the body as it would go
  };
  struct Figures {
    uint64_t tokens = 0;
    uint64_t limit = 0;
  };

  // Nothing when the request fits, or when nothing is known that says it does not.
  std::optional<Figures> Exceeds(const Request& request) const;

  // The figures that a refusal gives, and by our own where it gives none. They are remembered.
  Figures Learn(const Request& request, const Overflow& refusal);

 private:
  struct Told {
    std::optional<uint64_t> limit;
    double ratio = 0;  // the provider's tokens over ours; 0: not told
    uint64_t at = 0;
  };

  std::optional<uint64_t> LimitOf(const Request& request) const;
  Told ToldOf(std::string_view model) const;

  const policy::ModelCatalog* const models_;
  mutable std::mutex mutex_;
  uint64_t learnt_ = 0;                            // guarded by mutex_
  std::map<std::string, Told, std::less<>> told_;  // guarded by mutex_
};

}  // namespace headroom::proxy
