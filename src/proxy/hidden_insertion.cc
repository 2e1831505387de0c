#include "proxy/hidden_insertion.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::proxy {
namespace {

// One message of the request.
struct Message {
  json::Token content;
  bool is_assistant = false;
  bool role_first = true;  // "role" stands before "content"
  std::vector<json::Token> blocks;
  std::vector<bool> is_thinking;
  VisibleMessage visible;
};

class Reader {
 public:
  explicit Reader(const json::Document& document) : document_(document) {}

  std::optional<Message> Read(const json::Token& token) const {
    const std::optional<json::Token> role = document_.Find(token, "role");
    const std::optional<json::Token> content = document_.Find(token, "content");
    if (!role.has_value() || !content.has_value()) return std::nullopt;
    Message message;
    message.content = *content;
    message.is_assistant = document_.TextIs(*role, "assistant");
    message.role_first = role->span.begin < content->span.begin;
    if (content->type == json::Type::kString && message.is_assistant) {
      message.visible.blocks = 1;
      message.visible.AddText(document_.Text(*content).value_or(""));
    }
    if (content->type != json::Type::kArray) return message;
    message.blocks = document_.Elements(*content);
    for (const json::Token& block : message.blocks) ReadBlock(block, message);
    return message;
  }

 private:
  void ReadBlock(const json::Token& block, Message& message) const {
    ++message.visible.blocks;
    message.is_thinking.push_back(false);
    if (!message.is_assistant || block.type != json::Type::kObject) return;
    const std::optional<json::Token> type = document_.Find(block, "type");
    if (!type.has_value()) return;
    const auto text = [&](std::string_view key) {
      const std::optional<json::Token> token = document_.Find(block, key);
      return token.has_value() ? document_.Text(*token).value_or("") : std::string();
    };
    if (document_.TextIs(*type, "text")) message.visible.AddText(text("text"));
    if (document_.TextIs(*type, "tool_use")) message.visible.AddCall(text("id"));
    message.is_thinking.back() = document_.TextIs(*type, "thinking") || document_.TextIs(*type, "redacted_thinking");
    if (message.is_thinking.back()) ++message.visible.thinking;
  }

  const json::Document& document_;
};

// The text between two blocks: what is there, a comma, what comes.
class Between {
 public:
  explicit Between(bool after_block, const Message& message) : filled_(after_block), role_first_(message.role_first) {}

  // `ends`: the client's message ends here. The model said nothing after the results, so the
  // user message with them is left open for the brackets that closed the client's message.
  void Add(const HiddenInsert& insert, bool ends = false) {
    if (!insert.calls.empty()) {
      text_.append(filled_ ? "," : "").append(insert.calls);
      filled_ = true;
    }
    if (!insert.splits) return;
    text_.append("]").append(role_first_ ? "" : R"(,"role":"assistant")");
    text_.append(R"(},{"role":"user","content":[)").append(insert.results);
    if (ends) return;
    text_.append("]},{");
    text_.append(role_first_ ? R"("role":"assistant",)" : "").append(R"("content":[)");
    filled_ = false;
  }

  std::string Finish(bool before_block) {
    if (filled_ && before_block) text_.push_back(',');
    return std::move(text_);
  }

 private:
  std::string text_;
  bool filled_;
  bool role_first_;
};

// The bytes between block `place - 1` and block `place` of an array.
ByteSpan Gap(const Message& message, size_t place) {
  const uint32_t begin = place == 0 ? message.content.span.begin + 1 : message.blocks[place - 1].span.end;
  const uint32_t end = place == message.blocks.size() ? message.content.span.end - 1 : message.blocks[place].span.begin;
  return {begin, end};
}

class Inserter {
 public:
  Inserter(const HiddenExchange& hidden, json::EditList& edits) : hidden_(hidden), edits_(edits) {}

  // False when the message is not what was shown; nothing is edited then.
  Result<bool> IntoBlocks(const Message& message) {
    std::vector<std::pair<size_t, const HiddenInsert*>> placed;
    for (const HiddenInsert& insert : hidden_.inserts) {
      const std::optional<size_t> place = PlaceOf(insert, hidden_, message.visible, message.is_thinking);
      if (!place.has_value() || *place > message.blocks.size()) return false;
      // What follows the content would become the user message's.
      if (insert.splits && *place == message.blocks.size() && !message.role_first) return false;
      placed.emplace_back(*place, &insert);
    }
    for (size_t i = 0; i < placed.size();) {
      const size_t place = placed[i].first;
      Between between(place > 0, message);
      for (; i < placed.size() && placed[i].first == place; ++i) {
        between.Add(*placed[i].second, i + 1 == placed.size() && place == message.blocks.size());
      }
      const Status status = edits_.Replace(Gap(message, place), between.Finish(place < message.blocks.size()));
      if (!status.ok()) return status;
    }
    return true;
  }

