// The project label that a request may bring: what is stored, counted and charged for it
// carries the label. It is read here and never goes upstream.

#pragma once

#include <algorithm>
#include <string_view>

namespace headroom::proxy {

inline constexpr std::string_view kProjectHeader = "x-headroom-project";
inline constexpr const char* kLabelRule = "at most 64 letters, digits, '.', '_' and '-'";
inline constexpr size_t kMaxLabelBytes = 64;

// True for "" too, which is no label.
inline bool IsProjectLabel(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return text.size() <= kMaxLabelBytes && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace headroom::proxy
