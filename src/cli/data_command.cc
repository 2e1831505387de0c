#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

#include "base/clock.h"
#include "base/hash.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/values.h"
#include "store/inventory.h"

namespace headroom::cli {
namespace {

constexpr int kNothingKept = 3;

std::string Day(int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

std::string HexOf(const store::TenantId& tenant) {
  const auto bytes = tenant.Bytes();
  return Hex({bytes.data(), bytes.size()});
}

Result<store::TenantId> ParseTenantDigest(const std::string& text) {
  const Status bad(Code::kInvalidArgument,
                   "'" + text + "' is not a tenant: 32 hexadecimal digits, as list prints them");
  if (text.size() != 32) return bad;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    uint8_t byte = 0;
    const char* const end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return bad;
    bytes.push_back(static_cast<char>(byte));
  }
  return store::TenantId::FromBytes(bytes);
}

// "30d", "12h", "15m" in seconds.
Result<int64_t> ParseAge(const std::string& text) {
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  const bool number = error == std::errc() && count >= 0 && count <= 100'000 && end - unit == 1;
  if (number && *unit == 'd') return count * 86'400;
  if (number && *unit == 'h') return count * 3'600;
  if (number && *unit == 'm') return count * 60;
  return Status(Code::kInvalidArgument, "'" + text + "' is not an age such as 30d, 12h or 15m");
}

int FailOf(const Status& status) {
  return Fail(status.code() == Code::kNotFound ? kNothingKept : kFailed, status.detail());
}

int List(const std::string& data_dir) {
  const Result<std::vector<store::DataSum>> sums = store::ListData(data_dir);
  if (!sums.ok()) return FailOf(sums.status());
  std::string out = fmt::format("{:<32}  {:<20}  {:>9}  {:>9}  {:>12}  {:<10}  {}\n", "TENANT", "PROJECT", "DECISIONS",
                                "ORIGINALS", "BYTES", "FIRST USED", "LAST USED");
  for (const store::DataSum& sum : *sums) {
    out += fmt::format("{:<32}  {:<20}  {:>9}  {:>9}  {:>12}  {:<10}  {}\n", HexOf(sum.tenant),
                       sum.project.empty() ? "-" : sum.project, sum.decisions, sum.originals, sum.original_bytes,
                       Day(sum.first_used), Day(sum.last_used));
  }
  return Print(out);
}

Result<store::DataFilter> FilterOf(const Given& given) {
  store::DataFilter filter;
  if (const auto tenant = given.Text("--tenant"); tenant.has_value()) {
    const Result<store::TenantId> read = ParseTenantDigest(*tenant);
    if (!read.ok()) return read.status();
    filter.tenant = *read;
  }
  if (const auto project = given.Text("--project"); project.has_value()) {
    const Result<std::string> read = ParseLabel(*project == "-" ? "" : *project);
    if (!read.ok()) return read.status();
    filter.project = *read;
  }
  if (const auto older = given.Text("--older"); older.has_value()) {
    const Result<int64_t> age = ParseAge(*older);
    if (!age.ok()) return age.status();
    filter.unused_since = Clock::System().UnixMillis() / 1000 - *age;
  }
  const bool any = filter.tenant.has_value() || filter.project.has_value() || filter.unused_since.has_value();
  if (any == given.On("--all")) {
    return Status(Code::kInvalidArgument, "purge takes --all, or what to remove: --tenant, --project, --older");
  }
  return filter;
}

int Purge(const Given& given, const std::string& data_dir) {
  const Result<store::DataFilter> filter = FilterOf(given);
  if (!filter.ok()) return FailUsage(filter.status().detail(), "data");
  const Result<store::Purged> purged = store::PurgeData(data_dir, *filter);
  if (!purged.ok()) return FailOf(purged.status());
  return Print(fmt::format("{} decisions and {} originals removed\n", purged->decisions, purged->originals));
}

int Run(const Given& given, const Environment& environment) {
  const Result<Config> config = LoadLocal(given, environment);
  if (!config.ok()) return Fail(kUsageError, config.status().detail());
  if (config->data_dir.empty()) return Fail(kNothingKept, "nothing is kept: no_store is set");
  return given.Argument(0) == "list" ? List(config->data_dir) : Purge(given, config->data_dir);
}

}  // namespace

Command DataCommand() {
  return {.name = "data",
          .summary = "Show or remove what is kept, by tenant, project and age",
          .usage = {"list [OPTIONS]", "purge [OPTIONS]"},
          .about =
              "list prints what the data directory holds of each tenant (the digest of a credential) and project. "
              "purge removes the rows that match all that is given and overwrites their bytes. Proxies may be "
              "running; what one of them used lately stays in its memory until it ends, and a conversation that "
              "goes on without its decisions pays the provider's cache once more.",
          .options = WithLocalOptions(
              {{.flag = "--tenant", .value = "DIGEST", .help = "purge: of this tenant, as list prints it"},
               {.flag = "--project", .value = "LABEL", .help = "purge: with this label; - for none"},
               {.flag = "--older", .value = "AGE", .help = "purge: not used for so long: 30d, 12h, 15m"},
               {.flag = "--all", .help = "purge: everything"}},
              "Whose data"),
          .arguments = {{.name = "ACTION", .noun = "action", .required = true, .words = {"list", "purge"}}},
          .exit_status =
              "0 done; 1 the data directory or the output failed; 2 an option cannot be read; "
              "3 nothing is kept.",
          .run = Run};
}

}  // namespace headroom::cli