  // A text alone: only what stands before it can be put back.
  Result<bool> BeforeText(const Message& message) {
    const bool all_before = std::all_of(hidden_.inserts.begin(), hidden_.inserts.end(),
                                        [](const HiddenInsert& insert) { return insert.blocks == insert.thinking; });
    if (!all_before || hidden_.inserts.empty() || !hidden_.inserts.back().splits) return false;
    Between between(false, message);
    for (const HiddenInsert& insert : hidden_.inserts) between.Add(insert);
    std::string text = "[" + between.Finish(false);
    text.pop_back();  // the text is no list
    const uint32_t at = message.content.span.begin;
    const Status status = edits_.Replace({at, at}, std::move(text));
    if (!status.ok()) return status;
    return true;
  }

  // The results that go with the client's, in front of them.
  Status WithResults(const Message& next) {
    std::string text;
    for (const HiddenInsert& insert : hidden_.inserts) {
      if (insert.splits || insert.results.empty()) continue;
      text.append(text.empty() ? "" : ",").append(insert.results);
    }
    if (text.empty()) return Status();
    if (!next.blocks.empty()) text.push_back(',');
    return edits_.Replace(Gap(next, 0), std::move(text));
  }

  bool answers_later() const {
    return std::any_of(hidden_.inserts.begin(), hidden_.inserts.end(),
                       [](const HiddenInsert& insert) { return !insert.splits && !insert.results.empty(); });
  }

 private:
  const HiddenExchange& hidden_;
  json::EditList& edits_;
};

// Edits one assistant message, and the one after it where that holds results.
// False when the client's echo has another form.
Result<bool> PutBackOne(const Message& message, const std::optional<Message>& next, const HiddenExchange& hidden,
                        json::EditList& edits) {
  Inserter inserter(hidden, edits);
  const bool later = inserter.answers_later();
  if (later && (!next.has_value() || next->is_assistant || next->content.type != json::Type::kArray)) return false;
  const bool is_text = message.content.type == json::Type::kString;
  Result<bool> done = is_text ? inserter.BeforeText(message) : inserter.IntoBlocks(message);
  if (!done.ok() || !*done || !later) return done;
  if (Status status = inserter.WithResults(*next); !status.ok()) return status;
  return true;
}

}  // namespace

std::optional<size_t> PlaceOf(const HiddenInsert& insert, const HiddenExchange& hidden, const VisibleMessage& visible,
                              const std::vector<bool>& is_thinking) {
  if (visible.blocks == hidden.blocks) return insert.blocks;
  const size_t spoken = visible.blocks - visible.thinking;
  if (hidden.blocks - hidden.thinking != spoken) return std::nullopt;
  size_t before = insert.blocks - insert.thinking;
  size_t place = 0;
  for (; place < is_thinking.size() && before > 0; ++place) before -= is_thinking[place] ? 0 : 1;
  return place;
}

Result<PutBackCounts> PutHiddenBack(Api api, const json::Document& document, const json::Token& messages,
                                    const FindHidden& find, json::EditList& edits) {
  if (api == Api::kResponses) return PutHiddenBackIntoItems(document, messages, find, edits);
  if (api == Api::kChat) return PutHiddenBackIntoChat(document, messages, find, edits);
  const Reader reader(document);
  std::vector<std::optional<Message>> read;
  std::vector<VisibleAt> asked;
  for (const json::Token& element : document.Elements(messages)) {
    read.push_back(element.type == json::Type::kObject ? reader.Read(element) : std::nullopt);
    if (read.back().has_value() && read.back()->is_assistant) asked.push_back({read.size() - 1, read.back()->visible});
  }
  PutBackCounts counts;
  const std::vector<std::optional<HiddenExchange>> found = find(asked);
  for (size_t i = 0; i < std::min(found.size(), asked.size()); ++i) {
    if (!found[i].has_value()) continue;
    const size_t at = asked[i].index;
    const std::optional<Message> next = at + 1 < read.size() ? read[at + 1] : std::nullopt;
    const Result<bool> done = PutBackOne(*read[at], next, *found[i], edits);
    if (!done.ok()) return done.status();
    ++(*done ? counts.put_back : counts.lost);
  }
  return counts;
}

}  // namespace headroom::proxy
