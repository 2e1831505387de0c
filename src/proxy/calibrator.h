// Learns per model how far our static count is from what the provider bills,
// from a sample of the requests that went through. Counting happens on the
// worker pool after the response has been relayed; no request waits for it.
// Serves accounting only, never a decision. Thread-safe.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/worker_pool.h"
#include "json/document.h"
#include "proxy/api.h"
#include "tokens/counter.h"
#include "tokens/usage_calibration.h"

namespace headroom::proxy {

// Tokens of every string value of a body, keys left out: the text that a
// provider turns into its prompt. Cost: that of counting the body.
size_t CountTexts(const json::Document& document, const tokens::Counter& counter);
// The same of one value of it.
size_t CountTexts(const json::Document& document, const json::Token& token, const tokens::Counter& counter);

class Calibrator {
 public:
  // Of a model's requests the first, the second, the fourth and so on are counted,
  // then one of so many; none larger than kMaxBytes.
  static constexpr uint64_t kEvery = 64;
  // Models told apart; when there are more, all begin anew.
  static constexpr size_t kMaxModels = 256;
  static constexpr size_t kMaxBytes = 512 * 1024;

  // `workers` must be stopped before the calibrator is destroyed.
  explicit Calibrator(WorkerPool& workers) : workers_(workers) {}

  // `body` went upstream and was billed as `billed_tokens` of prompt.
  void Offer(Api api, const std::string& model, std::string_view body, uint64_t billed_tokens);

  // The prompt tokens of a body for which the provider gave no figure: its texts
  // by our count, up to kEstimatedBytes of them, the rest by their bytes in
  // proportion; corrected by what was learnt of the model. 0 where it is not JSON.
  // Cost: that of counting so much.
  uint64_t Estimate(std::string_view model, std::string_view body) const;
  static constexpr size_t kEstimatedBytes = 64 * 1024;

  // Tokens by our count, as the provider would bill them.
  uint64_t Correct(std::string_view model, uint64_t tokens) const { return observed_.Correct(model, tokens); }
  // Billed over counted; 1 where nothing was observed.
  double Ratio(std::string_view model) const { return observed_.Ratio(model); }

 private:
  WorkerPool& workers_;
  bool IsSample(const std::string& model);

  std::mutex mutex_;
  std::map<std::string, uint64_t> offered_;  // by model; guarded by mutex_
  tokens::UsageCalibration observed_;
};

}  // namespace headroom::proxy
