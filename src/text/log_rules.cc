#include "text/log_rules.h"

#include <algorithm>
#include <vector>

#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxFailedTests = 400;
constexpr size_t kMaxDetails = 300;
constexpr size_t kMaxProgress = 4;
constexpr size_t kRepetitive = 10;  // with `each`: lines that differ in numbers alone
constexpr size_t kMaxContinuation = 15;
constexpr size_t kMaxEndingBytes = 400;  // of a line

// "test_a (app.tests.Class)": unittest names a test on a line of its own before what it says of it.
bool IsTestName(std::string_view line) {
  return line.size() > 6 && IsWordByte(line[0]) && line.ends_with(')') && line.find(" (") != std::string_view::npos &&
         std::count(line.begin(), line.end(), ' ') == 1;
}

// "12:34:56" in the head of a line.
bool HasTime(std::string_view line) {
  const std::string_view head = line.substr(0, 40);
  for (size_t at = head.find(':'); at != std::string_view::npos; at = head.find(':', at + 1)) {
    if (at >= 2 && at + 2 < head.size() && IsDigit(head[at - 1]) && IsDigit(head[at + 1]) && IsDigit(head[at + 2]))
      return true;
  }
  return false;
}

class Settler {
 public:
  Settler(const LogLines& lines, const Query& query, const LogReading& reading, LogPlan* plan)
      : lines_(lines),
        query_(query),
        each_(reading.each),
        sure_(reading.sure),
        plan_(plan),
        of_message_(lines.messages()),
        of_shape_(lines.shapes()),
        first_(lines.shapes()) {}

  void Settle() {
    for (size_t i = 0; i < lines_.size(); ++i) {
      if ((*plan_)[i] == Fate::kOpen) SettleLine(i);
    }
    if (oddities_.size() > kMaxOddities) return;
    for (const size_t i : oddities_) plan_->Must(i);
  }

 private:
  void SettleLine(size_t i) {
    const LogLine& line = lines_[i];
    switch (line.role) {
      case LogRole::kBlank:
      case LogRole::kRuler:
        return plan_->Goes(i);
      case LogRole::kTitle:
        return;
      case LogRole::kPassed:
      case LogRole::kProgress:
        return SettleNoise(i);
      case LogRole::kFailedTest:
        return SettleFailedTest(i);
      case LogRole::kDetail:
        if (++details_ <= kMaxDetails) return;
        break;
      default:
        break;
    }
    if (line.severity == Severity::kError) return SettleError(i);
    if (line.severity == Severity::kWarning) return SettleWarning(i);
    if (IsTestName(line.text) && i + 1 < lines_.size() && lines_[i + 1].role == LogRole::kPassed) {
      return plan_->Goes(i);
    }
    SettleOther(i);
  }

  // One of the passed tests, and one of each kind of progress, says what the others are.
  void SettleNoise(size_t i) {
    const bool passed = lines_[i].role == LogRole::kPassed;
    if (passed ? passed_++ == 0 : FirstOfShape(i) && progress_++ < kMaxProgress) return;
    plan_->Goes(i);
  }

  // The name of a failed test is what is run again.
  void SettleFailedTest(size_t i) {
    if (++failed_tests_ > kMaxFailedTests) return plan_->Repeats(i);
    plan_->Must(i);
    if (i > 0 && IsTestName(lines_[i - 1].text)) plan_->Must(i - 1);
  }

  void SettleError(size_t i) {
    const LogLine& line = lines_[i];
    const size_t seen = ++of_message_[line.message];
    if (seen == 1) ++of_shape_[line.shape];
    const bool few = lines_.message_count(line.message) <= 3 || seen <= 2;
    if (each_ || (!sure_ && lines_.message_count(line.message) < kRepetitive) ||
        (few && of_shape_[line.shape] <= kMaxErrorsOfShape))
      return plan_->Must(i);
    plan_->Repeats(i);
  }

  void SettleWarning(size_t i) {
    const LogLine& line = lines_[i];
    const bool is_new = ++of_message_[line.message] == 1;
    if (is_new) ++of_shape_[line.shape];
    if (is_new && of_shape_[line.shape] <= kMaxWarningsOfShape) return plan_->Must(i);
    if ((each_ || !sure_) && lines_.message_count(line.message) < kRepetitive) return;
    if (lines_.shape_count(line.shape) <= kMaxWarningsOfShape + 1) return;
    NoteOddity(i);
    plan_->MayGo(i);
  }

