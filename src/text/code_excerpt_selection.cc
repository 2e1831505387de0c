#include "text/code_excerpt_selection.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "text/code_excerpt_language.h"
#include "text/code_excerpt_names.h"
#include "text/relevance.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kShortHelperRows = 12;
constexpr size_t kShortParentRows = 60;
constexpr size_t kMaxTypeShare = 2;    // a named type stays whole up to a half of the file
constexpr size_t kMaxPlainShare = 8;   // plain words name up to an eighth of it
constexpr size_t kMinPhraseBytes = 8;  // a quoted string that is looked for in bodies
constexpr size_t kMaxPhraseHits = 3;
constexpr size_t kMaxLinesNamed = 32;
constexpr size_t kMinMentionBytes = 4;
constexpr size_t kMaxMentions = 4;   // lines
constexpr size_t kMaxSearched = 16;  // names

using Index = std::unordered_multimap<std::string_view, size_t>;

class Selector {
 public:
  Selector(const CodeOutline& outline, const CodeSource& source, const ExcerptInput& in)
      : outline_(outline), source_(source), in_(in) {
    selection_.whole.resize(outline.functions.size());
    selection_.related.resize(outline.functions.size());
    selection_.asked_type.resize(outline.types.size());
    for (size_t i = 0; i < outline.functions.size(); ++i) {
      if (!outline.functions[i].name.empty()) by_name_.emplace(outline.functions[i].name, i);
    }
  }

  CodeSelection Run() {
    const AskedNames names = FindAskedNames(in_.input);
    bool found = TakeNames(names.strong);
    if (!found) found = TakePlainNames(names.plain);
    found = TakeMentions(names.strong) || found;
    found = TakeLines() || found;
    found = TakePhrases() || found;
    selection_.is_named = found;
    if (found) {
      TakeUsed();
    } else {
      Score();
    }
    return std::move(selection_);
  }

 private:
  std::string_view Rows(size_t begin, size_t end) const {
    const size_t stop = end < source_.rows() ? source_.starts[end] : source_.code.size();
    return source_.code.substr(source_.starts[begin], stop - source_.starts[begin]);
  }

  bool TakeNames(const std::vector<AskedName>& names) {
    bool found = false;
    for (const AskedName& name : names) found = TakeFunctions(name) || found;
    if (found) return true;
    for (const AskedName& name : names) found = TakeTypes(name) || found;
    return found;
  }

