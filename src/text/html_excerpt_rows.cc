#include "text/html_excerpt_rows.h"

#include <algorithm>

namespace headroom::text {
namespace {

constexpr size_t kMaxCells = 1000;

std::string AsCell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell.push_back('\\');
    cell.push_back(c == '\n' ? ' ' : c);
  }
  return cell;
}

}  // namespace

void HtmlRows::Open() {
  ++depth_;
  as_rows_ = true;
  first_row_ = true;
  cells_.clear();
}

void HtmlRows::Close() {
  if (depth_ > 0) --depth_;
  as_rows_ = false;
  in_cell_ = false;
  cells_.clear();
}

void HtmlRows::OpenCell(bool is_head) {
  if (!as_rows_) return;
  if (cells_.empty()) all_heads_ = true;
  all_heads_ = all_heads_ && is_head;
  in_cell_ = true;
}

void HtmlRows::CloseCell(std::string text, size_t begin, size_t end) {
  in_cell_ = false;
  if (cells_.size() < kMaxCells) {
    cells_.push_back({std::move(text), begin, end});
  } else if (!text.empty()) {
    cells_.back().text.append(" ").append(text);
    cells_.back().end = end;
  }
}

std::optional<HtmlRows::Cell> HtmlRows::TakeRow() {
  std::vector<Cell> cells = std::move(cells_);
  cells_.clear();
  const bool shown = std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return !cell.text.empty(); });
  if (!shown) return std::nullopt;
  Cell row;
  if (cells.size() == 1) {
    row.text = cells[0].text;
  } else {
    row.text = "|";
    for (const Cell& cell : cells) row.text.append(" ").append(AsCell(cell.text)).append(" |");
    if (first_row_ && all_heads_) {
      row.text.append("\n|");
      for (size_t i = 0; i < cells.size(); ++i) row.text.append(" --- |");
    }
  }
  first_row_ = false;
  for (const Cell& cell : cells) {
    if (cell.text.empty()) continue;
    row.begin = row.end == 0 ? cell.begin : row.begin;
    row.end = std::max(row.end, cell.end);
  }
  return row;
}

std::vector<HtmlRows::Cell> HtmlRows::BreakUp() {
  in_cell_ = false;
  as_rows_ = false;
  std::vector<Cell> cells = std::move(cells_);
  cells_.clear();
  std::erase_if(cells, [](const Cell& cell) { return cell.text.empty(); });
  return cells;
}

}  // namespace headroom::text
