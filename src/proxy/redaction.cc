#include "proxy/redaction.h"

#include <re2/re2.h>

namespace headroom::proxy {
namespace {

// Characters that end a JSON string, or begin an escape in it, are in none of them.
const re2::RE2& Secrets() {
  static const re2::RE2 secrets(R"(sk-[A-Za-z0-9_-]{16,})"       // OpenAI, Anthropic and others
                                R"(|(?:AKIA|ASIA)[0-9A-Z]{16})"  // AWS key ids
                                R"(|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"
                                R"(|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{20,})"
                                R"(|xox[abprs]-[A-Za-z0-9-]{10,})"          // Slack
                                R"(|AIza[\w-]{30,}|ya29\.[\w-]{20,})"       // Google
                                R"(|[rs]k_(?:live|test)_[A-Za-z0-9]{16,})"  // Stripe
                                R"(|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"       // JSON web tokens
                                R"(|-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?-----END [A-Z ]*PRIVATE KEY-----)");
  return secrets;
}

// The scheme stays, its token goes; so with the value of an assignment.
const re2::RE2& Tokens() {
  static const re2::RE2 tokens(R"((?i)(bearer )[A-Za-z0-9._~+/=-]{16,})");
  return tokens;
}

const re2::RE2& Assignments() {
  static const re2::RE2 assignments(
      R"((?i)((?:api_?key|secret|password|passwd|access_?token|auth_?token)[A-Za-z_]*(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?))"
      R"([A-Za-z0-9._~+/@!#$%^&*-]{8,})");
  return assignments;
}

}  // namespace

std::string Redacted(std::string text) {
  const re2::StringPiece with(kRedacted.data(), kRedacted.size());
  const std::string kept = "\\1" + std::string(kRedacted);
  re2::RE2::GlobalReplace(&text, Secrets(), with);
  re2::RE2::GlobalReplace(&text, Tokens(), kept);
  re2::RE2::GlobalReplace(&text, Assignments(), kept);
  return text;
}

}  // namespace headroom::proxy
