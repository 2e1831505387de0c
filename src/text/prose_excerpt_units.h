// Prose read into units: headings, paragraphs, list items, blocks of code.
//
//   # Use                     heading 1
//                             (blank lines belong to the unit before them)
//   Run it. It waits          a paragraph of two lines
//   for 30 seconds.
//   - a, which               an item with the lines indented below it
//     goes on
//
// Headings are those of Markdown ("## x"), underlined ones, numbered ones ("4.2 Limits"), capitals
// and outdented lines of manual pages and help texts, "Options:", versions of a change log, short
// lines between blank ones where nothing else heads the text, and the tags that wrap retrieved
// passages (<result rank="1">).
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace headroom::text {

struct ProseUnit {
  size_t begin = 0;  // lines
  size_t end = 0;
  uint8_t heading = 0;        // 1 to 6, 0: none
  bool stands_alone = false;  // a list item or a line of a list: its neighbours explain nothing
};

// The units cover the lines. Cost: O(bytes).
std::vector<ProseUnit> ReadProse(const std::vector<std::string_view>& lines);

}  // namespace headroom::text
