#include "text/json_shape.h"

#include <algorithm>

#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;

constexpr size_t kLinearFields = 8;  // up to here comparing beats hashing
constexpr size_t kWideColumns = 24;
constexpr size_t kDateBytes = 11;
constexpr size_t kMinPathPrefix = 12;  // bytes; shorter ones are not worth a look at the header
constexpr uint32_t kMinPrefixed = 3;   // strings
constexpr size_t kMinWords = 8;        // bytes at one end of the strings
constexpr size_t kMinSharedWords = 4;
constexpr uint32_t kMinWorded = 8;  // strings

// The first byte inside an array or object that is not white space.
char FirstInside(std::string_view raw) { return raw[raw.find_first_not_of(" \t\r\n", 1)]; }

void AddString(std::string_view inside, Shape& shape) {
  if (shape.plain) shape.plain = inside.find('\\') == std::string_view::npos;
  if (++shape.strings == 1) {
    shape.common = shape.common_end = inside;
    shape.shortest = inside.size();
    return;
  }
  shape.shortest = std::min(shape.shortest, inside.size());
  const auto end = std::mismatch(shape.common_end.rbegin(), shape.common_end.rend(), inside.rbegin(), inside.rend());
  shape.common_end.remove_prefix(static_cast<size_t>(shape.common_end.rend() - end.first));
  const auto differ = std::mismatch(shape.common.begin(), shape.common.end(), inside.begin(), inside.end());
  shape.common = shape.common.substr(0, differ.first - shape.common.begin());
}

// Half-tokens, from how names and marks are usually cut. An empty cell shares
// its token with its neighbours as often as not, but it is charged a whole one,
// since a reader has to count them. In a wide table he cannot: there two
// cells in three must be full.
bool IsRare(const Field& field, size_t rows, bool wide) {
  if (wide && field.present * 3 < rows * 2) return true;
  const size_t name = 2 + field.key.size() / 3;
  const size_t as_pair = field.present * (name + 6);
  const size_t as_column = name + 2 * rows;
  return as_pair < as_column;
}

bool HasTuples(const Shape& shape) {
  return shape.arrays > 0 && shape.rows_only && shape.element != nullptr && !shape.element->opaque;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "2025-05-11T" or "2025-05-11 " at the front.
bool BeginsWithDate(std::string_view text) {
  if (text.size() < kDateBytes) return false;
  for (size_t i = 0; i < 10; ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !IsDigit(text[i])) return false;
  }
  return text[10] == 'T' || text[10] == ' ';
}

// What to say once of strings that all begin with `common`: a date, or the part
// of a path or address that leaves a whole shared segment in the cells, so that
// they still say what they are ("issues/7", not "7").
std::string_view SharedPrefix(std::string_view common) {
  if (BeginsWithDate(common)) return common.substr(0, kDateBytes);
  const size_t last = common.rfind('/');
  if (last == std::string_view::npos || last == 0) return {};
  const size_t before = common.rfind('/', last - 1);
  if (before == std::string_view::npos || before + 1 == last || before + 1 < kMinPathPrefix) return {};
  return common.substr(0, before + 1);
}

size_t CountWords(std::string_view text) {
  size_t words = 0;
  for (size_t i = 0; i < text.size(); ++i) words += text[i] != ' ' && (i == 0 || text[i - 1] == ' ') ? 1 : 0;
  return words;
}

// Whole words that all strings of a column begin or end with, where they are a
// sentence ("Retrying connect to server ..."). Names and titles share fewer
// ("Test issue 7") and are quoted as a whole. A word that differs in one byte
// stays in the cell, as a whole.
void ShareWords(const Shape& value, Column& column) {
  std::string_view prefix = value.common.substr(0, value.common.rfind(' ') + 1);
  const size_t blank = value.common_end.find(' ');
  std::string_view suffix = blank == std::string_view::npos ? std::string_view() : value.common_end.substr(blank);
  if (prefix.size() < kMinWords) prefix = {};
  if (suffix.size() < kMinWords) suffix = {};
  if (prefix.size() + suffix.size() >= value.shortest) suffix = {};
  if (prefix.size() >= value.shortest || CountWords(prefix) + CountWords(suffix) < kMinSharedWords) return;
  column.prefix = prefix;
  column.suffix = suffix;
  column.only_text = true;
}

class Planner {
 public:
  Planner(const Document& document, size_t rows, bool wide, Layout& layout)
      : document_(document), rows_(rows), wide_(wide), layout_(layout) {}

  void Plan(Shape& shape, const std::string& prefix) {
    shape.has_other = false;
    for (Field& field : shape.fields) PlanField(shape, field, prefix);
    if (!shape.has_other) return;
    shape.other_column = layout_.columns.size();
    layout_.columns.emplace_back().name = prefix + "{other keys}";
  }

 private:
  void PlanField(Shape& shape, Field& field, const std::string& prefix) {
    std::string name = prefix;
    AppendName(field.key, name);
    Shape& value = *field.value;
    if (field.present == rows_ && rows_ > 1 && value.constant) {
      field.role = Role::kConstant;
      layout_.constants.push_back({std::move(name), value.first});
    } else if (IsRare(field, rows_, wide_)) {
      field.role = Role::kOther;
      shape.has_other = true;
    } else if (IsFlattened(value)) {
      field.role = Role::kFlattened;
      field.own_column = value.scalars + value.arrays + value.empty_objects > 0;
      if (field.own_column) AddColumn(field, name);
      Plan(value, name + ".");
    } else {
      field.role = Role::kColumn;
      AddColumn(field, name);
    }
  }

