#include "proxy/optimizer.h"

#include "base/log.h"

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

}  // namespace

Optimizer::Optimizer(ContentRouter::Options options, store::Store& store, const Clock& clock)
    : tenants_(store), router_(std::move(options), store, clock) {}

Optimized Optimizer::Run(Api api, const PaddedBytes& body, const Credential& credential, const std::string& upstream,
                         ContentRouter::Mode mode) {
  Optimized out;
  try {
    Decide(api, body, credential, upstream, mode, out);
  } catch (const std::exception& error) {
    log::Error("optimising failed", {{"what", error.what()}});
    out.body.reset();
    out.tokens_saved = out.tokens_saved_once = 0;
    out.untouched = "exception";
  }
  return out;
}

void Optimizer::Decide(Api api, const PaddedBytes& body, const Credential& credential, const std::string& upstream,
                       ContentRouter::Mode mode, Optimized& out) {
  json::Document document;
  if (const Status status = document.Parse(body); !status.ok()) {
    out.untouched = status.code() == Code::kResourceExhausted ? "depth" : "not_json";
    return;
  }
  const Result<RequestView> view = ReadRequest(api, document);
  if (!view.ok()) {
    out.untouched = "shape";
    return;
  }
  out.model = view->model;
  out.stream = view->stream;
  const store::TenantId tenant = tenants_.Resolve(credential, *view);
  const Plan plan = router_.Decide(document, *view, tenant, upstream, mode, out.failures);
  const Result<json::EditList> edits = plan.ToEdits(*view, static_cast<uint32_t>(body.size()));
  if (!edits.ok()) {
    log::Error("plan does not fit the body", {{"status", edits.status().ToString()}});
    out.untouched = "exception";
    return;
  }
  CountDecisions(plan, out);
  if (!edits->empty()) out.body = edits->Splice(body.view());
}

Optimized Optimizer::Peek(const PaddedBytes& body) {
  Optimized out;
  json::Document document;
  if (!document.Parse(body).ok() || document.root().type != json::Type::kObject) return out;
  const std::optional<json::Token> model = document.Find(document.root(), "model");
  if (model.has_value() && model->type == json::Type::kString) out.model = document.Text(*model).value_or("");
  const std::optional<json::Token> stream = document.Find(document.root(), "stream");
  out.stream = stream.has_value() && document.Raw(*stream) == "true";
  return out;
}

}  // namespace headroom::proxy
