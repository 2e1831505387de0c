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

std::string ArgumentsOf(const json::Document& document, const Block& call) {
  switch (call.arguments.type) {
    case json::Type::kNull:
      return call.recorded_arguments;
    case json::Type::kString:
      return document.Text(call.arguments).value_or("");
    default:
      return std::string(document.Raw(call.arguments));
  }
}

namespace {

using ReadOne = void (BlockReader::*)(const json::Token&, uint32_t);

Status ReadList(const json::Document& document, const json::Token& list, ReadOne read_one, RequestView& view) {
  BlockReader reader(document, view);
  uint32_t index = 0;
  for (const json::Token& message : document.Elements(list)) {
    if (message.type != json::Type::kObject) return Status(Code::kInvalidArgument, "a message is not an object");
    (reader.*read_one)(message, index++);
    if (view.blocks.size() > RequestView::kMaxBlocks) return Status(Code::kResourceExhausted, "too many blocks");
  }
  return Status();
}

// The members that say what the request is part of. Returns "input", if any.
Status ReadResponsesSettings(const json::Document& document, RequestView& view, std::optional<json::Token>& input) {
  view.stores_reply = true;
  for (const json::Member& member : document.Members(document.root())) {
    const auto is = [&](std::string_view key) { return document.TextIs(member.key, key); };
    json::Token value = member.value;
    if (value.type == json::Type::kNull) continue;
    if (is("input")) {
      if (input.has_value()) return Status(Code::kInvalidArgument, "two inputs");
      input = value;
    } else if (is("previous_response_id")) {
      view.previous_reply = document.Text(value).value_or("");
    } else if (is("conversation")) {
      if (value.type == json::Type::kObject) value = document.Find(value, "id").value_or(json::Token{});
      view.conversation = document.Text(value).value_or("");
    } else if (is("background")) {
      view.background = document.Raw(value) == "true";
    } else if (is("store")) {
      view.stores_reply = document.Raw(value) != "false";
    } else if (is("context_management")) {
      view.context_editing = true;
    } else if (is("truncation")) {
      view.context_editing = view.context_editing || !document.TextIs(value, "disabled");
    }
  }
  return Status();
}

Result<RequestView> ReadResponsesRequest(const json::Document& document, RequestView view) {
  std::optional<json::Token> input;
  if (Status status = ReadResponsesSettings(document, view, input); !status.ok()) return status;
  if (!input.has_value()) return view;
  if (input->type == json::Type::kString) {
    BlockReader(document, view).AppendText(Role::kUser, *input, 0);
    return view;
  }
  if (input->type != json::Type::kArray) return Status(Code::kInvalidArgument, "input is neither text nor a list");
  if (Status status = ReadList(document, *input, &BlockReader::ReadResponsesItem, view); !status.ok()) return status;
  return view;
}

}  // namespace

Result<RequestView> ReadRequest(Api api, const json::Document& document) {
  if (document.root().type != json::Type::kObject) return Status(Code::kInvalidArgument, "body is not an object");
  RequestView view;
  view.api = api;
  view.model = ReadModel(document);
  if (api == Api::kResponses) return ReadResponsesRequest(document, std::move(view));
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
  const bool chat = api == Api::kChat;
  const ReadOne read_one = chat ? &BlockReader::ReadChatMessage : &BlockReader::ReadMessagesMessage;
  if (Status status = ReadList(document, *messages, read_one, view); !status.ok()) return status;
  return view;
}

std::vector<Block> ReadReplyItem(const json::Document& document, const json::Token& item) {
  RequestView view;
  view.api = Api::kResponses;
  BlockReader(document, view).ReadResponsesItem(item, 0);
  return std::move(view.blocks);
}

std::vector<Block> ReadReplyItems(const std::vector<std::string>& items) {
  std::vector<Block> blocks;
  for (const std::string& item : items) {
    const PaddedBytes bytes(item);
    json::Document document;
    if (!document.Parse(bytes).ok() || document.root().type != json::Type::kObject) continue;
    for (Block& block : ReadReplyItem(document, document.root())) {
      block.recorded_arguments = ArgumentsOf(document, block);
      blocks.push_back(std::move(block));
    }
  }
  return blocks;
}

}  // namespace headroom::proxy
