// The output of a command that reads several ranges of files, each range by itself.
//
//   sed -n '1,300p' a.cc; sed -n '200,500p' b.py
//   ─►  lines 1-300 of a.cc, folded as C++; lines 200-500 of b.py, folded as Python, numbered as in their files
//
// Only where the ranges together are exactly the lines that were printed: where a file was shorter, or a command in
// between prints what is not known beforehand, nobody can tell where one ends. Thread-safe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct ReadPart {
  std::string command;    // that printed it, as one command line; "" for a heading by `echo`
  std::string_view text;  // whole lines with their ends
};

// Two parts at least that are the text, joined; else none. Cost: O(bytes).
std::vector<ReadPart> SplitReads(const Input& input);

}  // namespace headroom::text
