// The lines of a program's output as a terminal would show them, one for each line of the source.

#pragma once

#include <string_view>

#include "text/line_text.h"

namespace headroom::text {

// Escape sequences, earlier states of progress lines and spaces at line ends are gone; line
// i stands for line i of `text`. Strings made go to `arena`. Cost: O(bytes).
LineText ReadTerminalLines(std::string_view text, LineArena* arena);

}  // namespace headroom::text
