// What users and operators can see of what was learnt; read only, nothing is sent anywhere.
//
//   GET /v1/toin/stats              counts of the installation
//   GET /v1/toin/patterns?limit=N   its structures, most compressions first
//   GET /v1/toin/pattern/{prefix}   one of them in full
//   GET /v1/feedback                the asker's own figures by tool
//   GET /v1/feedback/{tool}         what they recommend for one tool
//   GET /v1/telemetry               counts of the installation; also .../tools, .../tools/{hash}
//
// Of the installation there is structure only: numbers and hashes under its key, no tenant's ids. A tenant's
// own figures go to its credential alone. Thread-safe.

#pragma once

#include <string>
#include <vector>

#include "learning/learner.h"
#include "net/message.h"
#include "proxy/api.h"
#include "proxy/credential.h"
#include "proxy/tenants.h"

namespace headroom::proxy {

struct LearningParts {
  const learning::Learner* learner = nullptr;  // null: learning is off
  Tenants& tenants;
  const std::vector<std::string>& upstreams;  // names; a login counts where one of them accepted it
  std::string snapshot;                       // digest of what new conversations are decided by
};

// 404 for what is not there, 405 for other methods than GET and HEAD. May wait for the store to tell whose an opaque
// login is.
Reply ServeLearning(const net::RequestHead& request, const Credential& credential, const LearningParts& parts);

}  // namespace headroom::proxy
