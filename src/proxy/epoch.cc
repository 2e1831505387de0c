#include "proxy/epoch.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/framing.h"
#include "proxy/context_units.h"

namespace headroom::proxy {
namespace {

constexpr uint32_t kVersion = 3;
// Those before belonged to every request that had what they changed.
constexpr uint32_t kMadeAfterSince = 3;
constexpr uint32_t kOldest = 2;
// More would be no conversation.
constexpr uint32_t kMaxParts = RequestView::kMaxBlocks;

bool Counts(const Block& block) { return block.kind != BlockKind::kThinking; }

void AppendHash(const Hash128& hash, std::string& out) {
  const auto bytes = hash.Bytes();
  out.append(bytes.data(), bytes.size());
}

bool TakeHash(std::string_view& record, Hash128& hash) {
  if (record.size() < 16) return false;
  hash = Hash128::FromBytes(record.substr(0, 16));
  record.remove_prefix(16);
  return true;
}

bool TakeCount(std::string_view& record, uint32_t& count) { return TakeUint32(record, count) && count <= kMaxParts; }

bool TakeRanges(std::string_view& record, std::vector<Epoch::Range>& ranges) {
  uint32_t count = 0;
  if (!TakeCount(record, count)) return false;
  uint32_t before = 0;
  for (uint32_t i = 0; i < count; ++i) {
    Epoch::Range range;
    if (!TakeUint32(record, range.begin) || !TakeUint32(record, range.end)) return false;
    if (range.begin >= range.end || range.end > kMaxParts || (i > 0 && range.begin <= before)) return false;
    before = range.end;
    ranges.push_back(range);
  }
  return true;
}

bool TakeTurns(std::string_view& record, std::vector<Epoch::Turn>& turns) {
  uint32_t count = 0;
  if (!TakeCount(record, count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    Epoch::Turn turn;
    if (!TakeUint32(record, turn.link) || !TakeHash(record, turn.before)) return false;
    if (turn.link == 0 || turn.link > kMaxParts || (i > 0 && turn.link <= turns.back().link)) return false;
    turns.push_back(turn);
  }
  return true;
}

bool TakeDeepened(std::string_view& record, std::vector<Epoch::Deepened>& all) {
  uint32_t count = 0;
  if (!TakeCount(record, count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    Epoch::Deepened one;
    std::string replacements;
    const bool whole = TakeUint32(record, one.link) && TakeUint32(record, one.tokens_before) &&
                       TakeUint32(record, one.tokens_after) && TakeFramed(record, one.original_ids) &&
                       TakeFramed(record, replacements);
    if (!whole || one.link >= kMaxParts || (i > 0 && one.link <= all.back().link)) return false;
    Result<std::vector<Replacement>> decoded = DecodeReplacements(replacements);
    if (!decoded.ok()) return false;
    one.replacements = *std::move(decoded);
    all.push_back(std::move(one));
  }
  return true;
}

// Whether each message is dropped; nothing where one is in part.
std::optional<std::vector<bool>> GoneMessages(const RequestView& view, const std::vector<BlockFate>& blocks,
                                              size_t messages) {
  std::vector<bool> gone(messages);
  std::vector<bool> known(messages);
  for (size_t i = 0; i < view.blocks.size(); ++i) {
    const Block& block = view.blocks[i];
    if (!Counts(block) || block.message >= messages) continue;
    const bool is_gone = blocks[i] == BlockFate::kGone;
    if (known[block.message] && gone[block.message] != is_gone) return std::nullopt;
    known[block.message] = true;
    gone[block.message] = is_gone;
  }
  // Thinking goes with what follows it, an empty message with what stands before.
  std::vector<bool> thinks(messages);
  for (const Block& block : view.blocks) {
    if (!Counts(block) && block.message < messages) thinks[block.message] = true;
  }
  for (size_t m = messages; m-- > 0;) {
    if (!known[m] && thinks[m] && m + 1 < messages && known[m + 1]) {
      gone[m] = gone[m + 1];
      known[m] = true;
    }
  }
  for (size_t m = 1; m < messages; ++m) {
    if (!known[m]) gone[m] = gone[m - 1];
  }
  return gone;
}

// Takes the thinking out of one message's content. A message that holds nothing else goes whole.
Status TakeThinkingOut(const json::Document& document, const json::Token& message, uint32_t message_begin,
                       uint32_t next_begin, json::EditList& edits) {
  if (message.type != json::Type::kObject) return Status();
  const std::optional<json::Token> content = document.Find(message, "content");
  if (!content.has_value() || content->type != json::Type::kArray) return Status();
  const std::vector<json::Token> blocks = document.Elements(*content);
  std::vector<bool> thinks(blocks.size());
  size_t count = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].type != json::Type::kObject) continue;
    const std::optional<json::Token> type = document.Find(blocks[i], "type");
    thinks[i] = type.has_value() && (document.TextIs(*type, "thinking") || document.TextIs(*type, "redacted_thinking"));
    count += thinks[i] ? 1 : 0;
  }
  if (count == 0) return Status();
  if (count == blocks.size()) return edits.Replace({message_begin, next_begin}, "");
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (!thinks[i]) continue;
    size_t end = i;
    while (end < blocks.size() && thinks[end]) ++end;
    const ByteSpan span = end < blocks.size() ? ByteSpan{blocks[i].span.begin, blocks[end].span.begin}
                                              : ByteSpan{blocks[i - 1].span.end, blocks[end - 1].span.end};
    if (Status status = edits.Replace(span, ""); !status.ok()) return status;
    i = end;
  }
  return Status();
}