  void AddColumn(Field& field, const std::string& name) {
    field.column = layout_.columns.size();
    Column& column = layout_.columns.emplace_back();
    column.name = name;
    column.field = &field;
    const Shape& value = *field.value;
    if (value.strings >= kMinPrefixed && value.plain && value.arrays == 0) {
      column.prefix = SharedPrefix(value.common);
      const bool only_strings = value.strings == value.scalars && value.objects == 0;
      if (column.prefix.empty() && only_strings && value.strings >= kMinWorded) ShareWords(value, column);
    }
    if (!HasTuples(value)) return;
    column.element = value.element.get();
    PlanColumns(document_, *value.element);
  }

  // Worth it when at least one of its keys gets a column or is constant.
  bool IsFlattened(const Shape& value) const {
    if (value.objects == value.empty_objects || value.opaque) return false;
    for (const Field& field : value.fields) {
      if (!IsRare(field, rows_, wide_)) return true;
    }
    return false;
  }

  const Document& document_;
  size_t rows_;
  bool wide_;
  Layout& layout_;
};

}  // namespace

Field* Shape::Find(std::string_view key, size_t& guess) {
  if (guess < fields.size() && fields[guess].key == key) return &fields[guess++];
  size_t found = fields.size();
  if (index.empty()) {
    for (size_t i = 0; i < fields.size() && found == fields.size(); ++i) {
      if (fields[i].key == key) found = i;
    }
  } else if (const auto it = index.find(key); it != index.end()) {
    found = it->second;
  }
  guess = found + 1;
  return found == fields.size() ? nullptr : &fields[found];
}

// Nothing when there are too many keys, or one that two spellings may share.
Field* ShapeBuilder::AddField(std::string_view key, Shape& shape) {
  if (shape.fields.size() == kMaxFields || fields_ == kMaxTableFields) return nullptr;
  if (key.find('\\') != std::string_view::npos) return nullptr;
  ++fields_;
  Field& field = shape.fields.emplace_back();
  field.key = key;
  field.value = std::make_unique<Shape>();
  if (shape.fields.size() == kLinearFields + 1) {
    for (size_t i = 0; i < shape.fields.size(); ++i) shape.index.emplace(shape.fields[i].key, i);
  } else if (shape.fields.size() > kLinearFields) {
    shape.index.emplace(key, shape.fields.size() - 1);
  }
  return &field;
}

void ShapeBuilder::AddObject(const Token& object, size_t depth, Shape& record) {
  ++record.objects;
  if (depth >= kMaxShapeDepth) record.opaque = true;
  if (record.opaque || deadline_.passed()) return;
  const std::vector<Member> members = document_.Members(object);
  if (members.empty()) ++record.empty_objects;
  size_t guess = 0;
  for (const Member& member : members) {
    if (deadline_.Spend()) return;
    const std::string_view key = document_.Inside(member.key);
    Field* field = record.Find(key, guess);
    if (field == nullptr) {
      field = AddField(key, record);
      guess = record.fields.size();
    }
    record.opaque = field == nullptr || field->last_object == record.objects;
    if (record.opaque) return;
    field->last_object = record.objects;
    ++field->present;
    AddValue(member.value, depth + 1, *field->value);
  }
}

void ShapeBuilder::AddArray(const Token& array, size_t depth, Shape& shape) {
  ++shape.arrays;
  if (!shape.rows_only) return;
  const char first = FirstInside(document_.Raw(array));
  if (first == ']') return;
  shape.rows_only = first == '{' && depth < kMaxShapeDepth;
  if (!shape.rows_only) return;
  if (shape.element == nullptr) shape.element = std::make_unique<Shape>();
  for (const Token& element : document_.Elements(array)) {
    if (element.type != Type::kObject) {
      shape.rows_only = false;
      return;
    }
    AddObject(element, depth + 1, *shape.element);
  }
}

void ShapeBuilder::AddValue(const Token& value, size_t depth, Shape& shape) {
  if (shape.objects + shape.arrays + shape.scalars == 0) {
    shape.first = value;
  } else if (shape.constant) {
    shape.constant = document_.Raw(value) == document_.Raw(shape.first);
  }
  if (value.type == Type::kObject) {
    AddObject(value, depth, shape);
  } else if (value.type == Type::kArray) {
    AddArray(value, depth, shape);
  } else {
    ++shape.scalars;
    if (value.type == Type::kString) AddString(document_.Inside(value), shape);
  }
}

void PlanColumns(const Document& document, Shape& record) {
  for (const bool wide : {false, true}) {
    record.layout = std::make_unique<Layout>();
    Planner(document, record.objects, wide, *record.layout).Plan(record, "");
    if (record.layout->columns.size() <= kWideColumns) return;
  }
}

void FillCells(const Document& document, Shape& shape, const Token& object, std::vector<Cell>& cells) {
  size_t guess = 0;
  for (const Member& member : document.Members(object)) {
    Field& field = *shape.Find(document.Inside(member.key), guess);
    switch (field.role) {
      case Role::kConstant:
        break;
      case Role::kOther:
        cells[shape.other_column].others.push_back(member);
        break;
      case Role::kFlattened:
        if (member.value.type == Type::kObject && FirstInside(document.Raw(member.value)) != '}') {
          FillCells(document, *field.value, member.value, cells);
          break;
        }
        [[fallthrough]];
      case Role::kColumn:
        cells[field.column].present = true;
        cells[field.column].value = member.value;
    }
  }
}

}  // namespace headroom::text
