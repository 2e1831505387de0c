#include "cli/compress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "cli/compress_report.h"
#include "cli/local_store.h"
#include "cli/progress.h"

namespace headroom::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsageError = 2;

int Fail(int exit_status, const std::string& sentence) {
  std::fprintf(stderr, "headroom: %s\n", sentence.c_str());
  return exit_status;
}

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

}  // namespace

int Compress(const CompressOptions& options, const Environment& environment) {
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
  const bool written = std::fwrite(out.data(), 1, out.size(), stdout) == out.size() && std::fflush(stdout) == 0;
  if (!written) return Fail(kFailed, std::string("standard output: ") + std::strerror(errno));
  if (options.stats) std::fputs(StatsText(report).c_str(), stderr);
  return 0;
}

}  // namespace headroom::cli
