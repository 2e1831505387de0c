#include "proxy/cache_aligner.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMinChunkBytes = 64;
constexpr size_t kMaxShapeBytes = 40;
// Of their tools two prompts of one client share at least half.
constexpr size_t kToolsInCommon = 2;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string ShapeOf(std::string_view span) {
  std::string shape(span.substr(0, kMaxShapeBytes));
  for (char& c : shape) c = IsDigit(c) ? '9' : IsLetter(c) ? 'a' : static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return shape;
}

// The text with the kind of each volatile span in its place.
Hash128 MaskedHash(std::string_view text, const std::vector<VolatileSpan>& spans) {
  Hasher128 hasher;
  size_t at = 0;
  for (const VolatileSpan& span : spans) {
    hasher.Add(text.substr(at, span.begin - at)).Add(VolatileKindName(span.kind));
    at = span.end;
  }
  return hasher.Add(text.substr(at)).Finish();
}

uint32_t ChunkHash(std::string_view text, size_t chunk, size_t bytes) {
  return static_cast<uint32_t>(HashOf(text.substr(chunk * bytes, bytes)).low);
}

std::optional<json::Token> FindOf(const json::Document& document, const json::Token& object, std::string_view key,
                                  json::Type type) {
  const std::optional<json::Token> found = document.Find(object, key);
  return found.has_value() && found->type == type ? found : std::nullopt;
}

// The strings of a content: itself, or the "text" of its parts.
void AddTexts(const json::Document& document, const json::Token& content, std::vector<json::Token>& texts) {
  if (content.type == json::Type::kString) texts.push_back(content);
  if (content.type != json::Type::kArray) return;
  for (const json::Token& part : document.Elements(content)) {
    if (part.type != json::Type::kObject) continue;
    const std::optional<json::Token> text = FindOf(document, part, "text", json::Type::kString);
    if (text.has_value()) texts.push_back(*text);
  }
}

// The messages before the first that is neither system nor developer.
void AddLeadingMessages(const json::Document& document, const json::Token& messages, std::vector<json::Token>& texts) {
  for (const json::Token& message : document.Elements(messages)) {
    if (message.type != json::Type::kObject) return;
    const std::optional<json::Token> role = FindOf(document, message, "role", json::Type::kString);
    const bool leads = role.has_value() && (document.TextIs(*role, "system") || document.TextIs(*role, "developer"));
    if (!leads) return;
    if (const auto content = document.Find(message, "content"); content.has_value()) {
      AddTexts(document, *content, texts);
    }
  }
}

std::vector<json::Token> SystemTexts(const json::Document& document, Api api) {
  std::vector<json::Token> texts;
  const auto top = document.Find(document.root(), api == Api::kResponses ? "instructions" : "system");
  if (api != Api::kChat && top.has_value()) AddTexts(document, *top, texts);
  if (api == Api::kMessages) return texts;
  const std::string_view key = api == Api::kChat ? "messages" : "input";
  const auto messages = FindOf(document, document.root(), key, json::Type::kArray);
  if (messages.has_value()) AddLeadingMessages(document, *messages, texts);
  return texts;
}

Hash128 ConversationKey(const RequestView& view, const store::TenantId& tenant) {
  const auto first = std::find_if(view.blocks.begin(), view.blocks.end(),
                                  [](const Block& block) { return block.role == Role::kUser; });
  if (first == view.blocks.end()) return {};
  Hasher128 hasher;
  hasher.Add("prefix").Add(tenant).Add(ApiName(view.api)).Add(view.model);
  for (auto block = first; block != view.blocks.end() && block->message == first->message; ++block) {
    hasher.Add(block->canonical);
  }
  return hasher.Finish();
}

}  // namespace

