#include "policy/window_rules.h"

#include <algorithm>
#include <string>

#include "policy/model_names.h"

namespace headroom::policy {
namespace {

// One row of the rules: models whose bare name is `stem` or goes on after it
// with another part. docs/context.md names the source of each.
struct WindowRow {
  std::string_view stem;
  uint64_t listed = 0;  // where the list says this; 0: whatever it says
  uint64_t tokens = 0;
};

// A beta header that opens a longer window.
constexpr std::string_view kMillionBeta = "context-1m-2025-08-07";
constexpr WindowRow kMillionWindows[] = {
    {"claude-sonnet-4", 0, 1'000'000}, {"claude-4-sonnet", 0, 1'000'000}, {"claude-opus-4-6", 0, 1'000'000}};

// Where the list has a rounded figure, what the provider publishes.
constexpr WindowRow kPublishedWindows[] = {{"gpt-4.1", 1'000'000, 1'047'576},
                                           {"gpt-5.5", 1'000'000, 1'050'000},
                                           {"gemini-2.0", 1'000'000, 1'048'576},
                                           {"gemini-2.5", 1'000'000, 1'048'576}};

// What the provider keeps for the output.
constexpr WindowRow kReserved[] = {
    {"gpt-5", 400'000, 128'000}, {"gpt-5", 1'050'000, 128'000}, {"gpt-6", 1'050'000, 128'000}};

// Models for which prompt and max_tokens together must fit. Claude's later
// models stop when the window is full, and so do these with the beta header.
constexpr std::string_view kStopsWhenFullBeta = "model-context-window-exceeded-2025-08-26";
constexpr std::string_view kAddsOutputUnlessBeta[] = {"claude-3-7-sonnet", "claude-3.7-sonnet"};
constexpr std::string_view kAddsOutputExact[] = {"claude-sonnet-4", "claude-sonnet-4-0", "claude-4-sonnet",
                                                 "claude-opus-4",   "claude-opus-4-0",   "claude-4-opus",
                                                 "claude-opus-4-1", "claude-opus-4.1"};
constexpr std::string_view kAddsOutput[] = {"gpt-3.5", "gpt-35", "gpt-4", "gpt-4o", "chatgpt-4o"};

bool HasBeta(std::string_view header, std::string_view beta) {
  while (!header.empty()) {
    const size_t comma = std::min(header.find(','), header.size());
    if (LowerName(header.substr(0, comma)) == beta) return true;
    header.remove_prefix(std::min(header.size(), comma + 1));
  }
  return false;
}

template <size_t kRows>
uint64_t Row(const WindowRow (&rows)[kRows], std::string_view bare, uint64_t listed) {
  for (const WindowRow& row : rows) {
    if (IsOfStem(bare, row.stem) && (row.listed == 0 || row.listed == listed)) return row.tokens;
  }
  return 0;
}

bool AddsOutput(std::string_view bare, std::string_view beta) {
  const auto is_of = [&](std::string_view stem) { return IsOfStem(bare, stem); };
  if (std::any_of(std::begin(kAddsOutput), std::end(kAddsOutput), is_of)) return true;
  if (HasBeta(beta, kStopsWhenFullBeta)) return false;
  return std::any_of(std::begin(kAddsOutputUnlessBeta), std::end(kAddsOutputUnlessBeta), is_of) ||
         std::find(std::begin(kAddsOutputExact), std::end(kAddsOutputExact), bare) != std::end(kAddsOutputExact);
}

}  // namespace

std::optional<uint64_t> PromptLimit(const ModelFacts& facts, const WindowRequest& request) {
  if (!facts.context_window) return std::nullopt;
  const std::string bare = BareName(LowerName(request.model.substr(0, ModelCatalog::kMaxNameBytes)));
  uint64_t window = *facts.context_window;
  if (!facts.window_overridden) {
    window = std::max(window, Row(kPublishedWindows, bare, window));
    if (HasBeta(request.anthropic_beta, kMillionBeta)) window = std::max(window, Row(kMillionWindows, bare, window));
  }
  uint64_t taken = facts.window_overridden ? 0 : Row(kReserved, bare, window);
  if (request.max_output && AddsOutput(bare, request.anthropic_beta)) taken = std::max(taken, *request.max_output);
  return taken < window ? window - taken : 1;
}

std::optional<uint64_t> PromptLimit(const ModelCatalog& catalog, const WindowRequest& request) {
  const std::optional<ModelFacts> facts = catalog.Find(request.model);
  return facts ? PromptLimit(*facts, request) : std::nullopt;
}

}  // namespace headroom::policy
