#include "text/terminal_excerpt_choice.h"

#include <algorithm>
#include <array>

#include "text/words.h"

namespace headroom::text {
namespace {

struct TagWords {
  std::string_view one;
  std::string_view many;
};

constexpr std::array<TagWords, kLineTags> kTagWords = {{{"", ""},
                                                        {"file", "files"},
                                                        {"directory", "directories"},
                                                        {"commit", "commits"},
                                                        {"call", "calls"},
                                                        {"frame", "frames"},
                                                        {"register", "registers"},
                                                        {"instruction", "instructions"},
                                                        {"resource", "resources"},
                                                        {"variable", "variables"},
                                                        {"finding", "findings"}}};

}  // namespace

TerminalChoice::TerminalChoice(const ExcerptInput& in, const std::vector<std::string_view>& lines)
    : in_(in), lines_(lines), relevance_(in.query, lines), selection_(lines, in.first_line), tags_(lines.size()) {}

bool TerminalChoice::Asks(std::initializer_list<std::string_view> words) const {
  const std::vector<Term>& terms = in_.query.terms();
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    const std::string_view stem = StemOf(word);
    return std::any_of(terms.begin(), terms.end(), [&](const Term& term) { return term.text == stem; });
  });
}

void TerminalChoice::KeepEnds(size_t head, size_t tail) {
  for (size_t i = 0; i < size() && head > 0; ++i) {
    if (Trim(line(i)).empty()) continue;
    Keep(i);
    --head;
  }
  for (size_t i = size(); i > 0 && tail > 0; --i) {
    if (Trim(line(i - 1)).empty()) continue;
    Keep(i - 1);
    --tail;
  }
}

void TerminalChoice::KeepAsked(double floor) {
  for (size_t i = 0; i < size(); ++i) {
    if (named(i)) Keep(i);
    if (score(i) >= floor) Offer(i, score(i));
  }
}

// Counts what the lines of a gap are; a gap of lines that each are one thing needs no count.
std::string TerminalChoice::NoteOf(size_t begin, size_t end) const {
  std::array<size_t, kLineTags> counts{};
  for (size_t i = begin; i < end; ++i) ++counts[static_cast<size_t>(tags_[i])];
  std::string note;
  for (size_t tag = 1; tag < kLineTags; ++tag) {
    const size_t count = counts[tag];
    if (count == 0) continue;
    if (count == end - begin) return {};  // the range of the mark says it
    if (!note.empty()) note.append(", ");
    note.append(std::to_string(count)).append(" ").append(count == 1 ? kTagWords[tag].one : kTagWords[tag].many);
  }
  return note;
}

std::optional<Excerpt> TerminalChoice::Render(const LineText& source) {
  const auto budget = static_cast<size_t>(in_.share * static_cast<double>(selection_.total_tokens()));
  selection_.Fill(budget);
  selection_.CloseSmallGaps();
  const size_t kept = selection_.count();
  if (kept == size() || in_.late()) return std::nullopt;
  std::string out;
  for (size_t i = 0; i < size(); ++i) {
    if (i > 0) out.append(source.ending);
    if (selection_.kept(i)) {
      out.append(line(i));
      continue;
    }
    size_t end = i;
    while (end < size() && !selection_.kept(end)) ++end;
    out.append(GapMark("lines", in_.first_line + i, in_.first_line + end - 1, NoteOf(i, end)));
    i = end - 1;
  }
  if (source.ends_with_newline) out.append(source.ending);
  return Excerpt{std::move(out), Kind::kLog, "terminal_excerpt", Omission{"lines", size(), kept}};
}

}  // namespace headroom::text
