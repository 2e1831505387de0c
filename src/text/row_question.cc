#include "text/row_question.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kTaskWords = 150;  // a longer text is a task rather than a question of these rows
constexpr size_t kExtremes = 5;     // rows at the end that is asked for
constexpr size_t kMaxNameBytes = 40;
constexpr size_t kMaxFilterBytes = 80;  // of a value that is a name rather than prose
constexpr size_t kReach = 6;            // words around a superlative or a number that say of what
constexpr size_t kFewRows = 3;          // or one in twenty: a value of a column with many values that was asked for
constexpr double kFilterShare = 0.5;    // a value that more rows have sorts nothing out

enum class Direction : uint8_t { kLowest, kHighest };

struct Superlative {
  std::string_view word;
  Direction direction;
  std::string_view columns;  // parts of column names it speaks of, "" for the one named beside it
};

constexpr std::string_view kMoney = "price cost amount fee fare total value paid rate";
constexpr std::string_view kTime = "date time created updated modified timestamp at ts published started when";
constexpr std::string_view kSize = "size bytes length count total lines population area volume width weight";
constexpr std::string_view kDuration = "duration ms seconds elapsed latency time took millis runtime";

constexpr std::string_view kScore = "score rank rating relevance similarity confidence grade stars";

constexpr std::array<Superlative, 27> kSuperlatives = {{
    {"cheapest", Direction::kLowest, kMoney}, {"lowest", Direction::kLowest, ""},
    {"smallest", Direction::kLowest, kSize},  {"least", Direction::kLowest, ""},
    {"fewest", Direction::kLowest, ""},       {"shortest", Direction::kLowest, kDuration},
    {"earliest", Direction::kLowest, kTime},  {"oldest", Direction::kLowest, kTime},
    {"minimum", Direction::kLowest, ""},      {"fastest", Direction::kLowest, kDuration},
    {"worst", Direction::kLowest, kScore},    {"highest", Direction::kHighest, ""},
    {"most", Direction::kHighest, ""},        {"largest", Direction::kHighest, kSize},
    {"biggest", Direction::kHighest, kSize},  {"longest", Direction::kHighest, kDuration},
    {"latest", Direction::kHighest, kTime},   {"newest", Direction::kHighest, kTime},
    {"maximum", Direction::kHighest, ""},     {"slowest", Direction::kHighest, kDuration},
    {"top", Direction::kHighest, kScore},     {"greatest", Direction::kHighest, ""},
    {"best", Direction::kHighest, kScore},    {"heaviest", Direction::kHighest, kSize},
    {"dearest", Direction::kHighest, kMoney}, {"max", Direction::kHighest, ""},
    {"min", Direction::kLowest, ""},
}};

// Not "problem", "error" or "fix", with which whole tasks are worded.
constexpr std::array<std::string_view, 24> kOdd = {
    "anomal",  "anomaly",  "block",     "degrad",  "down",    "health",    "healthy",    "odd",
    "outlier", "spik",     "spike",     "strange", "stuck",   "suspiciou", "suspicious", "troubl",
    "trouble", "unexpect", "unhealthy", "unusu",   "unusual", "weird",     "wrong",      "stall"};
constexpr std::array<std::string_view, 12> kFailures = {"broken",  "crash", "denied", "fail",   "failed", "failur",
                                                        "failure", "fault", "outage", "reject", "refus",  "refuse"};

// The question as lower-case words with their stems.
struct QuestionWord {
  std::string text;
  std::string stem;
};

