#include "proxy/block_assembler.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"

namespace headroom::proxy {
namespace {

BlockAssembler Assembled(std::string_view start, const std::vector<std::string>& deltas) {
  BlockAssembler block(start);
  for (const std::string& delta : deltas) {
    const PaddedBytes bytes(delta);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok()) << delta;
    block.Add(document, document.root());
  }
  return block;
}

TEST(BlockAssemblerTest, TextsAndThoughtsAreJoined) {
  EXPECT_EQ(Assembled(R"({"type":"text","text":"a"})",
                      {R"({"type":"text_delta","text":"\"b"})", R"({"type":"text_delta","text":"\nc"})"})
                .Finish(),
            R"({"type":"text","text":"a\"b\nc"})");
  EXPECT_EQ(
      Assembled(R"({"type":"thinking","thinking":"","signature":""})",
                {R"({"type":"thinking_delta","thinking":"hm"})", R"({"type":"signature_delta","signature":"s="})"})
          .Finish(),
      R"({"type":"thinking","thinking":"hm","signature":"s="})");
}

TEST(BlockAssemblerTest, ArgumentsMayComeByteByByte) {
  const std::string arguments = R"({"hash":"ABC \"\u00e9\" def","query":""})";
  std::vector<std::string> deltas = {R"({"type":"input_json_delta","partial_json":""})"};
  for (const char c : arguments) {
    const std::string escaped = c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    deltas.push_back(R"({"type":"input_json_delta","partial_json":")" + escaped + R"("})");
  }
  const BlockAssembler block = Assembled(R"({"type":"tool_use","id":"t","name":"f","input":{}})", deltas);
  EXPECT_EQ(block.Arguments(), arguments);
  EXPECT_EQ(block.Finish(), R"({"type":"tool_use","id":"t","name":"f","input":)" + arguments + "}");
}

TEST(BlockAssemblerTest, ArgumentsThatAreNoObjectStayThoseOfTheStart) {
  const BlockAssembler block = Assembled(R"({"type":"tool_use","id":"t","input":{}})",
                                         {R"({"type":"input_json_delta","partial_json":"{\"hash"})"});
  EXPECT_EQ(block.Arguments(), "{\"hash");
  EXPECT_EQ(block.Finish(), R"({"type":"tool_use","id":"t","input":{}})");
}

TEST(BlockAssemblerTest, CitationsFollowThoseOfTheStart) {
  const std::string one = R"({"type":"citations_delta","citation":{"cited_text":"x","document_index":0}})";
  const std::string two = R"({"type":"citations_delta","citation":{"cited_text":"y"}})";
  const std::string both = R"({"cited_text":"x","document_index":0},{"cited_text":"y"})";
  EXPECT_EQ(Assembled(R"({"type":"text","text":"","citations":[]})", {one, two}).Finish(),
            R"({"type":"text","text":"","citations":[)" + both + "]}");
  EXPECT_EQ(Assembled(R"({"type":"text","text":""})", {one, two}).Finish(),
            R"({"type":"text","text":"","citations":[)" + both + "]}");
  EXPECT_EQ(Assembled(R"({"type":"text","text":"","citations":[{"cited_text":"w"}]})", {two}).Finish(),
            R"({"type":"text","text":"","citations":[{"cited_text":"w"},{"cited_text":"y"}]})");
}

TEST(BlockAssemblerTest, DeltasOfTypesThatWeDoNotKnowAreKept) {
  EXPECT_EQ(Assembled(R"({"type":"compaction","content":null})",
                      {R"({"type":"compaction_delta","content":"The user "})",
                       R"({"type":"compaction_delta","content":"asked.","encrypted_content":"gAAA"})"})
                .Finish(),
            R"({"type":"compaction","content":"The user asked.","encrypted_content":"gAAA"})");
  EXPECT_EQ(
      Assembled(R"({"type":"new","list":[1],"level":1})", {R"({"type":"new_delta","list":[2,3],"level":2,"none":null})",
                                                           R"({"type":"new_delta","list":[],"about":{"a":1}})"})
          .Finish(),
      R"({"type":"new","list":[1,2,3],"level":2,"about":{"a":1}})");
}

TEST(BlockAssemblerTest, HostileDeltasBreakNothing) {
  EXPECT_EQ(Assembled(R"({"type":"text","text":"a"})", {"7", "[]", "{}", R"({"type":7,"text":8})"}).Finish(),
            R"({"type":"text","text":8})");
  EXPECT_EQ(Assembled("7", {R"({"type":"text_delta","text":"a"})"}).Finish(), "7");
}

}  // namespace
}  // namespace headroom::proxy
