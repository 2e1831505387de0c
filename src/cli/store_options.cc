#include "cli/store_options.h"

#include "store/sealer.h"

namespace headroom::cli {

store::Store::Options StoreOptionsFrom(const Config& config) {
  store::Store::Options options;
  options.data_dir = config.data_dir;
  options.original_budget_bytes = config.original_budget_bytes;
  options.original_ttl = config.original_ttl;
  if (!config.encryption_key.empty()) {
    const auto sealer = store::Sealer::FromText(config.encryption_key);
    if (sealer.ok()) options.sealer = *sealer;
  }
  return options;
}

}  // namespace headroom::cli
