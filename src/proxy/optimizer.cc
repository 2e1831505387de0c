#include "proxy/optimizer.h"

#include <algorithm>

#include "base/log.h"
#include "json/strings.h"
#include "proxy/lineage.h"
#include "proxy/thinking.h"

namespace headroom::proxy {
namespace {

void CountDecisions(const Plan& plan, Optimized& out) {
  for (size_t i = 0; i < plan.size(); ++i) {
    const Decision& decision = plan[i];
    if (decision.source == Decision::Source::kReplayed && decision.replaced()) ++out.replayed;
    if (decision.source != Decision::Source::kNew) continue;
    ++out.decided[decision.rule];
    out.tokens_saved_once += decision.tokens_before - decision.tokens_after;
  }
}

BlockChanges ChangesOf(const Plan& plan, const std::vector<Hash128>& lineage) {
  BlockChanges changes;
  for (const bool fresh : {true, false}) {
    for (size_t i = plan.size(); i-- > 0;) {
      const Decision& decision = plan[i];
      if (!decision.replaced() || (decision.source == Decision::Source::kNew) != fresh) continue;
      ++changes.count;
      if (changes.kept.size() == BlockChanges::kMax) continue;
      const bool of_epoch = decision.rule == ContextManager::kDeepenedRule;
      changes.kept.push_back({.node = of_epoch ? Hash128{} : lineage[i],
                              .tokens_before = decision.tokens_before,
                              .tokens_after = decision.tokens_after,
                              .fresh = fresh,
                              .original_ids = of_epoch ? decision.original_ids : ""});
    }
  }
  return changes;
}

// The index buffers of a document are worth keeping, those of a huge one are
// not; a thread reads one body at a time.
class ThreadDocument {
 public:
  static constexpr size_t kKeptBytes = 4 * 1024 * 1024;

  explicit ThreadDocument(size_t body_bytes) : keep_(body_bytes <= kKeptBytes) {}
  ~ThreadDocument() {
    if (!keep_) Instance() = json::Document();
  }
  ThreadDocument(const ThreadDocument&) = delete;
  ThreadDocument& operator=(const ThreadDocument&) = delete;

  json::Document& operator*() const { return Instance(); }

 private:
  static json::Document& Instance() {
    thread_local json::Document document;
    return document;
  }
  const bool keep_;
};

}  // namespace

struct Optimizer::Passage {
  const json::Document& document;
  const RequestView& view;
  const std::vector<json::Token>& messages;
  const std::vector<Hash128>& lineage;
  const store::TenantId& tenant;
  const std::string& upstream;
  const std::string& project;
  const bool login;
  const ToolOffer& offer;
  const std::optional<ReplyAlias>& alias;  // of the reply that the request continues
};

Optimizer::Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock,
                     ContextManager::Options context, const policy::ModelCatalog* models)
    : store_(store),
      tenants_(store),
      replies_(store),
      aliases_(store),
      offers_(store),
      cache_aligner_(clock),
      project_(options.project),
      router_(options, store, clock),
      context_(std::move(context), options.policy, store, clock),
      fit_(models) {}

Optimized Optimizer::Run(const Request& request, const PaddedBytes& body) {
  Optimized out;
  try {
    Decide(request, body, out);
  } catch (const std::exception& error) {
    log::Error("optimising failed", {{"what", error.what()}});
    out.body.reset();
    out.tokens_saved = out.tokens_saved_once = 0;
    out.untouched = "exception";
  }
  return out;
}

// Whether this conversation, known by its first answer, was refused before.
bool Optimizer::DropsThinking(const Request& request, const RequestView& view, const store::TenantId& tenant) {
  if (view.api != Api::kMessages) return false;
  const auto is_signed = [](const Block& block) { return block.signed_thinking; };
  const auto is_answer = [](const Block& block) {
    return block.role == Role::kAssistant && block.kind != BlockKind::kThinking;
  };
  const auto answer = std::find_if(view.blocks.begin(), view.blocks.end(), is_answer);
  if (answer == view.blocks.end() || std::none_of(view.blocks.begin(), view.blocks.end(), is_signed)) return false;
  const Hash128 lineage = LineageOf(view, tenant)[static_cast<size_t>(answer - view.blocks.begin())];
  store::Node node;
  node.key = Hasher128().Add("drop thinking").Add(lineage).Finish();
  node.tenant = tenant;
  node.rule = "drop_thinking";
  if (!request.drop_thinking) return store_.Find({node.key})[0].has_value();
  if (request.mode == ContentRouter::Mode::kRecord) store_.Insert(std::move(node));
  return true;
}

