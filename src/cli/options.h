// The option table: one row per setting. The command line, the environment,
// the configuration file, the help text, docs/configuration.md and the origins
// of Config all follow from it.
//
//   key connect_timeout_ms  ->  --connect-timeout-ms MS
//                               HEADROOM_CONNECT_TIMEOUT_MS
//                               connect_timeout_ms = 10000    in the file
//   a switch: key optimize  ->  --optimize, --no-optimize
//                               HEADROOM_OPTIMIZE, HEADROOM_NO_OPTIMIZE
//
// Constant; thread-safe.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/config.h"

namespace headroom::cli {

enum class Kind { kText, kNumber, kSwitch, kList };

struct Option {
  std::string_view key = {};
  Kind kind = Kind::kText;
  std::string_view group = {};
  std::string_view value = {};  // what stands for the value in help: "PORT"; "" for a switch
  // One sentence without a full stop; of a switch what the value that is not
  // the default does.
  std::string_view help = {};
  // Reads a value. Errors: kInvalidArgument, see cli/values.h.
  Status (*set)(std::string_view text, Config& config) = nullptr;
  std::string (*print)(const Config& config) = nullptr;
  std::string_view default_text = {};  // where print(Config()) would mislead
  std::string_view other_env = {};     // an established name besides HEADROOM_...
  std::string_view other_flag = {};    // likewise of the command line
  char short_flag = 0;
  bool in_file = true;
  bool secret = false;  // never printed; "@FILE" stands for what is in a file (cli/secrets.h)
  // Of a secret: what print hides, to be compared only.
  std::string (*reveal)(const Config& config) = nullptr;
  bool reloads = false;    // a running proxy takes a new value over (cli/reload.h)
  bool has_effect = true;  // false: accepted, and said to have no effect
};

// A value given for an option, before it is read.
struct Assignment {
  const Option* option = nullptr;
  std::string text;
  std::string where;  // ValueOrigin::where
};

std::span<const Option> Options();
// Null when there is none.
const Option* FindOption(std::string_view key);

// "--connect-timeout-ms"; of a switch the spelling that turns it on or off.
std::string Flag(const Option& option, bool on = true);
// "HEADROOM_CONNECT_TIMEOUT_MS"; of a switch the name whose true turns it on or off.
std::string EnvironmentName(const Option& option, bool on = true);
// True for a switch that is on by default.
bool OnByDefault(const Option& option);
// The default as help and the reference show it; "none" when empty.
std::string DefaultText(const Option& option);

}  // namespace headroom::cli
