#include "proxy/lessons.h"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "proxy/retrieve_tool.h"
#include "text/gaps.h"
#include "text/lookup.h"
#include "text/words.h"

namespace headroom::proxy {
namespace {

constexpr size_t kQueryTokens = 4'000;  // as much as answers a query
constexpr size_t kMaxQueryBytes = 4 * 1024;
constexpr size_t kMaxQueryWords = 64;
constexpr size_t kMaxScannedBytes = size_t{4} << 20;
constexpr size_t kMinWordBytes = 2;

// A query's words that say of what: folded, each once.
std::vector<std::string> QueryWords(std::string_view query) {
  std::vector<std::string> words;
  text::ForEachWord(query.substr(0, kMaxQueryBytes), [&](const text::Word& word) {
    std::string folded = text::Folded(word.text);
    if (words.size() >= kMaxQueryWords || folded.size() < kMinWordBytes || text::IsStopWord(folded)) return;
    if (std::find(words.begin(), words.end(), folded) == words.end()) words.push_back(std::move(folded));
  });
  return words;
}

bool LiesIn(const std::vector<learning::Range>& ranges, size_t number) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const learning::Range& range) { return number >= range.first && number <= range.last; });
}

// Which of `words` stand in a unit that was found and had been left out.
std::vector<std::string> AskedAndLeftOut(const std::vector<std::string>& words, const text::Lookup& found,
                                         const std::vector<learning::Range>* gaps) {
  std::unordered_set<std::string> there;
  const bool numbered = gaps != nullptr && !gaps->empty() && found.unit != "parts";
  for (const text::Lookup::Unit& unit : found.found) {
    if (numbered && !LiesIn(*gaps, unit.number)) continue;
    text::ForEachWord(unit.text, [&](const text::Word& word) {
      std::string folded = text::Folded(word.text);
      if (std::find(words.begin(), words.end(), folded) != words.end()) there.insert(std::move(folded));
    });
  }
  std::vector<std::string> asked;
  for (const std::string& word : words) {
    if (there.contains(word)) asked.push_back(word);
  }
  return asked;
}

void AddQuery(const learning::KeyedHash& hash, const std::vector<learning::Range>* gaps, std::string_view text,
              const std::string& query, learning::Opening& opening) {
  const std::vector<std::string> words = QueryWords(query);
  std::string phrase;
  for (const std::string& word : words) phrase.append(phrase.empty() ? "" : " ").append(word);
  opening.query = hash.Word("query", phrase);
  const text::Lookup found = text::LookUp(text, query, kQueryTokens);
  if (!found.matched) {
    opening.left_out = false;
    return;
  }
  const std::vector<std::string> asked = AskedAndLeftOut(words, found, gaps);
  const bool only_in_what_is_shown = asked.empty() && gaps != nullptr && !gaps->empty() && !words.empty();
  opening.left_out = !only_in_what_is_shown;
  for (const std::string& word : asked) {
    const uint64_t id = learning::WordId(word, hash);
    const std::vector<uint64_t>& fields = opening.structure.fields;
    (std::binary_search(fields.begin(), fields.end(), id) ? opening.fields : opening.words).push_back(id);
  }
}

// True when who read the pages up to this one has read all of it.
bool EndsThere(std::string_view text, size_t page) {
  const text::Lookup read = text::ReadPage(text, page, kPageTokens, kMaxAnswerTokens);
  return !read.found.empty() && read.found.back().number == read.total;
}

}  // namespace

std::vector<learning::Range> RangesLeftOut(std::string_view rendition) {
  std::vector<learning::Range> ranges;
  for (const text::Gap& gap : text::GapsIn(rendition, Lessons::kMaxGaps)) {
    if (!gap.unit.starts_with("byte") && !gap.unit.starts_with("member")) ranges.push_back({gap.first, gap.last});
  }
  return ranges;
}

learning::Structure Lessons::StructureOf(std::string_view text, std::string_view tool) const {
  // The arguments of the call are not known when an original is asked for.
  const text::Kind kind = text::DetectKind({.text = text, .tool_name = tool, .tool_arguments = {}});
  return learning::StructureOf(text, text::KindName(kind), tool, learner_->hash());
}

Lessons::Advice Lessons::For(const learning::Snapshot& snapshot, const store::TenantId& tenant,
                             const learning::Structure& structure, std::string_view text) const {
  Advice advice;
  if (snapshot.empty()) return advice;
  const learning::Recommendation* found = snapshot.Find(learner_->TenantId(tenant), structure);
  if (found == nullptr) return advice;
  advice.whole = found->skip && !learning::IsSample(text);
  advice.share_factor = found->share_percent / 100.0;
  if (advice.whole || found->words.empty()) return advice;
  size_t missing = found->words.size();
  std::unordered_set<Hash128, Hash128Hasher> seen;
  text::ForEachWord(text.substr(0, kMaxScannedBytes), [&](const text::Word& word) {
    if (missing == 0 || word.text.size() < kMinWordBytes) return;
    const std::string folded = text::Folded(word.text);
    if (!seen.insert(HashOf(folded)).second) return;
    const uint64_t id = learning::WordId(folded, learner_->hash());
    if (!std::binary_search(found->words.begin(), found->words.end(), id)) return;
    --missing;
    advice.asked_before.append(advice.asked_before.empty() ? "" : " ").append(folded);
  });
  return advice;
}

void Lessons::Compressed(std::vector<learning::Excerpt> excerpts) const {
  if (!on() || excerpts.empty()) return;
  size_t bytes = 0;
  for (const learning::Excerpt& excerpt : excerpts) {
    bytes += sizeof excerpt + excerpt.gaps.size() * sizeof(learning::Range);
  }
  learner_->Post(bytes, [learner = learner_, excerpts = std::move(excerpts)] {
    for (const learning::Excerpt& excerpt : excerpts) learner->Learn(excerpt);
  });
}

void Lessons::Retrieved(const store::TenantId& tenant, const store::Original& original, const Given& given) const {
  if (!on()) return;
  struct Asked {
    store::TenantId tenant;
    std::string id;
    std::string text;
    std::string tool;
    std::string query;
    size_t page;
    bool whole;
  };
  auto asked =
      std::make_shared<const Asked>(Asked{tenant, original.id, original.text, original.tool_name,
                                          std::string(given.query.substr(0, kMaxQueryBytes)), given.page, given.whole});
  const size_t bytes = asked->text.size() + asked->query.size();
  learner_->Post(bytes, [lessons = *this, asked = std::move(asked)] {
    learning::Learner& learner = *lessons.learner_;
    const auto excerpt = learner.Recall(asked->tenant, asked->id);
    learning::Opening opening;
    opening.tenant = asked->tenant;
    opening.original = asked->id;
    opening.structure = excerpt.has_value() ? excerpt->structure : lessons.StructureOf(asked->text, asked->tool);
    opening.by_query = !asked->query.empty();
    opening.whole = !opening.by_query && (asked->whole || EndsThere(asked->text, asked->page));
    if (opening.by_query) {
      AddQuery(learner.hash(), excerpt.has_value() ? &excerpt->gaps : nullptr, asked->text, asked->query, opening);
    }
    learner.Learn(opening);
  });
}

}  // namespace headroom::proxy
