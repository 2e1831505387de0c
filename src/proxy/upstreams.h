// The table of providers: which base URL serves a request, and how its head
// looks there.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "net/client.h"
#include "net/message.h"
#include "proxy/api.h"
#include "proxy/routes.h"

namespace headroom::proxy {

struct Upstream {
  std::string name;
  net::Url url;
  Api api = Api::kChat;
  std::vector<std::string> models;  // names or globs; empty: any
  std::vector<std::string> paths;   // paths or globs; empty: any
  std::string key;                  // brought by the proxy in place of the client's; "": the client's goes
};

class Upstreams {
 public:
  // Rows in order of preference; the first that serves a request takes it.
  explicit Upstreams(std::vector<Upstream> rows) : rows_(std::move(rows)) {}

  // Nothing when no row has that API.
  const Upstream* Find(Api api, std::string_view path, std::string_view model) const;

  // True when a body must be looked into to find its row.
  bool ChoosesByModel() const;

 private:
  std::vector<Upstream> rows_;
};

// The request head as it goes to `upstream`: end-to-end fields in order, minus
// Host, Content-Length, Expect and x-headroom-*; the base path joined with the
// route's, a doubled "/v1" written once; the query kept.
net::RequestHead UpstreamHead(const Upstream& upstream, const Route& route, const net::RequestHead& request);

}  // namespace headroom::proxy
