// The price list of npm's @pydantic/genai-prices as constant tables, written by
// price_tables.mjs when the program is built.
//
//   provider ─► models, in order of precedence ─► match, prices
//   match: a tree in prefix order,  kOr 2 | kEquals "gpt-5" | kStartsWith "gpt-5-2025-"
//
// Constant; thread-safe.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace headroom::policy {

struct MatchNode {
  enum class Op : uint8_t { kOr, kAnd, kNot, kEquals, kStartsWith, kEndsWith, kContains, kRegex };

  Op op = Op::kOr;
  uint16_t children = 0;       // of kOr, kAnd, kNot: nodes that follow, each with its own
  std::string_view text = {};  // of the others, in lower case
};

// In nano-dollars per million tokens; -1 where the list has none.
struct ListedPrices {
  int64_t input = -1;
  int64_t output = -1;
  int64_t cache_read = -1;
  int64_t cache_write_5m = -1;
  int64_t cache_write_1h = -1;
};

// Prices from one day on.
struct ListedPricePeriod {
  int32_t from = 0;  // 20260313; 0: always
  ListedPrices prices;
  int64_t above = 0;           // prompt tokens; a request with more pays `long_prices` for all of them; 0: never
  ListedPrices long_prices{};  // the same as `prices` where the list has no other
};

struct ListedModel {
  std::string_view id;
  std::string_view title;
  uint32_t match = 0;           // index into match_nodes
  uint32_t context_window = 0;  // tokens; 0: not listed
  uint32_t first_period = 0;    // index into periods, oldest first
  uint16_t periods = 0;
};

struct ListedProvider {
  std::string_view id;
  int32_t name_match = -1;   // which prefixes name it ("bedrock/..."): index into match_nodes, or -1
  int32_t model_match = -1;  // which bare models are its own
  uint32_t first_model = 0;
  uint16_t models = 0;
  uint32_t first_fallback = 0;  // index into fallbacks: providers whose models it serves too
  uint16_t fallbacks = 0;
};

struct PriceTables {
  std::string_view version;  // of the npm package
  std::string_view date;     // when that was published, "2026-09-23"
  std::span<const ListedProvider> providers;
  std::span<const ListedModel> models;
  std::span<const ListedPricePeriod> periods;
  std::span<const MatchNode> match_nodes;
  std::span<const uint16_t> fallbacks;  // indexes into providers
};

const PriceTables& Tables();

}  // namespace headroom::policy
