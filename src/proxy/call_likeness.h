// How alike two tool calls are, by what they ask for.
//
//   Bash {"command":"make","description":"Build"}   Bash {"command":"make","description":"Again"}   same
//   Bash {"command":"make test"}                    Bash {"command":"make test | tail -50"}         similar
//   Bash {"command":"make"}                         Bash {"command":"ls src"}                       other
//
// Arguments that say nothing about the result (a description, a time-out) are
// left aside. Thread-safe.

#pragma once

#include <string>
#include <vector>

#include "json/document.h"
#include "proxy/request_view.h"

namespace headroom::proxy {

enum class Likeness { kOther, kSimilar, kSame };

// What one call asks for, ready to be compared.
class CallMeaning {
 public:
  // Requires a tool call of `document`. At most kMaxBytes of its arguments are
  // read: longer ones are like nothing but themselves. Cost: O(arguments).
  static constexpr size_t kMaxBytes = 16 * 1024;
  CallMeaning(const json::Document& document, const Block& call);

  Likeness With(const CallMeaning& other) const;

 private:
  void Add(const json::Document& document, const json::Token& object);

  std::string tool_;
  std::string text_;                // name and value of each argument that counts
  std::vector<std::string> words_;  // of text_, each once, sorted
  bool whole_ = true;
};

}  // namespace headroom::proxy
