// Search results with the hits that matter.
//
//   src/a.c:3:#include "pool.h"
//   src/a.c:12:int PoolSize(struct pool *p) {       definitions of what is asked stay,
//   src/a.c:40:  n = PoolSize(p);             ─►    hits that the question names,
//   ...                                             one of every file, the first and the last,
//   test/a_test.c:7:  EXPECT_EQ(PoolSize(p), 3);    then what fits the question best
//
//   ... lines 41-80 omitted (12 hits in src/a.c, 28 in test/a_test.c) ...
//
// A question for every use ("where is it called", "rename it") keeps every hit;
// only lines of context around hits may go. Lines that are no hits stay.
// Cost: O(bytes); bench/diff_search.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/named_paths.h"
#include "text/relevance.h"
#include "text/search_excerpt_definitions.h"
#include "text/search_excerpt_hits.h"
#include "text/search_excerpt_paths.h"
#include "text/search_excerpt_question.h"
#include "text/terminal.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMinTokens = 400;
constexpr size_t kPollLines = 4096;
constexpr size_t kRareShare = 5;        // an abbreviation tells where at most one hit in so many has it
constexpr double kIdle = 0.1;           // a hit of a test below this has nothing to do with the question
constexpr size_t kDefinedThirds = 2;    // definitions all stay where they are at most so many thirds of the hits
constexpr double kDefines = 0.25;       // of the score of the best hit
constexpr double kAbbreviated = 0.3;    // of the score of the best hit
constexpr size_t kEveryFile = 12;       // up to so many files each keep a hit
constexpr size_t kNotedFiles = 6;       // files named in one note
constexpr size_t kNearLines = 6;        // a hit so near to a better one is of the same function
constexpr size_t kFreeTokens = 1200;    // beside the share: of few hits nearly all are kept
constexpr size_t kFewFreeTokens = 300;  // the same where the model opens gaps
constexpr size_t kContextPerSide = 3;   // lines of context kept with what is asked

class SearchExcerpt {
 public:
  SearchExcerpt(const ExcerptInput& in, const LineText& source, const SearchLines& read)
      : in_(in),
        source_(source),
        read_(read),
        question_(in.query, in.input.question),
        kept_(source.lines.size()),
        asked_(source.lines.size()),
        score_(source.lines.size()) {
    cost_.reserve(source.lines.size());
    for (const std::string_view line : source.lines) cost_.push_back(static_cast<uint32_t>(EstimateTokens(line) + 1));
  }

  size_t tokens() const { return std::accumulate(cost_.begin(), cost_.end(), size_t{0}); }

  bool Select() {
    for (size_t i = 0; i < read_.lines.size(); ++i) {
      if (read_.lines[i].kind == SearchLineKind::kOther) kept_[i] = true;
      if (read_.lines[i].kind == SearchLineKind::kMatch) matches_.push_back(i);
    }
    for (const std::string_view file : read_.files) file_named_.push_back(NamesPath(in_.query, file));
    for (const std::string_view file : read_.files) file_beside_.push_back(question_.IsBeside(file));
    any_file_named_ = std::find(file_named_.begin(), file_named_.end(), true) != file_named_.end();
    if (!Score()) return false;
    KeepAsked();
    if (!WantsEveryHit()) Fill();
    KeepContext();
    KeepHeadings();
    CloseSmallGaps();
    return std::find(kept_.begin(), kept_.end(), false) != kept_.end();
  }

  Excerpt Render() const {
    std::string out;
    size_t kept = 0;
    for (size_t i = 0; i < kept_.size();) {
      if (i > 0) out.append(source_.ending);
      const size_t end = GapEnd(i);
      if (end > i) {
        out.append(GapMark("lines", in_.first_line + i, in_.first_line + end - 1, Note(i, end)));
        i = end;
        continue;
      }
      out.append(source_.lines[i++]);
      ++kept;
    }
    if (source_.ends_with_newline) out.append(source_.ending);
    return {std::move(out), Kind::kSearch, "search_excerpt", Omission{"lines", source_.lines.size(), kept}};
  }

 private:
  bool Score();
  double ScoreOf(size_t line, const Definition& definition, double relevance) const;
  void AddAbbreviations();
  void ScoreNeighbours();
  void KeepAsked();
  bool WantsEveryHit();
  void Fill();
  void KeepContext();
  void KeepHeadings();
  void CloseSmallGaps();
  size_t GapEnd(size_t begin) const;
  size_t FileBeside(size_t line, bool before) const;
  std::string Note(size_t begin, size_t end) const;
  bool IsBeside(size_t line) const { return file_beside_[read_.lines[line].file]; }
  size_t Cost(size_t line) const { return cost_[line]; }

  const ExcerptInput& in_;
  const LineText& source_;
  const SearchLines& read_;
  SearchQuestion question_;
  std::vector<size_t> matches_;      // lines
  std::vector<size_t> definitions_;  // lines of matches that define, outside tests
  std::vector<bool> file_named_;
  std::vector<bool> file_beside_;  // tests and the like, where the question speaks of none
  bool any_file_named_ = false;
  std::vector<bool> kept_;
  std::vector<bool> asked_;  // kept because of what is asked: its context stays
  std::vector<double> score_;
  std::vector<uint32_t> cost_;  // tokens, by line
};

