#include "cli/help.h"

#include <algorithm>
#include <string_view>

#include "cli/version.h"

namespace headroom::cli {
namespace {

constexpr size_t kHelpColumn = 34;
constexpr size_t kWidth = 100;        // of paragraphs
constexpr size_t kOptionWidth = 120;  // of lines with an option

// Appends `text` to `out`, whose last line has `column` characters, broken between words at `width`
// with the further lines indented.
void AppendWrapped(std::string_view text, size_t indent, size_t width, size_t column, std::string& out) {
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!first && column + 1 + word.size() > width) {
      out.append("\n").append(indent, ' ');
      column = indent;
      first = true;
    }
    out.append(first ? "" : " ").append(word);
    column += word.size() + (first ? 0 : 1);
    first = false;
  }
}

void AppendParagraphs(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    AppendWrapped(text.substr(0, end), 0, kWidth, 0, out);
    out += "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// A switch is listed by the spelling that changes its default.
std::string HelpFlags(const CommandOption& option) {
  std::string out = option.short_flag == 0 ? "      " : std::string("  -") + option.short_flag + ", ";
  out += option.lists_no_flag ? option.no_flag : option.flag;
  return option.value.empty() ? out : out.append(" ").append(option.value);
}

void AppendOption(const CommandOption& option, std::string& out) {
  std::string line = HelpFlags(option);
  line.append(line.size() < kHelpColumn ? kHelpColumn - line.size() : 2, ' ');
  out += line;
  AppendWrapped(option.help, kHelpColumn, kOptionWidth, line.size(), out);
  out += "\n";
}

}  // namespace

std::string HelpText(std::span<const Command> commands) {
  std::string out = "headroom " + std::string(Version()) +
                    ": a proxy that shortens what agents send to LLM providers\n"
                    "\n"
                    "Usage: headroom COMMAND [OPTIONS]\n"
                    "\n"
                    "Commands:\n";
  for (const Command& command : commands) {
    std::string line = "  " + std::string(command.name);
    line.append(line.size() < 13 ? 15 - line.size() : 2, ' ');
    out.append(line).append(command.summary).append("\n");
  }
  return out +
         "\n"
         "Options:\n"
         "  --version    Print the version\n"
         "  -h, --help   Print this help; after a command, the help of that command\n";
}

std::string CommandHelpText(const Command& command) {
  std::string out;
  for (const std::string_view form : command.usage) {
    out.append(out.empty() ? "Usage: " : "       ").append("headroom ").append(command.name);
    out.append(form.empty() ? "" : " ").append(form).append("\n");
  }
  out += "\n";
  AppendParagraphs(command.about, out);
  const CommandOption* previous = nullptr;
  for (const CommandOption& option : command.options) {
    if (previous == nullptr || option.group != previous->group) {
      out.append("\n").append(option.group.empty() ? "" : option.group + ":\n");
    }
    previous = &option;
    AppendOption(option, out);
  }
  out += "\n";
  AppendOption({.flag = "--help", .help = "Print this help", .short_flag = 'h'}, out);
  if (!command.exit_status.empty()) {
    out += "\n";
    AppendParagraphs("Exit status: " + std::string(command.exit_status), out);
  }
  return out;
}

}  // namespace headroom::cli
