// Worked examples: what a turn cost, and what it would have cost with the
// original blocks, each written out at the prices that the providers publish
// (dollars per million tokens, November 2026). docs/accounting.md walks through some.

#include "proxy/counterfactual.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "proxy/accounting.h"

namespace headroom::proxy {
namespace {

using std::chrono::minutes;

// Tokens at a price.
using Bill = std::vector<std::pair<int64_t, double>>;

policy::NanoDollars Sum(const Bill& bill) {
  double nano = 0;
  for (const auto& [tokens, price] : bill) nano += static_cast<double>(tokens) * price * 1000;
  return std::llround(nano);
}

const Clock::TimePoint kNow{minutes(1'000)};

// An earlier request of the conversation.
struct Before {
  uint64_t prompt = 0;
  uint64_t cached = 0;
  uint64_t original_cached = 0;
  int64_t saved = 0;
  uint64_t prompt_after = 0;  // of its retrieval round
  int64_t saved_after = 0;
  uint32_t epoch = 0;
  int minutes_ago = 1;
};

struct Example {
  std::string name = {};
  std::string model = {};
  std::vector<Before> before = {};
  int64_t saved = 0;  // over the whole prompt
  std::vector<Usage> replies = {};
  Bill cost = {};
  Bill original = {};
  std::string miss = {};
  // Seldom:
  int64_t tool = 0;  // saved at the start
  uint64_t hidden_output = 0;
  uint32_t epoch = 0;
  std::string change = {};
  bool goes_on = true;
  bool lost = false;
  std::optional<uint64_t> limit = {};
  std::optional<uint64_t> latest_cached = {};  // of a request that this one does not go on from
};

Trail TrailOf(const Example& example) {
  Trail trail;
  trail.epoch = example.epoch;
  trail.saved_at_start = example.tool;
  trail.saved = example.saved;
  trail.prefix_change = example.change;
  trail.goes_on = example.goes_on;
  trail.lost_exchange = example.lost;
  for (const Before& before : example.before) {
    Trail::Step& step = trail.steps.emplace_back();
    step.prefix.prompt = before.prompt;
    step.prefix.prompt_after = std::max(before.prompt, before.prompt_after);
    step.prefix.cached = before.cached;
    step.prefix.original_cached = before.original_cached;
    step.prefix.epoch = before.epoch;
    step.prefix.used = kNow - minutes(before.minutes_ago);
    step.prefix.life = minutes(5);
    step.saved = before.saved;
    step.saved_after = before.prompt_after > 0 ? before.saved_after : before.saved;
    trail.latest = step.prefix;
  }
  if (example.latest_cached.has_value()) {
    trail.latest.emplace();
    trail.latest->cached = *example.latest_cached;
    trail.latest->used = kNow - minutes(1);
    trail.latest->life = minutes(5);
  }
  return trail;
}

std::vector<Example> Anthropic() {
  const std::string sonnet = "claude-sonnet-4-5";
  std::vector<Example> all;
  all.push_back({.name = "a first request writes its prompt into the cache",
                 .model = sonnet,
                 .replies = {{.input = 20, .cache_write = 9'000, .output = 300}},
                 .cost = {{20, 3}, {9'000, 3.75}, {300, 15}},
                 .original = {{20, 3}, {9'000, 3.75}, {300, 15}}});
  all.push_back({.name = "without cache marks all that was saved would have been input",
                 .model = sonnet,
                 .saved = 4'000,
                 .replies = {{.input = 6'000, .output = 100}},
                 .cost = {{6'000, 3}, {100, 15}},
                 .original = {{10'000, 3}, {100, 15}}});
  all.push_back({.name = "a new result would have been written",
                 .model = sonnet,
                 .before = {{.prompt = 10'000, .cached = 10'000, .original_cached = 10'000}},
                 .saved = 4'000,
                 .replies = {{.cache_read = 10'000, .cache_write = 2'000, .output = 100}},
                 .cost = {{10'000, 0.30}, {2'000, 3.75}, {100, 15}},
                 .original = {{10'000, 0.30}, {6'000, 3.75}, {100, 15}}});
  all.push_back({.name = "an earlier result would have been read, at a tenth",
                 .model = sonnet,
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 16'000, .saved = 4'000}},
                 .saved = 4'000,
                 .replies = {{.cache_read = 12'000, .cache_write = 500, .output = 100}},
                 .cost = {{12'000, 0.30}, {500, 3.75}, {100, 15}},
                 .original = {{16'000, 0.30}, {500, 3.75}, {100, 15}}});
  all.push_back({.name = "an earlier result and a new one",
                 .model = sonnet,
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 16'000, .saved = 4'000}},
                 .saved = 7'000,
                 .replies = {{.cache_read = 12'000, .cache_write = 1'500, .output = 100}},
                 .cost = {{12'000, 0.30}, {1'500, 3.75}, {100, 15}},
                 .original = {{16'000, 0.30}, {4'500, 3.75}, {100, 15}}});
  all.push_back({.name = "what is kept for an hour is written at double the price",
                 .model = sonnet,
                 .before = {{.prompt = 10'000, .cached = 10'000, .original_cached = 10'000}},
                 .saved = 4'000,
                 .replies = {{.cache_read = 10'000, .cache_write_1h = 2'000, .output = 100}},
                 .cost = {{10'000, 0.30}, {2'000, 6}, {100, 15}},
                 .original = {{10'000, 0.30}, {6'000, 6}, {100, 15}}});
  all.push_back({.name = "both lives: savings between two known places are spread evenly",
                 .model = sonnet,
                 .before = {{.prompt = 10'000, .cached = 10'000, .original_cached = 10'000}},
                 .saved = 3'000,
                 .replies = {{.cache_read = 10'000, .cache_write = 3'000, .cache_write_1h = 2'000, .output = 100}},
                 .cost = {{10'000, 0.30}, {3'000, 3.75}, {2'000, 6}, {100, 15}},
                 .original = {{10'000, 0.30}, {4'800, 3.75}, {3'200, 6}, {100, 15}}});
  all.push_back(
      {.name = "six minutes later both would have been written anew",
       .model = sonnet,
       .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 16'000, .saved = 4'000, .minutes_ago = 6}},
       .saved = 4'000,
       .replies = {{.cache_write = 13'000, .output = 100}},
       .cost = {{13'000, 3.75}, {100, 15}},
       .original = {{17'000, 3.75}, {100, 15}},
       .miss = "ttl_passed"});
  all.push_back({.name = "our tool costs its definition once at the price of writing",
                 .model = sonnet,
                 .saved = -300,
                 .replies = {{.cache_write = 9'300, .output = 100}},
                 .cost = {{9'300, 3.75}, {100, 15}},
                 .original = {{9'000, 3.75}, {100, 15}},
                 .tool = -300});
  all.push_back({.name = "and then at that of reading",
                 .model = sonnet,
                 .before = {{.prompt = 9'300, .cached = 9'300, .original_cached = 9'000, .saved = -300}},
                 .saved = -300,
                 .replies = {{.cache_read = 9'300, .cache_write = 1'000, .output = 100}},
                 .cost = {{9'300, 0.30}, {1'000, 3.75}, {100, 15}},
                 .original = {{9'000, 0.30}, {1'000, 3.75}, {100, 15}},
                 .tool = -300});
  all.push_back({.name = "the tool's definition is taken off what results save",
                 .model = sonnet,
                 .before = {{.prompt = 12'300, .cached = 12'300, .original_cached = 16'000, .saved = 3'700}},
                 .saved = 3'700,
                 .replies = {{.cache_read = 12'300, .cache_write = 500, .output = 100}},
                 .cost = {{12'300, 0.30}, {500, 3.75}, {100, 15}},
                 .original = {{16'000, 0.30}, {500, 3.75}, {100, 15}},
                 .tool = -300});
  all.push_back({.name = "a retrieval round is paid twice over, and its call is output that would not have been",
                 .model = sonnet,
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 16'000, .saved = 4'000}},
                 .saved = 4'000,
                 .replies = {{.cache_read = 12'000, .cache_write = 500, .output = 60},
                             {.input = 3'100, .cache_read = 12'500, .output = 200}},
                 .cost = {{12'000, 0.30}, {500, 3.75}, {60, 15}, {3'100, 3}, {12'500, 0.30}, {200, 15}},
                 .original = {{16'000, 0.30}, {500, 3.75}, {210, 15}},
                 .hidden_output = 50});
  all.push_back({.name = "the turn after writes the exchange that the client does not see",
                 .model = sonnet,
                 .before = {{.prompt = 12'500,
                             .cached = 12'500,
                             .original_cached = 16'500,
                             .saved = 4'000,
                             .prompt_after = 15'600,
                             .saved_after = 900}},
                 .saved = 900,
                 .replies = {{.cache_read = 12'500, .cache_write = 3'800, .output = 100}},
                 .cost = {{12'500, 0.30}, {3'800, 3.75}, {100, 15}},
                 .original = {{16'500, 0.30}, {700, 3.75}, {100, 15}}});
  all.push_back({.name = "a model that opens everything makes the turn dearer",
                 .model = sonnet,
                 .saved = 4'000,
                 .replies = {{.input = 5'000, .output = 60}, {.input = 9'100, .output = 100}},
                 .cost = {{14'100, 3}, {160, 15}},
                 .original = {{9'000, 3}, {110, 15}},
                 .hidden_output = 50});
  all.push_back({.name = "an epoch is a miss of our own: the original would have been read",
                 .model = sonnet,
                 .before = {{.prompt = 190'000, .cached = 190'000, .original_cached = 195'000, .saved = 5'000}},
                 .saved = 5'000,
                 .replies = {{.cache_read = 9'000, .cache_write = 120'000, .output = 100}},
                 .cost = {{9'000, 0.30}, {120'000, 3.75}, {100, 15}},
                 .original = {{134'000, 0.30}, {100, 15}},
                 .miss = "epoch",
                 .epoch = 1});
  all.push_back(
      {.name = "after it the conversation is warm again",
       .model = sonnet,
       .before = {{.prompt = 129'000, .cached = 129'000, .original_cached = 134'000, .saved = 5'000, .epoch = 1}},
       .saved = 5'000,
       .replies = {{.cache_read = 129'000, .cache_write = 1'000, .output = 100}},
       .cost = {{129'000, 0.30}, {1'000, 3.75}, {100, 15}},
       .original = {{134'000, 0.30}, {1'000, 3.75}, {100, 15}},
       .epoch = 1});
  all.push_back({.name = "a longer prompt than the model takes would not have been answered",
                 .model = "claude-haiku-4-5",
                 .before = {{.prompt = 150'000, .cached = 150'000, .original_cached = 190'000, .saved = 40'000}},
                 .saved = 60'000,
                 .replies = {{.cache_read = 150'000, .cache_write = 5'000, .output = 100}},
                 .cost = {{150'000, 0.10}, {5'000, 1.25}, {100, 5}},
                 .original = {{175'000, 0.10}, {25'000, 1.25}, {100, 5}},
                 .limit = 200'000});
  all.push_back({.name = "where the client edits its history both lose what came after",
                 .model = sonnet,
                 .before = {{.prompt = 5'000, .cached = 5'000, .original_cached = 5'000}},
                 .saved = 2'000,
                 .replies = {{.cache_read = 5'000, .cache_write = 4'000, .output = 100}},
                 .cost = {{5'000, 0.30}, {4'000, 3.75}, {100, 15}},
                 .original = {{5'000, 0.30}, {6'000, 3.75}, {100, 15}},
                 .miss = "history_edited",
                 .goes_on = false,
                 .latest_cached = 12'000});
  all.push_back({.name = "a time in the system prompt spoils both",
                 .model = sonnet,
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 15'000, .saved = 3'000}},
                 .saved = 3'000,
                 .replies = {{.cache_write = 13'000, .output = 100}},
                 .cost = {{13'000, 3.75}, {100, 15}},
                 .original = {{16'000, 3.75}, {100, 15}},
                 .miss = "system_volatile",
                 .change = "system_time"});
  all.push_back({.name = "so do tools in another order",
                 .model = sonnet,
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 15'000, .saved = 3'000}},
                 .saved = 3'000,
                 .replies = {{.cache_write = 13'000, .output = 100}},
                 .cost = {{13'000, 3.75}, {100, 15}},
                 .original = {{16'000, 3.75}, {100, 15}},
                 .miss = "tools_reordered",
                 .change = "tools_order"});
  all.push_back({.name = "an exchange of ours that was lost is our own miss",
                 .model = sonnet,
                 .before = {{.prompt = 12'500,
                             .cached = 15'600,
                             .original_cached = 16'500,
                             .saved = 4'000,
                             .prompt_after = 15'600,
                             .saved_after = 4'000}},
                 .saved = 4'000,
                 .replies = {{.cache_write = 13'200, .output = 100}},
                 .cost = {{13'200, 3.75}, {100, 15}},
                 .original = {{16'500, 0.30}, {700, 3.75}, {100, 15}},
                 .miss = "retrieval_lost",
                 .lost = true});
  all.push_back({.name = "a batch is half the price on both sides",
                 .model = sonnet,
                 .saved = 4'000,
                 .replies = {{.input = 6'000, .output = 500, .tier = ServiceTier::kBatch}},
                 .cost = {{6'000, 1.5}, {500, 7.5}},
                 .original = {{10'000, 1.5}, {500, 7.5}}});
  all.push_back({.name = "a batch with a prompt that is read from the cache",
                 .model = "claude-haiku-4-5",
                 .before = {{.prompt = 12'000, .cached = 12'000, .original_cached = 16'000, .saved = 4'000}},
                 .saved = 4'000,
                 .replies = {{.cache_read = 12'000, .cache_write = 500, .output = 100, .tier = ServiceTier::kBatch}},
                 .cost = {{12'000, 0.05}, {500, 0.625}, {100, 2.5}},
                 .original = {{16'000, 0.05}, {500, 0.625}, {100, 2.5}}});
  all.push_back({.name = "a prompt that stays below the bound of long ones saves their prices",
                 .model = sonnet,
                 .saved = 30'000,
                 .replies = {{.input = 190'000, .output = 1'000}},
                 .cost = {{190'000, 3}, {1'000, 15}},
                 .original = {{220'000, 6}, {1'000, 22.5}}});
  all.push_back({.name = "long on both sides",
                 .model = sonnet,
                 .before = {{.prompt = 240'000, .cached = 240'000, .original_cached = 250'000, .saved = 10'000}},
                 .saved = 10'000,
                 .replies = {{.cache_read = 240'000, .cache_write = 2'000, .output = 1'000}},
                 .cost = {{240'000, 0.60}, {2'000, 7.5}, {1'000, 22.5}},
                 .original = {{250'000, 0.60}, {2'000, 7.5}, {1'000, 22.5}}});
  all.push_back({.name = "after a restart nothing is known: savings are spread over the prompt",
                 .model = "claude-opus-4-5",
                 .saved = 8'000,
                 .replies = {{.cache_read = 12'000, .cache_write = 4'000, .output = 100}},
                 .cost = {{12'000, 0.50}, {4'000, 6.25}, {100, 25}},
                 .original = {{18'000, 0.50}, {6'000, 6.25}, {100, 25}}});
  return all;
}

std::vector<Example> OpenAi() {
  const std::string gpt = "gpt-5.1";
  const Before warm{.prompt = 10'050, .cached = 10'050, .original_cached = 14'050, .saved = 4'000};
  std::vector<Example> all;
  all.push_back({.name = "too short for the cache",
                 .model = gpt,
                 .replies = {{.input = 900, .output = 20}},
                 .cost = {{900, 1.25}, {20, 10}},
                 .original = {{900, 1.25}, {20, 10}}});
  all.push_back({.name = "what was cached is read up to a multiple of 128 on both sides",
                 .model = gpt,
                 .before = {warm},
                 .saved = 4'000,
                 .replies = {{.input = 566, .cache_read = 9'984, .output = 50}},
                 .cost = {{566, 1.25}, {9'984, 0.125}, {50, 10}},
                 .original = {{566, 1.25}, {13'984, 0.125}, {50, 10}}});
  all.push_back({.name = "a new result would have been input",
                 .model = gpt,
                 .before = {{.prompt = 10'050, .cached = 10'050, .original_cached = 10'050}},
                 .saved = 5'000,
                 .replies = {{.input = 2'066, .cache_read = 9'984, .output = 50}},
                 .cost = {{2'066, 1.25}, {9'984, 0.125}, {50, 10}},
                 .original = {{7'066, 1.25}, {9'984, 0.125}, {50, 10}}});
  all.push_back({.name = "a quarter for reading",
                 .model = "gpt-4.1",
                 .before = {warm},
                 .saved = 4'000,
                 .replies = {{.input = 566, .cache_read = 9'984, .output = 50}},
                 .cost = {{566, 2}, {9'984, 0.50}, {50, 8}},
                 .original = {{566, 2}, {13'984, 0.50}, {50, 8}}});
  all.push_back({.name = "half for reading",
                 .model = "gpt-4o",
                 .before = {warm},
                 .saved = 4'000,
                 .replies = {{.input = 566, .cache_read = 9'984, .output = 50}},
                 .cost = {{566, 2.5}, {9'984, 1.25}, {50, 10}},
                 .original = {{566, 2.5}, {13'984, 1.25}, {50, 10}}});
  all.push_back({.name = "flex is half the price",
                 .model = gpt,
                 .saved = 3'000,
                 .replies = {{.input = 5'000, .output = 400, .tier = ServiceTier::kFlex}},
                 .cost = {{5'000, 0.625}, {400, 5}},
                 .original = {{8'000, 0.625}, {400, 5}}});
  all.push_back({.name = "priority is double",
                 .model = gpt,
                 .before = {warm},
                 .saved = 4'000,
                 .replies = {{.input = 566, .cache_read = 9'984, .output = 50, .tier = ServiceTier::kPriority}},
                 .cost = {{566, 2.5}, {9'984, 0.25}, {50, 20}},
                 .original = {{566, 2.5}, {13'984, 0.25}, {50, 20}}});
  all.push_back({.name = "boundaries every 2,048 tokens",
                 .model = "gpt-5.5",
                 .before = {{.prompt = 50'000, .cached = 50'000, .original_cached = 70'000, .saved = 20'000}},
                 .saved = 20'000,
                 .replies = {{.input = 2'848, .cache_read = 49'152, .output = 50}},
                 .cost = {{2'848, 5}, {49'152, 0.50}, {50, 30}},
                 .original = {{2'848, 5}, {69'152, 0.50}, {50, 30}}});
  all.push_back({.name = "a prompt that stays below 272,000 tokens saves the prices of long ones",
                 .model = "gpt-5.5",
                 .saved = 20'000,
                 .replies = {{.input = 260'000, .output = 100}},
                 .cost = {{260'000, 5}, {100, 30}},
                 .original = {{280'000, 10}, {100, 45}}});
  all.push_back({.name = "a miss that nobody made is one on both sides",
                 .model = gpt,
                 .before = {{.prompt = 50'000, .cached = 50'000, .original_cached = 80'000, .saved = 30'000}},
                 .saved = 30'000,
                 .replies = {{.input = 51'000, .output = 50}},
                 .cost = {{51'000, 1.25}, {50, 10}},
                 .original = {{81'000, 1.25}, {50, 10}},
                 .miss = "unknown"});
  all.push_back({.name = "a retrieval round",
                 .model = gpt,
                 .before = {warm},
                 .saved = 4'000,
                 .replies = {{.input = 566, .cache_read = 9'984, .output = 40},
                             {.input = 3'054, .cache_read = 10'496, .output = 150}},
                 .cost = {{566, 1.25}, {9'984, 0.125}, {40, 10}, {3'054, 1.25}, {10'496, 0.125}, {150, 10}},
                 .original = {{566, 1.25}, {13'984, 0.125}, {155, 10}},
                 .hidden_output = 35});
  all.push_back({.name = "the turn after reads what was opened",
                 .model = gpt,
                 .before = {{.prompt = 10'550,
                             .cached = 13'550,
                             .original_cached = 14'550,
                             .saved = 4'000,
                             .prompt_after = 13'550,
                             .saved_after = 1'100}},
                 .saved = 1'100,
                 .replies = {{.input = 610, .cache_read = 13'440, .output = 50}},
                 .cost = {{610, 1.25}, {13'440, 0.125}, {50, 10}},
                 .original = {{610, 1.25}, {14'540, 0.125}, {50, 10}}});
  all.push_back({.name = "reasoning is output",
                 .model = gpt,
                 .saved = 1'000,
                 .replies = {{.input = 3'000, .output = 2'000, .reasoning = 1'500}},
                 .cost = {{3'000, 1.25}, {2'000, 10}},
                 .original = {{4'000, 1.25}, {2'000, 10}}});
  all.push_back({.name = "an epoch in a conversation that is cached by itself",
                 .model = gpt,
                 .before = {{.prompt = 250'000, .cached = 250'000, .original_cached = 260'000, .saved = 10'000}},
                 .saved = 10'000,
                 .replies = {{.input = 190'000, .cache_read = 5'120, .output = 100}},
                 .cost = {{190'000, 1.25}, {5'120, 0.125}, {100, 10}},
                 .original = {{205'120, 0.125}, {100, 10}},
                 .miss = "epoch",
                 .epoch = 1});
  return all;
}

void Check(Api api, const Example& example, const policy::ModelCatalog& catalog) {
  SCOPED_TRACE(example.name);
  const std::optional<policy::ModelFacts> facts = catalog.Find(example.model);
  ASSERT_TRUE(facts.has_value());
  const Trail trail = TrailOf(example);
  const Counterfactual without = WithoutUs({.api = api,
                                            .trail = trail,
                                            .replies = example.replies,
                                            .hidden_output = example.hidden_output,
                                            .prompt_limit = example.limit,
                                            .now = kNow});
  policy::NanoDollars paid = 0;
  for (const Usage& reply : example.replies) paid += policy::CostOf(*facts, BilledOf(reply)).value();
  EXPECT_EQ(paid, Sum(example.cost));
  EXPECT_EQ(policy::CostOf(*facts, BilledOf(without.original)), Sum(example.original));
  EXPECT_EQ(NetSavings(*facts, example.replies, without), Sum(example.original) - Sum(example.cost));
  EXPECT_EQ(without.miss.cause, example.miss);
}

TEST(CounterfactualTest, AnthropicsWorkedExamples) {
  const policy::ModelCatalog catalog;
  const std::vector<Example> examples = Anthropic();
  EXPECT_EQ(examples.size(), 26u);
  for (const Example& example : examples) Check(Api::kMessages, example, catalog);
}

TEST(CounterfactualTest, OpenAisWorkedExamples) {
  const policy::ModelCatalog catalog;
  const std::vector<Example> examples = OpenAi();
  EXPECT_EQ(examples.size(), 14u);
  for (const Example& example : examples) Check(Api::kChat, example, catalog);
}

TEST(CounterfactualTest, APromptTooShortToBeCachedCostsTheReadThatTheOriginalHad) {
  const policy::ModelCatalog catalog;
  const Example example{.name = "",
                        .model = "gpt-5.1",
                        .before = {{.prompt = 901, .cached = 901, .original_cached = 2'694, .saved = 1'793}},
                        .saved = 3'685,
                        .replies = {{.input = 1'654, .output = 14}},
                        .cost = {{1'654, 1.25}, {14, 10}},
                        .original = {{2'651, 1.25}, {2'688, 0.125}, {14, 10}}};
  Check(Api::kChat, example, catalog);
}

TEST(CounterfactualTest, AnEstimateTakesForCachedWhatWasThere) {
  const policy::ModelCatalog catalog;
  const Example example{.name = "",
                        .model = "gpt-5.1",
                        .before = {{.prompt = 10'050, .cached = 10'050, .original_cached = 14'050, .saved = 4'000}},
                        .saved = 4'000,
                        .replies = {{.input = 12'000, .output = 100, .estimated = true}},
                        .cost = {},
                        .original = {}};
  const Trail trail = TrailOf(example);
  const Counterfactual without =
      WithoutUs({.api = Api::kChat, .trail = trail, .replies = example.replies, .prompt_limit = {}, .now = kNow});
  EXPECT_TRUE(without.original.estimated);
  EXPECT_EQ(NetSavings(*catalog.Find("gpt-5.1"), example.replies, without), Sum({{4'000, 0.125}}));
}

TEST(CounterfactualTest, OurTokensAreThoseOfTheProviderTimesTheRatio) {
  const Trail trail =
      TrailOf({.name = "", .model = "", .before = {}, .saved = 1'000, .replies = {}, .cost = {}, .original = {}});
  const std::vector<Usage> replies{{.input = 5'000}};
  const Counterfactual without = WithoutUs({.api = Api::kMessages,
                                            .trail = trail,
                                            .replies = replies,
                                            .prompt_limit = {},
                                            .billed_ratio = 1.25,
                                            .now = kNow});
  EXPECT_EQ(without.original.input, 6'250u);
}

TEST(CounterfactualTest, WhatIsCachedLivesAsLongAsItWasWrittenFor) {
  const Trail first = TrailOf({.name = "", .model = "", .before = {}, .replies = {}, .cost = {}, .original = {}});
  const std::vector<Usage> hour{{.cache_write = 10, .cache_write_1h = 90}};
  const auto next_of = [](const Trail& trail, const std::vector<Usage>& replies) {
    return WithoutUs({.api = Api::kMessages, .trail = trail, .replies = replies, .prompt_limit = {}, .now = kNow}).next;
  };
  const WarmPrefix written = next_of(first, hour);
  EXPECT_EQ(written.life, minutes(60));
  EXPECT_EQ(written.cached, 100u);
  Trail then = first;
  then.steps.push_back({.prefix = written});
  EXPECT_EQ(next_of(then, {{.cache_read = 100}}).life, minutes(60));
  EXPECT_EQ(next_of(then, {{.cache_read = 100, .cache_write = 5}}).life, minutes(5));
}

}  // namespace
}  // namespace headroom::proxy
