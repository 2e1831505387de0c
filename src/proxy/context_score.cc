#include "proxy/context_score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "text/severity.h"
#include "text/words.h"

namespace headroom::proxy {
namespace {

constexpr double kRecencyWeight = 0.20;
constexpr double kSimilarityWeight = 0.20;
constexpr double kPatternWeight = 0.25;
constexpr double kErrorWeight = 0.15;
constexpr double kReferenceWeight = 0.15;
constexpr double kDensityWeight = 0.05;

constexpr double kRecencyFade = 0.1;
constexpr size_t kFewWords = 20;       // too few to tell how dense they are
constexpr size_t kMinNameBytes = 4;    // shorter identifiers are everywhere
constexpr size_t kMaxErrorLines = 20;  // more say no more
constexpr size_t kMaxErrorLineBytes = 400;
constexpr size_t kNoBlankBytes = 2048;  // a text without a blank in so many bytes is no text

uint64_t Mix(uint64_t hash, unsigned char c) { return (hash ^ c) * 0x100000001b3ULL; }

// FNV-1a over the word in small ASCII letters, finished so that the low bits depend on all.
uint64_t HashWord(std::string_view word) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : word) hash = Mix(hash, static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  return hash ^ (hash >> 33);
}

// How often each word stands in one unit, or in the task.
class WordCounts {
 public:
  struct Entry {
    uint16_t word;
    uint16_t times;
  };

  void Add(uint64_t hash) {
    ++words_;
    uint16_t& count = counts_[hash & 0xffff];
    if (count == 0) seen_.push_back(static_cast<uint16_t>(hash));
    if (count < UINT16_MAX) ++count;
  }
  size_t words() const { return words_; }
  size_t distinct() const { return seen_.size(); }

  // What was counted; begins anew.
  std::vector<Entry> Take() {
    std::vector<Entry> entries;
    entries.reserve(seen_.size());
    for (const uint16_t word : seen_) {
      entries.push_back({word, counts_[word]});
      counts_[word] = 0;
    }
    seen_.clear();
    words_ = 0;
    return entries;
  }

 private:
  std::array<uint16_t, 1 << 16> counts_{};
  std::vector<uint16_t> seen_;
  size_t words_ = 0;
};

// Identifiers by hash: where they stood first and last, and who quoted them.
class Names {
 public:
  struct Name {
    uint64_t hash = 0;
    uint32_t first = 0;
    uint32_t latest = 0;
    uint32_t units = 0;  // that hold it
    uint32_t quoted_by = UINT32_MAX;
  };

  explicit Names(size_t bytes) {
    size_t size = 1 << 12;
    while (size < bytes / 8 && size < (1 << 19)) size *= 2;
    slots_.resize(size);
  }

  // Nothing when it is unknown and the table is full.
  Name* Find(uint64_t hash) {
    hash |= 1;  // 0 is an empty slot
    for (size_t at = hash >> 8, tries = 0; tries < kMaxTries; ++at, ++tries) {
      Name& name = slots_[at & (slots_.size() - 1)];
      if (name.hash == hash) return &name;
      if (name.hash != 0) continue;
      name.hash = hash;
      return &name;
    }
    return nullptr;
  }

