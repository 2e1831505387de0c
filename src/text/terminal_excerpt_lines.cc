#include "text/terminal_excerpt_lines.h"

#include "text/terminal.h"

namespace headroom::text {

LineText ReadTerminalLines(std::string_view text, LineArena* arena) {
  LineText source = SplitLines(text);
  const bool has_escapes = HasTerminalBytes(text);
  for (std::string_view& line : source.lines) {
    if (has_escapes && HasTerminalBytes(line)) line = arena->Keep(CleanTerminal(line, Clean::kTerminal));
    // A tab at the end is an empty cell.
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  }
  return source;
}

}  // namespace headroom::text
