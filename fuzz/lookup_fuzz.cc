// Retrieval by query, by range and by page over any text: what is found are parts of
// the source in its order, within the tokens asked for, and all pages together are all of it.
// Input: one byte that sets the tokens, a line with the query, the text.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/line_text.h"
#include "text/lookup.h"

namespace {

using headroom::text::Lookup;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckFound(const Lookup& lookup, std::string_view original, size_t tokens) {
  Require(lookup.found.empty() == (lookup.total == 0));
  size_t number = 0;
  size_t at = 0;
  size_t spent = 0;
  for (const Lookup::Unit& unit : lookup.found) {
    Require(unit.number > number && unit.number <= lookup.total);
    number = unit.number;
    spent += headroom::text::EstimateTokens(unit.text) + 1;
    if (lookup.found.size() == 1) continue;  // may be cut
    at = original.find(unit.text, at);
    Require(at != std::string_view::npos);
    at += unit.text.size();
  }
  Require(lookup.found.size() < 2 || spent <= tokens);
  Require(lookup.Text().empty() == (lookup.total == 0));
}

void CheckPages(std::string_view original, size_t tokens) {
  size_t next = 1;
  for (size_t page = 0;; ++page) {
    const Lookup lookup = headroom::text::ReadPage(original, page, tokens, SIZE_MAX);
    if (lookup.total == 0) return;
    Require(!lookup.found.empty() && lookup.found.front().number == next);
    next = lookup.found.back().number + 1;
    Require(next == lookup.found.front().number + lookup.found.size());
    if (next > lookup.total) break;
    if (page == 64) return;  // each reads all of it
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t tokens = data[0];
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t line_end = std::min(all.find('\n'), all.size());
  const std::string_view query = all.substr(0, line_end);
  const std::string_view original = all.substr(std::min(line_end + 1, all.size()));
  const Lookup found = headroom::text::LookUp(original, query, tokens);
  CheckFound(found, original, tokens);
  const std::string last = std::to_string(found.total);
  const std::string range = std::string(found.unit) + " " + last + "-" + last;
  const Lookup end = headroom::text::LookUp(original, range, tokens);
  Require(found.total == 0 || (end.matched && end.found.size() == 1 && end.found[0].number == found.total));
  CheckPages(original, tokens);
  return 0;
}
