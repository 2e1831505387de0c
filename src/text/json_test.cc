#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "text/compressor.h"
#include "text/json_rendition_reader_test.h"

namespace headroom::text {
namespace {

std::optional<Rendition> Smaller(std::string_view text) { return CompressJson({text, "", ""}, {}); }

std::string Compressed(std::string_view text) {
  const std::optional<Rendition> rendition = Smaller(text);
  return rendition.has_value() ? rendition->text : "(nothing)";
}

// ---------------------------------------------------------------- examples

TEST(CompressJsonTest, WritesEqualObjectsAsATable) {
  const std::optional<Rendition> rendition = Smaller(R"([
    {"id": 1, "name": "ada", "region": "eu", "ok": true},
    {"id": 2, "name": "bob", "region": "eu", "ok": true},
    {"id": 3, "name": "cleo", "region": "eu", "ok": true}])");
  ASSERT_TRUE(rendition.has_value());
  EXPECT_EQ(rendition->text, "[3 rows; columns: id,name; in every row: region=eu,ok=true\n1,ada\n2,bob\n3,cleo\n]");
  EXPECT_EQ(rendition->rule, "json_table");
  EXPECT_EQ(rendition->kind, Kind::kJson);
}

TEST(CompressJsonTest, TellsNullEmptyAndMissingApart) {
  EXPECT_EQ(Compressed(R"([{"id":10,"note":null,"flag":"x"},{"id":11,"note":"","flag":"y"},{"id":12,"flag":"z"},
                           {"id":13,"note":"null","flag":"w"}])"),
            "[4 rows; columns: id,note,flag\n10,null,x\n11,\"\",y\n12,,z\n13,\"null\",w\n]");
}

TEST(CompressJsonTest, QuotesStringsThatWouldReadAsSomethingElse) {
  EXPECT_EQ(Compressed(R"([{"key":"12","value":"a, b"},{"key":"-1e5","value":"[x]"},{"key":"1.2.3","value":"x [y]"},
                           {"key":"true","value":" x"},{"key":"007","value":"\"q\""}])"),
            "[5 rows; columns: key,value\n\"12\",\"a, b\"\n\"-1e5\",\"[x]\"\n1.2.3,x [y]\n\"true\",\" x\"\n"
            "\"007\",\"\\\"q\\\"\"\n]");
}

TEST(CompressJsonTest, KeepsNumbersAsSpelled) {
  EXPECT_EQ(Compressed(R"([{"amount":1.0,"rate":1e400},{"amount":-0,"rate":0.10},
                           {"amount":12345678901234567890123,"rate":1E+2}])"),
            "[3 rows; columns: amount,rate\n1.0,1e400\n-0,0.10\n12345678901234567890123,1E+2\n]");
}

TEST(CompressJsonTest, DecodesEscapesOfVisibleCharactersOnly) {
  EXPECT_EQ(Compressed(R"([{"key":"x\u003cy","value":"a\/b"},{"key":"\u200b","value":"C:\\new"},
                           {"key":"\ud83d","value":"l1\nl2"}])"),
            "[3 rows; columns: key,value\nx<y,a/b\n\"\\u200b\",\"C:\\\\new\"\n\"\\ud83d\",\"l1\\nl2\"\n]");
}

TEST(CompressJsonTest, FlattensObjectsAndWritesArraysOfObjectsAsTuples) {
  EXPECT_EQ(
      Compressed(R"json([{"id":1,"owner":{"login":"ada","age":36},"items":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]},
                           {"id":2,"owner":{"login":"bob","age":41},"items":[]},
                           {"id":3,"owner":null,"items":[{"sku":"C(3)","qty":9}]}])json"),
      "[3 rows; columns: id,owner,owner.login,owner.age,items:[(sku,qty)]\n1,,ada,36,[(A1,2),(B2,1)]\n"
      "2,,bob,41,[]\n3,null,,,[(\"C(3)\",9)]\n]");
}

