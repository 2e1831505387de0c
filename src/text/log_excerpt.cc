// Logs of builds, tests, servers and services, and any text in lines that nothing else
// reads.
//
//   Compiling a v1.0.0                        Compiling a v1.0.0
//   Compiling b v1.2.0                        ... lines 2-81 omitted ...
//   ... 78 more                               warning: unused variable: `x`
//   warning: unused variable: `x`         ─►   --> src/a.rs:3:5
//    --> src/a.rs:3:5                         test result: FAILED. 141 passed; 3 failed
//   test a::b ... ok
//   ...
//
// A line goes only where a rule says why: a passed test, progress, a library's frame in
// the middle of a trace, one more of a frequent shape. What nothing is known against
// stays, so that a text whose lines all differ comes through whole. Of what may go, what
// the question asks for comes back until the share of the tokens is reached.
//
// Example: 20,000 lines of requests served, one refused: the first, the refused one with
// its neighbours, the slowest ones, the last. Counter-example: a configuration printed to
// the terminal, of which each line says something else, is left alone.
//
// Cost: O(bytes); bench/log_excerpt.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/log_diagnostics.h"
#include "text/log_failures.h"
#include "text/log_lines.h"
#include "text/log_plan.h"
#include "text/log_rules.h"
#include "text/log_traces.h"
#include "text/log_values.h"
#include "text/prefixes.h"
#include "text/relevance.h"
#include "text/repeats.h"

namespace headroom::text {
namespace {

constexpr size_t kMinLines = 20;
constexpr size_t kFirstLines = 2;  // kept whatever they say
constexpr size_t kLastLines = 4;
constexpr size_t kBesideNamed = 2;  // lines kept on either side of one that the question names
constexpr size_t kBesideNamedOpening = 1;
constexpr double kRelevant = 0.4;  // of the best line: worth a place
constexpr size_t kFewRelevant = 20;
constexpr size_t kMaxNamed = 40;
constexpr double kRepeatedError = 0.5;
constexpr size_t kFewOfMessage = 3;
constexpr size_t kMinNotedLines = 3;  // of a gap that says how many errors it holds
constexpr double kBesideError = 0.3;
constexpr size_t kLongLine = 1200;  // where the model opens gaps: of longer lines the middle goes
constexpr size_t kLongLineHead = 500;
constexpr size_t kLongLineTail = 200;
constexpr double kOpenLine = 0.05;  // where the model opens gaps: a line that no rule knows

void SettleEnds(const LogLines& lines, LogPlan* plan) {
  size_t first = 0;
  for (size_t i = 0; i < lines.size() && first < kFirstLines; ++i) {
    if (lines[i].role == LogRole::kBlank) continue;
    plan->Must(i);
    ++first;
  }
  size_t last = 0;
  for (size_t i = lines.size(); i > 0 && last < kLastLines; --i) {
    if (lines[i - 1].role == LogRole::kBlank) continue;
    if (last == 0 || (lines[i - 1].role != LogRole::kPassed && lines[i - 1].role != LogRole::kProgress))
      plan->Must(i - 1);
    ++last;
  }
}

// Where very many lines are named, the name tells nothing of any one of them.
void SettleNamed(const Relevance& relevance, size_t beside, LogPlan* plan) {
  size_t named = 0;
  for (size_t i = 0; i < plan->size(); ++i) named += relevance.named(i) ? 1 : 0;
  if (named > kMaxNamed) return;
  for (size_t i = 0; i < plan->size(); ++i) {
    if (relevance.named(i)) plan->Must(i > beside ? i - beside : 0, i + beside + 1);
  }
}

// The first line of a block says where the errors and warnings below it are: a file, a task, a test.
void SettleHeadings(const LogLines& lines, LogPlan* plan) {
  size_t heading = lines.size();
  bool after_blank = true;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].role == LogRole::kBlank) {
      after_blank = true;
      continue;
    }
    if (after_blank) heading = i;
    after_blank = false;
    const bool tells = lines[i].severity == Severity::kError || lines[i].severity == Severity::kWarning;
    if (tells && plan->stays(i)) plan->Must(heading);
  }
}

