#include <algorithm>
#include <utility>

#include "store/store.h"

namespace headroom::store {

std::vector<std::optional<Node>> FindSurely(Store& store, const std::vector<Hash128>& keys, bool* complete) {
  constexpr int kMaxFinds = 10;
  // A part that is answered need not be asked again.
  constexpr size_t kPart = 64;
  std::vector<std::optional<Node>> found;
  found.reserve(keys.size());
  bool all = true;
  int asked = 0;
  for (size_t begin = 0; begin < keys.size(); begin += kPart) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<Hash128> part(first, first + static_cast<std::ptrdiff_t>(std::min(kPart, keys.size() - begin)));
    bool answered = false;
    std::vector<std::optional<Node>> nodes;
    do {
      nodes = store.Find(part, &answered);
    } while (!answered && ++asked < kMaxFinds);
    all = all && answered;
    for (std::optional<Node>& node : nodes) found.push_back(std::move(node));
  }
  if (complete != nullptr) *complete = all;
  return found;
}

}  // namespace headroom::store
