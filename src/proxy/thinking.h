// Preserved thinking: newer Claude models refuse a request whose earlier
// messages are not what stood before a signed thinking block when it was made
// (Anthropic's pages on preserved thinking, autumn 2026).
//
// Our renditions are the same from the first request on, so the check holds.
// When it fails all the same (the ledger was lost in mid-conversation), the
// provider can be asked to drop such blocks instead of refusing.

#pragma once

#include <string_view>

#include "base/status.h"
#include "json/document.h"
#include "json/edits.h"
#include "net/message.h"

namespace headroom::proxy {

// Models that are known to check (Anthropic's and Bedrock's pages, autumn 2026). Of any other the refusal
// tells.
bool ChecksThinkingPrefix(std::string_view model);

// True for the body of the provider's refusal.
bool IsPrefixMismatch(std::string_view error_body);

// Adds to `edits` what asks for dropping: block_binding in the request's
// "thinking" object. Errors: kFailedPrecondition when the request has none.
Status AskToDropThinking(const json::Document& document, json::EditList& edits);

// Adds the beta that this request field needs, as a field of its own, unless it
// is there already.
void AddThinkingBeta(net::HeaderList& headers);

}  // namespace headroom::proxy