TEST(CompressJsonTest, PutsRareKeysIntoALastCell) {
  std::string json = "[";
  std::string expected = "[40 rows; columns: seq,kind,{other keys}\n";
  for (int i = 0; i < 40; ++i) {
    const std::string seq = std::to_string(100 + i);
    json += (i > 0 ? "," : "") + ("{\"seq\":" + seq) + ",\"kind\":\"k" + std::to_string(i % 3) + "\"" +
            (i == 7 ? ",\"stack\": [1, 2]}" : "}");
    expected += seq + ",k" + std::to_string(i % 3) + "," + (i == 7 ? "{\"stack\":[1,2]}" : "") + "\n";
  }
  EXPECT_EQ(Compressed(json + "]"), expected + "]");
}

TEST(CompressJsonTest, MakesTablesWhereTheyStandInADocument) {
  EXPECT_EQ(Compressed(R"({"items": [{"id": 1, "name": "ada"}, {"id": 2, "name": "bob"}, {"id": 3, "name": "cy"},
                           {"id": 4, "name": "di"}, {"id": 5, "name": "ed"}], "next": null})"),
            "{\"items\":[5 rows; columns: id,name\n1,ada\n2,bob\n3,cy\n4,di\n5,ed\n],\"next\":null}");
}

TEST(CompressJsonTest, WritesAMapOfEqualObjectsWithItsKeyFirst) {
  EXPECT_EQ(Compressed(R"({"a.txt": {"size": 10, "owner": "root"}, "b,c": {"size": 20, "owner": "ada"},
                           "": {"size": 30, "owner": "bob"}, "4": {"size": 40, "owner": "bob"}})"),
            "{4 entries; columns: (key),size,owner\na.txt,10,root\n\"b,c\",20,ada\n\"\",30,bob\n\"4\",40,bob\n}");
}

TEST(CompressJsonTest, QuotesKeysThatHoldMarks) {
  EXPECT_EQ(
      Compressed(R"([{"a.b": 1, "first name": "x", "": "p", "é": 2}, {"a.b": 3, "first name": "y", "": "q", "é": 4},
                           {"a.b": 5, "first name": "z", "": "r", "é": 6}])"),
      "[3 rows; columns: \"a.b\",\"first name\",\"\",é\n1,x,p,2\n3,y,q,4\n5,z,r,6\n]");
}

TEST(CompressJsonTest, MinifiesWhatIsNoTable) {
  const std::optional<Rendition> rendition =
      Smaller("{ \"a\" : [ 1 , 1.50 , -0 ],\n \"a\" : \"x\\u003c  y\" , \"b\" : { \"c\" : 1e400 } }");
  ASSERT_TRUE(rendition.has_value());
  EXPECT_EQ(rendition->text, R"({"a":[1,1.50,-0],"a":"x\u003c  y","b":{"c":1e400}})");
  EXPECT_EQ(rendition->rule, "json_minified");
}

TEST(CompressJsonTest, LeavesRowsWithAKeyTwiceAsJson) {
  EXPECT_EQ(Compressed(R"([{"a": 1, "a": 2}, {"a": 3, "a": 4}, {"a": 5, "a": 6}])"),
            R"([{"a":1,"a":2},{"a":3,"a":4},{"a":5,"a":6}])");
}

TEST(CompressJsonTest, WritesJsonLinesAsOneTable) {
  const std::optional<Rendition> rendition = Smaller(
      "{\"ts\":1,\"msg\":\"one\"}\n{\"ts\":2,\"msg\":\"two\"}\r\n{\"ts\":3,\"msg\":\"three\"}\n{\"ts\":4,\"msg\":\"x\"}"
      "\n");
  ASSERT_TRUE(rendition.has_value());
  EXPECT_EQ(rendition->text, "[4 JSON Lines; columns: ts,msg\n1,one\n2,two\n3,three\n4,x\n]\n");
  EXPECT_EQ(rendition->rule, "json_lines");
}

TEST(CompressJsonTest, KeepsTextAroundADocumentByteForByte) {
  EXPECT_EQ(
      Compressed("HTTP/1.1 200 OK \t\r\nx: [y]\r\n\r\n  { \"a\" : [ 1, 2 ],\n \"brackets\" : \"}}}}]]]]\" }  \n-- {\n"),
      "HTTP/1.1 200 OK \t\r\nx: [y]\r\n\r\n  {\"a\":[1,2],\"brackets\":\"}}}}]]]]\"}  \n-- {\n");
}