// Without the thinking of the messages that begin in [from, end) of `body`.
Result<std::string> WithoutThinking(const std::string& body, uint32_t from, uint32_t end) {
  const PaddedBytes bytes(body);
  json::Document document;
  if (Status status = document.Parse(bytes); !status.ok()) return status;
  const std::vector<json::Token> messages = MessagesOf(document, Api::kMessages);
  json::EditList edits(static_cast<uint32_t>(body.size()));
  for (size_t m = 0; m + 1 < messages.size(); ++m) {
    const uint32_t begin = messages[m].span.begin;
    if (begin < from || begin >= end) continue;
    if (Status status = TakeThinkingOut(document, messages[m], begin, messages[m + 1].span.begin, edits); !status.ok())
      return status;
  }
  return edits.empty() ? body : edits.Splice(body);
}

}  // namespace

uint32_t Epoch::first() const {
  if (dropped.empty()) return deepened.front().link;
  return deepened.empty() ? dropped.front().begin : std::min(dropped.front().begin, deepened.front().link);
}

uint32_t Epoch::last() const {
  if (dropped.empty()) return deepened.back().link;
  return deepened.empty() ? dropped.back().end - 1 : std::max(dropped.back().end - 1, deepened.back().link);
}

std::string Epoch::Encode() const {
  std::string payload;
  for (const uint32_t value : {kVersion, number, head, asks_drop ? 1u : 0u, units, messages,
                               static_cast<uint32_t>(tokens >> 32), static_cast<uint32_t>(tokens)}) {
    AppendUint32(value, payload);
  }
  AppendHash(last_lineage, payload);
  AppendHash(made_after, payload);
  AppendUint32(static_cast<uint32_t>(turns.size()), payload);
  for (const Turn& turn : turns) {
    AppendUint32(turn.link, payload);
    AppendHash(turn.before, payload);
  }
  AppendUint32(static_cast<uint32_t>(dropped.size()), payload);
  for (const Range& range : dropped) {
    AppendUint32(range.begin, payload);
    AppendUint32(range.end, payload);
  }
  AppendUint32(static_cast<uint32_t>(deepened.size()), payload);
  for (const Deepened& one : deepened) {
    AppendUint32(one.link, payload);
    AppendUint32(one.tokens_before, payload);
    AppendUint32(one.tokens_after, payload);
    AppendFramed(one.original_ids, payload);
    AppendFramed(EncodeReplacements(one.replacements), payload);
  }
  AppendFramed(marker, payload);
  AppendFramed(original_id, payload);
  return payload;
}

Result<Epoch> Epoch::Decode(std::string_view payload) {
  Epoch epoch;
  uint32_t version = 0;
  uint32_t asks = 0;
  uint32_t high = 0;
  uint32_t low = 0;
  bool whole = TakeUint32(payload, version) && version >= kOldest && version <= kVersion;
  for (uint32_t* const value : {&epoch.number, &epoch.head, &asks, &epoch.units, &epoch.messages, &high, &low}) {
    whole = whole && TakeUint32(payload, *value);
  }
  whole = whole && asks <= 1 && TakeHash(payload, epoch.last_lineage);
  epoch.made_after = epoch.last_lineage;
  if (version >= kMadeAfterSince) whole = whole && TakeHash(payload, epoch.made_after);
  whole = whole && TakeTurns(payload, epoch.turns) && TakeRanges(payload, epoch.dropped) &&
          TakeDeepened(payload, epoch.deepened) && TakeFramed(payload, epoch.marker) &&
          TakeFramed(payload, epoch.original_id) && payload.empty() && !epoch.empty();
  if (!whole) return Status(Code::kDataLoss, "epoch cut short");
  epoch.asks_drop = asks == 1;
  epoch.tokens = uint64_t{high} << 32 | low;
  return epoch;
}

