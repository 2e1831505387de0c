#include "cli/client_config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <vector>

#include "json/document.h"
#include "json/edits.h"
#include "json/strings.h"

namespace headroom::cli {
namespace {

Status Wrong(std::string why) { return {Code::kInvalidArgument, std::move(why)}; }

// A file below the user's home, or below the folder that `variable` names.
std::string Below(const Environment& environment, const char* variable, std::string_view home_folder,
                  std::string_view file) {
  const std::string folder = variable == nullptr ? "" : environment(variable).value_or("");
  if (!folder.empty()) return folder + "/" + std::string(file);
  const std::string home = environment("HOME").value_or("");
  return home.empty() ? "" : home + "/" + std::string(home_folder) + "/" + std::string(file);
}

std::string ClaudePath(const Environment& environment) {
  return Below(environment, "CLAUDE_CONFIG_DIR", ".claude", "settings.json");
}
std::string CodexPath(const Environment& environment) {
  return Below(environment, "CODEX_HOME", ".codex", "config.toml");
}
std::string OpencodePath(const Environment& environment) {
  return Below(environment, "XDG_CONFIG_HOME", ".config", "opencode/opencode.json");
}
std::string QwenPath(const Environment& environment) { return Below(environment, nullptr, ".qwen", ".env"); }

Result<std::string> EditClaude(const std::string& text, const std::string& url) {
  return SetInJson(text, {"env", "ANTHROPIC_BASE_URL"}, url);
}

Result<std::string> EditCodex(const std::string& text, const std::string& url) {
  return SetCodexProvider(text, url + "/v1");
}

Result<std::string> EditOpencode(const std::string& text, const std::string& url) {
  Result<std::string> one = SetInJson(text, {"provider", "anthropic", "options", "baseURL"}, url + "/v1");
  return one.ok() ? SetInJson(*one, {"provider", "openai", "options", "baseURL"}, url + "/v1") : std::move(one);
}

Result<std::string> EditQwen(const std::string& text, const std::string& url) {
  return SetVariable(text, "OPENAI_BASE_URL", url + "/v1");
}

const std::vector<Client>& All() {
  static const std::vector<Client> clients = {
      {"claude", "Claude Code", ClaudePath, EditClaude, "Sessions that run already keep the address they have."},
      {"codex", "Codex", CodexPath, EditCodex,
       "For API keys (codex login --with-api-key); profiles that name a model_provider of their own keep it."},
      {"cursor", "Cursor", nullptr, nullptr,
       "Cursor keeps its settings where no program should write them. In Cursor: Settings, Models, API Keys: turn on "
       "\"Override OpenAI Base URL\" and put in {url}/v1. Cursor's own servers send the requests, so they have to "
       "reach "
       "that address: give the proxy a public one, with TLS and a token (docs/security.md)."},
      {"opencode", "opencode", OpencodePath, EditOpencode, "Anthropic and OpenAI; other providers stay as they are."},
      {"qwen", "Qwen Code", QwenPath, EditQwen,
       "The proxy sends its requests on to openai_api_url: set that to the provider of your key."},
  };
  return clients;
}

std::string Blanks(std::string_view json, size_t position) {
  const size_t line = json.rfind('\n', position);
  if (line == std::string_view::npos) return "";
  const std::string_view before = json.substr(line + 1, position - line - 1);
  return before.find_first_not_of(" \t") == std::string_view::npos ? "\n" + std::string(before) : "";
}

// A member behind the last one, on a line of its own where that one has one.
Status AddMember(const json::Document& document, const json::Token& object, const std::string& member,
                 json::EditList& edits) {
  const std::vector<json::Member> members = document.Members(object);
  if (members.empty()) return edits.Replace(object.span, "{\n  " + member + "\n}");
  const uint32_t end = members.back().value.span.end;
  const std::string blanks = Blanks(document.body(), members.back().key.span.begin);
  return edits.Replace({end, end}, "," + (blanks.empty() ? " " : blanks) + member);
}

// The lines of a text, each with its end.
std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    lines.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return lines;
}

std::string Trimmed(const std::string& line) {
  const size_t begin = line.find_first_not_of(" \t");
  const size_t end = line.find_last_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
}

// The line sets `key`: "key = ...".
bool Sets(const std::string& line, std::string_view key) {
  const std::string trimmed = Trimmed(line);
  if (!trimmed.starts_with(key)) return false;
  const size_t next = trimmed.find_first_not_of(" \t", key.size());
  return next != std::string::npos && trimmed[next] == '=';
}

// Sets `key` between the lines `begin` and the next table.
void SetLine(std::vector<std::string>& lines, size_t begin, const std::string& key, const std::string& value) {
  const std::string line = key + " = " + json::Quote(value) + "\n";
  for (size_t i = begin; i < lines.size() && !Trimmed(lines[i]).starts_with('['); ++i) {
    if (!Sets(lines[i], key)) continue;
    lines[i] = line;
    return;
  }
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(begin), line);
}

