#include "text/json_table.h"

#include "text/json_shape.h"
#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;

constexpr size_t kRowsPerPoll = 256;

struct Cell {
  bool present = false;
  Token value;
  std::vector<Member> others;
};

class TableWriter {
 public:
  TableWriter(const Document& document, std::string& out) : document_(document), out_(out) {}

  // "id,items:[(sku,qty,unit=pc)]"
  void Columns(const Layout& layout) {
    for (size_t i = 0; i < layout.columns.size(); ++i) {
      if (i > 0) out_.push_back(',');
      const Column& column = layout.columns[i];
      out_.append(column.name);
      if (column.element == nullptr) continue;
      const Layout& inner = *column.element->layout;
      out_.append(":[(");
      Columns(inner);
      if (!inner.columns.empty() && !inner.constants.empty()) out_.push_back(',');
      Constants(inner, CellPlace::kTuple);
      out_.append(")]");
    }
  }

  void Constants(const Layout& layout, CellPlace place) {
    for (size_t i = 0; i < layout.constants.size(); ++i) {
      if (i > 0) out_.push_back(',');
      const Constant& constant = layout.constants[i];
      out_.append(constant.name);
      out_.push_back('=');
      AppendCell(document_.Raw(constant.value), constant.value.type, place, out_);
    }
  }

  void Cells(Shape& record, const Token& object, CellPlace place) {
    std::vector<Cell> cells(record.layout->columns.size());
    Fill(record, object, cells);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out_.push_back(',');
      if (!cells[i].others.empty()) {
        Others(cells[i].others);
      } else if (cells[i].present) {
        Value(record.layout->columns[i], cells[i].value, place);
      }
    }
  }

 private:
  bool IsEmptyObject(const Token& object) const {
    const std::string_view raw = document_.Raw(object);
    return raw[raw.find_first_not_of(" \t\r\n", 1)] == '}';
  }

  void Fill(Shape& shape, const Token& object, std::vector<Cell>& cells) {
    size_t guess = 0;
    for (const Member& member : document_.Members(object)) {
      Field& field = *shape.Find(document_.Inside(member.key), guess);
      switch (field.role) {
        case Role::kConstant:
          break;
        case Role::kOther:
          cells[shape.other_column].others.push_back(member);
          break;
        case Role::kFlattened:
          if (member.value.type == Type::kObject && !IsEmptyObject(member.value)) {
            Fill(*field.value, member.value, cells);
            break;
          }
          [[fallthrough]];
        case Role::kColumn:
          cells[field.column].present = true;
          cells[field.column].value = member.value;
      }
    }
  }

  void Value(const Column& column, const Token& value, CellPlace place) {
    if (column.element == nullptr || value.type != Type::kArray) {
      AppendCell(document_.Raw(value), value.type, place, out_);
      return;
    }
    out_.push_back('[');
    bool first = true;
    for (const Token& element : document_.Elements(value)) {
      out_.append(first ? "(" : ",(");
      first = false;
      Cells(*column.element, element, CellPlace::kTuple);
      out_.push_back(')');
    }
    out_.push_back(']');
  }

  void Others(const std::vector<Member>& members) {
    char opening = '{';
    for (const Member& member : members) {
      out_.push_back(opening);
      opening = ',';
      out_.append(document_.Raw(member.key));
      out_.push_back(':');
      AppendMinified(document_.Raw(member.value), out_);
    }
    out_.push_back('}');
  }

  const Document& document_;
  std::string& out_;
};

void AppendHeader(const Layout& layout, size_t rows, TableForm form, TableWriter& writer, std::string& out) {
  out.push_back(form == TableForm::kMap ? '{' : '[');
  out.append(std::to_string(rows));
  out.append(form == TableForm::kArray ? " rows" : form == TableForm::kLines ? " JSON Lines" : " entries");
  if (!layout.columns.empty() || form == TableForm::kMap) {
    out.append("; columns: ");
    if (form == TableForm::kMap) out.append(layout.columns.empty() ? "(key)" : "(key),");
    writer.Columns(layout);
  }
  if (layout.constants.empty()) return;
  out.append("; in every row: ");
  writer.Constants(layout, CellPlace::kRow);
}

}  // namespace

bool AppendTable(const Document& document, const std::vector<Token>& rows, const std::vector<Token>& keys,
                 TableForm form, const Expired& expired, std::string& out) {
  const auto late = [&](size_t row) { return row % kRowsPerPoll == kRowsPerPoll - 1 && expired && expired(); };
  Shape record;
  for (size_t i = 0; i < rows.size(); ++i) {
    AddObject(document, rows[i], 0, record);
    if (record.opaque || late(i)) return false;
  }
  PlanColumns(document, record);

  const size_t begin = out.size();
  TableWriter writer(document, out);
  AppendHeader(*record.layout, rows.size(), form, writer, out);
  const bool has_cells = !record.layout->columns.empty() || form == TableForm::kMap;
  for (size_t i = 0; has_cells && i < rows.size(); ++i) {
    if (late(i)) {
      out.resize(begin);
      return false;
    }
    out.push_back('\n');
    if (form == TableForm::kMap) {
      AppendCell(document.Raw(keys[i]), Type::kString, CellPlace::kRow, out);
      if (!record.layout->columns.empty()) out.push_back(',');
    }
    writer.Cells(record, rows[i], CellPlace::kRow);
  }
  out.push_back('\n');
  out.push_back(form == TableForm::kMap ? '}' : ']');
  return true;
}

}  // namespace headroom::text
