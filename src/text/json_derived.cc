#include "text/json_derived.h"

#include <algorithm>
#include <string_view>

namespace headroom::text {
namespace {

using json::Document;
using json::Token;

struct Candidate {
  size_t column;
  size_t from;
  std::string_view before, after;
};

// Both ends of a derivation have a string without escapes in every row.
bool IsEligible(const Column& column, size_t rows) {
  if (column.field == nullptr) return false;
  const Shape& value = *column.field->value;
  return column.field->present == rows && value.strings == rows && value.plain;
}

std::string_view TextOf(const Document& document, const Column& column) {
  return document.Inside(column.field->value->first);
}

std::vector<Candidate> FirstCandidates(const Document& document, size_t rows, const Layout& layout) {
  std::vector<size_t> eligible;
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < layout.columns.size(); ++i) {
    if (!IsEligible(layout.columns[i], rows)) continue;
    const std::string_view text = TextOf(document, layout.columns[i]);
    for (const size_t from : eligible) {
      const std::string_view part = TextOf(document, layout.columns[from]);
      if (part.size() < kMinContained && part != text) continue;
      const size_t at = text.find(part);
      if (at == std::string_view::npos) continue;
      if (candidates.size() == kMaxDerivedPairs) return candidates;
      candidates.push_back({i, from, text.substr(0, at), text.substr(at + part.size())});
    }
    if (eligible.size() < kMaxSources) eligible.push_back(i);
  }
  return candidates;
}

bool Holds(const Document& document, const Candidate& candidate, const std::vector<Cell>& cells) {
  const std::string_view text = document.Inside(cells[candidate.column].value);
  const std::string_view part = document.Inside(cells[candidate.from].value);
  return text.size() == candidate.before.size() + part.size() + candidate.after.size() &&
         text.starts_with(candidate.before) && text.ends_with(candidate.after) &&
         text.substr(candidate.before.size(), part.size()) == part;
}

}  // namespace

void FindDerivedColumns(const Document& document, const std::vector<Token>& rows, Deadline& deadline, Shape& record) {
  std::vector<Column>& columns = record.layout->columns;
  std::vector<Candidate> candidates = FirstCandidates(document, rows.size(), *record.layout);
  for (size_t i = 1; i < rows.size() && !candidates.empty(); ++i) {
    if (deadline.Spend()) return;
    std::vector<Cell> cells(columns.size());
    FillCells(document, record, rows[i], cells);
    std::erase_if(candidates, [&](const Candidate& candidate) { return !Holds(document, candidate, cells); });
  }
  // The first column that gives another away keeps its cells, so nothing is
  // derived from what is derived.
  for (const Candidate& candidate : candidates) {
    Column& column = columns[candidate.column];
    if (column.derived() || columns[candidate.from].derived()) continue;
    column.derived_from = candidate.from;
    column.before = candidate.before;
    column.after = candidate.after;
  }
}

}  // namespace headroom::text
