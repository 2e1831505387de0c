#include "proxy/overflow.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>

#include "base/bytes.h"
#include "json/document.h"

namespace headroom::proxy {
namespace {

using json::Document;
using json::Token;
using json::Type;

// What identifies a refusal, in lower case.
constexpr std::string_view kCodes[] = {"context_length_exceeded", "string_above_max_length",
                                       "model_max_prompt_tokens_exceeded"};
constexpr std::string_view kSentences[] = {"prompt is too long",
                                           "exceed context limit",
                                           "maximum context length",
                                           "maximum prompt length",
                                           "input tokens exceed the configured limit",
                                           "exceeds the context window",
                                           "exceeds the maximum number of tokens allowed",
                                           "input is too long for requested model",
                                           "input length exceeds the context length",
                                           "context_length_exceeded"};

// Where the figures stand: the first that is there counts.
constexpr std::string_view kBeforePrompt[] = {"prompt is too long: ",  "exceed context limit: ", "input token count ",
                                              "messages resulted in ", "request has ",           "request contains ",
                                              "prompt contains ",      "requested about ",       "requested "};
constexpr std::string_view kBeforeLimit[] = {
    " > ",        "maximum context length is ", "maximum prompt length is ", "configured limit of ", "tokens allowed ",
    "model with "};
constexpr std::string_view kBehindOutput[] = {" in the completion", " for the completion", " in the output",
                                              " output tokens"};

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

std::optional<uint64_t> Plausible(uint64_t tokens, uint64_t least = Overflow::kLeastTokens) {
  return tokens >= least && tokens <= Overflow::kMostTokens ? std::optional(tokens) : std::nullopt;
}

// The number at the beginning of `text`, perhaps in brackets, perhaps "1,048,576".
std::optional<uint64_t> LeadingNumber(std::string_view text) {
  if (text.starts_with('(')) text.remove_prefix(1);
  uint64_t number = 0;
  size_t digits = 0;
  for (const char c : text) {
    if (c == ',' && digits > 0) continue;
    if (!IsDigit(c)) break;
    if (++digits > 12) return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return digits > 0 ? std::optional(number) : std::nullopt;
}

std::optional<uint64_t> NumberBehind(std::string_view text, std::string_view phrase) {
  const size_t at = text.find(phrase);
  return at == std::string_view::npos ? std::nullopt : LeadingNumber(text.substr(at + phrase.size()));
}

std::optional<uint64_t> NumberBefore(std::string_view text, std::string_view phrase) {
  size_t at = text.find(phrase);
  if (at == std::string_view::npos) return std::nullopt;
  while (at > 0 && IsDigit(text[at - 1])) --at;
  return LeadingNumber(text.substr(at));
}

template <size_t kPhrases>
std::optional<uint64_t> FirstBehind(std::string_view text, const std::string_view (&phrases)[kPhrases]) {
  for (const std::string_view phrase : phrases) {
    if (const std::optional<uint64_t> number = NumberBehind(text, phrase)) return number;
  }
  return std::nullopt;
}

// What is added for the output: "188240 + 21333 > 200000", "(5000 in the
// messages, 4000 in the completion)".
std::optional<uint64_t> AddedOutput(std::string_view text) {
  if (text.find("exceed context limit") != std::string_view::npos) return NumberBehind(text, " + ");
  for (const std::string_view phrase : kBehindOutput) {
    if (const std::optional<uint64_t> number = NumberBefore(text, phrase)) return number;
  }
  return std::nullopt;
}

// Whether the figure behind "requested" is the sum of prompt and output.
bool CountsBoth(std::string_view text) {
  return text.find("requested ") != std::string_view::npos && text.find("resulted in ") == std::string_view::npos;
}

Overflow ReadFigures(std::string_view text) {
  Overflow overflow;
  if (const auto limit = FirstBehind(text, kBeforeLimit)) overflow.limit = Plausible(*limit);
  if (const auto output = AddedOutput(text)) overflow.output_tokens = Plausible(*output, 1);
  std::optional<uint64_t> prompt = FirstBehind(text, kBeforePrompt);
  if (prompt && overflow.output_tokens && CountsBoth(text)) {
    prompt = *prompt - std::min(*prompt, *overflow.output_tokens);
  }
  if (prompt) overflow.prompt_tokens = Plausible(*prompt);
  return overflow;
}

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

struct Error {
  std::string message;  // in lower case
  std::string code;     // likewise, of "code", "type" and "status"
};

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Error ReadError(const Document& document, Token token) {
  // The error itself may be wrapped: [{"error":...}], {"response":{"error":...}}.
  if (token.type == Type::kArray) {
    const std::vector<Token> elements = document.Elements(token);
    if (elements.empty()) return {};
    token = elements.front();
  }
  for (const std::string_view key : {"response", "error"}) {
    if (token.type != Type::kObject) break;
    const std::optional<Token> inner = document.Find(token, key);
    if (inner && inner->type != Type::kNull) token = *inner;
  }
  Error error;
  if (const std::optional<std::string> text = document.Text(token)) error.message = Lower(*text);
  if (token.type != Type::kObject) return error;
  for (const std::string_view key : {"message", "Message", "detail"}) {
    const std::optional<Token> message = document.Find(token, key);
    if (message && error.message.empty()) error.message = Lower(document.Text(*message).value_or(""));
  }
  for (const std::string_view key : {"code", "type", "status"}) {
    const std::optional<Token> code = document.Find(token, key);
    if (code) error.code.append(Lower(document.Text(*code).value_or(""))).push_back(' ');
  }
  return error;
}

}  // namespace

std::optional<uint64_t> Overflow::prompt_limit() const {
  if (!limit) return std::nullopt;
  const uint64_t output = output_tokens.value_or(0);
  return output < *limit ? *limit - output : 1;
}

std::optional<Overflow> ReadOverflow(int http_status, std::string_view body) {
  if (http_status != 400 && http_status != 413 && http_status != 422) return std::nullopt;
  if (body.size() > kMaxOverflowBytes) return std::nullopt;
  Error error;
  const PaddedBytes bytes(body);
  Document document;
  if (document.Parse(bytes).ok()) {
    error = ReadError(document, document.root());
  } else {
    error.message = Lower(std::string(body));
  }
  const auto in_code = [&](std::string_view code) { return Contains(error.code, code); };
  const auto in_message = [&](std::string_view sentence) { return Contains(error.message, sentence); };
  const bool too_many_bytes = in_code("request_too_large") || (http_status == 413 && error.message.empty());
  if (std::any_of(std::begin(kSentences), std::end(kSentences), in_message) ||
      std::any_of(std::begin(kCodes), std::end(kCodes), in_code)) {
    return ReadFigures(error.message);
  }
  if (!too_many_bytes) return std::nullopt;
  Overflow overflow;
  overflow.bytes = true;
  return overflow;
}

}  // namespace headroom::proxy
