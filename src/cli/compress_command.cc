#include "cli/compress_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/compress_report.h"
#include "cli/local_store.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace headroom::cli {
namespace {

std::string Megabytes(size_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

Result<std::string> ReadAll(const std::string& file, Progress& progress) {
  const auto close = [](std::FILE* opened) {
    if (opened != stdin) std::fclose(opened);
  };
  const std::string name = file == "-" ? "standard input" : file;
  progress.Say("reading " + name);
  const std::unique_ptr<std::FILE, decltype(close)> input(file == "-" ? stdin : std::fopen(file.c_str(), "rb"), close);
  if (input == nullptr) return Status(Code::kNotFound, name + ": " + std::strerror(errno));
  std::string text;
  std::string chunk(size_t{1} << 16, '\0');
  while (const size_t bytes = std::fread(chunk.data(), 1, chunk.size(), input.get())) {
    text.append(chunk, 0, bytes);
    if (text.size() > kMaxInputBytes) return Status(Code::kResourceExhausted, name + " is larger than 256 MiB");
    progress.Say("reading " + Megabytes(text.size()));
  }
  if (std::ferror(input.get()) != 0) return Status(Code::kUnavailable, name + ": " + std::strerror(errno));
  return text;
}

// Files the original. False, with a warning, where that fails.
bool Keep(const std::string& source, const CompressReport& report, const CompressSettings& settings) {
  Result<LocalStore> store = LocalStore::Open(settings.config);
  const Status kept =
      store.ok() ? store->Keep(source, settings.tool, report.tokens_before, report.tokens_after) : store.status();
  if (!kept.ok()) {
    std::fprintf(stderr, "headroom: the original is not kept, so nothing is left out: %s\n", kept.detail().c_str());
  }
  return kept.ok();
}

// A text with gaps goes out only when its original can be fetched.
CompressReport ShortenAndKeep(const std::string& source, CompressSettings settings, Progress& progress) {
  progress.Say("compressing " + Megabytes(source.size()));
  CompressReport report = Shorten(source, settings);
  if (!report.changed || Keep(source, report, settings)) return report;
  if (report.left_out.has_value()) {
    settings.gaps = false;
    report = Shorten(source, settings);
  }
  report.id.clear();
  return report;
}

bool OnTerminal(std::FILE* stream) { return isatty(fileno(stream)) != 0; }

// https://no-color.org: set and not empty.
bool Coloured(const Environment& environment) {
  return OnTerminal(stdout) && environment("NO_COLOR").value_or("").empty();
}

int Run(const Given& given, const Environment& environment) {
  const CompressOptions options = CompressOptionsFrom(given);
  const Result<CompressSettings> settings = ReadCompressSettings(options, environment);
  if (!settings.ok()) return Fail(kUsageError, settings.status().detail());
  CompressReport report;
  std::string source;
  {
    const bool typed = options.file == "-" && OnTerminal(stdin);  // somebody is at it: no bar between the lines
    Progress progress(stderr, OnTerminal(stderr) && !typed);
    Result<std::string> read = ReadAll(options.file, progress);
    if (!read.ok()) return Fail(kFailed, read.status().detail());
    source = *std::move(read);
    report = ShortenAndKeep(source, *settings, progress);
  }
  std::string out = options.json   ? JsonText(report)
                    : options.diff ? DiffText(source, report, Coloured(environment))
                                   : report.text;
  if (OnTerminal(stdout) && !out.empty() && !out.ends_with('\n')) out.push_back('\n');  // for the prompt behind it
  if (const int failed = Print(out); failed != 0) return failed;
  if (options.stats) std::fputs(StatsText(report).c_str(), stderr);
  return 0;
}

std::vector<CommandOption> OptionList() {
  const std::string text = "The text";
  const std::string far = "How far";
  const std::string output = "Output";
  return {
      {.flag = "--query",
       .value = "TEXT",
       .help = "What is to be found out; what it names is kept [CASE_QUERY]",
       .group = text},
      {.flag = "--tool",
       .value = "NAME",
       .help = "The tool whose result it is: Bash, Grep, Read [CASE_TOOL]",
       .group = text},
      {.flag = "--args", .value = "JSON", .help = "The arguments of that call [CASE_ARGS]", .group = text},
      {.flag = "--kind",
       .value = "KIND",
       .help = "auto, plain, json, search, log, diff, code, table or html [auto]",
       .group = text},
      {.flag = "--lossless", .help = "Leave nothing out", .group = far},
      {.flag = "--budget",
       .value = "TOKENS|FRACTION",
       .help = "What an excerpt aims at: 2000, 0.3 or 30%; errors, what the query names and one line of each sort stay "
               "even beyond it",
       .group = far},
      {.flag = "--reads",
       .value = "HOW",
       .help = "What of a file read is kept: whole, or fold for folded bodies [HEADROOM_READS, whole]",
       .group = far},
      {.flag = "--model",
       .value = "MODEL",
       .help = "Whose tokens count: claude-sonnet-4-5, gpt-4.1 [gpt-5]",
       .group = far},
      {.flag = "--diff", .help = "Print what went and came instead, in colour on a terminal", .group = output},
      {.flag = "--json", .help = "Print the text and the figures as one line of JSON", .group = output},
      {.flag = "--stats", .help = "Print the figures on standard error", .group = output},
  };
}

}  // namespace

CompressOptions CompressOptionsFrom(const Given& given) {
  return {.file = given.Argument(0, "-"),
          .query = given.Text("--query"),
          .tool = given.Text("--tool"),
          .args = given.Text("--args"),
          .kind = given.Text("--kind"),
          .budget = given.Text("--budget"),
          .model = given.Text("--model"),
          .reads = given.Text("--reads"),
          .data_dir = given.Text("--data-dir"),
          .config = given.Text("--config"),
          .lossless = given.On("--lossless"),
          .stats = given.On("--stats"),
          .json = given.On("--json"),
          .diff = given.On("--diff")};
}

Command CompressCommand() {
  return {.name = "compress",
          .summary = "Shorten a file or standard input as the proxy shortens tool results",
          .usage = {"[OPTIONS] [FILE]"},
          .about =
              "Shortens FILE, or standard input, as the proxy shortens a tool result, and writes it to standard "
              "output. What is left out is marked where it was, and the original is kept in the data directory: "
              "headroom retrieve HASH gives it back.",
          .options = WithLocalOptions(OptionList(), "Where originals are kept"),
          .arguments = {{.name = "FILE", .noun = "file", .completion = Completion::kFile}},
          .exit_status =
              "0 done, also where nothing could be made shorter; 1 a file or the output failed; 2 an option "
              "cannot be read. NO_COLOR turns colours off.",
          .run = Run};
}

}  // namespace headroom::cli