  // Plain words name little: one that is the name of half a file's owner ("server") is a word of the question. Where
  // the model can open gaps, such a file is chosen from by how well its functions fit.
  bool TakePlainNames(const std::vector<AskedName>& names) {
    if (!TakeNames(names)) return false;
    if (!in_.input.opens_gaps) return true;
    size_t rows = 0;
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      if (selection_.whole[i] && function.parent == kNoIndex) rows += function.end_row - function.row;
    }
    if (rows * kMaxPlainShare <= source_.rows()) return true;
    selection_.whole.assign(selection_.whole.size(), false);
    selection_.asked_type.assign(selection_.asked_type.size(), false);
    return false;
  }

  // A name that nothing here defines, in few functions: what it stands for is used there.
  bool TakeMentions(const std::vector<AskedName>& names) {
    bool found = false;
    size_t searched = 0;
    for (const AskedName& name : names) {
      if (name.name.size() < kMinMentionBytes || by_name_.contains(name.name) || IsType(name.name)) continue;
      if (++searched > kMaxSearched) break;
      std::vector<size_t> rows;
      for (size_t at = source_.code.find(name.name); at != std::string_view::npos && rows.size() <= kMaxMentions;
           at = source_.code.find(name.name, at + name.name.size())) {
        const size_t row = RowOf(at);
        if (Names(source_.row(row), name.name) && (rows.empty() || rows.back() != row)) rows.push_back(row);
      }
      if (rows.size() > kMaxMentions) continue;
      for (const size_t row : rows) found = TakeLine(source_.first_number + row) || found;
    }
    return found;
  }

  bool IsType(std::string_view name) const {
    return std::any_of(outline_.types.begin(), outline_.types.end(),
                       [&](const CodeType& type) { return type.name == name; });
  }

  size_t RowOf(size_t byte) const {
    const auto after = std::upper_bound(source_.starts.begin(), source_.starts.end(), byte);
    return static_cast<size_t>(after - source_.starts.begin()) - 1;
  }

  // Every function of that name; with an owner in the question only the owner's, where it has one.
  bool TakeFunctions(const AskedName& name) {
    const auto [begin, end] = by_name_.equal_range(name.name);
    if (begin == end) return false;
    const bool of_owner = std::any_of(begin, end, [&](const auto& entry) {
      return !name.owner.empty() && outline_.functions[entry.second].owner == name.owner;
    });
    for (auto at = begin; at != end; ++at) {
      if (!of_owner || outline_.functions[at->second].owner == name.owner) Take(at->second);
    }
    return true;
  }

  // A type and what derives from it, each with all it does.
  bool TakeTypes(const AskedName& name) {
    bool found = false;
    for (size_t i = 0; i < outline_.types.size(); ++i) {
      const CodeType& type = outline_.types[i];
      const bool is_it = type.name == name.name;
      if (!is_it && !Names(source_.row(type.row), name.name)) continue;
      if ((type.end_row - type.row) * kMaxTypeShare > source_.rows()) continue;
      selection_.asked_type[i] = true;
      found = found || is_it;
      for (size_t f = 0; f < outline_.functions.size(); ++f) {
        const CodeFunction& function = outline_.functions[f];
        if (function.row >= type.row && function.end_row <= type.end_row) Take(f);
      }
    }
    return found;
  }

  static bool Names(std::string_view line, std::string_view name) {
    for (size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
      const size_t end = at + name.size();
      if ((at == 0 || !IsWordByte(line[at - 1])) && (end == line.size() || !IsWordByte(line[end]))) return true;
    }
    return false;
  }

  // A short function around an asked one stays too: what it closes over stands there.
  void Take(size_t function) {
    selection_.whole[function] = true;
    const size_t parent = outline_.functions[function].parent;
    if (parent == kNoIndex || outline_.functions[parent].is_container) return;
    if (outline_.functions[parent].end_row - outline_.functions[parent].row <= kShortParentRows) {
      selection_.whole[parent] = true;
    }
  }

  // "line 120", "http.js:120".
  bool TakeLines() {
    const std::string question = WithoutInjectedBlocks(in_.input.question).substr(0, 16 * 1024);
    const std::string lower = LowerCase(question);
    bool found = false;
    size_t taken = 0;
    for (size_t at = 0; at < lower.size() && taken < kMaxLinesNamed; ++at) {
      if (!IsDigit(lower[at]) || (at > 0 && IsWordByte(lower[at - 1]))) continue;
      const size_t digits = LeadingDigits(std::string_view(lower).substr(at));
      if (digits <= 7 && SaysLine(std::string_view(lower).substr(0, at))) {
        size_t number = 0;
        std::from_chars(lower.data() + at, lower.data() + at + digits, number);
        found = TakeLine(number) || found;
        ++taken;
      }
      at += digits;
    }
    return found;
  }

  static bool SaysLine(std::string_view before) {
    if (before.ends_with("line ") || before.ends_with("lines ")) return true;
    if (!before.ends_with(':')) return false;
    before.remove_suffix(1);
    const size_t dot = before.rfind('.');
    return dot != std::string_view::npos && IsCodeEnding(before.substr(dot + 1));
  }

  bool TakeLine(size_t number) {
    if (number < source_.first_number || number >= source_.first_number + source_.rows()) return false;
    const size_t row = number - source_.first_number;
    bool found = false;
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      if (function.is_container || row < function.row || row >= function.end_row) continue;
      Take(i);
      found = true;
    }
    return found;
  }

  // A quoted string of the question that stands in few places: an error message, a key.
  bool TakePhrases() {
    bool found = false;
    std::string lower;
    for (const Term& term : in_.query.terms()) {
      if (!term.exact || term.text.size() < kMinPhraseBytes || term.text.find(' ') == std::string::npos) continue;
      if (lower.empty()) lower = LowerCase(source_.code);
      std::vector<size_t> hits;
      for (size_t at = lower.find(term.text); at != std::string::npos && hits.size() <= kMaxPhraseHits;
           at = lower.find(term.text, at + 1)) {
        hits.push_back(at);
      }
      if (hits.size() > kMaxPhraseHits) continue;
      for (const size_t hit : hits) {
        found = TakeLine(source_.first_number + RowOf(hit)) || found;
      }
    }
    return found;
  }

  // What the asked functions call: short ones whole, of the others at least what they are for.
  void TakeUsed() {
    std::unordered_set<std::string_view> used;
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      if (!selection_.whole[i]) continue;
      const CodeFunction& function = outline_.functions[i];
      ForEachWord(Rows(function.row, function.end_row),
                  [&](const Word& word) { ForEachName(word.text, [&](std::string_view name) { used.insert(name); }); });
    }
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      if (selection_.whole[i] || !used.contains(function.name)) continue;
      selection_.related[i] = true;
    }
    for (size_t i = 0; i < outline_.functions.size(); ++i) {
      const CodeFunction& function = outline_.functions[i];
      const bool is_inner = function.parent != kNoIndex && !outline_.functions[function.parent].is_container;
      if (selection_.related[i] && !is_inner && function.end_row - function.row <= kShortHelperRows) {
        selection_.whole[i] = true;
      }
    }
  }

  // The names joined in a word: "this.abort" has "this" and "abort".
  template <typename Found>
  static void ForEachName(std::string_view word, Found&& found) {
    for (size_t at = 0; at < word.size();) {
      if (!IsWordByte(word[at])) {
        ++at;
        continue;
      }
      size_t end = at;
      while (end < word.size() && IsWordByte(word[end])) ++end;
      found(word.substr(at, end - at));
      at = end;
    }
  }

  void Score() {
    std::vector<std::string_view> units;
    for (const CodeFunction& function : outline_.functions) units.push_back(Rows(function.doc_row, function.end_row));
    const Relevance relevance(in_.query, units);
    selection_.scores.resize(units.size());
    for (size_t i = 0; i < units.size(); ++i) selection_.scores[i] = relevance.score(i);
  }

  const CodeOutline& outline_;
  const CodeSource& source_;
  const ExcerptInput& in_;
  Index by_name_;
  CodeSelection selection_;
};

}  // namespace

CodeSelection SelectFunctions(const CodeOutline& outline, const CodeSource& source, const ExcerptInput& in) {
  return Selector(outline, source, in).Run();
}

}  // namespace headroom::text
