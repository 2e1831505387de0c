#include "text/shared_lines.h"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "text/line_diff.h"
#include "text/line_numbers.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMinLines = 3;
// What a run must cost as text: a mark takes some ten tokens and a look at another place.
constexpr size_t kMinTokens = 40;

using Lines = std::vector<std::string_view>;

// The lines of a text that can be named by a number.
struct Numbered {
  Lines lines;       // all, with their line ends
  Lines compared;    // those in [begin, end), without their numbers
  size_t begin = 0;  // in `lines`
  size_t first = 1;  // the number of line `begin`
  bool printed = false;
};

struct Pair {
  Numbered earlier;
  Numbered now;
};

Pair PairOf(std::string_view earlier, std::string_view now) {
  Pair pair;
  pair.earlier.lines = LinesWithEnds(earlier);
  pair.now.lines = LinesWithEnds(now);
  const std::optional<LineNumbers> was = FindLineNumbers(pair.earlier.lines);
  const std::optional<LineNumbers> is = FindLineNumbers(pair.now.lines);
  const auto read = [&](const std::optional<LineNumbers>& numbers, Numbered* side) {
    side->printed = was.has_value() && is.has_value();
    if (side->printed) {
      side->compared = WithoutNumbers(side->lines, *numbers);
      side->begin = numbers->begin;
      side->first = numbers->first;
    } else {
      side->compared = side->lines;
    }
  };
  read(was, &pair.earlier);
  read(is, &pair.now);
  return pair;
}

std::string Range(size_t first, size_t count) {
  return std::to_string(first) + "-" + std::to_string(first + count - 1);
}

bool ImitatesMarks(std::string_view text) {
  static const re2::RE2 kMark(R"((?m)^\.\.\. lines \d+-\d+ of it(?:, here \d+-\d+)? \.\.\.\r?$)");
  return re2::RE2::PartialMatch(text, kMark);
}

class Writer {
 public:
  explicit Writer(const Pair& pair) : earlier_(pair.earlier), now_(pair.now) {
    for (size_t i = 0; i < now_.begin; ++i) out_.append(now_.lines[i]);
  }

  // Lines [begin, end) of those compared that only this text has.
  void Own(size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) out_.append(now_.lines[now_.begin + i]);
  }

  // Lines [begin, end), which stand in the earlier text from `there` on.
  void Shared(size_t there, size_t begin, size_t end) {
    size_t tokens = 0;
    for (size_t i = begin; i < end; ++i) tokens += EstimateTokens(now_.compared[i]);
    if (end - begin < kMinLines || tokens < kMinTokens) return Own(begin, end);
    const size_t count = end - begin;
    out_.append("... lines ").append(Range(earlier_.first + there, count)).append(" of it");
    if (now_.printed && earlier_.first + there != now_.first + begin) {
      out_.append(", here ").append(Range(now_.first + begin, count));
    }
    out_.append(" ...\n");
    any_ = true;
  }

  std::optional<std::string> Take() {
    for (size_t i = now_.begin + now_.compared.size(); i < now_.lines.size(); ++i) out_.append(now_.lines[i]);
    return any_ ? std::optional<std::string>(std::move(out_)) : std::nullopt;
  }

 private:
  const Numbered& earlier_;
  const Numbered& now_;
  std::string out_;
  bool any_ = false;
};

}  // namespace

std::optional<std::string> WithoutSharedLines(std::string_view earlier, std::string_view now, const Expired& expired) {
  if (ImitatesMarks(now)) return std::nullopt;
  const Pair pair = PairOf(earlier, now);
  const std::optional<std::vector<LineChange>> changes = DiffLines(pair.earlier.compared, pair.now.compared, expired);
  if (!changes.has_value() || (expired && expired())) return std::nullopt;
  Writer writer(pair);
  size_t there = 0;
  size_t here = 0;
  for (const LineChange& change : *changes) {
    writer.Shared(there, here, change.after_begin);
    writer.Own(change.after_begin, change.after_end);
    there = change.before_end;
    here = change.after_end;
  }
  writer.Shared(there, here, pair.now.compared.size());
  return writer.Take();
}

}  // namespace headroom::text
