// A content block of a Messages stream put together from its start and deltas,
// as the provider will want it back.
//
//   start  {"type":"text","text":""}     deltas "Hel", "lo"    ─►  {"type":"text","text":"Hello"}
//   start  {"type":"tool_use","id":"t","name":"f","input":{}}  deltas "{\"a\"", ":1}"  ─►  ..."input":{"a":1}}
//
// Members of the start that no delta is for stay as they came. Thread-compatible.

#pragma once

#include <string>
#include <string_view>

#include "json/document.h"

namespace headroom::proxy {

class BlockAssembler {
 public:
  // `start` is the raw JSON object of content_block_start.
  explicit BlockAssembler(std::string_view start) : start_(start) {}

  // One delta object: text_delta, input_json_delta, thinking_delta,
  // signature_delta, citations_delta; any other is ignored.
  void Add(const json::Document& document, const json::Token& delta);

  // Of a tool_use: the arguments so far, raw; those of the start when no delta came.
  std::string Arguments() const;

  // True for a text without a visible character: providers do not take it back.
  bool IsBlankText() const;

  // The whole block. A tool_use whose arguments are no JSON keeps its start's.
  std::string Finish() const;

 private:
  std::string start_;
  std::string text_;
  std::string thinking_;
  std::string signature_;
  std::string input_;      // partial_json joined
  std::string citations_;  // raw objects joined by commas
};

}  // namespace headroom::proxy
