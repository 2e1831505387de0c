// What the provider saw and the client did not: calls of our retrieval tool and
// their results, put back in each later request where they happened.
//
//   the client holds   assistant [text 1, text 2]
//   the provider saw   assistant [text 1, ours] | user [result] | assistant [text 2]
//
//   the client holds   assistant [text, theirs]       | user [their result]
//   the provider saw   assistant [text, ours, theirs] | user [our result, their result]
//
// The record is filed under the lineage before the message and what the client
// will echo of it: the ids of its tool calls, else its text without white space
// (SDKs join and trim); in Responses also under the id of its last item, by which
// some SDKs refer to what the provider keeps. What stood before our last call goes back as it was sent, and the
// client's message keeps what came after it. A client that edits or drops the message drops the
// hidden exchange with it. Thread-safe.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"

namespace headroom::proxy {

// White space to every client that trims.
constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// An assistant message as its client knows it.
struct VisibleMessage {
  size_t blocks = 0;          // all blocks shown
  size_t thinking = 0;        // of them thinking, which clients may leave out later
  std::string call_ids;       // of the client's tools, each ended by '\n'
  std::string squeezed_text;  // all text without white space
  std::string last_item;      // Responses: id of its last item
  bool referred = false;      // Responses: a client sends that id in place of the item

  void AddText(std::string_view text);
  void AddCall(std::string_view id);
  // The part of the key that the message itself gives.
  Hash128 Print() const;
  // By which a text is told from another, white space aside.
  uint32_t TextPrint() const;
};

// What stood at one place of the shown message. Where Chat differs it is said after the semicolon.
struct HiddenInsert {
  uint32_t blocks = 0;        // shown blocks before it; bytes of the text before it, or where it does not split, calls
  uint32_t thinking = 0;      // of them thinking; unused
  std::string calls;          // where it splits, all that the reply said, ours included: blocks joined by commas; the
                              // assistant message. Else tool_use blocks, may be empty; one element of "tool_calls"
  std::string results;        // tool_result blocks likewise; tool messages. Empty: they come with a later insert
  bool splits = false;        // true: the results ended the reply here; false: they go with the client's
  uint32_t text = 0;          // bytes of the shown text before it without white space
  uint32_t client_calls = 0;  // shown calls before it; unused
};

struct HiddenExchange {
  uint32_t blocks = 0;                // of the whole message as shown; bytes of its text
  uint32_t thinking = 0;              // of them thinking; unused
  std::vector<HiddenInsert> inserts;  // in order of place
  uint32_t text_print = 0;            // TextPrint() of it

  bool empty() const { return inserts.empty(); }
  std::string Encode() const;
  // Errors: kDataLoss.
  static Result<HiddenExchange> Decode(std::string_view payload);
};

// `before`: lineage of the last block before the message.
Hash128 HiddenKey(const Hash128& before, const VisibleMessage& message);

}  // namespace headroom::proxy
