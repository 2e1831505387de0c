#include "proxy/calibrator.h"

#include <bit>
#include <memory>

#include "base/bytes.h"
#include "proxy/request_size.h"

namespace headroom::proxy {
namespace {

// Pictures are billed by their size, not by the text that carries them.
bool HoldsPicture(std::string_view body) {
  return body.find("\"image") != std::string_view::npos || body.find("\"document\"") != std::string_view::npos;
}

struct CountedPart {
  size_t all_bytes = 0;      // of every text, as spelled
  size_t counted_bytes = 0;  // of those counted
  size_t tokens = 0;
};

void CountPart(const json::Document& document, const json::Token& token, const tokens::Counter& counter, size_t limit,
               CountedPart& part) {
  if (token.type == json::Type::kString) {
    const size_t bytes = token.span.size();
    part.all_bytes += bytes;
    if (part.counted_bytes >= limit) return;
    const std::string text = document.Text(token).value_or("");
    const std::string_view counted = std::string_view(text).substr(0, limit - part.counted_bytes);
    part.tokens += counter.Count(counted);
    // An escape that is cut is spread over the bytes that are counted.
    part.counted_bytes += text.empty() ? bytes : bytes * counted.size() / text.size();
  }
  if (token.type == json::Type::kArray) {
    for (const json::Token& element : document.Elements(token)) CountPart(document, element, counter, limit, part);
  }
  if (token.type == json::Type::kObject) {
    for (const json::Member& member : document.Members(token)) {
      CountPart(document, member.value, counter, limit, part);
    }
  }
}

}  // namespace

size_t CountTexts(const json::Document& document, const json::Token& token, const tokens::Counter& counter) {
  size_t tokens = 0;
  if (token.type == json::Type::kString) return counter.Count(document.Text(token).value_or(""));
  if (token.type == json::Type::kArray) {
    for (const json::Token& element : document.Elements(token)) tokens += CountTexts(document, element, counter);
  }
  if (token.type == json::Type::kObject) {
    for (const json::Member& member : document.Members(token)) tokens += CountTexts(document, member.value, counter);
  }
  return tokens;
}

size_t CountTexts(const json::Document& document, const tokens::Counter& counter) {
  return CountTexts(document, document.root(), counter);
}

bool Calibrator::IsSample(const std::string& model) {
  const std::lock_guard lock(mutex_);
  if (offered_.size() >= kMaxModels && !offered_.contains(model)) offered_.clear();
  const uint64_t number = ++offered_[model];
  return std::has_single_bit(number) || number % kEvery == 0;
}

void Calibrator::Offer(Api api, const std::string& model, std::string_view body, uint64_t billed_tokens) {
  if (model.empty() || billed_tokens == 0 || body.size() > kMaxBytes) return;
  if (!IsSample(model) || HoldsPicture(body)) return;
  const auto copy = std::make_shared<PaddedBytes>(body);
  auto count = [this, copy, api, model, billed_tokens] {
    json::Document document;
    if (!document.Parse(*copy).ok()) return;
    const Result<RequestView> view = ReadRequest(api, document);
    if (view.ok()) observed_.Observe(model, RequestSizer::CountAll(document, *view), billed_tokens);
  };
  // A pool that is busy has better things to do.
  (void)workers_.TryPost(std::move(count));
}

uint64_t Calibrator::Estimate(std::string_view model, std::string_view body) const {
  json::Document document;
  const PaddedBytes bytes(body);
  if (!document.Parse(bytes).ok()) return 0;
  CountedPart part;
  CountPart(document, document.root(), tokens::CounterFor(model), kEstimatedBytes, part);
  if (part.counted_bytes == 0) return 0;
  const double whole = static_cast<double>(part.all_bytes) / static_cast<double>(part.counted_bytes);
  return Correct(model, static_cast<uint64_t>(static_cast<double>(part.tokens) * whole));
}

}  // namespace headroom::proxy