// Nothing for a tool whose loading is deferred: it stands outside the prefix. A cache mark is not part of what is
// cached.
std::optional<CacheAligner::Tool> CacheAligner::ReadTool(const json::Document& document, const json::Token& element) {
  std::string name;
  std::string kept;
  for (const json::Member& member : document.Members(element)) {
    if (document.TextIs(member.key, "cache_control")) continue;
    if (document.TextIs(member.key, "defer_loading") && document.Raw(member.value) == "true") return std::nullopt;
    if (document.TextIs(member.key, "name")) name = document.Raw(member.value);
    if (document.TextIs(member.key, "function") && member.value.type == json::Type::kObject) {
      const auto inner = document.Find(member.value, "name");
      if (inner.has_value()) name = document.Raw(*inner);
    }
    kept.append(document.Raw(member.key)).append(document.Raw(member.value));
  }
  const std::vector<VolatileSpan> spans = FindVolatileSpans(kept);
  Tool tool;
  tool.definition = HashOf(kept);
  tool.name = HashOf(name).low;
  tool.masked = MaskedHash(kept, spans).low;
  if (!spans.empty()) tool.volatile_kind = spans.front().kind;
  return tool;
}

void CacheAligner::ReadTools(const json::Document& document, const json::Token& tools, Prompt& prompt) {
  Hasher128 all;
  for (const json::Token& element : document.Elements(tools)) {
    if (prompt.tools.size() == kMaxTools || element.type != json::Type::kObject) {
      all.Add(document.Raw(element));
      continue;
    }
    std::optional<Tool> tool = ReadTool(document, element);
    if (!tool.has_value()) continue;
    tool->begin = element.span.begin - tools.span.begin;
    all.Add(tool->definition);
    prompt.tools.push_back(*tool);
  }
  prompt.tools_hash = all.Finish();
  prompt.tools_bytes = tools.span.size();
}

void CacheAligner::ReadSystem(const SystemText& system, Prompt& prompt) {
  const size_t bytes = system.text.size();
  prompt.system = HashOf(system.text);
  prompt.masked_system = MaskedHash(system.text, system.spans);
  prompt.system_bytes = bytes;
  prompt.chunk_bytes = std::max(kMinChunkBytes, (bytes + kMaxChunks - 1) / kMaxChunks);
  for (size_t chunk = 0; chunk * prompt.chunk_bytes < bytes; ++chunk) {
    prompt.chunks.push_back(ChunkHash(system.text, chunk, prompt.chunk_bytes));
  }
}

std::optional<PrefixChange> CacheAligner::CompareTools(const Prompt& before, const Prompt& now) {
  const auto names_of = [](const Prompt& prompt) {
    std::vector<uint64_t> names;
    for (const Tool& tool : prompt.tools) names.push_back(tool.name);
    std::sort(names.begin(), names.end());
    return names;
  };
  const std::vector<uint64_t> old_names = names_of(before);
  const std::vector<uint64_t> new_names = names_of(now);
  std::vector<uint64_t> common;
  std::set_intersection(old_names.begin(), old_names.end(), new_names.begin(), new_names.end(),
                        std::back_inserter(common));
  if (common.empty() || common.size() * kToolsInCommon < std::max(old_names.size(), new_names.size()))
    return std::nullopt;
  size_t at = 0;
  while (at < before.tools.size() && at < now.tools.size() && before.tools[at].definition == now.tools[at].definition) {
    ++at;
  }
  PrefixChange change;
  change.byte = at < now.tools.size() ? now.tools[at].begin : now.tools_bytes;
  if (at < before.tools.size() && at < now.tools.size() && before.tools[at].name == now.tools[at].name) {
    const Tool& tool = now.tools[at];
    const bool volatile_only = before.tools[at].masked == tool.masked && tool.volatile_kind.has_value();
    change.cause = "tools_";
    change.cause.append(volatile_only ? VolatileKindName(*tool.volatile_kind) : "text");
  } else {
    change.cause = old_names == new_names ? "tools_order" : "tools_set";
  }
  return change;
}

