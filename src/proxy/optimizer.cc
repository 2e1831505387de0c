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

ReplyPlace Optimizer::PlaceOfReply(const RequestView& view, const store::TenantId& tenant, std::string upstream) const {
  const std::vector<Hash128> lineage = LineageOf(view, tenant);
  return {tenant, lineage.empty() ? StartOf(view, tenant) : lineage.back(), project_, std::move(upstream)};
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
  if (view->stores_reply && request.mode != ContentRouter::Mode::kDryRun) {
    out.reply_place = PlaceOfReply(*view, tenant, upstream);
  }
  const Plan plan = router_.Decide(document, *view, tenant, upstream, request.mode, out.failures);
  if (request.mode == ContentRouter::Mode::kRaw) return;
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
  const ThreadDocument of_thread(body.size());
  if ((*of_thread).Parse(body).ok()) out.model = ReadModel(*of_thread);
  return out;
}

}  // namespace headroom::proxy
