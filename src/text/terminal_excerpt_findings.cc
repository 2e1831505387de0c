// Findings of a checker that shows the place, the finding and a proposal (shellcheck).
//
//   In deploy.sh line 3:                                       opens a finding
//   for f in $(ls *.tar.gz); do
//            ^------------^ SC2045 (error): Iterating ...      an error: the finding stays whole
//
//   In deploy.sh line 4:
//     tar xzf $f
//             ^-- SC2086 (info): Double quote ...              the first of its code stays, more
//                                                              of them go
//
// Counter-example: a remark of a code or a place that is asked for stays, whatever its level.

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>

#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {" (error): ", " (warning): ", " (info): ", " (style): "};

bool OpensFinding(std::string_view line) {
  const size_t at = line.rfind(" line ");
  return line.starts_with("In ") && line.ends_with(':') && at != std::string_view::npos && IsDigit(line[at + 6]);
}

// The code before the level, "SC2086"; "" where the line is no remark. `grave` for errors and warnings.
std::string_view CodeOf(std::string_view line, bool* grave) {
  for (size_t level = 0; level < kLevels.size(); ++level) {
    const size_t at = line.find(kLevels[level]);
    if (at == std::string_view::npos) continue;
    *grave = level < 2;
    const size_t blank = line.rfind(' ', at - (at > 0 ? 1 : 0));
    return line.substr(blank == std::string_view::npos ? 0 : blank + 1,
                       at - (blank == std::string_view::npos ? 0 : blank + 1));
  }
  return {};
}

}  // namespace

bool ReadsAsFindings(const Lines& sample) {
  size_t opened = 0;
  size_t remarks = 0;
  for (const std::string_view line : sample) {
    bool grave = false;
    opened += OpensFinding(line) ? 1 : 0;
    remarks += CodeOf(line, &grave).empty() ? 0 : 1;
  }
  return opened >= 3 && remarks >= opened && (opened + remarks) * 5 >= sample.size();
}

void ChooseFindings(TerminalChoice* choice) {
  std::unordered_set<std::string_view> seen;
  for (size_t begin = 0; begin < choice->size();) {
    size_t end = begin + 1;
    while (end < choice->size() && !OpensFinding(choice->line(end)) &&
           !choice->line(end).starts_with("For more information"))
      ++end;
    bool stays = !OpensFinding(choice->line(begin));
    for (size_t i = begin; i < end; ++i) {
      bool grave = false;
      const std::string_view code = CodeOf(choice->line(i), &grave);
      if (!code.empty()) choice->Tag(i, LineTag::kFindings);
      const bool first = !code.empty() && seen.insert(code).second;
      stays = stays || grave || first || choice->named(i);
    }
    if (stays) choice->KeepRange(begin, end);
    begin = end;
  }
}

}  // namespace headroom::text
