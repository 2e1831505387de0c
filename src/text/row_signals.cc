#include "text/row_signals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "text/line_text.h"
#include "text/row_texts.h"
#include "text/salience.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kMaxDistinct = 2'000;    // more are not counted
constexpr size_t kManyAfter = 200;        // values; most of them different: no category
constexpr size_t kMaxErrorBytes = 2'000;  // of a value that are read for error words
constexpr double kErrorShare = 0.5;       // a column of which more than half says error is about errors
constexpr double kRareShare = 0.02;       // of the rows: a rare value
constexpr double kTailShare = 0.1;        // of the rows that all rare values of a column may have
constexpr double kMajorityShare = 0.75;   // a value that is clearly the usual one
constexpr double kMinorityShare = 0.12;   // a value beside it that is not
constexpr size_t kMinorityRows = 12;
constexpr size_t kMinTextRows = 40;  // with fewer, kinds of texts are chance
constexpr size_t kMaxTextKinds = 400;
constexpr double kRareFieldShare = 0.05;
constexpr double kOutlierShare = 0.05;
constexpr double kRuleShare = 0.25;  // of the rows that one rule may keep

size_t Part(double share, size_t rows) { return static_cast<size_t>(share * static_cast<double>(rows)); }

// Marks rows. A row that is given twice counts once.
class Marks {
 public:
  explicit Marks(size_t rows) : kept_(rows) {}
  // Rows ascending. All of them, or a few where they are more than `most`.
  void Add(const std::vector<uint32_t>& rows, size_t most) {
    const size_t end = rows.size() <= most ? rows.size() : std::min(kExamples, rows.size());
    for (size_t i = 0; i < end; ++i) {
      if (!kept_[rows[i]]) ++count_;
      kept_[rows[i]] = true;
    }
  }
  size_t count() const { return count_; }
  const std::vector<bool>& kept() const { return kept_; }

 private:
  std::vector<bool> kept_;
  size_t count_ = 0;
};

// What one rule marks over all columns. Where that is many of the rows, it says
// nothing of each: then columns of values nested in a row do not count, and where
// it is still too many, none.
class Rule {
 public:
  explicit Rule(size_t rows) : all_(rows), own_(rows), most_(std::max<size_t>(2 * kExamples, Part(kRuleShare, rows))) {}
  void Add(const RowColumn& column, const std::vector<uint32_t>& rows, size_t most) {
    all_.Add(rows, most);
    if (column.name.find_first_of(".[") == std::string::npos) own_.Add(rows, most);
  }
  void Apply(Marks& marks) const {
    const Marks* chosen = all_.count() <= most_ ? &all_ : own_.count() <= most_ ? &own_ : nullptr;
    if (chosen == nullptr) return;
    std::vector<uint32_t> rows;
    for (uint32_t i = 0; i < chosen->kept().size(); ++i) {
      if (chosen->kept()[i]) rows.push_back(i);
    }
    marks.Add(rows, rows.size());
  }

 private:
  Marks all_;
  Marks own_;
  size_t most_;
};

void PushRow(std::vector<uint32_t>& rows, uint32_t row) {
  if (rows.empty() || rows.back() != row) rows.push_back(row);
}

void MarkErrors(const RowColumn& column, const ValueCounts& counts, Marks& errors) {
  std::unordered_map<std::string_view, bool> known;  // of columns with few values
  std::vector<uint32_t> rows;
  for (const RowValue& value : column.values) {
    if (value.type != ValueType::kText && value.type != ValueType::kNested) continue;
    const std::string_view text = value.text.substr(0, kMaxErrorBytes);
    bool says = false;
    if (counts.many) {
      says = SaysError(text);
    } else if (const auto [at, fresh] = known.try_emplace(text); fresh) {
      says = at->second = SaysError(text);
    } else {
      says = at->second;
    }
    if (says) PushRow(rows, value.row);
  }
  if (static_cast<double>(rows.size()) > kErrorShare * static_cast<double>(counts.rows) && rows.size() > kExamples)
    return;
  errors.Add(rows, rows.size());
}

