// Plans of changes (terraform plan, helm diff): what is destroyed or replaced, and one of each
// shape of the rest.
//
//   # aws_instance.node["edge-00"] will be updated in-place      stays: first of its shape
//   # aws_instance.node["edge-01"] will be updated in-place      left out: the same attributes
//   # aws_db_instance.orders must be replaced                    stays whole, always
//   Plan: 1 to add, 26 to change, 2 to destroy.                  stays
//
// Two changes have one shape when the same attributes change in the same way. Counter-example:
// one of thirty that sets another value than the others do stays, too.

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/hash.h"
#include "text/salience.h"
#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

struct Change {
  size_t begin = 0;
  size_t end = 0;  // exclusive
  uint64_t shape = 0;
};

bool HasAny(std::string_view line, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return line.find(word) != std::string_view::npos; });
}

// "# x will be updated in-place", "default, web, Deployment (apps) has changed:".
bool OpensChange(std::string_view line) {
  if (line.starts_with("  # ")) {
    return HasAny(line, {" will be ", " must be ", " has been ", " has changed", " has moved", " is tainted"});
  }
  return line.find(", ") != std::string_view::npos && line.ends_with(':') &&
         HasAny(line, {" has changed:", " has been added:", " has been removed:"});
}

bool IsGrave(std::string_view line) {
  return HasAny(line, {"destroy", "replace", "delete", "removed", "tainted", "forces replacement", "will no longer"});
}

// Lines of a run that say what goes on, not what changes.
bool IsProgress(std::string_view line) {
  return HasAny(line, {": Refreshing state...", ": Reading...", ": Read complete", ": Still ", ": Creating...",
                       ": Modifying...", ": Destroying...", "Refreshing state..."});
}

// The sign and the name of an attribute: "~ tags =" of `~ tags = {`.
std::string_view AttributeOf(std::string_view line) {
  line = Trim(line);
  const size_t equals = line.find('=');
  return Trim(line.substr(0, equals));
}

uint64_t ShapeOf(const TerminalChoice& choice, const Change& change) {
  Hasher128 hasher;
  const std::string_view head = choice.line(change.begin);
  const size_t verb = std::min({head.find(" will be "), head.find(" must be "), head.find(" has ")});
  hasher.Add(head.substr(std::min(verb, head.size())));
  for (size_t i = change.begin + 1; i < change.end; ++i) {
    const std::string_view line = Trim(choice.line(i));
    if (line.empty() ||
        (line.find('=') == std::string_view::npos && line.find_first_of("0123456789\"") != std::string_view::npos))
      continue;
    hasher.Add(AttributeOf(line));
  }
  return hasher.Finish().low;
}

std::vector<Change> ReadChanges(const TerminalChoice& choice) {
  std::vector<Change> changes;
  for (size_t i = 0; i < choice.size(); ++i) {
    const std::string_view line = choice.line(i);
    if (OpensChange(line)) {
      if (!changes.empty() && changes.back().end == 0) changes.back().end = i;
      changes.push_back(Change{.begin = i});
      continue;
    }
    // A plan's changes are indented; what begins at the margin is said about them all.
    const bool margin = !line.empty() && (IsLetter(line[0]) || static_cast<unsigned char>(line[0]) >= 0x80);
    if (margin && !changes.empty() && changes.back().end == 0 && choice.line(changes.back().begin).starts_with("  ")) {
      changes.back().end = i;
    }
  }
  if (!changes.empty() && changes.back().end == 0) changes.back().end = choice.size();
  for (Change& change : changes) change.shape = ShapeOf(choice, change);
  return changes;
}

bool IsChangedLine(std::string_view line) {
  line = Trim(line);
  return line.starts_with("~ ") || line.starts_with("+ ") || line.starts_with("- ") || line.starts_with("-/+") ||
         line.find(" -> ") != std::string_view::npos;
}

// Keeps changes of one shape that set a value which hardly any other of them sets.
void KeepRareValues(const std::vector<Change>& changes, TerminalChoice* choice) {
  std::map<std::pair<uint64_t, std::string_view>, std::map<std::string_view, size_t>> values;
  const auto each_value = [&](const Change& change, auto&& visit) {
    for (size_t i = change.begin + 1; i < change.end; ++i) {
      const std::string_view line = Trim(choice->line(i));
      if (IsChangedLine(line) && line.find('=') != std::string_view::npos) visit(AttributeOf(line), line);
    }
  };
  for (const Change& change : changes) {
    each_value(change, [&](std::string_view name, std::string_view line) { ++values[{change.shape, name}][line]; });
  }
  for (const Change& change : changes) {
    bool rare = false;
    each_value(change, [&](std::string_view name, std::string_view line) {
      const auto& all = values[{change.shape, name}];
      size_t total = 0, most = 0;
      if (all.size() > 8) return;  // a value of its own in each: an id
      for (const auto& [text, count] : all) {
        total += count;
        most = std::max(most, count);
      }
      rare = rare || (most * 2 > total && all.at(line) * 20 <= std::max<size_t>(total, 20));
    });
    if (rare) choice->KeepRange(change.begin, change.end);
  }
}

}  // namespace

bool ReadsAsPlan(const Lines& sample) {
  size_t opened = 0;
  size_t signs = 0;
  for (const std::string_view line : sample) {
    opened += OpensChange(line) ? 1 : 0;
    signs += line.find(" resource \"") != std::string_view::npos ||
                     line.find("will perform the following") != std::string_view::npos || line.starts_with("Plan: ") ||
                     line.ends_with(" has changed:")
                 ? 1
                 : 0;
  }
  return opened >= 2 && signs >= 1;
}

void ChoosePlan(TerminalChoice* choice) {
  const std::vector<Change> changes = ReadChanges(*choice);
  std::map<uint64_t, size_t> seen;
  size_t next = 0;
  for (size_t i = 0; i < choice->size();) {
    if (next < changes.size() && i == changes[next].begin) {
      const Change& change = changes[next++];
      choice->Tag(change.begin, LineTag::kResources);
      bool grave = false;
      bool asked = choice->named(change.begin);
      for (size_t line = change.begin; line < change.end; ++line) grave = grave || IsGrave(choice->line(line));
      const bool first = seen.try_emplace(change.shape, change.begin).second;
      if (grave || first || asked) choice->KeepRange(change.begin, change.end);
      i = std::max(change.end, i + 1);
      continue;
    }
    if (!IsProgress(choice->line(i)) && !Trim(choice->line(i)).empty()) choice->Keep(i);
    ++i;
  }
  KeepRareValues(changes, choice);
  choice->KeepAsked(0.5);
}

}  // namespace headroom::text