// Each match with its path in front: what a question says of the file fits it, too.
bool SearchExcerpt::Score() {
  LineArena arena;
  std::vector<std::string_view> units;
  units.reserve(matches_.size());
  for (const size_t i : matches_) {
    if (units.size() % kPollLines == 0 && in_.late()) return false;
    const SearchLine& line = read_.lines[i];
    if (read_.headed) {
      units.push_back(arena.Keep(std::string(read_.files[line.file]).append(":").append(source_.lines[i])));
    } else {
      units.push_back(source_.lines[i]);
    }
  }
  const Relevance relevance(in_.query, units);
  for (size_t m = 0; m < matches_.size(); ++m) {
    const size_t i = matches_[m];
    if (m % kPollLines == 0 && in_.late()) return false;
    const Definition definition = DefinitionIn(read_.lines[i].text);
    score_[i] = ScoreOf(i, definition, relevance.score(m));
    if (relevance.named(m) || (!IsBeside(i) && question_.Asks(definition))) asked_[i] = true;
    if (!definition.name.empty() && !definition.by_value && !IsBeside(i)) definitions_.push_back(i);
  }
  AddAbbreviations();
  ScoreNeighbours();
  return true;
}

double SearchExcerpt::ScoreOf(size_t i, const Definition& definition, double relevance) const {
  const SearchLine& line = read_.lines[i];
  double score = relevance + 0.02;
  if (!definition.name.empty() && !definition.by_value) score += kDefines;
  if (definition.by_value) score += question_.wants_amount() && definition.by_number ? 2 * kDefines : 0.5 * kDefines;
  const CodeLine kind = CodeLineKind(line.text);
  if (kind == CodeLine::kImport) score *= 0.5;
  if (kind == CodeLine::kComment) score *= 0.85;
  if (IsBeside(i)) score *= 0.5;
  return score;
}

// "int" in a hit for the "integer" of the question, where few hits have it.
void SearchExcerpt::AddAbbreviations() {
  std::vector<std::vector<size_t>> short_for(matches_.size());
  std::vector<size_t> times(question_.words());
  for (size_t m = 0; m < matches_.size(); ++m) {
    short_for[m] = question_.ShortFor(read_.lines[matches_[m]].text);
    for (const size_t word : short_for[m]) ++times[word];
  }
  for (size_t m = 0; m < matches_.size(); ++m) {
    for (const size_t word : short_for[m]) {
      if (times[word] * kRareShare <= matches_.size()) score_[matches_[m]] += kAbbreviated;
    }
  }
}

// A hit gains by what stands near it: the body of the function that is asked for.
void SearchExcerpt::ScoreNeighbours() {
  const std::vector<double> alone = score_;
  for (size_t m = 0; m < matches_.size(); ++m) {
    const SearchLine& line = read_.lines[matches_[m]];
    double best = 0;
    for (const int step : {-1, 1}) {
      for (size_t k = m + static_cast<size_t>(step), n = 0; k < matches_.size() && n < kNearLines;
           k += static_cast<size_t>(step), ++n) {
        const SearchLine& other = read_.lines[matches_[k]];
        const size_t apart = other.number > line.number ? other.number - line.number : line.number - other.number;
        if (other.file != line.file || apart > kNearLines) break;
        best = std::max(best, alone[matches_[k]] + (asked_[matches_[k]] ? 0.3 : 0));
      }
    }
    score_[matches_[m]] += 0.4 * best;
  }
}

void SearchExcerpt::KeepAsked() {
  for (const size_t i : matches_) {
    if (asked_[i]) kept_[i] = true;
  }
  // What is defined is where an agent goes next, unless the search found little else.
  if (definitions_.size() * 3 <= matches_.size() * kDefinedThirds) {
    for (const size_t i : definitions_) kept_[i] = true;
  }
  kept_[matches_.front()] = kept_[matches_.back()] = true;
}

// Keeps every hit that a question for all uses is about. True when that is all.
bool SearchExcerpt::WantsEveryHit() {
  const bool in_named = question_.wants_uses() && any_file_named_ && !in_.query.exhaustive();
  if (!in_.query.exhaustive() && !question_.wants_uses()) return false;
  for (const size_t i : matches_) {
    if (!in_named || file_named_[read_.lines[i].file]) kept_[i] = true;
  }
  return !in_named;
}

