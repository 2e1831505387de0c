#include "text/json_table.h"

#include <algorithm>

#include "text/gaps.h"
#include "text/json_derived.h"
#include "text/json_shape.h"
#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;

// Columns that have cells.
size_t CountCells(const Layout& layout) {
  return static_cast<size_t>(std::count_if(layout.columns.begin(), layout.columns.end(),
                                           [](const Column& column) { return !column.derived(); }));
}

class TableWriter {
 public:
  TableWriter(const Document& document, Deadline& deadline, std::string& out)
      : document_(document), deadline_(deadline), out_(out) {}

  // Cuts values from here on; nullptr: none.
  void set_cutter(ValueCutter* cutter) { cutter_ = cutter; }

  // `id,ts="2025-05-11T"+cell,items:[(sku,qty,unit=pc)]`
  void Columns(const Layout& layout) {
    bool first = true;
    for (const Column& column : layout.columns) {
      if (column.derived()) continue;
      if (!first) out_.push_back(',');
      first = false;
      out_.append(column.name);
      Shared(column);
      if (column.element == nullptr) continue;
      const Layout& inner = *column.element->layout;
      out_.append(":[(");
      Columns(inner);
      if (!inner.columns.empty() && !inner.constants.empty()) out_.push_back(',');
      Constants(inner, CellPlace::kTuple);
      out_.append(")]");
    }
  }

