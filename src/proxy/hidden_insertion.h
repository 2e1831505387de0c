// Puts hidden exchanges back into the messages of a request: one member per API.
//
//   Messages   the message is split between or inside its blocks   (hidden_insertion_messages.cc)
//   Chat       its one text is cut in two                          (hidden_insertion_chat.cc)
//   Responses  items go between its items                          (hidden_insertion_responses.cc)
//
// Thread-compatible.

#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "json/document.h"
#include "json/edits.h"
#include "proxy/api.h"
#include "proxy/hidden_exchange.h"

namespace headroom::proxy {

// An assistant message by its index in "messages"; what one reply said by the index of its first item in "input".
struct VisibleAt {
  size_t index;
  VisibleMessage visible;
};

// What is on record for each of these messages, in their order.
using FindHidden = std::function<std::vector<std::optional<HiddenExchange>>(const std::vector<VisibleAt>&)>;

struct PutBackCounts {
  uint32_t put_back = 0;
  uint32_t lost = 0;  // on record, but the client's echo has another form
};

// Adds the edits for all assistant messages of the array `messages`. A message
// that is not what was shown is left as it came. For kResponses these are the
// runs of items of the model, and `messages` is "input".
// Errors: as EditList::Replace.
Result<PutBackCounts> PutHiddenBack(Api api, const json::Document& document, const json::Token& messages,
                                    const FindHidden& find, json::EditList& edits);

// PutHiddenBack for kMessages.
Result<PutBackCounts> PutHiddenBackIntoMessages(const json::Document& document, const json::Token& messages,
                                                const FindHidden& find, json::EditList& edits);

// PutHiddenBack for kChat.
Result<PutBackCounts> PutHiddenBackIntoChat(const json::Document& document, const json::Token& messages,
                                            const FindHidden& find, json::EditList& edits);

// PutHiddenBack for kResponses.
Result<PutBackCounts> PutHiddenBackIntoItems(const json::Document& document, const json::Token& items,
                                             const FindHidden& find, json::EditList& edits);

// Where in the client's blocks an insert goes, `is_thinking` one for each of them; nothing when they are not the
// shown ones. Clients may leave thinking out.
std::optional<size_t> PlaceOf(const HiddenInsert& insert, const HiddenExchange& hidden, const VisibleMessage& visible,
                              const std::vector<bool>& is_thinking);

bool IsBlank(std::string_view text);

// The end of the first `bytes` bytes of a text that are no white space, less those it has from `bytes`; 0 for none.
// Nothing where that end lies inside a character.
std::optional<size_t> AfterSqueezed(std::string_view text, size_t& bytes);

}  // namespace headroom::proxy
