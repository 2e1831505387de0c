#include "cli/prices.h"

#include <algorithm>
#include <array>
#include <vector>

#include "cli/values.h"
#include "policy/window_rules.h"

namespace headroom::cli {
namespace {

using policy::ModelFacts;
using policy::Prices;

constexpr size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

const Row kHead = {"model",  "listed as",  "window",         "prompt",        "input",
                   "output", "cache read", "cache write 5m", "cache write 1h"};

std::string Tokens(const std::optional<uint64_t>& tokens) { return tokens ? std::to_string(*tokens) : "-"; }
std::string Dollars(const std::optional<int64_t>& price) { return price ? FormatNanodollars(*price) : "-"; }

std::string ListedAs(const ModelFacts& facts) {
  const std::string entry = facts.provider.empty() ? "" : facts.provider + "/" + facts.id;
  switch (facts.source) {
    case ModelFacts::Source::kOverride:
      return "your setting " + facts.id;
    case ModelFacts::Source::kFamily:
      return "family of " + entry;
    case ModelFacts::Source::kListed:
      break;
  }
  return entry;
}

Row RowOf(const std::string& name, const ModelFacts& facts) {
  const Prices& prices = facts.prices;
  return {name,
          ListedAs(facts),
          Tokens(facts.context_window),
          Tokens(policy::PromptLimit(facts, {.model = name})),
          Dollars(prices.input),
          Dollars(prices.output),
          Dollars(prices.cache_read),
          Dollars(prices.cache_write_5m),
          Dollars(prices.cache_write_1h)};
}

// The dearer prices of long prompts, on a line of their own.
void AddRows(const std::string& name, const ModelFacts& facts, std::vector<Row>& rows) {
  rows.push_back(RowOf(name, facts));
  if (!facts.long_prompt) return;
  ModelFacts dearer = facts;
  dearer.prices = facts.long_prompt->prices;
  Row row = RowOf(name, dearer);
  row[0] = "  prompt above " + std::to_string(facts.long_prompt->above);
  row[1] = row[2] = row[3] = "";
  rows.push_back(std::move(row));
}

std::string Render(const std::vector<Row>& rows) {
  std::array<size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      line.append(i == 0 ? "" : "  ").append(i < 2 ? row[i] + padding : padding + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.append(line).append("\n");
  }
  return out;
}

}  // namespace

std::string PricesTable(const policy::ModelCatalog& catalog, const std::optional<std::string>& model) {
  std::vector<Row> rows = {kHead};
  if (model) {
    const std::optional<ModelFacts> facts = catalog.Find(*model);
    if (!facts) return "";
    AddRows(*model, *facts, rows);
  } else {
    for (const ModelFacts& facts : catalog.All()) AddRows(facts.id, facts, rows);
  }
  return Render(rows) + "\nTokens, and dollars per million tokens; from " + policy::ModelCatalog::DataVersion() +
         " of " + std::string(policy::ModelCatalog::DataDate()) + "\n";
}

}  // namespace headroom::cli
