#include "text/words.h"

#include <algorithm>
#include <array>

namespace headroom::text {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
  CharacterKind kind;
};

// What is not a letter of a word, ascending. Unicode 15.1, Blocks.txt.
constexpr std::array<Range, 20> kRanges = {{
    {0x80, 0xBF, CharacterKind::kBreak},           // Latin-1 punctuation
    {0xD7, 0xD7, CharacterKind::kBreak},           // ×
    {0xE00, 0xEFF, CharacterKind::kUnspaced},      // Thai, Lao
    {0x1000, 0x109F, CharacterKind::kUnspaced},    // Myanmar
    {0x1780, 0x17FF, CharacterKind::kUnspaced},    // Khmer
    {0x2000, 0x206F, CharacterKind::kBreak},       // general punctuation
    {0x20A0, 0x20CF, CharacterKind::kBreak},       // currencies
    {0x2190, 0x2BFF, CharacterKind::kBreak},       // arrows to symbols
    {0x3000, 0x3004, CharacterKind::kBreak},       // CJK punctuation
    {0x3005, 0x3007, CharacterKind::kUnspaced},    // 々〆〇
    {0x3008, 0x303F, CharacterKind::kBreak},       // CJK brackets
    {0x3041, 0x30FA, CharacterKind::kUnspaced},    // kana
    {0x30FB, 0x30FB, CharacterKind::kBreak},       // ・
    {0x30FC, 0x9FFF, CharacterKind::kUnspaced},    // kana to unified ideographs
    {0xAC00, 0xD7A3, CharacterKind::kUnspaced},    // Hangul: particles join its words
    {0xF900, 0xFAFF, CharacterKind::kUnspaced},    // compatibility ideographs
    {0xFE30, 0xFE6F, CharacterKind::kBreak},       // small forms
    {0xFF00, 0xFF0F, CharacterKind::kBreak},       // full-width punctuation
    {0x1F000, 0x1FAFF, CharacterKind::kBreak},     // emoji
    {0x20000, 0x3FFFF, CharacterKind::kUnspaced},  // further ideographs
}};

bool IsFullWidthMark(uint32_t code) {
  return (code >= 0xFF1A && code <= 0xFF20) || (code >= 0xFF3B && code <= 0xFF40) || (code >= 0xFF5B && code <= 0xFF65);
}

CharacterKind KindOf(uint32_t code) {
  if (IsFullWidthMark(code)) return CharacterKind::kBreak;
  const auto range =
      std::lower_bound(kRanges.begin(), kRanges.end(), code, [](const Range& r, uint32_t c) { return r.last < c; });
  return range != kRanges.end() && code >= range->first ? range->kind : CharacterKind::kWord;
}

// Blocks of Claude Code, Codex, Cursor, Copilot, Cline and their kin; what the user typed stands outside.
bool IsInjectedTag(std::string_view name) {
  static constexpr std::array<std::string_view, 37> kTags = {"additional_data",
                                                             "attached_files",
                                                             "background-task-input",
                                                             "bash-input",
                                                             "bash-stderr",
                                                             "bash-stdout",
                                                             "command-message",
                                                             "command-name",
                                                             "current_file",
                                                             "editor_context",
                                                             "env",
                                                             "environment_context",
                                                             "environment_details",
                                                             "environment_info",
                                                             "ephemeral_message",
                                                             "git_status",
                                                             "ide_diagnostics",
                                                             "ide_opened_file",
                                                             "ide_selection",
                                                             "linter_errors",
                                                             "local-command-caveat",
                                                             "local-command-stderr",
                                                             "local-command-stdout",
                                                             "new-diagnostics",
                                                             "open_and_recently_viewed_files",
                                                             "post-tool-use-hook",
                                                             "project_layout",
                                                             "reminderInstructions",
                                                             "session-start-hook",
                                                             "system-reminder",
                                                             "system_reminder",
                                                             "turn_aborted",
                                                             "user-prompt-submit-hook",
                                                             "user_info",
                                                             "user_instructions",
                                                             "user_rules",
                                                             "workspace_info"};
  return std::binary_search(kTags.begin(), kTags.end(), name);
}

