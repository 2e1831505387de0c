#include "text/repeats.h"

#include <cstdint>
#include <functional>
#include <string>

namespace headroom::text {
namespace {

constexpr std::string_view kLineMarkEnd = " identical lines]";
constexpr std::string_view kBlankMarkEnd = " blank lines]";
constexpr std::string_view kBlockMarkEnd = " times in a row:]";
constexpr size_t kLineMarkTokens = 6;
constexpr size_t kBlockMarkTokens = 14;
constexpr size_t kMinBlankRun = 32;
constexpr size_t kCandidateDistances = 3;  // places of the next equal line that are tried as a block's length
constexpr size_t kLastPlaces = 1024;

// A source line with the number of times it came in a row.
struct Counted {
  std::string_view line;
  size_t count = 1;
  size_t hash = 0;
};

std::vector<Counted> CountLines(const std::vector<std::string_view>& lines) {
  std::vector<Counted> runs;
  runs.reserve(lines.size());
  for (const std::string_view line : lines) {
    if (!runs.empty() && runs.back().line == line) {
      ++runs.back().count;
    } else {
      runs.push_back({line});
    }
  }
  for (Counted& run : runs) run.hash = std::hash<std::string_view>()(run.line) * 31 + run.count;
  return runs;
}

// Writes runs of equal lines and blocks as output lines.
class Folder {
 public:
  Folder(const std::vector<Counted>& runs, const Expired& expired, LineArena* arena)
      : runs_(runs), expired_(expired), arena_(arena), next_(NextEqual(runs)) {}

  std::vector<OutputLine> Fold() {
    out_.reserve(runs_.size());
    size_t i = 0;
    while (i < runs_.size()) {
      if ((i & 0xfff) == 0 && !stopped_) stopped_ = expired_ && expired_();
      const Block block = stopped_ ? Block() : FindBlock(i);
      if (block.times == 0) {
        EmitRun(runs_[i++], &out_);
        continue;
      }
      EmitBlock(i, block);
      i += block.length * block.times;
    }
    return std::move(out_);
  }

 private:
  struct Block {
    size_t length = 0;
    size_t times = 0;
  };

  // For each run the distance to the next equal one, 0 when it is too far for a block.
  static std::vector<uint32_t> NextEqual(const std::vector<Counted>& runs) {
    std::vector<uint32_t> distance(runs.size(), 0);
    // Only near repetitions matter, so a small table of last places is enough; a collision hides one.
    std::vector<size_t> last(kLastPlaces, SIZE_MAX);
    for (size_t i = 0; i < runs.size(); ++i) {
      size_t& place = last[(runs[i].hash ^ (runs[i].hash >> 20)) % kLastPlaces];
      if (place != SIZE_MAX && i - place <= kMaxBlockLines && runs[place].hash == runs[i].hash) {
        distance[place] = static_cast<uint32_t>(i - place);
      }
      place = i;
    }
    return distance;
  }

  // By hash alone, so that a search that fails late costs no second reading of the bytes.
  bool LooksEqual(size_t a, size_t b, size_t length) const {
    if (b + length > runs_.size()) return false;
    for (size_t k = 0; k < length; ++k) {
      if (runs_[a + k].hash != runs_[b + k].hash) return false;
    }
    return true;
  }

  bool IsTrue(size_t begin, const Block& block) const {
    for (size_t k = block.length; k < block.length * block.times; ++k) {
      const Counted& first = runs_[begin + k % block.length];
      if (first.count != runs_[begin + k].count || first.line != runs_[begin + k].line) return false;
    }
    return true;
  }

  Block FindBlock(size_t begin) const {
    size_t length = 0;
    for (size_t tries = 0; tries < kCandidateDistances; ++tries) {
      const size_t step = next_[begin + length];
      length += step;
      if (step == 0 || length > kMaxBlockLines) break;
      if (length < 2 || !LooksEqual(begin, begin + length, length)) continue;
      Block block{length, 2};
      while (LooksEqual(begin, begin + block.times * length, length)) ++block.times;
      if (SavedTokens(begin, block) > kBlockMarkTokens && IsTrue(begin, block)) return block;
    }
    return {};
  }

  size_t SavedTokens(size_t begin, const Block& block) const {
    size_t tokens = 0;
    for (size_t k = 0; k < block.length; ++k) tokens += EstimateTokens(runs_[begin + k].line) + 1;
    return tokens * (block.times - 1);
  }

  void EmitBlock(size_t begin, const Block& block) {
    std::vector<OutputLine> inner;
    for (size_t k = 0; k < block.length; ++k) EmitRun(runs_[begin + k], &inner);
    out_.push_back({arena_->Keep("[the next " + std::to_string(inner.size()) + " lines came " +
                                 std::to_string(block.times) + std::string(kBlockMarkEnd)),
                    true});
    for (OutputLine& line : inner) line.in_block = true;
    out_.insert(out_.end(), inner.begin(), inner.end());
  }

  void EmitRun(const Counted& run, std::vector<OutputLine>* out) {
    const bool blank = run.line.empty();
    const bool counted = blank ? run.count >= kMinBlankRun
                               : run.count > 1 && (run.count - 1) * (EstimateTokens(run.line) + 1) > kLineMarkTokens;
    if (!counted) {
      out->insert(out->end(), run.count, {run.line});
      return;
    }
    std::string text(run.line);
    text.append(blank ? "[" : "  [").append(std::to_string(run.count)).append(blank ? kBlankMarkEnd : kLineMarkEnd);
    out->push_back({arena_->Keep(std::move(text)), blank});
  }

  const std::vector<Counted>& runs_;
  const Expired& expired_;
  LineArena* const arena_;
  const std::vector<uint32_t> next_;
  std::vector<OutputLine> out_;
  bool stopped_ = false;
};

}  // namespace

bool ImitatesRepeatMarks(std::string_view text) {
  return text.find(kLineMarkEnd) != std::string_view::npos || text.find(kBlankMarkEnd) != std::string_view::npos ||
         text.find(kBlockMarkEnd) != std::string_view::npos;
}

std::vector<OutputLine> FoldRepeats(const std::vector<std::string_view>& lines, const Expired& expired,
                                    LineArena* arena) {
  const std::vector<Counted> runs = CountLines(lines);
  return Folder(runs, expired, arena).Fold();
}

}  // namespace headroom::text
