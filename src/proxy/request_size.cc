#include "proxy/request_size.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "proxy/image_tokens.h"
#include "proxy/thinking.h"

namespace headroom::proxy {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;

// A token of what stands outside the conversation, in bytes: for what has changed
// there since the last reply.
constexpr uint64_t kFixedBytesPerToken = 4;
constexpr uint64_t kBytesPerTokenAtLeast = 2;
// The framing of a reply that we cannot count.
constexpr uint64_t kReplyFraming = 256;

// The conversation's array; kNull if there is none.
Token Conversation(const Document& document) {
  if (document.root().type != Type::kObject) return {};
  for (const std::string_view key : {"messages", "input"}) {
    const std::optional<Token> found = document.Find(document.root(), key);
    if (found) return *found;
  }
  return {};
}

// Counts the text of JSON values as a provider reads them.
class ValueCounter {
 public:
  ValueCounter(const Document& document, std::string_view model, bool with_thinking)
      : document_(document), model_(model), counter_(tokens::CounterFor(model)), with_thinking_(with_thinking) {}

  uint64_t Count(const Token& token) const {
    switch (token.type) {
      case Type::kString:
        return CountText(token);
      case Type::kArray: {
        uint64_t tokens = 0;
        for (const Token& element : document_.Elements(token)) tokens += Count(element);
        return tokens;
      }
      case Type::kObject:
        return CountObject(token);
      case Type::kNumber:
      case Type::kBool:
      case Type::kNull:
        break;
    }
    return 1;
  }

  // Schemas and arguments are read as JSON text, keys included.
  uint64_t CountRaw(const Token& token) const { return counter_.Count(document_.Raw(token)); }

 private:
  enum class Part { kPlain, kThinking, kImage, kDocument };

  uint64_t CountText(const Token& string) const {
    const std::string_view inside = document_.Inside(string);
    if (inside.find('\\') == std::string_view::npos) return counter_.Count(inside);
    return counter_.Count(document_.Text(string).value_or(std::string(inside)));
  }

  Part PartOf(const std::vector<Member>& members) const {
    for (const Member& member : members) {
      if (!document_.TextIs(member.key, "type") || member.value.type != Type::kString) continue;
      const std::string_view type = document_.Inside(member.value);
      if (type == "image" || type == "image_url" || type == "input_image") return Part::kImage;
      if (type == "document" || type == "file" || type == "input_file") return Part::kDocument;
      if (type == "thinking" || type == "redacted_thinking" || type == "reasoning") return Part::kThinking;
    }
    return Part::kPlain;
  }

  uint64_t CountObject(const Token& object) const {
    const std::vector<Member> members = document_.Members(object);
    switch (PartOf(members)) {
      case Part::kImage:
        return CountImage(object);
      case Part::kDocument:
        return CountDocument(object);
      case Part::kThinking:
        if (!with_thinking_) return 0;
        break;
      case Part::kPlain:
        break;
    }
    uint64_t tokens = 0;
    for (const Member& member : members) {
      if (IsOpaque(member.key)) continue;
      const bool json = document_.TextIs(member.key, "input") && member.value.type == Type::kObject;
      tokens += json ? CountRaw(member.value) : Count(member.value);
    }
    return tokens;
  }

  // What is not text to the provider.
  bool IsOpaque(const Token& key) const {
    const std::string_view name = document_.Inside(key);
    return name == "signature" || name == "data" || name == "encrypted_content" || name == "cache_control" ||
           name == "type" || name == "role" || name == "citations";
  }

  // The first string under one of `keys`, at most three objects deep.
  std::optional<Token> StringUnder(const Token& object, std::initializer_list<std::string_view> keys, int depth) const {
    if (object.type != Type::kObject) return std::nullopt;
    for (const Member& member : document_.Members(object)) {
      const bool is_key = std::any_of(keys.begin(), keys.end(),
                                      [&](std::string_view key) { return document_.TextIs(member.key, key); });
      if (is_key && member.value.type == Type::kString) return member.value;
      if (depth == 0) continue;
      if (const std::optional<Token> found = StringUnder(member.value, keys, depth - 1)) return found;
    }
    return std::nullopt;
  }

  // The base64 text of {"data":"..."} or of a data URL; nothing for anything else.
  std::optional<std::string_view> Base64Of(const Token& object, std::initializer_list<std::string_view> keys) const {
    const std::optional<Token> string = StringUnder(object, keys, 2);
    if (!string) return std::nullopt;
    const std::string_view inside = document_.Inside(*string);
    if (!inside.starts_with("data:")) return document_.TextIs(*string, "") ? std::nullopt : std::optional(inside);
    const size_t comma = inside.find(',');
    return comma == std::string_view::npos ? std::nullopt : std::optional(inside.substr(comma + 1));
  }

