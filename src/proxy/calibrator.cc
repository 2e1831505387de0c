#include "proxy/calibrator.h"

#include <memory>

#include "base/bytes.h"

namespace headroom::proxy {
namespace {

// Pictures are billed by their size, not by the text that carries them.
bool HoldsPicture(std::string_view body) {
  return body.find("\"image") != std::string_view::npos || body.find("\"document\"") != std::string_view::npos;
}

size_t CountIn(const json::Document& document, const json::Token& token, const tokens::Counter& counter) {
  size_t tokens = 0;
  if (token.type == json::Type::kString) return counter.Count(document.Text(token).value_or(""));
  if (token.type == json::Type::kArray) {
    for (const json::Token& element : document.Elements(token)) tokens += CountIn(document, element, counter);
  }
  if (token.type == json::Type::kObject) {
    for (const json::Member& member : document.Members(token)) tokens += CountIn(document, member.value, counter);
  }
  return tokens;
}

}  // namespace

size_t CountTexts(const json::Document& document, const tokens::Counter& counter) {
  return CountIn(document, document.root(), counter);
}

void Calibrator::Offer(const std::string& model, std::string_view body, uint64_t billed_tokens) {
  if (model.empty() || billed_tokens == 0 || body.size() > kMaxBytes) return;
  if (offered_.fetch_add(1, std::memory_order_relaxed) % kEvery != 0 || HoldsPicture(body)) return;
  const auto copy = std::make_shared<PaddedBytes>(body);
  auto count = [this, copy, model, billed_tokens] {
    json::Document document;
    if (!document.Parse(*copy).ok()) return;
    observed_.Observe(model, CountTexts(document, tokens::CounterFor(model)), billed_tokens);
  };
  // A pool that is busy has better things to do.
  (void)workers_.TryPost(std::move(count));
}

}  // namespace headroom::proxy
