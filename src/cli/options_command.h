// headroom options: the reference of all settings. Thread-safe.

#pragma once

#include <string>

namespace headroom::cli {

// Every setting as Markdown tables, one per group. The block between the two
// marks of docs/configuration.md is this text.
std::string OptionsReference();

}  // namespace headroom::cli
