// What the objects of an array have in common, and how they become columns.
//
// A Shape is gathered from values one by one; PlanColumns then decides for
// every key, from the counts alone:
//
//   constant   the same bytes in every row              said once, in the header
//   prefix     strings that begin alike                 ts="2025-05-11T"+cell
//   words      strings with the same first, last words  note="retry in "+text+" seconds"
//   column     a cell in each row, empty where missing
//   flattened  an object whose keys become columns      owner.login, owner.id
//   tuples     an array of objects                      items:[(sku,qty)]
//   other      in few rows                              {"key":value} in a last cell
//
// Keys are taken as the source spells them. An object with a key twice, with an
// escape in a key, or nested past kMaxShapeDepth is opaque: it stays JSON text.
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/document.h"
#include "text/json_deadline.h"

namespace headroom::text {

inline constexpr size_t kMaxShapeDepth = 8;
inline constexpr size_t kMaxFields = 1024;         // keys of one shape; more make it opaque
inline constexpr size_t kMaxTableFields = 16'384;  // of all shapes of a table

enum class Role : uint8_t { kColumn, kConstant, kFlattened, kOther };

struct Shape;

struct Field {
  std::string_view key;      // inside of the literal
  uint32_t present = 0;      // objects that have it
  uint32_t last_object = 0;  // ordinal of the last one, from 1
  std::unique_ptr<Shape> value;
  Role role = Role::kColumn;
  size_t column = 0;        // kColumn; kFlattened with own_column
  bool own_column = false;  // kFlattened: some rows hold no object here, or an empty one
};

struct Column {
  std::string name;                // as the header writes it
  const Field* field = nullptr;    // nullptr for "{other keys}"
  Shape* element = nullptr;        // of arrays of objects, written as tuples
  std::string_view prefix;         // of all its strings, said in the header
  std::string_view suffix;         // likewise, behind the cell
  bool only_text = false;          // its cells are strings without quotes, "7" too
  size_t derived_from = SIZE_MAX;  // column its strings contain; it has no cells then
  std::string_view before, after;  // what stands around that column's string

  bool derived() const { return derived_from != SIZE_MAX; }
};

struct Constant {
  std::string name;
  json::Token value;
};

struct Layout {
  std::vector<Column> columns;
  std::vector<Constant> constants;
};

// All values seen at one place.
struct Shape {
  uint32_t objects = 0;
  uint32_t empty_objects = 0;
  uint32_t arrays = 0;
  uint32_t scalars = 0;
  bool opaque = false;    // its objects must stay JSON text
  bool constant = true;   // all values have the bytes of `first`
  bool rows_only = true;  // its arrays hold objects and nothing else
  json::Token first;
  uint32_t strings = 0;     // of the scalars
  bool plain = true;        // its strings have no escapes
  std::string_view common;  // what all of them begin with
  std::string_view common_end;
  size_t shortest = 0;  // bytes of the shortest string
  std::vector<Field> fields;
  std::unordered_map<std::string_view, size_t> index;  // once there are many fields
  std::unique_ptr<Shape> element;                      // of its arrays
  bool has_other = false;
  size_t other_column = 0;
  std::unique_ptr<Layout> layout;  // of a shape that is the record of a table or tuple

  // The field of `key`, or nullptr. `guess` is where it is likely to be (keys
  // come in the same order in most rows) and moves on.
  Field* Find(std::string_view key, size_t& guess);
};

struct Cell {
  bool present = false;
  json::Token value;
  std::vector<json::Member> others;  // of "{other keys}"
};

// Gathers the shape of the rows of one table.
class ShapeBuilder {
 public:
  // Both must outlive it.
  ShapeBuilder(const json::Document& document, Deadline& deadline) : document_(document), deadline_(deadline) {}

  // Counts one object of the document into `record`; stops early when the
  // deadline has passed. Cost: O(members, nested ones too, down to kMaxShapeDepth).
  void Add(const json::Token& object, Shape& record) { AddObject(object, 0, record); }

 private:
  void AddObject(const json::Token& object, size_t depth, Shape& record);
  void AddArray(const json::Token& array, size_t depth, Shape& shape);
  void AddValue(const json::Token& value, size_t depth, Shape& shape);
  Field* AddField(std::string_view key, Shape& shape);

  const json::Document& document_;
  Deadline& deadline_;
  size_t fields_ = 0;
};

// Decides roles and columns of `record` and of the tuples in it and sets its
// layout. Requires record.objects > 0 and !record.opaque.
void PlanColumns(const json::Document& document, Shape& record);

// Puts the members of `object` where the columns of the planned `shape` have
// them. `cells` has one empty cell per column of the layout.
void FillCells(const json::Document& document, Shape& shape, const json::Token& object, std::vector<Cell>& cells);

}  // namespace headroom::text
