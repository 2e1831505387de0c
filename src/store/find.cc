#include "store/store.h"

namespace headroom::store {

std::vector<std::optional<Node>> FindSurely(Store& store, const std::vector<Hash128>& keys, bool* complete) {
  constexpr int kMaxFinds = 10;
  std::vector<std::optional<Node>> found;
  bool all = keys.empty();
  for (int asked = 0; !all && asked < kMaxFinds; ++asked) found = store.Find(keys, &all);
  if (complete != nullptr) *complete = all;
  return found;
}

}  // namespace headroom::store
