#include "learning/signature.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::learning {
namespace {

KeyedHash ReferenceHash() {
  std::string key;
  for (char byte = 0; byte < 16; ++byte) key.push_back(byte);
  return KeyedHash(key);
}

// Expectation: openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 SIPHASH over
// fields NUL [["id","numeric"],["name","string"]]
TEST(SignatureTest, OfJsonIsTheKeyedHashOfItsSortedFieldsAndTypes) {
  const Structure structure =
      StructureOf(R"([{"name":"a","id":1},{"id":2,"name":"b"}])", "json", "any", ReferenceHash());
  EXPECT_EQ(structure.id, "301a33672cd2167a8cb4509f");
}

TEST(SignatureTest, OfOtherTextIsTheKeyedHashOfKindAndTool) {
  const Structure structure = StructureOf("12:00 started\n", "log", "Bash", ReferenceHash());
  EXPECT_EQ(structure.id, "4be951a2a6cedd9ac9bf06b1");
  EXPECT_EQ(structure.tool, "7b8296070b0e024e9c2afae5");
  EXPECT_NE(StructureOf("12:00 started\n", "log", "Shell", ReferenceHash()).id, structure.id);
  EXPECT_NE(StructureOf("12:00 started\n", "plain", "Bash", ReferenceHash()).id, structure.id);
}

TEST(SignatureTest, ValuesOrderAndToolDoNotMatter) {
  const KeyedHash hash = ReferenceHash();
  EXPECT_EQ(StructureOf(R"([{"a":1,"b":"x"}])", "json", "one", hash).id,
            StructureOf(R"( [ {"b":"other","a":9e9} , {"a":0,"b":""} ] )", "plain", "two", hash).id);
}

TEST(SignatureTest, KeysOfTheFirstFiveItemsAreMerged) {
  EXPECT_EQ(CanonicalFields(R"([{"a":1},{"b":1},{"c":1},{"d":1},{"e":1},{"f":1}])"),
            R"([["a","numeric"],["b","numeric"],["c","numeric"],["d","numeric"],["e","numeric"]])");
}

TEST(SignatureTest, ANullIsNoEvidenceAndTheWiderTypeWins) {
  EXPECT_EQ(CanonicalFields(R"([{"a":null},{"a":1}])"), R"([["a","numeric"]])");
  EXPECT_EQ(CanonicalFields(R"([{"a":null},{"a":null}])"), R"([["a","null"]])");
  EXPECT_EQ(CanonicalFields(R"([{"a":true},{"a":1}])"), R"([["a","numeric"]])");
  EXPECT_EQ(CanonicalFields(R"([{"a":1},{"a":"1"}])"), R"([["a","string"]])");
  EXPECT_EQ(CanonicalFields(R"([{"a":"1"},{"a":[1]}])"), R"([["a","array"]])");
  EXPECT_EQ(CanonicalFields(R"([{"a":[1]},{"a":{"x":1}}])"), R"([["a","object"]])");
}

TEST(SignatureTest, ItemsAreTheLongestListOfAnObjectElseTheObjectItself) {
  EXPECT_EQ(CanonicalFields(R"({"total":2,"rows":[{"x":1},{"x":2}],"links":[{"href":"y"}]})"), R"([["x","numeric"]])");
  EXPECT_EQ(CanonicalFields(R"({"total":2,"tags":["p","q"]})"), R"([["tags","array"],["total","numeric"]])");
}

TEST(SignatureTest, TextWithoutFieldsHasNone) {
  for (const std::string_view text : {"", "[]", "{}", "[1,2]", "[{", "plain", "\"text\"", "[[{\"a\":1}]]"}) {
    EXPECT_EQ(CanonicalFields(text), "") << text;
    EXPECT_TRUE(StructureOf(text, "json", "t", ReferenceHash()).fields.empty()) << text;
  }
}

TEST(SignatureTest, OfManyFieldsTheFirstOnesCount) {
  const auto object = [](size_t fields) {
    std::string text = "{";
    for (size_t i = 0; i < fields; ++i) text += (i > 0 ? ",\"k" : "\"k") + std::to_string(10'000 + i) + "\":1";
    return text + "}";
  };
  const std::string at_limit = CanonicalFields(object(Structure::kMaxFields));
  EXPECT_EQ(static_cast<size_t>(std::count(at_limit.begin(), at_limit.end(), '[')), Structure::kMaxFields + 1);
  EXPECT_EQ(CanonicalFields(object(Structure::kMaxFields + 1)), at_limit);
}

TEST(SignatureTest, TellsDepthTraitsAndHashedNames) {
  const KeyedHash hash = ReferenceHash();
  const Structure structure =
      StructureOf(R"([{"userId":7,"createdAt":"x","Owner":{"team":{"name":"n"}},"identity":1}])", "json", "t", hash);
  EXPECT_EQ(structure.depth, 3U);
  EXPECT_EQ(structure.traits, kHasId | kHasTimestamp);
  EXPECT_EQ(structure.fields.size(), 4U);
  EXPECT_TRUE(std::binary_search(structure.fields.begin(), structure.fields.end(), WordId("owner", hash)));
  EXPECT_EQ(WordHex(WordId("owner", hash)), "6960313b172353bc");
}

TEST(SignatureTest, DepthIsCountedUpToTen) {
  const auto nested = [](size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i) text += "{\"a\":";
    return text + "1" + std::string(depth, '}');
  };
  EXPECT_EQ(StructureOf(nested(10), "json", "t", ReferenceHash()).depth, 10U);
  EXPECT_EQ(StructureOf(nested(11), "json", "t", ReferenceHash()).depth, 10U);
}

}  // namespace
}  // namespace headroom::learning
