#include "proxy/responses_splicer.h"

#include <algorithm>

#include "base/bytes.h"
#include "json/edits.h"
#include "json/strings.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

bool IsObject(std::string_view text) {
  const PaddedBytes bytes(text);
  json::Document document;
  return document.Parse(bytes).ok() && document.root().type == json::Type::kObject;
}

// Reasoning that neither its reader nor the provider could know again: without its
// content, by an id under which nothing is kept, the provider refuses it.
bool CanGoBack(const json::Document& document, const json::Token& item) {
  if (TextAt(document, item, "type") != "reasoning") return true;
  if (!TextAt(document, item, "encrypted_content").empty()) return true;
  const std::optional<json::Token> content = Inside(document, item, "content");
  return content.has_value() && content->type == json::Type::kArray && !document.Elements(*content).empty();
}

std::string EventOf(std::string_view type, std::string_view data) {
  return "event: " + std::string(type) + "\ndata: " + OneLine(data) + "\n\n";
}

// The members at the front of an object that has others.
void AddMember(std::string_view key, std::string_view value, std::string& members) {
  members.append(json::Quote(key)).append(":").append(value).append(",");
}

}  // namespace

void ResponsesSplicer::Event(std::string_view raw, std::string& out) {
  const std::string data = EventData(raw);
  const PaddedBytes padded(data);
  if (data.empty() || !document_.Parse(padded).ok()) {
    out.append(raw);
    return;
  }
  const std::string type = TextAt(document_, document_.root(), "type");
  const std::optional<json::Token> response = Inside(document_, document_.root(), "response");
  if (response.has_value() && response->type == json::Type::kObject) {
    ResponseEvent(raw, data, type, out);
  } else if (type == "response.output_item.added" || type == "response.output_item.done") {
    ItemEvent(raw, data, type.ends_with("done"), out);
  } else {
    InItem(raw, data, out);
  }
}

// The event, the same bytes where nothing is to be changed.
void ResponsesSplicer::Show(std::string_view raw, std::string_view data, json::EditList& edits, std::string& out) {
  const std::optional<uint64_t> sequence = NumberAt(document_, document_.root(), "sequence_number");
  if (sequence.has_value()) {
    const uint64_t number = withheld_ ? next_sequence_ : *sequence;
    const std::optional<json::Token> token = Inside(document_, document_.root(), "sequence_number");
    if (number != *sequence) (void)edits.Replace(token->span, std::to_string(number));
    next_sequence_ = number + 1;
  }
  if (edits.empty()) {
    out.append(raw);
  } else {
    out.append(EventOf(TextAt(document_, document_.root(), "type"), edits.Splice(data)));
  }
}

void ResponsesSplicer::ShowIn(const Item& item, std::string_view raw, std::string_view data, std::string& out) {
  json::EditList edits(static_cast<uint32_t>(data.size()));
  const std::optional<json::Token> index = Inside(document_, document_.root(), "output_index");
  const std::string shown = std::to_string(item.shown);
  if (document_.Raw(*index) != shown) (void)edits.Replace(index->span, shown);
  Show(raw, data, edits, out);
}

ResponsesSplicer::Item& ResponsesSplicer::ItemAt(uint64_t index, const json::Token& json) {
  const auto [found, is_new] = items_.try_emplace(index);
  Item& item = found->second;
  if (!is_new) return item;
  item.ours = IsCallOf(tool_name_, document_, json);
  if (item.ours) {
    withheld_ = true;
    return item;
  }
  item.shown = withheld_ ? next_index_ : index;
  next_index_ = item.shown + 1;
  return item;
}

void ResponsesSplicer::ItemEvent(std::string_view raw, std::string_view data, bool done, std::string& out) {
  const std::optional<uint64_t> index = NumberAt(document_, document_.root(), "output_index");
  const std::optional<json::Token> json = Inside(document_, document_.root(), "item");
  if (!index.has_value() || !json.has_value() || json->type != json::Type::kObject) {
    json::EditList edits(static_cast<uint32_t>(data.size()));
    Show(raw, data, edits, out);
    return;
  }
  Item& item = ItemAt(*index, *json);
  if (!item.done) item.json = document_.Raw(*json);
  item.done = item.done || done;
  if (!item.ours) ShowIn(item, raw, data, out);
}

