#include "cli/http_call.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>

#include "net/client.h"

namespace headroom::cli {
namespace {

net::RequestHead HeadOf(const HttpCall& call, const net::Url& url) {
  net::RequestHead head;
  head.method = call.method;
  head.target = url.path.empty() ? "/" : url.path;
  head.headers.Add("Host", url.authority);
  head.headers.Add("accept-encoding", "identity");
  for (const auto& [name, value] : call.headers) head.headers.Add(name, value);
  return head;
}

// Into `result`, since what a coroutine gives back needs a state without a value.
net::Awaitable<void> Fetch(net::Pool& pool, const net::Url& url, const HttpCall& call,
                           std::optional<Result<HttpAnswer>>& result) {
  net::Cancellation cancellation;
  const net::RequestHead head = HeadOf(call, url);
  const bool has_body = call.method == "POST";
  Result<std::unique_ptr<net::UpstreamResponse>> response =
      co_await pool.Fetch(url.endpoint, head, {}, has_body, cancellation);
  if (!response.ok()) {
    result.emplace(response.status());
    co_return;
  }
  HttpAnswer answer{(*response)->head(), std::string((*response)->TakeBuffered())};
  while (true) {
    const Result<std::string_view> more = co_await (*response)->ReadBody();
    if (!more.ok()) {
      result.emplace(more.status());
      co_return;
    }
    if (more->empty()) break;
    answer.body.append(*more);
    if (answer.body.size() > kMaxAnswerBytes) {
      result.emplace(Status(Code::kResourceExhausted, "the answer is too large"));
      co_return;
    }
  }
  result.emplace(std::move(answer));
}

}  // namespace

Result<HttpAnswer> Call(const HttpCall& call) {
  const Result<net::Url> url = net::ParseUrl(call.url);
  if (!url.ok()) return url.status();
  net::Pool::Options options;
  options.connect_timeout = call.connect_timeout;
  options.idle_read_timeout = call.read_timeout;
  options.ca_file = call.ca_file;
  Result<net::ProxySettings> through = net::ProxySettings::FromEnvironment();
  if (!through.ok()) return through.status();
  options.proxy = *std::move(through);
  if (const Status trust = net::CheckTrust(options); !trust.ok()) return trust;
  net::asio::io_context context(1);
  std::optional<Result<HttpAnswer>> answer;
  {
    net::Pool pool(context, options);
    net::asio::co_spawn(context, Fetch(pool, *url, call, answer), net::asio::detached);
    while (!answer.has_value() && context.run_one() > 0) continue;
  }
  if (!answer.has_value()) return Status(Code::kInternal, "the call came to nothing");
  return *std::move(answer);
}

}  // namespace headroom::cli