// The name of the start tag at text[at] ('<'), "" when there is none.
std::string_view StartTagName(std::string_view text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && (IsLetter(text[end]) || text[end] == '-' || text[end] == '_')) ++end;
  if (end >= text.size() || (text[end] != '>' && text[end] != ' ' && text[end] != '\n')) return {};
  return text.substr(at + 1, end - at - 1);
}

// One past the block whose start tag stands at `at`.
size_t EndOfBlock(std::string_view text, size_t at, std::string_view name) {
  const std::string close = "</" + std::string(name) + ">";
  const size_t end = text.find(close, at);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

bool HasVowel(std::string_view word) { return word.find_first_of("aeiouy") != std::string_view::npos; }

bool Drop(std::string_view ending, size_t keeps, std::string_view* word) {
  if (!word->ends_with(ending) || word->size() < ending.size() + keeps) return false;
  word->remove_suffix(ending.size());
  return true;
}

// "running", "stopped": the consonant was doubled for the ending; "fall", "pass" have their own.
void DropDoubled(std::string_view* word) {
  const size_t size = word->size();
  if (size < 4 || word->back() != (*word)[size - 2]) return;
  if (std::string_view("bdgmnprt").find(word->back()) != std::string_view::npos) word->remove_suffix(1);
}

}  // namespace

Character CharacterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const uint32_t lead = byte(at);
  if (lead >= 0xC2 && lead < 0xE0 && follows(at + 1)) {
    return {KindOf((lead & 0x1F) << 6 | (byte(at + 1) & 0x3F)), 2};
  }
  if (lead >= 0xE0 && lead < 0xF0 && follows(at + 1) && follows(at + 2)) {
    return {KindOf((lead & 0x0F) << 12 | (byte(at + 1) & 0x3F) << 6 | (byte(at + 2) & 0x3F)), 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && follows(at + 1) && follows(at + 2) && follows(at + 3)) {
    return {
        KindOf((lead & 0x07) << 18 | (byte(at + 1) & 0x3F) << 12 | (byte(at + 2) & 0x3F) << 6 | (byte(at + 3) & 0x3F)),
        4};
  }
  return {CharacterKind::kWord, 1};
}

WordShape ShapeOf(std::string_view word) {
  if (word.empty()) return WordShape::kPlain;
  uint8_t rest = 0;
  for (const char c : word.substr(1)) rest |= TraitsOf(c);
  if (TraitsOf(word[0]) == kBeyondAsciiTrait && CharacterAt(word, 0).kind == CharacterKind::kUnspaced) {
    return WordShape::kUnspaced;
  }
  return ShapeOfTraits(TraitsOf(word[0]), rest);
}

void FoldCase(std::string* text) {
  uint8_t seen = 0;
  for (char& c : *text) {
    seen |= static_cast<uint8_t>(c);
    c = Lower(c);
  }
  if (seen < 0x80) return;
  for (size_t i = 0; i + 1 < text->size(); ++i) {
    auto& lead = reinterpret_cast<unsigned char&>((*text)[i]);
    auto& trail = reinterpret_cast<unsigned char&>((*text)[i + 1]);
    if (lead == 0xC3 && trail >= 0x80 && trail <= 0x9E && trail != 0x97) {
      trail += 0x20;  // À to Þ
    } else if (lead == 0xCE && trail >= 0x91 && trail <= 0x9F) {
      trail += 0x20;  // Α to Ο
    } else if (lead == 0xCE && trail >= 0xA0 && trail <= 0xA9) {
      lead = 0xCF;  // Π to Ω
      trail -= 0x20;
    } else if (lead == 0xD0 && trail >= 0x90 && trail <= 0x9F) {
      trail += 0x20;  // А to П
    } else if (lead == 0xD0 && trail >= 0xA0 && trail <= 0xAF) {
      lead = 0xD1;  // Р to Я
      trail -= 0x20;
    } else if (lead == 0xD0 && trail >= 0x80 && trail <= 0x8F) {
      lead = 0xD1;  // Ѐ to Џ
      trail += 0x10;
    }
    if (lead >= 0xC2 && lead < 0xE0) ++i;
  }
}

std::string Folded(std::string_view text) {
  std::string folded(text);
  FoldCase(&folded);
  return folded;
}

