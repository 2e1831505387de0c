// Listings of files: ls -l, ls -lR, ls -R, tree.
//
//   ./adapters:                                     heading: stays
//   -rw-r--r-- 1 app app   915 Nov 23 README.md     one of many like it
//   -rwsr-xr-x 1 app app 22155 Nov 23 http.js       set-user-ID: stays
//
// Each entry is another thing, and its name may be the one that is needed. So entries go
// only where the question is about what entries are like (sizes, rights, owners, links,
// dates), and then those that are like the others; and below folders that tools fill
// (node_modules, .git, __pycache__), unless one of these is asked for.
//
// Counter-example: "where is the configuration?" over ls -lR of a project: all stays.

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr size_t kMinEntries = 30;
constexpr double kRareShare = 0.03;  // of the entries of a type have a mode, an owner or a size of 0
constexpr size_t kRareFloor = 2;
constexpr size_t kExtremes = 3;  // largest, newest
constexpr size_t kMaxLinks = 20;
constexpr size_t kMaxQuestionTerms = 32;
constexpr size_t kMinFilled = 8;  // entries below a folder that tools fill

struct Entry {
  size_t line = 0;
  std::string_view mode, owner, group, size, date, name;
};

bool IsMode(std::string_view word) {
  if (word.size() < 10 || word.size() > 11 || std::string_view("-dlbcps").find(word[0]) == std::string_view::npos)
    return false;
  return word.substr(1, 9).find_first_not_of("-rwxsStTl") == std::string_view::npos;
}

std::string_view TakeField(std::string_view* rest) {
  *rest = Trim(*rest);
  const size_t end = std::min(rest->find(' '), rest->size());
  const std::string_view field = rest->substr(0, end);
  rest->remove_prefix(end);
  return field;
}

std::optional<Entry> ReadEntry(std::string_view line) {
  if (line.size() < 12) return std::nullopt;
  Entry entry;
  entry.mode = TakeField(&line);
  if (!IsMode(entry.mode)) return std::nullopt;
  TakeField(&line);  // links
  entry.owner = TakeField(&line);
  entry.group = TakeField(&line);
  entry.size = TakeField(&line);
  if (entry.size.ends_with(',')) entry.size = TakeField(&line);  // "8, 1" of a device
  line = Trim(line);
  const std::string_view first = TakeField(&line);
  const size_t fields = first.size() == 10 && first[4] == '-' ? 1 : 2;  // ISO dates have one more word, others two
  for (size_t i = 0; i < fields; ++i) TakeField(&line);
  line = Trim(line);
  if (line.size() > 5 && (line[0] == '+' || line[0] == '-') && LeadingDigits(line.substr(1)) == 4 && line[5] == ' ') {
    line.remove_prefix(6);  // the zone of --full-time
  }
  entry.date = first;
  entry.name = Trim(line);
  if (entry.name.empty()) return std::nullopt;
  return entry;
}

bool IsHeading(std::string_view line) {
  return line.size() > 1 && line.ends_with(':') && line.find(": ") == std::string_view::npos && !IsBlank(line[0]) &&
         (line.size() == 2 || line.find('/') != std::string_view::npos || line.find(' ') == std::string_view::npos);
}

