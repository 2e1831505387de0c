// Which parts of a text with headings stay, by what is asked.
//
//   "What does 'Timeouts' say?"     ## Timeouts with all below it, every other heading, no more
//   "Which limit is there for X?"   the sections and passages that score best, up to a budget
//   "What is this about?"           nothing singles a part out: nothing is chosen
//   "Continue and fix the problem"  nor does a task, whatever words of it stand in the text
//
// A part is singled out by its heading, by an identifier or quoted string that few passages have, or by two
// rare words of a question in one passage, which are a good part of what it says. A task names a part only by a
// heading, or by an identifier that begins an entry ("--onto"); a text of more than 100 words names none.
//
// A section is a heading and what stands up to the next one. Sections score by BM25, a
// word in the heading counting for several in the text. A rare word of the question keeps
// the best passage that has it, so that a question of several parts gets all of them answered.
//
// Cost: O(bytes). Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "text/query.h"

namespace headroom::text {

// A passage that stays or goes as a whole: a heading, a paragraph, a list item, a block of code.
struct SectionUnit {
  std::string_view text;
  uint8_t heading = 0;  // 1 to 6, 0: none
  size_t tokens = 0;
  bool stands_alone = false;  // its neighbours explain nothing
};

struct SectionChoice {
  std::vector<bool> kept;  // of the units
  bool by_name = false;    // a heading is what was asked for
};

// `question` is the user's, for headings it names without quotes; `budget` the tokens that
// the kept units may have where no heading is named. Nothing when the question wants all or singles no part out;
// with `always` the headings then stay, what has most of the words asked for, and how the text begins.
std::optional<SectionChoice> ChooseSections(const std::vector<SectionUnit>& units, const Query& query,
                                            std::string_view question, size_t budget, bool always = false);

}  // namespace headroom::text
