// Whose request it is, read from its headers.
//
//   x-api-key, api-key, "Bearer sk-…"     a key: its SHA-256, the same in each header
//   "Bearer eyJ….….…"                     a login: hash of issuer, subject, account claim
//   any other bearer                       an opaque login, which may rotate
//   another scheme, several credentials    a key: hash of all that is presented
//
// Nothing of a credential is kept but hashes.

#pragma once

#include <string>
#include <string_view>

#include "net/message.h"
#include "store/store.h"

namespace headroom::proxy {

struct Credential {
  enum class Kind {
    kNone,    // local servers without keys share one tenant
    kKey,     // knowing it is proof enough
    kJwt,     // claims are not verified here: proof is the provider's answer
    kOpaque,  // may be replaced by a new token of the same account
  };
  Kind kind = Kind::kNone;
  Hash128 token;           // of the exact bytes presented
  store::TenantId tenant;  // for kOpaque: of this token alone

  // A subscription's, which its provider may watch for clients that are not its own.
  bool is_login() const { return kind == Kind::kJwt || kind == Kind::kOpaque; }
};

struct TenantRule {
  enum class By { kCredential, kHeader, kSingle };
  By by = By::kCredential;
  std::string header;  // for kHeader

  // "credential", "single", "header:NAME".
  static Result<TenantRule> Parse(std::string_view text);
};

Credential ReadCredential(const net::HeaderList& headers, const TenantRule& rule);

}  // namespace headroom::proxy
