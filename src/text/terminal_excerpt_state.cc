// What a tool says of the state of something: kubectl describe, git status, env.
//
//   State:          Waiting                    stays: states, reasons, counts, warnings
//   Environment:                               stays: a heading
//     FEATURE_9DD13:  off                      one of forty: what is asked for stays
//   Events: Warning  Unhealthy  ...            stays
//
// Lines go only from long lists under one heading, and only those that neither the question
// nor their value points at. Counter-example: ten labels are a short list and stay.

#include <algorithm>
#include <array>
#include <string>

#include "text/salience.h"
#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr size_t kLongList = 12;    // entries under one heading
constexpr size_t kListEnds = 2;     // kept of a long list at either end
constexpr size_t kLongValue = 400;  // bytes of a variable nobody asked for
constexpr double kRelated = 0.15;

size_t IndentOf(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// "Key words:" with or without a value; the key has no sentence in it.
bool HasKey(std::string_view line) {
  line = Trim(line);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 60) return false;
  return colon + 1 == line.size() || line[colon + 1] == ' ';
}

bool IsStatus(std::string_view line) {
  static constexpr std::array<std::string_view, 16> kKeys = {
      "Status",  "State",    "Last State", "Reason",    "Message", "Exit Code", "Ready", "Restart Count",
      "Started", "Finished", "Liveness",   "Readiness", "Startup", "Image",     "Phase", "Replicas"};
  line = Trim(line);
  return std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
    return line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':';
  });
}

bool Stands(const TerminalChoice& choice, size_t i) {
  const std::string_view line = choice.line(i);
  return IsStatus(line) || SeverityOf(line) >= Severity::kWarning || choice.named(i) || choice.score(i) >= kRelated ||
         line.find("Warning") != std::string_view::npos || line.find("False") != std::string_view::npos;
}

bool IsVariable(std::string_view line) {
  if (line.starts_with("export ")) line.remove_prefix(7);
  if (line.starts_with("declare -x ")) line.remove_prefix(11);
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || IsDigit(c) || c == '_'; });
}

bool IsPorcelain(std::string_view line) {
  static constexpr std::string_view kStates = " MADRCUT?!";
  return line.size() > 3 && line[2] == ' ' && kStates.find(line[0]) != std::string_view::npos &&
         kStates.find(line[1]) != std::string_view::npos && line.substr(0, 2) != "  ";
}

}  // namespace

bool ReadsAsDescription(const Lines& sample) {
  size_t keyed = 0;
  bool name = false, object = false;
  for (const std::string_view line : sample) {
    keyed += HasKey(line) ? 1 : 0;
    name = name || line.starts_with("Name:");
    object = object || line.starts_with("Namespace:") || line.starts_with("Events:") ||
             line.starts_with("Conditions:") || line.starts_with("Labels:");
  }
  return name && object && keyed * 10 >= sample.size() * 4;
}

void ChooseDescription(TerminalChoice* choice) {
  for (size_t i = 0; i < choice->size();) {
    // A list: lines that are indented alike, without deeper ones among them.
    const size_t indent = IndentOf(choice->line(i));
    size_t end = i + 1;
    while (end < choice->size() && IndentOf(choice->line(end)) == indent && !choice->line(end).empty()) ++end;
    const bool is_list = indent > 0 && end - i >= kLongList;
    for (size_t line = i; line < end; ++line) {
      const bool at_end = line < i + kListEnds || line + kListEnds >= end;
      if (!is_list || at_end || Stands(*choice, line)) choice->Keep(line);
    }
    i = end;
  }
}

bool ReadsAsWorkTree(const Lines& sample) {
  const bool named = !sample.empty() && (sample[0].starts_with("On branch ") ||
                                         sample[0].starts_with("HEAD detached") || sample[0].starts_with("## "));
  const auto porcelain = static_cast<size_t>(std::count_if(sample.begin(), sample.end(), IsPorcelain));
  const bool staged = std::any_of(sample.begin(), sample.end(), [](std::string_view line) {
    return line.starts_with("Changes ") || line.starts_with("Untracked files:") ||
           line.starts_with("nothing to commit");
  });
  return (named && (staged || porcelain * 2 >= sample.size())) ||
         (sample.size() >= 5 && porcelain * 10 >= sample.size() * 9);
}

void ChooseWorkTree(TerminalChoice* choice) { choice->KeepRange(0, choice->size()); }

bool ReadsAsVariables(const Lines& sample) {
  const auto variables = static_cast<size_t>(std::count_if(sample.begin(), sample.end(), IsVariable));
  return sample.size() >= 10 && variables * 10 >= sample.size() * 9;
}

void ChooseVariables(TerminalChoice* choice) {
  for (size_t i = 0; i < choice->size(); ++i) {
    if (IsVariable(choice->line(i))) choice->Tag(i, LineTag::kVariables);
    if (choice->line(i).size() < kLongValue || choice->named(i) || choice->score(i) >= kRelated) choice->Keep(i);
  }
}

}  // namespace headroom::text
