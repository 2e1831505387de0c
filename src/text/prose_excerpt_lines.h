// What a line of prose looks like by itself.
//
//   "## Use"   "====="   "4.2 Limits"   "EXIT STATUS"   "- item"   "--onto <base>"   "v2.0 (unreleased)"
//
// Cost of each: O(bytes of the line). Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headroom::text {

// In columns, a tab to the next eighth.
size_t IndentColumns(std::string_view line);

// Blanks only.
bool IsEmptyLine(std::string_view line);

// Words, two characters of a script without blanks for one.
size_t WordsIn(std::string_view line);

// "===", "-----", "~~~" below a title.
bool IsUnderline(std::string_view line);

// "```" or "~~~", with a language or without.
bool IsFence(std::string_view line);

// "- a", "* a", "3. a", "--option", "a) b": what an item begins with.
bool IsItem(std::string_view line);

// "-a", "--all": what an entry of a list of options begins with.
bool IsOption(std::string_view line);

// "## x": the number of signs, 0 for none.
uint8_t SignsOf(std::string_view line);

// "4.2 Limits", "IV. Fees": the depth of the number, 0 for none. "4. Press the button." is a step.
uint8_t NumberDepth(std::string_view line);

bool EndsLikeSentence(std::string_view line);

// Three capital letters at least, and no small one.
bool IsCapitals(std::string_view line);

// "<result rank="1">", "<document>", "=== Document 3 ===".
bool IsWrapper(std::string_view line);

// "4.17.2 / 2021-12-16", "v2.0 (unreleased)", "[1.2.0] - 2020-01-01".
bool IsVersionLine(std::string_view line);

// A line of several words, most of its bytes letters: part of a sentence.
bool IsOfSentence(std::string_view line);

}  // namespace headroom::text
