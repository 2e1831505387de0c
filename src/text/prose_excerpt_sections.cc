#include "text/prose_excerpt_sections.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "text/line_text.h"
#include "text/prose_excerpt_lines.h"
#include "text/prose_excerpt_question.h"
#include "text/term_counter.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.5;
constexpr double kHeadingTimes = 4;  // a word in a heading counts as that many in the text
constexpr double kMinIdf = 0.05;
constexpr double kAskedWeight = 1.0;   // terms of the question itself
constexpr double kExactWeight = 1.5;   // its identifiers and quoted strings
constexpr double kGoodScore = 0.5;     // of the best section's
constexpr size_t kSmallSection = 120;  // tokens: a neighbour of that size stays
constexpr size_t kLargeSection = 600;  // tokens: of a section beyond, only passages stay unless it is named
constexpr size_t kMaxNamed = 4;        // sections that a part of a name may mean
constexpr double kNamedShare = 0.25;   // of the budget, for what else scores well beside a named section
constexpr size_t kFewUnits = 3;
constexpr size_t kRareShare = 20;    // at most one unit in so many has a rare word
constexpr size_t kNotRareShare = 3;  // and where there are few units, one in so many
constexpr size_t kRareWords = 2;     // that a passage must have to be singled out
constexpr size_t kAskedShare = 5;    // of the question's words it must have one in so many
constexpr size_t kMissing = 2;       // of five words of the question that many may be missing from a text
constexpr size_t kPresent = 3;
constexpr size_t kMaxQuestionWords = 100;  // a longer text is a task statement, no question about this text
constexpr size_t kFewHeadings = 4;
constexpr double kWordsOfSection = 50;  // added to a section's length, so that a short one is not best by that alone
constexpr size_t kShortForm = 8;        // bytes of "-i, " and the like

struct Section {
  size_t begin = 0;  // units; the heading is the first unless there is none
  size_t end = 0;
  uint8_t level = 0;  // 0: what stands before the first heading
  size_t tokens = 0;
  double score = 0;
  double words = 0;
};

// "## 2.1. Check-pointing `x`" as "2.1 check-pointing x", between blanks.
std::string WordsOf(std::string_view text) {
  std::string words = " ";
  ForEachWord(text, [&](const Word& word) { words.append(Folded(word.text)).append(" "); });
  return words;
}

// Without a number in front: " checkpointing ".
std::string_view WithoutNumber(std::string_view words) {
  size_t end = 1;
  while (end < words.size() && (IsDigit(words[end]) || words[end] == '.')) ++end;
  return end > 1 && end + 1 < words.size() && words[end] == ' ' ? words.substr(end) : words;
}

size_t CountWords(std::string_view words) {
  return words.size() < 2 ? 0 : static_cast<size_t>(std::count(words.begin() + 1, words.end(), ' '));
}

bool HasLetter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return IsLetter(c) || static_cast<unsigned char>(c) >= 0x80; });
}

class Chooser {
 public:
  Chooser(const std::vector<SectionUnit>& units, const Query& query)
      : units_(units),
        query_(query),
        counter_(query.terms(), units.size()),
        scores_(units.size()),
        section_of_(units.size()) {
    choice_.kept.resize(units.size());
  }

  // Where nothing is singled out: what scores best, then from the start on.
  SectionChoice RunUnasked(size_t budget) {
    Prepare();
    KeepFrame();
    Fill(budget, 0);
    FillWithUnits(budget);
    for (size_t i = 0; i < units_.size() && spent_ + units_[i].tokens <= budget; ++i) Keep(i);
    return std::move(choice_);
  }

  std::optional<SectionChoice> Run(std::string_view question, size_t budget) {
    Prepare();
    const std::vector<size_t> named = NamedSections(question);
    if (named.empty() && !TellsApart(AsksSomething(question))) return std::nullopt;
    KeepFrame();
    if (!named.empty()) {
      choice_.by_name = true;
      for (const size_t section : named) KeepNamed(section);
      CoverRareTerms(named);
      CoverEntries();
      CoverHeadings(named);
      Fill(spent_ + static_cast<size_t>(kNamedShare * static_cast<double>(budget)), kGoodScore);
    } else {
      CoverRareTerms({});
      CoverHeadings({});
      CoverEntries();
      Fill(budget, 0);
      FillWithUnits(budget);
    }
    return std::move(choice_);
  }

 private:
  void Prepare() {
    for (size_t i = 0; i < units_.size(); ++i) counter_.Add(i, units_[i].text);
    Divide();
    ScoreUnits();
    ScoreSections();
  }

