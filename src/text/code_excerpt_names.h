// The functions and types that a question names.
//
//   "Does setProxy() in http.js use `Agent`?"     strong: setProxy, Agent
//   "why is the parser slow"                      plain: parser, slow
//
// Strong names are written as code: called, quoted, qualified, or spelled as no
// word of prose is. Plain words count where no strong name is found. Names of
// files are neither. Thread-compatible.

#pragma once

#include <string>
#include <vector>

#include "text/compressor.h"

namespace headroom::text {

struct AskedName {
  std::string name;
  std::string owner;  // "Reader" of Reader.next, "" when not qualified
};

struct AskedNames {
  std::vector<AskedName> strong;
  std::vector<AskedName> plain;
};

// From the question and the words before the call. Cost: O(bytes), bounded.
AskedNames FindAskedNames(const Input& input);

}  // namespace headroom::text
