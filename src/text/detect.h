// Facts about a tool and its output that several rules ask for.

#pragma once

#include <string_view>

namespace headroom::text {

// True for tools that run a command: Bash, shell, exec_command, run_terminal_cmd,
// also behind an MCP prefix. Case is ignored.
bool IsShellTool(std::string_view tool_name);

// The tool's own name in lower case letters: "mcp__fs__read_file" and "fs.Read_File" give "read_file".
// Cost: O(name).
std::string_view BareToolName(std::string_view tool_name);

}  // namespace headroom::text