void ResponsesSplicer::InItem(std::string_view raw, std::string_view data, std::string& out) {
  const std::optional<uint64_t> index = NumberAt(document_, document_.root(), "output_index");
  const auto found = index.has_value() ? items_.find(*index) : items_.end();
  if (found == items_.end()) {
    json::EditList edits(static_cast<uint32_t>(data.size()));
    Show(raw, data, edits, out);
  } else if (!found->second.ours) {
    ShowIn(found->second, raw, data, out);
  } else {
    found->second.arguments += TextAt(document_, document_.root(), "delta");
  }
}

ShownResponse ResponsesSplicer::Shown() const {
  ShownResponse shown;
  shown.tool = tool_name_;
  if (continues_ && !id_.empty()) shown.id = id_;
  if (!previous_.empty()) shown.previous = previous_;
  if (!earlier_.empty()) shown.earlier = &earlier_;
  if (!withheld_) return shown;
  std::string output;
  for (const std::string& item : shown_items_) AppendElement(item, output);
  shown.output = "[" + output + "]";
  return shown;
}

void ResponsesSplicer::ResponseEvent(std::string_view raw, std::string_view data, std::string_view type,
                                     std::string& out) {
  const json::Token response = *Inside(document_, document_.root(), "response");
  const bool ends = type == "response.completed" || type == "response.incomplete" || type == "response.failed";
  if (continues_ && !ends) return;
  if (!continues_ && id_.empty()) {
    const std::optional<json::Token> id = Inside(document_, response, "id");
    if (id.has_value()) id_ = document_.Raw(*id);
    const std::optional<json::Token> previous = Inside(document_, response, "previous_response_id");
    if (previous_.empty() && previous.has_value()) previous_ = document_.Raw(*previous);
  }
  if (ends && !ended_ && !waits_) Finish(response, type.substr(type.find('.') + 1));
  if (ends && waits_) {
    held_end_ = data;
    return;
  }
  ShownResponse shown = Shown();
  if (!ends) shown.output.reset();
  json::EditList edits(static_cast<uint32_t>(data.size()));
  (void)EditResponse(document_, response, shown, edits);
  Show(raw, data, edits, out);
  ended_ = ended_ || ends;
}

// Some servers announce no items, or say what they are only at the end.
void ResponsesSplicer::Finish(const json::Token& response, std::string_view status) {
  const std::optional<json::Token> output = Inside(document_, response, "output");
  if (items_.empty() && output.has_value() && output->type == json::Type::kArray) {
    uint64_t index = 0;
    for (const json::Token& element : document_.Elements(*output)) {
      Item& item = ItemAt(index++, element);
      item.json = document_.Raw(element);
      item.done = true;
    }
  }
  last_response_ = document_.Raw(response);
  ids_.push_back(TextAt(document_, response, "id"));
  tokens_.Add(document_, response);
  const std::optional<json::Token> store = Inside(document_, response, "store");
  if (store.has_value() && store->type == json::Type::kBool) stored_ = document_.Raw(*store) == "true";
  for (const auto& [index, item] : items_) TakeItem(item);
  // What failed is not kept and cannot be gone on with.
  if (status == "failed") {
    while (!hidden_.empty() && hidden_.back().results.empty()) hidden_.pop_back();
    held_.clear();
  }
  waits_ = status == "completed" && !held_.empty() && client_calls_ == 0;
  // Whatever else ended it, calls of ours are in what the provider keeps: any request can answer them.
  client_calls_ = waits_ ? 0 : 1;
}

void ResponsesSplicer::TakeItem(const Item& item) {
  const std::string json = item.ours ? Assembled(item) : OneLine(item.json);
  const PaddedBytes bytes(json);
  json::Document document;
  if (!document.Parse(bytes).ok()) return;
  if (CanGoBack(document, document.root())) turn_.push_back(json);
  if (!item.ours) {
    client_calls_ += AsksClient(document, document.root()) ? 1 : 0;
    AddShownItem(document, document.root(), visible_);
    shown_items_.push_back(item.json);
    return;
  }
  const std::string id = TextAt(document, document.root(), "call_id");
  const auto same = [&](const HeldCall& held) { return held.id == id; };
  if (std::any_of(held_.begin(), held_.end(), same)) {
    turn_.pop_back();  // sent twice
    return;
  }
  held_.push_back({id, TextAt(document, document.root(), "arguments")});
  our_calls_.push_back(id);
  AppendElement(json, InsertHere().calls);
}

