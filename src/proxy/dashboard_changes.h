// What was changed in a recent request: each block before and after, from the
// ledger and the originals. For the administrator's eyes; the caller sees to it.
//
// May wait for the store. Thread-safe.

#pragma once

#include <string>
#include <string_view>

#include "proxy/api.h"
#include "proxy/block_change.h"
#include "store/store.h"

namespace headroom::proxy {

// Of each text at most this much is shown.
inline constexpr size_t kShownBytes = 1u << 20;

// {"changed":N,"blocks":[{"rule","tokens_before","tokens_after","fresh"}]}: the kept ones.
Reply ListChanges(const BlockChanges& changes, store::Store& store);

// {"rule","pieces":[{"hash","tool","original","original_bytes","rendition","rendition_bytes","gaps":[{"unit","first",
// "last"}]}]}: a text is null where it is no longer kept. Cost: O(bytes of the originals).
Reply ShowChange(const BlockChange& change, const store::TenantId& tenant, store::Store& store);

}  // namespace headroom::proxy
