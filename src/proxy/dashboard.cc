#include "proxy/dashboard.h"

#include <charconv>
#include <optional>
#include <utility>

#include "dashboard/page.h"
#include "net/offload.h"
#include "proxy/dashboard_changes.h"
#include "proxy/relay.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kRoot = "/dashboard";
constexpr std::string_view kRequests = "/dashboard/requests/";

Reply NotFound() { return JsonReply(404, R"({"detail":"not found"})"); }

// What is shown now is true now, and for nobody else.
void AddPrivacy(net::HeaderList& headers) {
  headers.Add("cache-control", "no-store");
  headers.Add("x-content-type-options", "nosniff");
  headers.Add("cross-origin-resource-policy", "same-origin");
}

Reply PageReply() {
  Reply reply;
  reply.head.status = 200;
  reply.head.reason = "OK";
  reply.head.headers.Add("content-type", "text/html; charset=utf-8");
  reply.head.headers.Add("content-security-policy", dashboard::PagePolicy());
  reply.head.headers.Add("cross-origin-opener-policy", "same-origin");
  reply.head.headers.Add("referrer-policy", "no-referrer");
  reply.head.headers.Add("x-frame-options", "DENY");
  AddPrivacy(reply.head.headers);
  reply.body = dashboard::Page();
  return reply;
}

std::optional<size_t> NumberOf(std::string_view text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Dashboard::Dashboard(Options options, const Clock& clock, const Activity& activity, store::Store& store,
                     WorkerPool& workers, MakeData make_data, std::function<bool()> draining)
    : options_(options),
      clock_(clock),
      activity_(activity),
      store_(store),
      workers_(workers),
      make_data_(std::move(make_data)),
      draining_(std::move(draining)) {}

net::Awaitable<Status> Dashboard::Serve(net::Exchange& exchange) {
  const net::RequestHead& request = exchange.request();
  if (request.method != "GET" && request.method != "HEAD") {
    Reply reply = JsonReply(405, R"({"detail":"method not allowed"})");
    reply.head.headers.Add("allow", "GET, HEAD");
    co_return co_await Send(exchange, std::move(reply));
  }
  const std::string_view path = request.path();
  if (path == kRoot || path == "/dashboard/") co_return co_await Send(exchange, PageReply());
  if (path == "/dashboard/data") co_return co_await SendData(exchange);
  if (path == "/dashboard/events" && request.method == "GET") co_return co_await SendEvents(exchange);
  if (path.starts_with(kRequests)) co_return co_await SendChanges(exchange, path.substr(kRequests.size()));
  co_return co_await Send(exchange, NotFound());
}

net::Awaitable<Status> Dashboard::SendData(net::Exchange& exchange) {
  const Document document = co_await Data(exchange);
  Reply reply = JsonReply(200, document->json);
  AddPrivacy(reply.head.headers);
  co_return co_await Send(exchange, std::move(reply));
}

Dashboard::Document Dashboard::MakeDocument() {
  const uint64_t version = activity_.version();
  auto made = std::make_shared<const Made>(Made{version, make_data_()});
  const std::lock_guard lock(mutex_);
  document_ = made;
  made_ = clock_.Now();
  return made;
}

net::Awaitable<Dashboard::Document> Dashboard::Data(net::Exchange& exchange) {
  {
    const std::lock_guard lock(mutex_);
    if (document_ != nullptr && clock_.Now() < made_ + options_.refresh) co_return document_;
  }
  Document document;
  std::function<void()> make = [&] { document = MakeDocument(); };
  const bool ran = co_await net::Offload(workers_, exchange.executor(), std::move(make));
  if (!ran) document = MakeDocument();
  co_return document;
}

net::Awaitable<Status> Dashboard::SendEvents(net::Exchange& exchange) {
  struct Seat {
    std::atomic<size_t>& viewers;
    const bool free;
    Seat(std::atomic<size_t>& taken, size_t limit) : viewers(taken), free(taken.fetch_add(1) < limit) {}
    ~Seat() { --viewers; }
  };
  const Seat seat(viewers_, options_.max_viewers);
  if (!seat.free || draining_()) {
    Reply reply = JsonReply(503, R"({"detail":"no stream is free; ask for /dashboard/data"})");
    reply.head.headers.Add("retry-after", "10");
    co_return co_await Send(exchange, std::move(reply));
  }
  co_return co_await Stream(exchange);
}

net::Awaitable<Status> Dashboard::Stream(net::Exchange& exchange) {
  net::ResponseHead head;
  head.status = 200;
  head.reason = "OK";
  head.headers.Add("content-type", "text/event-stream");
  head.headers.Add("x-accel-buffering", "no");
  AddPrivacy(head.headers);
  if (const Status sent = co_await exchange.WriteHead(head, net::BodyLength::Chunked()); !sent.ok()) co_return sent;

  bool gone = false;
  net::SteadyTimer timer(exchange.executor());
  exchange.OnDisconnect([&gone, &timer] {
    gone = true;
    timer.cancel();
  });
  std::optional<uint64_t> shown;
  auto last = std::chrono::steady_clock::now();
  Status status;
  while (!gone && status.ok() && !draining_()) {
    const uint64_t version = activity_.version();
    const auto now = std::chrono::steady_clock::now();
    if (shown != version) {
      const Document document = co_await Data(exchange);
      if (shown != document->version) status = co_await exchange.Write("data: " + document->json + "\n\n");
      shown = document->version;
      last = now;
    } else if (now - last >= options_.sign_of_life) {
      status = co_await exchange.Write(":\n\n");
      last = now;
    }
    if (gone || !status.ok()) break;
    timer.expires_after(options_.refresh);
    (void)co_await timer.async_wait(net::kUseAwaitable);
  }
  exchange.OnDisconnect({});
  if (gone || !status.ok()) co_return Status(Code::kUnavailable, "the viewer has gone", Origin::kDownstream);
  co_return co_await exchange.Finish();
}

net::Awaitable<Status> Dashboard::SendChanges(net::Exchange& exchange, std::string_view rest) {
  const size_t slash = rest.find('/');
  const std::optional<RecentExchange> found = activity_.Find(rest.substr(0, slash));
  if (!found.has_value()) co_return co_await Send(exchange, NotFound());
  std::optional<size_t> number;
  if (slash != std::string_view::npos) {
    number = NumberOf(rest.substr(slash + 1));
    if (!number.has_value() || *number >= found->changes.kept.size()) co_return co_await Send(exchange, NotFound());
  }
  Reply reply = JsonReply(503, R"({"detail":"busy"})");
  std::function<void()> make = [&] {
    reply = number.has_value() ? ShowChange(found->changes.kept[*number], found->record.tenant, store_)
                               : ListChanges(found->changes, store_);
  };
  (void)co_await net::Offload(workers_, exchange.executor(), std::move(make));
  AddPrivacy(reply.head.headers);
  co_return co_await Send(exchange, std::move(reply));
}

}  // namespace headroom::proxy
