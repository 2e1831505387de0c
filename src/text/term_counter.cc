#include "text/term_counter.h"

#include <array>

namespace headroom::text {
namespace {

// Joints of a path beyond which a term is looked for at its segments' starts only.
constexpr size_t kMaxSegments = 8;

bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r'; }

// A table: the words are short, and a call for each byte of the set costs more than they do.
constexpr auto kEndsSegment = [] {
  std::array<bool, 256> ends{};
  for (const char c : {'.', '/', '-', ':', '@', '\\'}) ends[static_cast<unsigned char>(c)] = true;
  return ends;
}();

size_t SegmentEnd(std::string_view word, size_t at) {
  while (at < word.size() && !kEndsSegment[static_cast<unsigned char>(word[at])]) ++at;
  return at;
}

size_t KeyOf(std::string_view text, size_t at) {
  return static_cast<size_t>(static_cast<unsigned char>(text[at])) << 8 | static_cast<unsigned char>(text[at + 1]);
}

// True for a term that ForEachWord gives as one word, or a pair of an unspaced run.
bool IsOneWord(std::string_view term) {
  size_t words = 0;
  size_t bytes = 0;
  ForEachWord(term, [&](const Word& word) {
    ++words;
    bytes += word.text.size();
  });
  return words == 1 && bytes == term.size();
}

// True when `phrase` stands at text[at], a blank of it for any run of white space.
bool StandsAt(std::string_view text, size_t at, std::string_view phrase) {
  for (size_t i = 0; i < phrase.size();) {
    if (at >= text.size()) return false;
    if (IsSpace(phrase[i])) {
      if (!IsSpace(text[at])) return false;
      while (at < text.size() && IsSpace(text[at])) ++at;
      while (i < phrase.size() && IsSpace(phrase[i])) ++i;
      continue;
    }
    if (text[at++] != phrase[i++]) return false;
  }
  return true;
}

}  // namespace

TermCounter::TermCounter(const std::vector<Term>& terms, size_t units)
    : terms_(terms), by_term_(terms.size()), words_(units) {
  for (uint32_t i = 0; i < terms.size(); ++i) {
    const std::string& text = terms[i].text;
    if (text.size() < 2) continue;
    if (!IsOneWord(text)) {
      AddPhrase(i);
      continue;
    }
    index_.emplace(text, i);
    starts_.set(KeyOf(text, 0));
  }
}

void TermCounter::AddPhrase(uint32_t term) {
  const std::string_view text = terms_[term].text;
  size_t lead = std::string_view::npos;
  ForEachWord(text, [&](const Word& word) {
    if (lead == std::string_view::npos) lead = static_cast<size_t>(word.text.data() - text.data());
  });
  if (lead == std::string_view::npos || lead + 1 >= text.size()) {
    markings_.push_back(term);
    return;
  }
  phrases_.push_back({term, lead});
  starts_.set(KeyOf(text, lead));
  // A blank of the phrase may be a line end of the text.
  if (!IsSpace(text[lead + 1])) return;
  for (const char blank : {' ', '\t', '\n', '\r'}) {
    starts_.set(static_cast<size_t>(static_cast<unsigned char>(text[lead])) << 8 | static_cast<unsigned char>(blank));
  }
}

bool TermCounter::MayStart(size_t at) const { return at + 1 < lower_.size() && starts_[KeyOf(lower_, at)]; }

void TermCounter::Add(size_t unit, std::string_view text) {
  unit_ = static_cast<uint32_t>(unit);
  lower_.assign(text);
  FoldCase(&lower_);
  ForEachWord(text, [&](const Word& word) { CountWord(word, static_cast<size_t>(word.text.data() - text.data())); });
  for (const uint32_t term : markings_) {
    if (lower_.find(terms_[term].text) != std::string::npos) Hit(term);
  }
}

void TermCounter::CountWord(const Word& word, size_t at) {
  const std::string_view lower = std::string_view(lower_).substr(at, word.text.size());
  switch (word.shape) {
    case WordShape::kPlain:
      ++words_[unit_];
      if (!MayStart(at)) return;
      CountPhrasesAt(at);
      Count(lower);
      if (const std::string_view stem = StemOf(lower); stem.size() != lower.size()) Count(stem);
      return;
    case WordShape::kUnspaced:
      ForEachPair(lower, [&](std::string_view pair) {
        ++words_[unit_];
        const size_t pair_at = static_cast<size_t>(pair.data() - lower_.data());
        if (!MayStart(pair_at)) return;
        CountPhrasesAt(pair_at);
        Count(pair);
      });
      return;
    case WordShape::kIdentifier:
    case WordShape::kNumber:
      ++words_[unit_];
      CountIdentifier(word, at);
      return;
  }
}

// The word, what stands between its joints (up to any later joint), and its parts.
void TermCounter::CountIdentifier(const Word& word, size_t at) {
  const std::string_view lower = std::string_view(lower_).substr(at, word.text.size());
  for (size_t begin = 0; begin < lower.size();) {
    size_t end = SegmentEnd(lower, begin);
    const size_t next = end + 1;
    if (MayStart(at + begin)) {
      CountPhrasesAt(at + begin);
      for (size_t segments = 0; segments < kMaxSegments; ++segments) {
        Count(lower.substr(begin, end - begin));
        if (end == lower.size()) break;
        end = SegmentEnd(lower, end + 1);
      }
      if (end < lower.size()) Count(lower.substr(begin));
    }
    begin = next;
  }
  ForEachPart(word.text, [&](std::string_view part) {
    const size_t part_at = static_cast<size_t>(part.data() - word.text.data());
    if (!MayStart(at + part_at)) return;
    const std::string_view lower_part = lower.substr(part_at, part.size());
    const bool begins = part_at == 0 || IsJoint(lower[part_at - 1]);
    const bool ends = part_at + part.size() == lower.size() || IsJoint(lower[part_at + part.size()]);
    if (!begins) CountPhrasesAt(at + part_at);
    if (!begins || !ends) Count(lower_part);
    if (const std::string_view stem = StemOf(lower_part); stem.size() != part.size()) Count(stem);
  });
}

void TermCounter::CountPhrasesAt(size_t at) {
  for (const Phrase& phrase : phrases_) {
    if (at >= phrase.lead && StandsAt(lower_, at - phrase.lead, terms_[phrase.term].text)) Hit(phrase.term);
  }
}

void TermCounter::Count(std::string_view word) {
  const auto found = index_.find(word);
  if (found != index_.end()) Hit(found->second);
}

void TermCounter::Hit(uint32_t term) {
  std::vector<InUnit>& units = by_term_[term];
  if (units.empty() || units.back().unit != unit_) units.push_back({unit_, 0});
  ++units.back().times;
}

}  // namespace headroom::text