TEST(CompressJsonTest, LeavesASmallDocumentInALongTextAlone) {
  const std::string prose(200, 'p');
  EXPECT_FALSE(Smaller(prose + "\n{ \"a\" : 1 }\n").has_value());
}

TEST(CompressJsonTest, SaysADateOrAPathThatAllRowsShareOnce) {
  EXPECT_EQ(Compressed(R"([{"at":"2025-05-11T21:00:00Z","url":"https://example.com/api/items/1"},
                           {"at":"2025-05-11T21:04:10Z","url":"https://example.com/api/items/22"},
                           {"at":null,"url":"https://example.com/api/items/333"},
                           {"at":"2025-05-11T22:59:59Z","url":"https://example.com/api/items/333/x, y"}])"),
            "[4 rows; columns: at=\"2025-05-11T\"+cell,url=\"https://example.com/api/\"+cell\n21:00:00Z,items/1\n"
            "21:04:10Z,items/22\nnull,items/333\n22:59:59Z,\"items/333/x, y\"\n]");
}

TEST(CompressJsonTest, SaysASentenceThatAllRowsShareOnce) {
  std::string json = "[";
  std::string rows;
  for (int i = 0; i < 8; ++i) {
    const std::string n = std::to_string(i * 7);
    json += std::string(i > 0 ? "," : "") + R"({"at":"handler )" + n + R"(b on port 62","note":")" + n +
            R"( of all were done","title":"Test issue )" + n + R"("})";
    rows += "\n" + n + "b," + n + ",Test issue " + n;
  }
  EXPECT_EQ(
      Compressed(json + "]"),
      "[8 rows; columns: at=\"handler \"+text+\" on port 62\",note=text+\" of all were done\",title" + rows + "\n]");
}

std::string RowsOf(int rows, const std::string& last) {
  std::string json = "[";
  for (int i = 0; i < rows; ++i) {
    json += R"({"id":)" + std::to_string(i) + R"(,"at":"a handler of port )" + std::to_string(i) + R"("},)";
  }
  return json + R"({"id":99,"at":)" + last + "}]";
}

TEST(CompressJsonTest, KeepsSentencesWhereOneRowIsOtherOrRowsAreFew) {
  EXPECT_NE(Compressed(RowsOf(8, R"("a handler of port 8")")).find("at=\"a handler of port \"+text"),
            std::string::npos);
  EXPECT_NE(Compressed(RowsOf(8, R"("a handler of port ")")).find("\n0,a handler of port 0\n"), std::string::npos);
  EXPECT_NE(Compressed(RowsOf(8, "7")).find("\n0,a handler of port 0\n"), std::string::npos);
  EXPECT_NE(Compressed(RowsOf(7, R"("a handler of port 8")")).find("at=\"a handler of port \"+text"),
            std::string::npos);
  EXPECT_NE(Compressed(RowsOf(6, R"("a handler of port 8")")).find("\n0,a handler of port 0\n"), std::string::npos);
}

// Words in front, in the middle and behind, at random.
std::string SentenceRows(uint32_t seed) {
  static constexpr const char* kFronts[] = {"", "Retrying connect to server ", "a b ", "2025-05-11 10:00 then we ",
                                            "x/y/z/w of the "};
  static constexpr const char* kMiddles[] = {"7", "true", "null", "", "a, b", "-", "1.5", "word", "(x)", "é", "it's 7"};
  static constexpr const char* kEnds[] = {"", " seconds. Will retry shortly ...", " b", " of the, very same"};
  std::mt19937 random(seed);
  const auto pick = [&](const auto& choices) { return std::string(choices[random() % std::size(choices)]); };
  const std::string front = pick(kFronts);
  const std::string end = pick(kEnds);
  const bool mixed = random() % 5 == 0;
  std::string json = "[";
  for (size_t row = 0; row < 8 + random() % 20; ++row) {
    if (row > 0) json += ",";
    json += R"({"id":)" + std::to_string(row);
    if (random() % 9 != 0)
      json += R"(,"text":)" + (mixed && random() % 3 == 0 ? "5" : "\"" + front + pick(kMiddles) + end + "\"");
    if (random() % 2 == 0) json += R"(,"in":[{"a":")" + front + pick(kMiddles) + R"("},{"a":")" + front + R"(z"}])";
    json += "}";
  }
  return json + "]";
}

