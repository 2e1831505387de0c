#include "json/document.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

namespace headroom::json {
namespace {

Status ParseOf(std::string_view text) {
  const PaddedBytes body(text);
  Document document;
  return document.Parse(body);
}

TEST(DocumentTest, YieldsMembersAsSpansOfTheBody) {
  const PaddedBytes body(R"( {"a" : 1.50e+1 , "b":[true,null,"x\"y" ],"a":{} } )");
  Document document;
  ASSERT_TRUE(document.Parse(body).ok());
  const std::vector<Member> members = document.Members(document.root());
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(document.Raw(members[0].key), "\"a\"");
  EXPECT_EQ(document.Raw(members[0].value), "1.50e+1");
  EXPECT_EQ(document.Raw(members[1].value), R"([true,null,"x\"y" ])");
  const std::vector<Token> elements = document.Elements(members[1].value);
  ASSERT_EQ(elements.size(), 3u);
  EXPECT_EQ(elements[1].type, Type::kNull);
  EXPECT_EQ(document.Text(elements[2]), "x\"y");
  EXPECT_EQ(document.Raw(members[2].value), "{}");
  EXPECT_TRUE(document.Members(members[2].value).empty());
}

TEST(DocumentTest, FindTakesTheLastDuplicateAndDecodesKeys) {
  const PaddedBytes body(R"({"key":1,"k\u0065y":2})");
  Document document;
  ASSERT_TRUE(document.Parse(body).ok());
  ASSERT_TRUE(document.Find(document.root(), "key").has_value());
  EXPECT_EQ(document.Raw(*document.Find(document.root(), "key")), "2");
  EXPECT_FALSE(document.Find(document.root(), "kex").has_value());
}

TEST(DocumentTest, AcceptsScalarsAsDocuments) {
  for (const char* text : {"0", "-0", "1e400", "\"\"", "true", "null", " 12 "}) EXPECT_TRUE(ParseOf(text).ok()) << text;
}

TEST(DocumentTest, RefusesMalformedDocuments) {
  for (const char* text :
       {"",           " ",        "{",      "}",           "[1,]",      "[,1]", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{1:2}",    "[1 2]",  "\"a\" \"b\"", "\"a\"b",    "tru",  "01",      "1.",
        "+1",         ".5",       "1e",     "nul",         "[}",        "{]",   "[1]]",    "{\"a\":1}{\"b\":2}",
        "\"\xff\"",   "\"a\nb\"", "\"open", "[\"a\":1]",   "{\"a\",1}", "nan"}) {
    EXPECT_EQ(ParseOf(text).code(), Code::kInvalidArgument) << text;
  }
}

TEST(DocumentTest, AcceptsTheDepthLimitAndRefusesOneMore) {
  const std::string at(kMaxDepth, '[');
  EXPECT_TRUE(ParseOf(at + std::string(kMaxDepth, ']')).ok());
  EXPECT_EQ(ParseOf("[" + at + std::string(kMaxDepth + 1, ']')).code(), Code::kResourceExhausted);
}

TEST(DocumentTest, AcceptsTheStructuralLimitAndRefusesOneMore) {
  // "[0,0,...]" has two brackets, n zeros and n - 1 commas.
  std::string text = "[0";
  for (size_t zeros = 1; 2 * zeros + 1 < kMaxStructurals - 1; ++zeros) text += ",0";
  EXPECT_TRUE(ParseOf(text + "]").ok());
  EXPECT_EQ(ParseOf(text + ",0]").code(), Code::kResourceExhausted);
}

TEST(DocumentTest, RefusesMalformedEscapesWhereverTheyStand) {
  for (const char* text :
       {R"(["\x"])", R"(["\u12g4"])", R"(["a\u123"])", R"({"\q":1})", R"({"a":["b",{"c":"d\\\e"}]})"}) {
    EXPECT_EQ(ParseOf(text).code(), Code::kInvalidArgument) << text;
  }
  EXPECT_TRUE(ParseOf(R"(["\ud83d","\\x","\u00e9\n\/"])").ok());
}

TEST(DocumentTest, IsReusableForSmallerAndLargerBodies) {
  Document document;
  const PaddedBytes large("[" + std::string(10000, ' ') + "1]");
  const PaddedBytes small("[2,3]");
  ASSERT_TRUE(document.Parse(large).ok());
  ASSERT_TRUE(document.Parse(small).ok());
  EXPECT_EQ(document.Elements(document.root()).size(), 2u);
  ASSERT_TRUE(document.Parse(large).ok());
  EXPECT_EQ(document.Elements(document.root()).size(), 1u);
}

TEST(DocumentTest, TruncationAtEveryByteIsAnError) {
  const std::string text = R"({"a":[1,"b\"c",{"d":null}],"e":"\ud83d"})";
  for (size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(ParseOf(text.substr(0, size)).ok()) << size;
  EXPECT_TRUE(ParseOf(text).ok());
}

}  // namespace
}  // namespace headroom::json