  void SettleOther(size_t i) {
    const LogLine& line = lines_[i];
    if (FirstOfShape(i) || lines_.shape_count(line.shape) < kFrequent) return;
    if (each_ || !sure_) {
      const bool asked_for = each_ && Mentions(line.text);
      if (lines_.message_count(line.message) >= kRepetitive && !asked_for) plan_->MayGo(i);
      return;
    }
    NoteOddity(i);
    plan_->MayGo(i);
  }

  bool FirstOfShape(size_t i) {
    const bool first = !first_[lines_[i].shape];
    first_[lines_[i].shape] = true;
    return first;
  }

  void NoteOddity(size_t i) {
    if (lines_.message_count(lines_[i].message) == 1 && oddities_.size() <= kMaxOddities) oddities_.push_back(i);
  }

  // A word of the question stands in the line.
  bool Mentions(std::string_view line) const {
    const std::string lower = LowerCase(line.substr(0, 400));
    bool found = false;
    ForEachWord(lower, [&](const Word& word) {
      found = found || std::any_of(query_.terms().begin(), query_.terms().end(), [&](const Term& term) {
                return term.weight >= 0.7 && (term.text == word.text || term.text == StemOf(word.text));
              });
    });
    return found;
  }

  const LogLines& lines_;
  const Query& query_;
  const bool each_;
  const bool sure_;
  LogPlan* const plan_;
  std::vector<uint32_t> of_message_;
  std::vector<uint32_t> of_shape_;
  std::vector<bool> first_;
  std::vector<size_t> oddities_;
  size_t failed_tests_ = 0;
  size_t details_ = 0;
  size_t passed_ = 0;
  size_t progress_ = 0;
};

}  // namespace

void SettleByShape(const LogLines& lines, const Query& query, const LogReading& reading, LogPlan* plan) {
  Settler(lines, query, reading, plan).Settle();
}

void SettleEndings(const LogLines& lines, LogPlan* plan) {
  static constexpr std::string_view kEndings[] = {"aborted",  "crashed", "destroyed", "destroying", "evicted",
                                                  "killed",   "killing", "restarted", "restarting", "rebooting",
                                                  "shutdown", "stopped", "stopping",  "terminated", "terminating"};
  std::vector<size_t> endings;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Fate fate = (*plan)[i];
    if (lines[i].role != LogRole::kPlain || fate == Fate::kMust || fate == Fate::kGoes) continue;
    bool ends = false;
    const std::string lower = LowerCase(lines[i].text.substr(0, kMaxEndingBytes));
    ForEachWord(lower, [&](const Word& word) {
      ends = ends || std::find(std::begin(kEndings), std::end(kEndings), word.text) != std::end(kEndings);
    });
    if (!ends) continue;
    if (endings.size() == kMaxEndings) return;
    endings.push_back(i);
  }
  for (const size_t i : endings) plan->Must(i);
}

void SettleContinuations(const LogLines& lines, LogPlan* plan) {
  for (size_t i = 0; i < lines.size();) {
    const LogLine& head = lines[i];
    const bool heads = head.severity >= Severity::kWarning && (*plan)[i] != Fate::kOpen &&
                       (head.role == LogRole::kPlain || head.role == LogRole::kFailedTest);
    size_t at = i + 1;
    if (!heads) {
      i = at;
      continue;
    }
    const bool stays = plan->stays(i);
    const bool timed = HasTime(head.text);
    const size_t indent = IndentOf(head.text);
    for (; at < lines.size() && at <= i + kMaxContinuation; ++at) {
      const LogLine& line = lines[at];
      if (line.role == LogRole::kBlank) {
        // A paragraph deeper than the head goes on behind a blank line.
        if (at + 1 < lines.size() && lines[at + 1].role == LogRole::kPlain && IndentOf(lines[at + 1].text) > indent)
          continue;
        break;
      }
      if (line.role != LogRole::kPlain && line.role != LogRole::kDetail) break;
      if (IndentOf(line.text) <= indent && line.role != LogRole::kDetail && (!timed || HasTime(line.text))) break;
      if ((*plan)[at] != Fate::kOpen) continue;
      if (stays) plan->Must(at);
      if (!stays) plan->MayGo(at);
    }
    i = at;
  }
}

}  // namespace headroom::text
