// The manual page, made from the commands. Thread-safe.

#pragma once

#include <span>
#include <string>

#include "cli/command.h"

namespace headroom::cli {

// headroom(1) in the man macros, clean under `man --warnings`.
std::string ManPage(std::span<const Command> commands);

}  // namespace headroom::cli