  void Divide() {
    for (size_t i = 0; i < units_.size(); ++i) {
      if (sections_.empty() || units_[i].heading > 0) {
        sections_.push_back({});
        sections_.back().begin = i;
        sections_.back().level = units_[i].heading;
      }
      Section& section = sections_.back();
      section.end = i + 1;
      section.tokens += units_[i].tokens;
      section.words += static_cast<double>(counter_.words_of(i));
      section_of_[i] = sections_.size() - 1;
    }
  }

  static double Idf(size_t all, size_t with) {
    return std::log((static_cast<double>(all) + 1) / (static_cast<double>(with) + 0.5));
  }

  void ScoreUnits() {
    double words = 0;
    for (size_t i = 0; i < units_.size(); ++i) words += static_cast<double>(counter_.words_of(i));
    const double mean = std::max(1.0, words / static_cast<double>(units_.size()));
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      const auto& with = counter_.units_with(t);
      const double idf = Idf(units_.size(), with.size());
      if (idf <= kMinIdf) continue;
      for (const auto& [unit, times] : with) {
        const double length = kK1 * (1 - kB + kB * static_cast<double>(counter_.words_of(unit)) / mean);
        scores_[unit] += query_.terms()[t].weight * idf * times * (kK1 + 1) / (times + length);
      }
    }
  }

  void ScoreSections() {
    double words = 0;
    for (const Section& section : sections_) words += section.words;
    const double mean = std::max(1.0, words / static_cast<double>(sections_.size()));
    by_term_.resize(query_.terms().size());
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      const Term& term = query_.terms()[t];
      std::vector<std::pair<size_t, double>>& with = by_term_[t];  // sections and how often
      for (const auto& [unit, times] : counter_.units_with(t)) {
        if (with.empty() || with.back().first != section_of_[unit]) with.emplace_back(section_of_[unit], 0);
        with.back().second += units_[unit].heading > 0 ? times * kHeadingTimes : times;
      }
      const double idf = Idf(sections_.size(), with.size());
      if (idf <= kMinIdf) continue;
      for (const auto& [index, times] : with) {
        Section& section = sections_[index];
        const double length = kK1 * (1 - kB + kB * section.words / mean);
        section.score += term.weight * idf * times * (kK1 + 1) / (times + length);
      }
    }
    double best = 0;
    for (const Section& section : sections_) best = std::max(best, section.score);
    for (Section& section : sections_) section.score = best > 0 ? section.score / best : 0;
  }

  // Few passages have an identifier or quoted string that is asked for, or several rare words of the question
  // together. One word, and words that any task has, single nothing out; of a task that is no question only an
  // identifier does, and only where it is in a heading or begins an entry.
  bool TellsApart(bool asks) const {
    const size_t few = std::max(kFewUnits, units_.size() / kRareShare);
    std::vector<size_t> found(units_.size());  // rare words of the question, in half words
    size_t asked = 0;                          // all its words, in half words
    size_t present = 0;                        // of them, in the text; pairs of characters come by chance
    size_t missing = 0;
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      const Term& term = query_.terms()[t];
      if (term.weight < kAskedWeight || IsOfTasks(term.text)) continue;
      const size_t halves = static_cast<unsigned char>(term.text[0]) < 0x80 ? 2 : 1;
      asked += halves;
      const auto& with = counter_.units_with(t);
      if (halves == 2) ++(with.empty() ? missing : present);
      const auto are_few = [&](size_t count) {
        return count > 0 && count <= few && count * kNotRareShare <= units_.size();
      };
      const bool rare = are_few(with.size());
      if (term.exact && term.weight >= kExactWeight && HasLetter(term.text)) {
        if (rare && asks) return true;
        if (are_few(static_cast<size_t>(std::count_if(with.begin(), with.end(), [&](const TermCounter::InUnit& in) {
              return units_[in.unit].heading > 0 || BeginsWith(units_[in.unit].text, term.text);
            })))) {
          return true;
        }
      }
      if (asks && rare) AddRare(with, halves, &found);
    }
    if (missing * kPresent > present * kMissing) return false;
    return std::any_of(found.begin(), found.end(),
                       [&](size_t halves) { return halves >= 2 * kRareWords && halves * kAskedShare >= asked; });
  }

  // Of a passage and, where it is in its heading, of all passages of the section.
  void AddRare(const std::vector<TermCounter::InUnit>& with, size_t halves, std::vector<size_t>* found) const {
    size_t counted = 0;  // units before were counted already
    for (const auto& [unit, times] : with) {
      const Section& section = sections_[section_of_[unit]];
      const size_t end = units_[unit].heading > 0 ? section.end : unit + 1;
      for (size_t i = std::max<size_t>(unit, counted); i < end; ++i) (*found)[i] += halves;
      counted = std::max(counted, end);
    }
  }

  // Sections whose heading is quoted in the question, or whose heading of several words stands in it.
  std::vector<size_t> NamedSections(std::string_view question) const {
    std::vector<std::string> names;
    for (const Term& term : query_.terms()) {
      if (term.exact && term.weight >= kExactWeight) names.push_back(WordsOf(term.text));
    }
    const std::string asked = WordsOf(question);
    std::vector<size_t> equal;
    std::vector<size_t> in_question;
    std::vector<size_t> part;
    for (size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].level == 0) continue;
      const std::string heading = WordsOf(units_[sections_[i].begin].text);
      const std::string_view bare = WithoutNumber(heading);
      if (bare.size() < 3) continue;
      const auto is_equal = [&](const std::string& name) { return name == heading || WithoutNumber(name) == bare; };
      // A bare number names a section by its own number only.
      const auto is_part = [&](const std::string& name) {
        return name.size() > 2 && heading.find(name) < (HasLetter(name) ? heading.size() : 1) &&
               CountWords(heading) <= CountWords(name) + 4;
      };
      if (std::any_of(names.begin(), names.end(), is_equal)) {
        equal.push_back(i);
      } else if (asked.find(bare) != std::string::npos && CountTellingWords(bare) > 1) {
        in_question.push_back(i);
      } else if (std::any_of(names.begin(), names.end(), is_part)) {
        part.push_back(i);
      }
    }
    if (!equal.empty()) return equal;
    if (!in_question.empty()) return in_question;
    return part.size() <= kMaxNamed ? part : std::vector<size_t>();
  }

  void Keep(size_t unit) {
    if (choice_.kept[unit]) return;
    choice_.kept[unit] = true;
    spent_ += units_[unit].tokens;
  }

  void KeepSection(size_t index) {
    for (size_t i = sections_[index].begin; i < sections_[index].end; ++i) Keep(i);
  }

  // All headings, and how the text begins.
  void KeepFrame() {
    for (size_t i = 0; i < units_.size(); ++i) {
      if (units_[i].heading > 0) Keep(i);
    }
    const size_t first = units_[0].heading > 0 ? 1 : 0;
    if (first < units_.size() && units_[first].tokens <= kSmallSection) Keep(first);
  }

  // The section with what lies below it, and small neighbours.
  void KeepNamed(size_t index) {
    const auto keep_if_small = [&](size_t neighbour) {
      if (sections_[neighbour].tokens <= kSmallSection) KeepSection(neighbour);
    };
    KeepSection(index);
    size_t next = index + 1;
    for (; next < sections_.size() && sections_[next].level > sections_[index].level; ++next) KeepSection(next);
    if (next < sections_.size()) keep_if_small(next);
    if (index > 0) keep_if_small(index - 1);
  }

  // Keeps a passage with its neighbours in the section.
  void KeepAround(size_t unit) {
    const Section& section = sections_[section_of_[unit]];
    if (section.tokens <= kSmallSection) return KeepSection(section_of_[unit]);
    Keep(unit);
    if (units_[unit].stands_alone) return;
    const size_t after = unit + 1;
    if (unit > section.begin && units_[unit - 1].tokens <= kSmallSection) Keep(unit - 1);
    if (after < section.end && units_[after].tokens <= kSmallSection) Keep(after);
  }

  // For each word of the question that few passages have, the best of them; all for an exact one.
  void CoverRareTerms(const std::vector<size_t>& named) {
    const size_t few = std::max(kFewUnits, units_.size() / 50);
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      const Term& term = query_.terms()[t];
      const auto& with = counter_.units_with(t);
      if (with.empty() || with.size() > few || term.weight < kAskedWeight) continue;
      const bool has_named = std::any_of(with.begin(), with.end(), [&](const TermCounter::InUnit& in) {
        return std::find(named.begin(), named.end(), section_of_[in.unit]) != named.end();
      });
      if (has_named) continue;
      size_t best = with[0].unit;
      for (const auto& [unit, times] : with) {
        if (term.exact && term.weight >= kExactWeight) KeepAround(unit);
        if (scores_[unit] > scores_[best]) best = unit;
      }
      KeepAround(best);
    }
  }

  // An entry that begins with an identifier asked for explains it: "--onto <base>", "`timeout` (number)".
  void CoverEntries() {
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      const Term& term = query_.terms()[t];
      if (!term.exact || term.weight < kExactWeight) continue;
      for (const auto& [unit, times] : counter_.units_with(t)) {
        if (BeginsWith(units_[unit].text, term.text)) KeepAround(unit);
      }
    }
  }

  // An option may have a short form in front: "-i, --interactive".
  static bool BeginsWith(std::string_view text, std::string_view term) {
    const size_t first = text.find_first_not_of(" \t\r\n*-+`'\"[(<#|•");
    if (first == std::string_view::npos) return false;
    const size_t front = text.find_first_not_of(" \t\r\n");
    const std::string_view line = text.substr(front, text.find('\n', front) - front);
    const std::string head = Folded(line.substr(0, first - front + term.size() + kShortForm));
    const size_t found = head.find(term);
    if (found == std::string::npos) return false;
    return found <= first - front || (line[0] == '-' && found <= kShortForm);
  }

  // A word of the question that few headings have leads to their sections: to all of them where none is named,
  // else, as the question may ask about another one too, to that which has it most.
  void CoverHeadings(const std::vector<size_t>& named) {
    std::vector<size_t> with;
    for (size_t t = 0; t < query_.terms().size(); ++t) {
      if (query_.terms()[t].weight < kAskedWeight) continue;
      with.clear();
      for (const auto& [unit, times] : counter_.units_with(t)) {
        if (units_[unit].heading > 0) with.push_back(section_of_[unit]);
      }
      const auto is_named = [&](size_t index) { return std::find(named.begin(), named.end(), index) != named.end(); };
      if (with.empty() || std::any_of(with.begin(), with.end(), is_named)) continue;
      const bool few = with.size() <= kFewHeadings && with.size() * 4 <= sections_.size();
      if (named.empty() && few) {
        for (const size_t index : with) KeepUnlessLarge(index);
      } else if (few || !named.empty()) {
        KeepUnlessLarge(*std::max_element(with.begin(), with.end(), [&](size_t a, size_t b) {
          return TimesIn(t, a) / (sections_[a].words + kWordsOfSection) <
                 TimesIn(t, b) / (sections_[b].words + kWordsOfSection);
        }));
      }
    }
  }

  void KeepUnlessLarge(size_t index) {
    if (sections_[index].tokens <= 2 * kLargeSection) KeepSection(index);
  }

  double TimesIn(size_t term, size_t section) const {
    const auto& with = by_term_[term];
    const auto found =
        std::lower_bound(with.begin(), with.end(), section,
                         [](const std::pair<size_t, double>& in, size_t index) { return in.first < index; });
    return found != with.end() && found->first == section ? found->second : 0;
  }

  // Whole sections by score, while they fit.
  void Fill(size_t budget, double at_least) {
    std::vector<size_t> order;
    for (size_t i = 0; i < sections_.size(); ++i) {
      if (sections_[i].score > 0 && sections_[i].score >= at_least) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return sections_[a].score > sections_[b].score; });
    for (const size_t index : order) {
      if (sections_.size() > 1 && sections_[index].tokens <= std::max(kLargeSection, budget / 2) &&
          spent_ + sections_[index].tokens <= budget) {
        KeepSection(index);
      }
    }
  }

  void FillWithUnits(size_t budget) {
    std::vector<size_t> order;
    for (size_t i = 0; i < units_.size(); ++i) {
      if (scores_[i] > 0 && !choice_.kept[i]) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores_[a] > scores_[b]; });
    for (const size_t unit : order) {
      if (spent_ + units_[unit].tokens <= budget) KeepAround(unit);
    }
  }

  const std::vector<SectionUnit>& units_;
  const Query& query_;
  TermCounter counter_;
  std::vector<double> scores_;  // of the units
  std::vector<size_t> section_of_;
  std::vector<Section> sections_;
  std::vector<std::vector<std::pair<size_t, double>>> by_term_;
  SectionChoice choice_;
  size_t spent_ = 0;
};

}  // namespace

std::optional<SectionChoice> ChooseSections(const std::vector<SectionUnit>& units, const Query& query,
                                            std::string_view question, size_t budget, bool always) {
  if (units.empty()) return std::nullopt;
  const bool asks = !query.empty() && !query.exhaustive() && WordsIn(question) <= kMaxQuestionWords;
  if (asks) {
    std::optional<SectionChoice> choice = Chooser(units, query).Run(question, budget);
    if (choice.has_value()) return choice;
  }
  if (!always) return std::nullopt;
  return Chooser(units, query).RunUnasked(budget);
}

}  // namespace headroom::text
