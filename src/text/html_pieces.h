// HTML cut into tags and what stands between them, by offsets over the source.
//
//   <p class="a">Hi<br>there</p>
//   start tag, text, start tag, text, end tag
//
// Comments, doctypes, the content of script, style, textarea, title and the like,
// and any tag that is not spelled plainly (an attribute twice, a stray quote) are
// verbatim pieces. The pieces' sources joined are the text again.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

struct HtmlAttribute {
  std::string_view name;
  std::string_view value;  // without quotes, references as spelled
  bool has_value = false;
};

struct HtmlPiece {
  enum class Kind { kText, kStartTag, kEndTag, kVerbatim };

  Kind kind = Kind::kText;
  std::string_view source;
  std::string name;  // of a tag, in lower case; of a verbatim start tag, too
  std::vector<HtmlAttribute> attributes;
  bool closes_itself = false;  // "/>"
};

// Cuts one piece after another. Thread-compatible; the text must outlive it.
class HtmlCutter {
 public:
  explicit HtmlCutter(std::string_view text) : text_(text) {}

  // False at the end. Cost of all calls: O(bytes).
  bool Next(HtmlPiece* piece);

 private:
  void CutMarkup(HtmlPiece* piece);
  void CutTag(HtmlPiece* piece);
  void CutRaw(HtmlPiece* piece);
  void Take(size_t length, HtmlPiece::Kind kind, HtmlPiece* piece);

  std::string_view text_;
  size_t at_ = 0;
  std::string raw_element_;  // the element whose content is not HTML, "" outside
};

// True for text that begins like an HTML document, or like a piece of one with
// several tags; false for templates (JSX, Vue). Cost: O(1).
bool LooksLikeHtml(std::string_view text);

}  // namespace headroom::text
