#include "proxy/response_caching.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "net/offload.h"
#include "proxy/usage_observer.h"

namespace headroom::proxy {
namespace {

// Hashing or reading less costs less than changing threads.
constexpr size_t kInlineBytes = 16 * 1024;

void CountOne(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

std::optional<store::TenantId> ParseTenant(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    int value = 0;
    for (const char c : hex.substr(i, 2)) {
      const bool digit = c >= '0' && c <= '9';
      if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
      value = value * 16 + (digit ? c - '0' : c - 'a' + 10);
    }
    bytes.push_back(static_cast<char>(value));
  }
  return store::TenantId::FromBytes(bytes);
}

}  // namespace

ReplyCaching::Counts ReplyCaching::counts() const {
  Counts counts{.hits = hits_, .misses = misses_, .shared = shared_, .kept = kept_, .stored = {}};
  if (on()) counts.stored = options_.cache->stats();
  return counts;
}

Reply ReplyCaching::Clear(const net::RequestHead& request) const {
  if (request.method != "POST") {
    Reply reply = JsonReply(405, R"({"detail":"method not allowed"})");
    reply.head.headers.Add("allow", "POST");
    return reply;
  }
  constexpr std::string_view kTenant = "?tenant=";
  const std::string_view query = request.query();
  const bool one = query.starts_with(kTenant);
  const std::optional<store::TenantId> tenant = one ? ParseTenant(query.substr(kTenant.size())) : std::nullopt;
  if (!query.empty() && !tenant.has_value()) {
    return JsonReply(400, R"({"detail":"the query is empty or tenant= and 32 hexadecimal digits"})");
  }
  if (!on()) return JsonReply(200, R"({"status":"cache disabled"})");
  const uint64_t cleared = one ? options_.cache->Clear(*tenant) : options_.cache->ClearAll();
  return JsonReply(200, R"({"status":"cleared","entries":)" + std::to_string(cleared) + "}");
}

// Reads from a response and keeps what passed, once all of it has.
class ResponseCaching::Tapped final : public net::UpstreamResponse {
 public:
  Tapped(net::UpstreamResponse& from, ResponseCaching& owner) : from_(from), owner_(owner) {}

  const net::ResponseHead& head() const override { return from_.head(); }
  net::BodyLength length() const override { return from_.length(); }

  std::string_view TakeBuffered() override {
    const std::string_view bytes = from_.TakeBuffered();
    Take(bytes);
    return bytes;
  }

  net::Awaitable<Result<std::string_view>> ReadBody() override {
    if (owner_.lead_ != nullptr) owner_.lead_->SetHeldUp(false);
    const Result<std::string_view> bytes = co_await from_.ReadBody();
    if (!bytes.ok()) {
      owner_.lead_.reset();
      co_return bytes;
    }
    Take(*bytes);
    // Before the client knows that it has all: the same request may follow at once.
    if (bytes->empty() && fits_) co_await owner_.Keep(from_.head(), body_);
    if (bytes->empty()) owner_.lead_.reset();
    co_return bytes;
  }

 private:
  void Take(std::string_view bytes) {
    if (owner_.lead_ != nullptr) owner_.lead_->SetHeldUp(true);
    fits_ = fits_ && body_.size() + bytes.size() <= kMaxReplyBytes;
    if (fits_) {
      body_.append(bytes);
    } else {
      owner_.lead_.reset();  // nobody need wait for it
      body_ = {};
    }
  }

  net::UpstreamResponse& from_;
  ResponseCaching& owner_;
  std::string body_;
  bool fits_ = true;
};

ResponseCaching::ResponseCaching(ReplyCaching& caching, net::Exchange& exchange)
    : caching_(caching), exchange_(exchange) {}

ResponseCaching::~ResponseCaching() = default;

// Where the pool is full this thread bears what is only long, and what may wait is left out.
net::Awaitable<void> ResponseCaching::OnPool(size_t bytes, const std::function<void()>& work, bool may_wait) {
  const bool offload = may_wait || bytes > kInlineBytes;
  bool done = false;
  if (offload) {
    std::function<void()> task = work;
    done = co_await net::Offload(caching_.workers_, exchange_.executor(), std::move(task));
  }
  if (!done && !may_wait) work();
}

net::Awaitable<std::optional<CachedReply>> ResponseCaching::Find(const Asked& asked, net::Cancellation& cancellation) {
  std::optional<CachedReply> reply;
  if (!caching_.on()) co_return reply;
  const std::optional<CacheableRequest>& cacheable = asked.cacheable;
  if (!cacheable.has_value() || (!cacheable->deterministic && !caching_.options_.sampled)) co_return reply;
  const net::RequestHead& request = exchange_.request();
  const CacheControl control = ReadCacheControl(request.headers);
  if (!control.may_keep) co_return reply;

  const std::function<void()> hash = [&] {
    const std::string upstream = asked.upstream.name + " " + asked.upstream.url.authority + asked.upstream.url.path;
    key_ = CacheKeyOf({asked.tenant, upstream, request, asked.path, asked.body});
  };
  co_await OnPool(asked.body.size(), hash, false);

  api_ = asked.api;
  streams_ = cacheable->streams;
  keeps_ = true;
  outcome_ = "miss";
  if (!control.may_answer) {
    CountOne(caching_.misses_);
    co_return reply;
  }
  lead_ = co_await caching_.calls_.Join(key_, exchange_.executor(), cancellation);
  if (!cancellation.cancelled()) {
    const std::function<void()> get = [&] {
      const std::shared_ptr<const std::string> entry = caching_.options_.cache->Get(key_);
      if (entry != nullptr) reply = DecodeCachedReply(*entry);
      if (!reply.has_value()) return;
      UsageObserver observer(api_, reply->head);
      observer.Feed(reply->body);
      observer.End();
      saved_ = observer.usage();
    };
    co_await OnPool(0, get, caching_.options_.cache->waits());
  }
  CountOne(reply.has_value() ? caching_.hits_ : caching_.misses_);
  if (!reply.has_value()) co_return reply;
  if (lead_ == nullptr) CountOne(caching_.shared_);
  outcome_ = "hit";
  keeps_ = false;
  lead_.reset();
  co_return reply;
}

net::UpstreamResponse& ResponseCaching::Tap(net::UpstreamResponse& response) {
  tapped_.reset();
  if (!keeps_ || !MayBeKept(response.head(), streams_)) {
    lead_.reset();
    return response;
  }
  tapped_ = std::make_unique<Tapped>(response, *this);
  return *tapped_;
}

net::Awaitable<void> ResponseCaching::Keep(const net::ResponseHead& head, const std::string& body) {
  bool kept = false;
  const std::function<void()> keep = [&] {
    kept = MayBeKept(api_, head, body);
    if (!kept) return;
    const int64_t now = caching_.clock_.UnixMillis() / 1000;
    caching_.options_.cache->Put(key_, EncodeCachedReply({RepeatedHead(head), body, now}), caching_.options_.ttl);
  };
  co_await OnPool(body.size(), keep, caching_.options_.cache->waits());
  if (kept) CountOne(caching_.kept_);
}

net::Awaitable<Status> ResponseCaching::Send(const CachedReply& reply, net::ResponseHead head) const {
  const int64_t age = std::max<int64_t>(0, caching_.clock_.UnixMillis() / 1000 - reply.unix_seconds);
  head.headers.Set("age", std::to_string(age));
  const Status sent = co_await exchange_.WriteHead(head, net::BodyLength::Exact(reply.body.size()), reply.body);
  if (!sent.ok()) co_return sent;
  co_return co_await exchange_.Finish();
}

}  // namespace headroom::proxy
