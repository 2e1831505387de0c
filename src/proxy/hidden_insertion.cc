#include "proxy/hidden_insertion.h"

#include <algorithm>

namespace headroom::proxy {

bool IsBlank(std::string_view text) { return std::all_of(text.begin(), text.end(), IsSpace); }

std::optional<size_t> AfterSqueezed(std::string_view text, size_t& bytes) {
  size_t end = 0;
  for (size_t at = 0; at < text.size() && bytes > 0; ++at) {
    if (IsSpace(text[at])) continue;
    --bytes;
    end = at + 1;
  }
  const bool inside_character = end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;
  return inside_character ? std::nullopt : std::optional(end);
}

std::optional<size_t> PlaceOf(const HiddenInsert& insert, const HiddenExchange& hidden, const VisibleMessage& visible,
                              const std::vector<bool>& is_thinking) {
  if (visible.blocks == hidden.blocks) return insert.blocks;
  const size_t spoken = visible.blocks - visible.thinking;
  if (hidden.blocks - hidden.thinking != spoken) return std::nullopt;
  size_t before = insert.blocks - insert.thinking;
  size_t place = 0;
  for (; place < is_thinking.size() && before > 0; ++place) before -= is_thinking[place] ? 0 : 1;
  return place;
}

Result<PutBackCounts> PutHiddenBack(Api api, const json::Document& document, const json::Token& messages,
                                    const FindHidden& find, json::EditList& edits) {
  if (api == Api::kResponses) return PutHiddenBackIntoItems(document, messages, find, edits);
  if (api == Api::kChat) return PutHiddenBackIntoChat(document, messages, find, edits);
  return PutHiddenBackIntoMessages(document, messages, find, edits);
}

}  // namespace headroom::proxy