TEST(CompressJsonPropertyTest, EverySentenceCanBeReadBack) {
  size_t shared = 0;
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    const std::string original = SentenceRows(seed);
    const std::optional<Rendition> rendition = Smaller(original);
    if (!rendition.has_value()) continue;
    shared += rendition->text.find("+text") != std::string::npos || rendition->text.find("=text+") != std::string::npos
                  ? 1
                  : 0;
    ASSERT_EQ(Sorted(RenditionReader(rendition->text, true).ReadAll()),
              Sorted(RenditionReader(original, false).ReadAll()))
        << "seed " << seed << "\n"
        << original << "\n"
        << rendition->text;
  }
  EXPECT_GT(shared, 500u);
}

TEST(CompressJsonTest, DoesNotCutIdsOrSchemes) {
  EXPECT_EQ(
      Compressed(
          R"([{"id":"pay_da716b4c","image":"containerd-image://4752"},{"id":"pay_d4b617a3","image":"containerd-image://9e51"},
                           {"id":"pay_169ff0f6","image":"containerd-image://0b07"}])"),
      "[3 rows; columns: id,image\npay_da716b4c,containerd-image://4752\npay_d4b617a3,containerd-image://9e51\n"
      "pay_169ff0f6,containerd-image://0b07\n]");
}

TEST(CompressJsonTest, ComputesColumnsThatContainAnother) {
  EXPECT_EQ(Compressed(R"([{"name":"alpha-1","page":"/p/alpha-1.html","n":7,"no":"7","link":{"self":"alpha-1"}},
                           {"name":"beta-22","page":"/p/beta-22.html","n":8,"no":"8","link":{"self":"beta-22"}},
                           {"name":"gamma-3","page":"/p/gamma-3.html","n":9,"no":"9","link":{"self":"gamma-3"}}])"),
            "[3 rows; columns: name,n,no; computed: page=\"/p/\"+name+\".html\",link.self=name\nalpha-1,7,\"7\"\n"
            "beta-22,8,\"8\"\ngamma-3,9,\"9\"\n]");
}

TEST(CompressJsonTest, ComputesNothingThatFailsInOneRow) {
  EXPECT_EQ(Compressed(R"([{"name":"alpha-1","page":"/p/alpha-1.html"},{"name":"beta-22","page":"/p/beta-22.html"},
                           {"name":"gamma-3","page":"/p/gamma-4.html"}])"),
            "[3 rows; columns: name,page\nalpha-1,/p/alpha-1.html\nbeta-22,/p/beta-22.html\n"
            "gamma-3,/p/gamma-4.html\n]");
}

TEST(CompressJsonTest, KeepsAFewElementsThatAreNoObjectsInALastColumn) {
  std::string json = "[";
  std::string expected = "[20 rows; columns: sequence,(value)\n";
  for (int i = 0; i < 20; ++i) {
    if (i > 0) json += ", ";
    json += i == 5 ? "\"lost 3, then resumed\"" : i == 9 ? "null" : "{\"sequence\": " + std::to_string(i) + "}";
    expected += i == 5 ? ",\"lost 3, then resumed\"\n" : i == 9 ? ",null\n" : std::to_string(i) + ",\n";
  }
  EXPECT_EQ(Compressed(json + "]"), expected + "]");
}

TEST(CompressJsonTest, LeavesAnArrayOfMostlyOtherThingsAsJson) {
  EXPECT_EQ(Compressed(R"([ {"a": 1}, 2, {"a": 3}, 4, {"a": 5}, 6 ])"), R"([{"a":1},2,{"a":3},4,{"a":5},6])");
}

