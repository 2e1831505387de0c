// JSON tool results, lossless: CompressJson finds the documents in a text and
// leaves every other byte as it is.
//
//   one document          [{"id":1},...]                    written by JsonWriter
//   JSON Lines            {"id":1}\n{"id":2}\n...           one table
//   documents in text     HTTP/1.1 200 OK\n\n{"items":...}  the text stays, byte for byte
//
// A document in text begins a line and ends one, and the documents make up at
// least half of the text: a JSON sample in a page of prose is left alone.
// Brackets inside strings do not count, and what looks like a document but is
// not valid JSON is text.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"
#include "text/compressor.h"
#include "text/json_document.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr size_t kMaxDocuments = 100'000;
constexpr size_t kScanEffort = 4;  // bytes looked at for closing brackets, per byte of text
constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

bool OpensDocument(char c) { return c == '{' || c == '['; }

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

// Where bracketed values stand that fill their lines. Nothing when the text
// begins with one that never closes: that is a document cut off.
std::optional<std::vector<ByteSpan>> FindDocuments(std::string_view text) {
  std::vector<ByteSpan> found;
  size_t effort = kScanEffort * text.size();
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
    if (found.size() == kMaxDocuments) return std::nullopt;
    found.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(*end)});
    at = line_end + 1;
  }
  return found;
}

class TextCompressor {
 public:
  TextCompressor(std::string_view text, const Expired& expired) : text_(text), expired_(expired) {}

  std::optional<Rendition> Whole() {
    const PaddedBytes body(text_);
    if (!document_.Parse(body).ok() || !IsContainer(document_.root())) return std::nullopt;
    JsonWriter writer(document_, expired_);
    if (!writer.Write(out_)) return std::nullopt;
    return Finish(writer.made_table() ? "json_table" : "json_minified");
  }

  std::optional<Rendition> Parts() {
    const std::optional<std::vector<ByteSpan>> documents = FindDocuments(text_);
    if (!documents.has_value()) return std::nullopt;
    size_t covered = 0;
    for (const ByteSpan& span : *documents) covered += span.size();
    if (covered * 2 < text_.size()) return std::nullopt;
    for (size_t i = 0; i < documents->size();) {
      size_t end = i + 1;
      while (end < documents->size() && Adjacent((*documents)[end - 1], (*documents)[end])) ++end;
      if (!Lines(*documents, i, end)) return std::nullopt;
      i = end;
    }
    out_.append(text_, copied_);
    return Finish(made_table_ ? "json_lines" : "json_minified");
  }

 private:
  static bool IsContainer(const json::Token& token) {
    return token.type == json::Type::kObject || token.type == json::Type::kArray;
  }

  bool Adjacent(const ByteSpan& left, const ByteSpan& right) const {
    return text_[left.begin] == '{' && text_[right.begin] == '{' &&
           OnlySpace(text_.substr(left.end, right.begin - left.end));
  }

  // Writes documents [begin, end), which stand in a row; false when late.
  bool Lines(const std::vector<ByteSpan>& documents, size_t begin, size_t end) {
    if (end - begin > 1 && Joined(documents, begin, end)) return !late_;
    for (size_t i = begin; i < end && !late_; ++i) One(documents[i]);
    return !late_;
  }

  // The documents as elements of one array, so that they are indexed in one go.
  // Each must be exactly one element: "[1" and "2]" are no two documents.
  bool Joined(const std::vector<ByteSpan>& documents, size_t begin, size_t end) {
    PaddedBytes body;
    body.Reserve(documents[end - 1].end - documents[begin].begin + 2);
    body.Append("[");
    for (size_t i = begin; i < end; ++i) {
      body.Append(documents[i].of(text_));
      body.Append(i + 1 < end ? "," : "]");
    }
    if (!document_.Parse(body).ok()) return false;
    const std::vector<json::Token> elements = document_.Elements(document_.root());
    if (elements.size() != end - begin) return false;
    for (size_t i = begin; i < end; ++i) {
      if (elements[i - begin].span.size() != documents[i].size()) return false;
    }
    JsonWriter writer(document_, expired_);
    std::string lines;
    late_ = !writer.WriteLines(lines);
    Replace({documents[begin].begin, documents[end - 1].end}, lines, writer.made_table());
    return true;
  }

  void One(const ByteSpan& span) {
    const PaddedBytes body(span.of(text_));
    if (!document_.Parse(body).ok()) return;  // stays as it is, like text
    JsonWriter writer(document_, expired_);
    std::string written;
    late_ = !writer.Write(written);
    Replace(span, written, writer.made_table());
  }

  void Replace(const ByteSpan& span, std::string_view written, bool made_table) {
    out_.append(text_, copied_, span.begin - copied_);
    out_.append(written);
    copied_ = span.end;
    made_table_ = made_table_ || made_table;
  }

  std::optional<Rendition> Finish(std::string_view rule) {
    if (out_.size() >= text_.size()) return std::nullopt;
    return Rendition{std::move(out_), Kind::kJson, rule};
  }

  std::string_view text_;
  const Expired& expired_;
  json::Document document_;
  std::string out_;
  size_t copied_ = 0;
  bool late_ = false;
  bool made_table_ = false;
};

}  // namespace

std::optional<Rendition> CompressJson(const Input& input, const Expired& expired) {
  const std::string_view text = Trim(input.text);
  if (text.empty() || text.size() > kMaxBytes || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (OpensDocument(text.front())) {
    if (std::optional<Rendition> whole = TextCompressor(text, expired).Whole(); whole.has_value()) return whole;
  }
  return TextCompressor(input.text, expired).Parts();
}

}  // namespace headroom::text
