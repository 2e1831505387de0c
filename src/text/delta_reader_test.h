// An independent reader of what MakeDelta writes, as delta.h describes it. For tests only.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/delta.h"

namespace headroom::text {

// `before` with the hunks applied. Nothing when a header does not add up or a line
// that the hunks quote does not stand where they say.
std::optional<std::string> ApplyDelta(std::string_view before, const Delta& delta);

}  // namespace headroom::text
