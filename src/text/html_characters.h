// The text between the tags of a page: character references and white space.

#pragma once

#include <string>
#include <string_view>

namespace headroom::text {

// References become the character where nothing else could be meant, and, unless
// `runs_stay`, runs of white space one line end (if they hold one) or one blank.
//
//   "caf&#233; &mdash; 1 &gt; 0"  ─►  "café — 1 > 0"
//   "&lt;b&gt; AT&amp;T &nbsp;"    ─►  "&lt;b> AT&amp;T &nbsp;"  (would become a tag, a reference, invisible)
//
// Cost: O(bytes).
std::string ShortText(std::string_view source, bool runs_stay);

// Appends `source` with every reference known as its character, "&lt;" and "&nbsp;" (a blank) included;
// one that is unknown stays as spelled. For text that is no HTML afterwards. Cost: O(bytes).
void AppendDecoded(std::string_view source, std::string* out);

}  // namespace headroom::text