  // `; computed: labels_url=url+"/labels",login=name`
  void Derived(const Layout& layout, std::string_view intro) {
    bool first = true;
    for (const Column& column : layout.columns) {
      if (!column.derived()) continue;
      out_.append(first ? intro : ",");
      first = false;
      out_.append(column.name);
      out_.push_back('=');
      if (!column.before.empty()) {
        Quoted(column.before);
        out_.push_back('+');
      }
      out_.append(layout.columns[column.derived_from].name);
      if (!column.after.empty()) {
        out_.push_back('+');
        Quoted(column.after);
      }
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
    FillCells(document_, record, object, cells);
    bool first = true;
    for (size_t i = 0; i < cells.size() && !deadline_.Spend(); ++i) {
      const Column& column = record.layout->columns[i];
      if (column.derived()) continue;
      if (!first) out_.push_back(',');
      first = false;
      if (!cells[i].others.empty()) {
        Others(cells[i].others);
      } else if (cells[i].present) {
        Value(column, cells[i].value, place);
      }
    }
  }

 private:
  // `="2025-05-11T"+cell`, `="retry in "+text+" seconds"`
  void Shared(const Column& column) {
    if (column.prefix.empty() && column.suffix.empty()) return;
    out_.push_back('=');
    if (!column.prefix.empty()) {
      Quoted(column.prefix);
      out_.push_back('+');
    }
    out_.append(column.only_text ? "text" : "cell");
    if (column.suffix.empty()) return;
    out_.push_back('+');
    Quoted(column.suffix);
  }

  void Quoted(std::string_view inside) {
    out_.push_back('"');
    out_.append(inside);
    out_.push_back('"');
  }

  void Value(const Column& column, const Token& value, CellPlace place) {
    if (cutter_ != nullptr && column.suffix.empty()) {
      const size_t skip = value.type == Type::kString ? column.prefix.size() : 0;
      if (cutter_->Cut(column.field == nullptr ? "" : column.field->key, value, skip, out_)) return;
    }
    if (column.only_text) {
      std::string_view text = document_.Inside(value).substr(column.prefix.size());
      text.remove_suffix(column.suffix.size());
      AppendTextCell(text, place, out_);
      return;
    }
    if (!column.prefix.empty() && value.type == Type::kString) {
      AppendPlainCell(document_.Inside(value).substr(column.prefix.size()), place, out_);
      return;
    }
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
  Deadline& deadline_;
  ValueCutter* cutter_ = nullptr;
  std::string& out_;
};

struct Table {
  const std::vector<Token>& rows;
  const std::vector<Token>& keys;
  TableForm form;
  std::string_view omitted;       // what the omitted rows have in common
  const std::vector<bool>* kept;  // nullptr: all
  bool has_values = false;        // some rows are no objects
};

size_t CountKept(const Table& table) {
  if (table.kept == nullptr) return table.rows.size();
  return static_cast<size_t>(std::count(table.kept->begin(), table.kept->end(), true));
}

void AppendHeader(const Layout& layout, const Table& table, TableWriter& writer, std::string& out) {
  const bool map = table.form == TableForm::kMap;
  out.push_back(map ? '{' : '[');
  out.append(std::to_string(table.rows.size()));
  out.append(map ? " entries" : table.form == TableForm::kLines ? " JSON Lines" : " rows");
  const size_t kept = CountKept(table);
  if (kept < table.rows.size()) out.append(", ").append(std::to_string(kept)).append(" shown");
  const bool has_columns = CountCells(layout) > 0;
  if (has_columns || map || table.has_values) {
    out.append("; columns: ");
    if (map) out.append(has_columns ? "(key)," : "(key)");
    writer.Columns(layout);
    if (table.has_values) out.append(has_columns ? ",(value)" : "(value)");
  }
  writer.Derived(layout, "; computed: ");
  if (!layout.constants.empty()) {
    out.append("; in every row: ");
    writer.Constants(layout, CellPlace::kRow);
  }
  if (table.omitted.empty() || kept == table.rows.size()) return;
  out.append("; in the ").append(std::to_string(table.rows.size() - kept)).append(" omitted: ");
  out.append(table.omitted);
}

// One line, without its end.
void AppendRow(const Document& document, const Table& table, size_t i, Shape& record, TableWriter& writer,
               std::string& out) {
  const size_t cells = CountCells(*record.layout);
  const Token& row = table.rows[i];
  if (table.form == TableForm::kMap) {
    AppendCell(document.Raw(table.keys[i]), Type::kString, CellPlace::kRow, out);
    if (cells > 0) out.push_back(',');
  }
  if (row.type == Type::kObject) {
    writer.Cells(record, row, CellPlace::kRow);
    if (table.has_values && cells > 0) out.push_back(',');
    return;
  }
  out.append(cells, ',');
  AppendCell(document.Raw(row), row.type, CellPlace::kRow, out);
}

}  // namespace

bool AppendTable(const Document& document, const std::vector<Token>& rows, const std::vector<Token>& keys,
                 TableForm form, Deadline& deadline, std::string& out, const TableGaps& gaps) {
  Table table{rows, keys, form, gaps.omitted, gaps.kept};
  Shape record;
  ShapeBuilder builder(document, deadline);
  for (const Token& row : rows) {
    if (row.type == Type::kObject) {
      builder.Add(row, record);
    } else {
      table.has_values = true;
    }
    if (record.opaque || deadline.passed()) return false;
  }
  PlanColumns(document, record);
  if (!table.has_values) FindDerivedColumns(document, rows, deadline, record);

  const size_t begin = out.size();
  TableWriter writer(document, deadline, out);
  const bool has_cells = CountCells(*record.layout) > 0 || form == TableForm::kMap || table.has_values;
  if (!has_cells) table.kept = nullptr;  // the header says it all
  AppendHeader(*record.layout, table, writer, out);
  const auto row = [&](size_t i) {
    if (deadline.Spend()) return;
    out.push_back('\n');
    writer.set_cutter(gaps.cutter);
    if (gaps.cutter != nullptr) gaps.cutter->BeginRow(i);
    AppendRow(document, table, i, record, writer, out);
  };
  const auto gap = [&](size_t first, size_t last) {
    out.append("\n").append(GapMark("rows", first, last, gaps.note ? gaps.note(first - 1, last) : std::string()));
  };
  if (has_cells) ForEachRow(table.kept, rows.size(), row, gap);
  out.push_back('\n');
  out.push_back(form == TableForm::kMap ? '}' : ']');
  if (deadline.passed()) out.resize(begin);
  return !deadline.passed();
}

}  // namespace headroom::text
