// What the settings say of the store in the data directory.

#pragma once

#include "cli/config.h"
#include "store/store.h"

namespace headroom::cli {

// Requires a Config of Load: its key has been read.
store::Store::Options StoreOptionsFrom(const Config& config);

}  // namespace headroom::cli
