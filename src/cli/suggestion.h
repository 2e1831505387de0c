// What somebody probably meant who misspelt a name. Thread-safe.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::cli {

// The candidate nearest to `word` by inserted, left out, replaced and swapped letters; "" where
// none is nearer than a third of the word's letters, or two. Cost: O(word * candidates' letters),
// with words of more than 64 letters near to nothing.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

// "unknown key 'prot'" with " (did you mean 'port'?)" where there is a nearest candidate.
std::string UnknownName(std::string_view noun, std::string_view word, const std::vector<std::string>& candidates);

}  // namespace headroom::cli
