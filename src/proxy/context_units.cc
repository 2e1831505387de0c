#include "proxy/context_units.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headroom::proxy {
namespace {

MessageKind KindOf(const Block& block) {
  if (block.role == Role::kAssistant) return MessageKind::kAssistant;
  if (block.kind == BlockKind::kToolResult) return MessageKind::kResult;
  return block.role == Role::kSystem ? MessageKind::kSystem : MessageKind::kUser;
}

// What is known of each message before units are formed.
struct Messages {
  explicit Messages(size_t count) : kind(count, MessageKind::kEmpty), reach(count), pinned(count), calls(count) {
    for (size_t i = 0; i < count; ++i) reach[i] = static_cast<uint32_t>(i);
  }

  std::vector<MessageKind> kind;
  std::vector<uint32_t> reach;  // the last message with a result of a call in it
  std::vector<bool> pinned;
  std::vector<bool> calls;
};

// What a provider or client made of everything before: the rest means little without it.
bool HoldsCompaction(const json::Document& document, const json::Token& message) {
  return document.Raw(message).find("\"compaction") != std::string_view::npos;
}

Messages ReadMessages(const json::Document& document, const std::vector<json::Token>& tokens, const RequestView& view) {
  const size_t count = tokens.size();
  Messages messages(count);
  std::unordered_map<std::string_view, uint32_t> calls;  // by id; the latest wins
  for (const Block& block : view.blocks) {
    const uint32_t m = block.message;
    if (m >= count) continue;
    messages.kind[m] = std::max(messages.kind[m], KindOf(block));
    if (block.cache_mark) messages.pinned[m] = true;
    if (block.kind == BlockKind::kOther && HoldsCompaction(document, tokens[m])) messages.pinned[m] = true;
    if (block.kind == BlockKind::kToolCall) {
      calls[block.call_id] = m;
      messages.calls[m] = true;
    }
    if (block.kind != BlockKind::kToolResult) continue;
    const auto call = calls.find(block.call_id);
    if (call != calls.end()) messages.reach[call->second] = std::max(messages.reach[call->second], m);
  }
  return messages;
}

class Builder {
 public:
  explicit Builder(Messages& messages) : messages_(messages) {}

  ContextUnits Build() {
    // Leading instructions have no block.
    for (MessageKind& kind : messages_.kind) {
      if (kind != MessageKind::kEmpty) break;
      kind = MessageKind::kSystem;
    }
    const size_t count = messages_.kind.size();
    for (uint32_t m = 0; m < count; ++m) {
      if (units_.empty() || !Joins(m)) units_.push_back({m, m, false});
      units_.back().end = m + 1;
      if (head_units_ == 0 && messages_.kind[m] == MessageKind::kUser) head_units_ = units_.size();
      reach_ = std::max(reach_, messages_.reach[m]);
    }
    ContextUnits out;
    out.head_end = HeadEnd();
    out.newest_user = NewestUser();
    out.tail_begin = TailBegin();
    for (ContextUnit& unit : units_) unit.is_protected = Protects(unit, out);
    out.units = std::move(units_);
    out.kinds = std::move(messages_.kind);
    return out;
  }

 private:
  bool Joins(uint32_t m) const {
    if (m <= reach_) return true;
    const MessageKind before = messages_.kind[m - 1];
    switch (messages_.kind[m]) {
      case MessageKind::kEmpty:
      case MessageKind::kResult:
        return true;
      case MessageKind::kUser:
        return before == MessageKind::kUser;
      case MessageKind::kAssistant:
        if (before == MessageKind::kAssistant) return true;
        // The answer to a question, but the head stands alone.
        return before == MessageKind::kUser && units_.size() > head_units_ && !RunCalls(m);
      case MessageKind::kSystem:
        return false;
    }
    return false;
  }

  // The run of the model's messages from `m` on calls a tool.
  bool RunCalls(uint32_t m) const {
    for (; m < messages_.kind.size() && messages_.kind[m] == MessageKind::kAssistant; ++m) {
      if (messages_.calls[m]) return true;
    }
    return false;
  }

  uint32_t HeadEnd() const { return head_units_ == 0 ? 0 : units_[head_units_ - 1].end; }

  uint32_t NewestUser() const {
    for (size_t m = messages_.kind.size(); m-- > 0;) {
      if (messages_.kind[m] == MessageKind::kUser) return static_cast<uint32_t>(m);
    }
    return 0;
  }

  uint32_t TailBegin() const {
    size_t turns = 0;
    bool inside = false;
    for (size_t m = messages_.kind.size(); m-- > 0;) {
      const MessageKind kind = messages_.kind[m];
      if (kind == MessageKind::kSystem || kind == MessageKind::kEmpty) continue;
      if (kind == MessageKind::kAssistant) {
        if (inside && turns == kProtectedTurns) return static_cast<uint32_t>(m + 1);
        inside = false;
      } else if (!inside) {
        inside = true;
        ++turns;
      }
    }
    return 0;
  }

  bool Protects(const ContextUnit& unit, const ContextUnits& out) const {
    if (unit.begin < out.head_end || unit.end > out.tail_begin) return true;
    if (out.newest_user >= unit.begin && out.newest_user < unit.end) return true;
    for (uint32_t m = unit.begin; m < unit.end; ++m) {
      if (messages_.pinned[m] || messages_.kind[m] == MessageKind::kSystem) return true;
    }
    return false;
  }

  Messages& messages_;
  std::vector<ContextUnit> units_;
  size_t head_units_ = 0;  // units up to that with the user's first message
  uint32_t reach_ = 0;
};

}  // namespace

std::vector<json::Token> MessagesOf(const json::Document& document, Api api) {
  if (document.root().type != json::Type::kObject) return {};
  const std::optional<json::Token> list = document.Find(document.root(), api == Api::kResponses ? "input" : "messages");
  if (!list.has_value() || list->type != json::Type::kArray) return {};
  return document.Elements(*list);
}

ContextUnits UnitsOf(const json::Document& document, const std::vector<json::Token>& messages,
                     const RequestView& view) {
  Messages read = ReadMessages(document, messages, view);
  return Builder(read).Build();
}

}  // namespace headroom::proxy