TEST(CompressJsonTest, KeepsNamesBesideTheValuesWhereAWideTableHasGaps) {
  std::string json = "[";
  for (int row = 0; row < 6; ++row) {
    json += row > 0 ? ",{" : "{";
    for (int key = 0; key < 30; ++key) {
      if (key > 0 && (row + key) % 2 == 0) continue;  // each key but the first in half of the rows
      json += (key > 0 ? ",\"key" : "\"key") + std::to_string(key) + "\": \"v" + std::to_string(row) + "\"";
    }
    for (int full = 0; full < 20; ++full) json += ", \"full" + std::to_string(full) + "\": " + std::to_string(row);
    json += "}";
  }
  const std::string text = Compressed(json + "]");
  EXPECT_TRUE(text.starts_with("[6 rows; columns: key0,full0,full1,")) << text;
  EXPECT_THAT(text, testing::HasSubstr(",full19,{other keys}\nv0,0,0,"));
  EXPECT_THAT(text, testing::HasSubstr(",0,{\"key1\":\"v0\",\"key3\":\"v0\","));
}

TEST(CompressJsonTest, LeavesObjectsOfTooManyKeysAsJson) {
  const auto rows = [](size_t keys) {
    std::string row = "{";
    for (size_t i = 0; i < keys; ++i) row += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\": " + std::to_string(i);
    return "[" + row + "}, " + row + "}]";
  };
  EXPECT_TRUE(Compressed(rows(1024)).starts_with("[2 rows; in every row: k0=0,"));
  EXPECT_TRUE(Compressed(rows(1025)).starts_with("[{\"k0\":0,"));
}

// ---------------------------------------------------------------- bad input

TEST(CompressJsonTest, GivesNothingForWhatItCannotRead) {
  for (const std::string& text :
       {std::string(), std::string("  \n "), std::string("hello"), std::string("42"), std::string("\"a  string\""),
        std::string("[ {\"a\": 1}, {\"a\": 2}"), std::string("{ \"a\" : \"never closed }"), std::string("[ 1, 2 ] ]"),
        std::string("{ \"a\" : \"x\0y\" }", 15), std::string("{ \"a\" : \"\xff\" }"), std::string("{ \"a\" : 01 }"),
        std::string("{ 'a' : 1 }"), std::string("[]"), std::string("]"), std::string("{\"a\":1}")}) {
    EXPECT_FALSE(Smaller(text).has_value()) << text;
  }
}

TEST(CompressJsonTest, ReadsTheDeepestDocumentAndNoneBelow) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + " 1 " + std::string(depth, ']'); };
  EXPECT_TRUE(Smaller(nested(512)).has_value());
  EXPECT_FALSE(Smaller(nested(513)).has_value());
  EXPECT_FALSE(Smaller(nested(1'000'000)).has_value());
}

TEST(CompressJsonTest, ReadsTheLargestTextAndNoneAbove) {
  const auto sized = [](size_t bytes) { return "[ \"" + std::string(bytes - 6, 'x') + "\" ]"; };
  ASSERT_EQ(sized(16 << 20).size(), size_t{16} << 20);
  EXPECT_TRUE(Smaller(sized(16 << 20)).has_value());
  EXPECT_FALSE(Smaller(sized((16 << 20) + 1)).has_value());
}

TEST(CompressJsonTest, StopsWhenTheDeadlineHasPassed) {
  std::string json = "[";
  for (int i = 0; i < 5000; ++i) json += (i > 0 ? "," : "") + std::string("{\"id\": 1, \"name\": \"x\"}");
  json += "]";
  int polls = 0;
  EXPECT_FALSE(CompressJson({json, "", ""}, [&] { return ++polls >= 3; }).has_value());
  EXPECT_GE(polls, 3);
  EXPECT_TRUE(CompressJson({json, "", ""}, [] { return false; }).has_value());
}

