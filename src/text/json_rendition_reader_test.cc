#include "text/json_rendition_reader_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace headroom::text {
namespace {

bool IsJsonNumber(const std::string& text) {
  size_t at = text[0] == '-' ? 1 : 0;
  const auto run = [&] {
    const size_t begin = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0) ++at;
    return at - begin;
  };
  if (run() == 0) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (run() == 0) return false;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (run() == 0) return false;
  }
  return at == text.size();
}

void PutUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr int kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kLead[more] | static_cast<int>(code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3f));
}

// The object at `path` inside `root`, made on the way.
Datum& ObjectAt(Datum& root, const std::vector<std::string>& path, size_t depth) {
  Datum* object = &root;
  for (size_t i = 0; i < depth; ++i) {
    auto it = std::find_if(object->members.begin(), object->members.end(),
                           [&](const auto& member) { return member.first == path[i]; });
    if (it == object->members.end()) {
      Datum inner;
      inner.type = 'o';
      it = object->members.insert(it, {path[i], inner});
    }
    object = &it->second;
    if (object->type != 'o') throw std::runtime_error("a path leads through a value that is no object");
  }
  return *object;
}

const Datum& ValueAt(const Datum& root, const std::vector<std::string>& path) {
  const Datum* datum = &root;
  for (const std::string& key : path) {
    const auto it = std::find_if(datum->members.begin(), datum->members.end(),
                                 [&](const auto& member) { return member.first == key; });
    if (it == datum->members.end()) throw std::runtime_error("computed from a column that is not there");
    datum = &it->second;
  }
  return *datum;
}

void Put(Datum& root, const std::vector<std::string>& path, Datum value) {
  Datum& object = ObjectAt(root, path, path.size() - 1);
  for (const auto& member : object.members) {
    if (member.first == path.back()) throw std::runtime_error("two cells for one key");
  }
  object.members.emplace_back(path.back(), std::move(value));
}

}  // namespace

Datum Sorted(Datum datum) {
  for (Datum& element : datum.elements) element = Sorted(std::move(element));
  for (auto& member : datum.members) member.second = Sorted(std::move(member.second));
  std::stable_sort(datum.members.begin(), datum.members.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  return datum;
}

void RenditionReader::Fail(const char* what) const {
  throw std::runtime_error(std::string(what) + " at " + std::to_string(at_) + ": " +
                           std::string(text_.substr(at_, 60)));
}

bool RenditionReader::Take(std::string_view token) {
  if (!At(token)) return false;
  at_ += token.size();
  return true;
}

void RenditionReader::Expect(std::string_view token) {
  if (!Take(token)) Fail("unexpected text");
}

void RenditionReader::Space() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
}

Datum RenditionReader::ReadAll() {
  Space();
  Datum datum = Value();
  Space();
  if (at_ != text_.size()) Fail("text after the value");
  return datum;
}

std::vector<Datum> RenditionReader::ReadStream() {
  std::vector<Datum> values;
  for (Space(); at_ < text_.size(); Space()) {
    const size_t words = text_.find(' ', at_);
    const bool lines = TableStarts() && text_.substr(words, 11) == " JSON Lines";
    Datum value = Value();
    if (lines) {
      values.insert(values.end(), value.elements.begin(), value.elements.end());
    } else {
      values.push_back(std::move(value));
    }
  }
  return values;
}

// Where the literal that begins at `at` ends.
size_t RenditionReader::AfterString(size_t at) const {
  for (++at; at < text_.size() && text_[at] != '"'; ++at) {
    if (text_[at] == '\\') ++at;
  }
  return std::min(at + 1, text_.size());
}

std::string RenditionReader::String() {
  Expect("\"");
  std::string out;
  while (!At("\"")) {
    if (at_ >= text_.size()) Fail("string not closed");
    if (static_cast<unsigned char>(text_[at_]) < 0x20) Fail("control character in a string");
    if (text_[at_] != '\\') {
      out += text_[at_++];
      continue;
    }
    const char name = text_.at(at_ + 1);
    at_ += 2;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    if (const size_t i = kNames.find(name); i != std::string_view::npos) {
      out += "\"\\/\b\f\n\r\t"[i];
      continue;
    }
    if (name != 'u') Fail("escape");
    uint32_t code = static_cast<uint32_t>(std::stoul(std::string(text_.substr(at_, 4)), nullptr, 16));
    at_ += 4;
    if (code >= 0xd800 && code < 0xdc00 && At("\\u")) {
      const uint32_t low = static_cast<uint32_t>(std::stoul(std::string(text_.substr(at_ + 2, 4)), nullptr, 16));
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at_ += 6;
      }
    }
    PutUtf8(code, out);
  }
  Expect("\"");
  return out;
}

