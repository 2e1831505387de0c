// Whether lines are prose: Markdown, manual pages, help texts, change logs, paragraphs.
//
//   # Use                                   prose
//   Run it. It waits for 30 seconds.
//
//   In a.sh line 2:                         no prose, whatever sentences it has: what a program says about
//   cd $DIR                                 places in files, each of which may be what is looked for
//   ^-----^ SC2086: Double quote to prevent globbing and word splitting.
//
// Thread-safe.

#pragma once

#include <string_view>
#include <vector>

#include "text/prose_excerpt_units.h"

namespace headroom::text {

// True for text in sentences or sections, and for lists of options: what ReadProse's units tell apart.
// Data, source and messages of programs are none. What a command printed (`from_command`) must have the form of a
// document: several headings by their signs, underlines, versions or capitals; options; or paragraphs whose lines begin
// unlike each other. Cost: O(bytes).
bool ReadsAsProse(const std::vector<std::string_view>& lines, const std::vector<ProseUnit>& units, bool from_command);

}  // namespace headroom::text
