// One epoch: what was left out of a conversation when it would no longer fit, as
// the ledger keeps it and as it is done again in each later request.
//
//   the client sends   head | a b c d e f | what is new
//   the provider gets  head | marker | c' e f | what is new      a b d dropped, c shortened further
//
// Blocks are named by links: their places among the blocks that count for the
// lineage. An epoch belongs to every request that goes on from the one it was made
// for: that begins with the very same blocks up to that one's last answer. Thinking
// comes and goes; a client that edits or clears something before that point has
// left the epoch, and a branch that goes back behind it goes on as it was (docs/context.md).
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "json/document.h"
#include "json/edits.h"
#include "proxy/plan.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

struct Epoch {
  // Links [begin, end).
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
    bool operator==(const Range&) const = default;
  };
  // Where a message of the user's begins a turn.
  struct Turn {
    uint32_t link = 0;
    Hash128 before;  // lineage of the link before it
  };
  // A result that stands shorter than before.
  struct Deepened {
    uint32_t link = 0;
    std::vector<Replacement> replacements;
    uint32_t tokens_before = 0;
    uint32_t tokens_after = 0;
    std::string original_ids;
  };

  uint32_t number = 1;   // of the conversation's epochs; each contains the one before
  Hash128 last_lineage;  // of the last link that is changed
  Hash128 made_after;    // lineage of the last answer in the request that it was made for, or last_lineage behind it
  uint32_t head = 0;     // links of the head; the marker stands behind it
  // Thinking from first() to the last of these that is part of a request is left out: it saw another prefix. A branch
  // that goes back behind the newest turn has a pending turn of its own, which must keep its thinking. Ascending.
  std::vector<Turn> turns;
  bool asks_drop = false;          // thinking after them did so too: the provider is asked to drop it
  std::vector<Range> dropped;      // ascending, apart
  std::vector<Deepened> deepened;  // ascending, none of them dropped
  uint32_t units = 0;
  uint32_t messages = 0;    // dropped
  uint64_t tokens = 0;      // of the dropped messages as the client sends them, by our count
  std::string marker;       // a message; "" where nothing is dropped
  std::string original_id;  // of the dropped messages; "" likewise

  // The first and the last link that is changed. Requires a change.
  uint32_t first() const;
  uint32_t last() const;
  bool empty() const { return dropped.empty() && deepened.empty(); }

  std::string Encode() const;
  // Errors: kDataLoss for what Encode does not make.
  static Result<Epoch> Decode(std::string_view payload);
};

// What became of a block.
enum class BlockFate : uint8_t { kStands, kDeepened, kGone };

// Where an epoch's changes stand in one request.
struct EpochPlaces {
  std::vector<BlockFate> blocks;  // by block of the view
  // Messages [first, second), in order; after each one stays.
  std::vector<std::pair<uint32_t, uint32_t>> gone;
  uint32_t head_end = 0;       // messages before the marker
  uint32_t thinking_from = 0;  // messages [from, end) keep no thinking
  uint32_t thinking_end = 0;
  std::vector<size_t> deepened;  // block of each element of Epoch::deepened
};

// The indexes of the blocks that count, by link.
std::vector<size_t> LinksOf(const RequestView& view);

// Nothing where the epoch is not part of this request, or its messages are not
// formed as they were. Cost: O(blocks).
std::optional<EpochPlaces> PlacesOf(const Epoch& epoch, const RequestView& view, const std::vector<Hash128>& lineage,
                                    size_t messages);

// `forwarded`, which is `edits` applied to the body that `messages` are of, without
// what the epoch leaves out and with its marker. The epoch's deepened results
// stand in `forwarded` already.
// Errors: kInternal when the spans do not fit, which cannot be where `places` are of this body.
Result<std::string> LeaveOut(const Epoch& epoch, const EpochPlaces& places, Api api,
                             const std::vector<json::Token>& messages, const json::EditList& edits,
                             const std::string& forwarded);

}  // namespace headroom::proxy
