#include "text/log_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "text/salience.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxDistinct = 8;
constexpr size_t kRareIn = 50;       // one line in so many
constexpr size_t kMaxRareLines = 5;  // of one value
constexpr size_t kMaxOutliers = 5;   // of one place of a shape
constexpr size_t kMaxPlaces = 24;    // words of a line that are looked at
constexpr double kDeviations = 6.0;
constexpr double kTimesMedian = 3.0;
constexpr size_t kPollEvery = 4096;

struct Unit {
  std::string_view name;
  double factor;
};

// Units of one kind are brought to the same scale; the factor of others is 1.
constexpr std::array<Unit, 29> kUnits = {
    {{"%", 1},       {"B", 1},         {"GB", 1e9},         {"GiB", 1.07374e9}, {"KB", 1e3},    {"KiB", 1024},
     {"MB", 1e6},    {"MiB", 1048576}, {"bytes", 1},        {"h", 3600},        {"items", 1},   {"kB", 1e3},
     {"m", 60},      {"min", 60},      {"minutes", 60},     {"ms", 1e-3},       {"msec", 1e-3}, {"ns", 1e-9},
     {"records", 1}, {"requests", 1},  {"rows", 1},         {"s", 1},           {"sec", 1},     {"seconds", 1},
     {"times", 1},   {"us", 1e-6},     {"\xc2\xb5s", 1e-6}, {"retries", 1},     {"attempts", 1}}};

std::optional<double> FactorOf(std::string_view unit) {
  for (const Unit& known : kUnits) {
    if (known.name == unit) return known.factor;
  }
  return std::nullopt;
}

// Keys whose numbers name or order something: "id=7", "port=8080", "seq=12".
bool IsName(std::string_view key) {
  static constexpr std::array<std::string_view, 20> kEnds = {
      "id",    "pid", "tid", "port", "seq",    "line", "code",    "time",   "ts",     "thread",
      "index", "no",  "num", "hash", "offset", "step", "version", "status", "number", "epoch"};
  const std::string lower = LowerCase(key.substr(0, 40));
  return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return lower.ends_with(end); });
}

// The measure that the word at `at` says: "12ms", "12 ms", "latency=12", "0.25".
std::optional<double> MeasureOf(std::string_view line, std::span<const TemplateMiner::Word> words, size_t at) {
  const std::string_view word = line.substr(words[at].begin, words[at].end - words[at].begin);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  const std::string_view rest = word.substr(static_cast<size_t>(end - word.data()));
  if (!rest.empty()) {
    const std::optional<double> factor = FactorOf(rest);
    return factor ? std::optional(value * *factor) : std::nullopt;
  }
  if (at + 1 < words.size() && words[at + 1].begin <= words[at].end + 1) {
    const std::string_view next = line.substr(words[at + 1].begin, words[at + 1].end - words[at + 1].begin);
    if (const std::optional<double> factor = FactorOf(next)) return value * *factor;
  }
  if (word.find('.') != std::string_view::npos) return value;
  const bool keyed = at > 0 && words[at].begin == words[at - 1].end + 1 && line[words[at].begin - 1] == '=';
  if (keyed && !IsName(line.substr(words[at - 1].begin, words[at - 1].end - words[at - 1].begin))) return value;
  return std::nullopt;
}

// What stands at one place of the lines of one shape.
struct Place {
  struct Value {
    uint64_t hash = 0;
    size_t count = 0;
    std::array<uint32_t, kMaxRareLines> lines{};
  };
  std::vector<Value> values;  // past kMaxDistinct: too many to be usual
  std::vector<double> measures;
  std::vector<uint32_t> measured_lines;
  size_t not_measured = 0;

  bool MeasuresNothing() const { return measures.empty() && not_measured >= 3; }

  void AddValue(uint64_t hash, size_t line) {
    if (values.size() > kMaxDistinct) return;
    auto found = std::find_if(values.begin(), values.end(), [&](const Value& value) { return value.hash == hash; });
    if (found == values.end()) found = values.insert(values.end(), Value{hash});
    if (found->count < kMaxRareLines) found->lines[found->count] = static_cast<uint32_t>(line);
    ++found->count;
  }
};

using Places = std::vector<Place>;

void AddRare(const Place& place, size_t lines, std::vector<size_t>* found) {
  if (place.values.size() < 2 || place.values.size() > kMaxDistinct) return;
  for (const Place::Value& value : place.values) {
    if (value.count > std::min(kMaxRareLines, std::max<size_t>(1, lines / kRareIn))) continue;
    found->insert(found->end(), value.lines.begin(), value.lines.begin() + static_cast<std::ptrdiff_t>(value.count));
  }
}

void AddOutliers(const Place& place, std::vector<size_t>* found) {
  if (place.measures.size() < kMinLinesOfShape) return;
  std::vector<double> sorted = place.measures;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double median = *middle;
  std::vector<std::pair<double, uint32_t>> far;
  for (const size_t at : Outliers(place.measures, kDeviations)) {
    const double value = place.measures[at];
    if (value > median * kTimesMedian) far.emplace_back(-value, place.measured_lines[at]);
  }
  // Where many are far outside, the measure has no usual value: the largest tells enough.
  const size_t most = far.size() * kRareIn > place.measures.size() * 2 ? 1 : kMaxOutliers;
  std::sort(far.begin(), far.end());
  for (size_t i = 0; i < std::min(most, far.size()); ++i) found->push_back(far[i].second);
}

}  // namespace

std::vector<size_t> UnusualLines(const LogLines& lines, const Expired& expired) {
  std::map<uint32_t, Places> shapes;
  TemplateMiner reader;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i % kPollEvery == 0 && expired && expired()) return {};
    const LogLine& line = lines[i];
    if (line.role != LogRole::kPlain || lines.shape_count(line.shape) < kMinLinesOfShape) continue;
    reader.Read(line.text);
    Places& places = shapes[line.shape];
    const std::span<const TemplateMiner::Word> words = reader.words();
    const size_t count = std::min(words.size(), kMaxPlaces);
    if (places.size() < count) places.resize(count);
    for (size_t k = 0; k < count; ++k) {
      places[k].AddValue(words[k].hash, i);
      if (words[k].hash != TemplateMiner::kVariable || places[k].MeasuresNothing()) continue;
      if (const std::optional<double> measure = MeasureOf(line.text, words, k)) {
        places[k].measures.push_back(*measure);
        places[k].measured_lines.push_back(static_cast<uint32_t>(i));
      } else {
        ++places[k].not_measured;
      }
    }
  }
  std::vector<size_t> found;
  for (const auto& [shape, places] : shapes) {
    for (const Place& place : places) {
      AddRare(place, lines.shape_count(shape), &found);
      AddOutliers(place, &found);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace headroom::text
