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
#include "text/json_in_text.h"

namespace headroom::text {
namespace {

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
    for (size_t i = 0; i < documents->size();) {
      const size_t end = EndOfLines(text_, *documents, i);
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

  // Writes documents [begin, end), which stand in a row; false when late.
  bool Lines(const std::vector<ByteSpan>& documents, size_t begin, size_t end) {
    if (end - begin > 1 && Joined(documents, begin, end)) return !late_;
    for (size_t i = begin; i < end && !late_; ++i) One(documents[i]);
    return !late_;
  }

  bool Joined(const std::vector<ByteSpan>& documents, size_t begin, size_t end) {
    const PaddedBytes body = JoinDocuments(text_, documents, begin, end);
    if (!ParseJoined(body, documents, begin, end, document_)) return false;
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
  const std::string_view text = TrimJson(input.text);
  if (text.empty() || text.size() > kMaxJsonBytes || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (OpensDocument(text.front())) {
    if (std::optional<Rendition> whole = TextCompressor(text, expired).Whole(); whole.has_value()) return whole;
  }
  return TextCompressor(input.text, expired).Parts();
}

}  // namespace headroom::text
