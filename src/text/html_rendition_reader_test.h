// An independent reader of HTML and of what CompressHtml writes: both become one
// canonical spelling of what a browser builds. For tests only.

#pragma once

#include <string>
#include <string_view>

namespace headroom::text {

// Elements with sorted attributes, implied end tags put in, white space collapsed
// outside pre, visible references decoded.
std::string ReadHtml(std::string_view page);

// The same of a shortened page: names and selectors written out first.
std::string ReadShortHtml(std::string_view rendition);

}  // namespace headroom::text
