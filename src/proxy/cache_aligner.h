// Watches whether the beginning of a conversation's prompt, its tools and system
// text, stays the same from request to request. The provider's cache reads a
// prompt from its beginning: what comes after the first changed place is paid in
// full again. Watches and reports only; nothing is ever rewritten.
//
//   request n     tools | You are ... Time: 12:00:01 ... | messages
//   request n+1   tools | You are ... Time: 12:00:07 ... | messages + new
//                                           ^first changed place: system_time
//                                            └── lost: what of request n stood after it ──┘
//
// A conversation is known by tenant, model and its first user message. Clients
// send probes and sub-agents under the same first message: up to kVariants
// prompts stand side by side in one conversation, each followed for itself, and
// a prompt that is like none of them is a new one, not a change.
//
// Bounded: kMaxConversations, the least recently used going first; of each
// prompt hashes alone, at most about 10 KiB. Thread-safe.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "json/document.h"
#include "proxy/request_view.h"
#include "proxy/usage.h"
#include "proxy/volatile_spans.h"
#include "store/store.h"

namespace headroom::proxy {

struct PrefixChange {
  // Where and what: "system_date", "system_time", "system_uuid", "system_id",
  // "system_number", "system_text", "tools_order", "tools_set" (one more or
  // less), and "tools_date" and so on for what changed inside a tool.
  std::string cause;
  size_t byte = 0;      // of the system text or the tools as they stand in the body
  std::string shape;    // of the changed span, digits as 9 and letters as a; "" for text
  uint64_t tokens = 0;  // of the request before, after the changed place, about
};

class CacheAligner {
 public:
  static constexpr size_t kMaxConversations = 2048;
  static constexpr size_t kVariants = 3;
  static constexpr size_t kMaxTools = 128;  // more are not told apart
  static constexpr size_t kMaxChunks = 512;
  static constexpr size_t kRecent = 10;
  // Caches of providers keep a prompt for at least so long after its last use.
  static constexpr int64_t kWarmMillis = 5 * 60 * 1000;

  explicit CacheAligner(const Clock& clock) : clock_(clock) {}

  struct Request {
    const json::Document& document;
    const RequestView& view;
    const store::TenantId& tenant;
  };
  // What Settle needs of an observed request; nothing where there is nothing to compare.
  struct Observed {
    Hash128 conversation;
    Hash128 prompt;
    std::optional<PrefixChange> change;
  };

  // Compares with the request before. Cost: hashing system and tools; where they
  // differ from the request before, reading them, O(bytes). bench/proxy:
  // AlignerUnchanged, AlignerChanged.
  std::optional<Observed> Observe(const Request& request);

  // Counts what the change cost, once the reply has said what it read from the
  // cache, and keeps how long the prompt was. Logs a conversation's first change.
  void Settle(const Observed& observed, const std::optional<Usage>& usage);

  struct Cost {
    uint64_t requests = 0;
    uint64_t tokens = 0;
  };
  struct Report {
    uint64_t conversations = 0;           // known now
    uint64_t compared = 0;                // requests
    uint64_t bytes_read = 0;              // of prompts that were new or had changed
    std::map<std::string, Cost> changes;  // by cause
    std::vector<PrefixChange> recent;     // the latest first
  };
  Report report() const;

 private:
  struct Tool {
    Hash128 definition;
    uint64_t name = 0;
    uint64_t masked = 0;                        // the definition without its volatile spans
    uint32_t begin = 0;                         // in the raw array
    std::optional<VolatileKind> volatile_kind;  // of its first volatile span
  };
  // What is kept of a prompt's beginning.
  struct Prompt {
    Hash128 raw;  // of all of it as it stands in the body
    Hash128 system;
    Hash128 masked_system;
    size_t system_bytes = 0;
    size_t chunk_bytes = 0;
    std::vector<uint32_t> chunks;  // of the system text
    Hash128 tools_hash;
    size_t tools_bytes = 0;
    std::vector<Tool> tools;
    // The last request with it.
    size_t body_bytes = 0;
    uint64_t prompt_tokens = 0;  // 0 until a reply has said
    bool cached = false;         // that reply read from or wrote to the cache
    int64_t used_millis = 0;
  };
  struct SystemText {
    std::string text;
    std::vector<VolatileSpan> spans;
  };
  struct Conversation {
    std::vector<Prompt> prompts;  // the latest first
    bool logged = false;
    std::list<Hash128>::iterator position;
  };
  static std::optional<Tool> ReadTool(const json::Document& document, const json::Token& element);
  static void ReadTools(const json::Document& document, const json::Token& tools, Prompt& prompt);
  static void ReadSystem(const SystemText& system, Prompt& prompt);
  static std::optional<PrefixChange> Compare(const Prompt& before, const Prompt& now, const SystemText& system);
  static std::optional<PrefixChange> CompareTools(const Prompt& before, const Prompt& now);
  static std::optional<PrefixChange> CompareSystem(const Prompt& before, const Prompt& now, const SystemText& system);
  static void Learn(const Usage& usage, Prompt& prompt, std::optional<PrefixChange>& change);
  // True where the last request of one of the conversation's prompts had this beginning.
  bool IsAsBefore(const Hash128& conversation, const Prompt& now);
  // Files `now` in the place of the prompt that it was before.
  std::optional<PrefixChange> File(const Hash128& conversation, Prompt now, const SystemText& system);
  Conversation& Find(const Hash128& key);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<Hash128, Conversation, Hash128Hasher> conversations_;
  std::list<Hash128> by_use_;  // latest first
  Report report_;
  std::deque<PrefixChange> recent_;
};

}  // namespace headroom::proxy
