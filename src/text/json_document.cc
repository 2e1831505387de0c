#include "text/json_document.h"

#include <algorithm>
#include <vector>

#include "text/json_spelling.h"

namespace headroom::text {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;

constexpr size_t kMaxTenths = 9;        // of the JSON's cost: for less than that its familiar form stays
constexpr size_t kMinObjectTenths = 9;  // of the elements of an array
constexpr size_t kMinEntries = 3;       // of a map: two equal members are no pattern

// At least two objects, and few other values among them.
bool MakeRows(const std::vector<Token>& values) {
  const auto objects =
      std::count_if(values.begin(), values.end(), [](const Token& value) { return value.type == Type::kObject; });
  return objects > 1 && static_cast<size_t>(objects) * 10 >= values.size() * kMinObjectTenths;
}

}  // namespace

JsonWriter::JsonWriter(const Document& document, const Expired& expired)
    : document_(document), deadline_(expired), effort_(kEffort * document.body().size()) {}

bool JsonWriter::Write(std::string& out) {
  Value(document_.root(), out);
  return !deadline_.passed();
}

bool JsonWriter::WriteLines(std::string& out) {
  const std::vector<Token> lines = document_.Elements(document_.root());
  if (Table(document_.root(), lines, {}, TableForm::kLines, out)) return !deadline_.passed();
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out.push_back('\n');
    Value(lines[i], out);
  }
  return !deadline_.passed();
}

void JsonWriter::Value(const Token& value, std::string& out) {
  if (deadline_.Spend()) return;
  switch (value.type) {
    case Type::kObject:
      return Object(value, out);
    case Type::kArray:
      return Array(value, out);
    default:
      out.append(document_.Raw(value));
  }
}

void JsonWriter::Object(const Token& object, std::string& out) {
  const std::vector<Member> members = document_.Members(object);
  if (members.size() >= kMinEntries) {
    std::vector<Token> keys, values;
    for (const Member& member : members) {
      if (member.value.type != Type::kObject) break;
      keys.push_back(member.key);
      values.push_back(member.value);
    }
    if (values.size() == members.size() && Table(object, values, keys, TableForm::kMap, out)) return;
  }
  char opening = '{';
  for (const Member& member : members) {
    out.push_back(opening);
    opening = ',';
    out.append(document_.Raw(member.key));
    out.push_back(':');
    Value(member.value, out);
  }
  out.append(members.empty() ? "{}" : "}");
}

void JsonWriter::Array(const Token& array, std::string& out) {
  const std::vector<Token> elements = document_.Elements(array);
  if (MakeRows(elements) && Table(array, elements, {}, TableForm::kArray, out)) return;
  char opening = '[';
  for (const Token& element : elements) {
    out.push_back(opening);
    opening = ',';
    Value(element, out);
  }
  out.append(elements.empty() ? "[]" : "]");
}

bool JsonWriter::Table(const Token& whole, const std::vector<Token>& rows, const std::vector<Token>& keys,
                       TableForm form, std::string& out) {
  if (deadline_.passed() || effort_ < whole.span.size()) return false;
  effort_ -= whole.span.size();
  std::string table;
  if (!AppendTable(document_, rows, keys, form, deadline_, table)) return false;
  std::string minified;
  AppendMinified(document_.Raw(whole), minified);
  if (EstimateQuarterTokens(table) * 10 > EstimateQuarterTokens(minified) * kMaxTenths) return false;
  made_table_ = true;
  out.append(table);
  return true;
}

}  // namespace headroom::text