// Rulers stay beside a line that does.
void SettleRulers(const LogLines& lines, LogPlan* plan) {
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].role != LogRole::kRuler || lines[i].text.starts_with("_ _")) continue;
    const auto stays = [&](size_t at) { return at < lines.size() && plan->stays(at); };
    if ((i > 0 && stays(i - 1)) || stays(i + 1)) plan->Must(i);
  }
}

LogPlan MakePlan(const ExcerptInput& in, Kind kind, const LogLines& lines, const Relevance& relevance) {
  const bool each = in.query.exhaustive() || in.query.every_error();
  LogPlan plan(lines.size());
  SettleEnds(lines, &plan);
  SettleNamed(relevance, in.input.opens_gaps ? kBesideNamedOpening : kBesideNamed, &plan);
  SettleFailures(lines, each, &plan);
  SettleDiagnostics(lines, each, &plan);
  SettleTraces(lines, &plan);
  SettleByShape(lines, in.query, {.each = each, .sure = kind == Kind::kLog}, &plan);
  for (const size_t line : UnusualLines(lines, in.expired)) plan.Must(line);
  if (in.input.opens_gaps && kind == Kind::kLog) SettleEndings(lines, &plan);
  SettleContinuations(lines, &plan);
  SettleHeadings(lines, &plan);
  SettleRulers(lines, &plan);
  return plan;
}

// What the question sets apart: more lines than this score alike because all are of its matter.
bool SetsApart(const LogLines& lines, const LogPlan& plan, const Relevance& relevance) {
  size_t relevant = 0;
  for (size_t i = 0; i < lines.size(); ++i)
    relevant += relevance.score(i) >= kRelevant && plan[i] == Fate::kMayGo ? 1 : 0;
  return relevant <= std::max(kFewRelevant, lines.size() / 20);
}

void OfferWhatMayGo(const ExcerptInput& in, const LogLines& lines, const LogPlan& plan, const Relevance& relevance,
                    LineSelection* selection) {
  const bool apart = SetsApart(lines, plan, relevance);
  const auto is_kept_error = [&](size_t i) {
    return i < lines.size() && plan.stays(i) && lines[i].severity == Severity::kError &&
           lines[i].role == LogRole::kPlain;
  };
  const bool opens = in.input.opens_gaps;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (opens ? plan[i] == Fate::kMust : plan.stays(i)) selection->Keep(i);
    if (opens && plan[i] == Fate::kOpen) selection->Offer(i, kOpenLine + relevance.score(i));
    if (plan[i] != Fate::kMayGo) continue;
    if (apart && relevance.score(i) >= kRelevant) selection->Offer(i, relevance.score(i));
    // The same message again tells nothing new, but for its place.
    const bool tells = lines[i].role == LogRole::kDiagnostic || lines.message_count(lines[i].message) <= kFewOfMessage;
    if (plan.repeats(i) && tells) selection->Offer(i, kRepeatedError);
    if ((i > 0 && is_kept_error(i - 1)) || is_kept_error(i + 1)) selection->Offer(i, kBesideError);
  }
}

std::string NoteOf(const LogPlan& plan, size_t begin, size_t end) {
  size_t errors = 0;
  for (size_t i = begin; i < end; ++i) errors += plan.repeats(i) ? 1 : 0;
  if (errors == 0 || end - begin < kMinNotedLines) return {};
  return std::to_string(errors) + (errors == 1 ? " more error of a kind shown" : " more errors of kinds shown");
}

// A line, or of a very long one its ends and a mark between them.
void AppendLine(const ExcerptInput& in, size_t i, std::string_view line, LineArena* arena,
                std::vector<OutputLine>* out) {
  if (!in.input.opens_gaps || line.size() <= kLongLine) {
    out->push_back({line});
    return;
  }
  const auto at_character = [&](size_t at) {
    while (at > 0 && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) --at;
    return at;
  };
  const size_t begin = at_character(kLongLineHead);
  const size_t end = at_character(line.size() - kLongLineTail);
  const std::string of_line = "of line " + std::to_string(in.first_line + i);
  out->push_back({line.substr(0, begin)});
  out->push_back({arena->Keep(GapMark("bytes", begin + 1, end, of_line)), true});
  out->push_back({line.substr(end)});
}

