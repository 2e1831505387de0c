#include "proxy/request_view.h"

#include "proxy/block_reader.h"

namespace headroom::proxy {

std::string ReadModel(const json::Document& document) {
  if (document.root().type != json::Type::kObject) return {};
  const std::optional<json::Token> token = document.Find(document.root(), "model");
  if (!token.has_value() || token->type != json::Type::kString) return {};
  std::string model = document.Text(*token).value_or("").substr(0, kMaxModelBytes);
  for (char& c : model) {
    if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') c = '?';
  }
  return model;
}

Result<RequestView> ReadRequest(Api api, const json::Document& document) {
  if (document.root().type != json::Type::kObject) return Status(Code::kInvalidArgument, "body is not an object");
  RequestView view;
  view.api = api;
  view.model = ReadModel(document);
  std::optional<json::Token> messages;
  int message_lists = 0;
  for (const json::Member& member : document.Members(document.root())) {
    const auto is = [&](std::string_view key) { return document.TextIs(member.key, key); };
    const json::Token& value = member.value;
    if (is("messages")) {
      messages = value;
      ++message_lists;
    } else if (is("context_management")) {
      view.context_editing = value.type != json::Type::kNull;
    } else if (is("cache_control")) {
      view.message_cache_mark = value.type != json::Type::kNull;
    }
  }
  // With two "messages" nobody can know which one the provider reads.
  if (message_lists != 1 || messages->type != json::Type::kArray) {
    return Status(Code::kInvalidArgument, "no single list of messages");
  }
  BlockReader reader(document, view);
  uint32_t index = 0;
  for (const json::Token& message : document.Elements(*messages)) {
    if (message.type != json::Type::kObject) return Status(Code::kInvalidArgument, "a message is not an object");
    if (api == Api::kMessages) {
      reader.ReadMessagesMessage(message, index);
    } else {
      reader.ReadChatMessage(message, index);
    }
    if (view.blocks.size() > RequestView::kMaxBlocks) return Status(Code::kResourceExhausted, "too many blocks");
    ++index;
  }
  return view;
}

}  // namespace headroom::proxy
