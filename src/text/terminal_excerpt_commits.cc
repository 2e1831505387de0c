// git log, one line a commit or in full: the commits asked for, the newest, and of bulk
// (dependency bumps, merges) samples.
//
//   29637b64f build(deps): bump the rustls group (#4609)     bulk: one of forty that begin alike
//   90ff0bc89 chore: update rustls dependencies (#4383)      asked for by number: stays
//
// Counter-example: a history of which no commit stands out from the others for the question is
// kept as far as the share goes, from the newest on.

#include <algorithm>
#include <map>
#include <string>

#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr size_t kNewest = 8;                   // commits kept at the start
constexpr size_t kNewestInFull = 2;             // of them with their whole message
constexpr double kRelated = 0.1;                // of the best score: has a telling word of the question
constexpr double kBulkShare = 0.15;             // of the commits begin alike
constexpr double kSingle = 0.05, kBulk = 0.02;  // what commits without words of the question are offered at

// Bytes of a commit id at the start, behind the graph that --graph draws; 0 for none.
size_t IdAt(std::string_view line, size_t* start) {
  size_t at = line.find_first_not_of("*|\\/_ ");
  if (at == std::string_view::npos) return 0;
  size_t end = at;
  bool digit = false;
  while (end < line.size() && (IsDigit(line[end]) || (line[end] >= 'a' && line[end] <= 'f'))) {
    digit = digit || IsDigit(line[end]);
    ++end;
  }
  *start = at;
  const size_t length = end - at;
  const bool ends = end == line.size() || line[end] == ' ';
  return length >= 7 && length <= 40 && (digit || length > 7) && ends ? length : 0;
}

// The subject of a one-line commit without "(HEAD -> main)".
std::string_view SubjectOf(std::string_view line) {
  size_t start = 0;
  const size_t length = IdAt(line, &start);
  std::string_view subject = Trim(line.substr(std::min(line.size(), start + length)));
  if (subject.starts_with('(')) {
    const size_t close = subject.find(") ");
    if (close != std::string_view::npos) subject = Trim(subject.substr(close + 2));
  }
  return subject;
}

// What bulk begins with: the first two words, "build(deps): bump", "Merge pull".
std::string_view OpeningOf(std::string_view subject) {
  const size_t first = subject.find(' ');
  if (first == std::string_view::npos) return subject;
  return subject.substr(0, subject.find(' ', first + 1));
}

bool OpensCommit(std::string_view line) {
  line = line.substr(std::min(line.find_first_not_of("*|\\/_ "), line.size()));
  if (!line.starts_with("commit ")) return false;
  size_t start = 0;
  return IdAt(line.substr(7), &start) >= 7 && start == 0;
}

struct Commit {
  size_t begin = 0, end = 0;
  size_t subject = 0;  // line of the subject, begin when there is none
  double score = 0;
  bool named = false;
};

// A line of the head of a commit in full: "Author: ...", "Date: ...", "Merge: ...".
bool IsHead(std::string_view line) {
  line = Trim(line.substr(std::min(line.find_first_not_of("*|\\/_ "), line.size())));
  const size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 2 && colon < 12 &&
         (line.starts_with("Author") || line.starts_with("Date:") || line.starts_with("Merge:") ||
          line.starts_with("Commit") || line.starts_with("AuthorDate"));
}

std::vector<Commit> ReadCommits(const TerminalChoice& choice) {
  std::vector<Commit> commits;
  for (size_t i = 0; i < choice.size(); ++i) {
    const std::string_view line = choice.line(i);
    if (OpensCommit(line)) commits.push_back(Commit{.begin = i, .subject = i});
    if (commits.empty()) continue;
    Commit& commit = commits.back();
    commit.end = i + 1;
    commit.score = std::max(commit.score, choice.score(i));
    commit.named = commit.named || choice.named(i);
    const bool blank = line.find_first_not_of("*|\\/_ \t") == std::string_view::npos;
    if (commit.subject == commit.begin && i > commit.begin && !blank && !IsHead(line)) commit.subject = i;
  }
  return commits;
}

}  // namespace

bool ReadsAsCommitList(const Lines& sample) {
  size_t commits = 0;
  for (const std::string_view line : sample) {
    size_t start = 0;
    const size_t length = IdAt(line, &start);
    commits += length > 0 && line.size() > start + length + 2 ? 1 : 0;
  }
  return sample.size() >= 12 && commits * 10 >= sample.size() * 9;
}

void ChooseCommitList(TerminalChoice* choice) {
  std::map<std::string_view, size_t> openings;
  for (size_t i = 0; i < choice->size(); ++i) ++openings[OpeningOf(SubjectOf(choice->line(i)))];
  const auto many = std::max<size_t>(8, static_cast<size_t>(kBulkShare * static_cast<double>(choice->size())));
  for (size_t i = 0; i < choice->size(); ++i) {
    const bool bulk = openings[OpeningOf(SubjectOf(choice->line(i)))] >= many;
    if (choice->named(i)) choice->Keep(i);
    // Related commits before all others; recency decides among the rest.
    const double related = choice->score(i) >= kRelated / 10 ? 0.1 + choice->score(i) : 0;
    choice->Offer(i, std::max(related, bulk ? kBulk : kSingle));
  }
  choice->KeepEnds(kNewest, 1);
}

bool ReadsAsCommitLog(const Lines& sample) {
  size_t commits = 0;
  size_t heads = 0;
  for (const std::string_view line : sample) {
    commits += OpensCommit(line) ? 1 : 0;
    heads += IsHead(line) ? 1 : 0;
  }
  return commits >= 3 && heads >= commits && (commits + heads) * 25 >= sample.size();
}

void ChooseCommitLog(TerminalChoice* choice) {
  const std::vector<Commit> commits = ReadCommits(*choice);
  for (size_t i = 0; !commits.empty() && i < commits.front().begin; ++i) choice->Keep(i);
  for (size_t c = 0; c < commits.size(); ++c) {
    const Commit& commit = commits[c];
    choice->Tag(commit.begin, LineTag::kCommits);
    if (c < kNewestInFull || commit.named) choice->KeepRange(commit.begin, commit.end);
    if (c < kNewest || c + 1 == commits.size()) {
      choice->Keep(commit.begin);
      choice->Keep(commit.subject);
    }
    // A related commit is offered whole, its id and subject first.
    const bool related = commit.score >= kRelated;
    for (size_t i = commit.begin; i < commit.end; ++i) {
      if (related && !Trim(choice->line(i)).empty()) choice->Offer(i, commit.score + choice->score(i) / 10);
    }
    choice->Offer(commit.begin, std::max(kSingle, related ? commit.score + 0.2 : 0));
    choice->Offer(commit.subject, std::max(kSingle, related ? commit.score + 0.2 : 0));
  }
}

}  // namespace headroom::text