// What a TOML reader makes of both settings.
Status CheckCodex(const std::string& toml, const std::string& base_url) {
  try {
    const toml::table table = toml::parse(toml);
    const bool right = table["model_provider"].value_or(std::string()) == "headroom" &&
                       table["model_providers"]["headroom"]["base_url"].value_or(std::string()) == base_url;
    return right ? Status() : Wrong("has another form than this program can change");
  } catch (const toml::parse_error& error) {
    return Wrong("is no TOML: line " + std::to_string(error.source().begin.line) + ": " +
                 std::string(error.description()));
  }
}

}  // namespace

std::span<const Client> Clients() { return All(); }

const Client* FindClient(std::string_view name) {
  const auto found = std::find_if(All().begin(), All().end(), [&](const Client& one) { return one.name == name; });
  return found == All().end() ? nullptr : &*found;
}

Result<std::string> SetInJson(const std::string& json, const std::vector<std::string>& path, const std::string& value) {
  const bool blank = json.find_first_not_of(" \t\r\n") == std::string::npos;
  const PaddedBytes body(blank ? "{}\n" : json);
  json::Document document;
  if (!document.Parse(body).ok() || document.root().type != json::Type::kObject) {
    return Wrong("is no JSON object (comments cannot be read)");
  }
  json::EditList edits(static_cast<uint32_t>(body.size()));
  json::Token object = document.root();
  for (size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    const std::optional<json::Token> found = document.Find(object, path[i]);
    if (!found) {
      std::string member = json::Quote(value);
      for (size_t k = path.size() - 1; k > i; --k) {
        member.insert(0, "{" + json::Quote(path[k]) + ": ");
        member += "}";
      }
      const Status added = AddMember(document, object, json::Quote(path[i]) + ": " + member, edits);
      if (!added.ok()) return added;
      break;
    }
    if (!last && found->type != json::Type::kObject) return Wrong("has a " + path[i] + " that is no object");
    object = *found;
    if (!last || document.TextIs(*found, value)) continue;
    if (const Status replaced = edits.Replace(found->span, json::Quote(value)); !replaced.ok()) return replaced;
  }
  return edits.empty() ? json : edits.Splice(body.view());
}

Result<std::string> SetCodexProvider(const std::string& toml, const std::string& base_url) {
  if (CheckCodex(toml, base_url).ok()) return toml;
  std::vector<std::string> lines = Lines(toml);
  if (!lines.empty() && !lines.back().ends_with('\n')) lines.back() += "\n";
  const auto table = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
    return Trimmed(line) == "[model_providers.headroom]";
  });
  if (table == lines.end()) {
    lines.push_back((lines.empty() ? "" : "\n") + std::string("[model_providers.headroom]\n"));
    for (const std::string& line :
         {std::string("name = \"OpenAI through headroom\"\n"), "base_url = " + json::Quote(base_url) + "\n",
          std::string("wire_api = \"responses\"\n"), std::string("requires_openai_auth = true\n")}) {
      lines.push_back(line);
    }
  } else {
    SetLine(lines, static_cast<size_t>(table - lines.begin()) + 1, "base_url", base_url);
  }
  SetLine(lines, 0, "model_provider", "headroom");
  std::string out;
  for (const std::string& line : lines) out += line;
  if (Status status = CheckCodex(out, base_url); !status.ok()) return status;
  return out;
}

std::string SetVariable(const std::string& text, const std::string& name, const std::string& value) {
  const std::string wanted = name + "=" + value;
  std::vector<std::string> lines = Lines(text);
  std::string out;
  bool set = false;
  for (const std::string& line : lines) {
    const std::string trimmed = Trimmed(line);
    const bool same = trimmed.starts_with(name + "=") || trimmed.starts_with("export " + name + "=");
    out += !same || trimmed == wanted ? line : wanted + "\n";
    set |= same;
  }
  if (set) return out;
  if (!out.empty() && !out.ends_with('\n')) out += "\n";
  return out + wanted + "\n";
}

}  // namespace headroom::cli
