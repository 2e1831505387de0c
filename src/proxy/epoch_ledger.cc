#include "proxy/epoch_ledger.h"

#include <algorithm>
#include <utility>

namespace headroom::proxy {
namespace {

Hash128 AnyEpochKey() { return Hasher128().Add("any epoch").Finish(); }

Hash128 EpochKey(const Hash128& lineage, uint32_t slot) {
  return Hasher128().Add("epoch").Add(lineage).Add(std::to_string(slot)).Finish();
}

std::optional<EpochLedger::Found> Read(const store::Node& node, const RequestView& view,
                                       const std::vector<Hash128>& lineage, size_t messages) {
  Result<Epoch> epoch = Epoch::Decode(node.payload);
  if (!epoch.ok()) return std::nullopt;
  std::optional<EpochPlaces> places = PlacesOf(*epoch, view, lineage, messages);
  if (!places.has_value()) return std::nullopt;
  return EpochLedger::Found{*std::move(epoch), *std::move(places)};
}

// Where on the request's way the epoch was made, counted from one; 0 where elsewhere.
size_t PlaceOnWay(const Epoch& epoch, const std::vector<Hash128>& lineage) {
  const auto found = std::find(lineage.rbegin(), lineage.rend(), epoch.made_after);
  return static_cast<size_t>(lineage.rend() - found);
}

// The lineages of links 1, 2, 4, ... (counted from one) of a request.
std::vector<Hash128> Steps(const RequestView& view, const std::vector<Hash128>& lineage) {
  const std::vector<size_t> links = LinksOf(view);
  std::vector<Hash128> steps;
  for (size_t count = 1; count <= links.size(); count *= 2) steps.push_back(lineage[links[count - 1]]);
  return steps;
}

}  // namespace

EpochLedger::EpochLedger(store::Store& store) : store_(store) {
  bool complete = true;
  const bool found = store::FindSurely(store, {AnyEpochKey()}, &complete)[0].has_value();
  any_ = found || !complete;  // where the disk does not say, each conversation is asked for
}

std::optional<EpochLedger::Found> EpochLedger::Find(const RequestView& view, const std::vector<Hash128>& lineage,
                                                    size_t messages) const {
  if (!any_ || view.continues()) return std::nullopt;
  std::optional<Found> latest;
  std::pair<size_t, uint32_t> latest_made;
  std::vector<Hash128> steps = Steps(view, lineage);
  for (uint32_t slot = 0; slot < kMaxSlots && !steps.empty(); ++slot) {
    std::vector<Hash128> keys;
    for (const Hash128& step : steps) keys.push_back(EpochKey(step, slot));
    const std::vector<std::optional<store::Node>> nodes = store::FindSurely(store_, keys);
    std::vector<Hash128> filled;
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (!nodes[i].has_value()) continue;
      filled.push_back(steps[i]);
      std::optional<Found> found = Read(*nodes[i], view, lineage, messages);
      if (!found.has_value()) continue;
      const std::pair made(PlaceOnWay(found->epoch, lineage), found->epoch.number);
      if (made.first == 0 || (latest.has_value() && made <= latest_made)) continue;
      latest = std::move(found);
      latest_made = made;
    }
    steps = std::move(filled);
  }
  return latest;
}

std::optional<EpochLedger::Found> EpochLedger::Record(const Epoch& epoch, const RequestView& view,
                                                      const std::vector<Hash128>& lineage, size_t messages,
                                                      const Labels& labels) const {
  const std::vector<size_t> links = LinksOf(view);
  const auto made_after =
      std::find_if(links.begin(), links.end(), [&](size_t block) { return lineage[block] == epoch.made_after; });
  if (made_after == links.end()) return std::nullopt;
  size_t count = 1;
  while (count * 2 <= static_cast<size_t>(made_after - links.begin()) + 1) count *= 2;
  store::Node node;
  node.tenant = labels.tenant;
  node.decision = store::Node::Decision::kReplace;
  node.rule = "epoch";
  node.payload = epoch.Encode();
  node.original_ids = epoch.original_id;
  for (const Epoch::Deepened& one : epoch.deepened) node.original_ids += one.original_ids;
  node.project = labels.project;
  node.upstream = labels.upstream;
  for (uint32_t slot = 0; slot < kMaxSlots; ++slot) {
    node.key = EpochKey(lineage[links[count - 1]], slot);
    std::optional<store::Node> stands = store::FindSurely(store_, {node.key})[0];
    if (!stands.has_value()) stands = store_.Insert(node);
    std::optional<Found> found = Read(*stands, view, lineage, messages);
    // An earlier epoch of this conversation, or one of another branch.
    if (!found.has_value() || found->epoch.made_after != epoch.made_after || found->epoch.number < epoch.number)
      continue;
    if (!any_.exchange(true)) {
      store::Node any;
      any.key = AnyEpochKey();
      any.rule = "epoch";
      store_.Insert(std::move(any));
    }
    return found;
  }
  return std::nullopt;
}

}  // namespace headroom::proxy
