// Where JSON documents stand in a text.
//
//   HTTP/1.1 200 OK\n\n{"items":...}     one document from the third line on
//   {"id":1}\n{"id":2}\n                 two, which make lines of one table
//
// A document begins a line and ends one. Brackets inside strings do not count.
// Thread-safe.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"

namespace headroom::text {

inline constexpr size_t kMaxJsonBytes = 16 << 20;
inline constexpr size_t kMaxDocumentsInText = 100'000;

// Without white space at both ends, line ends included.
std::string_view TrimJson(std::string_view text);

constexpr bool OpensDocument(char c) { return c == '{' || c == '['; }

// Bracketed values that fill their lines; they need not be valid JSON. Nothing when
// the text begins with one that never closes (a document cut off), when they make up
// less than half of the text (a sample in a page of prose), or when there are too many.
// Requires a text under 4 GiB. Cost: O(bytes).
std::optional<std::vector<ByteSpan>> FindDocuments(std::string_view text);

// The end of the run of objects that begins with document `begin` and has nothing
// but white space in between.
size_t EndOfLines(std::string_view text, const std::vector<ByteSpan>& documents, size_t begin);

// Documents [begin, end) as the elements of one array, so that they are indexed in one go.
PaddedBytes JoinDocuments(std::string_view text, const std::vector<ByteSpan>& documents, size_t begin, size_t end);

// Parses them; false unless each is exactly one element: "[1" and "2]" are no two documents.
bool ParseJoined(const PaddedBytes& body, const std::vector<ByteSpan>& documents, size_t begin, size_t end,
                 json::Document& document);

}  // namespace headroom::text
