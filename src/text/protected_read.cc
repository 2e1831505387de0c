// Which tool results are files an agent may quote back when it edits.
//
//   Read {"file_path": "a.py"}                              read, protected
//   Bash {"command": "cd x && sed -n '1,80p' a.py"}         read, protected
//   shell {"command": ["bash", "-lc", "nl -ba a.py | head"]}   the same
//   Bash {"command": "cat server.log"}                      read of data
//   Bash {"command": "cat a.py | wc -l"}                    no read
//   open {"path": "a.py"}, edit_window                      read: an editor prints its window
//   open {"url": "https://..."}                             no read
//   Grep, git diff, Edit                                    lines of files are quoted
//
// A read is data when every file it names has an ending of data (logs, CSV, JSON,
// minified, lock files) or, where the name says nothing, its content has that
// shape, and it is larger than a few screens. In doubt it is protected.

#include "text/protected_read.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "text/detect.h"
#include "text/line_text.h"
#include "text/shell_words.h"
#include "text/tool_arguments.h"

namespace headroom::text {
namespace {

using How = FileAccess::How;
using Words = std::vector<std::string>;

constexpr size_t kDataFloorBytes = 2048;
constexpr size_t kMaxShellNesting = 4;
constexpr size_t kGeneratedSample = 256 * 1024;

bool IsOneOf(std::string_view word, const auto& list) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// ---- tools ----

constexpr std::string_view kReadTools[] = {"read",
                                           "view",
                                           "view_file",
                                           "read_file",
                                           "readfile",
                                           "read_files",
                                           "file_read",
                                           "fileread",
                                           "fs_read",
                                           "open_file",
                                           "cat",
                                           "read_text_file",
                                           "read_lines",
                                           "view_range",
                                           "read_many_files",
                                           "read_multiple_files",
                                           "get_file_contents",
                                           "get_file",
                                           "notebookread",
                                           "read_notebook",
                                           "fetch_file",
                                           "read_file_range",
                                           "view_source",
                                           "read_document"};
constexpr std::string_view kQuoteTools[] = {"grep",
                                            "search",
                                            "grep_search",
                                            "search_files",
                                            "codebase_search",
                                            "search_file_content",
                                            "ripgrep",
                                            "edit",
                                            "multiedit",
                                            "edit_file",
                                            "write",
                                            "write_file",
                                            "apply_patch",
                                            "replace",
                                            "patch",
                                            "search_replace",
                                            "notebookedit",
                                            "create_file",
                                            "insert_edit_into_file",
                                            "replace_in_file"};
constexpr std::string_view kFileArguments[] = {
    "file_path", "filepath", "path", "target_file",   "absolute_path", "filename",      "file",
    "paths",     "files",    "uri",  "relative_path", "file_name",     "notebook_path", "relative_workspace_path"};

Words FilesNamed(const std::vector<Argument>& arguments) {
  Words files;
  for (const Argument& argument : arguments) {
    if (!IsOneOf(LowerCase(argument.name), kFileArguments)) continue;
    files.insert(files.end(), argument.values.begin(), argument.values.end());
  }
  return files;
}

bool IsAddress(std::string_view file) {
  return file.find("://") != std::string_view::npos && !file.starts_with("file:");
}

// `open` of an editor names a path; a browser's names an address, a desktop's nothing that is printed.
FileAccess OpenAccess(const std::vector<Argument>& arguments) {
  Words files = FilesNamed(arguments);
  if (files.empty() || std::any_of(files.begin(), files.end(), IsAddress)) return {};
  return {How::kRead, std::move(files)};
}

// ---- commands ----

constexpr std::string_view kReaders[] = {"cat",  "nl",   "head", "tail",       "bat",    "batcat", "less",
                                         "more", "tac",  "sed",  "awk",        "gawk",   "mawk",   "get-content",
                                         "gc",   "type", "view", "pygmentize", "expand", "fold",   "ccat"};
constexpr std::string_view kPassing[] = {"cat", "nl",  "head", "tail", "bat",    "batcat", "less", "more",
                                         "tac", "sed", "awk",  "gawk", "expand", "tee",    "col",  "select-object"};
constexpr std::string_view kQuoting[] = {"grep", "egrep", "fgrep",         "rg", "ag", "ack",
                                         "diff", "zgrep", "select-string", "sg"};
constexpr std::string_view kGitQuoting[] = {"diff", "show", "grep", "blame", "log", "stash", "format-patch"};
constexpr std::string_view kShells[] = {"bash", "sh", "zsh", "dash", "pwsh", "powershell"};

std::string_view Program(const SimpleCommand& command) { return BaseName(command.words[0]); }

bool IsOption(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

bool IsCount(std::string_view word) {
  if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return IsDigit(c) || c == ':' || c == ','; });
}

Words Operands(const SimpleCommand& command) {
  Words operands;
  for (size_t i = 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (!word.empty() && word != "-" && !IsOption(word) && !IsCount(word)) operands.push_back(word);
  }
  return operands;
}

bool HasOption(const SimpleCommand& command, std::string_view option) {
  return std::any_of(command.words.begin() + 1, command.words.end(),
                     [&](const std::string& word) { return word.starts_with(option); });
}

// `awk '{print $2}'` prints columns, `awk 'NR>9'` lines of the file.
bool PrintsColumns(std::string_view script) {
  for (size_t at = script.find('$'); at != std::string_view::npos; at = script.find('$', at + 1)) {
    if (at + 1 < script.size() && IsDigit(script[at + 1]) && script[at + 1] != '0') return true;
  }
  return false;
}

// The files a reader names, scripts left out; nothing when it reads none or prints something else.
std::optional<Words> FilesOfReader(const SimpleCommand& command) {
  const std::string program = LowerCase(Program(command));
  Words operands = Operands(command);
  if (program == "sed" || program.ends_with("awk")) {
    if (program == "sed" && HasOption(command, "-i")) return std::nullopt;
    const bool script_in_option =
        HasOption(command, "-e") || HasOption(command, "-f") || HasOption(command, "--expression");
    if (operands.empty() && program != "sed") return std::nullopt;
    if (program != "sed" && PrintsColumns(operands[0])) return std::nullopt;
    if (!script_in_option && !operands.empty()) operands.erase(operands.begin());
  }
  if (operands.empty()) return std::nullopt;
  return operands;
}

// `git show REV:path` and `git cat-file -p REV:path`.
std::optional<Words> FilesOfGit(const SimpleCommand& command) {
  Words files;
  bool reads = false;
  for (const std::string& word : Operands(command)) {
    if (word == "show" || word == "cat-file") {
      reads = true;
      continue;
    }
    const size_t colon = word.find(':');
    if (reads && colon != std::string::npos && colon + 1 < word.size()) files.push_back(word.substr(colon + 1));
  }
  if (files.empty()) return std::nullopt;
  return files;
}

// A pattern every line has: the whole file is printed.
bool MatchesEveryLine(const SimpleCommand& command) {
  for (size_t i = 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (!IsOption(word)) return word.empty() || word == "^" || word == "$" || word == "." || word == ".*";
  }
  return false;
}

std::optional<Words> FilesRead(const SimpleCommand& command) {
  const std::string program = LowerCase(Program(command));
  if (program == "git") return FilesOfGit(command);
  if (program == "xargs" || program == "find") {
    const bool reads = std::any_of(command.words.begin() + 1, command.words.end(),
                                   [](const std::string& word) { return IsOneOf(BaseName(word), kReaders); });
    return reads ? std::optional<Words>(Words()) : std::nullopt;
  }
  if (IsOneOf(program, kQuoting) && MatchesEveryLine(command)) {
    Words files = Operands(command);
    if (!files.empty() && (files[0] == "^" || files[0] == "$" || files[0] == "." || files[0] == ".*"))
      files.erase(files.begin());
    return files;
  }
  return IsOneOf(program, kReaders) ? FilesOfReader(command) : std::nullopt;
}

bool Quotes(const SimpleCommand& command) {
  const std::string program = LowerCase(Program(command));
  if (program != "git") return IsOneOf(program, kQuoting);
  const Words operands = Operands(command);
  return std::any_of(operands.begin(), operands.end(),
                     [](const std::string& word) { return IsOneOf(word, kGitQuoting); });
}

bool Passes(const SimpleCommand& command) {
  const std::string program = LowerCase(Program(command));
  if (!IsOneOf(program, kPassing)) return false;
  return !program.ends_with("awk") || command.words.size() < 2 || !PrintsColumns(command.words[1]);
}

void Join(How how, const Words& files, FileAccess* access) {
  if (how == How::kRead || access->how == How::kNone) access->how = how;
  access->files.insert(access->files.end(), files.begin(), files.end());
}

void AddCommandLine(std::string_view line, size_t nesting, FileAccess* access);

void AddPipeline(const Pipeline& pipeline, size_t nesting, FileAccess* access) {
  if (pipeline.back().writes_file) return;
  const SimpleCommand& first = pipeline.front();
  const std::string program = LowerCase(Program(first));
  if (IsOneOf(program, kShells) && nesting < kMaxShellNesting) {
    // bash -lc "script", pwsh -Command "script": the word behind the option that ends in c or Command.
    for (size_t i = 1; i + 1 < first.words.size(); ++i) {
      const std::string option = LowerCase(first.words[i]);
      if (IsOption(option) && (option.back() == 'c' || option == "-command")) {
        AddCommandLine(first.words[i + 1], nesting + 1, access);
        return;
      }
    }
  }
  // The last command that is no filter made the output.
  size_t source = pipeline.size() - 1;
  while (source > 0 && Passes(pipeline[source]) && !FilesRead(pipeline[source])) --source;
  if (std::optional<Words> files = FilesRead(pipeline[source])) {
    Join(How::kRead, *files, access);
  } else if (Quotes(pipeline[source])) {
    Join(How::kQuote, Operands(pipeline[source]), access);
  }
}

void AddCommandLine(std::string_view line, size_t nesting, FileAccess* access) {
  for (const Pipeline& pipeline : ParseShell(line)) AddPipeline(pipeline, nesting, access);
}

// ["bash", "-lc", "cat f"]: the words are split already.
void AddArgv(const Words& argv, FileAccess* access) {
  if (argv.empty() || argv[0].empty()) return;
  AddPipeline({SimpleCommand{argv, false}}, 0, access);
}

bool IsCommandArgument(const Argument& argument) {
  static constexpr std::string_view kNames[] = {"",     "command", "cmd",         "commands", "script",
                                                "bash", "input",   "commandline", "code",     "shell_command"};
  return IsOneOf(LowerCase(argument.name), kNames);
}

// str_replace_editor {"command": "view", "path": ...}: the command is a word of the tool.
FileAccess EditorAccess(const std::vector<Argument>& arguments) {
  FileAccess access{How::kQuote, FilesNamed(arguments)};
  for (const Argument& argument : arguments) {
    if (argument.name == "command" && !argument.values.empty() && argument.values[0] == "view") access.how = How::kRead;
  }
  return access;
}

// ---- data ----

bool HasEnding(std::string_view name, const auto& endings) {
  return std::any_of(std::begin(endings), std::end(endings),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

enum class Content { kData, kText, kUnknown };

Content ContentByName(std::string_view path) {
  static constexpr std::string_view kData[] = {".log",
                                               ".csv",
                                               ".tsv",
                                               ".json",
                                               ".jsonl",
                                               ".ndjson",
                                               ".har",
                                               ".geojson",
                                               ".min.js",
                                               ".min.css",
                                               ".map",
                                               ".lock",
                                               ".lockb",
                                               ".tab",
                                               ".out",
                                               ".trace",
                                               "package-lock.json",
                                               "pnpm-lock.yaml",
                                               "go.sum",
                                               ".ipynb_checkpoints",
                                               ".pb.go",
                                               "_pb2.py",
                                               ".generated.ts",
                                               ".snap",
                                               ".tfstate",
                                               ".sarif"};
  const std::string name = LowerCase(BaseName(path));
  if (HasEnding(name, kData)) return Content::kData;
  const size_t log = name.find(".log.");  // rotated: app.log.1
  if (log != std::string::npos) return Content::kData;
  const bool variable = name.find_first_of("$*?") != std::string::npos;
  return name.find('.') == std::string::npos || variable ? Content::kUnknown : Content::kText;
}

// What says "generated" at the top of a file, and lines no person writes.
bool LooksGenerated(std::string_view text) {
  const std::string_view head = text.substr(0, 1024);
  for (const std::string_view words :
       {"DO NOT EDIT", "@generated", "automatically generated by", "Code generated by"}) {
    if (head.find(words) != std::string_view::npos) return true;
  }
  const std::string_view sample = text.substr(0, kGeneratedSample);
  const auto newlines = static_cast<size_t>(std::count(sample.begin(), sample.end(), '\n'));
  return sample.size() / (newlines + 1) > 1000;
}

bool IsData(const Input& input, const FileAccess& access) {
  if (input.text.size() < kDataFloorBytes) return false;
  if (LooksGenerated(input.text)) return true;
  bool named = false;
  for (const std::string& file : access.files) {
    const Content content = ContentByName(file);
    if (content == Content::kText) return false;
    named = named || content == Content::kData;
  }
  if (named) return true;
  const Kind kind = DetectKind(input);
  return kind == Kind::kJson || kind == Kind::kLog;
}

// "[File: a.py (80 lines total)]" above the lines: an editor's window, whatever command of it was called.
bool ShowsWindow(std::string_view text) {
  constexpr size_t kMaxHeadBytes = 1024;
  const std::string_view head = text.substr(0, kMaxHeadBytes);
  const size_t at = head.find("[File: ");
  if (at == std::string_view::npos || (at > 0 && head[at - 1] != '\n')) return false;
  const std::string_view line = head.substr(at, head.find('\n', at) - at);
  return line.find(" lines total)]") != std::string_view::npos;
}

}  // namespace

FileAccess FindFileAccess(const Input& input) {
  const std::string tool = LowerCase(BareToolName(input.tool_name).substr(0, 64));
  const std::vector<Argument> arguments = ReadArguments(input.tool_arguments);
  if (IsOneOf(tool, kReadTools)) return {How::kRead, FilesNamed(arguments)};
  if (tool.find("str_replace") != std::string::npos || tool == "text_editor" || tool == "editor") {
    return EditorAccess(arguments);
  }
  if (tool == "open") return OpenAccess(arguments);
  if (tool == "edit_window") return {How::kRead, FilesNamed(arguments)};
  if (IsOneOf(tool, kQuoteTools)) return {How::kQuote, FilesNamed(arguments)};
  FileAccess access;
  for (const Argument& argument : arguments) {
    if (!IsCommandArgument(argument)) continue;
    if (argument.is_list && LowerCase(argument.name) == "commands") {
      for (const std::string& line : argument.values) AddCommandLine(line, 0, &access);
    } else if (argument.is_list) {
      AddArgv(argument.values, &access);
    } else if (!argument.values.empty()) {
      AddCommandLine(argument.values[0], 0, &access);
    }
  }
  return access;
}

bool IsProtectedRead(const Input& input) {
  const FileAccess access = FindFileAccess(input);
  const bool is_read = access.how == How::kRead || (access.how == How::kNone && ShowsWindow(input.text));
  return is_read && !IsData(input, access);
}

}  // namespace headroom::text
