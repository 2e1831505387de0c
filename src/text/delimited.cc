#include "text/delimited.h"

#include <algorithm>
#include <optional>
#include <string>

namespace headroom::text {
namespace {

constexpr std::string_view kMark = "[in each row below, column ";
constexpr size_t kMinRows = 4;  // with the header
constexpr size_t kMaxColumns = 256;
constexpr size_t kMarkTokens = 8;
constexpr size_t kEntryTokens = 8;

using Cells = std::vector<std::string_view>;

// The cells of one line as spelled, quotes included; nothing when a quote does not close.
bool SplitCells(std::string_view line, char delimiter, Cells* cells) {
  cells->clear();
  while (true) {
    size_t end = 0;
    if (line.starts_with('"')) {
      end = line.find('"', 1);
      while (end != std::string_view::npos && end + 1 < line.size() && line[end + 1] == '"')
        end = line.find('"', end + 2);
      if (end == std::string_view::npos) return false;
      ++end;
      if (end < line.size() && line[end] != delimiter) return false;
    } else {
      end = std::min(line.find(delimiter), line.size());
      if (line.substr(0, end).find('"') != std::string_view::npos) return false;
    }
    if (cells->size() == kMaxColumns) return false;
    cells->push_back(line.substr(0, end));
    if (end == line.size()) return true;
    line.remove_prefix(end + 1);
  }
}

// A cell without quotes where it reads the same.
std::string_view Unquoted(std::string_view cell, char delimiter) {
  if (!cell.starts_with('"')) return cell;
  const std::string_view inside = cell.substr(1, cell.size() - 2);
  const bool needed = inside.empty() || inside.find('"') != std::string_view::npos ||
                      inside.find(delimiter) != std::string_view::npos || Trim(inside).size() != inside.size();
  return needed ? cell : inside;
}

bool CanStandInMark(std::string_view value) {
  return value.find_first_of("\"]") == std::string_view::npos && value.find(" and column ") == std::string_view::npos;
}

class Table {
 public:
  Table(std::vector<std::string_view>* lines, char delimiter) : lines_(*lines), delimiter_(delimiter) {}

  // False when the lines are no table of at least two columns.
  bool Read() {
    if (lines_.size() < kMinRows) return false;
    Cells cells;
    if (!SplitCells(lines_[0], delimiter_, &header_) || header_.size() < 2) return false;
    for (size_t i = 1; i < lines_.size(); ++i) {
      if (!SplitCells(lines_[i], delimiter_, &cells) || cells.size() != header_.size()) return false;
      if (i == 1) first_ = cells;
      for (size_t column = 0; column < cells.size(); ++column) {
        if (i == 1) constant_.push_back(!cells[column].empty());
        constant_[column] = constant_[column] && cells[column] == first_[column];
        quoted_ = quoted_ || Unquoted(cells[column], delimiter_).size() != cells[column].size();
      }
    }
    KeepWhatDoesNotPay();
    return true;
  }

  bool saves() const { return quoted_ || std::find(constant_.begin(), constant_.end(), true) != constant_.end(); }

  void Write(LineArena* arena) {
    std::vector<std::string_view> out;
    out.reserve(lines_.size() + 1);
    if (std::string mark = Mark(); !mark.empty()) out.push_back(arena->Keep(std::move(mark)));
    Cells cells;
    for (const std::string_view line : lines_) {
      SplitCells(line, delimiter_, &cells);
      std::string row;
      bool first = true;
      for (size_t column = 0; column < cells.size(); ++column) {
        if (constant_[column]) continue;
        if (!first) row += delimiter_;
        first = false;
        row += Unquoted(cells[column], delimiter_);
      }
      out.push_back(arena->Keep(std::move(row)));
    }
    lines_ = std::move(out);
  }

 private:
  // A column goes only if that pays, and one always stays.
  void KeepWhatDoesNotPay() {
    const size_t rows = lines_.size() - 1;
    size_t saved = 0;
    for (size_t column = 0; column < header_.size(); ++column) {
      const size_t tokens = EstimateTokens(first_[column]) + 1;
      const bool pays = tokens * rows > tokens + kEntryTokens + EstimateTokens(header_[column]);
      constant_[column] = constant_[column] && pays && first_[column] != header_[column] &&
                          CanStandInMark(Unquoted(first_[column], delimiter_)) &&
                          CanStandInMark(Unquoted(header_[column], delimiter_));
      if (constant_[column]) saved += tokens * (rows - 1);
    }
    const bool all = std::find(constant_.begin(), constant_.end(), false) == constant_.end();
    if (all || saved <= kMarkTokens) std::fill(constant_.begin(), constant_.end(), false);
  }

  std::string Mark() const {
    std::string mark;
    for (size_t column = 0; column < header_.size(); ++column) {
      if (!constant_[column]) continue;
      mark.append(mark.empty() ? kMark : " and column ").append(std::to_string(column + 1)).append(" \"");
      mark.append(Unquoted(header_[column], delimiter_)).append("\" is ");
      mark.append(Unquoted(first_[column], delimiter_));
    }
    if (!mark.empty()) mark += "]";
    return mark;
  }

  std::vector<std::string_view>& lines_;
  const char delimiter_;
  Cells header_;
  Cells first_;  // data row
  std::vector<bool> constant_;
  bool quoted_ = false;  // some cell has quotes it does not need
};

bool ImitatesMark(const std::vector<std::string_view>& lines) {
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) { return line.starts_with(kMark); });
}

}  // namespace

bool ShortenDelimited(std::vector<std::string_view>* lines, LineArena* arena) {
  if (lines->size() < kMinRows || ImitatesMark(*lines)) return false;
  for (const char delimiter : {'\t', ',', ';'}) {
    if ((*lines)[0].find(delimiter) == std::string_view::npos) continue;
    Table table(lines, delimiter);
    if (!table.Read()) continue;
    if (!table.saves()) return false;
    table.Write(arena);
    return true;
  }
  return false;
}

}  // namespace headroom::text