// Rare values of a column with few values, and those beside a clear majority.
void MarkRareValues(const RowColumn& column, const ValueCounts& counts, Rule& rule) {
  if (counts.many || counts.rows < kMinTableRows || counts.distinct() < 2) return;
  const size_t rare = std::max<size_t>(1, Part(kRareShare, counts.rows));
  size_t in_tail = 0, tail_values = 0, top = 0;
  for (const auto& [value, count] : counts.counts) {
    if (count <= rare) in_tail += count, ++tail_values;
    top = std::max<size_t>(top, count);
  }
  const size_t usual_values = counts.distinct() - tail_values;
  const bool tail = usual_values > 0 && in_tail <= std::max<size_t>(2, Part(kTailShare, counts.rows)) &&
                    usual_values * 4 <= counts.rows - in_tail;
  const bool majority = top >= Part(kMajorityShare, counts.rows);
  if (!tail && !majority) return;
  const size_t minority = std::max(rare, Part(kMinorityShare, counts.rows));
  std::map<std::string_view, std::vector<uint32_t>> rows;  // of each value that is not usual
  for (const RowValue& value : column.values) {
    if (value.type == ValueType::kNull) continue;
    const size_t count = counts.counts.at(value.text);
    if ((tail && count <= rare) || (majority && count <= minority && count < top)) PushRow(rows[value.text], value.row);
  }
  if (rows.size() > std::max<size_t>(10, counts.rows / 20)) return;
  const bool flag = column.values.front().type == ValueType::kBool;
  const size_t most = flag ? counts.rows : std::max<size_t>(kMinorityRows, counts.rows / 20);
  for (const auto& [value, of_value] : rows) rule.Add(column, of_value, most);
}

// Texts of a kind that few rows have, beside kinds that many have: "config reloaded" among
// "processed order 4711" and the like.
void MarkRareTexts(const RowColumn& column, const ValueCounts& counts, Rule& rule) {
  if (counts.rows < kMinTextRows || counts.distinct() * 10 < counts.rows) return;
  std::unordered_map<uint64_t, uint32_t> kinds;
  std::vector<uint64_t> of_value;
  of_value.reserve(column.values.size());
  for (const RowValue& value : column.values) {
    if (value.type != ValueType::kText) return;
    ++kinds[of_value.emplace_back(TextKind(value.text))];
    if (kinds.size() > kMaxTextKinds) return;
  }
  const size_t rare = std::max<size_t>(1, Part(kRareShare, counts.rows));
  size_t in_tail = 0, tail_kinds = 0;
  for (const auto& [kind, count] : kinds) {
    if (count <= rare) in_tail += count, ++tail_kinds;
  }
  if (tail_kinds == kinds.size() || in_tail > std::max<size_t>(2, Part(kTailShare, counts.rows))) return;
  std::vector<uint32_t> rows;
  for (size_t i = 0; i < of_value.size(); ++i) {
    if (kinds.at(of_value[i]) <= rare) PushRow(rows, column.values[i].row);
  }
  rule.Add(column, rows, rows.size());
}

void MarkOutliers(const RowColumn& column, Rule& rule) {
  const NumberColumn numbers = NumbersOf(column);
  if (numbers.values.size() < kMinTableRows || numbers.monotonous) return;
  const size_t most = std::max<size_t>(kExamples, Part(kOutlierShare, numbers.values.size()));
  std::vector<size_t> found = Outliers(numbers.values);
  if (found.size() > most && *std::min_element(numbers.values.begin(), numbers.values.end()) > 0) {
    // Amounts and durations spread over powers of ten.
    std::vector<double> logs(numbers.values);
    for (double& value : logs) value = std::log(value);
    found = Outliers(logs);
  }
  std::vector<uint32_t> rows;
  if (found.size() <= most) {
    for (const size_t at : found) PushRow(rows, numbers.rows[at]);
  }
  const std::vector<size_t> steps = ChangePoints(numbers.values);
  if (steps.size() <= most) {
    for (const size_t at : steps) {
      PushRow(rows, numbers.rows[at - 1]);
      PushRow(rows, numbers.rows[at]);
    }
  }
  rule.Add(column, rows, rows.size());
}

// Rows with a field, or a type in a field, that few rows have, and those without what nearly all have.
void MarkRareFields(const RowColumn& column, size_t rows, Rule& rule) {
  const size_t few = std::max<size_t>(1, Part(kRareFieldShare, rows));
  std::vector<uint32_t> of_type[5];
  std::vector<uint32_t> present;
  for (const RowValue& value : column.values) {
    if (value.type == ValueType::kNull) continue;
    PushRow(of_type[static_cast<size_t>(value.type)], value.row);
    PushRow(present, value.row);
  }
  if (present.empty()) return;
  if (present.size() <= few) return rule.Add(column, present, present.size());
  if (present.size() * 5 <= rows) rule.Add(column, present, few);
  for (const std::vector<uint32_t>& typed : of_type) {
    if (typed.size() <= std::max<size_t>(1, present.size() / 20)) rule.Add(column, typed, typed.size());
  }
  if (rows - present.size() > few) return;
  std::vector<uint32_t> absent;
  for (uint32_t row = 0, at = 0; row < rows; ++row) {
    if (at < present.size() && present[at] == row) {
      ++at;
    } else {
      absent.push_back(row);
    }
  }
  rule.Add(column, absent, absent.size());
}

