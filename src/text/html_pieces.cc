#include "text/html_pieces.h"

#include <algorithm>
#include <array>
#include <span>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxAttributes = 64;
constexpr size_t kMaxTagBytes = 64 * 1024;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

bool IsRawElement(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {"script", "style",   "textarea", "title",    "xmp",
                                                             "iframe", "noembed", "noframes", "plaintext"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return Lower(a) == b; });
}

bool IsNameByte(char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_' || c == ':'; }

// One past the ">" that ends the tag at `at`; quoted values may hold others. npos when nothing ends it.
size_t TagEnd(std::string_view text, size_t at) {
  const size_t limit = std::min(text.size(), at + kMaxTagBytes);
  char quote = 0;
  for (size_t i = at + 1; i < limit; ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '>') {
      return i + 1;
    } else if ((c == '"' || c == '\'') && text[i - 1] == '=') {
      quote = c;
    } else if (c == '<') {
      return std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

// Reads `inside` (between name and ">"): false when it is not spelled plainly.
bool ReadAttributes(std::string_view inside, HtmlPiece* piece) {
  size_t at = 0;
  while ((at = SkipSpace(inside, at)) < inside.size()) {
    if (inside[at] == '/') {
      piece->closes_itself = true;
      return at + 1 == inside.size();
    }
    if (at > 0 && !IsSpace(inside[at - 1])) return false;
    HtmlAttribute attribute;
    size_t end = at;
    while (end < inside.size() && (IsNameByte(inside[end]) || inside[end] == '@' || inside[end] == '.')) ++end;
    attribute.name = inside.substr(at, end - at);
    if (attribute.name.empty() || piece->attributes.size() == kMaxAttributes) return false;
    at = end;
    if (at < inside.size() && inside[at] == '=') {
      attribute.has_value = true;
      ++at;
      if (at < inside.size() && (inside[at] == '"' || inside[at] == '\'')) {
        end = inside.find(inside[at], at + 1);
        if (end == std::string_view::npos) return false;
        attribute.value = inside.substr(at + 1, end - at - 1);
        at = end + 1;
      } else {
        for (end = at; end < inside.size() && !IsSpace(inside[end]);) ++end;
        attribute.value = inside.substr(at, end - at);
        if (attribute.value.empty() || attribute.value.find_first_of("\"'=<`") != std::string_view::npos) return false;
        at = end;
      }
    }
    for (const HtmlAttribute& other : piece->attributes) {
      if (other.name == attribute.name) return false;
    }
    piece->attributes.push_back(attribute);
  }
  return true;
}

constexpr size_t kSampleBytes = 4096;
constexpr size_t kMinFragmentTags = 8;
constexpr std::string_view kDocument[] = {"html"};
// Elements a piece of a page begins with and few other languages have.
constexpr std::string_view kFragment[] = {"div", "section", "article", "main", "nav",   "header", "p",   "h1",
                                          "h2",  "h3",      "ul",      "ol",   "table", "body",   "head"};

bool IsStartTagOf(std::string_view text, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    if (text.size() < name.size() + 2 || !EqualsIgnoringCase(text.substr(1, name.size()), name)) return false;
    const char behind = text[name.size() + 1];
    return behind == '>' || IsSpace(behind);
  });
}

// Start tags of kFragment's elements, links and spans; 0 where braces in tags tell of a template language.
size_t CountTags(std::string_view text) {
  static constexpr std::string_view kInline[] = {"a", "span", "li", "td", "tr", "code", "img"};
  size_t count = 0;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::string_view rest = text.substr(at);
    if (!IsStartTagOf(rest, kFragment) && !IsStartTagOf(rest, kInline)) continue;
    const std::string_view tag = rest.substr(0, rest.find('>'));
    if (tag.find('{') != std::string_view::npos || tag.find("className") != std::string_view::npos) return 0;
    ++count;
  }
  return count;
}

}  // namespace

bool LooksLikeHtml(std::string_view text) {
  const std::string_view head = text.substr(0, kSampleBytes);
  const std::string_view begin = head.substr(SkipSpace(head, 0));
  if (!begin.starts_with('<')) return false;
  if (EqualsIgnoringCase(begin.substr(0, 14), "<!doctype html")) return true;
  return IsStartTagOf(begin, kDocument) || (IsStartTagOf(begin, kFragment) && CountTags(begin) >= kMinFragmentTags);
}

void HtmlCutter::Take(size_t length, HtmlPiece::Kind kind, HtmlPiece* piece) {
  piece->kind = kind;
  piece->source = text_.substr(at_, length);
  at_ += piece->source.size();
}

bool HtmlCutter::Next(HtmlPiece* piece) {
  if (at_ >= text_.size()) return false;
  piece->name.clear();
  piece->attributes.clear();
  piece->closes_itself = false;
  if (!raw_element_.empty()) {
    CutRaw(piece);
    if (!piece->source.empty()) return true;
    if (at_ >= text_.size()) return false;
  }
  if (text_[at_] == '<') {
    CutMarkup(piece);
  } else {
    Take(text_.find('<', at_) - at_, HtmlPiece::Kind::kText, piece);
  }
  return true;
}

// Up to the end tag of the raw element.
void HtmlCutter::CutRaw(HtmlPiece* piece) {
  size_t end = at_;
  const std::string name = std::move(raw_element_);
  raw_element_.clear();
  while (true) {
    end = text_.find("</", end);
    if (end == std::string_view::npos || EqualsIgnoringCase(text_.substr(end + 2, name.size()), name)) break;
    end += 2;
  }
  Take(end == std::string_view::npos ? end : end - at_, HtmlPiece::Kind::kVerbatim, piece);
}

void HtmlCutter::CutMarkup(HtmlPiece* piece) {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("<!--")) {
    const size_t end = rest.find("-->", 4);
    return Take(end == std::string_view::npos ? end : end + 3, HtmlPiece::Kind::kVerbatim, piece);
  }
  if (rest.starts_with("<!") || rest.starts_with("<?")) {
    const size_t end = rest.find('>');
    return Take(end == std::string_view::npos ? end : end + 1, HtmlPiece::Kind::kVerbatim, piece);
  }
  CutTag(piece);
}

void HtmlCutter::CutTag(HtmlPiece* piece) {
  const bool closing = text_.substr(at_).starts_with("</");
  const size_t name_begin = at_ + (closing ? 2 : 1);
  const size_t end =
      name_begin < text_.size() && IsLetter(text_[name_begin]) ? TagEnd(text_, at_) : std::string_view::npos;
  if (end == std::string_view::npos) return Take(1, HtmlPiece::Kind::kVerbatim, piece);
  size_t name_end = name_begin;
  while (IsNameByte(text_[name_end])) ++name_end;
  piece->name = LowerCase(text_.substr(name_begin, name_end - name_begin));
  const std::string_view inside = text_.substr(name_end, end - 1 - name_end);
  const bool plain = (inside.empty() || IsSpace(inside[0]) || inside == "/") && ReadAttributes(inside, piece);
  const bool plain_end = plain && piece->attributes.empty() && !piece->closes_itself;
  Take(end - at_, closing ? HtmlPiece::Kind::kEndTag : HtmlPiece::Kind::kStartTag, piece);
  if (closing ? !plain_end : !plain) piece->kind = HtmlPiece::Kind::kVerbatim;
  if (!closing && IsRawElement(piece->name)) raw_element_ = piece->name;
}

}  // namespace headroom::text
