// One JSON document as spans of its bytes.
//
// simdjson's first stage finds every structural character with SIMD; Parse then
// walks that index once, checks the grammar and matches the brackets. Nothing
// is copied or converted: numbers, escapes, key order and duplicate keys stay
// what they are in the bytes.
//
//   {"model":"m","messages":[ ... ]}
//   ^root       ^Member.key ^Member.value.span
//
//   for (const Member& member : document.Members(document.root()))
//     if (document.TextIs(member.key, "messages")) ...
//
// Limits: documents under 4 GiB, kMaxDepth, kMaxStructurals. Invalid UTF-8 and raw
// control characters are an error. Thread-compatible; const calls may run in
// parallel.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace headroom::json {

inline constexpr size_t kMaxDepth = 512;
// Brackets, commas, colons and scalars together. A request of 100 MiB has some
// hundred thousand; a body of nothing else would cost ten times its size.
inline constexpr size_t kMaxStructurals = 8'000'000;

enum class Type : uint8_t { kObject, kArray, kString, kNumber, kBool, kNull };

// One value of a document: its type and where it stands, quotes and brackets
// included.
struct Token {
  Type type = Type::kNull;
  ByteSpan span;
  uint32_t index = 0;  // for Document: its place among the structural characters
};

struct Member {
  Token key;  // a string
  Token value;
};

class Document {
 public:
  Document();
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  // Indexes `body`, which must outlive the document and not move. A Document
  // can be reused; it keeps its buffers.
  // Errors: kInvalidArgument    not exactly one JSON value in UTF-8
  //         kResourceExhausted  nested deeper than kMaxDepth, or more than
  //                             kMaxStructurals
  // Cost: O(bytes), GB/s.
  Status Parse(const PaddedBytes& body);

  std::string_view body() const { return body_; }
  const Token& root() const { return root_; }

  // Members in document order, duplicates included. Requires an object of this
  // document. Cost: O(members); what is inside them is skipped.
  std::vector<Member> Members(const Token& object) const;
  // Requires an array of this document. Cost: O(elements).
  std::vector<Token> Elements(const Token& array) const;

  // The bytes of a token as they stand.
  std::string_view Raw(const Token& token) const { return token.span.of(body_); }
  // The inside of a string literal, still escaped. Requires kString.
  std::string_view Inside(const Token& string) const {
    return body_.substr(string.span.begin + 1, string.span.size() - 2);
  }
  // Decoded text of a string; nothing for any other token.
  std::optional<std::string> Text(const Token& string) const;
  // True for a string whose decoded text equals `text`.
  bool TextIs(const Token& token, std::string_view text) const;
  // The last member whose decoded key is `key` (what most parsers would take).
  std::optional<Token> Find(const Token& object, std::string_view key) const;

 private:
  struct Index;

  Token TokenAt(uint32_t index) const;

  std::unique_ptr<Index> index_;
  std::string_view body_;
  Token root_;
};

}  // namespace headroom::json
