#include "text/log_failures.h"

#include <algorithm>
#include <unordered_set>

#include "text/log_traces.h"

namespace headroom::text {
namespace {

constexpr size_t kBeside = 2;         // lines kept on either side of the one that failed
constexpr size_t kMaxArguments = 6;   // lines of arguments above a function
constexpr size_t kMaxFunction = 300;  // lines above the marked one that are searched for its function
constexpr size_t kMaxMessages = 60;   // of one report

bool IsTestTitle(const LogLine& line) { return line.role == LogRole::kTitle && line.text.starts_with("___"); }

bool IsSectionTitle(const LogLine& line) { return line.role == LogRole::kTitle && line.text.starts_with("==="); }

// "_ _ _ _ _": between two frames of a report.
bool IsFrameRuler(const LogLine& line) { return line.role == LogRole::kRuler && line.text.starts_with("_ _"); }

bool IsMessage(std::string_view line) { return line.starts_with("E  ") || line == "E"; }

bool IsMarked(std::string_view line) { return line.starts_with(">  ") || line.starts_with("> "); }

// "tests/a.py:12: AssertionError", "a.py:3: in f".
bool IsPlace(std::string_view line) {
  if (line.empty() || IsBlank(line[0]) || IsMessage(line)) return false;
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const size_t digits = LeadingDigits(line.substr(colon + 1));
  return digits > 0 && line.substr(colon + 1 + digits).starts_with(':') &&
         line.substr(0, colon).find(' ') == std::string_view::npos;
}

class Settler {
 public:
  Settler(const LogLines& lines, bool each, LogPlan* plan) : lines_(lines), each_(each), plan_(plan) {
    for (size_t i = 0; i < lines.size(); ++i) {
      named_in_summary_ =
          named_in_summary_ || (lines[i].role == LogRole::kFailedTest && lines[i].text.starts_with("FAILED "));
    }
  }

  // A report in [begin, end), its title first.
  void Settle(size_t begin, size_t end) {
    uint64_t messages = 0;
    for (size_t i = begin; i < end; ++i) {
      if (IsMessage(lines_[i].text)) messages = messages * 0x9e3779b97f4a7c15ULL + lines_[i].message + 1;
    }
    const bool known = messages != 0 && !seen_.insert(messages).second;
    if (known && !each_ && named_in_summary_) {
      plan_->Repeats(begin);
      plan_->Goes(begin, end);
      return;
    }
    plan_->Must(begin);
    size_t kept = 0;
    for (size_t i = begin + 1; i < end; ++i) {
      if (IsMessage(lines_[i].text) && kept++ < kMaxMessages) plan_->Must(i);
    }
    SettleFrames(begin + 1, end, known);
  }

 private:
  void SettleFrames(size_t begin, size_t end, bool known) {
    size_t last_place = end;
    for (size_t i = begin; i < end; ++i) {
      if (IsPlace(lines_[i].text)) last_place = i;
    }
    // What a test printed follows its last frame and is read as any other text.
    const size_t code_end = last_place < end ? last_place + 1 : begin;
    for (size_t at = begin; at < code_end;) {
      size_t frame_end = at;
      while (frame_end < code_end && !IsFrameRuler(lines_[frame_end])) ++frame_end;
      if (!known) SettleFrame(at, frame_end);
      if (known && frame_end == code_end) plan_->Must(last_place);
      plan_->Goes(at, std::min(frame_end + 1, code_end));
      at = frame_end + 1;
    }
  }

  void SettleFrame(size_t begin, size_t end) {
    size_t place = end;
    while (place > begin && !IsPlace(lines_[place - 1].text)) --place;
    const bool brief = (place > begin && IsLibrary(lines_[place - 1].text)) || WasShown(begin, end);
    for (size_t i = begin; i < end; ++i) {
      if (IsPlace(lines_[i].text)) {
        plan_->Must(i);
        if (!brief && i + 1 < end && IndentOf(lines_[i + 1].text) > 0) plan_->Must(i + 1);
      }
      if (!IsMarked(lines_[i].text)) continue;
      plan_->Must(i);
      if (brief) continue;
      plan_->Must(i > begin + kBeside ? i - kBeside : begin, std::min(end, i + 1 + kBeside));
      KeepSignature(begin, i);
    }
    for (size_t i = begin; !brief && i < std::min(end, begin + kMaxArguments + 1); ++i) {
      if (i > begin && lines_[i].role == LogRole::kBlank) break;
      if (lines_[i].role != LogRole::kBlank) plan_->Must(i);
    }
  }

  // The same place failed in a report above: its code stands there.
  bool WasShown(size_t begin, size_t end) {
    uint64_t marked = 0;
    for (size_t i = begin; i < end; ++i) {
      if (IsMarked(lines_[i].text) || IsPlace(lines_[i].text))
        marked = marked * 0x9e3779b97f4a7c15ULL + lines_[i].message + 1;
    }
    return !shown_.insert(marked).second;
  }

  // The "def" above a marked line.
  void KeepSignature(size_t begin, size_t marked) {
    for (size_t i = marked; i > begin && i + kMaxFunction > marked; --i) {
      const std::string_view code = Trim(lines_[i - 1].text);
      if (code.starts_with("def ") || code.starts_with("async def ") || code.starts_with("class ")) {
        plan_->Must(i - 1);
        return;
      }
    }
  }

  const LogLines& lines_;
  const bool each_;
  LogPlan* const plan_;
  bool named_in_summary_ = false;
  std::unordered_set<uint64_t> seen_;
  std::unordered_set<uint64_t> shown_;
};

}  // namespace

void SettleFailures(const LogLines& lines, bool each, LogPlan* plan) {
  Settler settler(lines, each, plan);
  for (size_t i = 0; i < lines.size();) {
    if (!IsTestTitle(lines[i])) {
      ++i;
      continue;
    }
    size_t end = i + 1;
    while (end < lines.size() && !IsTestTitle(lines[end]) && !IsSectionTitle(lines[end])) ++end;
    settler.Settle(i, end);
    i = end;
  }
}

}  // namespace headroom::text
