// A content block of a Messages stream put together from its start and deltas,
// as the provider will want it back.
//
//   start  {"type":"text","text":""}     deltas "Hel", "lo"    ─►  {"type":"text","text":"Hello"}
//   start  {"type":"tool_use","id":"t","name":"f","input":{}}  deltas "{\"a\"", ":1}"  ─►  ..."input":{"a":1}}
//
// A delta's members go into the block's members of the same name: texts and
// lists are continued, anything else is set. That holds for deltas of types that
// we do not know ("compaction_delta"), too. Two have a member of another name:
// "partial_json" spells "input", "citation" is one element of "citations".
// Members of the start that no delta is for stay as they came. Thread-compatible.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/document.h"

namespace headroom::proxy {

class BlockAssembler {
 public:
  // `start` is the raw JSON object of content_block_start.
  explicit BlockAssembler(std::string_view start) : start_(start) {}

  // One delta object.
  void Add(const json::Document& document, const json::Token& delta);

  // Of a tool_use: the arguments so far, raw; those of the start when no delta came.
  std::string Arguments() const;

  // True for a text without a visible character: providers do not take it back.
  bool IsBlankText() const;

  // The whole block. A tool_use whose arguments are no JSON keeps its start's.
  std::string Finish() const;

 private:
  struct Grown {
    std::string key;
    json::Type type;  // kString: `value` is decoded text; kArray: elements joined by commas; else raw JSON
    std::string value;
  };

  Grown& GrownOf(std::string_view key, json::Type type);
  void AddMember(const json::Document& document, const std::string& key, const json::Token& value);
  // The member that `grown` makes of what the start has there.
  static std::string Joined(const json::Document& start, const Grown& grown);

  std::string start_;
  std::string input_;  // partial_json joined
  std::vector<Grown> grown_;
};

}  // namespace headroom::proxy