// ---------------------------------------------------------------- generated

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string Document() {
    depth_ = 0;
    switch (Below(4)) {
      case 0:
        return Space() + Rows() + Space();
      case 1:
        return "{" + Key() + ":" + Rows() + "," + Key() + ":" + Value() + "}";
      case 2:
        return Map();
      default:
        return Value();
    }
  }

  std::string Lines() {
    std::string out;
    NewShape();
    const size_t count = 2 + Below(12);
    for (size_t i = 0; i < count; ++i) out += Row() + (Below(5) == 0 ? "\r\n" : "\n");
    return out;
  }

  size_t Below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }

 private:
  std::string Space() { return Below(6) == 0 ? (Below(2) == 0 ? " " : " ") : ""; }

  const std::string& Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  std::string Key() {
    static const std::vector<std::string> kKeys = {
        "id",          "name", "a",    "b",       "a.b",           "first name", "",
        "é",           "k=v",  "x:y",  "p;q",     "(key)",         "[0]",        "{other keys}",
        "x,y",         "12",   "null", "\\u0061", "say \\\"x\\\"", "url",        "created_at",
        "line\\nbreak"};
    return "\"" + Pick(kKeys) + "\"";
  }

  std::string Scalar() {
    static const std::vector<std::string> kScalars = {"null",
                                                      "true",
                                                      "false",
                                                      "0",
                                                      "-0",
                                                      "1",
                                                      "12.50",
                                                      "1e400",
                                                      "-1E-7",
                                                      "123456789012345678901234567890",
                                                      "\"\"",
                                                      "\"null\"",
                                                      "\"true\"",
                                                      "\"12\"",
                                                      "\"-0\"",
                                                      "\"1e5\"",
                                                      "\"x\"",
                                                      "\"a,b\"",
                                                      "\"a|b\"",
                                                      "\"a;b\"",
                                                      "\" x\"",
                                                      "\"x \"",
                                                      "\"\\n\"",
                                                      "\"l1\\nl2\"",
                                                      "\"tab\\tx\"",
                                                      "\"\\\"q\\\"\"",
                                                      "\"q\\\"q\"",
                                                      "\"C:\\\\n\"",
                                                      "\"\\u003cb\\u003e\"",
                                                      "\"\\ud83d\"",
                                                      "\"\\ud83d\\ude00\"",
                                                      "\"\\ude00x\"",
                                                      "\"日本\"",
                                                      "\"\\u0000\"",
                                                      "\"\\u2028\"",
                                                      "\"(x)\"",
                                                      "\"x)y\"",
                                                      "\"[1]\"",
                                                      "\"{}\"",
                                                      "\"]\"",
                                                      "\"}\"",
                                                      "\"[2 rows; columns: a\"",
                                                      "\"; in every row: x=1\"",
                                                      "\"https://example.com/api/items/1\"",
                                                      "\"https://example.com/api/items/22\"",
                                                      "\"2025-01-02T10:00:00Z\"",
                                                      "\"2025-01-02T11:30:00Z\"",
                                                      "\"a\\/b\"",
                                                      "\"=x\"",
                                                      "\"007\"",
                                                      "\"+1\"",
                                                      "\".5\""};
    return Pick(kScalars);
  }

  std::string Value() {
    if (depth_ > 3) return Scalar();
    ++depth_;
    std::string out;
    switch (Below(9)) {
      case 0:
        out = Rows();
        break;
      case 1:
        out = Map();
        break;
      case 2:
        out = "[" + Scalar() + "," + Space() + Value() + "]";
        break;
      case 3:
        out = "{" + Space() + Key() + ":" + Value() + "," + Key() + ":" + Space() + Scalar() + "}";
        break;
      case 4:
        out = Below(2) == 0 ? "{" + Space() + "}" : "[" + Space() + "]";
        break;
      default:
        out = Scalar();
    }
    --depth_;
    return out;
  }

  struct Column {
    std::string key;
    size_t presence;  // of 10
    int kind;         // 0 anything, 1 constant, 2 object, 3 array of objects, 4 scalar
    std::string constant;
    std::vector<std::string> inner;
  };

  std::vector<Column> NewShape() {
    std::vector<Column> shape;
    const size_t count = 1 + Below(7);
    for (size_t i = 0; i < count; ++i) {
      Column column{Key(), Below(3) == 0 ? 1 + Below(9) : 10, static_cast<int>(Below(6)), Scalar(), {}};
      for (size_t k = Below(3) + 1; k > 0; --k) column.inner.push_back(Key());
      shape.push_back(std::move(column));
    }
    shape_ = shape;
    return shape;
  }

  std::string Inner(const Column& column) {
    std::string out = "{";
    for (const std::string& key : column.inner) {
      if (Below(6) == 0) continue;
      out += (out.size() > 1 ? "," : "") + key + ":" + (Below(8) == 0 ? Value() : Scalar());
    }
    return out + "}";
  }

  std::string CellOf(const Column& column) {
    if (Below(12) == 0) return "null";
    switch (column.kind) {
      case 0:
        return Value();
      case 1:
        return column.constant;
      case 2:
        return Inner(column);
      case 3: {
        std::string out = "[";
        for (size_t i = Below(4); i > 0; --i) out += (out.size() > 1 ? "," : "") + Inner(column);
        return out + "]";
      }
      default:
        return Scalar();
    }
  }

  std::string Row() {
    const std::vector<Column> shape = shape_;
    std::string out = "{";
    for (const Column& column : shape) {
      if (Below(10) >= column.presence) continue;
      out += (out.size() > 1 ? "," : "") + column.key + Space() + ":" + CellOf(column);
      shape_ = shape;
    }
    return out + "}";
  }

  std::string Rows() {
    const std::vector<Column> shape = NewShape();
    std::string out = "[";
    for (size_t i = Below(14); i > 0; --i) {
      shape_ = shape;
      out += (out.size() > 1 ? "," : "") + Space() + (Below(40) == 0 ? Scalar() : Row());
    }
    return out + "]";
  }

  std::string Map() {
    const std::vector<Column> shape = NewShape();
    std::string out = "{";
    for (size_t i = Below(9); i > 0; --i) {
      shape_ = shape;
      out += (out.size() > 1 ? "," : "") + (Below(2) == 0 ? Key() : Quoted(i)) + ":" + Row();
    }
    return out + "}";
  }

  static std::string Quoted(size_t i) { return "\"item-" + std::to_string(i) + "\""; }

  std::mt19937 random_;
  size_t depth_ = 0;
  std::vector<Column> shape_;
};

