// An independent reader of JSON and of renditions, for tests: a recursive
// descent over characters that shares no code with what it checks. Numbers
// keep their spelling; strings are decoded, lone surrogates to WTF-8.

#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::text {

struct Datum {
  char type = 'n';   // n null, t true, f false, # number, s string, a array, o object, - missing
  std::string text;  // number as spelled, string decoded
  std::vector<Datum> elements;
  std::vector<std::pair<std::string, Datum>> members;

  bool operator==(const Datum&) const = default;
};

// Members sorted by key, those with one key in their order.
Datum Sorted(Datum datum);

class RenditionReader {
 public:
  // With `tables` off it reads JSON only.
  RenditionReader(std::string_view text, bool tables) : text_(text), tables_(tables) {}

  // One value with white space around it. Throws std::runtime_error on anything else.
  Datum ReadAll();
  // Values up to the end, one after the other; the rows of "[N JSON Lines" are values of their own.
  std::vector<Datum> ReadStream();

 private:
  struct Name {
    std::vector<std::string> path;
    char kind = 'c';  // c column, o other keys, k key, v value
    bool tuple = false;
    std::string prefix;                             // its strings begin with it
    std::string suffix;                             // and end with it
    bool only_text = false;                         // its cells are strings, "7" too
    std::vector<std::pair<Name, Datum>> constants;  // of a tuple
    std::vector<Name> columns;
    std::vector<std::array<std::string, 2>> around;  // of computed columns: before, after
    std::vector<std::pair<Name, Name>> computed;     // and what they are made of
  };

  [[noreturn]] void Fail(const char* what) const;
  bool At(std::string_view token) const { return text_.substr(at_, token.size()) == token; }
  bool Take(std::string_view token);
  void Expect(std::string_view token);
  void Space();
  Datum Value();
  std::string String();
  size_t AfterString(size_t at) const;
  Datum Word(std::string_view stops);
  bool TableStarts() const;
  Datum Table();
  void Columns(bool in_tuple, Name& into);
  Name ReadName();
  void ReadComputed(Name& into);
  void ReadConstant(Name name, bool in_tuple, Name& into);
  Datum Cell(const Name& column, bool in_tuple);
  Datum Row(const Name& header, bool in_tuple, std::string* key);

  std::string_view text_;
  bool tables_;
  size_t at_ = 0;
};

}  // namespace headroom::text
