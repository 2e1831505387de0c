#include "text/json_in_text.h"

#include <algorithm>

namespace headroom::text {
namespace {

constexpr size_t kScanEffort = 4;  // bytes looked at for closing brackets, per byte of text
constexpr std::string_view kSpace = " \t\r\n";

// The end of the bracketed value at `begin`, or nothing where it does not close.
std::optional<size_t> ClosingEnd(std::string_view text, size_t begin) {
  size_t depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i) {
          if (text[i] == '\\') ++i;
        }
        break;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return i + 1;
    }
  }
  return std::nullopt;
}

bool OnlySpace(std::string_view text) { return text.find_first_not_of(kSpace) == std::string_view::npos; }

}  // namespace

std::string_view TrimJson(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

std::optional<std::vector<ByteSpan>> FindDocuments(std::string_view text) {
  std::vector<ByteSpan> found;
  size_t effort = kScanEffort * text.size();
  size_t covered = 0;
  bool first_line = true;
  size_t at = 0;
  while (at < text.size()) {
    const size_t newline = std::min(text.find('\n', at), text.size());
    const size_t begin = text.find_first_not_of(" \t\r", at);
    at = newline + 1;
    if (begin >= newline) continue;
    const bool leads = first_line;
    first_line = false;
    if (!OpensDocument(text[begin])) continue;
    const std::optional<size_t> end = ClosingEnd(text, begin);
    const size_t looked_at = end.value_or(text.size()) - begin;
    if (!end.has_value() && leads) return std::nullopt;
    if (looked_at > effort) break;
    effort -= looked_at;
    if (!end.has_value()) continue;
    const size_t line_end = std::min(text.find('\n', *end), text.size());
    if (!OnlySpace(text.substr(*end, line_end - *end))) continue;
    if (found.size() == kMaxDocumentsInText) return std::nullopt;
    found.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(*end)});
    covered += found.back().size();
    at = line_end + 1;
  }
  if (covered * 2 < text.size()) return std::nullopt;
  return found;
}

size_t EndOfLines(std::string_view text, const std::vector<ByteSpan>& documents, size_t begin) {
  size_t end = begin + 1;
  while (end < documents.size() && text[documents[end - 1].begin] == '{' && text[documents[end].begin] == '{' &&
         OnlySpace(text.substr(documents[end - 1].end, documents[end].begin - documents[end - 1].end))) {
    ++end;
  }
  return end;
}

PaddedBytes JoinDocuments(std::string_view text, const std::vector<ByteSpan>& documents, size_t begin, size_t end) {
  PaddedBytes body;
  body.Reserve(documents[end - 1].end - documents[begin].begin + 2);
  body.Append("[");
  for (size_t i = begin; i < end; ++i) {
    body.Append(documents[i].of(text));
    body.Append(i + 1 < end ? "," : "]");
  }
  return body;
}

bool ParseJoined(const PaddedBytes& body, const std::vector<ByteSpan>& documents, size_t begin, size_t end,
                 json::Document& document) {
  if (!document.Parse(body).ok()) return false;
  const std::vector<json::Token> elements = document.Elements(document.root());
  if (elements.size() != end - begin) return false;
  for (size_t i = begin; i < end; ++i) {
    if (elements[i - begin].span.size() != documents[i].size()) return false;
  }
  return true;
}

}  // namespace headroom::text
