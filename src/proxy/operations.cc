#include "proxy/operations.h"

#include <fmt/format.h>

#include "json/strings.h"
#include "proxy/metrics_report.h"

namespace headroom::proxy {
namespace {

Reply Prometheus(const ReportSources& sources) {
  Reply reply;
  reply.head.status = 200;
  reply.head.reason = "OK";
  reply.head.headers.Add("content-type", "text/plain; version=0.0.4; charset=utf-8");
  reply.body = MetricsText(sources);
  return reply;
}

}  // namespace

Reply Operations::Serve(const net::RequestHead& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Reply reply = JsonReply(405, R"({"detail":"method not allowed"})");
    reply.head.headers.Add("allow", "GET, HEAD");
    return reply;
  }
  const std::string_view path = request.path();
  if (path == "/health") return Health();
  if (path == "/livez") return JsonReply(200, R"({"status":"alive"})");
  if (path == "/readyz") return Ready();
  if (path == "/stats") return JsonReply(200, StatsJson(sources_));
  if (path == "/metrics") return Prometheus(sources_);
  return JsonReply(404, R"({"detail":"not found"})");
}

Reply Operations::Health() const {
  const Metrics& metrics = sources_.metrics;
  return JsonReply(
      200, fmt::format(R"({{"status":"healthy","version":"{}","optimize":{},)"
                       R"("config":{{"optimize":{},"cache":{},"rate_limit":{}}},)"
                       R"("stats":{{"total_requests":{},"tokens_saved":{},"savings_percent":{:.1f}}}}})",
                       options_.version, options_.optimize, options_.optimize, options_.cache, options_.rate_limit,
                       metrics.requests.load(), metrics.tokens_saved.load(), SavingsPercent(metrics)));
}

Reply Operations::Ready() const {
  if (draining_) return JsonReply(503, R"({"status":"draining"})");
  if (!sources_.store.Writable()) return JsonReply(503, R"({"status":"store not writable"})");
  return JsonReply(200, R"({"status":"ready"})");
}

}  // namespace headroom::proxy
