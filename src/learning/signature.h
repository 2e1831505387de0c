// The structure of a tool result: what results of one kind have in common,
// whatever their values.
//
//   JSON   the names and types of its items' fields, from the first five items:
//          [["id","numeric"],["name","string"]]
//          items: the root array, else the root object's longest array of objects,
//          else the root object itself
//   other  the kind of content and the tool's name
//
// Types: a null is no evidence where another item has a value; on conflict
// object > array > string > numeric > boolean. Where an item has more than
// kMaxFields fields the first ones count.
//
// Pure; thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "learning/keyed_hash.h"

namespace headroom::learning {

// What names of fields suggest.
enum Trait : uint32_t {
  kHasId = 1,
  kHasScore = 2,
  kHasTimestamp = 4,
  kHasStatus = 8,
  kHasError = 16,
  kHasMessage = 32,
};

struct Structure {
  static constexpr size_t kMaxFields = 256;
  static constexpr size_t kMaxDepth = 10;

  std::string id;                // 24 hex digits, under the installation's key
  std::string tool;              // likewise, of the tool's name
  std::vector<uint64_t> fields;  // hashes of the lower-case names, ascending; none for other than JSON
  uint32_t depth = 0;            // of the items
  uint32_t traits = 0;
};

// The text that a JSON structure's id is the hash of; "" for what has no items with fields. For tests and StructureOf.
std::string CanonicalFields(std::string_view text);

// `kind`: what the content is ("json", "log", ...); text of any kind may turn out to be JSON.
// Cost: O(bytes), GB/s for JSON; O(1) for what does not begin like JSON.
Structure StructureOf(std::string_view text, std::string_view kind, std::string_view tool, const KeyedHash& hash);

// The id of a tool alone.
std::string ToolId(std::string_view tool, const KeyedHash& hash);

// The hash of a word as it is compared: of a field's name, of a question, of a value. `lower` is in lower case.
uint64_t WordId(std::string_view lower, const KeyedHash& hash);

}  // namespace headroom::learning
