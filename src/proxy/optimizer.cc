#include "proxy/optimizer.h"

#include <algorithm>

#include "base/log.h"
#include "proxy/thinking.h"

namespace headroom::proxy {
namespace {

void CountDecisions(const Plan& plan, Optimized& out) {
  out.tokens_saved = plan.tokens_saved();
  for (size_t i = 0; i < plan.size(); ++i) {
    const Decision& decision = plan[i];
    if (decision.source == Decision::Source::kReplayed && decision.replaced()) ++out.replayed;
    if (decision.source != Decision::Source::kNew) continue;
    ++out.decided[decision.rule];
    out.tokens_saved_once += decision.tokens_before - decision.tokens_after;
  }
}

// The index buffers of a document are worth keeping; a thread reads one body at
// a time.
json::Document& ThreadDocument() {
  thread_local json::Document document;
  return document;
}

}  // namespace

Optimizer::Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock)
    : store_(store), tenants_(store), router_(std::move(options), store, clock) {}

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

// Whether this conversation, known by its first block, was refused before.
bool Optimizer::DropsThinking(const Request& request, const RequestView& view, const store::TenantId& tenant) {
  const auto is_signed = [](const Block& block) { return block.signed_thinking; };
  if (std::none_of(view.blocks.begin(), view.blocks.end(), is_signed)) return false;
  store::Node node;
  node.key = Hasher128().Add("drop thinking").Add(tenant).Add(view.blocks[0].canonical).Finish();
  node.tenant = tenant;
  node.rule = "drop_thinking";
  if (!request.drop_thinking) return store_.Find({node.key})[0].has_value();
  store_.Insert(std::move(node));
  return true;
}

void Optimizer::Decide(const Request& request, const PaddedBytes& body, Optimized& out) {
  json::Document& document = ThreadDocument();
  if (const Status status = document.Parse(body); !status.ok()) {
    out.untouched = status.code() == Code::kResourceExhausted ? "depth" : "not_json";
    return;
  }
  const Result<RequestView> view = ReadRequest(request.api, document);
  if (!view.ok()) {
    out.untouched = "shape";
    return;
  }
  out.model = view->model;
  out.stream = view->stream;
  const store::TenantId tenant = tenants_.Resolve(request.credential, *view);
  const std::string upstream = request.upstream ? request.upstream(view->model) : std::string();
  const Plan plan = router_.Decide(document, *view, tenant, upstream, request.mode, out.failures);
  Result<json::EditList> edits = plan.ToEdits(*view, static_cast<uint32_t>(body.size()));
  if (!edits.ok()) {
    log::Error("plan does not fit the body", {{"status", edits.status().ToString()}});
    out.untouched = "exception";
    return;
  }
  if (DropsThinking(request, *view, tenant)) out.drops_thinking = AskToDropThinking(document, *edits).ok();
  CountDecisions(plan, out);
  if (!edits->empty()) out.body = edits->Splice(body.view());
}

Optimized Optimizer::Peek(const PaddedBytes& body) {
  Optimized out;
  json::Document& document = ThreadDocument();
  if (!document.Parse(body).ok() || document.root().type != json::Type::kObject) return out;
  const std::optional<json::Token> model = document.Find(document.root(), "model");
  if (model.has_value() && model->type == json::Type::kString) out.model = document.Text(*model).value_or("");
  const std::optional<json::Token> stream = document.Find(document.root(), "stream");
  out.stream = stream.has_value() && document.Raw(*stream) == "true";
  return out;
}

}  // namespace headroom::proxy