void Optimizer::RecordSpliced(const ReplyPlace& place, const ReplySplicer& splicer) const {
  store::Node node;
  node.tenant = place.tenant;
  node.rule = "hidden_exchange";
  node.project = place.project;
  node.upstream = place.upstream;
  const std::optional<KeptReply> kept = splicer.kept();
  if (kept.has_value() && place.kept && !kept->alias.ids.empty()) {
    aliases_.Record(node, *kept);
    replies_.Record(place, ObservedReply{kept->alias.ids[0], ReadReplyItems(kept->items)});
  }
  const HiddenExchange hidden = splicer.hidden();
  if (hidden.empty()) return;
  node.payload = hidden.Encode();
  VisibleMessage visible = splicer.visible();
  node.key = HiddenKey(place.lineage, visible);
  store_.Insert(node);
  if (visible.last_item.empty()) return;
  visible.call_ids.clear();
  visible.referred = true;
  node.key = HiddenKey(place.lineage, visible);
  store_.Insert(std::move(node));
}

Status Optimizer::NamePrevious(const Passage& passage, json::EditList& edits) {
  if (!passage.alias.has_value()) return Status();
  const ReplyAlias& alias = *passage.alias;
  const json::Document& document = passage.document;
  const json::Token& root = document.root();
  const std::optional<json::Token> previous = document.Find(root, "previous_response_id");
  if (alias.ids.size() > 1) {
    if (Status status = edits.Replace(previous->span, json::Quote(alias.ids.back())); !status.ok()) return status;
  }
  if (alias.results.empty()) return Status();
  const std::optional<json::Token> input = document.Find(root, "input");
  if (!input.has_value()) {
    const uint32_t begin = root.span.begin + 1;
    return edits.Replace({begin, begin}, R"("input":[)" + alias.results + "],");
  }
  if (input->type == json::Type::kArray) {
    const uint32_t begin = input->span.begin + 1;
    return edits.Replace({begin, begin}, alias.results + (document.Elements(*input).empty() ? "" : ","));
  }
  const std::string said = input->type != json::Type::kString
                               ? std::string()
                               : R"(,{"role":"user","content":)" + std::string(document.Raw(*input)) + "}";
  return edits.Replace(input->span, "[" + alias.results + said + "]");
}

Result<PutBackCounts> Optimizer::AddRetrieval(const Passage& passage, Composed& composed) {
  json::EditList& edits = composed.edits;
  const json::Document& document = passage.document;
  const RequestView& view = passage.view;
  const uint32_t end = passage.offer.tools->span.end - 1;
  if (Status status = edits.Replace({end, end}, "," + passage.offer.definition); !status.ok()) return status;
  const std::optional<json::Token> messages =
      document.Find(document.root(), view.api == Api::kResponses ? "input" : "messages");
  if (!messages.has_value() || messages->type != json::Type::kArray) return PutBackCounts();
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    std::vector<Hash128> keys;
    for (const VisibleAt& message : asked)
      keys.push_back(HiddenKey(LineageBefore(view, passage.lineage, message.index), message.visible));
    std::vector<std::optional<HiddenExchange>> found;
    for (const std::optional<store::Node>& node : store::FindSurely(store_, keys)) {
      Result<HiddenExchange> hidden =
          node.has_value() ? HiddenExchange::Decode(node->payload) : Status(Code::kNotFound, "");
      if (hidden.ok()) {
        const auto count = [&] { return CountHidden(*hidden, view.model); };
        composed.hidden_tokens.push_back({asked[found.size()].index, token_memo_.Of(keys[found.size()], count)});
      }
      found.push_back(hidden.ok() ? std::optional(*std::move(hidden)) : std::nullopt);
    }
    return found;
  };
  return PutHiddenBack(view.api, document, *messages, find, edits);
}

Result<Optimizer::Composed> Optimizer::Compose(const Request& request, const Passage& passage,
                                               const EpochLedger::Found* epoch, RouterFailures& failures) {
  const std::string_view body = passage.document.body();
  Composed composed;
  composed.plan = router_.Decide({.document = passage.document,
                                  .view = passage.view,
                                  .lineage = passage.lineage,
                                  .tenant = passage.tenant,
                                  .upstream = passage.upstream,
                                  .project = passage.project,
                                  .login = passage.login,
                                  .can_retrieve = passage.offer.can_retrieve,
                                  .known = passage.offer.known,
                                  .mode = request.mode,
                                  .fates = epoch == nullptr ? nullptr : &epoch->places.blocks},
                                 failures);
  if (epoch != nullptr) ContextManager::Override(*epoch, composed.plan);
  Result<json::EditList> edits = composed.plan.ToEdits(passage.view, static_cast<uint32_t>(body.size()));
  if (!edits.ok()) return edits.status();
  composed.edits = *std::move(edits);
  if (Status status = NamePrevious(passage, composed.edits); !status.ok()) return status;
  if (passage.offer.adds()) {
    const Result<PutBackCounts> hidden = AddRetrieval(passage, composed);
    if (!hidden.ok()) return hidden.status();
    composed.hidden = *hidden;
  }
  const bool drops =
      DropsThinking(request, passage.view, passage.tenant) || (epoch != nullptr && epoch->epoch.asks_drop);
  if (drops) composed.drops_thinking = AskToDropThinking(passage.document, composed.edits).ok();
  if (!composed.edits.empty() || epoch != nullptr) composed.body = composed.edits.Splice(body);
  if (epoch == nullptr) return composed;
  Result<std::string> shorter =
      LeaveOut(epoch->epoch, epoch->places, passage.view.api, passage.messages, composed.edits, *composed.body);
  if (!shorter.ok()) return shorter.status();
  composed.body = *std::move(shorter);
  return composed;
}

