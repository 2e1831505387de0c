#include "learning/pattern_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"
#include "json/strings.h"
#include "learning/recommendation.h"
#include "learning/signature.h"

namespace headroom::learning {
namespace {

constexpr std::string_view kVersion = "1.0";
constexpr uint64_t kMaxCount = uint64_t{1} << 53;  // exact in every reader of JSON
constexpr size_t kMaxPatternsRead = 65'536;
constexpr uint32_t kMaxRecent = 1'000'000;
constexpr size_t kInstanceDigits = 16;
constexpr uint32_t kCommonField = 3;
constexpr size_t kCommonFields = 20;
constexpr size_t kCommonQueries = 10;

// Members of an object, one a line.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string indent) : indent_(std::move(indent)) {}

  ObjectWriter& Raw(std::string_view name, std::string_view value) {
    out_.append(out_.empty() ? "{\n" : ",\n").append(indent_).append("  ");
    json::AppendQuoted(name, out_);
    out_.append(": ").append(value);
    return *this;
  }
  ObjectWriter& Number(std::string_view name, uint64_t value) { return Raw(name, std::to_string(value)); }
  ObjectWriter& Share(std::string_view name, double value) { return Raw(name, fmt::format("{:.3f}", value)); }
  ObjectWriter& Flag(std::string_view name, bool value) { return Raw(name, value ? "true" : "false"); }
  ObjectWriter& Text(std::string_view name, std::string_view value) { return Raw(name, json::Quote(value)); }
  std::string Take() { return out_.empty() ? "{}" : std::move(out_.append("\n").append(indent_).append("}")); }

