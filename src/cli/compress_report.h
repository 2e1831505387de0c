// One text made shorter, and what there is to say about it. Thread-safe.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/compress_settings.h"

namespace headroom::cli {

struct CompressReport {
  std::string text;  // what to give to a model
  std::string kind;  // of the content
  std::string rule;  // what was done; "none" where nothing saves a token
  bool changed = false;
  size_t bytes_before = 0;
  size_t tokens_before = 0;
  size_t tokens_after = 0;
  std::string counter;  // whose tokens
  bool exact = false;   // false: an estimate
  struct LeftOut {
    std::string unit;  // "lines", "rows"
    size_t kept = 0;
    size_t total = 0;
  };
  std::optional<LeftOut> left_out;  // nothing: no fact is missing
  std::string id;                   // under which the original is kept; "" when nothing changed
  std::chrono::microseconds time{};
};

// Applies the compressors as the proxy does to a tool result, and keeps the source where they
// do not save a token by the model's counter. Cost: O(bytes).
CompressReport Shorten(const std::string& source, const CompressSettings& settings);

// For people, one fact a line.
std::string StatsText(const CompressReport& report);

// One line of JSON:
//   {"text":"...","kind":"log","rule":"log_excerpt","changed":true,"tokens_before":9120,"tokens_after":1410,
//    "counter":"o200k_base","exact":true,"left_out":{"unit":"lines","kept":88,"total":1200},"hash":"..."}
// left_out and hash are null where there is none. Bytes that are no UTF-8 become U+FFFD.
std::string JsonText(const CompressReport& report);

// What went and what came, as a unified diff; "" where nothing changed.
std::string DiffText(std::string_view source, const CompressReport& report, bool colour);

}  // namespace headroom::cli
