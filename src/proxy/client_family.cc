#include "proxy/client_family.h"

#include <algorithm>
#include <cctype>

#include "text/line_text.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxName = 32;

struct Family {
  std::string_view mark;  // in the header, lower case
  std::string_view name;
};

// Programs before the libraries that they are built on.
constexpr Family kFamilies[] = {
    {"claude-cli", "Claude Code"},
    {"claude-code", "Claude Code"},
    {"codex", "Codex"},
    {"cursor", "Cursor"},
    {"opencode", "OpenCode"},
    {"qwen", "Qwen Code"},
    {"aider", "Aider"},
    {"cline", "Cline"},
    {"roo-code", "Roo Code"},
    {"zed/", "Zed"},
    {"geminicli", "Gemini CLI"},
    {"langchain", "LangChain"},
    {"llama-index", "LlamaIndex"},
    {"litellm", "LiteLLM"},
    {"ai-sdk", "Vercel AI SDK"},
    {"ai/", "Vercel AI SDK"},
    {"openai/", "OpenAI SDK"},
    {"asyncopenai/", "OpenAI SDK"},
    {"anthropic/", "Anthropic SDK"},
    {"asyncanthropic/", "Anthropic SDK"},
    {"curl/", "curl"},
};

// "openai/" begins a product, not the middle of another's name.
bool Names(std::string_view agent, std::string_view mark) {
  for (size_t at = agent.find(mark); at != std::string_view::npos; at = agent.find(mark, at + 1)) {
    if (at == 0 || std::isalnum(static_cast<unsigned char>(agent[at - 1])) == 0) return true;
  }
  return false;
}

}  // namespace

std::string ClientFamily(std::string_view user_agent) {
  const std::string agent = text::LowerCase(user_agent.substr(0, 512));
  for (const Family& family : kFamilies) {
    if (Names(agent, family.mark)) return std::string(family.name);
  }
  std::string name;
  for (const char c : user_agent.substr(0, std::min(user_agent.find_first_of("/("), kMaxName))) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == ' ';
    if (plain) name.push_back(c);
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return name.empty() ? "unknown" : name;
}

}  // namespace headroom::proxy