Trail Optimizer::TrailOf(const Passage& passage, const std::optional<EpochLedger::Found>& epoch,
                         const Composed& composed, const Optimized& out) {
  Trail trail = MakeTrail({.view = passage.view,
                           .lineage = passage.lineage,
                           .plan = composed.plan,
                           .definition = passage.offer.adds() ? std::string_view(passage.offer.definition) : "",
                           .hidden = composed.hidden_tokens,
                           .epoch = epoch.has_value() ? epoch->epoch.number : 0},
                          prefixes_, token_memo_);
  if (out.prefix.has_value() && out.prefix->change.has_value()) trail.prefix_change = out.prefix->change->cause;
  trail.lost_exchange = composed.hidden.lost > 0;
  return trail;
}

ContextFit::Request Optimizer::Asked(const Request& request, const Passage& passage,
                                     const std::optional<EpochLedger::Found>& epoch, const Composed& composed) {
  int64_t saved = static_cast<int64_t>(composed.plan.tokens_saved());
  if (epoch.has_value()) saved += static_cast<int64_t>(epoch->epoch.tokens);
  return {.document = passage.document,
          .view = passage.view,
          .lineage = passage.lineage,
          .tenant = passage.tenant,
          .upstream = passage.upstream,
          .anthropic_beta = request.anthropic_beta,
          .tokens_saved = saved,
          .ratio = request.billed_ratio ? request.billed_ratio(passage.view.model) : 1};
}

void Optimizer::MakeFit(const Request& request, const Passage& passage, std::optional<EpochLedger::Found>& epoch,
                        Composed& composed, Optimized& out) {
  const ContextFit::Request asked = Asked(request, passage, epoch, composed);
  const std::optional<ContextFit::Figures> figures =
      request.refused.has_value() ? fit_.Learn(asked, *request.refused) : fit_.Exceeds(asked);
  if (!figures.has_value()) return;
  out.context.exceeded = true;
  std::optional<EpochLedger::Found> made = context_.Make({.document = passage.document,
                                                          .view = passage.view,
                                                          .lineage = passage.lineage,
                                                          .messages = passage.messages,
                                                          .tenant = passage.tenant,
                                                          .upstream = passage.upstream,
                                                          .project = passage.project,
                                                          .plan = composed.plan,
                                                          .edits = composed.edits,
                                                          .current = epoch.has_value() ? &*epoch : nullptr,
                                                          .can_retrieve = passage.offer.can_retrieve,
                                                          .tokens = figures->tokens,
                                                          .limit = figures->limit});
  if (!made.has_value()) return;
  RouterFailures counted_already;
  Result<Composed> shorter = Compose(request, passage, &*made, counted_already);
  if (!shorter.ok()) {
    log::Error("an epoch does not fit the body", {{"status", shorter.status().ToString()}});
    return;
  }
  out.context.made = true;
  // What the epoch before had left out already is counted.
  const Epoch before = epoch.has_value() ? epoch->epoch : Epoch();
  const auto more = [](size_t now, size_t then) { return static_cast<uint32_t>(now - std::min(now, then)); };
  out.context.dropped_messages = more(made->epoch.messages, before.messages);
  out.context.deepened_results = more(made->epoch.deepened.size(), before.deepened.size());
  epoch = std::move(made);
  composed = *std::move(shorter);
}

