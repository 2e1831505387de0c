// The part of an original that a question is about: what a retrieval with a
// query gives back.
//
//   lines     of any text, with two neighbours on either side
//   parts     of a text with very long lines: pieces of about a kilobyte
//   elements  of the longest array of a JSON document, each as the source spells it; what is
//             asked for and stands outside of it is found in lines or parts of the whole
//
// The best fit by Relevance up to a budget of tokens, in the source's order with
// the source's numbers. There is no floor: whatever shares anything with the
// query counts, and where nothing does the text is shown from its beginning. A query
// that is a range as gap marks name it ("lines 120-480", "row 7") gives those units.
//
// Pure; thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::text {

struct Lookup {
  struct Unit {
    size_t number;  // from 1
    std::string text;
  };

  std::string_view unit = "lines";  // or "parts", "elements"
  size_t total = 0;
  std::vector<Unit> found;  // ascending numbers
  bool matched = false;     // something of the query stands in what was found
  // What was found, one stretch without a gap, as the lossless step writes it; "" where that is no shorter.
  std::string rendition = {};

  // The units, one a line, with a gap mark where others lie between.
  std::string Text() const;
};

// At least one unit, of about `tokens` in all; a unit that is larger alone is cut at its end.
// Cost: O(bytes).
Lookup LookUp(std::string_view original, std::string_view query, size_t tokens);

// The original from its beginning on, in pages: the first of about `page_tokens`, each further one twice as long.
// The one that is asked for, counted from 0 and again from the first after the last, as far as `tokens` go.
// Elements stand in a rendition where that is shorter, and then as many more of them make a page.
// A document of which much stands outside of its longest array is read as text. Cost: O(bytes); the lossless step
// sees a page and the beginning of the text.
Lookup ReadPage(std::string_view original, size_t page, size_t page_tokens, size_t tokens);

}  // namespace headroom::text
