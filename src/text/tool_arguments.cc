#include "text/tool_arguments.h"

#include <optional>

#include "json/strings.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxValues = 1024;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Argument> ReadObject() {
    std::vector<Argument> arguments;
    ++at_;  // '{'
    while (arguments.size() < kMaxValues) {
      SkipBlanks();
      if (Peek() == ',') {
        ++at_;
        continue;
      }
      std::optional<std::string> name = String();
      if (!name) break;
      SkipBlanks();
      if (Peek() != ':') break;
      ++at_;
      SkipBlanks();
      Argument argument{std::move(*name), {}, Peek() == '['};
      ReadValue(&argument);
      if (!argument.values.empty()) arguments.push_back(std::move(argument));
    }
    return arguments;
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipBlanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  // A literal's decoded text; moves past it. A cut-off literal gives what is there.
  std::optional<std::string> String() {
    if (Peek() != '"') return std::nullopt;
    const size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const size_t end = at_ < text_.size() ? at_ : text_.size();
    at_ = end < text_.size() ? end + 1 : end;
    return json::Unescape(text_.substr(begin, end - begin));
  }

  void ReadValue(Argument* argument) {
    if (Peek() == '"') {
      if (std::optional<std::string> value = String()) argument->values.push_back(std::move(*value));
      return;
    }
    // Strings of the list itself are kept; nested values are passed over.
    size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        std::optional<std::string> value = String();
        if (value && depth == 1 && argument->is_list && argument->values.size() < kMaxValues) {
          argument->values.push_back(std::move(*value));
        }
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}')) return;
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      ++at_;
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Argument> ReadArguments(std::string_view arguments) {
  arguments = arguments.substr(0, kMaxArgumentBytes);
  const size_t first = arguments.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (arguments[first] == '{') return Reader(arguments.substr(first)).ReadObject();
  return {Argument{"", {std::string(arguments)}, false}};
}

}  // namespace headroom::text