TEST(CompressJsonPropertyTest, EveryDocumentCanBeReadBack) {
  size_t tables = 0;
  for (uint32_t seed = 0; seed < 4'000; ++seed) {
    const std::string original = Generator(seed).Document();
    const std::optional<Rendition> rendition = Smaller(original);
    if (!rendition.has_value()) continue;
    tables += rendition->rule == "json_table" ? 1 : 0;
    const Datum expected = Sorted(RenditionReader(original, false).ReadAll());
    try {
      ASSERT_EQ(Sorted(RenditionReader(rendition->text, true).ReadAll()), expected) << "seed " << seed << "\n"
                                                                                    << original << "\n"
                                                                                    << rendition->text;
    } catch (const std::runtime_error& error) {
      FAIL() << error.what() << "\nseed " << seed << "\n" << original << "\n" << rendition->text;
    }
  }
  EXPECT_GT(tables, 800u);
}

TEST(CompressJsonPropertyTest, EveryJsonLinesTextCanBeReadBack) {
  size_t tables = 0;
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    const std::string original = Generator(seed).Lines();
    const std::optional<Rendition> rendition = Smaller(original);
    if (!rendition.has_value()) continue;
    tables += rendition->rule == "json_lines" ? 1 : 0;
    std::vector<Datum> expected = RenditionReader(original, false).ReadStream();
    std::vector<Datum> got;
    try {
      got = RenditionReader(rendition->text, true).ReadStream();
    } catch (const std::runtime_error& error) {
      FAIL() << error.what() << "\nseed " << seed << "\n" << original << "\n" << rendition->text;
    }
    for (Datum& datum : expected) datum = Sorted(std::move(datum));
    for (Datum& datum : got) datum = Sorted(std::move(datum));
    ASSERT_EQ(got, expected) << "seed " << seed << "\n" << original << "\n" << rendition->text;
  }
  EXPECT_GT(tables, 400u);
}

TEST(CompressJsonPropertyTest, TheSameTextGivesTheSameBytes) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    const std::string original = Generator(seed).Document();
    EXPECT_EQ(Compressed(original), Compressed(original));
  }
}

}  // namespace
}  // namespace headroom::text