// One row of each set of fields and types.
void MarkShapes(const RowTable& table, std::vector<bool>& kept) {
  std::vector<uint64_t> shapes(table.rows.size(), 0);
  for (size_t c = 0; c < table.columns.size(); ++c) {
    uint32_t last = UINT32_MAX;
    for (const RowValue& value : table.columns[c].values) {
      if (value.row == last || value.type == ValueType::kNull) continue;
      last = value.row;
      const uint64_t field = (c + 1) * 8 + static_cast<uint64_t>(value.type);
      shapes[value.row] = (shapes[value.row] ^ field) * 0x9e3779b97f4a7c15ull;
      shapes[value.row] ^= shapes[value.row] >> 29;
    }
  }
  std::unordered_map<uint64_t, uint32_t> first;
  for (uint32_t row = 0; row < shapes.size(); ++row) first.try_emplace(shapes[row], row);
  if (first.size() > std::max<size_t>(5, shapes.size() / 20)) return;
  for (const auto& [shape, row] : first) kept[row] = true;
}

// True for a score that falls from row to row: results, best first.
bool IsRanked(const RowColumn& column) {
  static constexpr std::array<std::string_view, 5> kScores = {"score", "relevance", "similarity", "confidence", "rank"};
  bool scored = false;
  ForEachPart(column.name, [&](std::string_view part) {
    scored = scored || std::find(kScores.begin(), kScores.end(), LowerCase(part)) != kScores.end();
  });
  if (!scored) return false;
  const NumberColumn numbers = NumbersOf(column);
  return numbers.monotonous && numbers.values.size() >= kMinTableRows;
}

}  // namespace

bool IsCategory(const ValueCounts& counts) {
  return !counts.many && counts.distinct() >= 2 && counts.distinct() * 3 <= counts.rows && counts.distinct() <= 100;
}

ValueCounts CountValues(const RowColumn& column, size_t rows) {
  ValueCounts found;
  uint32_t last = UINT32_MAX;
  size_t seen = 0;
  for (const RowValue& value : column.values) {
    if (value.type == ValueType::kNull) continue;
    if (value.row != last) ++found.rows;
    last = value.row;
    if (found.many) continue;
    ++found.counts[value.text];
    ++seen;
    found.many = found.distinct() > kMaxDistinct || (seen > kManyAfter && found.distinct() * 2 > seen) ||
                 value.text.size() > 1'000;
  }
  (void)rows;
  return found;
}

NumberColumn NumbersOf(const RowColumn& column) {
  NumberColumn numbers;
  size_t other = 0;
  if (!column.values.empty() && column.values.front().type == ValueType::kNumber) {
    numbers.values.reserve(column.values.size());
    numbers.rows.reserve(column.values.size());
  }
  bool rises = true, falls = true;
  for (const RowValue& value : column.values) {
    if (value.type == ValueType::kNull) continue;
    double number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto [at, error] = std::from_chars(value.text.data(), end, number);
    if ((value.type != ValueType::kNumber && value.type != ValueType::kText) || error != std::errc() || at != end ||
        !std::isfinite(number)) {
      if (++other * 9 > column.values.size()) return {};
      continue;
    }
    if (!numbers.values.empty()) {
      rises = rises && number >= numbers.values.back();
      falls = falls && number <= numbers.values.back();
    }
    numbers.values.push_back(number);
    numbers.rows.push_back(value.row);
  }
  if (other * 9 > numbers.values.size()) return {};
  numbers.monotonous = !numbers.values.empty() && (rises || falls) && numbers.values.front() != numbers.values.back();
  return numbers;
}

RowSignals FindRowSignals(const RowTable& table, const ExcerptInput& in) {
  const size_t rows = table.rows.size();
  RowSignals signals;
  signals.counts.reserve(table.columns.size());
  Marks errors(rows), others(rows);
  Rule values(rows), texts(rows), numbers(rows), fields(rows), messages(rows);
  for (const RowColumn& column : table.columns) {
    if (in.late()) break;
    const ValueCounts& counts = signals.counts.emplace_back(CountValues(column, rows));
    MarkErrors(column, counts, errors);
    MarkRareValues(column, counts, values);
    MarkRareTexts(column, counts, texts);
    MarkOutliers(column, numbers);
    MarkRareFields(column, rows, fields);
    if (counts.distinct() > kExamples) {
      const std::vector<uint32_t> extremes = RowsWithExtremeNumbers(column);
      messages.Add(column, extremes, extremes.size());
    }
    signals.ranked = signals.ranked || IsRanked(column);
  }
  for (const Rule* rule : {&values, &texts, &numbers, &fields, &messages}) rule->Apply(others);
  signals.counts.resize(table.columns.size());
  signals.errors = errors.count();
  signals.others = others.count();
  signals.error_rows = errors.kept();
  signals.kept.resize(rows);
  for (size_t i = 0; i < rows; ++i) signals.kept[i] = errors.kept()[i] || others.kept()[i];
  MarkShapes(table, signals.kept);
  return signals;
}

}  // namespace headroom::text
