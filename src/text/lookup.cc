#include "text/lookup.h"

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "json/document.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/query.h"
#include "text/relevance.h"

namespace headroom::text {
namespace {

constexpr size_t kNeighbours = 2;
constexpr double kNeighbourShare = 0.3;  // of the score of the unit beside
constexpr size_t kMinElements = 3;
constexpr size_t kMaxArrayDepth = 4;
constexpr size_t kBytesPerToken = 4;
constexpr size_t kMaxLineBytes = 4096;  // a longer one is looked at in parts
constexpr size_t kPartBytes = 1024;

// The array with the most elements, down to a few levels.
class LongestArray {
 public:
  explicit LongestArray(const json::Document& document) : document_(document) { Visit(document.root(), 0); }

  const std::vector<json::Token>& elements() const { return best_; }

 private:
  void Visit(const json::Token& token, size_t depth) {
    if (depth > kMaxArrayDepth) return;
    if (token.type == json::Type::kObject) {
      for (const json::Member& member : document_.Members(token)) Visit(member.value, depth + 1);
    }
    if (token.type != json::Type::kArray) return;
    std::vector<json::Token> elements = document_.Elements(token);
    if (elements.size() < kMinElements) {
      for (const json::Token& element : elements) Visit(element, depth + 1);
    } else if (elements.size() > best_.size()) {
      best_ = std::move(elements);
    }
  }

  const json::Document& document_;
  std::vector<json::Token> best_;
};

// Scores per unit, units beside a good one included.
std::vector<double> Scores(const Relevance& relevance, size_t units, size_t neighbours) {
  std::vector<double> scores(units);
  for (size_t i = 0; i < units; ++i) {
    const double score = relevance.score(i) + (relevance.named(i) ? 1.0 : 0.0);
    if (score <= 0) continue;
    const size_t end = std::min(i + neighbours + 1, units);
    for (size_t j = i - std::min(i, neighbours); j < end; ++j) {
      scores[j] = std::max(scores[j], j == i ? score : score * kNeighbourShare);
    }
  }
  return scores;
}

// The units to show: the best scores, or the first ones, within the budget.
std::vector<size_t> Choose(const std::vector<std::string_view>& units, const std::vector<double>& scores, bool matched,
                           size_t tokens) {
  std::vector<size_t> order(units.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (matched) {
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  }
  std::vector<size_t> chosen;
  size_t spent = 0;
  for (const size_t i : order) {
    if (matched && scores[i] <= 0) break;
    const size_t cost = EstimateTokens(units[i]) + 1;
    if (!chosen.empty() && spent + cost > tokens) {
      if (!matched) break;
      continue;
    }
    chosen.push_back(i);
    spent += cost;
    if (spent >= tokens) break;
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Lookup LookUpUnits(const std::vector<std::string_view>& units, std::string_view unit, std::string_view query,
                   size_t tokens, size_t neighbours) {
  const Relevance relevance(Query(Input{.text = {}, .tool_name = {}, .tool_arguments = {}, .question = query}), units);
  const std::vector<double> scores = Scores(relevance, units.size(), neighbours);
  Lookup lookup;
  lookup.unit = unit;
  lookup.total = units.size();
  lookup.matched = std::any_of(scores.begin(), scores.end(), [](double score) { return score > 0; });
  for (const size_t i : Choose(units, scores, lookup.matched, tokens)) {
    std::string text(units[i]);
    const size_t limit = std::max<size_t>(tokens, 1) * kBytesPerToken;
    if (text.size() > limit && EstimateTokens(text) > tokens) {
      size_t end = limit;
      while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
      text.resize(end);
      text.append(" ...");
    }
    lookup.found.push_back({i + 1, std::move(text)});
  }
  return lookup;
}

// Lines, those that are too long to show in parts that end at a character.
std::vector<std::string_view> Parts(const std::vector<std::string_view>& lines) {
  std::vector<std::string_view> parts;
  for (std::string_view line : lines) {
    while (line.size() > kPartBytes) {
      size_t end = kPartBytes;
      while (end > kPartBytes / 2 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
      parts.push_back(line.substr(0, end));
      line.remove_prefix(end);
    }
    parts.push_back(line);
  }
  return parts;
}

}  // namespace

std::string Lookup::Text() const {
  std::string out;
  size_t next = 1;
  const auto gap = [&](size_t end) {
    if (end > next) out.append(GapMark(unit, next, end - 1)).append("\n");
  };
  for (const Unit& shown : found) {
    gap(shown.number);
    out.append(shown.text).append("\n");
    next = shown.number + 1;
  }
  gap(total + 1);
  return out;
}

Lookup LookUp(std::string_view original, std::string_view query, size_t tokens) {
  const PaddedBytes body(original);
  json::Document document;
  if (document.Parse(body).ok()) {
    const LongestArray array(document);
    if (array.elements().size() >= kMinElements) {
      std::vector<std::string_view> units;
      for (const json::Token& element : array.elements()) units.push_back(document.Raw(element));
      return LookUpUnits(units, "elements", query, tokens, 0);
    }
  }
  const std::vector<std::string_view> lines = SplitLines(original).lines;
  const bool long_lines =
      std::any_of(lines.begin(), lines.end(), [](std::string_view line) { return line.size() > kMaxLineBytes; });
  if (long_lines) return LookUpUnits(Parts(lines), "parts", query, tokens, 1);
  return LookUpUnits(lines, "lines", query, tokens, kNeighbours);
}

}  // namespace headroom::text
