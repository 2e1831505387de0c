#include "text/log_lines.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "text/log_roles.h"
#include "text/template_miner.h"
#include "text/terminal.h"

namespace headroom::text {
namespace {

constexpr size_t kPollEvery = 4096;
constexpr size_t kPlaceBytes = 400;  // a diagnostic's place stands in these

// Numbers hashes in order of first sight and counts them.
class Numbering {
 public:
  uint32_t Add(uint64_t hash) {
    const auto [at, is_new] = ids_.try_emplace(hash, static_cast<uint32_t>(counts_.size()));
    if (is_new) counts_.push_back(0);
    ++counts_[at->second];
    return at->second;
  }
  std::vector<uint32_t> TakeCounts() { return std::move(counts_); }

 private:
  std::unordered_map<uint64_t, uint32_t> ids_;
  std::vector<uint32_t> counts_;
};

// A line as a terminal would show it, when that is one line.
std::string_view Shown(std::string_view line, LineArena* arena) {
  std::string clean = CleanTerminal(line, Clean::kTerminal);
  if (clean.find('\n') != std::string::npos) clean = CleanTerminal(line, Clean::kEscapes);
  if (clean.find('\n') != std::string::npos) return line;
  return arena->Keep(std::move(clean));
}

}  // namespace

size_t IndentOf(std::string_view line) {
  size_t indent = 0;
  while (indent < line.size() && IsBlank(line[indent])) ++indent;
  return indent;
}

size_t DiagnosticMessage(std::string_view line) {
  static constexpr std::array<std::string_view, 8> kKinds = {"error", "warning", "fatal",  "note",
                                                             "Error", "Warning", "remark", "hint"};
  const auto is_kind = [](std::string_view rest) {
    return std::any_of(kKinds.begin(), kKinds.end(), [&](std::string_view kind) {
      return rest.starts_with(kind) && (rest.size() == kind.size() || !IsLetter(rest[kind.size()]));
    });
  };
  // rustc: "error[E0308]: ...", "warning: unused ...", at the start of the line.
  if ((line.starts_with("error") || line.starts_with("warning")) && line.size() > 8) {
    const size_t colon = line.find(": ");
    const bool code = line.starts_with("error[") && colon != std::string_view::npos && colon < 16;
    if (code || line.starts_with("error: ") || line.starts_with("warning: ")) return 0;
  }
  const std::string_view head = line.substr(0, kPlaceBytes);
  for (size_t at = head.find(": "); at != std::string_view::npos && at > 0; at = head.find(": ", at + 1)) {
    if ((IsDigit(head[at - 1]) || head[at - 1] == ')') && is_kind(line.substr(at + 2))) return at + 2;
  }
  // eslint: "  12:5  error  Missing semicolon  semi".
  const size_t indent = IndentOf(line);
  const size_t row = LeadingDigits(line.substr(indent));
  if (indent < 1 || row == 0 || indent + row >= line.size() || line[indent + row] != ':') return std::string_view::npos;
  const size_t column = LeadingDigits(line.substr(indent + row + 1));
  const size_t message = indent + row + 1 + column + IndentOf(line.substr(indent + row + 1 + column));
  return column > 0 && is_kind(line.substr(message)) ? message : std::string_view::npos;
}

LogLines::LogLines(std::string_view text, const Expired& expired) : source_(SplitLines(text)) {
  if (HasTerminalBytes(text)) {
    for (std::string_view& line : source_.lines) {
      if (HasTerminalBytes(line)) line = Shown(line, &arena_);
    }
  }
  TemplateMiner miner;
  Numbering shapes;
  Numbering messages;
  lines_.resize(source_.lines.size());
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (i % kPollEvery == 0 && expired && expired()) return;
    LogLine& line = lines_[i];
    line.text = source_.lines[i];
    line.role = RoleOf(line.text);
    if (line.role == LogRole::kBlank) continue;
    line.severity = line.role == LogRole::kPassed ? Severity::kInfo : SeverityOf(line.text);
    if (line.role == LogRole::kFailedTest) line.severity = Severity::kError;
    const bool placed = line.role == LogRole::kDiagnostic || line.role == LogRole::kNote;
    const size_t shape = miner.Add(placed ? line.text.substr(DiagnosticMessage(line.text)) : line.text);
    // Lines of different severity or role are not of one shape, however alike they read.
    const uint64_t kind = static_cast<uint64_t>(line.severity) * 16 + static_cast<uint64_t>(line.role);
    line.shape = shapes.Add(shape * 256 + kind + 1);
    line.message = messages.Add(miner.masked_hash() + kind);
  }
  shape_counts_ = shapes.TakeCounts();
  message_counts_ = messages.TakeCounts();
  if (shape_counts_.empty()) shape_counts_.push_back(0);
  if (message_counts_.empty()) message_counts_.push_back(0);
}

}  // namespace headroom::text