 private:
  const std::string indent_;
  std::string out_;
};

std::string CountsJson(const WordCounts& counts) {
  std::string out = "{";
  for (const auto& [word, count] : counts.counts()) {
    out.append(out.size() > 1 ? ", " : "").append(fmt::format(R"("{}": {})", WordHex(word), count));
  }
  return out.append("}");
}

// The most frequent words as a list.
std::string CommonJson(const WordCounts& counts, uint32_t least, size_t limit) {
  std::vector<std::pair<uint32_t, uint64_t>> all;
  for (const auto& [word, count] : counts.counts()) {
    if (count >= least) all.emplace_back(count, word);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string out = "[";
  for (size_t i = 0; i < std::min(all.size(), limit); ++i) {
    out.append(i > 0 ? ", " : "").append("\"").append(WordHex(all[i].second)).append("\"");
  }
  return out.append("]");
}

std::string WordsJson(const std::vector<uint64_t>& words) {
  std::string out = "[";
  for (const uint64_t word : words) {
    out.append(out.size() > 1 ? ", " : "").append("\"").append(WordHex(word)).append("\"");
  }
  return out.append("]");
}

std::string StrategiesJson(const Pattern& pattern, bool rates) {
  std::string out = "{";
  for (const auto& [rule, strategy] : pattern.strategies) {
    out.append(out.size() > 1 ? ", " : "").append(json::Quote(rule));
    if (rates) {
      const double opened =
          strategy.uses == 0 ? 0.0
                             : std::min(1.0, static_cast<double>(strategy.opened) / static_cast<double>(strategy.uses));
      out.append(fmt::format(": {:.3f}", 1 - opened));
    } else {
      out.append(fmt::format(R"(: {{"uses": {}, "opened": {}}})", strategy.uses, strategy.opened));
    }
  }
  return out.append("}");
}

std::string TenantsJson(const Pattern& pattern) {
  std::string out = "[";
  for (const std::string& tenant : pattern.tenants) {
    out.append(out.size() > 1 ? ", " : "").append("\"").append(tenant).append("\"");
  }
  return out.append("]");
}

std::string TraitsJson(uint32_t traits) {
  constexpr std::pair<uint32_t, std::string_view> kNames[] = {
      {kHasId, "id"},         {kHasScore, "score"}, {kHasTimestamp, "timestamp"},
      {kHasStatus, "status"}, {kHasError, "error"}, {kHasMessage, "message"}};
  std::string out = "[";
  for (const auto& [bit, name] : kNames) {
    if ((traits & bit) != 0) out.append(out.size() > 1 ? ", " : "").append("\"").append(name).append("\"");
  }
  return out.append("]");
}

Recommendation RecommendationOf(const Pattern& pattern) {
  return HasEnough(pattern) ? Recommend(pattern) : Recommendation{};
}

std::string WriteObject(const PatternKey& key, const Pattern& pattern, Contributors contributors, std::string indent) {
  const Recommendation recommendation = RecommendationOf(pattern);
  ObjectWriter out(std::move(indent));
  out.Text("tool_signature_hash", key.signature)
      .Text("of", pattern.of_tool ? "tool" : "structure")
      .Number("total_compressions", pattern.compressions())
      .Number("excerpts", pattern.excerpts)
      .Number("lossless", pattern.lossless)
      .Number("total_items_seen", pattern.units)
      .Number("total_items_kept", pattern.units_kept)
      .Number("tokens_before", pattern.tokens_before)
      .Number("tokens_after", pattern.tokens_after)
      .Number("total_retrievals", pattern.retrievals())
      .Number("full_retrievals", pattern.whole_retrievals)
      .Number("search_retrievals", pattern.query_retrievals)
      .Number("visible_retrievals", pattern.visible_retrievals)
      .Number("recent_excerpts", pattern.recent_excerpts)
      .Number("recent_full", pattern.recent_whole)
      .Number("recent_search", pattern.recent_query)
      .Share("retrieval_rate", pattern.retrieval_rate())
      .Raw("field_retrieval_frequency", CountsJson(pattern.fields))
      .Raw("commonly_retrieved_fields", CommonJson(pattern.fields, kCommonField, kCommonFields))
      .Raw("word_retrieval_frequency", CountsJson(pattern.words))
      .Raw("query_pattern_frequency", CountsJson(pattern.queries))
      .Raw("common_query_patterns", CommonJson(pattern.queries, 1, kCommonQueries))
      .Raw("strategies", StrategiesJson(pattern, false))
      .Raw("strategy_success_rates", StrategiesJson(pattern, true))
      .Text("optimal_strategy", pattern.best_strategy())
      .Number("optimal_max_items", ItemsToKeep(pattern))
      .Number("optimal_share_percent", recommendation.share_percent)
      .Flag("skip_compression_recommended", recommendation.skip)
      .Raw("preserve_fields", WordsJson(recommendation.words))
      .Number("field_count", pattern.field_count)
      .Number("depth", pattern.depth)
      .Raw("field_semantics", TraitsJson(pattern.traits))
      .Number("field_traits", pattern.traits)
      .Number("sample_size", pattern.compressions())
      .Number("user_count", pattern.tenants.size())
      .Raw("seen_instance_hashes", contributors == Contributors::kNamed ? TenantsJson(pattern) : "[]")
      .Flag("tracking_truncated", pattern.more_tenants)
      .Share("confidence", pattern.confidence())
      .Raw("last_updated", std::to_string(pattern.updated));
  return out.Take();
}

bool IsHex(std::string_view text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsRule(std::string_view text) {
  return !text.empty() && text.size() <= Pattern::kMaxStrategyBytes &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view text, const KeyedHash& hash) : bytes_(text), hash_(hash) {}

  Result<Patterns> Read(Patterns::Limits limits) {
    if (!document_.Parse(bytes_).ok() || document_.root().type != json::Type::kObject) return Damaged();
    const json::Token& root = document_.root();
    if (!TextOf(root, "version").starts_with("1.")) return Damaged();
    if (TextOf(root, "instance_id") != InstanceId(hash_)) {
      return Status(Code::kFailedPrecondition, "made under another installation's key");
    }
    const std::optional<json::Token> shared = document_.Find(root, "patterns");
    if (!shared.has_value() || !TakeAll("", *shared)) return Damaged();
    const std::optional<json::Token> tenants = document_.Find(root, "tenants");
    if (tenants.has_value()) {
      if (tenants->type != json::Type::kObject) return Damaged();
      for (const json::Member& member : document_.Members(*tenants)) {
        const std::string tenant = document_.Text(member.key).value_or("");
        if (!IsHex(tenant, KeyedHash::kIdDigits) || !TakeAll(tenant, member.value)) return Damaged();
      }
    }
    std::stable_sort(read_.begin(), read_.end(),
                     [](const auto& a, const auto& b) { return a.second.updated < b.second.updated; });
    Patterns patterns(limits);
    for (const auto& [key, pattern] : read_) {
      patterns.Update(key, [&read = pattern](Pattern& mine) { mine.Merge(read); });
    }
    return patterns;
  }

 private:
  static Status Damaged() { return Status(Code::kDataLoss, "not a file of patterns"); }

  bool TakeAll(const std::string& tenant, const json::Token& object) {
    if (object.type != json::Type::kObject) return false;
    for (const json::Member& member : document_.Members(object)) {
      const std::string signature = document_.Text(member.key).value_or("");
      Pattern pattern;
      if (read_.size() >= kMaxPatternsRead) return false;
      if (!IsHex(signature, KeyedHash::kIdDigits) || !TakePattern(member.value, pattern)) return false;
      read_.emplace_back(PatternKey{tenant, signature}, std::move(pattern));
    }
    return true;
  }

  // One pass over the members: an object is not searched once for each name.
  bool TakePattern(const json::Token& object, Pattern& pattern) {
    if (object.type != json::Type::kObject) return false;
    for (const json::Member& member : document_.Members(object)) {
      if (!TakeMember(document_.Text(member.key).value_or(""), member.value, pattern)) return false;
    }
    return true;
  }

  bool TakeMember(std::string_view name, const json::Token& value, Pattern& pattern) {
    const std::pair<std::string_view, uint64_t*> counts[] = {
        {"excerpts", &pattern.excerpts},
        {"lossless", &pattern.lossless},
        {"total_items_seen", &pattern.units},
        {"total_items_kept", &pattern.units_kept},
        {"tokens_before", &pattern.tokens_before},
        {"tokens_after", &pattern.tokens_after},
        {"full_retrievals", &pattern.whole_retrievals},
        {"search_retrievals", &pattern.query_retrievals},
        {"visible_retrievals", &pattern.visible_retrievals},
    };
    for (const auto& [known, count] : counts) {
      if (name == known) return Count(value, kMaxCount, *count);
    }
    const std::pair<std::string_view, uint32_t*> small[] = {{"recent_excerpts", &pattern.recent_excerpts},
                                                            {"recent_full", &pattern.recent_whole},
                                                            {"recent_search", &pattern.recent_query},
                                                            {"field_count", &pattern.field_count},
                                                            {"depth", &pattern.depth},
                                                            {"field_traits", &pattern.traits}};
    for (const auto& [known, count] : small) {
      if (name == known) return Count(value, kMaxRecent, *count);
    }
    if (name == "field_retrieval_frequency") return Words(value, pattern.fields);
    if (name == "word_retrieval_frequency") return Words(value, pattern.words);
    if (name == "query_pattern_frequency") return Words(value, pattern.queries);
    if (name == "strategies") return Strategies(value, pattern);
    if (name == "seen_instance_hashes") return Tenants(value, pattern);
    if (name == "of") pattern.of_tool = document_.TextIs(value, "tool");
    if (name == "tracking_truncated") pattern.more_tenants = document_.Raw(value) == "true";
    if (name == "last_updated") return Count(value, kMaxCount, pattern.updated);
    return true;
  }

  template <typename Number>
  bool Count(const json::Token& token, uint64_t limit, Number& number) const {
    const std::string_view raw = document_.Raw(token);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (error != std::errc() || end != raw.data() + raw.size()) return false;
    number = static_cast<Number>(std::min(value, limit));
    return true;
  }

  bool Words(const json::Token& object, WordCounts& counts) const {
    if (object.type != json::Type::kObject) return false;
    for (const json::Member& member : document_.Members(object)) {
      const std::string name = document_.Text(member.key).value_or("");
      uint32_t count = 0;
      uint64_t word = 0;
      if (!IsHex(name, 16) || !Count(member.value, kMaxRecent, count)) return false;
      std::from_chars(name.data(), name.data() + name.size(), word, 16);
      counts.Add(word, count);
    }
    return true;
  }

  bool Strategies(const json::Token& object, Pattern& pattern) const {
    if (object.type != json::Type::kObject) return false;
    for (const json::Member& member : document_.Members(object)) {
      const std::string rule = document_.Text(member.key).value_or("");
      if (!IsRule(rule) || member.value.type != json::Type::kObject) return false;
      Pattern::Strategy* strategy = pattern.StrategyOf(rule);
      if (strategy == nullptr) continue;
      for (const json::Member& count : document_.Members(member.value)) {
        const bool uses = document_.TextIs(count.key, "uses");
        if (!Count(count.value, kMaxCount, uses ? strategy->uses : strategy->opened)) return false;
      }
    }
    return true;
  }

  bool Tenants(const json::Token& array, Pattern& pattern) const {
    if (array.type != json::Type::kArray) return false;
    for (const json::Token& element : document_.Elements(array)) {
      const std::string tenant = document_.Text(element).value_or("");
      if (!IsHex(tenant, KeyedHash::kIdDigits)) return false;
      pattern.AddTenant(tenant);
    }
    return true;
  }

  std::string TextOf(const json::Token& object, std::string_view name) const {
    const std::optional<json::Token> token = document_.Find(object, name);
    return token.has_value() ? document_.Text(*token).value_or("") : "";
  }

  const PaddedBytes bytes_;
  const KeyedHash& hash_;
  json::Document document_;
  std::vector<std::pair<PatternKey, Pattern>> read_;
};

}  // namespace

std::string PatternJson(const PatternKey& key, const Pattern& pattern, Contributors contributors) {
  return WriteObject(key, pattern, contributors, "");
}

uint64_t ItemsToKeep(const Pattern& pattern) {
  if (pattern.excerpts == 0) return 0;
  const Recommendation recommendation = RecommendationOf(pattern);
  if (recommendation.skip) return pattern.units / pattern.excerpts;
  return pattern.units_kept / pattern.excerpts * recommendation.share_percent / 100;
}

std::string InstanceId(const KeyedHash& hash) { return hash.Id("instance", "").substr(0, kInstanceDigits); }

std::string WritePatterns(const Patterns& patterns, const KeyedHash& hash, int64_t unix_seconds) {
  std::map<std::string, std::vector<std::pair<PatternKey, const Pattern*>>> by_tenant;
  patterns.ForEach(
      [&](const PatternKey& key, const Pattern& pattern) { by_tenant[key.tenant].emplace_back(key, &pattern); });
  const auto write = [&](const std::string& tenant, const std::string& indent) {
    ObjectWriter out(indent);
    for (const auto& [key, pattern] : by_tenant[tenant]) {
      out.Raw(key.signature, WriteObject(key, *pattern, Contributors::kNamed, indent + "  "));
    }
    return out.Take();
  };
  ObjectWriter tenants("  ");
  const std::string shared = write("", "  ");
  for (const auto& [tenant, entries] : by_tenant) {
    if (!tenant.empty()) tenants.Raw(tenant, write(tenant, "    "));
  }
  ObjectWriter file("");
  file.Text("version", kVersion)
      .Raw("export_timestamp", std::to_string(unix_seconds))
      .Text("instance_id", InstanceId(hash))
      .Raw("patterns", shared)
      .Raw("tenants", tenants.Take());
  return file.Take().append("\n");
}

Result<Patterns> ReadPatterns(std::string_view text, const KeyedHash& hash, Patterns::Limits limits) {
  if (text.size() > kMaxPatternFileBytes) return Status(Code::kResourceExhausted, "more than 32 MiB");
  return Reader(text, hash).Read(limits);
}

}  // namespace headroom::learning
