// How start tags are written in a shortened page, and which end tags HTML implies.

#pragma once

#include <string>
#include <string_view>

#include "text/html_pieces.h"

namespace headroom::text {

// Elements without content and end tag: br, img, ...
bool IsVoidElement(std::string_view name);

// `piece` without needless quotes, class and id as in CSS; *styled when one of them
// was. Requires a start tag. Cost: O(bytes).
//
//   <div class="a b" id='c' title="" data-x="1">   ─►  <div.a.b#c title data-x=1>
//   <div class="md:w-1">                           ─►  <div class=md:w-1>
std::string ShortStartTag(const HtmlPiece& piece, bool* styled);

// True when a tag of the source could be taken for one ShortStartTag writes.
bool CouldBeShortTag(std::string_view source);

struct FollowingTag {
  std::string_view name;
  bool is_end = false;
};

// Elements whose end tag HTML lets a writer leave out.
bool MayLeaveOut(std::string_view name);

// True when the end tag of `name` is implied by the tag behind it (HTML, section
// 13.1.2.4 "Optional tags"), white space between them or not.
bool IsImplied(std::string_view name, const FollowingTag& next);

}  // namespace headroom::text
