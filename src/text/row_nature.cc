#include "text/row_nature.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>

#include "text/line_text.h"
#include "text/row_texts.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxRead = 2'000;     // values of a column
constexpr double kEntityShare = 0.3;   // different kinds of texts among the rows
constexpr double kMessageShare = 0.1;  // kinds of messages
constexpr size_t kMessageWords = 2;
constexpr size_t kMessageBytes = 200;
constexpr double kSpread = 0.9;            // of the values that differ: they name the rows
constexpr size_t kMaxSeriesCategory = 20;  // values of a text that a series repeats

bool IsMoney(std::string_view column) {
  static constexpr std::array<std::string_view, 18> kMoney = {
      "amount",  "balance", "budget", "charge",   "cost",    "credit", "debit",    "fare", "fee",
      "invoice", "payment", "price",  "quantity", "revenue", "salary", "subtotal", "tax",  "total"};
  bool found = false;
  ForEachPart(column, [&](std::string_view part) {
    std::string lower = LowerCase(part);
    if (lower.size() > 3 && lower.back() == 's') lower.pop_back();
    found = found || std::find(kMoney.begin(), kMoney.end(), lower) != kMoney.end();
  });
  return found;
}

// Times in ISO 8601 in the order of the rows.
bool IsOrderedTime(const RowColumn& column) {
  bool rises = true, falls = true;
  std::string_view last;
  for (const RowValue& value : column.values) {
    if (LeadingDigits(value.text) != 4 || value.text.size() < 10 || value.text[4] != '-') return false;
    if (!last.empty()) {
      rises = rises && value.text >= last;
      falls = falls && value.text <= last;
    }
    last = value.text;
  }
  return !column.values.empty() && (rises || falls);
}

// A number that only rises or falls and is a time: by the name of the column, or as seconds or milliseconds since 1970.
bool IsNumericTime(const RowColumn& column, const NumberColumn& numbers) {
  static constexpr std::array<std::string_view, 11> kNames = {"time",  "timestamp", "ts",     "t",    "date", "epoch",
                                                              "clock", "second",    "minute", "hour", "day"};
  if (!numbers.monotonous) return false;
  const double first = std::abs(numbers.values.front());
  if (first > 9e8 && first < 2e13) return true;
  bool named = false;
  ForEachPart(column.name, [&](std::string_view part) {
    named = named || std::find(kNames.begin(), kNames.end(), LowerCase(part)) != kNames.end();
  });
  return named;
}

// "Took 19.05 seconds to build": some words, rather than a name or a time of day.
bool IsMessage(std::string_view text) {
  size_t words = 0;
  ForEachWord(text.substr(0, kMessageBytes),
              [&](const Word& word) { words += word.shape == WordShape::kPlain ? 1 : 0; });
  return words >= kMessageWords;
}

// A text or number that the rows repeat.
bool IsFew(const ValueCounts& counts) {
  return !counts.many && counts.distinct() <= kMaxSeriesCategory &&
         counts.distinct() * 2 <= std::max<size_t>(counts.rows, 2);
}

struct TextColumn {
  bool messages = false;    // of few kinds, most of them different
  bool names_rows = false;  // ids, hashes, "item-17": another in each row, of one kind
  double kinds = 0;         // per value
};

TextColumn ReadTexts(const RowColumn& column, const ValueCounts& counts) {
  std::unordered_map<uint64_t, uint32_t> kinds;
  const size_t read = std::min(kMaxRead, column.values.size());
  bool sentences = false, messages = read > 0;
  for (size_t i = 0; i < read; ++i) {
    ++kinds[TextKind(column.values[i].text)];
    messages = messages && IsMessage(column.values[i].text);
    sentences = sentences || column.values[i].text.find(' ') != std::string_view::npos;
  }
  const bool unique =
      counts.many || static_cast<double>(counts.distinct()) > kSpread * static_cast<double>(counts.rows);
  const double share = static_cast<double>(kinds.size()) / static_cast<double>(std::max<size_t>(read, 1));
  return {messages && share < kMessageShare && (counts.many || counts.distinct() * 4 > counts.rows),
          unique && !sentences && kinds.size() <= std::max<size_t>(1, read / 50), share};
}

}  // namespace

RowNature NatureOf(const RowTable& table, const std::vector<ValueCounts>& counts) {
  const size_t rows = table.rows.size();
  bool timed = false;     // in the order of a time, or messages
  bool measured = false;  // with numbers of many values
  bool repeats = true;    // no text names a row or tells something of it alone
  size_t texts = 0;
  double kinds = 0;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const RowColumn& column = table.columns[c];
    if (column.values.empty()) continue;
    if (IsMoney(column.name)) return RowNature::kEntities;
    if (const NumberColumn numeric = NumbersOf(column); !numeric.values.empty()) {
      timed = timed || (counts[c].rows == rows && IsNumericTime(column, numeric));
      measured = measured || (!numeric.monotonous && !IsFew(counts[c]));
      continue;
    }
    if (column.values.front().type == ValueType::kNested) continue;
    if (IsOrderedTime(column)) {
      timed = timed || counts[c].rows == rows;
      continue;
    }
    repeats = repeats && IsFew(counts[c]);
    if (counts[c].rows * 2 < rows) continue;
    const TextColumn read = ReadTexts(column, counts[c]);
    if (read.names_rows) continue;
    timed = timed || read.messages;
    ++texts;
    kinds = std::max(kinds, read.kinds);
  }
  // Numbered rows of nothing but few values are alike; with a measurement, each number may be of another thing.
  if (repeats && (timed || !measured)) return RowNature::kSeries;
  const bool alike = texts > 0 ? kinds < kEntityShare : measured;
  return alike && timed ? RowNature::kEvents : RowNature::kEntities;
}

}  // namespace headroom::text
