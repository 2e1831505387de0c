#include "text/words.h"

#include <algorithm>
#include <array>

namespace headroom::text {

WordShape ShapeOf(std::string_view word) {
  bool digit = false;
  bool lower = false;
  bool inner_upper = false;
  bool joint = false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    digit = digit || IsDigit(c);
    inner_upper = inner_upper || (i > 0 && c >= 'A' && c <= 'Z');
    lower = lower || (IsLetter(c) && Lower(c) == c) || static_cast<unsigned char>(c) >= 0x80;
    joint = joint || c == '_' || IsJoint(c);
  }
  const bool letters = lower || inner_upper || (!word.empty() && IsLetter(word[0]));
  if (digit && !letters) return WordShape::kNumber;
  if (digit || joint || (inner_upper && lower)) return WordShape::kIdentifier;
  return WordShape::kPlain;
}

bool IsStopWord(std::string_view lower) {
  static constexpr std::array<std::string_view, 126> kWords = {
      "a",       "about",  "after", "again",   "all",  "also",   "am",    "an",      "and",  "any",    "are",
      "as",      "at",     "be",    "because", "been", "before", "being", "between", "both", "but",    "by",
      "can",     "cannot", "could", "did",     "do",   "does",   "doing", "done",    "each", "else",   "every",
      "exactly", "find",   "for",   "from",    "get",  "give",   "had",   "has",     "have", "having", "he",
      "help",    "her",    "here",  "him",     "his",  "how",    "i",     "if",      "in",   "into",   "is",
      "it",      "its",    "just",  "know",    "let",  "like",   "list",  "look",    "make", "may",    "me",
      "might",   "more",   "most",  "must",    "my",   "need",   "no",    "not",     "now",  "of",     "on",
      "one",     "only",   "or",    "other",   "our",  "out",    "over",  "please",  "read", "run",    "same",
      "say",     "see",    "she",   "should",  "show", "so",     "some",  "such",    "take", "tell",   "than",
      "that",    "the",    "their", "them",    "then", "there",  "these", "they",    "this", "those",  "to",
      "too",     "use",    "very",  "want",    "was",  "we",     "were",  "what",    "when", "where",  "which",
      "who",     "why",    "will",  "with",    "you"};
  return std::binary_search(kWords.begin(), kWords.end(), lower);
}

std::string_view StemOf(std::string_view lower) {
  const auto drop = [&](std::string_view end, size_t keeps) {
    if (!lower.ends_with(end) || lower.size() < end.size() + keeps) return false;
    lower.remove_suffix(end.size());
    return true;
  };
  if (lower.ends_with("ss")) return lower;
  if (!drop("ing", 4) && !drop("ed", 4) && !drop("ies", 4) && !drop("es", 4)) drop("s", 3);
  if (lower.ends_with('e') && lower.size() > 4) lower.remove_suffix(1);
  return lower;
}

std::string WithoutInjectedBlocks(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kTags = {
      "system-reminder", "environment_context", "user_instructions", "env", "ide_selection", "command-name"};
  std::string out(text);
  for (const std::string_view tag : kTags) {
    const std::string open = "<" + std::string(tag) + ">";
    const std::string close = "</" + std::string(tag) + ">";
    for (size_t begin = out.find(open); begin != std::string::npos; begin = out.find(open, begin)) {
      const size_t end = out.find(close, begin);
      if (end == std::string::npos) break;
      out.erase(begin, end + close.size() - begin);
    }
  }
  return out;
}

}  // namespace headroom::text