 private:
  static constexpr size_t kMaxTries = 16;
  std::vector<Name> slots_;
};

// Counted tells of nothing: metadata of the formats.
bool IsMetadata(std::string_view key) {
  static constexpr std::array<std::string_view, 11> kKeys = {"type",         "role",   "id",           "call_id",
                                                             "tool_use_id",  "status", "signature",    "data",
                                                             "tool_call_id", "caller", "cache_control"};
  return key == "encrypted_content" || key == "media_type" || std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

class Scorer {
 public:
  Scorer(const json::Document& document, const std::vector<json::Token>& messages, const ContextUnits& units)
      : document_(document),
        messages_(messages),
        units_(units),
        share_(std::min(1.0, static_cast<double>(kMaxScoredBytes) /
                                 static_cast<double>(std::max<size_t>(document.body().size(), 1)))),
        names_(std::min(document.body().size(), kMaxScoredBytes)),
        counts_(std::make_unique<WordCounts>()),
        task_(std::make_unique<WordCounts>()),
        unit_(units.units.size()) {}

  std::vector<double> Run(const RequestView& view, const ToolPattern& pattern) {
    const size_t count = units_.units.size();
    for (current_ = 0; current_ < count; ++current_) ReadUnit(units_.units[current_]);
    const std::vector<double> similarity = Similarities();
    const std::vector<double> patterns = Patterns(view, pattern);
    std::vector<double> scores(count);
    for (size_t i = 0; i < count; ++i) {
      const Unit& unit = unit_[i];
      const double references = unit.references == 0 ? 0 : std::min(1.0, 0.3 + 0.2 * std::log1p(unit.references));
      const double errors = std::min(1.0, 0.3 * static_cast<double>(unit.error_lines) + (unit.failed ? 0.4 : 0.0));
      scores[i] = kRecencyWeight * std::exp(-kRecencyFade * static_cast<double>(count - 1 - i)) +
                  kSimilarityWeight * similarity[i] + kPatternWeight * patterns[i] + kErrorWeight * errors +
                  kReferenceWeight * references + kDensityWeight * unit.density;
    }
    return scores;
  }

 private:
  struct Unit {
    std::vector<WordCounts::Entry> words;
    double density = 0.5;
    size_t error_lines = 0;
    bool failed = false;
    uint32_t references = 0;
  };

  void ReadUnit(const ContextUnit& unit) {
    Unit& read = unit_[current_];
    for (uint32_t m = unit.begin; m < unit.end; ++m) {
      authored_ = units_.kinds[m] == MessageKind::kAssistant || units_.kinds[m] == MessageKind::kUser;
      is_task_ = authored_ && (m == units_.newest_user || m >= units_.tail_begin);
      ReadValue(messages_[m], 0);
    }
    if (counts_->words() >= kFewWords) {
      const double distinct = static_cast<double>(counts_->distinct()) / static_cast<double>(counts_->words());
      read.density = std::clamp((distinct - 0.2) / 0.6, 0.0, 1.0);
    }
    read.words = counts_->Take();
  }

  void ReadValue(const json::Token& token, size_t depth) {
    if (depth > kMaxDepth) return;
    if (token.type == json::Type::kObject) {
      for (const json::Member& member : document_.Members(token)) {
        const std::string_view key = document_.Inside(member.key);
        if (key == "is_error" && document_.Raw(member.value) == "true") unit_[current_].failed = true;
        if (!IsMetadata(key)) ReadValue(member.value, depth + 1);
      }
    } else if (token.type == json::Type::kArray) {
      for (const json::Token& element : document_.Elements(token)) ReadValue(element, depth + 1);
    } else if (token.type == json::Type::kString) {
      const std::optional<std::string> text = document_.Text(token);
      if (text.has_value()) ReadText(std::string_view(*text).substr(0, Counted(text->size())));
    }
  }

  size_t Counted(size_t bytes) const { return static_cast<size_t>(std::ceil(static_cast<double>(bytes) * share_)); }

  void ReadText(std::string_view text) {
    if (text.size() >= kNoBlankBytes &&
        text.substr(0, kNoBlankBytes).find_first_of(" \n\t") == std::string_view::npos) {
      return;
    }
    text::ForEachWord(text, [this](const text::Word& word) { ReadWord(word); });
    if (!authored_) ReadErrors(text);
  }

  void ReadWord(const text::Word& word) {
    if (word.text.size() < 2) return;
    const uint64_t hash = HashWord(word.text);
    counts_->Add(hash);
    if (is_task_) task_->Add(hash);
    const bool names = word.shape == text::WordShape::kIdentifier || word.shape == text::WordShape::kNumber;
    if (!names || word.text.size() < kMinNameBytes) return;
    ReadName(hash);
    // "src/a.cc:12" also names "src/a.cc" and "a.cc".
    const std::string_view path = word.text.substr(0, word.text.find(':'));
    const std::string_view file = path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
    if (path.size() < word.text.size() && path.size() >= kMinNameBytes) ReadName(HashWord(path));
    if (file.size() < path.size() && file.size() >= kMinNameBytes) ReadName(HashWord(file));
  }

  void ReadName(uint64_t hash) {
    Names::Name* const name = names_.Find(hash);
    if (name == nullptr) return;
    const auto here = static_cast<uint32_t>(current_);
    if (name->units == 0) {
      *name = {name->hash, here, here, 1, UINT32_MAX};
      return;
    }
    const size_t common = std::max<size_t>(3, units_.units.size() / 4);
    if (authored_ && name->quoted_by != here && name->first < here && name->units <= common) {
      name->quoted_by = here;
      ++unit_[name->first].references;
      if (name->latest != name->first && name->latest != here) ++unit_[name->latest].references;
    }
    if (name->latest != here) {
      name->latest = here;
      ++name->units;
    }
  }

  void ReadErrors(std::string_view text) {
    size_t& lines = unit_[current_].error_lines;
    while (!text.empty() && lines < kMaxErrorLines) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, std::min(end, kMaxErrorLineBytes));
      if (!line.empty() && text::SeverityOf(line) == text::Severity::kError) ++lines;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  // Cosine of each unit and the task, the best unprotected one 1.
  std::vector<double> Similarities() {
    std::vector<uint32_t> holders(1 << 16);
    for (const Unit& unit : unit_) {
      for (const WordCounts::Entry& entry : unit.words) ++holders[entry.word];
    }
    const double n = static_cast<double>(unit_.size());
    const auto weight = [&](const WordCounts::Entry& entry) {
      const double idf = std::log((n + 1) / (static_cast<double>(holders[entry.word]) + 0.5));
      return (1 + std::log(entry.times)) * std::max(idf, 0.0);
    };
    std::vector<double> task(1 << 16);
    for (const WordCounts::Entry& entry : task_->Take()) task[entry.word] = weight(entry);
    std::vector<double> similarity(unit_.size());
    double best = 0;
    for (size_t i = 0; i < unit_.size(); ++i) {
      double product = 0;
      double square = 0;
      for (const WordCounts::Entry& entry : unit_[i].words) {
        const double own = weight(entry);
        product += own * task[entry.word];
        square += own * own;
      }
      if (square > 0) similarity[i] = product / std::sqrt(square);
      if (!units_.units[i].is_protected) best = std::max(best, similarity[i]);
    }
    for (double& value : similarity) value = best > 0 ? std::min(1.0, value / best) : 0;
    return similarity;
  }

  // The mean over the unit's calls.
  std::vector<double> Patterns(const RequestView& view, const ToolPattern& pattern) const {
    std::vector<double> patterns(unit_.size(), 0.5);
    if (!pattern) return patterns;
    std::vector<double> sum(unit_.size());
    std::vector<size_t> calls(unit_.size());
    size_t unit = 0;
    for (const Block& block : view.blocks) {
      while (unit < unit_.size() && block.message >= units_.units[unit].end) ++unit;
      if (unit == unit_.size()) break;
      if (block.kind != BlockKind::kToolCall) continue;
      sum[unit] += std::clamp(pattern(block.tool_name), 0.0, 1.0);
      ++calls[unit];
    }
    for (size_t i = 0; i < patterns.size(); ++i) {
      if (calls[i] > 0) patterns[i] = sum[i] / static_cast<double>(calls[i]);
    }
    return patterns;
  }

  static constexpr size_t kMaxDepth = 16;

  const json::Document& document_;
  const std::vector<json::Token>& messages_;
  const ContextUnits& units_;
  const double share_;  // of each text that counts
  Names names_;
  std::unique_ptr<WordCounts> counts_;
  std::unique_ptr<WordCounts> task_;
  std::vector<Unit> unit_;
  size_t current_ = 0;
  bool authored_ = false;  // the text being read is of the user or the model
  bool is_task_ = false;
};

}  // namespace

std::vector<double> ScoreUnits(const json::Document& document, const std::vector<json::Token>& messages,
                               const RequestView& view, const ContextUnits& units, const ToolPattern& pattern) {
  return Scorer(document, messages, units).Run(view, pattern);
}

std::vector<double> ScoreByPosition(size_t units) {
  std::vector<double> scores(units);
  for (size_t i = 1; i < units; ++i) scores[i] = static_cast<double>(i) / static_cast<double>(units - 1);
  return scores;
}

}  // namespace headroom::proxy
