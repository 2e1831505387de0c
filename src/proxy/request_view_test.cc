#include "proxy/request_view.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

// A view with what it borrows.
struct Read {
  PaddedBytes body;
  json::Document document;
  RequestView view;

  std::string Piece(size_t block, size_t piece = 0) const {
    return document.Text(view.blocks.at(block).pieces.at(piece)).value();
  }
};

std::unique_ptr<Read> ReadBody(Api api, std::string_view text) {
  auto read = std::make_unique<Read>();
  read->body = PaddedBytes(text);
  EXPECT_TRUE(read->document.Parse(read->body).ok()) << text;
  Result<RequestView> view = ReadRequest(api, read->document);
  EXPECT_TRUE(view.ok()) << text;
  if (view.ok()) read->view = *std::move(view);
  return read;
}

Hash128 LastKey(Api api, std::string_view text) {
  const auto read = ReadBody(api, text);
  return LineageOf(read->view, store::TenantId()).back();
}

std::string Messages(std::string_view messages) {
  return R"({"model":"m","messages":[)" + std::string(messages) + "]}";
}

TEST(RequestViewTest, ReadsToolCallsAndResultsOfMessages) {
  const auto read = ReadBody(Api::kMessages, Messages(R"(
      {"role":"user","content":"go"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
        {"type":"tool_use","id":"a","name":"Bash","input":{"command":"ls"}}]},
      {"role":"user","content":[
        {"type":"tool_result","tool_use_id":"a","content":"one\ntwo"},
        {"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"x"},{"type":"image","source":{}},
           {"type":"text","text":"y"}]},
        {"type":"tool_result","tool_use_id":"c","content":"bad","is_error":true}]})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 6u);
  EXPECT_EQ(blocks[0].kind, BlockKind::kText);
  EXPECT_TRUE(blocks[1].signed_thinking);
  EXPECT_EQ(blocks[2].tool_name, "Bash");
  EXPECT_EQ(read->document.Raw(blocks[2].arguments), R"({"command":"ls"})");
  EXPECT_TRUE(blocks[3].replaceable);
  EXPECT_EQ(read->Piece(3), "one\ntwo");
  ASSERT_EQ(blocks[4].pieces.size(), 2u);
  EXPECT_EQ(read->Piece(4, 1), "y");
  EXPECT_TRUE(blocks[4].replaceable);
  EXPECT_FALSE(blocks[5].replaceable);
}

TEST(RequestViewTest, ReadsParallelCallsAndLegacyFunctionsOfChat) {
  const auto read = ReadBody(Api::kChat, Messages(R"(
      {"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"go"}]},
      {"role":"assistant","content":null,"tool_calls":[
        {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
        {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"b","content":"rb"},
      {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"ra"}]},
      {"role":"assistant","content":"","function_call":{"name":"old","arguments":"{}"}},
      {"role":"function","name":"old","content":"ro"})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 7u);  // the leading system message is none
  EXPECT_EQ(blocks[1].tool_name, "f");
  EXPECT_EQ(read->document.Text(blocks[1].arguments), R"({"x":1})");
  EXPECT_EQ(blocks[3].call_id, "b");
  EXPECT_EQ(read->Piece(4), "ra");
  EXPECT_EQ(blocks[5].call_id, "old");
  EXPECT_EQ(blocks[6].call_id, "old");
}

TEST(RequestViewTest, AResultKnowsTheLastUserTextBeforeIt) {
  const auto read = ReadBody(Api::kMessages, Messages(R"(
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"z","content":"r0"}]},
      {"role":"user","content":"first"},{"role":"assistant","content":"text of ours"},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r1"},
        {"type":"text","text":"second"},{"type":"tool_result","tool_use_id":"b","content":"r2"}]})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 6u);
  EXPECT_EQ(blocks[0].question.type, json::Type::kNull);
  EXPECT_EQ(read->document.Text(blocks[3].question), "first");
  EXPECT_EQ(read->document.Text(blocks[5].question), "second");
  const auto chat = ReadBody(Api::kChat, Messages(R"({"role":"user","content":[{"type":"text","text":"q"}]},
      {"role":"tool","tool_call_id":"a","content":"r"})"));
  EXPECT_EQ(chat->document.Text(chat->view.blocks[1].question), "q");
}