// Text up to one of `stops`: a number or literal where it reads as one, else a string.
Datum RenditionReader::Word(std::string_view stops) {
  const size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
  Datum datum;
  datum.text = std::string(text_.substr(at_, end - at_));
  at_ = end;
  datum.type = 's';
  if (datum.text == "null" || datum.text == "true" || datum.text == "false") {
    datum.type = datum.text[0];
    datum.text.clear();
  } else if (!datum.text.empty() && IsJsonNumber(datum.text)) {
    datum.type = '#';
  }
  return datum;
}

Datum RenditionReader::Value() {
  Space();
  Datum datum;
  if (At("\"")) {
    datum.type = 's';
    datum.text = String();
    return datum;
  }
  if (tables_ && TableStarts()) return Table();
  if (Take("{")) {
    datum.type = 'o';
    for (Space(); !Take("}"); Space()) {
      if (!datum.members.empty()) Expect(",");
      Space();
      std::string key = String();
      Space();
      Expect(":");
      datum.members.emplace_back(std::move(key), Value());
    }
    return datum;
  }
  if (Take("[")) {
    datum.type = 'a';
    for (Space(); !Take("]"); Space()) {
      if (!datum.elements.empty()) Expect(",");
      datum.elements.push_back(Value());
    }
    return datum;
  }
  datum = Word(",]} \t\r\n");
  if (datum.type == 's') Fail("no JSON value");
  return datum;
}

// "[12 rows", "[12 JSON Lines" or "{12 entries".
bool RenditionReader::TableStarts() const {
  size_t i = at_ + 1;
  while (i < text_.size() && std::isdigit(static_cast<unsigned char>(text_[i])) != 0) ++i;
  if (i == at_ + 1) return false;
  const std::string_view rest = text_.substr(i);
  if (At("{")) return rest.starts_with(" entries; ");
  return At("[") && (rest.starts_with(" rows") || rest.starts_with(" JSON Lines"));
}

RenditionReader::Name RenditionReader::ReadName() {
  Name name;
  if (Take("(key)")) {
    name.kind = 'k';
    return name;
  }
  if (Take("(value)")) {
    name.kind = 'v';
    return name;
  }
  do {
    if (Take("{other keys}")) {
      name.kind = 'o';
      return name;
    }
    if (At("\"")) {
      name.path.push_back(String());
      continue;
    }
    const size_t end = std::min(text_.find_first_of(".,:;=\n()[]{}+", at_), text_.size());
    if (end == at_) Fail("empty name");
    name.path.emplace_back(text_.substr(at_, end - at_));
    at_ = end;
  } while (Take("."));
  return name;
}

void RenditionReader::ReadConstant(Name name, bool in_tuple, Name& into) {
  into.constants.emplace_back(std::move(name), Cell(Name(), in_tuple));
}

// `a="x"+b+"y",...`
void RenditionReader::ReadComputed(Name& into) {
  do {
    Name name = ReadName();
    Expect("=");
    std::array<std::string, 2> around;
    if (At("\"") && text_.substr(AfterString(at_), 1) == "+") {
      around[0] = String();
      Expect("+");
    }
    Name from = ReadName();
    if (Take("+")) around[1] = String();
    into.computed.emplace_back(std::move(name), std::move(from));
    into.around.push_back(std::move(around));
  } while (Take(","));
}

// Names up to what ends the list; "name=value" among them is a constant.
void RenditionReader::Columns(bool in_tuple, Name& into) {
  if (in_tuple && At(")")) return;
  do {
    Name name = ReadName();
    if (Take(":[(")) {
      name.tuple = true;
      Columns(true, name);
      Expect(")]");
    }
    if (At("=text+\"") || (At("=\"") && text_.substr(AfterString(at_ + 1), 5) == "+text")) {
      Expect("=");
      if (At("\"")) {
        name.prefix = String();
        Expect("+");
      }
      Expect("text");
      name.only_text = true;
      if (Take("+")) name.suffix = String();
      into.columns.push_back(std::move(name));
    } else if (At("=\"") && text_.substr(AfterString(at_ + 1), 5) == "+cell") {
      Expect("=");
      name.prefix = String();
      Expect("+cell");
      into.columns.push_back(std::move(name));
    } else if (Take("=")) {
      ReadConstant(std::move(name), in_tuple, into);
    } else {
      into.columns.push_back(std::move(name));
    }
  } while (Take(","));
}

