// headroom compress: one text from a file or standard input to standard output, made
// shorter as the proxy makes a tool result shorter. Thread-safe.

#pragma once

#include "cli/compress_settings.h"
#include "cli/load.h"

namespace headroom::cli {

// Larger inputs are refused.
inline constexpr size_t kMaxInputBytes = size_t{256} << 20;

// Returns the exit status: 0, also when nothing could be made shorter; 1 when the input cannot be read or the
// output cannot be written; 2 for a setting that cannot be read. One sentence on stderr says why.
// Where the original cannot be kept, nothing is left out of the text and a warning says so.
int Compress(const CompressOptions& options, const Environment& environment);

}  // namespace headroom::cli
