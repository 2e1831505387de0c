// How many tokens the bytes of a request come to, as learnt from usage: for
// admission, which must not wait for counting and must not guess too low.
//
// Base64 (pictures, documents) is taken apart: its bytes say nothing of its
// tokens. Of each model the highest rate seen lately counts: it goes up at once
// and comes down slowly. Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace headroom::policy {

// The parts of a JSON body by how they become tokens. Cost: memory speed.
struct BodyParts {
  uint64_t text_bytes = 0;
  uint64_t base64_strings = 0;
};
BodyParts PartsOf(std::string_view body);

class TokenRates {
 public:
  // Models remembered; others have the first rate.
  static constexpr size_t kMaxModels = 256;
  // Before anything was learnt. The densest text in use (code, Chinese) has about this many.
  static constexpr double kFirstRate = 1.0 / 3;
  static constexpr double kMaxRate = 1;
  // A picture, or some pages of a document.
  static constexpr uint64_t kBase64Tokens = 6'000;

  uint64_t Estimate(std::string_view model, const BodyParts& parts) const;
  // A body of these parts was billed as `tokens` of prompt.
  void Learn(std::string_view model, const BodyParts& parts, uint64_t tokens);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, double, std::less<>> rates_;  // guarded by mutex_
};

}  // namespace headroom::policy
