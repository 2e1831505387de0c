// What a line of source defines.
//
//   func (g *Group) combine(h Handlers) {      combine
//   export class CommanderError extends Error  CommanderError
//   maxPayload: 100 * 1024,                    maxPayload, by a value
//
// By the words of many languages, without parsing any: a line of search output
// stands alone. Counter-example: "return prompt(x)" and "if (prompt) {" use it.
// Thread-safe.

#pragma once

#include <string_view>

namespace headroom::text {

struct Definition {
  std::string_view name;   // "" when the line defines nothing
  bool by_value = false;   // "name = 5", "name: true,": given a literal
  bool by_number = false;  // the literal is a number
};

// Cost: O(line), at most its first kilobyte.
Definition DefinitionIn(std::string_view code);

enum class CodeLine { kCode, kImport, kComment };
CodeLine CodeLineKind(std::string_view code);

}  // namespace headroom::text