TEST(RequestViewTest, ACallKnowsWhatTheModelSaidJustBeforeIt) {
  const auto read = ReadBody(Api::kMessages, Messages(R"(
      {"role":"user","content":"do it"},
      {"role":"assistant","content":[{"type":"text","text":"I look at the log."},
        {"type":"tool_use","id":"a","name":"f","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]},
      {"role":"assistant","content":[{"type":"tool_use","id":"b","name":"f","input":{}}]})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 5u);
  EXPECT_EQ(read->document.Text(blocks[2].preamble), "I look at the log.");
  EXPECT_EQ(blocks[4].preamble.type, json::Type::kNull);
}

TEST(RequestViewTest, WhatAClientInjectsIsNoQuestion) {
  const auto read = ReadBody(Api::kMessages, Messages(R"(
      {"role":"user","content":[{"type":"text","text":"why?"},
        {"type":"text","text":"<system-reminder>todo list is empty</system-reminder>"}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]})"));
  EXPECT_EQ(read->document.Text(read->view.blocks[2].question), "why?");
}

TEST(RequestViewTest, CitableAndForeignPartsProtectTheWholeResult) {
  for (const char* part : {R"({"type":"search_result","source":"s","title":"t","content":[]})",
                           R"({"type":"tool_reference","tool_name":"x"})", R"({"type":"document","source":{}})",
                           R"({"type":"text","text":"y","citations":[]})", "7"}) {
    const auto read = ReadBody(Api::kMessages, Messages(R"({"role":"user","content":[{"type":"tool_result",
        "tool_use_id":"a","content":[{"type":"text","text":"x"},)" +
                                                        std::string(part) + "]}]}"));
    EXPECT_FALSE(read->view.blocks[0].replaceable) << part;
  }
}

TEST(RequestViewTest, ResultsThatAProgramReadsComeFromANonDirectCaller) {
  const auto read = ReadBody(Api::kMessages, Messages(R"({"role":"assistant","content":[
      {"type":"tool_use","id":"a","name":"q","input":{},"caller":{"type":"code_execution_20250825","tool_id":"z"}},
      {"type":"tool_use","id":"b","name":"q","input":{},"caller":{"type":"direct"}}]})"));
  EXPECT_FALSE(read->view.blocks[0].direct_caller);
  EXPECT_TRUE(read->view.blocks[1].direct_caller);
}

TEST(RequestViewTest, RefusesBodiesWithoutOneListOfMessages) {
  for (const char* text : {"[]", "7", "{}", R"({"messages":7})", R"({"messages":[1]})",
                           R"({"messages":[],"messages":[]})", R"({"messages":null})"}) {
    const PaddedBytes body((std::string_view(text)));
    json::Document document;
    ASSERT_TRUE(document.Parse(body).ok());
    EXPECT_EQ(ReadRequest(Api::kMessages, document).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(LineageTest, AStringEqualsOneTextBlockWithOrWithoutMark) {
  const Hash128 as_string = LastKey(Api::kMessages, Messages(R"({"role":"user","content":"x\u0041"})"));
  const Hash128 as_block =
      LastKey(Api::kMessages, Messages(R"({"role":"user","content":[{"type":"text","text":"xA"}]})"));
  const Hash128 marked = LastKey(
      Api::kMessages,
      Messages(R"({"role":"user","content":[{"cache_control":{"type":"ephemeral"},"type":"text","text":"xA"}]})"));
  EXPECT_EQ(as_string, as_block);
  EXPECT_EQ(as_string, marked);
}

TEST(LineageTest, ToolResultFormsAgreeToo) {
  const auto result = [](std::string_view content) {
    return LastKey(Api::kMessages, Messages(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a",)" +
                                            std::string(content) + "}]}"));
  };
  const Hash128 plain = result(R"("content":"r")");
  EXPECT_EQ(plain, result(R"("content":[{"type":"text","text":"r"}])"));
  EXPECT_EQ(plain, result(R"("content":[{"type":"text","text":"r","cache_control":{"type":"ephemeral"}}])"));
  EXPECT_EQ(plain, result(R"("is_error":false,"cache_control":{"type":"ephemeral"},"content":"r")"));
  EXPECT_NE(plain, result(R"("is_error":true,"content":"r")"));
  EXPECT_NE(plain, result(R"("content":"s")"));
}

TEST(LineageTest, SkipsThinkingSystemToolsAndModel) {
  const Hash128 bare = LastKey(Api::kMessages, R"({"model":"a","messages":[{"role":"assistant","content":"x"}]})");
  EXPECT_EQ(bare, LastKey(Api::kMessages, R"({"system":"today","tools":[{"name":"t"}],"model":"b","messages":[
      {"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"s"},{"type":"text","text":"x"}]}]})"));
}

TEST(LineageTest, DependsOnEverythingBeforeAndOnRoleTenantAndApi) {
  const std::string text = Messages(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"})");
  const auto read = ReadBody(Api::kMessages, text);
  const Hash128 key = LineageOf(read->view, {1, 1}).back();
  EXPECT_NE(key, LineageOf(read->view, {1, 2}).back());
  EXPECT_NE(key, LineageOf(ReadBody(Api::kChat, text)->view, {1, 1}).back());
  EXPECT_NE(LastKey(Api::kMessages, text),
            LastKey(Api::kMessages, Messages(R"({"role":"user","content":"c"},{"role":"assistant","content":"b"})")));
  EXPECT_NE(LastKey(Api::kMessages, text),
            LastKey(Api::kMessages, Messages(R"({"role":"user","content":"a"},{"role":"user","content":"b"})")));
}

TEST(LineageTest, ChatPartsWithMovingCacheMarksAgree) {
  EXPECT_EQ(LastKey(Api::kChat, Messages(R"({"role":"user","content":"a"})")),
            LastKey(Api::kChat, Messages(R"({"role":"user","content":[{"type":"text","text":"a",
                "cache_control":{"type":"ephemeral"}}]})")));
}

}  // namespace
}  // namespace headroom::proxy