std::string ResponsesSplicer::Assembled(const Item& item) {
  const PaddedBytes bytes(item.json);
  json::Document document;
  if (!document.Parse(bytes).ok()) return item.json;
  const std::string said = TextAt(document, document.root(), "arguments");
  const std::string& arguments = item.done || item.arguments.empty() ? said : item.arguments;
  if (arguments == said && IsObject(said)) return OneLine(item.json);
  return OneLine(
      WithMembers(document, document.root(), {{"arguments", json::Quote(IsObject(arguments) ? arguments : "{}")}}));
}

// The insert at the place where the client's items stand now.
HiddenInsert& ResponsesSplicer::InsertHere() {
  const auto blocks = static_cast<uint32_t>(visible_.blocks);
  if (hidden_.empty() || hidden_.back().blocks != blocks || !hidden_.back().results.empty()) {
    HiddenInsert& insert = hidden_.emplace_back();
    insert.blocks = blocks;
    insert.thinking = static_cast<uint32_t>(visible_.thinking);
  }
  return hidden_.back();
}

std::string ResponsesSplicer::ResultOf(const HeldCall& call, std::string_view text) const {
  return R"({"type":"function_call_output","call_id":)" + json::Quote(call.id) + R"(,"output":)" + json::Quote(text) +
         "}";
}

std::string ResponsesSplicer::Turn(const std::string& results) const {
  std::string items;
  for (const std::string& item : turn_) AppendElement(item, items);
  AppendElement(results, items);
  return items;
}

bool ResponsesSplicer::ProviderKeeps(const json::Document& request) const {
  const std::optional<json::Token> store = Inside(request, request.root(), "store");
  if (store.has_value() && request.Raw(*store) == "false") return false;
  return stored_.value_or(!TextAt(request, request.root(), "previous_response_id").empty());
}

// Where the provider keeps the reply, only the answers are sent and its id: the
// reasoning that belongs to our call stands there in full, which a client that
// asked for no encrypted content could not send back, and the prompt that is
// cached goes on where it ended. Servers that do not say that they keep replies
// get the items themselves.
Result<std::string> ResponsesSplicer::NextRequest(const std::string& body, const std::string& results) const {
  const PaddedBytes bytes(body);
  json::Document document;
  if (Status status = document.Parse(bytes); !status.ok()) return status;
  const json::Token& root = document.root();
  if (root.type != json::Type::kObject || document.Members(root).empty()) {
    return Status(Code::kInvalidArgument, "the request is no object with members");
  }
  json::EditList edits(static_cast<uint32_t>(body.size()));
  std::string members;
  const auto set = [&](std::string_view key, std::string value) {
    const std::optional<json::Token> token = Inside(document, root, key);
    if (token.has_value()) return edits.Replace(token->span, std::move(value));
    AddMember(key, value, members);
    return Status();
  };
  Status status;
  if (ProviderKeeps(document) && !ids_.empty() && !ids_.back().empty()) {
    status = set("previous_response_id", json::Quote(ids_.back()));
    if (status.ok()) status = set("input", "[" + results + "]");
  } else {
    const std::optional<json::Token> input = Inside(document, root, "input");
    const bool list = input.has_value() && input->type == json::Type::kArray;
    std::string before;
    if (input.has_value() && input->type == json::Type::kString) {
      before = R"({"role":"user","content":)" + std::string(document.Raw(*input)) + "}";
    }
    if (list) {
      const std::string comma = document.Elements(*input).empty() ? "" : ",";
      status = edits.Replace({input->span.end - 1, input->span.end - 1}, comma + Turn(results));
    } else {
      AppendElement(Turn(results), before);
      status = set("input", "[" + before + "]");
    }
  }
  if (!status.ok()) return status;
  if (!members.empty()) status = edits.Replace({root.span.begin + 1, root.span.begin + 1}, std::move(members));
  if (!status.ok()) return status;
  return edits.Splice(body);
}

