#include "cli/man_page.h"

#include <algorithm>
#include <string_view>

#include "cli/version.h"

namespace headroom::cli {
namespace {

// `text` as roff prints it: no request, no escape, hyphens that can be copied.
std::string Roff(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string Bold(std::string_view text) { return "\\fB" + Roff(text) + "\\fR"; }

void AddParagraphs(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out.append(".PP\n").append(Roff(text.substr(0, end))).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void AddOption(const CommandOption& option, std::string& out) {
  std::string flags = option.short_flag == 0 ? "" : Bold(std::string("-") + option.short_flag) + ", ";
  flags += Bold(option.lists_no_flag ? option.no_flag : option.flag);
  if (!option.other_flag.empty()) flags += ", " + Bold(option.other_flag);
  if (!option.value.empty()) flags += " \\fI" + Roff(option.value) + "\\fR";
  out.append(".TP\n").append(flags).append("\n").append(Roff(option.help)).append("\n");
}

void AddCommand(const Command& command, std::string& out) {
  out.append(".SS ").append(Roff(command.name)).append("\n");
  for (const std::string_view form : command.usage) {
    out.append(".PP\n").append(Bold("headroom " + std::string(command.name))).append(" ").append(Roff(form));
    while (out.ends_with(' ')) out.pop_back();
    out += "\n";
  }
  AddParagraphs(command.about, out);
  std::string_view group;
  for (const CommandOption& option : command.options) {
    if (option.group != group) out.append(".PP\n").append(Roff(option.group)).append(":\n");
    group = option.group;
    AddOption(option, out);
  }
  if (!command.exit_status.empty()) {
    out.append(".PP\nExit status: ").append(Roff(command.exit_status)).append("\n");
  }
}

}  // namespace

std::string ManPage(std::span<const Command> commands) {
  std::string out = ".TH HEADROOM 1 \"\" \"headroom " + Roff(Version()) +
                    "\" \"User Commands\"\n"
                    ".SH NAME\n"
                    "headroom \\- a proxy that shortens what agents send to LLM providers\n"
                    ".SH SYNOPSIS\n"
                    "\\fBheadroom\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
                    ".SH DESCRIPTION\n"
                    "Stands between an LLM client and its provider, makes tool results shorter and loses nothing of "
                    "them. The commands:\n";
  for (const Command& command : commands) {
    out.append(".TP\n").append(Bold(command.name)).append("\n").append(Roff(command.summary)).append("\n");
  }
  out += ".SH COMMANDS\n";
  for (const Command& command : commands) AddCommand(command, out);
  return out +
         ".SH ENVIRONMENT\n"
         "Each setting of headroom proxy is a variable, too: \\-\\-data\\-dir is HEADROOM_DATA_DIR. The command line "
         "wins "
         "over the environment, the environment over the file.\n"
         ".SH FILES\n"
         ".TP\n"
         "~/.headroom\n"
         "What is kept: decisions, originals, what was learnt (\\-\\-data\\-dir).\n"
         ".TP\n"
         "~/.headroom/models.json\n"
         "Context windows and prices of your own.\n";
}

}  // namespace headroom::cli
