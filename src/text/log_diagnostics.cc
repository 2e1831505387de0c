#include "text/log_diagnostics.h"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <vector>

#include "text/log_traces.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBody = 30;   // lines below a diagnostic that are looked at
constexpr size_t kKeptBody = 12;  // and kept
constexpr size_t kKeptNotes = 1;  // of files that are not the program's own
constexpr size_t kMaxOwnNotes = 6;
constexpr size_t kMaxWarnings = 2;  // that differ in names only

bool IsCaret(std::string_view line) {
  const std::string_view trimmed = Trim(line);
  return !trimmed.empty() && (trimmed[0] == '^' || trimmed[0] == '~') &&
         trimmed.find_first_not_of("^~ ") == std::string_view::npos;
}

// "  12 |   code", "   |   ^^^", "  --> a.rs:3:5", "  = note: ...".
bool IsFramed(std::string_view line) {
  const std::string_view trimmed = Trim(line);
  const size_t digits = LeadingDigits(trimmed);
  const std::string_view rest = Trim(trimmed.substr(digits));
  return rest.starts_with('|') || trimmed.starts_with("--> ") || trimmed.starts_with("::: ") ||
         trimmed.starts_with("= ");
}

class Settler {
 public:
  Settler(const LogLines& lines, bool each, LogPlan* plan)
      : lines_(lines), each_(each), plan_(plan), of_message_(lines.messages()), of_shape_(lines.shapes()) {}

  void Settle() {
    for (size_t i = 0; i < lines_.size();) {
      const LogRole role = lines_[i].role;
      if (role != LogRole::kDiagnostic && role != LogRole::kNote) {
        ++i;
        continue;
      }
      const size_t end = BodyEnd(i);
      if ((*plan_)[i] != Fate::kOpen) {
        i = end;
        continue;
      }
      const bool keep = role == LogRole::kNote ? KeepsNote(i) : KeepsHead(i);
      const bool brief = role == LogRole::kNote && !IsOwn(i);
      if (keep) plan_->Must(i, std::min(end, i + 1 + (brief ? 0 : kKeptBody)));
      if (!keep && lines_[i].severity == Severity::kError) plan_->Repeats(i);
      plan_->MayGo(i, end);
      i = end;
    }
  }

 private:
  // The lines below that belong to it: sources, carets, indented explanations.
  size_t BodyEnd(size_t head) const {
    const size_t indent = IndentOf(lines_[head].text);
    size_t end = head + 1;
    while (end < lines_.size() && end <= head + kMaxBody) {
      const LogLine& line = lines_[end];
      if (line.role == LogRole::kDiagnostic || line.role == LogRole::kNote || line.role == LogRole::kBlank ||
          line.role == LogRole::kProgress || line.role == LogRole::kTitle)
        break;
      const bool below_is_caret = end + 1 < lines_.size() && IsCaret(lines_[end + 1].text);
      if (IndentOf(line.text) <= indent && !IsFramed(line.text) && !IsCaret(line.text) && !below_is_caret) break;
      ++end;
    }
    return end;
  }

  bool KeepsHead(size_t i) {
    const LogLine& line = lines_[i];
    notes_ = 0;
    own_notes_ = 0;
    const size_t seen = of_message_[line.message]++;
    if (line.severity == Severity::kError) {
      if (seen == 0) ++of_shape_[line.shape];
      const bool few = lines_.message_count(line.message) <= kMaxOfMessage || seen < 2;
      const bool many = lines_.shape_count(line.shape) > kManyOfShape;
      head_kept_ = many ? seen == 0 && of_shape_[line.shape] <= kKeptOfMany : few;
      if (each_) head_kept_ = places_.insert(std::hash<std::string_view>()(line.text)).second;
    } else {
      head_kept_ = seen == 0 && ++of_shape_[line.shape] <= kMaxWarnings;
    }
    return head_kept_;
  }

  bool KeepsNote(size_t i) {
    if (!head_kept_) return false;
    if (IsOwn(i)) return ++own_notes_ <= kMaxOwnNotes;
    return ++notes_ <= kKeptNotes;
  }

  bool IsOwn(size_t i) const {
    const std::string_view line = lines_[i].text;
    return !IsLibrary(line.substr(0, line.find(": ")));
  }

  const LogLines& lines_;
  const bool each_;
  LogPlan* const plan_;
  std::vector<size_t> of_message_;
  std::vector<size_t> of_shape_;
  std::unordered_set<size_t> places_;
  bool head_kept_ = true;
  size_t notes_ = 0;
  size_t own_notes_ = 0;
};

}  // namespace

void SettleDiagnostics(const LogLines& lines, bool each, LogPlan* plan) { Settler(lines, each, plan).Settle(); }

}  // namespace headroom::text
