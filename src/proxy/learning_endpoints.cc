#include "proxy/learning_endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "json/strings.h"
#include "learning/pattern_file.h"
#include "learning/recommendation.h"

namespace headroom::proxy {
namespace {

using learning::Learner;
using learning::Pattern;
using learning::PatternKey;

constexpr size_t kDefaultLimit = 20;
constexpr size_t kMaxLimit = 1'000;
constexpr size_t kShortHash = 12;
constexpr size_t kMaxTools = 200;
constexpr uint64_t kMinCompressions = 5;  // before a tool's figures say something

Reply NotFound() { return JsonReply(404, R"({"detail":"not found"})"); }

double Rate(uint64_t retrievals, uint64_t compressions) {
  return compressions == 0 ? 0 : static_cast<double>(retrievals) / static_cast<double>(compressions);
}

learning::Recommendation RecommendationOf(const Pattern& pattern) {
  return learning::HasEnough(pattern) ? learning::Recommend(pattern) : learning::Recommendation();
}

// The number behind "limit=" of a query string, within [1, kMaxLimit].
size_t LimitOf(const net::RequestHead& request) {
  constexpr std::string_view kName = "limit=";
  const std::string_view query = request.query();
  const size_t at = query.find(kName);
  if (at == std::string_view::npos) return kDefaultLimit;
  size_t limit = 0;
  const std::string_view value = query.substr(at + kName.size());
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
  if (error == std::errc::result_out_of_range) return kMaxLimit;
  return error == std::errc() ? std::clamp<size_t>(limit, 1, kMaxLimit) : kDefaultLimit;
}

Reply Stats(const LearningParts& parts) {
  const bool enabled = parts.learner != nullptr && parts.learner->enabled();
  const Learner::Totals totals = enabled ? parts.learner->totals() : Learner::Totals();
  return JsonReply(
      200, fmt::format(R"({{"enabled":{},"patterns_tracked":{},"total_compressions":{},"total_retrievals":{},)"
                       R"("global_retrieval_rate":{:.3f},"patterns_with_recommendations":{},"snapshot":"{}",)"
                       R"("dropped_observations":{}}})",
                       enabled, totals.patterns, totals.compressions, totals.retrievals,
                       Rate(totals.retrievals, totals.compressions), totals.with_recommendations, parts.snapshot,
                       totals.dropped));
}

Reply List(const Learner& learner, size_t limit) {
  std::string out = "[";
  for (const auto& [key, pattern] : learner.List("", false, limit)) {
    if (out.size() > 1) out.push_back(',');
    out += fmt::format(R"({{"hash":"{}","compressions":{},"retrievals":{},"retrieval_rate":"{:.1f}%",)"
                       R"("confidence":{:.3f},"skip_recommended":{},"optimal_max_items":{}}})",
                       key.signature.substr(0, kShortHash), pattern.compressions(), pattern.retrievals(),
                       100 * Rate(pattern.retrievals(), pattern.compressions()), pattern.confidence(),
                       RecommendationOf(pattern).skip, learning::ItemsToKeep(pattern));
  }
  return JsonReply(200, out.append("]"));
}

// A pattern of the installation, without who contributed to it.
std::string SharedJson(const PatternKey& key, Pattern pattern) {
  return learning::PatternJson(key, pattern, learning::Contributors::kCounted);
}

std::optional<std::pair<PatternKey, Pattern>> FindShared(const Learner& learner, std::string_view prefix,
                                                         bool of_tools) {
  if (prefix.empty() || prefix.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  for (auto& entry : learner.List("", of_tools, SIZE_MAX)) {
    if (entry.first.signature.starts_with(prefix)) return std::move(entry);
  }
  return std::nullopt;
}

Reply One(const Learner& learner, std::string_view prefix) {
  const auto found = FindShared(learner, prefix, false);
  return found.has_value() ? JsonReply(200, SharedJson(found->first, found->second)) : NotFound();
}

// How hard to cut: 0 not at all, 1 as hard as can be.
double Aggressiveness(const learning::Recommendation& recommendation) {
  if (recommendation.skip) return 0;
  if (recommendation.share_percent >= 200) return 0.3;
  return recommendation.share_percent < 100 ? 0.7 : 0.5;
}

std::string Reason(const Pattern& pattern, const learning::Recommendation& recommendation) {
  if (!learning::HasEnough(pattern)) return "too few excerpts to go by";
  const std::string seen = fmt::format("{:.0f} % of {} recent excerpts were opened for what they left out",
                                       100 * pattern.retrieval_rate(), pattern.recent_excerpts);
  if (recommendation.skip) return seen + ", mostly whole: leave nothing out";
  if (recommendation.share_percent > 100) return seen + ": keep more";
  if (recommendation.share_percent < 100) return seen + ": keep less";
  return seen;
}

std::string HintsJson(const Pattern& pattern) {
  const learning::Recommendation recommendation = RecommendationOf(pattern);
  const uint64_t items = learning::ItemsToKeep(pattern);
  std::string fields = "[";
  for (const uint64_t word : recommendation.words) {
    fields.append(fields.size() > 1 ? ",\"" : "\"").append(learning::WordHex(word)).append("\"");
  }
  return fmt::format(R"({{"max_items":{},"min_items":{},"suggested_items":{},"aggressiveness":{:.1f},)"
                     R"("skip_compression":{},"preserve_fields":{}],"reason":{}}})",
                     items, std::min<uint64_t>(items, 5), items, Aggressiveness(recommendation), recommendation.skip,
                     fields, json::Quote(Reason(pattern, recommendation)));
}

// Nothing for a login that may be forged.
std::optional<std::string> TenantOf(const Credential& credential, const LearningParts& parts) {
  const auto proven = [&](const std::string& upstream) { return parts.tenants.Proven(credential, upstream); };
  if (std::none_of(parts.upstreams.begin(), parts.upstreams.end(), proven)) return std::nullopt;
  return parts.learner->TenantId(parts.tenants.Known(credential));
}

Reply Feedback(const Credential& credential, const LearningParts& parts) {
  const std::optional<std::string> tenant = TenantOf(credential, parts);
  std::vector<std::pair<PatternKey, Pattern>> tools;
  if (tenant.has_value()) tools = parts.learner->List(*tenant, true, kMaxTools);
  uint64_t compressions = 0;
  uint64_t retrievals = 0;
  std::string patterns = "{";
  for (const auto& [key, pattern] : tools) {
    compressions += pattern.compressions();
    retrievals += pattern.retrievals();
    patterns.append(patterns.size() > 1 ? ",\"" : "\"").append(key.signature).append("\":");
    patterns += SharedJson(key, pattern);
  }
  return JsonReply(200, fmt::format(R"({{"feedback":{{"total_compressions":{},"total_retrievals":{},)"
                                    R"("global_retrieval_rate":{:.3f},"tools_tracked":{},"tool_patterns":{}}}}},)"
                                    R"("hints_example":{}}})",
                                    compressions, retrievals, Rate(retrievals, compressions), tools.size(), patterns,
                                    tools.empty() ? "null" : HintsJson(tools[0].second)));
}

Reply FeedbackOn(std::string_view tool, const Credential& credential, const LearningParts& parts) {
  const std::optional<std::string> tenant = TenantOf(credential, parts);
  Pattern pattern;
  std::string found = "null";
  if (tenant.has_value()) {
    const std::string id = learning::ToolId(tool, parts.learner->hash());
    for (const auto& [key, seen] : parts.learner->List(*tenant, true, SIZE_MAX)) {
      if (key.signature != id) continue;
      if (seen.compressions() >= kMinCompressions) pattern = seen;
      found = SharedJson(key, seen);
    }
  }
  return JsonReply(
      200, fmt::format(R"({{"tool_name":{},"hints":{},"pattern":{}}})", json::Quote(tool), HintsJson(pattern), found));
}

Reply TelemetryTools(const Learner& learner) {
  const auto tools = learner.List("", true, kMaxTools);
  std::string out = fmt::format(R"({{"tool_count":{},"tools":{{)", tools.size());
  bool first = true;
  for (const auto& [key, pattern] : tools) {
    out.append(first ? "\"" : ",\"").append(key.signature).append("\":").append(SharedJson(key, pattern));
    first = false;
  }
  return JsonReply(200, out.append("}}"));
}

Reply TelemetryTool(const Learner& learner, std::string_view hash) {
  const auto found = FindShared(learner, hash, true);
  if (!found.has_value()) return NotFound();
  return JsonReply(200,
                   fmt::format(R"({{"signature_hash":"{}","stats":{},"recommendations":{}}})", found->first.signature,
                               SharedJson(found->first, found->second), HintsJson(found->second)));
}

// What stands behind `start` in the path.
std::optional<std::string_view> Behind(std::string_view path, std::string_view start) {
  if (!path.starts_with(start) || path.size() == start.size()) return std::nullopt;
  const std::string_view rest = path.substr(start.size());
  return rest.find('/') == std::string_view::npos ? std::optional(rest) : std::nullopt;
}

}  // namespace

Reply ServeLearning(const net::RequestHead& request, const Credential& credential, const LearningParts& parts) {
  if (request.method != "GET" && request.method != "HEAD") {
    Reply reply = JsonReply(405, R"({"detail":"method not allowed"})");
    reply.head.headers.Add("allow", "GET, HEAD");
    return reply;
  }
  const std::string_view path = request.path();
  if (path == "/v1/toin/stats" || path == "/v1/telemetry") return Stats(parts);
  if (parts.learner == nullptr || !parts.learner->enabled()) return NotFound();
  const Learner& learner = *parts.learner;
  if (path == "/v1/toin/patterns") return List(learner, LimitOf(request));
  if (const auto prefix = Behind(path, "/v1/toin/pattern/")) return One(learner, *prefix);
  if (path == "/v1/feedback") return Feedback(credential, parts);
  if (const auto tool = Behind(path, "/v1/feedback/")) return FeedbackOn(*tool, credential, parts);
  if (path == "/v1/telemetry/tools") return TelemetryTools(learner);
  if (const auto hash = Behind(path, "/v1/telemetry/tools/")) return TelemetryTool(learner, *hash);
  return NotFound();
}

}  // namespace headroom::proxy
