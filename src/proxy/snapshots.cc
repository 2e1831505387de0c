#include "proxy/snapshots.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace headroom::proxy {
namespace {

Hash128 KeyOf(const std::string& digest) { return Hasher128().Add("learnt snapshot").Add(digest).Finish(); }

}  // namespace

void Snapshots::Keep(const learning::Snapshot& snapshot) {
  if (snapshot.empty()) return;
  store::Node node;
  node.key = KeyOf(snapshot.digest());
  if (store::FindSurely(store_, {node.key})[0].has_value()) return;
  node.rule = "learnt_snapshot";
  node.payload = snapshot.Encode();
  store_.Insert(std::move(node));
}

std::shared_ptr<const learning::Snapshot> Snapshots::Find(const std::string& digest) {
  static const auto kNone = std::make_shared<const learning::Snapshot>();
  if (digest.empty()) return kNone;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(cached_.begin(), cached_.end(),
                                    [&](const auto& snapshot) { return snapshot->digest() == digest; });
    if (found != cached_.end()) {
      cached_.splice(cached_.begin(), cached_, found);
      return cached_.front();
    }
  }
  const std::optional<store::Node> node = store::FindSurely(store_, {KeyOf(digest)})[0];
  if (!node.has_value()) return kNone;
  Result<learning::Snapshot> read = learning::Snapshot::Decode(node->payload);
  if (!read.ok() || read->digest() != digest) {
    log::Warning("a snapshot of what is learnt cannot be read", {{"digest", digest}});
    return kNone;
  }
  auto snapshot = std::make_shared<const learning::Snapshot>(*std::move(read));
  const std::lock_guard lock(mutex_);
  cached_.push_front(snapshot);
  if (cached_.size() > kCached) cached_.pop_back();
  return snapshot;
}

void Snapshots::Forget() {
  const std::lock_guard lock(mutex_);
  cached_.clear();
}

}  // namespace headroom::proxy
