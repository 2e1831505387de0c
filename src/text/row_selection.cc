#include "text/row_selection.h"

#include <algorithm>
#include <array>
#include <string>

#include "text/line_text.h"
#include "text/relevance.h"
#include "text/row_fill.h"
#include "text/row_nature.h"
#include "text/row_question.h"
#include "text/row_signals.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kTopRows = 10;         // of results in the order of their score
constexpr double kDenseShare = 0.7;     // of the rows that must stay: nothing to gain
constexpr double kSeriesShare = 0.1;    // of a series that is shown beside what stands out
constexpr double kHitsShare = 0.5;      // of results of a search: any of them may be what was looked for
constexpr size_t kFreeHitBytes = 8192;  // beside the share: of few hits nearly all are kept
constexpr size_t kFreeBytes = 1024;     // the same where the model opens gaps

// True when rows may be left out: the rows are alike, or it is known which matter.
bool MayCut(const RowSignals& signals, RowNature nature, const RowQuestion& question) {
  if (question.open || (question.open_extreme && !question.names && !question.asks_for_odd)) return false;
  if (question.names || question.singles_out || nature != RowNature::kEntities || signals.ranked) return true;
  return (question.asks_for_failures && signals.errors > 0) ||
         (question.asks_for_odd && signals.errors + signals.others > 0);
}

// Bytes of rows that may stay.
size_t RoomFor(const RowTable& table, RowNature nature, const ExcerptInput& in, bool hits) {
  const auto all = static_cast<double>(BytesOfRows(table));
  // Measurements that were queried for are a series still.
  if (nature == RowNature::kSeries) return static_cast<size_t>(std::min(in.share, kSeriesShare) * all);
  if (in.input.opens_gaps) return static_cast<size_t>(in.share * all) + kFreeBytes;
  const double share = hits || IsSearchTool(in.input) ? std::max(in.share, kHitsShare) : in.share;
  return static_cast<size_t>(share * all) + (hits ? kFreeHitBytes : 0);
}

}  // namespace

bool IsSearchTool(const Input& input) {
  static constexpr std::array<std::string_view, 7> kVerbs = {"find",  "grep",   "list",    "lookup",
                                                             "query", "search", "retrieve"};
  bool search = false;
  ForEachPart(input.tool_name, [&](std::string_view part) {
    search = search || std::find(kVerbs.begin(), kVerbs.end(), LowerCase(part)) != kVerbs.end();
  });
  if (search) return true;
  const std::string_view arguments = input.tool_arguments;
  const auto has = [&](std::string_view key) { return arguments.find(key) != std::string_view::npos; };
  return has("\"query\"") || has("\"search\"") || has("\"pattern\"") || (has("\"filter\"") && has("\"limit\""));
}

std::optional<RowSelection> SelectRows(const RowTable& table, const ExcerptInput& in, bool hits) {
  const size_t rows = table.rows.size();
  if (rows < kMinTableRows || in.query.exhaustive()) return std::nullopt;
  const RowSignals signals = FindRowSignals(table, in);
  if (in.late()) return std::nullopt;
  const RowTerms terms(table.rows, in);
  const RowQuestion question = ReadRowQuestion(table, signals.counts, terms, in);
  const RowNature nature = NatureOf(table, signals.counts);
  if (in.late() || (!in.input.opens_gaps && !MayCut(signals, nature, question))) return std::nullopt;
  const Relevance relevance(in.query, terms.counter(), rows);

  RowSelection selection;
  selection.kept.resize(rows);
  selection.asked.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    selection.asked[i] = signals.error_rows[i] || question.kept[i] || relevance.named(i);
    selection.kept[i] = signals.kept[i] || selection.asked[i] || (signals.ranked && i < kTopRows) || i < kFirstRows ||
                        i + kLastRows >= rows;
  }
  const auto must = std::count(selection.kept.begin(), selection.kept.end(), true);
  if (static_cast<double>(must) > kDenseShare * static_cast<double>(rows)) return std::nullopt;
  FillRows(table, relevance, RoomFor(table, nature, in, hits), selection.kept);
  selection.count = static_cast<size_t>(std::count(selection.kept.begin(), selection.kept.end(), true));
  if (selection.count == rows) return std::nullopt;
  return selection;
}

}  // namespace headroom::text