  uint64_t CountImage(const Token& object) const {
    ImageDetail detail = ImageDetail::kHigh;
    if (const std::optional<Token> named = StringUnder(object, {"detail"}, 2)) {
      if (document_.TextIs(*named, "low")) detail = ImageDetail::kLow;
      if (document_.TextIs(*named, "original")) detail = ImageDetail::kOriginal;
    }
    std::optional<ImageSize> size;
    if (const auto base64 = Base64Of(object, {"data", "url", "image_url"})) size = ReadImageSizeBase64(*base64);
    return ImageTokens(model_, size.value_or(kAssumedImage), detail);
  }

  uint64_t CountDocument(const Token& object) const {
    // {"source":{"type":"text","data":"..."}} and a source with blocks are read as text.
    if (const std::optional<Token> source = document_.Find(object, "source"); source && source->type == Type::kObject) {
      const std::optional<Token> type = document_.Find(*source, "type");
      const std::optional<Token> data = document_.Find(*source, "data");
      const std::optional<Token> content = document_.Find(*source, "content");
      if (type && document_.TextIs(*type, "text") && data) return Count(*data);
      if (content) return Count(*content);
    }
    const auto base64 = Base64Of(object, {"data", "file_data"});
    return base64 ? DocumentTokens(base64->size() / 4 * 3) : kAssumedPages * kTokensPerPage;
  }

  const Document& document_;
  const std::string_view model_;
  const tokens::Counter& counter_;
  const bool with_thinking_;
};

// Blocks that may cost more than their bytes say.
uint64_t UnseenParts(const RequestView& view) {
  return static_cast<uint64_t>(std::count_if(view.blocks.begin(), view.blocks.end(), [](const Block& block) {
    return block.kind == BlockKind::kOther || (block.kind == BlockKind::kToolResult && !block.replaceable);
  }));
}

// Index of the message with the last text of the user's: where the current turn begins.
uint32_t CurrentTurn(const RequestView& view) {
  for (auto block = view.blocks.rbegin(); block != view.blocks.rend(); ++block) {
    if (block->role == Role::kUser && block->kind == BlockKind::kText) return block->message;
  }
  return 0;
}

// The message with which what is new begins: behind block `known`, the last block
// of a request, and behind the reply to it. Nothing if the client added to the
// request's last message itself.
std::optional<uint32_t> FirstNewMessage(const RequestView& view, size_t known) {
  const uint32_t last = view.blocks[known].message;
  size_t i = known + 1;
  if (i < view.blocks.size() && view.blocks[i].message == last) return std::nullopt;
  while (i < view.blocks.size() && view.blocks[i].role == Role::kAssistant) ++i;
  return i < view.blocks.size() ? view.blocks[i].message : UINT32_MAX;
}

// Whether the thinking of messages [first, end) is sent back and read.
bool KeepsThinking(const RequestView& view, uint32_t first, uint32_t end) {
  const bool read = end > CurrentTurn(view) || ChecksThinkingPrefix(view.model);
  return read && std::any_of(view.blocks.begin(), view.blocks.end(), [&](const Block& block) {
           return block.signed_thinking && block.message >= first && block.message < end;
         });
}

uint64_t Scaled(uint64_t tokens, double ratio) {
  return static_cast<uint64_t>(static_cast<double>(tokens) * std::max(ratio, 0.0));
}

uint64_t Less(uint64_t tokens, int64_t saved) {
  if (saved < 0) return tokens + static_cast<uint64_t>(-saved);
  return tokens - std::min(tokens, static_cast<uint64_t>(saved));
}

}  // namespace

uint64_t RequestSizer::FixedBytes(const Document& document) {
  const Token conversation = Conversation(document);
  return document.body().size() - conversation.span.size();
}

uint64_t RequestSizer::CountValue(const Document& document, const Token& value, std::string_view model,
                                  bool with_thinking) {
  return ValueCounter(document, model, with_thinking).Count(value);
}

