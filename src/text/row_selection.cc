#include "text/row_selection.h"

#include <algorithm>

#include "text/relevance.h"
#include "text/row_question.h"
#include "text/row_signals.h"

namespace headroom::text {
namespace {

constexpr size_t kManyRows = 200;    // unnamed signals cut a list of different things only when it is as long
constexpr size_t kTopRows = 10;      // of results in the order of their score
constexpr double kDenseShare = 0.7;  // of the rows that must stay: nothing to gain
constexpr size_t kFillFloor = 3;
constexpr double kFillShare = 0.15;     // of the rows, to fill up with
constexpr double kMinRelevance = 0.35;  // of the best row, to fill up with

// True when rows may be left out: the rows are of a kind, or it is known which matter.
bool MayCut(const RowSignals& signals, const RowQuestion& question, bool named, bool fits, size_t rows) {
  if (question.open || (question.open_extreme && !named && !question.asks_for_odd)) return false;
  if (named || question.singles_out || signals.repetitive || signals.ranked) return true;
  const bool stands_out = signals.errors > 0 || (signals.others > 0 && rows >= kManyRows);
  if (question.asks_for_odd) return signals.errors + signals.others > 0;
  // What is asked was not found in the columns: only rows that fit it clearly better than others can answer.
  return stands_out && (fits || question.empty);
}

// Rows to fill up with, best first: those that fit the question clearly better than most. Where many
// rows fit it equally well, it tells nothing of them, and none of these is taken.
std::vector<size_t> BestRows(const Relevance& relevance, const std::vector<bool>& kept) {
  std::vector<size_t> order;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (relevance.score(i) >= kMinRelevance) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return relevance.score(a) > relevance.score(b); });
  const size_t most = std::max(kFillFloor, static_cast<size_t>(kFillShare * static_cast<double>(kept.size())));
  if (order.size() > most) {
    size_t end = most;
    while (end > 0 && relevance.score(order[end - 1]) <= relevance.score(order[most])) --end;
    order.resize(end);
  }
  std::erase_if(order, [&](size_t row) { return kept[row]; });
  return order;
}

// Takes the best rows until the kept ones have `share` of the bytes: what rows of one table cost
// differs little per byte.
void Fill(const RowTable& table, const std::vector<size_t>& best, double share, std::vector<bool>& kept) {
  size_t all = 0, spent = 0;
  for (size_t i = 0; i < kept.size(); ++i) {
    all += table.rows[i].size() + 1;
    spent += kept[i] ? table.rows[i].size() + 1 : 0;
  }
  const auto room = static_cast<size_t>(share * static_cast<double>(all));
  for (const size_t row : best) {
    if (spent + table.rows[row].size() + 1 > room) continue;
    spent += table.rows[row].size() + 1;
    kept[row] = true;
  }
}

}  // namespace

std::optional<RowSelection> SelectRows(const RowTable& table, const ExcerptInput& in) {
  const size_t rows = table.rows.size();
  if (rows < kMinTableRows || in.query.exhaustive()) return std::nullopt;
  const RowSignals signals = FindRowSignals(table, in);
  if (in.late()) return std::nullopt;
  const RowQuestion question = ReadRowQuestion(table, signals.counts, in);
  const Relevance relevance(in.query, table.rows);
  if (in.late()) return std::nullopt;

  RowSelection selection;
  selection.kept.resize(rows);
  selection.asked.resize(rows);
  bool named = false;
  for (size_t i = 0; i < rows; ++i) {
    named = named || relevance.named(i);
    selection.asked[i] = signals.error_rows[i] || question.kept[i] || relevance.named(i);
    selection.kept[i] = signals.kept[i] || selection.asked[i] || (signals.ranked && i < kTopRows) || i < kFirstRows ||
                        i + kLastRows >= rows;
  }
  const std::vector<size_t> best = BestRows(relevance, selection.kept);
  if (!MayCut(signals, question, named, !best.empty(), rows)) return std::nullopt;
  const auto must = std::count(selection.kept.begin(), selection.kept.end(), true);
  if (static_cast<double>(must) > kDenseShare * static_cast<double>(rows)) return std::nullopt;
  Fill(table, best, in.share, selection.kept);
  selection.count = static_cast<size_t>(std::count(selection.kept.begin(), selection.kept.end(), true));
  return selection;
}

}  // namespace headroom::text