std::vector<size_t> LinksOf(const RequestView& view) {
  std::vector<size_t> links;
  links.reserve(view.blocks.size());
  for (size_t i = 0; i < view.blocks.size(); ++i) {
    if (Counts(view.blocks[i])) links.push_back(i);
  }
  return links;
}

std::optional<EpochPlaces> PlacesOf(const Epoch& epoch, const RequestView& view, const std::vector<Hash128>& lineage,
                                    size_t messages) {
  const std::vector<size_t> links = LinksOf(view);
  if (epoch.last() >= links.size() || lineage[links[epoch.last()]] != epoch.last_lineage) return std::nullopt;
  EpochPlaces places;
  places.blocks.resize(view.blocks.size(), BlockFate::kStands);
  for (const Epoch::Range& range : epoch.dropped) {
    for (uint32_t link = range.begin; link < range.end; ++link) places.blocks[links[link]] = BlockFate::kGone;
  }
  for (const Epoch::Deepened& one : epoch.deepened) {
    const size_t block = links[one.link];
    if (places.blocks[block] == BlockFate::kGone) return std::nullopt;
    places.blocks[block] = BlockFate::kDeepened;
    places.deepened.push_back(block);
  }
  const std::optional<std::vector<bool>> gone = GoneMessages(view, places.blocks, messages);
  if (!gone.has_value() || gone->empty() || gone->back()) return std::nullopt;
  for (uint32_t m = 0; m < messages; ++m) {
    if (!(*gone)[m]) continue;
    if (m > 0 && (*gone)[m - 1]) {
      places.gone.back().second = m + 1;
    } else {
      places.gone.emplace_back(m, m + 1);
    }
  }
  const auto message_of = [&](uint32_t link) {
    return link < links.size() ? view.blocks[links[link]].message : static_cast<uint32_t>(messages);
  };
  places.head_end = epoch.head == 0 ? 0 : message_of(epoch.head - 1) + 1;
  if (!places.gone.empty() && places.gone.front().first < places.head_end) return std::nullopt;
  places.thinking_from = places.gone.empty() ? message_of(epoch.first()) : places.head_end;
  for (const Epoch::Turn& turn : epoch.turns) {
    if (turn.link >= links.size() || lineage[links[turn.link - 1]] != turn.before) continue;
    const Block& block = view.blocks[links[turn.link]];
    const bool begins = block.role == Role::kUser && block.kind != BlockKind::kToolResult;
    if (begins) places.thinking_end = block.message;
  }
  return places;
}

Result<std::string> LeaveOut(const Epoch& epoch, const EpochPlaces& places, Api api,
                             const std::vector<json::Token>& messages, const json::EditList& edits,
                             const std::string& forwarded) {
  const auto begin_of = [&](uint32_t m) {
    const uint32_t at = m < messages.size() ? messages[m].span.begin : messages.back().span.end;
    return edits.PositionOf(at);
  };
  json::EditList cuts(static_cast<uint32_t>(forwarded.size()));
  std::string marker = epoch.marker.empty() ? std::string() : epoch.marker + ",";
  bool placed = marker.empty();
  for (const auto& [first, end] : places.gone) {
    if (!placed && first > places.head_end) {
      const uint32_t at = begin_of(places.head_end);
      if (Status status = cuts.Replace({at, at}, marker); !status.ok()) return status;
      placed = true;
    }
    // At the head's end the marker takes the place of what is dropped there.
    std::string text = placed ? std::string() : marker;
    placed = true;
    if (Status status = cuts.Replace({begin_of(first), begin_of(end)}, std::move(text)); !status.ok()) return status;
  }
  std::string out = cuts.Splice(forwarded);
  if (api != Api::kMessages || places.thinking_from >= places.thinking_end) return out;
  return WithoutThinking(out, cuts.PositionOf(begin_of(places.thinking_from)),
                         cuts.PositionOf(begin_of(places.thinking_end)));
}

}  // namespace headroom::proxy