void SearchExcerpt::Fill() {
  std::vector<size_t> order = matches_;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return score_[a] > score_[b]; });
  size_t total = 0;
  size_t spent = 0;
  for (size_t i = 0; i < kept_.size(); ++i) {
    total += Cost(i);
    spent += kept_[i] ? Cost(i) : 0;
  }
  const auto budget = static_cast<size_t>(in_.share * static_cast<double>(total)) +
                      (in_.input.opens_gaps ? kFewFreeTokens : kFreeTokens);
  std::vector<bool> shown(read_.files.size());
  for (const size_t i : matches_) {
    if (kept_[i]) shown[read_.lines[i].file] = true;
  }
  const bool every_file = read_.files.size() <= kEveryFile;
  for (const size_t i : order) {
    const size_t file = read_.lines[i].file;
    if (kept_[i] || shown[file] || (!every_file && (IsBeside(i) || spent + Cost(i) > budget / 2))) continue;
    kept_[i] = shown[file] = true;
    spent += Cost(i);
  }
  for (const size_t i : order) {
    const bool idle = IsBeside(i) && score_[i] < kIdle;
    if (kept_[i] || idle || spent + Cost(i) > budget) continue;
    kept_[i] = true;
    spent += Cost(i);
  }
}

// Context stays beside what is asked.
void SearchExcerpt::KeepContext() {
  const auto keep = [&](size_t i, size_t step) {
    for (size_t k = i + step, n = 0; k < kept_.size() && n < kContextPerSide; k += step, ++n) {
      if (read_.lines[k].kind != SearchLineKind::kContext) break;
      kept_[k] = true;
    }
  };
  for (const size_t i : matches_) {
    if (!asked_[i]) continue;
    keep(i, 1);
    keep(i, static_cast<size_t>(-1));
  }
}

// A heading stays where anything below it does.
void SearchExcerpt::KeepHeadings() {
  if (!read_.headed) return;
  bool below = false;
  for (size_t i = kept_.size(); i-- > 0;) {
    if (read_.lines[i].kind == SearchLineKind::kHeading) {
      kept_[i] = below;
      below = false;
    } else if (read_.lines[i].kind != SearchLineKind::kOther) {
      below = below || kept_[i];
    }
  }
}

size_t SearchExcerpt::GapEnd(size_t begin) const {
  while (begin < kept_.size() && !kept_[begin]) ++begin;
  return begin;
}

void SearchExcerpt::CloseSmallGaps() {
  for (size_t begin = 0; begin < kept_.size();) {
    const size_t end = GapEnd(begin);
    size_t saved = 0;
    const size_t least = end > begin ? kGapMarkTokens + 6 + EstimateTokens(Note(begin, end)) : 0;
    for (size_t i = begin; i < end && saved <= least; ++i) saved += Cost(i);
    if (saved <= least)
      std::fill(kept_.begin() + static_cast<std::ptrdiff_t>(begin), kept_.begin() + static_cast<std::ptrdiff_t>(end),
                true);
    begin = end + 1;
  }
  KeepHeadings();
}

// The file of the nearest kept line on one side of a gap, or as many as there are.
size_t SearchExcerpt::FileBeside(size_t line, bool before) const {
  for (size_t i = line; before ? i-- > 0 : i < kept_.size(); i += before ? 0 : 1) {
    const SearchLineKind kind = read_.lines[i].kind;
    if (kind == SearchLineKind::kOther) break;
    if (kind != SearchLineKind::kBreak) return read_.lines[i].file;
  }
  return read_.files.size();
}

// How many hits of which files a gap holds; nothing where its neighbours and its line numbers tell.
std::string SearchExcerpt::Note(size_t begin, size_t end) const {
  std::vector<std::pair<uint32_t, size_t>> files;
  size_t hits = 0;
  for (size_t i = begin; i < end; ++i) {
    if (read_.lines[i].kind != SearchLineKind::kMatch) continue;
    ++hits;
    if (files.empty() || files.back().first != read_.lines[i].file) files.emplace_back(read_.lines[i].file, 0);
    ++files.back().second;
  }
  if (hits == 0) return {};
  const auto counted = [](size_t count) { return std::to_string(count).append(count == 1 ? " hit" : " hits"); };
  const bool between =
      files.size() == 1 && FileBeside(begin, true) == files[0].first && FileBeside(end, false) == files[0].first;
  if (between) return hits == end - begin ? std::string() : counted(hits);
  std::string note;
  size_t named = 0;
  for (size_t k = 0; k < std::min(files.size(), kNotedFiles); ++k) {
    note.append(k == 0 ? counted(files[k].second) : ", " + std::to_string(files[k].second));
    note.append(" in ").append(read_.files[files[k].first]);
    named += files[k].second;
  }
  if (files.size() > kNotedFiles) {
    note.append(", ").append(std::to_string(hits - named)).append(" in ");
    note.append(std::to_string(files.size() - kNotedFiles)).append(" more files");
  }
  return note;
}

}  // namespace

std::optional<Excerpt> ExcerptSearch(const ExcerptInput& in) {
  std::string plain;
  std::string_view text = in.text;
  if (HasTerminalBytes(text)) text = plain = CleanTerminal(text, Clean::kColours);
  const LineText source = SplitLines(text);
  if (in.late()) return std::nullopt;
  const std::optional<SearchLines> read = ReadSearchLines(source.lines);
  if (!read.has_value()) return ExcerptPathList(in, source);
  SearchExcerpt excerpt(in, source, *read);
  if (excerpt.tokens() < kMinTokens || !excerpt.Select()) return std::nullopt;
  return excerpt.Render();
}

}  // namespace headroom::text
