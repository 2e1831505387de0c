// JSON tool results with gaps: each document in a text by itself, every other byte
// as it is. What stays of a document: json_excerpt_writer.h; of its rows:
// row_selection.h.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"
#include "text/excerpt.h"
#include "text/json_excerpt_asked.h"
#include "text/json_excerpt_writer.h"
#include "text/json_in_text.h"

namespace headroom::text {
namespace {

class JsonExcerpts {
 public:
  explicit JsonExcerpts(const ExcerptInput& in) : in_(in), asked_(in) {}

  // False where the text is not one document; else `excerpt` has what there is to say.
  bool Whole(std::string_view text, std::optional<Excerpt>& excerpt) {
    std::optional<std::string> written = One(text);
    if (!written.has_value()) return false;
    out_ = std::move(*written);
    excerpt = Finish();
    return true;
  }

  std::optional<Excerpt> Parts(std::string_view text) {
    const std::optional<std::vector<ByteSpan>> documents = FindDocuments(text);
    if (!documents.has_value()) return std::nullopt;
    size_t copied = 0;
    for (size_t i = 0; i < documents->size() && !in_.late();) {
      size_t end = EndOfLines(text, *documents, i);
      std::optional<std::string> written;
      if (end - i > 1) written = Lines(text, *documents, i, end);
      if (!written.has_value()) {
        end = i + 1;
        written = One((*documents)[i].of(text));
      }
      if (written.has_value()) {
        out_.append(text, copied, (*documents)[i].begin - copied);
        out_.append(*written);
        copied = (*documents)[end - 1].end;
      }
      i = end;
    }
    out_.append(text, copied);
    return Finish();
  }

 private:
  std::optional<std::string> Lines(std::string_view text, const std::vector<ByteSpan>& documents, size_t begin,
                                   size_t end) {
    const PaddedBytes body = JoinDocuments(text, documents, begin, end);
    if (!ParseJoined(body, documents, begin, end, document_)) return std::nullopt;
    JsonExcerptWriter writer(document_, in_, asked_);
    std::string written;
    if (!writer.WriteLines(written)) return std::nullopt;
    omitted_.Add(writer.omitted());
    return written;
  }

  // Nothing for what is no JSON: it stays as it is, like text.
  std::optional<std::string> One(std::string_view text) {
    const PaddedBytes body(text);
    if (!document_.Parse(body).ok()) return std::nullopt;
    JsonExcerptWriter writer(document_, in_, asked_);
    std::string written;
    if (!writer.Write(written)) return std::nullopt;
    omitted_.Add(writer.omitted());
    return written;
  }

  std::optional<Excerpt> Finish() {
    if (!omitted_.any() || out_.empty() || in_.late()) return std::nullopt;
    Omission omission{"rows", omitted_.rows, omitted_.kept_rows};
    if (omitted_.kept_rows == omitted_.rows) omission = {"bytes", in_.text.size(), in_.text.size() - omitted_.bytes};
    return Excerpt{std::move(out_), Kind::kJson, "json_excerpt", omission};
  }

  const ExcerptInput& in_;
  const JsonAsked asked_;
  json::Document document_;
  JsonOmitted omitted_;
  std::string out_;
};

}  // namespace

std::optional<Excerpt> ExcerptJson(const ExcerptInput& in) {
  const std::string_view text = TrimJson(in.text);
  if (text.empty() || text.size() > kMaxJsonBytes || text.find('\0') != std::string_view::npos) return std::nullopt;
  if (OpensDocument(text.front())) {
    std::optional<Excerpt> whole;
    if (JsonExcerpts(in).Whole(text, whole)) return whole;
  }
  return JsonExcerpts(in).Parts(in.text);
}

}  // namespace headroom::text
