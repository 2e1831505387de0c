#include "text/lookup.h"

#include <re2/re2.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/bytes.h"
#include "json/document.h"
#include "text/compressor.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/query.h"
#include "text/relevance.h"

namespace headroom::text {
namespace {

constexpr size_t kNeighbours = 2;
constexpr double kNeighbourShare = 0.3;  // of the score of the unit beside
constexpr size_t kMinElements = 3;
constexpr size_t kMaxOutsideBytes = 1024;  // of a document that is read as one array
constexpr size_t kMaxArrayDepth = 4;
constexpr size_t kBytesPerToken = 4;
constexpr size_t kMaxLineBytes = 4096;  // a longer one is looked at in parts
constexpr size_t kPartBytes = 1024;
// A rendition of a page must save this much, and more elements than this factor says are never put in one.
constexpr double kMinRenditionSaves = 0.1;
constexpr double kMaxPageFactor = 8;
constexpr size_t kSampledPages = 4;

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

// A unit that is larger than everything that may be shown ends early.
std::string CutUnit(std::string_view unit, size_t tokens) {
  std::string text(unit);
  const size_t limit = std::max<size_t>(tokens, 1) * kBytesPerToken;
  if (text.size() <= limit || EstimateTokens(text) <= tokens) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text.append(" ...");
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

// The units of an original, and what they are views of.
class Units {
 public:
  enum class Form { kAny, kText };

  explicit Units(std::string_view original, Form form = Form::kAny) : body_(original) {
    if (form == Form::kAny && document_.Parse(body_).ok()) {
      const LongestArray array(document_);
      for (const json::Token& element : array.elements()) units_.push_back(document_.Raw(element));
      unit_ = "elements";
      neighbours_ = 0;
      if (units_.size() >= kMinElements) return;
    }
    unit_ = "lines";
    neighbours_ = kNeighbours;
    units_ = SplitLines(original).lines;
    const bool long_lines =
        std::any_of(units_.begin(), units_.end(), [](std::string_view line) { return line.size() > kMaxLineBytes; });
    if (!long_lines) return;
    units_ = Parts(units_);
    unit_ = "parts";
    neighbours_ = 1;
  }

  // The units are of one array, and so much of the document stands outside of it.
  bool elements() const { return neighbours_ == 0; }
  size_t outside() const {
    return body_.size() - static_cast<size_t>(units_.back().data() + units_.back().size() - units_.front().data());
  }

  const std::vector<std::string_view>& all() const { return units_; }
  size_t size() const { return units_.size(); }
  size_t neighbours() const { return neighbours_; }

  Lookup Nothing() const {
    Lookup lookup;
    lookup.unit = unit_;
    lookup.total = units_.size();
    return lookup;
  }

  // How many units from `first` on the tokens are enough for, one at least.
  size_t Count(size_t first, size_t tokens) const {
    size_t spent = 0;
    size_t i = first;
    for (; i < units_.size(); ++i) {
      spent += EstimateTokens(units_[i]) + 1;
      if (i > first && spent > tokens) break;
    }
    return i - first;
  }

  // Units from `first` on, below `end`, as far as the tokens go.
  Lookup Stretch(size_t first, size_t end, size_t tokens) const {
    Lookup lookup = Nothing();
    const size_t last = std::min(end, first + Count(first, tokens));
    for (size_t i = first; i < last; ++i) {
      lookup.found.push_back({i + 1, CutUnit(units_[i], tokens)});
    }
    return lookup;
  }

  // Elements [first, end) as the lossless step writes them, which knows them for one table; "" where that does not
  // save enough.
  std::string Rendition(size_t first, size_t end) const {
    if (!elements() || end - first < 2) return {};
    std::string array = "[";
    for (size_t i = first; i < end; ++i) array.append(i > first ? ",\n" : "").append(units_[i]);
    array.push_back(']');
    std::optional<text::Rendition> shorter = CompressJson({.text = array}, {});
    if (!shorter.has_value()) return {};
    const auto most = static_cast<double>(EstimateTokens(array)) * (1 - kMinRenditionSaves);
    return static_cast<double>(EstimateTokens(shorter->text)) <= most ? std::move(shorter->text) : std::string();
  }

  // How many times the units of a page of so many tokens fit into one when they stand in a rendition, by the first of
  // them.
  double PageFactor(size_t page_tokens) const {
    const size_t end = Count(0, kSampledPages * page_tokens);
    const std::string rendition = Rendition(0, end);
    if (rendition.empty()) return 1;
    size_t tokens = 0;
    for (size_t i = 0; i < end; ++i) tokens += EstimateTokens(units_[i]) + 1;
    return std::min(kMaxPageFactor, static_cast<double>(tokens) / static_cast<double>(EstimateTokens(rendition)));
  }

 private:
  const PaddedBytes body_;
  json::Document document_;
  std::vector<std::string_view> units_;
  std::string_view unit_;
  size_t neighbours_ = 0;
};

Lookup Search(const Units& units, std::string_view query, size_t tokens) {
  const Relevance relevance(Query(Input{.text = {}, .tool_name = {}, .tool_arguments = {}, .question = query}),
                            units.all());
  const std::vector<double> scores = Scores(relevance, units.size(), units.neighbours());
  Lookup lookup = units.Nothing();
  lookup.matched = std::any_of(scores.begin(), scores.end(), [](double score) { return score > 0; });
  for (const size_t i : Choose(units.all(), scores, lookup.matched, tokens)) {
    lookup.found.push_back({i + 1, CutUnit(units.all()[i], tokens)});
  }
  return lookup;
}

// "lines 120-480", "rows 3-9", "line 7", "120-480": units by number, as gap marks name them.
struct Range {
  bool of_text = false;  // lines or parts, whatever the text is
  size_t first = 0;      // from 0
  size_t end = 0;
};

std::optional<Range> ReadRange(std::string_view query) {
  static const re2::RE2 kRange(
      R"(\s*(?:(lines?|rows?|elements?|parts?|matches|items?)\s+)?(\d{1,9})(?:\s*(?:-|to|\.\.)\s*(\d{1,9}))?\s*)");
  static const re2::RE2 kNumberAlone(R"(\s*\d+\s*)");
  uint64_t first = 0;
  std::string last;
  std::string unit;
  if (re2::RE2::FullMatch(query, kNumberAlone) || !re2::RE2::FullMatch(query, kRange, &unit, &first, &last)) return {};
  const uint64_t end = last.empty() ? first : std::stoull(last);
  if (first == 0 || end < first) return {};
  return Range{unit.starts_with("line") || unit.starts_with("part"), first - 1, end};
}

}  // namespace

std::string Lookup::Text() const {
  std::string out;
  size_t next = 1;
  const auto gap = [&](size_t end) {
    if (end > next) out.append(GapMark(unit, next, end - 1)).append("\n");
  };
  if (!rendition.empty()) {
    gap(found.front().number);
    out.append(rendition).append("\n");
    next = found.back().number + 1;
  }
  for (size_t i = rendition.empty() ? 0 : found.size(); i < found.size(); ++i) {
    gap(found[i].number);
    out.append(found[i].text).append("\n");
    next = found[i].number + 1;
  }
  gap(total + 1);
  return out;
}

Lookup LookUp(std::string_view original, std::string_view query, size_t tokens) {
  const Units units(original);
  if (const std::optional<Range> range = ReadRange(query); range.has_value()) {
    const Units lines(units.elements() && range->of_text ? original : "", Units::Form::kText);
    const Units& counted = lines.size() > 0 ? lines : units;
    if (range->first < counted.size()) {
      Lookup stretch = counted.Stretch(range->first, range->end, tokens);
      stretch.matched = true;
      return stretch;
    }
  }
  Lookup found = Search(units, query, tokens);
  if (found.matched || !units.elements()) return found;
  // It may stand outside of that array.
  Lookup in_text = Search(Units(original, Units::Form::kText), query, tokens);
  return in_text.matched ? in_text : found;
}

Lookup ReadPage(std::string_view original, size_t page, size_t page_tokens, size_t tokens) {
  const Units any(original);
  const bool leaves_out = any.elements() && any.outside() > kMaxOutsideBytes;
  const Units text(leaves_out ? original : "", Units::Form::kText);
  const Units& units = leaves_out ? text : any;
  const double factor = units.elements() ? units.PageFactor(page_tokens) : 1;
  const auto scaled = [&](size_t count) { return static_cast<size_t>(factor * static_cast<double>(count)); };
  std::vector<size_t> starts;
  // Behind the last page comes the first again; only then all of them are counted.
  for (size_t i = 0; i < units.size() && starts.size() < page + 2; page_tokens *= 2) {
    starts.push_back(i);
    i += units.Count(i, scaled(page_tokens));
  }
  if (starts.empty()) return units.Nothing();
  page %= starts.size();
  const size_t first = starts[page];
  const size_t end = page + 1 < starts.size() ? starts[page + 1] : units.size();
  if (factor > 1) {
    Lookup lookup = units.Stretch(first, end, scaled(tokens));
    lookup.rendition = units.Rendition(first, first + lookup.found.size());
    if (!lookup.rendition.empty() && EstimateTokens(lookup.rendition) <= tokens) return lookup;
  }
  return units.Stretch(first, end, tokens);
}

}  // namespace headroom::text
