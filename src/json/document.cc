#include "json/document.h"

#include <simdjson.h>

#include <utility>

#include "json/strings.h"

namespace headroom::json {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 section 6.
bool IsNumber(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool leading_zero = at < text.size() && text[at] == '0';
  const size_t integer = at;
  if (!digits() || (leading_zero && at - integer > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

Type TypeOf(char first) {
  switch (first) {
    case '{':
      return Type::kObject;
    case '[':
      return Type::kArray;
    case '"':
      return Type::kString;
    case 't':
    case 'f':
      return Type::kBool;
    case 'n':
      return Type::kNull;
    default:
      return Type::kNumber;
  }
}

bool IsScalar(Type type, std::string_view text) {
  switch (type) {
    case Type::kString:
      return text.size() >= 2 && text.back() == '"' && HasValidEscapes(text.substr(1, text.size() - 2));
    case Type::kBool:
      return text == "true" || text == "false";
    case Type::kNull:
      return text == "null";
    case Type::kNumber:
      return IsNumber(text);
    default:
      return false;
  }
}

// What the grammar allows next.
enum class Next { kValue, kValueOrEnd, kKey, kKeyOrEnd, kColon, kCommaOrEnd, kNothing };

}  // namespace

struct Document::Index {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  size_t capacity = 0;
  std::vector<uint32_t> close;  // for an opening bracket: the index of its closing one

  uint32_t size() const { return parser->n_structural_indexes; }
  uint32_t position(uint32_t index) const { return parser->structural_indexes[index]; }

  Status Find(const PaddedBytes& body);
  Status Match(std::string_view body);
  // Scalars reach up to the white space before the next structural character.
  ByteSpan ScalarAt(std::string_view body, uint32_t index) const {
    uint32_t end = index + 1 < size() ? position(index + 1) : static_cast<uint32_t>(body.size());
    while (IsSpace(body[end - 1])) --end;
    return {position(index), end};
  }
};

Status Document::Index::Find(const PaddedBytes& body) {
  if (body.size() >= UINT32_MAX - PaddedBytes::kPadding) return Status(Code::kResourceExhausted, "document too large");
  if (parser == nullptr || capacity < body.size()) {
    const size_t wanted = body.size() < 4096 ? 4096 : body.size();
    const auto error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, kMaxDepth, parser);
    if (error != simdjson::SUCCESS) return Status(Code::kResourceExhausted, simdjson::error_message(error));
    capacity = wanted;
  }
  const auto error =
      parser->stage1(reinterpret_cast<const uint8_t*>(body.view().data()), body.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return Status(Code::kInvalidArgument, simdjson::error_message(error));
  if (size() > kMaxStructurals) return Status(Code::kResourceExhausted, "too many values");
  return Status();
}

// Walks the structural characters once: grammar, scalars, brackets.
Status Document::Index::Match(std::string_view body) {
  const Status malformed(Code::kInvalidArgument, "malformed JSON");
  close.assign(size(), 0);
  std::vector<uint32_t> open;
  Next next = Next::kValue;
  const auto after_value = [&] { return open.empty() ? Next::kNothing : Next::kCommaOrEnd; };
  for (uint32_t i = 0; i < size(); ++i) {
    const char c = body[position(i)];
    const bool value_fits = next == Next::kValue || next == Next::kValueOrEnd;
    switch (c) {
      case '{':
      case '[':
        if (!value_fits) return malformed;
        if (open.size() == kMaxDepth) return Status(Code::kResourceExhausted, "JSON nested too deeply");
        open.push_back(i);
        next = c == '{' ? Next::kKeyOrEnd : Next::kValueOrEnd;
        break;
      case '}':
      case ']': {
        const bool ends = next == Next::kCommaOrEnd || next == (c == '}' ? Next::kKeyOrEnd : Next::kValueOrEnd);
        if (!ends || open.empty() || body[position(open.back())] != (c == '}' ? '{' : '[')) return malformed;
        close[open.back()] = i;
        open.pop_back();
        next = after_value();
        break;
      }
      case ',':
        if (next != Next::kCommaOrEnd) return malformed;
        next = body[position(open.back())] == '{' ? Next::kKey : Next::kValue;
        break;
      case ':':
        if (next != Next::kColon) return malformed;
        next = Next::kValue;
        break;
      default: {
        const bool key = next == Next::kKey || next == Next::kKeyOrEnd;
        if (!key && !value_fits) return malformed;
        if (key && c != '"') return malformed;
        if (!IsScalar(TypeOf(c), ScalarAt(body, i).of(body))) return malformed;
        next = key ? Next::kColon : after_value();
      }
    }
  }
  return next == Next::kNothing ? Status() : malformed;
}

Document::Document() : index_(std::make_unique<Index>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Status Document::Parse(const PaddedBytes& body) {
  body_ = body.view();
  if (body_.empty()) return Status(Code::kInvalidArgument, "empty document");
  if (Status status = index_->Find(body); !status.ok()) return status;
  if (Status status = index_->Match(body_); !status.ok()) return status;
  root_ = TokenAt(0);
  return Status();
}

Token Document::TokenAt(uint32_t index) const {
  const uint32_t begin = index_->position(index);
  const Type type = TypeOf(body_[begin]);
  if (type == Type::kObject || type == Type::kArray) {
    return {type, {begin, index_->position(index_->close[index]) + 1}, index};
  }
  return {type, index_->ScalarAt(body_, index), index};
}

std::vector<Member> Document::Members(const Token& object) const {
  std::vector<Member> members;
  const uint32_t end = index_->close[object.index];
  // Each round stands on a key; a comma or the closing brace follows the value.
  for (uint32_t i = object.index + 1; i < end;) {
    const Token value = TokenAt(i + 2);
    members.push_back({TokenAt(i), value});
    const bool container = value.type == Type::kObject || value.type == Type::kArray;
    i = (container ? index_->close[value.index] : value.index) + 2;
  }
  return members;
}

std::vector<Token> Document::Elements(const Token& array) const {
  std::vector<Token> elements;
  const uint32_t end = index_->close[array.index];
  for (uint32_t i = array.index + 1; i < end;) {
    const Token value = TokenAt(i);
    elements.push_back(value);
    const bool container = value.type == Type::kObject || value.type == Type::kArray;
    i = (container ? index_->close[value.index] : value.index) + 2;
  }
  return elements;
}

std::optional<std::string> Document::Text(const Token& string) const {
  if (string.type != Type::kString) return std::nullopt;
  return Unescape(Inside(string));
}

bool Document::TextIs(const Token& token, std::string_view text) const {
  if (token.type != Type::kString) return false;
  const std::string_view inside = Inside(token);
  if (IsPlain(inside)) return inside == text;
  const std::optional<std::string> decoded = Unescape(inside);
  return decoded.has_value() && *decoded == text;
}

std::optional<Token> Document::Find(const Token& object, std::string_view key) const {
  std::optional<Token> found;
  for (const Member& member : Members(object)) {
    if (TextIs(member.key, key)) found = member.value;
  }
  return found;
}

}  // namespace headroom::json
