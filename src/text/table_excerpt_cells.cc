// What a cell says: numbers to compare by, whatever unit they are written in.
//
//   1,204  45%  $12.50  -40    1204  45  12.5  -40
//   1.5G   300K  12 MiB        1610612736  307200  12582912
//   25d    5m30s  03:41:17     2160000  330  13277
//   3 (2d ago)                 3
//   007    1.2.3  10/12        text: an id, a version, a ratio
//
// Counter-example: a column in which only some cells read so keeps them as they are spelled.

#include <array>
#include <charconv>
#include <string>

#include "text/table_excerpt_grid.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxNumberBytes = 40;

bool IsNull(std::string_view cell) {
  static constexpr std::array<std::string_view, 12> kNulls = {"",    "-",      "--",    "NULL", "null", "None",
                                                              "N/A", "<none>", "<nil>", "nil",  "n/a",  "—"};
  for (const std::string_view null : kNulls) {
    if (cell == null) return true;
  }
  return false;
}

// Digits with an optional sign, fraction and thousands separators, as bytes for from_chars.
// Returns what follows; nothing when there is no such number or it has leading zeros.
std::optional<std::string_view> TakeNumber(std::string_view cell, std::string* number) {
  number->clear();
  size_t at = 0;
  if (cell.starts_with('-') || cell.starts_with('+')) {
    if (cell[0] == '-') number->push_back('-');
    at = 1;
  }
  const size_t first = at;
  while (at < cell.size() && (IsDigit(cell[at]) || (cell[at] == ',' && at > first && at + 3 < cell.size() + 0 &&
                                                    LeadingDigits(cell.substr(at + 1)) == 3))) {
    if (cell[at] != ',') number->push_back(cell[at]);
    ++at;
  }
  if (at == first || (cell[first] == '0' && at > first + 1)) return std::nullopt;
  if (at + 1 < cell.size() && cell[at] == '.' && IsDigit(cell[at + 1])) {
    const size_t digits = LeadingDigits(cell.substr(at + 1));
    number->append(cell.substr(at, digits + 1));
    at += digits + 1;
    if (at < cell.size() && cell[at] == '.') return std::nullopt;  // a version
  }
  if (at + 1 < cell.size() && (cell[at] == 'e' || cell[at] == 'E')) {
    size_t end = at + 1;
    if (cell[end] == '-' || cell[end] == '+') ++end;
    const size_t digits = LeadingDigits(cell.substr(end));
    if (digits > 0) {
      number->append(cell.substr(at, end + digits - at));
      at = end + digits;
    }
  }
  return cell.substr(at);
}

double ScaleOfUnit(std::string_view unit) {
  static constexpr std::string_view kLetters = "KMGTP";
  if (unit == "B" || unit == "b" || unit == "bytes") return 1;
  if (unit == "k") unit = "K";
  if (unit.empty()) return 0;
  size_t power = kLetters.find(unit[0] == 'k' ? 'K' : unit[0]);
  if (power == std::string_view::npos) return 0;
  unit.remove_prefix(1);
  if (!unit.empty() && unit != "B" && unit != "iB" && unit != "i" && unit != "b") return 0;
  double scale = 1024;
  for (; power > 0; --power) scale *= 1024;
  return scale;
}

double SecondsOfUnit(std::string_view unit) {
  if (unit == "s" || unit == "sec" || unit == "secs") return 1;
  if (unit == "ms") return 0.001;
  if (unit == "us" || unit == "µs") return 0.000001;
  if (unit == "ns") return 0.000000001;
  if (unit == "m" || unit == "min" || unit == "mins") return 60;
  if (unit == "h" || unit == "hr" || unit == "hrs") return 3600;
  if (unit == "d") return 86400;
  if (unit == "w") return 604800;
  if (unit == "y") return 31536000;
  return 0;
}

double ToDouble(std::string_view number) {
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return value;
}

// "25d", "5m30s", "1.2s".
std::optional<double> ReadDuration(std::string_view cell) {
  double sum = 0;
  std::string number;
  while (!cell.empty()) {
    const std::optional<std::string_view> rest = TakeNumber(cell, &number);
    if (!rest.has_value()) return std::nullopt;
    size_t letters = 0;
    while (letters < rest->size() && !IsDigit((*rest)[letters]) && (*rest)[letters] != ' ') ++letters;
    const double unit = SecondsOfUnit(rest->substr(0, letters));
    if (unit == 0) return std::nullopt;
    sum += unit * ToDouble(number);
    cell = Trim(rest->substr(letters));
  }
  return sum;
}