std::optional<PrefixChange> CacheAligner::CompareSystem(const Prompt& before, const Prompt& now,
                                                        const SystemText& system) {
  if (before.chunk_bytes == 0 || now.system_bytes == 0) return std::nullopt;
  const std::string_view text = system.text;
  size_t chunk = 0;
  while (chunk < before.chunks.size() && chunk * before.chunk_bytes < text.size() &&
         before.chunks[chunk] == ChunkHash(text, chunk, before.chunk_bytes)) {
    ++chunk;
  }
  const bool volatile_only = before.masked_system == now.masked_system;
  // Nothing in common at the beginning: another prompt.
  if (chunk == 0 && !volatile_only) return std::nullopt;
  const size_t begin = std::min(chunk * before.chunk_bytes, text.size());
  const size_t end = std::min(begin + before.chunk_bytes, text.size());
  PrefixChange change;
  change.byte = begin;
  change.cause = "system_text";
  for (const VolatileSpan& span : system.spans) {
    if (span.end <= begin) continue;
    if (span.begin >= end) break;
    // A number beside other changes may well be one that stays.
    if (!volatile_only && span.kind == VolatileKind::kNumber) continue;
    change.byte = span.begin;
    change.cause = "system_" + std::string(VolatileKindName(span.kind));
    change.shape = ShapeOf(text.substr(span.begin, span.end - span.begin));
    break;
  }
  return change;
}

// Tools come before the system text in a prompt. Nothing where the two are not one prompt, changed.
std::optional<PrefixChange> CacheAligner::Compare(const Prompt& before, const Prompt& now, const SystemText& system) {
  const bool same_tools = before.tools_hash == now.tools_hash;
  const bool same_system = before.system == now.system;
  std::optional<PrefixChange> in_tools;
  std::optional<PrefixChange> in_system;
  if (!same_tools) in_tools = CompareTools(before, now);
  if (!same_system) in_system = CompareSystem(before, now, system);
  if ((!same_tools && !in_tools.has_value()) || (!same_system && !in_system.has_value())) return std::nullopt;
  std::optional<PrefixChange> change = same_tools ? in_system : in_tools;
  if (!change.has_value()) return std::nullopt;
  const size_t kept = change->byte + (same_tools ? before.tools_bytes : 0);
  const size_t all = std::max(before.body_bytes, before.tools_bytes + before.system_bytes);
  const uint64_t tokens = before.prompt_tokens > 0 ? before.prompt_tokens : all / 4;
  const double lost = all == 0 || kept >= all ? 0 : static_cast<double>(all - kept) / static_cast<double>(all);
  change->tokens = static_cast<uint64_t>(lost * static_cast<double>(tokens));
  return change;
}

CacheAligner::Conversation& CacheAligner::Find(const Hash128& key) {
  const auto [found, added] = conversations_.try_emplace(key);
  if (!added) by_use_.erase(found->second.position);
  by_use_.push_front(key);
  found->second.position = by_use_.begin();
  if (conversations_.size() > kMaxConversations) {
    conversations_.erase(by_use_.back());
    by_use_.pop_back();
  }
  return found->second;
}

std::optional<CacheAligner::Observed> CacheAligner::Observe(const Request& request) {
  if (request.view.continues()) return std::nullopt;
  const json::Document& document = request.document;
  Observed observed;
  observed.conversation = ConversationKey(request.view, request.tenant);
  if (observed.conversation == Hash128{}) return std::nullopt;
  const std::vector<json::Token> texts = SystemTexts(document, request.view.api);
  const std::optional<json::Token> tools = FindOf(document, document.root(), "tools", json::Type::kArray);
  Hasher128 raw;
  for (const json::Token& text : texts) raw.Add(document.Raw(text));
  if (tools.has_value()) raw.Add("tools").Add(document.Raw(*tools));
  observed.prompt = raw.Finish();

  Prompt now;
  now.raw = observed.prompt;
  now.body_bytes = document.body().size();
  now.used_millis = clock_.UnixMillis();
  if (IsAsBefore(observed.conversation, now)) return observed;
  // Read outside the lock.
  SystemText system;
  for (const json::Token& text : texts) system.text.append(document.Text(text).value_or(""));
  system.spans = FindVolatileSpans(system.text);
  ReadSystem(system, now);
  if (tools.has_value()) ReadTools(document, *tools, now);
  observed.change = File(observed.conversation, std::move(now), system);
  return observed;
}

