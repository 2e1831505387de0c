#include "text/row_texts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/hash.h"
#include "text/row_signals.h"
#include "text/salience.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kReadBytes = 200;  // of a message
constexpr size_t kMaxKinds = 400;
constexpr size_t kPlaces = 6;  // of numbers in a message
constexpr size_t kMinIdBytes = 8;
constexpr double kOutlierShare = 0.05;

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Numbers {
  std::vector<double> values;
  std::vector<uint32_t> rows;
};

using NumbersOfKind = std::array<Numbers, kPlaces>;

void AddNumbers(const RowValue& value, NumbersOfKind& kind) {
  size_t place = 0;
  ForEachWord(value.text.substr(0, kReadBytes), [&](const Word& word) {
    if (place == kPlaces || word.shape != WordShape::kNumber) return;
    double number = 0;
    const char* end = word.text.data() + word.text.size();
    const auto [at, error] = std::from_chars(word.text.data(), end, number);
    if (error != std::errc() || at != end || !std::isfinite(number)) return;
    kind[place].values.push_back(number);
    kind[place].rows.push_back(value.row);
    ++place;
  });
}

void AppendExtremes(const Numbers& numbers, std::vector<uint32_t>& rows) {
  const std::vector<double>& values = numbers.values;
  if (values.size() < kMinOfKind) return;
  if (std::is_sorted(values.begin(), values.end()) || std::is_sorted(values.rbegin(), values.rend())) return;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  rows.push_back(numbers.rows[static_cast<size_t>(low - values.begin())]);
  rows.push_back(numbers.rows[static_cast<size_t>(high - values.begin())]);
  if (values.size() < kMinTableRows) return;
  const std::vector<size_t> outliers = Outliers(values);
  if (static_cast<double>(outliers.size()) > std::max(3.0, kOutlierShare * static_cast<double>(values.size()))) return;
  for (const size_t at : outliers) rows.push_back(numbers.rows[at]);
}

}  // namespace

uint64_t TextKind(std::string_view text) {
  Hasher128 hasher;
  ForEachWord(text.substr(0, kReadBytes), [&](const Word& word) {
    // A path or an address is another thing with each number in it.
    const bool variable = HasDigit(word.text) && word.text.find_first_of("/@") == std::string_view::npos;
    if (!variable) hasher.Add(word.text).Add(" ");
  });
  return hasher.Finish().low;
}

std::vector<uint32_t> RowsWithExtremeNumbers(const RowColumn& column) {
  std::unordered_map<uint64_t, size_t> index;
  std::vector<NumbersOfKind> kinds;
  for (const RowValue& value : column.values) {
    if (value.type != ValueType::kText) return {};
    if (value.text.find(' ') == std::string_view::npos) continue;
    const auto [at, fresh] = index.try_emplace(TextKind(value.text), kinds.size());
    if (fresh) {
      if (kinds.size() == kMaxKinds) return {};
      kinds.emplace_back();
    }
    AddNumbers(value, kinds[at->second]);
  }
  std::vector<uint32_t> rows;
  for (const NumbersOfKind& kind : kinds) {
    for (const Numbers& numbers : kind) AppendExtremes(numbers, rows);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

void AppendIds(std::string_view row, std::vector<uint64_t>& ids) {
  ForEachWord(row, [&](const Word& word) {
    if (word.shape != WordShape::kIdentifier || word.text.size() < kMinIdBytes || !HasDigit(word.text)) return;
    ids.push_back(Hasher128().Add(word.text).Finish().low);
  });
}

}  // namespace headroom::text