bool IsStopWord(std::string_view lower) {
  static constexpr std::array<std::string_view, 138> kWords = {
      "a",      "about",  "after",   "again",   "all",  "also",   "am",    "an",      "and",     "any",   "are",
      "as",     "at",     "be",      "because", "been", "before", "being", "between", "both",    "but",   "by",
      "can",    "cannot", "could",   "did",     "do",   "does",   "doing", "don",     "done",    "each",  "either",
      "else",   "every",  "exactly", "find",    "for",  "from",   "get",   "give",    "gives",   "go",    "had",
      "has",    "have",   "having",  "he",      "help", "her",    "here",  "him",     "his",     "how",   "i",
      "if",     "in",     "into",    "is",      "isn",  "it",     "its",   "just",    "know",    "let",   "like",
      "list",   "look",   "make",    "may",     "me",   "might",  "more",  "most",    "must",    "my",    "need",
      "no",     "nor",    "not",     "now",     "of",   "on",     "one",   "only",    "or",      "other", "our",
      "out",    "over",   "per",     "please",  "read", "run",    "same",  "say",     "says",    "see",   "she",
      "should", "show",   "so",      "some",    "such", "take",   "tell",  "than",    "that",    "the",   "their",
      "them",   "then",   "there",   "these",   "they", "this",   "those", "to",      "too",     "us",    "use",
      "very",   "want",   "was",     "we",      "were", "what",   "when",  "where",   "whether", "which", "who",
      "why",    "will",   "with",    "would",   "you",  "your"};
  // Where the words of each letter begin.
  static constexpr auto kBegins = [] {
    std::array<uint8_t, 'z' - 'a' + 2> begins{};
    size_t word = 0;
    for (size_t letter = 0; letter < begins.size(); ++letter) {
      while (word < kWords.size() && static_cast<size_t>(kWords[word][0] - 'a') < letter) ++word;
      begins[letter] = static_cast<uint8_t>(word);
    }
    return begins;
  }();
  if (lower.empty() || lower[0] < 'a' || lower[0] > 'z') return false;
  const auto letter = static_cast<size_t>(lower[0] - 'a');
  return std::find(kWords.begin() + kBegins[letter], kWords.begin() + kBegins[letter + 1], lower) !=
         kWords.begin() + kBegins[letter + 1];
}

// A few rules of Porter (1980): a plural, a verb or a noun ending goes where a word is left.
std::string_view StemOf(std::string_view lower) {
  const std::string_view word = lower;
  if (lower.size() < 4) return lower;
  if (lower.ends_with("ies")) {
    Drop("es", 3, &lower);
  } else if (lower.ends_with("sses") || lower.ends_with("xes") || lower.ends_with("ches") || lower.ends_with("shes")) {
    Drop("es", 3, &lower);
  } else if (!lower.ends_with("ss") && !lower.ends_with("us") && !lower.ends_with("is")) {
    Drop("s", 3, &lower);
  }
  std::string_view shorter = lower;
  const bool verb = (!lower.ends_with("eed") && Drop("ed", 3, &shorter)) || Drop("ing", 3, &shorter);
  if (verb && HasVowel(shorter)) {
    DropDoubled(&shorter);
    lower = shorter;
  } else if (!Drop("ation", 5, &lower) && lower.ends_with("tion")) {
    Drop("ion", 5, &lower);
  }
  if (lower.size() > 4 && lower.back() == 'e') lower.remove_suffix(1);
  if (lower.size() > 3 && (lower.back() == 'y' || lower.back() == 'i')) lower.remove_suffix(1);
  return lower.empty() ? word : lower;
}

std::string WithoutInjectedBlocks(std::string_view text) {
  std::string out;
  size_t copied = 0;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::string_view name = StartTagName(text, at);
    if (!IsInjectedTag(name)) continue;
    out.append(text.substr(copied, at - copied));
    copied = EndOfBlock(text, at, name);
    if (copied == text.size()) break;
    at = copied - 1;
  }
  out.append(text.substr(copied));
  if (out.find_first_not_of(" \t\r\n") == std::string::npos) return std::string(text);
  return out;
}

}  // namespace headroom::text