std::vector<QuestionWord> WordsOf(std::string_view text) {
  std::vector<QuestionWord> words;
  ForEachWord(text, [&](const Word& word) {
    if (words.size() >= 2'000) return;
    std::string lower = LowerCase(word.text);
    std::string stem = Stem(lower);
    words.push_back({std::move(lower), std::move(stem)});
  });
  return words;
}

// Stems of the parts of the last name in a path: "items[].unit_price" has unit, pric.
std::vector<std::string> PartsOfName(std::string_view name) {
  std::vector<std::string> parts;
  ForEachPart(name, [&](std::string_view part) { parts.push_back(Stem(LowerCase(part))); });
  return parts;
}

bool Contains(const std::vector<std::string>& parts, std::string_view stem) {
  return std::find(parts.begin(), parts.end(), stem) != parts.end();
}

// Part by part, whole words of `list`.
bool NamesOneOf(const std::vector<std::string>& parts, std::string_view list) {
  bool found = false;
  ForEachWord(list, [&](const Word& word) { found = found || Contains(parts, StemOf(word.text)); });
  return found;
}

class Reader {
 public:
  Reader(const RowTable& table, const std::vector<ValueCounts>& counts, const RowTerms& terms, const ExcerptInput& in)
      : table_(table), counts_(counts), terms_(terms) {
    question_.kept.resize(table.rows.size());
    words_ = WordsOf(WithoutInjectedBlocks(in.input.question));
    for (const RowColumn& column : table.columns) names_.push_back(PartsOfName(column.name));
  }

  RowQuestion Read() {
    question_.asks_for_odd = HasAnyOf(kOdd);
    question_.asks_for_failures = HasAnyOf(kFailures);
    RareTerms();
    if (words_.size() <= kTaskWords) Filters();
    if (AsksForAggregate() && !question_.singles_out && !question_.names) question_.open = true;
    if (AsksForSpan()) question_.open = true;
    if (AsksForComparison() && !question_.singles_out && !question_.asks_for_odd) question_.open_extreme = true;
    if (words_.size() > kTaskWords) return std::move(question_);
    Extremes();
    Comparisons();
    return std::move(question_);
  }

 private:
  bool HasAnyOf(std::span<const std::string_view> stems) const {
    return std::any_of(words_.begin(), words_.end(), [&](const QuestionWord& word) {
      return std::find(stems.begin(), stems.end(), word.stem) != stems.end() ||
             std::find(stems.begin(), stems.end(), word.text) != stems.end();
    });
  }

  bool HasWord(std::initializer_list<std::string_view> list, size_t w) const {
    return w < words_.size() && std::find(list.begin(), list.end(), words_[w].text) != list.end();
  }

  // "the total of", "on average": each row counts.
  bool AsksForAggregate() const {
    for (size_t w = 0; w < words_.size(); ++w) {
      if (HasWord({"total", "totals", "sum", "average", "mean", "median", "overall", "percentage", "distribution"},
                  w)) {
        return true;
      }
      if (HasWord({"how"}, w) && HasWord({"many"}, w + 1)) return true;
    }
    return false;
  }

  // "between 10:00 and 10:05", "since 2024", "before March 3": a span of times is not read here.
  bool AsksForSpan() const {
    for (size_t w = 0; w + 1 < words_.size(); ++w) {
      if (!HasWord({"between", "before", "after", "since", "until", "from", "during"}, w)) continue;
      for (size_t near = w + 1; near < std::min(w + 3, words_.size()); ++near) {
        const std::string& text = words_[near].text;
        const bool time =
            LeadingDigits(text) > 0 && (text.size() == 4 || text.find_first_of("-:") != std::string::npos);
        if (time || (words_[w].text == "between" && LeadingDigits(text) > 0)) return true;
      }
    }
    return false;
  }

  // "compare January with April", "rank these", "the trend in March": more rows are wanted than can be told.
  bool AsksForComparison() const {
    for (size_t w = 0; w < words_.size(); ++w) {
      if (HasWord({"compare",   "comparison", "compared",  "versus",     "vs",      "trend",     "trends",
                   "develop",   "rank",       "ranking",   "sort",       "sorted",  "histogram", "chart",
                   "plot",      "correlate",  "duplicate", "duplicates", "common",  "frequent",  "typical",
                   "january",   "february",   "march",     "april",      "june",    "july",      "august",
                   "september", "october",    "november",  "december",   "monday",  "tuesday",   "wednesday",
                   "thursday",  "friday",     "saturday",  "sunday",     "weekend", "weekends"},
                  w)) {
        return true;
      }
    }
    return false;
  }

  // Terms that few rows have. An exact one singles these rows out. Of words two together keep a row, but single
  // out nothing: a word is soon found somewhere.
  void RareTerms() {
    const size_t few = std::max(kFewRows, table_.rows.size() / 20);
    std::vector<uint8_t> rare(table_.rows.size());
    for (size_t t = 0; t < terms_.of_question().size(); ++t) {
      const std::vector<TermCounter::InUnit>& rows = terms_.rows_with(t);
      if (rows.size() > few) continue;
      question_.names = question_.names || (terms_.of_question()[t].exact && !rows.empty());
      for (const auto& [row, times] : rows) ++rare[row];
    }
    if (words_.size() > kTaskWords) return;
    for (size_t i = 0; i < rare.size(); ++i) {
      if (rare[i] >= 2) question_.kept[i] = true;
    }
  }

  // "not in Rome": the other rows are asked for.
  bool IsNegated(std::string_view value) const {
    std::vector<std::string> parts;
    ForEachWord(value, [&](const Word& word) { parts.push_back(Stem(LowerCase(word.text))); });
    for (size_t w = 0; w < words_.size(); ++w) {
      if (!Contains(parts, words_[w].stem)) continue;
      for (size_t back = 1; back <= std::min<size_t>(w, 5); ++back) {
        if (HasWord({"not", "no", "never", "without", "except", "excluding", "than", "t", "doesn", "isn", "aren",
                     "weren", "wasn"},
                    w - back)) {
          return true;
        }
      }
    }
    return false;
  }

  // Values of columns with few values that the question has in full.
  void Filters() {
    std::unordered_set<std::string_view> terms;
    for (const Term& term : terms_.of_question()) terms.insert(term.text);
    if (terms.empty()) return;
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      if (IsCategory(counts_[c])) {
        FilterCategory(table_.columns[c], counts_[c], terms);
      } else {
        FilterNames(table_.columns[c], terms);
      }
    }
  }

  void FilterCategory(const RowColumn& column, const ValueCounts& counts,
                      const std::unordered_set<std::string_view>& terms) {
    std::unordered_set<std::string_view> asked;
    for (const auto& [value, count] : counts.counts) {
      if (static_cast<double>(count) > kFilterShare * static_cast<double>(counts.rows)) continue;
      if (IsAsked(value, terms)) asked.insert(value);
    }
    if (asked.empty()) return;
    if (std::any_of(asked.begin(), asked.end(), [&](std::string_view value) { return IsNegated(value); })) {
      question_.open = true;
      return;
    }
    for (const RowValue& value : column.values) {
      if (asked.contains(value.text)) Keep(value.row);
    }
  }

  // Names that few rows have: "the charge" where one object of many says "object": "charge".
  void FilterNames(const RowColumn& column, const std::unordered_set<std::string_view>& terms) {
    std::vector<uint32_t> rows;
    const size_t most = std::max(kFewRows, table_.rows.size() / 20);
    for (const RowValue& value : column.values) {
      if (value.type != ValueType::kText || value.text.size() > kMaxNameBytes || !IsAsked(value.text, terms)) continue;
      if (rows.empty() || rows.back() != value.row) rows.push_back(value.row);
      if (rows.size() > most) return;
    }
    for (const uint32_t row : rows) Keep(row);
  }

  // All words of the value that are no stop words are in the question, and there is one.
  static bool IsAsked(std::string_view value, const std::unordered_set<std::string_view>& terms) {
    if (value.size() > kMaxFilterBytes) return false;
    std::string lower(value);
    FoldCase(&lower);
    if (lower.size() > 1 && terms.contains(lower)) return true;
    bool all = true, any = false;
    const auto part = [&](std::string_view text) {
      if (!all) return;
      const bool asked = terms.contains(text) || terms.contains(StemOf(text));
      any = any || asked;
      all = asked || IsStopWord(text);
    };
    ForEachWord(lower, [&](const Word& word) {
      if (!all) return;
      if (word.shape == WordShape::kPlain || word.shape == WordShape::kUnspaced) {
        part(word.text);
      } else {
        ForEachPart(word.text, part);
      }
    });
    return any && all;
  }

  void Keep(size_t row) {
    question_.kept[row] = true;
    question_.singles_out = true;
  }

  // How well the words near `word` and the usual names of such columns fit a column. Its own
  // name counts more than those of the objects it stands in.
  double FitOf(size_t column, size_t word, std::string_view list) const {
    const std::string& name = table_.columns[column].name;
    const size_t dot = name.rfind('.');
    const std::vector<std::string> own = PartsOfName(dot == std::string::npos ? name : name.substr(dot + 1));
    if (own.empty() || own.back() == "id") return 0;
    size_t in_own = 0, in_path = 0;
    const size_t from = word >= kReach ? word - kReach : 0;
    for (const std::string& part : names_[column]) {
      bool near = false;
      for (size_t w = from; w < std::min(word + kReach + 1, words_.size()); ++w) near = near || words_[w].stem == part;
      if (!near) continue;
      ++in_path;
      in_own += Contains(own, part) ? 1 : 0;
    }
    const double listed = NamesOneOf(own, list) ? 2 : NamesOneOf(names_[column], list) ? 1.5 : 0;
    return listed + static_cast<double>(in_path - in_own) * 0.5 +
           2.0 * static_cast<double>(in_own) / static_cast<double>(own.size());
  }

  // The columns that fit best; none where nothing fits.
  std::vector<size_t> ColumnsFor(size_t word, std::string_view list, bool numbers_only) const {
    std::vector<size_t> best;
    double fit = 0.9;
    for (size_t c = 0; c < table_.columns.size(); ++c) {
      if (table_.columns[c].values.empty()) continue;
      const double one = FitOf(c, word, list);
      if (one < fit || (numbers_only && NumbersOf(table_.columns[c]).values.empty())) continue;
      if (one > fit) best.clear();
      fit = one;
      best.push_back(c);
    }
    return best;
  }

  void Extremes() {
    for (size_t w = 0; w < words_.size(); ++w) {
      const std::string& text = words_[w].text;
      const auto found = std::find_if(kSuperlatives.begin(), kSuperlatives.end(),
                                      [&](const Superlative& one) { return one.word == text; });
      if (found == kSuperlatives.end()) continue;
      Direction direction = found->direction;
      std::string_view list = found->columns;
      if ((text == "most" || text == "least") && w + 1 < words_.size()) {
        const std::string& next = words_[w + 1].text;
        if (next == "expensive" || next == "costly") list = kMoney;
        if (next == "recent") list = kTime;
      }
      bool done = false;
      const size_t count = CountNear(w);
      for (const size_t column : ColumnsFor(w, list, false)) {
        done = KeepExtremes(table_.columns[column], direction, count) || done;
      }
      question_.open_extreme = question_.open_extreme || !done;
    }
  }

  // "top 10", "the five largest"; at least kExtremes.
  size_t CountNear(size_t word) const {
    static constexpr std::array<std::string_view, 9> kCounts = {"two",   "three", "four", "five", "six",
                                                                "seven", "eight", "nine", "ten"};
    size_t count = kExtremes;
    for (size_t w = word >= 2 ? word - 2 : 0; w < std::min(word + 3, words_.size()); ++w) {
      const std::string& text = words_[w].text;
      if (text.size() <= 2 && LeadingDigits(text) == text.size()) {
        count = std::max<size_t>(count, static_cast<size_t>(std::stoul(text)));
      }
      const auto* found = std::find(kCounts.begin(), kCounts.end(), text);
      if (found != kCounts.end()) count = std::max(count, static_cast<size_t>(found - kCounts.begin()) + 2);
    }
    return count;
  }

  // Times in ISO 8601 and numbers; false for a column of neither.
  bool KeepExtremes(const RowColumn& column, Direction direction, size_t count) {
    const NumberColumn numbers = NumbersOf(column);
    std::vector<uint32_t> order;
    if (!numbers.values.empty()) {
      std::vector<size_t> at(numbers.values.size());
      for (size_t i = 0; i < at.size(); ++i) at[i] = i;
      std::stable_sort(at.begin(), at.end(), [&](size_t a, size_t b) {
        return direction == Direction::kLowest ? numbers.values[a] < numbers.values[b]
                                               : numbers.values[a] > numbers.values[b];
      });
      for (const size_t i : at) order.push_back(numbers.rows[i]);
    } else {
      std::vector<RowValue> times;
      for (const RowValue& value : column.values) {
        if (LeadingDigits(value.text) == 4 && value.text.size() >= 10 && value.text[4] == '-') times.push_back(value);
      }
      if (times.size() * 2 < column.values.size() || times.empty()) return false;
      std::stable_sort(times.begin(), times.end(), [&](const RowValue& a, const RowValue& b) {
        return direction == Direction::kLowest ? a.text < b.text : a.text > b.text;
      });
      for (const RowValue& value : times) order.push_back(value.row);
    }
    for (size_t i = 0; i < std::min(count, order.size()); ++i) Keep(order[i]);
    return true;
  }

  // "above 2,500", "more than 3", "under 10", "at least 5".
  void Comparisons() {
    for (size_t w = 0; w + 1 < words_.size(); ++w) {
      std::optional<Direction> direction;
      const std::string& word = words_[w].text;
      size_t at = w + 1;
      if (word == "above" || word == "over" || word == "exceeding" || word == "exceeds")
        direction = Direction::kHighest;
      if (word == "below" || word == "under") direction = Direction::kLowest;
      if (words_[at].text == "than" && w + 2 < words_.size()) {
        const bool low = word == "less" || word == "fewer" || word == "lower" || word == "cheaper" ||
                         word == "smaller" || word == "shorter" || word == "faster" || word == "earlier" ||
                         word == "older";
        direction = low ? Direction::kLowest : Direction::kHighest;
        ++at;
      }
      if (word == "at" && (words_[at].text == "least" || words_[at].text == "most") && w + 2 < words_.size()) {
        direction = words_[at].text == "least" ? Direction::kHighest : Direction::kLowest;
        ++at;
      }
      if (!direction.has_value()) continue;
      const std::optional<double> limit = NumberIn(words_, at);
      if (!limit.has_value()) {
        question_.open = question_.open || LeadingDigits(words_[at].text) > 0;  // "5s", "2.5k"
        continue;
      }
      Compare(w, *direction, *limit);
      // A column need not count in the unit of the question.
      for (size_t unit = at + 1; unit < std::min(at + 3, words_.size()); ++unit) {
        question_.open =
            question_.open ||
            HasWord({"second", "seconds", "minute", "minutes",  "hour",    "hours",   "day",     "days", "week",
                     "weeks",  "month",   "months", "year",     "years",   "kb",      "mb",      "gb",   "tb",
                     "kib",    "mib",     "gib",    "thousand", "million", "billion", "percent", "k",    "m"},
                    unit);
      }
    }
  }

  // "2500"; "2,500", which reads as two words.
  static std::optional<double> NumberIn(std::span<const QuestionWord> words, size_t at) {
    std::string text = words[at].text;
    if (LeadingDigits(text) == 0) return std::nullopt;
    while (LeadingDigits(text) == text.size() && text.size() <= 9 && at + 1 < words.size() &&
           words[at + 1].text.size() >= 3 && LeadingDigits(words[at + 1].text) >= 3 &&
           LeadingDigits(words[at + 1].text) == 3) {
      text += words[++at].text;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  void Compare(size_t word, Direction direction, double limit) {
    const std::vector<size_t> columns = ColumnsFor(word, kMoney, true);
    bool done = false;
    for (const size_t c : columns) {
      const NumberColumn numbers = NumbersOf(table_.columns[c]);
      size_t inside = 0;
      for (const double value : numbers.values)
        inside += direction == Direction::kHighest ? value >= limit : value <= limit;
      if (inside == 0) continue;
      done = true;
      for (size_t i = 0; i < numbers.values.size(); ++i) {
        if (direction == Direction::kHighest ? numbers.values[i] >= limit : numbers.values[i] <= limit) {
          Keep(numbers.rows[i]);
        }
      }
    }
    question_.open = question_.open || !done;
  }

  const RowTable& table_;
  const std::vector<ValueCounts>& counts_;
  RowQuestion question_;
  const RowTerms& terms_;
  std::vector<QuestionWord> words_;
  std::vector<std::vector<std::string>> names_;
};

}  // namespace

RowQuestion ReadRowQuestion(const RowTable& table, const std::vector<ValueCounts>& counts, const RowTerms& terms,
                            const ExcerptInput& in) {
  return Reader(table, counts, terms, in).Read();
}

}  // namespace headroom::text
