// What clients and tools of theirs ask of the originals, for the tenant whose
// credential asks:
//
//   GET  /v1/retrieve/{hash}?query=      the original, or the lines or elements that fit the query best
//   POST /v1/retrieve {"hash","query"}   the same
//   POST /v1/retrieve/tool_call          {"tool_call","provider"}: a call of our tool as the model wrote it, answered
//   in
//                                        the shape that goes back to the model
//   GET  /v1/retrieve/stats              the tenant's own figures and its latest retrievals
//
// Everybody else gets the same 404 as for an unknown hash. Thread-safe.

#pragma once

#include <string_view>

#include "net/message.h"
#include "proxy/api.h"
#include "proxy/credential.h"
#include "proxy/lessons.h"
#include "proxy/retrieval_log.h"
#include "proxy/tenants.h"
#include "store/store.h"

namespace headroom::proxy {

struct RetrieveParts {
  Tenants& tenants;
  store::Store& store;
  RetrievalLog& log;
  const Lessons* lessons = nullptr;
};

// May wait for the store. Cost: O(bytes of the original); stats O(the tenant's originals).
Reply Retrieve(const net::RequestHead& request, std::string_view body, const Credential& credential,
               const RetrieveParts& parts);

}  // namespace headroom::proxy
