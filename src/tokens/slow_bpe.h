// The slow twin of bpe.cc and rank_merge.cc, for tests and the fuzzer.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tokens/vocabulary.h"

namespace headroom::tokens {

// The definition of byte pair encoding, done literally: of all neighbours that
// together are a token, the leftmost of the lowest rank is merged, until none is.
// Knows nothing of splits: it merges any two parts whose bytes are a token.
class SlowBpe {
 public:
  explicit SlowBpe(const Vocabulary& vocabulary) {
    for (TokenId id = 0; id < vocabulary.size(); ++id) {
      std::string bytes;
      vocabulary.AppendBytes(id, &bytes);
      ranks_.emplace(bytes, id);
    }
  }

  std::vector<TokenId> Encode(std::string_view piece) const {
    std::vector<std::string> parts;
    for (char c : piece) parts.emplace_back(1, c);
    for (;;) {
      TokenId lowest = kNoToken;
      size_t at = 0;
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ranks_.find(parts[i] + parts[i + 1]);
        if (found != ranks_.end() && found->second < lowest) lowest = found->second, at = i;
      }
      if (lowest == kNoToken) break;
      parts[at] += parts[at + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    std::vector<TokenId> tokens;
    for (const std::string& part : parts) tokens.push_back(ranks_.at(part));
    return tokens;
  }

 private:
  std::map<std::string, TokenId> ranks_;
};

}  // namespace headroom::tokens