std::optional<RequestSize> RequestSizer::Measure(const SizeRequest& request) {
  const RequestView& view = request.view;
  if (view.continues()) return std::nullopt;
  const uint64_t bound = request.document.body().size() / kBytesPerTokenAtLeast + UnseenParts(view) * kUnseenTokens +
                         static_cast<uint64_t>(std::max<int64_t>(0, -request.tokens_saved));
  if (bound < request.limit) return RequestSize{bound, RequestSize::Source::kBound};

  std::optional<UsageMemory::Found> known = memory_.FindLast(request.lineage, HashOf(view.model));
  // Thinking has the lineage of what it follows, but is the reply's.
  while (known && known->block > 0 && view.blocks[known->block].kind == BlockKind::kThinking) --known->block;
  const std::optional<uint32_t> first = known ? FirstNewMessage(view, known->block) : std::nullopt;
  if (!first) {
    const uint64_t counted = Less(CountAll(request.document, request.view), request.tokens_saved);
    return RequestSize{Scaled(counted, request.ratio), RequestSize::Source::kCount};
  }
  const Token conversation = Conversation(request.document);
  const std::vector<Token> messages =
      conversation.type == Type::kArray ? request.document.Elements(conversation) : std::vector<Token>();
  const ValueCounter counter(request.document, view.model, true);
  const KnownUsage& usage = known->usage;
  // Of the reply the next prompt holds what comes back: nothing in a retry, no thinking that the client
  // does not send or the provider does not read.
  const auto end = static_cast<uint32_t>(std::min<size_t>(*first, messages.size()));
  const uint32_t begin = view.blocks[known->block].message + 1;
  uint64_t reply = begin < end ? usage.output_tokens : 0;
  if (reply > kReplyFraming && !KeepsThinking(view, begin, end)) {
    const ValueCounter visible(request.document, view.model, false);
    uint64_t counted = 0;
    for (size_t i = begin; i < end; ++i) counted += visible.Count(messages[i]) + kMessageTokens;
    reply = std::min(reply, 2 * Scaled(counted, request.ratio) + kReplyFraming);
  }
  uint64_t added = 0;
  for (size_t i = *first; i < messages.size(); ++i) added += counter.Count(messages[i]) + kMessageTokens;
  const int64_t saved_since = request.tokens_saved - usage.tokens_saved;
  uint64_t tokens = usage.prompt_tokens + reply + Scaled(added, request.ratio);
  const uint64_t fixed = FixedBytes(request.document);
  if (fixed > usage.fixed_bytes) tokens += (fixed - usage.fixed_bytes) / kFixedBytesPerToken;
  if (fixed < usage.fixed_bytes) tokens -= std::min(tokens, (usage.fixed_bytes - fixed) / kFixedBytesPerToken);
  const uint64_t apart = Scaled(static_cast<uint64_t>(std::abs(saved_since)), request.ratio);
  tokens = saved_since < 0 ? tokens + apart : tokens - std::min(tokens, apart);
  return RequestSize{tokens, RequestSize::Source::kUsage};
}

uint64_t RequestSizer::CountAll(const Document& document, const RequestView& view) {
  const ValueCounter earlier(document, view.model, false);
  const ValueCounter current(document, view.model, true);
  const uint32_t turn = CurrentTurn(view);
  uint64_t tokens = kReplyTokens;
  for (const std::string_view key : {"system", "instructions"}) {
    if (const std::optional<Token> text = document.Find(document.root(), key)) tokens += current.Count(*text);
  }
  for (const std::string_view key : {"tools", "functions", "response_format", "output_format"}) {
    if (const std::optional<Token> json = document.Find(document.root(), key)) tokens += current.CountRaw(*json);
  }
  const Token conversation = Conversation(document);
  if (conversation.type != Type::kArray) return tokens + current.Count(conversation) + kMessageTokens;
  const std::vector<Token> messages = document.Elements(conversation);
  for (size_t i = 0; i < messages.size(); ++i) {
    tokens += (i >= turn ? current : earlier).Count(messages[i]) + kMessageTokens;
  }
  return tokens;
}

void RequestSizer::Record(const SizeRequest& request, uint64_t prompt_tokens, uint64_t output_tokens) {
  if (request.lineage.empty() || request.view.continues()) return;
  Record(request.lineage.back(), request.view.model, FixedBytes(request.document), request.tokens_saved, prompt_tokens,
         output_tokens);
}

void RequestSizer::Record(const Hash128& last_lineage, std::string_view model, uint64_t fixed_bytes,
                          int64_t tokens_saved, uint64_t prompt_tokens, uint64_t output_tokens) {
  if (prompt_tokens == 0) return;
  memory_.Record(last_lineage, {.model = HashOf(model),
                                .prompt_tokens = prompt_tokens,
                                .output_tokens = output_tokens,
                                .tokens_saved = tokens_saved,
                                .fixed_bytes = fixed_bytes});
}

}  // namespace headroom::proxy
