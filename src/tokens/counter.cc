#include "tokens/counter.h"

#include <algorithm>
#include <array>
#include <string>

#include "tokens/encoding.h"

namespace headroom::tokens {
namespace {

// The count by a vocabulary that is the model's own.
class ExactCounter : public Counter {
 public:
  explicit ExactCounter(const Encoding& encoding) : encoding_(encoding) {}
  size_t Count(std::string_view text) const override { return encoding_.Count(text); }
  Exactness exactness() const override { return Exactness::kExact; }
  std::string_view name() const override { return encoding_.name(); }

 private:
  const Encoding& encoding_;
};

// The o200k count times a factor, rounded up. With a factor of one or more the
// estimate grows strictly with the o200k count, so which of two texts is shorter
// never depends on the factor.
class EstimateCounter : public Counter {
 public:
  EstimateCounter(std::string_view name, size_t numerator, size_t denominator)
      : name_(name), numerator_(numerator), denominator_(denominator) {}
  size_t Count(std::string_view text) const override {
    return (O200kEncoding().Count(text) * numerator_ + denominator_ - 1) / denominator_;
  }
  Exactness exactness() const override { return Exactness::kEstimate; }
  std::string_view name() const override { return name_; }

 private:
  std::string_view name_;
  size_t numerator_;
  size_t denominator_;
};

const Counter& O200k() {
  static const ExactCounter counter(O200kEncoding());
  return counter;
}

const Counter& Cl100k() {
  static const ExactCounter counter(Cl100kEncoding());
  return counter;
}

// Claude's vocabulary is not public. Side by side with GPT-4o (o200k), Claude 3.5
// Sonnet counted 1.16 times as many tokens for English articles, 1.21 for
// mathematics and 1.30 for Python (VentureBeat, "Hidden costs in AI deployment",
// 2025-05-01); models since Opus 4.7 count up to a third more than o200k. Agents
// send code, logs and JSON, so the factor is 5/4. Limits and accounting correct
// it by the usage the provider reports (usage_calibration.h).
const Counter& Claude() {
  static const EstimateCounter counter("claude-estimate", 5, 4);
  return counter;
}

const Counter& Unknown() {
  static const EstimateCounter counter("estimate", 1, 1);
  return counter;
}

struct Family {
  std::string_view prefix;
  const Counter& (*counter)();
};

// Longest prefix wins. Sources: tiktoken's model table (openai/tiktoken, model.py,
// 2025-08) and, for Azure's spelling of 3.5, its deployment names. gpt-oss counts
// text as o200k does; its vocabulary only adds special tokens.
constexpr Family kFamilies[] = {
    {"gpt-4o", O200k},  {"gpt-4.1", O200k},
    {"gpt-4.5", O200k}, {"gpt-5", O200k},
    {"gpt-oss", O200k}, {"chatgpt-4o", O200k},
    {"codex", O200k},   {"o1", O200k},
    {"o3", O200k},      {"o4", O200k},
    {"gpt-4", Cl100k},  {"gpt-3.5", Cl100k},
    {"gpt-35", Cl100k}, {"text-embedding-", Cl100k},
    {"claude", Claude},
};

// The bare model: no "openai/", "models/", "us.anthropic." or "ft:" before it.
std::string_view StripProvider(std::string_view model) {
  const size_t slash = model.rfind('/');
  if (slash != std::string_view::npos) model.remove_prefix(slash + 1);
  for (std::string_view vendor : {"anthropic.", "openai."}) {
    const size_t at = model.find(vendor);
    if (at != std::string_view::npos) model.remove_prefix(at + vendor.size());
  }
  if (model.starts_with("ft:")) model.remove_prefix(3);
  return model;
}

}  // namespace

const Counter& CounterFor(std::string_view model) {
  // Names beyond this length belong to no known model.
  std::string name(StripProvider(model.substr(0, 512)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  const Family* best = nullptr;
  for (const Family& family : kFamilies) {
    if (!name.starts_with(family.prefix)) continue;
    if (best == nullptr || family.prefix.size() > best->prefix.size()) best = &family;
  }
  return best != nullptr ? best->counter() : Unknown();
}

}  // namespace headroom::tokens
