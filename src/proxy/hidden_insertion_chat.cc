// Hidden exchanges in Chat Completions: all that was said up to our last call
// goes back as the messages that it was, and the client's message keeps the rest.
//
//   the client holds   assistant "text 1 text 2" [theirs]      | tool [their result]
//   the provider gets  assistant "text 1" [ours] | tool [our result] | assistant "text 2" [theirs] | ...
//
// Calls of ours beside the client's go back among "tool_calls", their results in
// front of the client's.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "json/strings.h"
#include "proxy/hidden_insertion.h"
#include "proxy/hidden_insertion_walk.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

struct ChatMessage {
  json::Token whole;
  bool is_assistant = false;
  bool is_result = false;
  bool says_more = false;  // something that is neither text nor a call
  std::optional<json::Token> content;
  std::optional<json::Token> text_token;  // the literal that holds all its text
  std::string text;
  std::vector<json::Token> calls;
  VisibleMessage visible;
};

class ChatReader {
 public:
  explicit ChatReader(const json::Document& document) : document_(document) {}

  std::optional<ChatMessage> Read(const json::Token& token) const {
    if (token.type != json::Type::kObject) return std::nullopt;
    ChatMessage message;
    message.whole = token;
    const std::string role = TextAt(document_, token, "role");
    message.is_result = role == "tool";
    message.is_assistant = role == "assistant";
    if (!message.is_assistant) return message;
    message.content = document_.Find(token, "content");
    if (message.content.has_value()) ReadContent(*message.content, message);
    const std::optional<json::Token> calls = document_.Find(token, "tool_calls");
    if (calls.has_value() && calls->type == json::Type::kArray) message.calls = document_.Elements(*calls);
    for (const json::Token& call : message.calls) message.visible.AddCall(TextAt(document_, call, "id"));
    for (const json::Member& member : document_.Members(token)) {
      const std::string key = document_.Text(member.key).value_or("");
      const bool known = key == "role" || key == "content" || key == "tool_calls";
      message.says_more = message.says_more || (!known && Says(document_, member.value));
    }
    return message;
  }

 private:
  void ReadContent(const json::Token& content, ChatMessage& message) const {
    if (content.type == json::Type::kString) AddText(content, message);
    if (content.type != json::Type::kArray) return;
    const std::vector<json::Token> parts = document_.Elements(content);
    for (const json::Token& part : parts) {
      const std::optional<json::Token> text = Inside(document_, part, "text");
      if (text.has_value()) AddText(*text, message);
    }
    if (parts.size() != 1) message.text_token.reset();
  }

  void AddText(const json::Token& literal, ChatMessage& message) const {
    const std::string text = document_.Text(literal).value_or("");
    message.text += text;
    message.visible.AddText(text);
    message.text_token = literal;
  }

  const json::Document& document_;
};

// Where the text that stood before our last splitting call ends: its length where the
// echo is exact, else after as many bytes that are no white space.
std::optional<size_t> CutOf(std::string_view text, const HiddenInsert& last) {
  size_t left = last.text;
  const std::optional<size_t> cut = AfterSqueezed(text, left);
  if (!cut.has_value() || left > 0) return std::nullopt;
  const std::string_view after = text.substr(*cut);
  const auto spaces = static_cast<size_t>(std::find_if_not(after.begin(), after.end(), IsSpace) - after.begin());
  return last.blocks >= *cut && last.blocks <= *cut + spaces ? last.blocks : cut;
}

class ChatInserter {
 public:
  ChatInserter(const ChatMessage& message, const HiddenExchange& hidden) : message_(message), hidden_(hidden) {}

  // False when the client's echo has another form; then there is nothing to apply.
  bool Prepare(const std::optional<ChatMessage>& next) {
    const HiddenInsert* last = nullptr;
    for (const HiddenInsert& insert : hidden_.inserts) {
      if (insert.splits) {
        before_.append(insert.calls).append(",").append(insert.results).append(",");
        last = &insert;
      } else {
        if (insert.blocks > message_.calls.size() || message_.calls.empty()) return false;
        results_.append(insert.results.empty() ? "" : ",").append(insert.results);
      }
    }
    if (!results_.empty() && !(next.has_value() && next->is_result)) return false;
    if (last != nullptr && !Cut(*last)) return false;
    const std::string_view rest = rest_.has_value() ? std::string_view(left_) : message_.text;
    ends_ = last != nullptr && message_.calls.empty() && !message_.says_more && IsBlank(rest);
    return true;
  }

  Status Apply(json::EditList& edits) const {
    // The model said nothing after the results, and providers take no empty message.
    if (ends_) return edits.Replace(message_.whole.span, before_.substr(0, before_.size() - 1));
    const auto insert = [&](uint32_t at, const std::string& text) {
      return text.empty() ? Status() : edits.Replace({at, at}, text);
    };
    if (Status status = insert(message_.whole.span.begin, before_); !status.ok()) return status;
    if (rest_.has_value()) {
      if (Status status = edits.Replace(rest_->first.span, rest_->second); !status.ok()) return status;
    }
    if (Status status = InsertCalls(edits); !status.ok()) return status;
    return insert(message_.whole.span.end, results_);
  }

 private:
  // A client that left the text out keeps what it has; one that changed it, too.
  bool Cut(const HiddenInsert& last) {
    if (last.text == 0 && last.blocks == 0) return true;
    if (message_.text.empty()) return !message_.calls.empty();
    if (message_.visible.TextPrint() != hidden_.text_print || !message_.text_token.has_value()) return false;
    const std::optional<size_t> cut = CutOf(message_.text, last);
    if (!cut.has_value()) return false;
    left_ = message_.text.substr(*cut);
    if (left_.empty() && !message_.calls.empty()) {
      rest_.emplace(*message_.content, "null");
    } else {
      rest_.emplace(*message_.text_token, json::Quote(left_));
    }
    return true;
  }

  Status InsertCalls(json::EditList& edits) const {
    const std::vector<HiddenInsert>& inserts = hidden_.inserts;
    for (size_t i = 0; i < inserts.size();) {
      if (inserts[i].splits) {
        ++i;
        continue;
      }
      const uint32_t place = inserts[i].blocks;
      const bool at_end = place == message_.calls.size();
      std::string text;
      for (; i < inserts.size() && !inserts[i].splits && inserts[i].blocks == place; ++i) {
        text.append(at_end ? "," : "").append(inserts[i].calls).append(at_end ? "" : ",");
      }
      const uint32_t at = at_end ? message_.calls.back().span.end : message_.calls[place].span.begin;
      if (Status status = edits.Replace({at, at}, std::move(text)); !status.ok()) return status;
    }
    return Status();
  }

  const ChatMessage& message_;
  const HiddenExchange& hidden_;
  std::string before_;   // messages in front of this one, each ended by a comma
  std::string results_;  // messages behind it, each begun by a comma
  std::string left_;     // of the client's text
  std::optional<std::pair<json::Token, std::string>> rest_;
  bool ends_ = false;  // nothing is left of the client's message
};

}  // namespace

Result<PutBackCounts> PutHiddenBackIntoChat(const json::Document& document, const json::Token& messages,
                                            const FindHidden& find, json::EditList& edits) {
  const auto make = [](const ChatMessage& message, const HiddenExchange& hidden) {
    return ChatInserter(message, hidden);
  };
  return PutBackByMessage(ChatReader(document), make, document, messages, find, edits);
}

}  // namespace headroom::proxy
