// headroom compress: one text from a file or standard input to standard output, made
// shorter as the proxy makes a tool result shorter. Where the original cannot be kept,
// nothing is left out of the text and a warning says so. Thread-safe.

#pragma once

#include <cstddef>

#include "cli/command.h"
#include "cli/compress_settings.h"

namespace headroom::cli {

// Larger inputs are refused.
inline constexpr size_t kMaxInputBytes = size_t{256} << 20;

// What was asked for, as written.
CompressOptions CompressOptionsFrom(const Given& given);

}  // namespace headroom::cli