// "03:41:17", "1-02:00:00" of ps, "12:05.33" of ps on BSD.
std::optional<double> ReadClock(std::string_view cell) {
  double days = 0;
  const size_t dash = cell.find('-');
  if (dash != std::string_view::npos && dash > 0 && LeadingDigits(cell) == dash) {
    days = ToDouble(cell.substr(0, dash));
    cell.remove_prefix(dash + 1);
  }
  double sum = 0;
  size_t fields = 0;
  while (true) {
    const size_t digits = LeadingDigits(cell);
    if (digits == 0 || (fields > 0 && digits != 2)) return std::nullopt;
    sum = sum * 60 + ToDouble(cell.substr(0, digits));
    ++fields;
    cell.remove_prefix(digits);
    if (cell.empty()) break;
    if (cell[0] == '.' && fields > 1 && LeadingDigits(cell.substr(1)) + 1 == cell.size()) {
      sum += ToDouble("0" + std::string(cell));
      break;
    }
    if (cell[0] != ':') return std::nullopt;
    cell.remove_prefix(1);
  }
  if (fields < 2 || fields > 3) return std::nullopt;
  return days * 86400 + sum;
}

std::string Spell(double value) {
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end.ptr);
}

std::optional<double> ReadMeasure(std::string_view cell) {
  std::string number;
  std::string_view bare = cell;
  for (const std::string_view sign : {"$", "€", "£"}) {
    if (bare.starts_with(sign)) bare = Trim(bare.substr(sign.size()));
  }
  if (const std::optional<std::string_view> rest = TakeNumber(bare, &number); rest.has_value()) {
    const std::string_view unit = Trim(*rest);
    if (unit.empty() || unit == "%" || unit == "€" || unit.starts_with('(')) return ToDouble(number);
    if (const double scale = ScaleOfUnit(unit); scale > 0) return scale * ToDouble(number);
  }
  if (const std::optional<double> clock = ReadClock(cell); clock.has_value()) return clock;
  return ReadDuration(cell);
}

}  // namespace

RowValue ReadCell(std::string_view cell, LineArena* arena, bool* converted) {
  cell = Trim(cell);
  *converted = false;
  RowValue value{.row = 0, .type = ValueType::kText, .text = cell};
  if (IsNull(cell)) {
    value.type = ValueType::kNull;
    return value;
  }
  if (cell == "true" || cell == "false" || cell == "True" || cell == "False") {
    value.type = ValueType::kBool;
    return value;
  }
  const char first = cell[0];
  const bool may_count =
      IsDigit(first) || first == '-' || first == '+' || first == '$' || first == '\xe2' || first == '\xc2';
  if (!may_count || cell.size() > kMaxNumberBytes) return value;
  std::string number;
  const std::optional<std::string_view> rest = TakeNumber(cell, &number);
  if (rest.has_value() && rest->empty() && number == cell) {
    value.type = ValueType::kNumber;
    return value;
  }
  if (const std::optional<double> measure = ReadMeasure(cell); measure.has_value()) {
    value.type = ValueType::kNumber;
    value.text = arena->Keep(Spell(*measure));
    *converted = true;
  }
  return value;
}

GridBuilder::GridBuilder(const std::vector<std::string_view>& names, LineArena* arena)
    : measures_(names.size()), spelled_(names.size()), arena_(arena) {
  grid_.table.columns.resize(names.size());
  for (size_t i = 0; i < names.size(); ++i) grid_.table.columns[i].name = Trim(names[i]);
}

bool GridBuilder::Add(GridRow lines, std::string_view text, const std::vector<std::string_view>& cells) {
  const auto row = static_cast<uint32_t>(grid_.rows.size());
  const size_t columns = std::min(cells.size(), measures_.size());
  cells_ += columns;
  if (cells_ > kMaxGridCells) return false;
  for (size_t i = 0; i < columns; ++i) {
    bool converted = false;
    RowValue value = ReadCell(cells[i], arena_, &converted);
    value.row = row;
    Measure& measure = measures_[i];
    measure.filled += value.type != ValueType::kNull ? 1 : 0;
    measure.numbers += value.type == ValueType::kNumber ? 1 : 0;
    measure.converted = measure.converted || converted;
    std::vector<RowValue>& values = grid_.table.columns[i].values;
    if (converted) spelled_[i].push_back({values.size(), Trim(cells[i])});
    values.push_back(value);
  }
  grid_.rows.push_back(lines);
  grid_.table.rows.push_back(text);
  return true;
}

Grid GridBuilder::Take() {
  for (size_t i = 0; i < measures_.size(); ++i) {
    const Measure& measure = measures_[i];
    const bool numeric = measure.numbers * 10 >= measure.filled * 9;
    grid_.measured.push_back(measure.converted && numeric);
    if (!measure.converted || numeric) continue;
    // Sizes in a column of names are names.
    for (const Spelling& spelled : spelled_[i]) {
      RowValue& value = grid_.table.columns[i].values[spelled.index];
      value = {.row = value.row, .type = ValueType::kText, .text = spelled.text};
    }
  }
  return std::move(grid_);
}

}  // namespace headroom::text
