// The configuration files of clients, and the change that makes each send its
// requests to a proxy. Only the bytes of that change differ; everything else of a
// file stays as its user wrote it. Thread-safe.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/load.h"

namespace headroom::cli {

struct Client {
  std::string_view name;   // as `headroom setup` takes it: "claude"
  std::string_view title;  // "Claude Code"
  // Where its configuration is; "" where HOME is needed and not set. Null for a client whose
  // settings a program cannot write.
  std::string (*path)(const Environment& environment);
  // `text` with requests going to `url` ("http://127.0.0.1:8787"); the same text where they do already.
  // "" is the text of a file that is not there.
  // Errors: kInvalidArgument with the end of a sentence about the file.
  Result<std::string> (*edit)(const std::string& text, const std::string& url);
  // What there is to know or to do by hand; {url} stands for the address.
  std::string_view note;
};

std::span<const Client> Clients();
// Null when there is none.
const Client* FindClient(std::string_view name);

// `json` with the string `value` at `path` ("env", "ANTHROPIC_BASE_URL"); objects that are not there are made.
// Errors: kInvalidArgument: no JSON object, or something else on the way.
Result<std::string> SetInJson(const std::string& json, const std::vector<std::string>& path, const std::string& value);

// `toml` with model_provider = "headroom" and a table of that provider. Errors: kInvalidArgument.
Result<std::string> SetCodexProvider(const std::string& toml, const std::string& base_url);

// `text` with the line NAME=value, in the place of one that sets NAME.
std::string SetVariable(const std::string& text, const std::string& name, const std::string& value);

}  // namespace headroom::cli