bool CacheAligner::IsAsBefore(const Hash128& conversation, const Prompt& now) {
  const std::lock_guard lock(mutex_);
  ++report_.compared;
  std::vector<Prompt>& prompts = Find(conversation).prompts;
  const auto same =
      std::find_if(prompts.begin(), prompts.end(), [&](const Prompt& prompt) { return prompt.raw == now.raw; });
  if (same == prompts.end()) return false;
  same->body_bytes = now.body_bytes;
  same->used_millis = now.used_millis;
  std::rotate(prompts.begin(), same, same + 1);
  return true;
}

std::optional<PrefixChange> CacheAligner::File(const Hash128& conversation, Prompt now, const SystemText& system) {
  const std::lock_guard lock(mutex_);
  report_.bytes_read += now.system_bytes + now.tools_bytes;
  std::optional<PrefixChange> change;
  std::vector<Prompt>& prompts = Find(conversation).prompts;
  for (auto prompt = prompts.begin(); prompt != prompts.end(); ++prompt) {
    change = Compare(*prompt, now, system);
    const bool same = prompt->tools_hash == now.tools_hash && prompt->system == now.system;
    if (!change.has_value() && !same) continue;
    // What had left the cache, or never was there, was not lost by the change.
    const bool warm = now.used_millis - prompt->used_millis <= kWarmMillis;
    const bool never_cached = prompt->prompt_tokens > 0 && !prompt->cached;
    if (change.has_value() && (!warm || never_cached)) change->tokens = 0;
    now.prompt_tokens = prompt->prompt_tokens;
    now.cached = prompt->cached;
    prompts.erase(prompt);
    break;
  }
  prompts.insert(prompts.begin(), std::move(now));
  if (prompts.size() > kVariants) prompts.pop_back();
  return change;
}

// What the cache gave all the same was not lost.
void CacheAligner::Learn(const Usage& usage, Prompt& prompt, std::optional<PrefixChange>& change) {
  if (change.has_value() && prompt.prompt_tokens > 0) {
    const uint64_t missed = prompt.prompt_tokens - std::min(prompt.prompt_tokens, usage.cache_read);
    change->tokens = std::min(change->tokens, missed);
  }
  prompt.prompt_tokens = usage.prompt();
  prompt.cached = usage.cache_read + usage.written() > 0;
}

void CacheAligner::Settle(const Observed& observed, const std::optional<Usage>& usage) {
  std::optional<PrefixChange> change = observed.change;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = conversations_.find(observed.conversation);
    if (found != conversations_.end()) {
      for (Prompt& prompt : found->second.prompts) {
        if (prompt.raw == observed.prompt && usage.has_value()) Learn(*usage, prompt, change);
      }
      if (change.has_value()) first = !std::exchange(found->second.logged, true);
    }
    if (!change.has_value()) return;
    Cost& cost = report_.changes[change->cause];
    ++cost.requests;
    cost.tokens += change->tokens;
    recent_.push_front(*change);
    if (recent_.size() > kRecent) recent_.pop_back();
  }
  if (!first) return;
  const bool in_tools = change->cause.starts_with("tools");
  log::Warning("the beginning of a conversation's prompt changes; the provider's cache is lost after it",
               {{"in", in_tools ? "tools" : "system"},
                {"byte", std::to_string(change->byte)},
                {"what", change->cause.substr(change->cause.find('_') + 1)},
                {"tokens", std::to_string(change->tokens)}});
}

CacheAligner::Report CacheAligner::report() const {
  const std::lock_guard lock(mutex_);
  Report report = report_;
  report.conversations = conversations_.size();
  report.recent.assign(recent_.begin(), recent_.end());
  return report;
}

}  // namespace headroom::proxy
