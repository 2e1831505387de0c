// The response object of the Responses API and the items of its output: how a
// reply of the provider is shown to a client that does not know our tool.
//
//   {"id":"resp_2","previous_response_id":"resp_1","output":[...],"tools":[{..."Bash"},{...ours}],"usage":{...}}
//          ^id            ^previous                    ^output                       ^removed           ^added up
//
// Thread-safe.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "json/document.h"
#include "json/edits.h"
#include "proxy/hidden_exchange.h"

namespace headroom::proxy {

// What replies said so far, by their usage.
struct SaidTokens {
  uint64_t total = 0;
  std::map<std::string, uint64_t> details;  // members of output_tokens_details

  bool empty() const { return total == 0 && details.empty(); }
  void Add(const json::Document& document, const json::Token& response);
};

// What is to be other than the provider says; nothing: as it stands. Raw JSON.
struct ShownResponse {
  std::string_view tool;  // by name; taken out of "tools", which repeats the request's
  std::optional<std::string> id;
  std::optional<std::string> previous;
  std::optional<std::string> output;
  const SaidTokens* earlier = nullptr;  // of the replies before, added to usage
};

// Errors: as EditList::Replace.
Status EditResponse(const json::Document& document, const json::Token& response, const ShownResponse& shown,
                    json::EditList& edits);

// The call that we answer.
bool IsCallOf(std::string_view tool, const json::Document& document, const json::Token& item);

// True for an item that the model made, as it stands in "output" or comes back in "input".
bool IsOfModel(const json::Document& document, const json::Token& item);
bool IsReasoning(const json::Document& document, const json::Token& item);
// True for a call that the client has to answer before the conversation goes on.
bool AsksClient(const json::Document& document, const json::Token& item);

// Counts an item of the model that the client holds.
void AddShownItem(const json::Document& document, const json::Token& item, VisibleMessage& visible);

// "a,b": elements of lists joined.
void AppendElement(std::string_view element, std::string& list);

}  // namespace headroom::proxy