void ResponsesSplicer::Continue(const std::string& results) {
  HiddenInsert& insert = InsertHere();
  insert.results = results;
  insert.splits = true;
  earlier_.total += tokens_.total;
  for (const auto& [key, count] : tokens_.details) earlier_.details[key] += count;
  tokens_ = SaidTokens();
  continues_ = withheld_ = true;
  waits_ = false;
  client_calls_ = 0;
  items_.clear();
  turn_.clear();
  held_.clear();
  held_end_.clear();
  stored_.reset();
  first_shown_ = shown_items_.size();
}

void ResponsesSplicer::Stop(std::string& out) {
  waits_ = false;
  client_calls_ = 1;
  const std::string data = std::move(held_end_);
  held_end_.clear();
  const PaddedBytes padded(data);
  if (!document_.Parse(padded).ok()) return;
  json::EditList edits(static_cast<uint32_t>(data.size()));
  (void)EditResponse(document_, *Inside(document_, document_.root(), "response"), Shown(), edits);
  Show(EventOf(TextAt(document_, document_.root(), "type"), data), data, edits, out);
  ended_ = true;
}

void ResponsesSplicer::AnswerLater(const std::string& results) {
  InsertHere().results = results;
  results_ = results;
}

HiddenExchange ResponsesSplicer::hidden() const {
  HiddenExchange hidden{static_cast<uint32_t>(visible_.blocks), static_cast<uint32_t>(visible_.thinking), hidden_};
  while (!hidden.empty() && hidden.inserts.back().results.empty()) hidden.inserts.pop_back();
  return hidden;
}

std::optional<KeptReply> ResponsesSplicer::kept() const {
  KeptReply kept;
  kept.alias.ids = ids_;
  kept.alias.previous = previous_;
  kept.alias.results = results_;
  for (size_t i = 0; i < first_shown_; ++i) AppendElement(OneLine(shown_items_[i]), kept.alias.items);
  kept.alias.earlier = earlier_;
  kept.items = shown_items_;
  kept.our_calls = our_calls_;
  return kept;
}

// As the provider itself ends a reply that fails: the error, then the response that failed.
std::string ResponsesSplicer::ErrorEvent(std::string_view body) const {
  constexpr std::string_view kOurs =
      R"({"error":{"type":"server_error","code":"server_error","message":"headroom: the reply could not be continued","param":null}})";
  const std::string data = ErrorData(body, kOurs);
  const PaddedBytes bytes(data);
  json::Document document;
  if (!document.Parse(bytes).ok()) return {};
  const json::Token error = *Inside(document, document.root(), "error");
  const auto member = [&](std::string_view key, std::string otherwise) {
    const std::optional<json::Token> token = Inside(document, error, key);
    const bool says = token.has_value() && token->type != json::Type::kNull;
    return says ? std::string(document.Raw(*token)) : otherwise;
  };
  const std::string message = member("message", json::Quote("headroom: the reply could not be continued"));
  std::string event = R"({"type":"error","sequence_number":)" + std::to_string(next_sequence_);
  event.append(R"(,"code":)").append(member("code", "null")).append(R"(,"message":)").append(message);
  event.append(R"(,"param":)").append(member("param", "null")).append(R"(,"error":)").append(document.Raw(error));
  event = EventOf("error", event + "}");

  const PaddedBytes last(last_response_);
  json::Document response;
  if (!response.Parse(last).ok()) return event;
  json::EditList edits(static_cast<uint32_t>(last_response_.size()));
  (void)EditResponse(response, response.root(), Shown(), edits);
  const std::string shown = edits.Splice(last_response_);
  const PaddedBytes again(shown);
  if (!response.Parse(again).ok()) return event;
  const std::string failed =
      WithMembers(response, response.root(),
                  {{"status", "\"failed\""},
                   {"usage", "null"},
                   {"error", R"({"code":)" + member("code", "\"server_error\"") + R"(,"message":)" + message + "}"}});
  return event + EventOf("response.failed", R"({"type":"response.failed","sequence_number":)" +
                                                std::to_string(next_sequence_ + 1) + R"(,"response":)" + failed + "}");
}

}  // namespace headroom::proxy