// The kept lines and gap marks; nothing of them is folded yet.
std::vector<OutputLine> KeptLines(const ExcerptInput& in, const LogLines& lines, const LogPlan& plan,
                                  const LineSelection& selection, LineArena* arena) {
  std::vector<OutputLine> out;
  for (size_t i = 0; i < lines.size();) {
    size_t end = i;
    while (end < lines.size() && !selection.kept(end)) ++end;
    if (end > i) {
      out.push_back(
          {arena->Keep(GapMark("lines", in.first_line + i, in.first_line + end - 1, NoteOf(plan, i, end))), true});
      i = end;
    } else {
      AppendLine(in, i, TrimRight(lines[i].text), arena, &out);
      ++i;
    }
  }
  return out;
}

// What the lossless rules still save; gap marks stand where they stood. No two are alike,
// so that none is counted with others.
std::vector<OutputLine> Folded(const ExcerptInput& in, const std::vector<OutputLine>& kept, LineArena* arena) {
  std::vector<std::string_view> texts;
  std::vector<const char*> marks;
  for (const OutputLine& line : kept) {
    texts.push_back(line.text);
    if (line.is_mark) marks.push_back(line.text.data());
  }
  std::sort(marks.begin(), marks.end());
  std::vector<OutputLine> out = FoldRepeats(texts, in.expired, arena);
  for (OutputLine& line : out) {
    line.is_mark = line.is_mark || std::binary_search(marks.begin(), marks.end(), line.text.data());
  }
  // What lines begin with is said until it is said otherwise, past the end of a part.
  if (!in.is_part) FactorPrefixes(&out, in.expired, arena);
  return out;
}

// Of the text at hand, which may be a part of the result.
Kind KindOf(const ExcerptInput& in) {
  if (in.input.kind.has_value()) return *in.input.kind;
  Input part = in.input;
  part.text = in.text;
  return DetectKind(part);
}

std::string Join(const std::vector<OutputLine>& out, std::string_view ending, bool ends_with_newline) {
  std::string text;
  for (size_t i = 0; i < out.size(); ++i) {
    text.append(out[i].text);
    if (i + 1 < out.size() || ends_with_newline) text.append(ending);
  }
  return text;
}

}  // namespace

std::optional<Excerpt> ExcerptLog(const ExcerptInput& in) {
  const Kind kind = KindOf(in);
  if (kind != Kind::kLog && kind != Kind::kPlain)
    return std::nullopt;  // rows, hunks and statements differ in what they say
  const LogLines lines(in.text, in.expired);
  if (lines.size() < kMinLines || in.late()) return std::nullopt;
  const Relevance relevance(in.query, lines.texts());
  const LogPlan plan = MakePlan(in, kind, lines, relevance);
  if (in.late()) return std::nullopt;
  LineSelection selection(lines.texts(), in.first_line);
  OfferWhatMayGo(in, lines, plan, relevance, &selection);
  selection.Fill(static_cast<size_t>(in.share * static_cast<double>(selection.total_tokens())));
  selection.CloseSmallGaps();
  if (selection.count() == lines.size() || in.late()) return std::nullopt;
  LineArena arena;
  std::vector<OutputLine> out = KeptLines(in, lines, plan, selection, &arena);
  if (!ImitatesRepeatMarks(in.text) && !ImitatesPrefixMarks(in.text)) {
    out = Folded(in, out, &arena);
  }
  std::string text = Join(out, lines.ending(), lines.ends_with_newline());
  if (text.empty() || in.late()) return std::nullopt;
  return Excerpt{std::move(text), Kind::kLog, "log_excerpt", {"lines", lines.size(), selection.count()}};
}

}  // namespace headroom::text
