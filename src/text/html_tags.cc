#include "text/html_tags.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "text/line_text.h"

namespace headroom::text {
namespace {

bool IsOneOf(std::string_view name, const auto& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool IsPlainWord(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(),
                                      [](char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_'; });
}

// "a b" as ".a.b", "" when a class is no plain word.
std::string AsSelectors(std::string_view classes) {
  std::string selectors;
  while (true) {
    const size_t end = classes.find(' ');
    const std::string_view word = classes.substr(0, end);
    if (!IsPlainWord(word)) return {};
    selectors.append(".").append(word);
    if (end == std::string_view::npos) return selectors;
    classes.remove_prefix(end + 1);
  }
}

bool NeedsQuotes(std::string_view value) {
  return value.find_first_of(" \t\r\n\f\"'=<>`") != std::string_view::npos || value.ends_with('/');
}

void AppendAttribute(const HtmlAttribute& attribute, bool slash_follows, std::string* out) {
  out->append(" ").append(attribute.name);
  if (attribute.value.empty()) return;
  out->push_back('=');
  const bool quoted = slash_follows || NeedsQuotes(attribute.value);
  const char quote = attribute.value.find('"') == std::string_view::npos ? '"' : '\'';
  if (quoted) out->push_back(quote);
  out->append(attribute.value);
  if (quoted) out->push_back(quote);
}

}  // namespace

bool IsVoidElement(std::string_view name) {
  static constexpr std::string_view kNames[] = {"area",  "base", "br",   "col",    "embed", "hr", "img",
                                                "input", "link", "meta", "source", "track", "wbr"};
  return IsOneOf(name, kNames);
}

std::string ShortStartTag(const HtmlPiece& piece, bool* styled) {
  std::string classes;
  std::string id;
  for (const HtmlAttribute& attribute : piece.attributes) {
    if (attribute.name == "class") classes = AsSelectors(attribute.value);
    if (attribute.name == "id" && IsPlainWord(attribute.value)) id.append("#").append(attribute.value);
  }
  *styled = !classes.empty() || !id.empty();
  // The name as the source spells it: foreign elements (SVG) tell cases apart.
  std::string tag(piece.source.substr(0, 1 + piece.name.size()));
  tag.append(classes).append(id);
  const bool slash = piece.closes_itself && !IsVoidElement(piece.name);
  for (const HtmlAttribute& attribute : piece.attributes) {
    if (attribute.name == "class" && !classes.empty()) continue;
    if (attribute.name == "id" && !id.empty()) continue;
    AppendAttribute(attribute, slash && &attribute == &piece.attributes.back(), &tag);
  }
  if (slash) tag.push_back('/');
  return tag += '>';
}

bool CouldBeShortTag(std::string_view source) {
  size_t at = 1;
  while (at < source.size() &&
         (IsLetter(source[at]) || IsDigit(source[at]) || source[at] == '-' || source[at] == '_' || source[at] == ':')) {
    ++at;
  }
  return at < source.size() && std::string_view(".#~").find(source[at]) != std::string_view::npos;
}

bool MayLeaveOut(std::string_view name) {
  static constexpr std::string_view kNames[] = {"li", "dt", "dd", "tr", "td", "th", "option", "p"};
  return IsOneOf(name, kNames);
}

bool IsImplied(std::string_view name, const FollowingTag& next) {
  static constexpr std::string_view kLists[] = {"ul", "ol", "menu"};
  static constexpr std::string_view kTables[] = {"table", "tbody", "thead", "tfoot"};
  static constexpr std::string_view kSelects[] = {"select", "optgroup", "datalist"};
  static constexpr std::string_view kBlocks[] = {
      "address", "article", "aside", "blockquote", "details", "div", "dl",      "fieldset", "figure",
      "footer",  "form",    "h1",    "h2",         "h3",      "h4",  "h5",      "h6",       "header",
      "hr",      "main",    "nav",   "ol",         "p",       "pre", "section", "ul"};
  static constexpr std::string_view kBlockEnds[] = {"article", "aside",  "blockquote", "body",   "dd",
                                                    "div",     "footer", "form",       "header", "li",
                                                    "main",    "nav",    "section",    "td"};
  if (name == "li") return next.is_end ? IsOneOf(next.name, kLists) : next.name == "li";
  if (name == "dt") return !next.is_end && (next.name == "dt" || next.name == "dd");
  if (name == "dd") return next.is_end ? next.name == "dl" : next.name == "dt" || next.name == "dd";
  if (name == "td" || name == "th") return next.is_end ? next.name == "tr" : next.name == "td" || next.name == "th";
  if (name == "tr") return next.is_end ? IsOneOf(next.name, kTables) : next.name == "tr";
  if (name == "option") return next.is_end ? IsOneOf(next.name, kSelects) : next.name == "option";
  return name == "p" && IsOneOf(next.name, next.is_end ? std::span<const std::string_view>(kBlockEnds)
                                                       : std::span<const std::string_view>(kBlocks));
}

}  // namespace headroom::text
