#include "proxy/tool_offer.h"

#include <algorithm>

#include "proxy/lineage.h"
#include "proxy/retrieve_tool.h"

namespace headroom::proxy {
namespace {

// OpenAI takes no more.
constexpr size_t kMaxTools = 128;

Hash128 OfferKey(const Hash128& root) { return Hasher128().Add("retrieve tool").Add(root).Finish(); }
Hash128 WithdrawnKey(const Hash128& root) { return Hasher128().Add("retrieve tool withdrawn").Add(root).Finish(); }
Hash128 AnyOfferKey() { return Hasher128().Add("any retrieve tool").Finish(); }

struct Tools {
  std::optional<json::Token> list;
  bool has_named = false;   // one of our tool's name, from whomever
  bool takes_hash = false;  // such a one that takes a hash
  bool forced = false;      // a tool, or none, is prescribed
  bool hosted = true;       // the provider runs them all: no result of theirs is ever shortened
  bool full = false;        // no room for one more
  bool unfollowed = false;  // several replies, or one that is not this request's answer
};

std::string NameOf(const json::Document& document, const json::Token& tool) {
  if (tool.type != json::Type::kObject) return {};
  std::optional<json::Token> name = document.Find(tool, "name");
  const std::optional<json::Token> function = document.Find(tool, "function");
  if (function.has_value() && function->type == json::Type::kObject) name = document.Find(*function, "name");
  return name.has_value() ? document.Text(*name).value_or("") : std::string();
}

// Another program's tool of that name may open something else.
bool TakesHash(const json::Document& document, const json::Token& tool) {
  const auto inside = [&](const json::Token& object, std::string_view key) {
    const std::optional<json::Token> found = document.Find(object, key);
    return found.has_value() && found->type == json::Type::kObject ? found : std::nullopt;
  };
  const json::Token named = inside(tool, "function").value_or(tool);
  std::optional<json::Token> schema = inside(named, "input_schema");
  if (!schema.has_value()) schema = inside(named, "parameters");
  const std::optional<json::Token> properties = schema.has_value() ? inside(*schema, "properties") : std::nullopt;
  return properties.has_value() && document.Find(*properties, "hash").has_value();
}

// "auto" leaves the choice to the model; "any" of one tool is that tool, by which programs get their answers in a form.
bool LeavesChoice(const json::Document& document, json::Token choice, size_t tools) {
  if (choice.type == json::Type::kNull) return true;
  if (choice.type == json::Type::kObject) {
    const std::optional<json::Token> type = document.Find(choice, "type");
    if (!type.has_value()) return false;
    choice = *type;
  }
  if (document.TextIs(choice, "auto")) return true;
  return tools > 1 && (document.TextIs(choice, "any") || document.TextIs(choice, "required"));
}

// Models that have the provider's own tools alone may take no others ("deep research" ones). What the client
// runs is a function, or one of those that each provider defines for clients.
bool IsOfClient(const json::Document& document, const json::Token& tool) {
  constexpr std::string_view kOfClients[] = {"function",     "custom",      "namespace", "computer", "bash",
                                             "text_editor_", "apply_patch", "memory_",   "shell",    "local_shell"};
  if (tool.type != json::Type::kObject) return false;
  const std::optional<json::Token> type = document.Find(tool, "type");
  if (!type.has_value() || type->type != json::Type::kString) return true;  // a function in the Messages API
  const std::string name = document.Text(*type).value_or("");
  return std::any_of(std::begin(kOfClients), std::end(kOfClients),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::optional<json::Token> ListOf(const json::Document& document, const json::Token& object, std::string_view key) {
  const std::optional<json::Token> list = document.Find(object, key);
  if (!list.has_value() || list->type != json::Type::kArray || document.Elements(*list).empty()) return std::nullopt;
  return list;
}

// Codex sends its tools as an item in front of the conversation, and no others.
std::optional<json::Token> FindTools(const json::Document& document, Api api) {
  const std::optional<json::Token> tools = ListOf(document, document.root(), "tools");
  if (tools.has_value() || api != Api::kResponses) return tools;
  const std::optional<json::Token> input = ListOf(document, document.root(), "input");
  if (!input.has_value()) return std::nullopt;
  for (const json::Token& item : document.Elements(*input)) {
    if (item.type != json::Type::kObject) continue;
    const std::optional<json::Token> type = document.Find(item, "type");
    if (type.has_value() && document.TextIs(*type, "additional_tools")) return ListOf(document, item, "tools");
  }
  return std::nullopt;
}

Tools ReadTools(const json::Document& document, const RequestView& view) {
  Tools tools;
  const std::optional<json::Token> list = FindTools(document, view.api);
  if (!list.has_value()) return tools;
  const std::vector<json::Token> elements = document.Elements(*list);
  tools.list = list;
  for (const json::Token& tool : elements) {
    tools.hosted = tools.hosted && !IsOfClient(document, tool);
    if (!IsRetrieveTool(NameOf(document, tool))) continue;
    tools.has_named = true;
    tools.takes_hash = tools.takes_hash || TakesHash(document, tool);
  }
  const std::optional<json::Token> choice = document.Find(document.root(), "tool_choice");
  tools.forced = choice.has_value() && !LeavesChoice(document, *choice, elements.size());
  const std::optional<json::Token> count = document.Find(document.root(), "n");
  tools.unfollowed = count.has_value() && count->type == json::Type::kNumber && document.Raw(*count) != "1";
  // A message thread goes on from its last reply's id, which need not be the client's.
  const std::optional<json::Token> thread = document.Find(document.root(), "thread");
  const bool threaded = thread.has_value() && thread->type == json::Type::kObject;
  tools.unfollowed = tools.unfollowed || threaded || view.server_held();
  // The legacy form of tools has calls without ids.
  const std::optional<json::Token> functions = document.Find(document.root(), "functions");
  tools.forced = tools.forced || tools.unfollowed || tools.hosted || functions.has_value();
  tools.full = elements.size() >= kMaxTools;
  return tools;
}

// Thinking that was signed under other tools is refused.
bool HasSignedThinking(const std::vector<Block>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const Block& block) { return block.signed_thinking; });
}

}  // namespace

ToolOffers::ToolOffers(store::Store& store) : store_(store) {
  bool complete = true;
  const bool found = store::FindSurely(store, {AnyOfferKey()}, &complete)[0].has_value();
  any_ = found || !complete;  // where the disk does not say, each conversation is asked for
}

std::string ToolOffers::Judge(const Request& request, store::Node node, bool offers) const {
  node.tenant = request.tenant;
  node.rule = "retrieve_tool";
  if (offers) node.payload = RetrieveToolDefinition(request.view.api);
  if (!request.record) return node.payload;
  if (!any_.exchange(true)) {
    store::Node any;
    any.key = AnyOfferKey();
    any.rule = "retrieve_tool";
    store_.Insert(std::move(any));
  }
  return store_.Insert(std::move(node)).payload;
}

void ToolOffers::Withdraw(const store::TenantId& tenant, const Hash128& root) const {
  store::Node node;
  node.key = WithdrawnKey(root);
  node.tenant = tenant;
  node.rule = "retrieve_tool";
  store_.Insert(std::move(node));
}

ToolOffer ToolOffers::Decide(const Request& request) const {
  ToolOffer offer;
  const bool may_offer = request.offer != Offer::kNever;
  if (!may_offer && !any_ && !request.needs_own) return offer;
  const Tools tools = ReadTools(request.document, request.view);
  if (!tools.list.has_value()) return offer;
  offer.tools = tools.list;
  if (tools.has_named) {
    offer.can_retrieve = tools.takes_hash;
    return offer;
  }
  if (!may_offer && !any_) return offer;
  const std::vector<Block>& blocks = request.view.blocks;
  const auto answer =
      std::find_if(blocks.begin(), blocks.end(), [](const Block& block) { return block.role == Role::kAssistant; });
  const bool answered = answer != blocks.end() || request.view.continues();
  offer.answered = answered;
  const Hash128 root = RootOf(request.view, request.lineage);
  if (root == Hash128{}) return offer;
  store::Node node;
  node.key = OfferKey(root);
  bool complete = true;
  const std::vector<std::optional<store::Node>> found =
      store::FindSurely(store_, {node.key, WithdrawnKey(root)}, &complete);
  const std::optional<store::Node>& known = found[0];
  offer.known = known.has_value();
  if (found[1].has_value()) return offer;
  if (known.has_value()) {
    // Of several replies each would go on in its own way.
    if (!tools.unfollowed && !tools.full) offer.definition = known->payload;
  } else if (!complete && !request.view.continues()) {
    // The disk does not say; a conversation that is offered the tool must not lose it.
    if (may_offer && !tools.forced && !tools.full) offer.definition = RetrieveToolDefinition(request.view.api);
  } else if (may_offer && (!answered || (request.offer == Offer::kAlways && !request.view.continues() &&
                                         !HasSignedThinking(blocks)))) {
    offer.definition = Judge(request, std::move(node), !tools.forced && !tools.full);
  }
  offer.can_retrieve = !offer.definition.empty();
  return offer;
}

}  // namespace headroom::proxy
