#include "cli/stats_view.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "json/document.h"

namespace headroom::cli {
namespace {

constexpr size_t kColumn = 16;

class Figures {
 public:
  Figures(const json::Document& document) : document_(document) {}

  // "tokens.input"; nothing where there is no number or text there.
  std::optional<std::string> At(std::string_view path) const {
    json::Token token = document_.root();
    while (true) {
      const size_t dot = path.find('.');
      if (token.type != json::Type::kObject) return std::nullopt;
      const std::optional<json::Token> next = document_.Find(token, path.substr(0, dot));
      if (!next) return std::nullopt;
      token = *next;
      if (dot == std::string_view::npos) break;
      path.remove_prefix(dot + 1);
    }
    if (token.type == json::Type::kNumber) return Grouped(std::string(document_.Raw(token)));
    return token.type == json::Type::kString ? document_.Text(token) : std::nullopt;
  }

  // The members of an object of numbers: "claude-sonnet-4-5 12, gpt-5 3", the largest first.
  std::string Counts(std::string_view parent, std::string_view name) const {
    const std::optional<json::Token> outer = document_.Find(document_.root(), parent);
    if (!outer || outer->type != json::Type::kObject) return "";
    const std::optional<json::Token> inner = document_.Find(*outer, name);
    if (!inner || inner->type != json::Type::kObject) return "";
    std::vector<std::pair<std::string, std::string>> counts;
    for (const json::Member& member : document_.Members(*inner)) {
      if (member.value.type != json::Type::kNumber) continue;
      counts.emplace_back(document_.Raw(member.value), document_.Text(member.key).value_or(""));
    }
    std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
      return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a.first > b.first;
    });
    std::string out;
    for (size_t i = 0; i < std::min<size_t>(counts.size(), 5); ++i) {
      out += (i == 0 ? "" : ", ") + counts[i].second + " " + Grouped(counts[i].first);
    }
    return out;
  }

 private:
  const json::Document& document_;
};

// "{tokens.saved} tokens" with the figures in place; "" where one is missing.
std::string Filled(std::string_view pattern, const Figures& figures) {
  std::string out;
  while (!pattern.empty()) {
    const size_t open = pattern.find('{');
    out.append(pattern.substr(0, open));
    if (open == std::string_view::npos) break;
    const size_t close = pattern.find('}', open);
    const std::optional<std::string> figure = figures.At(pattern.substr(open + 1, close - open - 1));
    if (!figure) return "";
    out.append(*figure);
    pattern.remove_prefix(close + 1);
  }
  return out;
}

void AddLine(std::string_view label, const std::string& text, std::string& out) {
  if (text.empty()) return;
  out.append(label).append(label.size() < kColumn ? kColumn - label.size() : 1, ' ').append(text).append("\n");
}

struct Row {
  std::string_view label;
  std::string_view pattern;
};

// Where several have one label, the first that can be filled is shown.
constexpr Row kRows[] = {
    {"Requests", "{requests.total}, {requests.failed} failed"},
    {"Prompt tokens", "{tokens.input} sent, {tokens.saved} saved ({tokens.savings_percent} %)"},
    {"Cached", "{tokens.cache_read} read from the provider's cache, {tokens.cache_write} written"},
    {"Output tokens", "{tokens.output}"},
    {"Cost", "${cost.total_cost_usd}, ${cost.total_savings_usd} saved"},
    {"Budget", "${cost.budget_remaining_usd} of ${cost.budget_limit_usd} left ({cost.budget_period})"},
    {"Retrievals", "{retrievals.full} whole, {retrievals.search} by a question, {retrievals.missed} not kept"},
    {"Overhead", "{overhead.average_ms} ms on average, {overhead.max_ms} ms at most"},
    {"Latency", "{latency.average_ms} ms on average, {latency.max_ms} ms at most"},
    {"Rate limited", "{requests.rate_limited} requests"},
    {"From cache", "{requests.cached} requests"},
};

}  // namespace

std::string Grouped(const std::string& number) {
  const size_t sign = number.starts_with('-') ? 1 : 0;
  const size_t end = std::min(number.find_first_not_of("0123456789", sign), number.size());
  std::string out = number.substr(0, sign);
  for (size_t i = sign; i < end; ++i) {
    if (i > sign && (end - i) % 3 == 0) out.push_back(',');
    out.push_back(number[i]);
  }
  return out + number.substr(end);
}

Result<std::string> StatsView(const std::string& json) {
  const PaddedBytes body(json);
  json::Document document;
  if (!document.Parse(body).ok() || document.root().type != json::Type::kObject) {
    return Status(Code::kInvalidArgument, "what /stats answered is no JSON object");
  }
  const Figures figures(document);
  std::string out;
  for (const Row& row : kRows) AddLine(row.label, Filled(row.pattern, figures), out);
  AddLine("Models", figures.Counts("requests", "by_model"), out);
  return out;
}

}  // namespace headroom::cli
