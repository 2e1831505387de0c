#include "proxy/optimizer.h"

#include <algorithm>

#include "base/log.h"
#include "proxy/lineage.h"
#include "proxy/thinking.h"

namespace headroom::proxy {
namespace {

void CountDecisions(const Plan& plan, Optimized& out) {
  out.tokens_saved = plan.tokens_saved();
  for (size_t i = 0; i < plan.size(); ++i) {
    const Decision& decision = plan[i];
    if (decision.source == Decision::Source::kReplayed && decision.replaced()) ++out.replayed;
    if (decision.replaced()) out.originals += decision.original_ids;
    if (decision.source != Decision::Source::kNew) continue;
    ++out.decided[decision.rule];
    out.tokens_saved_once += decision.tokens_before - decision.tokens_after;
  }
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

Optimizer::Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock)
    : store_(store),
      tenants_(store),
      replies_(store),
      offers_(store),
      project_(options.project),
      router_(std::move(options), store, clock) {}

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
  const HiddenExchange hidden = splicer.hidden();
  if (hidden.empty()) return;
  store::Node node;
  node.key = HiddenKey(place.lineage, splicer.visible());
  node.tenant = place.tenant;
  node.rule = "hidden_exchange";
  node.payload = hidden.Encode();
  node.project = place.project;
  node.upstream = place.upstream;
  store_.Insert(std::move(node));
}

Status Optimizer::AddRetrieval(const json::Document& document, const RequestView& view,
                               const std::vector<Hash128>& lineage, const ToolOffer& offer, json::EditList& edits,
                               Optimized& out) {
  const uint32_t end = offer.tools->span.end - 1;
  if (Status status = edits.Replace({end, end}, "," + offer.definition); !status.ok()) return status;
  const std::optional<json::Token> messages = document.Find(document.root(), "messages");
  if (!messages.has_value() || messages->type != json::Type::kArray) return Status();
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    std::vector<Hash128> keys;
    for (const VisibleAt& message : asked)
      keys.push_back(HiddenKey(LineageBefore(view, lineage, message.index), message.visible));
    std::vector<std::optional<HiddenExchange>> found;
    for (const std::optional<store::Node>& node : store::FindSurely(store_, keys)) {
      Result<HiddenExchange> hidden =
          node.has_value() ? HiddenExchange::Decode(node->payload) : Status(Code::kNotFound, "");
      found.push_back(hidden.ok() ? std::optional(*std::move(hidden)) : std::nullopt);
    }
    return found;
  };
  Result<PutBackCounts> counts = PutHiddenBack(view.api, document, *messages, find, edits);
  if (!counts.ok()) return counts.status();
  out.hidden = *counts;
  return Status();
}

void Optimizer::Decide(const Request& request, const PaddedBytes& body, Optimized& out) {
  const ThreadDocument of_thread(body.size());
  json::Document& document = *of_thread;
  if (const Status status = document.Parse(body); !status.ok()) {
    out.untouched = status.code() == Code::kResourceExhausted ? "depth" : "not_json";
    return;
  }
  out.model = ReadModel(document);
  Result<RequestView> view = ReadRequest(request.api, document);
  if (!view.ok()) {
    out.untouched = "shape";
    return;
  }
  const store::TenantId tenant =
      tenants_.Resolve(request.credential, *view, request.mode != ContentRouter::Mode::kDryRun);
  const std::string upstream = request.upstream ? request.upstream(view->model) : std::string();
  out.partial = view->continues();
  replies_.Continue(tenant, *view);
  const std::vector<Hash128> lineage = LineageOf(*view, tenant);
  const bool records = request.mode != ContentRouter::Mode::kDryRun;
  const ReplyPlace place{tenant, lineage.empty() ? StartOf(*view, tenant) : lineage.back(), project_, upstream};
  if (view->stores_reply && records) out.reply_place = place;
  const ToolOffer offer =
      offers_.Decide({.document = document,
                      .view = *view,
                      .lineage = lineage,
                      .tenant = tenant,
                      .may_offer = router_.offers_retrieval() && request.mode != ContentRouter::Mode::kRaw,
                      .needs_own = router_.gaps_if_retrievable(),
                      .record = records});
  const Plan plan = router_.Decide({.document = document,
                                    .view = *view,
                                    .lineage = lineage,
                                    .tenant = tenant,
                                    .upstream = upstream,
                                    .can_retrieve = offer.can_retrieve,
                                    .mode = request.mode},
                                   out.failures);
  if (request.mode == ContentRouter::Mode::kRaw) return;
  Result<json::EditList> edits = plan.ToEdits(*view, static_cast<uint32_t>(body.size()));
  if (!edits.ok()) {
    log::Error("plan does not fit the body", {{"status", edits.status().ToString()}});
    out.untouched = "exception";
    return;
  }
  if (offer.adds()) {
    if (const Status status = AddRetrieval(document, *view, lineage, offer, *edits, out); !status.ok()) {
      log::Error("hidden exchanges do not fit the body", {{"status", status.ToString()}});
      out.untouched = "exception";
      return;
    }
    if (records) out.hidden_place = place;
  }
  if (DropsThinking(request, *view, tenant)) out.drops_thinking = AskToDropThinking(document, *edits).ok();
  CountDecisions(plan, out);
  if (!edits->empty()) out.body = edits->Splice(body.view());
}

Optimized Optimizer::Peek(const PaddedBytes& body) {
  Optimized out;
  const ThreadDocument of_thread(body.size());
  if ((*of_thread).Parse(body).ok()) out.model = ReadModel(*of_thread);
  return out;
}

}  // namespace headroom::proxy