Datum RenditionReader::Cell(const Name& column, bool in_tuple) {
  Datum datum;
  if (at_ == text_.size() || At(",") || At("\n") || (in_tuple && At(")"))) {
    datum.type = '-';
    return datum;
  }
  if (column.tuple && At("[(")) {
    datum.type = 'a';
    Expect("[");
    do {
      Expect("(");
      datum.elements.push_back(Row(column, true, nullptr));
      Expect(")");
    } while (Take(","));
    Expect("]");
    return datum;
  }
  if (column.only_text) {
    datum.type = 's';
    if (At("\"")) {
      datum.text = String();
    } else {
      const size_t end = std::min(text_.find_first_of(in_tuple ? ",)\n" : ",\n", at_), text_.size());
      datum.text = std::string(text_.substr(at_, end - at_));
      at_ = end;
    }
    datum.text = column.prefix + datum.text + column.suffix;
    return datum;
  }
  if (At("\"") || At("{") || At("[")) {
    const bool string = At("\"");
    const bool tables = tables_;
    tables_ = false;
    datum = Value();
    tables_ = tables;
    if (string) datum.text.insert(0, column.prefix);
    return datum;
  }
  datum = Word(in_tuple ? ",)\n" : ",\n");
  if (datum.type == 's') datum.text.insert(0, column.prefix);
  return datum;
}

Datum RenditionReader::Row(const Name& header, bool in_tuple, std::string* key) {
  Datum row;
  row.type = 'o';
  Datum instead;
  instead.type = '-';
  for (const auto& constant : header.constants) Put(row, constant.first.path, constant.second);
  for (size_t i = 0; i < header.columns.size(); ++i) {
    const Name& column = header.columns[i];
    if (i > 0) Expect(",");
    Datum cell = Cell(column, in_tuple);
    if (column.kind == 'k') {
      *key = cell.text;
    } else if (cell.type == '-') {
      continue;
    } else if (column.kind == 'v') {
      instead = std::move(cell);
    } else if (column.kind == 'o') {
      Datum& object = ObjectAt(row, column.path, column.path.size());
      object.members.insert(object.members.end(), cell.members.begin(), cell.members.end());
    } else {
      Put(row, column.path, std::move(cell));
    }
  }
  if (instead.type != '-') return instead;
  for (size_t i = 0; i < header.computed.size(); ++i) {
    Datum text;
    text.type = 's';
    text.text = header.around[i][0] + ValueAt(row, header.computed[i].second.path).text + header.around[i][1];
    Put(row, header.computed[i].first.path, std::move(text));
  }
  return row;
}

Datum RenditionReader::Table() {
  const bool map = Take("{");
  if (!map) Expect("[");
  Datum table;
  table.type = map ? 'o' : 'a';
  const Datum count = Word(" ");
  Expect(map ? " entries" : At(" rows") ? " rows" : " JSON Lines");
  Name header;
  if (Take("; columns: ")) Columns(false, header);
  if (Take("; computed: ")) ReadComputed(header);
  if (Take("; in every row: ")) {
    do {
      Name name = ReadName();
      Expect("=");
      ReadConstant(std::move(name), false, header);
    } while (Take(","));
  }
  for (size_t i = std::stoul(count.text); i > 0; --i) {
    if (!header.columns.empty()) Expect("\n");
    std::string key;
    Datum row = Row(header, false, &key);
    if (map) {
      table.members.emplace_back(std::move(key), std::move(row));
    } else {
      table.elements.push_back(std::move(row));
    }
  }
  Expect("\n");
  Expect(map ? "}" : "]");
  return table;
}

TEST(RenditionReaderTest, ReadsATableAsTheRowsItSays) {
  RenditionReader table(
      "[2 rows; columns: id,name,a.b,t:[(x,u=1)]; in every row: k=\"1\"\n7,\"y,z\",,[(p),()]\n8,null,q,\n]", true);
  RenditionReader json(R"([{"k":"1","id":7,"name":"y,z","t":[{"u":1,"x":"p"},{"u":1}]},
                          {"k":"1","id":8,"name":null,"a":{"b":"q"}}])",
                       false);
  EXPECT_EQ(Sorted(table.ReadAll()), Sorted(json.ReadAll()));
}

TEST(RenditionReaderTest, RefusesWhatIsNoRendition) {
  for (const char* text : {"", "[2 rows; columns: a\n1\n]", "[1 rows; columns: a\n1,2\n]", "[1,]", "nul", "\"x"}) {
    EXPECT_THROW(RenditionReader(text, true).ReadAll(), std::runtime_error) << text;
  }
}

}  // namespace headroom::text