// Folders whose content programs make, not people.
bool IsFilledByTools(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "node_modules", ".git",   "__pycache__", ".venv",      "venv",   "site-packages", ".tox",
      ".mypy_cache",  ".cache", ".gradle",     ".terraform", "vendor", "dist",          ".next"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsBelowFilled(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (IsFilledByTools(path.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

bool AsksForFilled(const TerminalChoice& choice) {
  return choice.Asks(
      {"node_modules", "vendor", "dist", "site-packages", "dependency", "package", "cache", "venv", ".git"});
}

// A long question (an issue, a report) has such words by chance: it is not about the listing.
bool AsksForTraits(const TerminalChoice& choice) {
  return choice.in().query.terms().size() <= kMaxQuestionTerms &&
         choice.Asks({"size",   "large",      "largest",     "big",      "biggest", "small",    "empty",
                      "zero",   "permission", "permissions", "mode",     "right",   "writable", "executable",
                      "setuid", "setgid",     "suid",        "sticky",   "owner",   "owned",    "group",
                      "root",   "link",       "symlink",     "dangling", "broken",  "old",      "oldest",
                      "newest", "latest",     "recent",      "modified", "odd",     "unusual",  "suspicious",
                      "wrong",  "strange",    "anomaly",     "insecure", "unsafe",  "security", "disk",
                      "space"});
}

double SizeOf(const Entry& entry) {
  double size = -1;
  const auto [at, error] = std::from_chars(entry.size.data(), entry.size.data() + entry.size.size(), size);
  if (error != std::errc()) return -1;
  if (at == entry.size.data() + entry.size.size()) return size;
  const size_t power = std::string_view("KMGT").find(*at);
  return power == std::string_view::npos ? -1 : size * std::array<double, 4>{1e3, 1e6, 1e9, 1e12}[power];
}

// Keeps entries with a value that few entries of their type have.
template <typename Value>
void KeepRare(const std::vector<Entry>& entries, Value&& value_of, TerminalChoice* choice) {
  std::map<char, size_t> of_type;
  std::map<std::pair<char, std::string_view>, size_t> counts;
  for (const Entry& entry : entries) {
    ++of_type[entry.mode[0]];
    ++counts[{entry.mode[0], value_of(entry)}];
  }
  for (const Entry& entry : entries) {
    const auto few =
        std::max(kRareFloor, static_cast<size_t>(kRareShare * static_cast<double>(of_type[entry.mode[0]])));
    if (counts[{entry.mode[0], value_of(entry)}] <= few) choice->Keep(entry.line);
  }
}

void KeepNotable(const std::vector<Entry>& entries, TerminalChoice* choice) {
  KeepRare(
      entries, [](const Entry& entry) { return entry.mode; }, choice);
  KeepRare(
      entries, [](const Entry& entry) { return entry.owner; }, choice);
  KeepRare(
      entries, [](const Entry& entry) { return entry.group; }, choice);
  std::vector<size_t> empty, links, files;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    const bool special = entry.mode.find_first_of("sStT") != std::string_view::npos && entry.mode[0] != 's';
    const bool writable = entry.mode[8] == 'w' && entry.mode[0] != 'l';
    if (special || writable) choice->Offer(entry.line, 0.9);
    if (entry.mode[0] == 'l') links.push_back(i);
    if (entry.mode[0] != '-') continue;
    files.push_back(i);
    if (SizeOf(entry) == 0) empty.push_back(i);
  }
  const size_t many = std::max<size_t>(kMaxLinks, entries.size() / 10);
  for (const auto* few : {&empty, &links}) {
    for (const size_t i : *few)
      few->size() <= many ? choice->Keep(entries[i].line) : choice->Offer(entries[i].line, 0.5);
  }
  std::stable_sort(files.begin(), files.end(),
                   [&](size_t a, size_t b) { return SizeOf(entries[a]) > SizeOf(entries[b]); });
  for (size_t i = 0; i < std::min(files.size(), kExtremes); ++i) choice->Keep(entries[files[i]].line);
}

// Keeps all but what lies below folders that tools fill; the folders themselves stay.
template <typename Below>
void KeepButFilled(TerminalChoice* choice, Below&& below) {
  std::vector<bool> drop(choice->size());
  size_t count = 0;
  for (size_t i = 0; i < choice->size(); ++i) {
    drop[i] = below(i);
    count += drop[i] ? 1 : 0;
  }
  const bool leave = count < kMinFilled || AsksForFilled(*choice);
  for (size_t i = 0; i < choice->size(); ++i) {
    if (leave || !drop[i] || choice->named(i)) choice->Keep(i);
  }
}

// For each line the heading above it, as a path; "" above the first.
std::vector<std::string_view> Headings(const TerminalChoice& choice) {
  std::vector<std::string_view> headings(choice.size());
  std::string_view heading;
  for (size_t i = 0; i < choice.size(); ++i) {
    const std::string_view line = choice.line(i);
    const bool above = i == 0 || choice.line(i - 1).empty();
    if (above && IsHeading(line)) heading = line.substr(0, line.size() - 1);
    headings[i] = heading;
  }
  return headings;
}

// Where the name starts behind the branches that tree draws, 0 for a line without them.
size_t BranchEnd(std::string_view line) {
  for (const std::string_view branch : {"├── ", "└── ", "|-- ", "`-- ", "+-- "}) {
    const size_t at = line.find(branch);
    if (at != std::string_view::npos && at < 400) return at + branch.size();
  }
  return 0;
}

}  // namespace

bool ReadsAsLongListing(const Lines& sample) {
  size_t entries = 0;
  for (const std::string_view line : sample) entries += ReadEntry(line).has_value() ? 1 : 0;
  return sample.size() >= 10 && entries * 2 >= sample.size();
}

void ChooseLongListing(TerminalChoice* choice) {
  std::vector<Entry> entries;
  const std::vector<std::string_view> headings = Headings(*choice);
  for (size_t i = 0; i < choice->size(); ++i) {
    std::optional<Entry> entry = ReadEntry(choice->line(i));
    if (!entry.has_value()) continue;
    entry->line = i;
    if (entry->name == "." || entry->name == "..") continue;
    choice->Tag(i, entry->mode[0] == 'd' ? LineTag::kDirectories : LineTag::kFiles);
    entries.push_back(*entry);
  }
  if (entries.size() < kMinEntries || !AsksForTraits(*choice)) {
    KeepButFilled(choice, [&](size_t i) {
      return IsBelowFilled(headings[i]) && choice->line(i) != std::string(headings[i]) + ":";
    });
    return;
  }
  KeepNotable(entries, choice);
  for (size_t i = 0; i < choice->size(); ++i) {
    const std::string_view line = choice->line(i);
    const bool is_entry = ReadEntry(line).has_value();
    if (!is_entry && !line.empty() && !line.starts_with("total ")) choice->Keep(i);  // headings, errors
    if (is_entry && choice->named(i)) choice->Keep(i);
  }
  choice->KeepEnds(1, 1);
}

bool ReadsAsNameListing(const Lines& sample) {
  size_t headings = 0;
  size_t names = 0;
  for (const std::string_view line : sample) {
    const bool heading =
        IsHeading(line) && (line.starts_with('.') || line.starts_with('/') || line.find('/') != std::string_view::npos);
    headings += heading ? 1 : 0;
    names += !heading && line.find(' ') == std::string_view::npos && line.size() < 120 ? 1 : 0;
  }
  return headings >= 3 && (headings + names) * 20 >= sample.size() * 19;
}

void ChooseNameListing(TerminalChoice* choice) {
  const std::vector<std::string_view> headings = Headings(*choice);
  for (size_t i = 0; i < choice->size(); ++i) {
    if (!choice->line(i).empty()) choice->Tag(i, IsHeading(choice->line(i)) ? LineTag::kDirectories : LineTag::kFiles);
  }
  KeepButFilled(choice, [&](size_t i) { return IsBelowFilled(headings[i]); });
}

bool ReadsAsTree(const Lines& sample) {
  const auto branches =
      std::count_if(sample.begin(), sample.end(), [](std::string_view line) { return BranchEnd(line) > 0; });
  return sample.size() >= 10 && static_cast<size_t>(branches) * 10 >= sample.size() * 9;
}

void ChooseTree(TerminalChoice* choice) {
  std::vector<bool> below(choice->size());
  size_t filled = 0;  // where the name of the folder being passed starts; 0 outside of one
  for (size_t i = 0; i < choice->size(); ++i) {
    const size_t start = BranchEnd(choice->line(i));
    if (start == 0) continue;
    std::string_view name = choice->line(i).substr(start);
    if (name.ends_with('/')) name.remove_suffix(1);
    const bool is_folder = i + 1 < choice->size() && BranchEnd(choice->line(i + 1)) > start;
    choice->Tag(i, is_folder ? LineTag::kDirectories : LineTag::kFiles);
    if (filled > 0 && start <= filled) filled = 0;
    below[i] = filled > 0;
    if (filled == 0 && IsFilledByTools(name)) filled = start;
  }
  KeepButFilled(choice, [&](size_t i) { return below[i]; });
}

}  // namespace headroom::text