void Optimizer::Decide(const Request& request, const PaddedBytes& body, Optimized& out) {
  const ThreadDocument of_thread(body.size());
  json::Document& document = *of_thread;
  if (const Status status = document.Parse(body); !status.ok()) {
    out.untouched = status.code() == Code::kResourceExhausted ? "depth" : "not_json";
    return;
  }
  out.model = ReadModel(document);
  out.cacheable = ReadCacheable(request.api, document);
  if (document.root().type == json::Type::kObject) out.max_output = MaxOutput(document);
  Result<RequestView> view = ReadRequest(request.api, document);
  if (!view.ok()) {
    out.untouched = "shape";
    return;
  }
  const std::optional<json::Token> stream = document.Find(document.root(), "stream");
  out.streams = stream.has_value() && document.Raw(*stream) == "true";
  const store::TenantId tenant =
      tenants_.Resolve(request.credential, *view, request.mode != ContentRouter::Mode::kDryRun);
  out.tenant = tenant;
  const std::string& project = request.project.empty() ? project_ : request.project;
  const bool login = request.credential.is_login();
  const std::string upstream = request.upstream ? request.upstream(view->model) : std::string();
  out.partial = view->continues();
  replies_.Continue(tenant, *view);
  const std::vector<Hash128> lineage = LineageOf(*view, tenant);
  const bool records = request.mode != ContentRouter::Mode::kDryRun;
  const ReplyPlace place{.tenant = tenant,
                         .lineage = lineage.empty() ? StartOf(*view, tenant) : lineage.back(),
                         .root = RootOf(*view, lineage),
                         .kept = view->stores_reply,
                         .project = project,
                         .upstream = upstream};
  if (view->stores_reply && records) out.reply_place = place;
  if (records) out.prefix = cache_aligner_.Observe({document, *view, tenant});
  const bool offers = request.mode != ContentRouter::Mode::kRaw && router_.InFull(login);
  ToolOffer offer = offers_.Decide({.document = document,
                                    .view = *view,
                                    .lineage = lineage,
                                    .tenant = tenant,
                                    .offer = offers ? router_.offers_retrieval() : Offer::kNever,
                                    .needs_own = router_.gaps_if_retrievable(),
                                    .record = records});
  if (request.without_tool && offer.adds()) {
    offer.definition.clear();
    offer.can_retrieve = false;
  }
  std::optional<ReplyAlias> alias;
  if (!view->previous_reply.empty() && offers_.any()) alias = aliases_.Find(tenant, view->previous_reply);
  const std::vector<json::Token> messages = MessagesOf(document, view->api);
  const Passage passage{document, *view, messages, lineage, tenant, upstream, project, login, offer, alias};
  if (alias.has_value() && alias->ids.size() > 1) {
    out.shown_previous = document.Raw(*document.Find(document.root(), "previous_response_id"));
    if (records) out.hidden_place = place;
  }
  if (request.mode == ContentRouter::Mode::kRaw) {
    (void)router_.Decide({.document = document,
                          .view = *view,
                          .lineage = lineage,
                          .tenant = tenant,
                          .upstream = upstream,
                          .project = project,
                          .login = login,
                          .can_retrieve = offer.can_retrieve,
                          .known = offer.known,
                          .mode = request.mode},
                         out.failures);
    // The provider knows the reply before by no other id.
    json::EditList edits(static_cast<uint32_t>(body.size()));
    if (NamePrevious(passage, edits).ok() && !edits.empty()) out.body = edits.Splice(body.view());
    return;
  }
  std::optional<EpochLedger::Found> epoch = context_.Find(*view, lineage, messages.size());
  Result<Composed> composed = Compose(request, passage, epoch.has_value() ? &*epoch : nullptr, out.failures);
  if (!composed.ok()) {
    log::Error("what was decided does not fit the body", {{"status", composed.status().ToString()}});
    out.untouched = "exception";
    return;
  }
  CountDecisions(composed->plan, out);
  if (records && router_.InFull(login)) MakeFit(request, passage, epoch, *composed, out);
  if (records && !view->continues()) {
    out.usage_place = ContextFit::PlaceOf(Asked(request, passage, epoch, *composed));
  }
  if (records && !lineage.empty()) out.trail = TrailOf(passage, epoch, *composed, out);
  out.tokens_saved = composed->plan.tokens_saved();
  out.changes = ChangesOf(composed->plan, lineage);
  for (size_t i = 0; i < composed->plan.size(); ++i) {
    if (composed->plan[i].replaced()) out.originals += composed->plan[i].original_ids;
  }
  if (offer.adds() && records) out.hidden_place = place;
  out.first_offer = offer.adds() && records && !offer.answered;
  out.hidden = composed->hidden;
  out.drops_thinking = composed->drops_thinking;
  if (epoch.has_value()) {
    out.context.applies = true;
    out.context.dropped_tokens = epoch->epoch.tokens;
    out.originals += epoch->epoch.original_id;
  }
  out.body = std::move(composed->body);
}

Optimized Optimizer::Peek(Api api, const PaddedBytes& body) {
  Optimized out;
  const ThreadDocument of_thread(body.size());
  const json::Document& document = *of_thread;
  if (!(*of_thread).Parse(body).ok() || document.root().type != json::Type::kObject) return out;
  out.model = ReadModel(document);
  out.max_output = MaxOutput(document);
  out.cacheable = ReadCacheable(api, document);
  return out;
}

}  // namespace headroom::proxy
