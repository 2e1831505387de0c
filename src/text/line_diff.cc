#include "text/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_map>

#include "base/hash.h"

namespace headroom::text {
namespace {

// Edits of one stretch that Myers' search may find; it keeps the square of it in bytes.
constexpr int32_t kMaxEdits = 512;
// Steps in all, per line: past it what is left counts as replaced.
constexpr size_t kEffortPerLine = 64;
constexpr size_t kStepsPerPoll = 4096;

struct Stretch {
  size_t before_begin;
  size_t before_end;
  size_t after_begin;
  size_t after_end;

  size_t before_size() const { return before_end - before_begin; }
  size_t after_size() const { return after_end - after_begin; }
};

struct ViewHasher {
  size_t operator()(std::string_view line) const { return static_cast<size_t>(HashOf(line).low); }
};

class Differ {
 public:
  Differ(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after,
         const Expired& expired)
      : expired_(expired), effort_left_(kEffortPerLine * (before.size() + after.size() + 64)) {
    std::unordered_map<std::string_view, uint32_t, ViewHasher> numbers;
    numbers.reserve(before.size() + after.size());
    const auto number = [&](const std::vector<std::string_view>& lines, std::vector<uint32_t>* out) {
      out->reserve(lines.size());
      for (size_t i = 0; i < lines.size() && !late(); ++i, ++steps_) {
        out->push_back(numbers.emplace(lines[i], static_cast<uint32_t>(numbers.size())).first->second);
      }
    };
    number(before, &before_);
    number(after, &after_);
    seen_.resize(numbers.size());
  }

  std::optional<std::vector<LineChange>> Run() {
    if (passed_) return std::nullopt;
    open_.push_back({0, before_.size(), 0, after_.size()});
    while (!open_.empty()) {
      const Stretch stretch = Trimmed(open_.back());
      open_.pop_back();
      if (late()) return std::nullopt;
      if (stretch.before_size() == 0 || stretch.after_size() == 0) {
        Replace(stretch);
      } else if (!SplitAtUniqueLines(stretch) && !FindShortest(stretch)) {
        Replace(stretch);
      }
    }
    return std::move(changes_);
  }

 private:
  // Where a line of the stretch at hand stands; a line that stands there twice has a count of 2.
  struct Sighting {
    uint32_t before_count = 0;
    uint32_t after_count = 0;
    uint32_t before_at = 0;
  };

  bool late() {
    if (passed_ || !expired_ || steps_ < kStepsPerPoll) return passed_;
    steps_ = 0;
    return passed_ = expired_();
  }

  // False once there is no effort left.
  bool Spend(size_t steps) {
    steps_ += steps;
    if (steps > effort_left_) return false;
    effort_left_ -= steps;
    return true;
  }

  Stretch Trimmed(Stretch s) {
    const size_t lines = s.before_size() + s.after_size();
    while (s.before_size() > 0 && s.after_size() > 0 && before_[s.before_begin] == after_[s.after_begin]) {
      ++s.before_begin;
      ++s.after_begin;
    }
    while (s.before_size() > 0 && s.after_size() > 0 && before_[s.before_end - 1] == after_[s.after_end - 1]) {
      --s.before_end;
      --s.after_end;
    }
    steps_ += lines - s.before_size() - s.after_size();
    return s;
  }

  void Replace(const Stretch& s) {
    if (s.before_size() == 0 && s.after_size() == 0) return;
    if (!changes_.empty() && changes_.back().before_end == s.before_begin &&
        changes_.back().after_end == s.after_begin) {
      changes_.back().before_end = s.before_end;
      changes_.back().after_end = s.after_end;
      return;
    }
    changes_.push_back({s.before_begin, s.before_end, s.after_begin, s.after_end});
  }

  struct Match {
    size_t before;
    size_t after;
  };

  // Lines that stand once in either text, in the order of the new one.
  std::vector<Match> UniqueLines(const Stretch& s) {
    for (size_t i = s.before_begin; i < s.before_end; ++i) {
      Sighting& sighting = seen_[before_[i]];
      ++sighting.before_count;
      sighting.before_at = static_cast<uint32_t>(i);
    }
    for (size_t i = s.after_begin; i < s.after_end; ++i) ++seen_[after_[i]].after_count;
    std::vector<Match> matches;
    for (size_t i = s.after_begin; i < s.after_end; ++i) {
      const Sighting& sighting = seen_[after_[i]];
      if (sighting.before_count == 1 && sighting.after_count == 1) matches.push_back({sighting.before_at, i});
    }
    for (size_t i = s.before_begin; i < s.before_end; ++i) seen_[before_[i]] = {};
    for (size_t i = s.after_begin; i < s.after_end; ++i) seen_[after_[i]] = {};
    return matches;
  }

  // The longest run of matches that is in order in both texts (patience sorting).
  static std::vector<Match> InOrder(const std::vector<Match>& matches) {
    std::vector<size_t> tails;  // the match that ends the best run of each length
    std::vector<size_t> previous(matches.size(), SIZE_MAX);
    for (size_t i = 0; i < matches.size(); ++i) {
      const auto place = std::lower_bound(tails.begin(), tails.end(), matches[i].before,
                                          [&](size_t tail, size_t at) { return matches[tail].before < at; });
      if (place != tails.begin()) previous[i] = *(place - 1);
      if (place == tails.end()) {
        tails.push_back(i);
      } else {
        *place = i;
      }
    }
    std::vector<Match> run;
    for (size_t i = tails.empty() ? SIZE_MAX : tails.back(); i != SIZE_MAX; i = previous[i]) run.push_back(matches[i]);
    std::reverse(run.begin(), run.end());
    return run;
  }

  // Opens the stretches between the unique lines. False where there is none.
  bool SplitAtUniqueLines(const Stretch& s) {
    if (!Spend(s.before_size() + s.after_size())) return false;
    const std::vector<Match> run = InOrder(UniqueLines(s));
    if (run.empty()) return false;
    Stretch rest{run.back().before + 1, s.before_end, run.back().after + 1, s.after_end};
    open_.push_back(rest);
    for (size_t i = run.size(); i-- > 0;) {
      const size_t before = i == 0 ? s.before_begin : run[i - 1].before + 1;
      const size_t after = i == 0 ? s.after_begin : run[i - 1].after + 1;
      open_.push_back({before, run[i].before, after, run[i].after});
    }
    return true;
  }

  // Myers: the furthest place on each diagonal after d edits, kept per d to walk back.
  bool FindShortest(const Stretch& s) {
    const auto n = static_cast<int32_t>(s.before_size());
    const auto m = static_cast<int32_t>(s.after_size());
    const int32_t limit = std::min(kMaxEdits, n + m);
    std::vector<int32_t> furthest(2 * static_cast<size_t>(limit) + 3, 0);
    std::vector<std::vector<int32_t>> history;
    const auto at = [&](int32_t diagonal) -> int32_t& {
      return furthest[static_cast<size_t>(std::ptrdiff_t{diagonal} + limit + 1)];
    };
    for (int32_t d = 0; d <= limit; ++d) {
      size_t steps = 2 * static_cast<size_t>(d) + 1;
      history.emplace_back(furthest.begin() + (limit - d), furthest.begin() + (limit + d + 3));
      for (int32_t k = -d; k <= d; k += 2) {
        int32_t x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
        const int32_t from = x;
        while (x < n && x - k < m && Same(s, x, x - k)) ++x;
        steps += static_cast<size_t>(x - from);
        at(k) = x;
        if (x >= n && x - k >= m) {
          WalkBack(s, history, d);
          return true;
        }
      }
      if (!Spend(steps) || late()) return false;
    }
    return false;
  }

  bool Same(const Stretch& s, int32_t x, int32_t y) const {
    return before_[s.before_begin + static_cast<size_t>(x)] == after_[s.after_begin + static_cast<size_t>(y)];
  }

  // history[d] holds diagonals -d-1 to d+1 as they were before step d.
  void WalkBack(const Stretch& s, const std::vector<std::vector<int32_t>>& history, int32_t edits) {
    std::vector<Stretch> steps;
    int32_t x = static_cast<int32_t>(s.before_size());
    int32_t y = static_cast<int32_t>(s.after_size());
    for (int32_t d = edits; d > 0; --d) {
      const auto was = [&](int32_t k) {
        return history[static_cast<size_t>(d)][static_cast<size_t>(std::ptrdiff_t{k} + d + 1)];
      };
      const int32_t k = x - y;
      const bool insert = k == -d || (k != d && was(k - 1) < was(k + 1));
      const int32_t from_x = was(insert ? k + 1 : k - 1);
      const int32_t from_y = from_x - (insert ? k + 1 : k - 1);
      const size_t before = s.before_begin + static_cast<size_t>(from_x);
      const size_t after = s.after_begin + static_cast<size_t>(from_y);
      steps.push_back({before, before + (insert ? 0 : 1), after, after + (insert ? 1 : 0)});
      x = from_x;
      y = from_y;
    }
    for (size_t i = steps.size(); i-- > 0;) Replace(steps[i]);
  }

  const Expired& expired_;
  std::vector<uint32_t> before_;  // equal lines have equal numbers
  std::vector<uint32_t> after_;
  std::vector<Sighting> seen_;
  std::vector<Stretch> open_;  // the leftmost last
  std::vector<LineChange> changes_;
  size_t effort_left_;
  size_t steps_ = 0;
  bool passed_ = false;
};

}  // namespace

std::vector<std::string_view> LinesWithEnds(std::string_view text) {
  std::vector<std::string_view> lines;
  lines.reserve(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

std::optional<std::vector<LineChange>> DiffLines(const std::vector<std::string_view>& before,
                                                 const std::vector<std::string_view>& after, const Expired& expired) {
  constexpr size_t kMaxLines = std::numeric_limits<int32_t>::max() / 2;
  if (before.size() > kMaxLines || after.size() > kMaxLines) return std::nullopt;
  return Differ(before, after, expired).Run();
}

}  // namespace headroom::text
