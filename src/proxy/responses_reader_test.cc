#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "proxy/lineage.h"
#include "proxy/request_view.h"

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

std::unique_ptr<Read> ReadBody(std::string_view text) {
  auto read = std::make_unique<Read>();
  read->body = PaddedBytes(text);
  EXPECT_TRUE(read->document.Parse(read->body).ok()) << text;
  Result<RequestView> view = ReadRequest(Api::kResponses, read->document);
  EXPECT_TRUE(view.ok()) << text;
  if (view.ok()) read->view = *std::move(view);
  return read;
}

std::string Input(std::string_view items) { return R"({"model":"m","input":[)" + std::string(items) + "]}"; }

Hash128 KeyOf(std::string_view body) { return LineageOf(ReadBody(body)->view, store::TenantId()).back(); }
Hash128 LastKey(std::string_view items) { return KeyOf(Input(items)); }

TEST(ResponsesReaderTest, ReadsMessagesCallsAndResults) {
  const auto read = ReadBody(Input(R"(
      {"type":"message","role":"developer","content":[{"type":"input_text","text":"rules"}]},
      {"role":"user","content":"go"},
      {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"looking","annotations":[]}]},
      {"type":"function_call","id":"fc_1","call_id":"a","name":"exec","arguments":"{\"cmd\":\"ls\"}"},
      {"type":"custom_tool_call","call_id":"b","name":"run","input":"print 1"},
      {"type":"function_call_output","call_id":"a","output":"one\ntwo"},
      {"type":"custom_tool_call_output","call_id":"b","output":[{"type":"input_text","text":"x"},
        {"type":"input_image","image_url":"data:"},{"type":"input_text","text":"y"}]})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 7u);  // leading instructions are none
  EXPECT_EQ(blocks[0].role, Role::kUser);
  EXPECT_EQ(blocks[1].kind, BlockKind::kThinking);
  EXPECT_TRUE(blocks[1].signed_thinking);
  EXPECT_EQ(blocks[2].role, Role::kAssistant);
  EXPECT_EQ(blocks[3].kind, BlockKind::kToolCall);
  EXPECT_EQ(blocks[3].call_id, "a");
  EXPECT_EQ(blocks[3].tool_name, "exec");
  EXPECT_EQ(ArgumentsOf(read->document, blocks[3]), R"({"cmd":"ls"})");
  EXPECT_EQ(read->document.Text(blocks[3].preamble), "looking");
  EXPECT_EQ(ArgumentsOf(read->document, blocks[4]), "print 1");
  EXPECT_EQ(read->Piece(5), "one\ntwo");
  EXPECT_EQ(read->document.Text(blocks[5].question), "go");
  ASSERT_EQ(blocks[6].pieces.size(), 2u);
  EXPECT_EQ(read->Piece(6, 1), "y");
  EXPECT_TRUE(blocks[6].replaceable);
}

TEST(ResponsesReaderTest, ReadsTheShellAndPatchTools) {
  const auto read = ReadBody(Input(R"(
      {"type":"local_shell_call","id":"lsh_1","call_id":"a","action":{"type":"exec","command":["cat","a.py"]}},
      {"type":"local_shell_call_output","id":"a","output":"text"},
      {"type":"shell_call","call_id":"b","action":{"commands":["ls","cat a.py"]}},
      {"type":"shell_call_output","call_id":"b","max_output_length":9000,"output":[
        {"stdout":"o1","stderr":"e1","outcome":{"type":"exit","exit_code":1}},
        {"stderr":"","stdout":"o2","outcome":{"type":"timeout"}}]},
      {"type":"apply_patch_call","call_id":"c","operation":{"type":"update_file","path":"a.py","diff":"d"}},
      {"type":"apply_patch_call_output","call_id":"c","status":"completed","output":"patched"},
      {"type":"apply_patch_call_output","call_id":"c","status":"failed","output":"no such file"})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 7u);
  EXPECT_EQ(blocks[0].tool_name, "shell");
  EXPECT_EQ(ArgumentsOf(read->document, blocks[0]), R"({"type":"exec","command":["cat","a.py"]})");
  EXPECT_EQ(blocks[1].call_id, "a");
  EXPECT_EQ(blocks[2].tool_name, "shell");
  ASSERT_EQ(blocks[3].pieces.size(), 4u);
  EXPECT_EQ(read->Piece(3, 0), "o1");
  EXPECT_EQ(read->Piece(3, 1), "e1");
  EXPECT_EQ(read->Piece(3, 2), "o2");
  EXPECT_TRUE(blocks[3].replaceable);
  EXPECT_EQ(blocks[3].text, Hash128{});
  EXPECT_EQ(blocks[4].tool_name, "apply_patch");
  EXPECT_TRUE(blocks[5].replaceable);
  EXPECT_FALSE(blocks[6].replaceable);
}

TEST(ResponsesReaderTest, WhatTheProviderRanItselfIsNeverReplaced) {
  const auto read = ReadBody(Input(R"(
      {"type":"mcp_call","id":"mcp_1","server_label":"s","name":"list","arguments":"{}","output":"rows","error":null},
      {"type":"mcp_call","id":"mcp_2","server_label":"s","name":"list","arguments":"{}","output":null},
      {"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}})"));
  const auto& blocks = read->view.blocks;
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_EQ(blocks[0].tool_name, "list");
  EXPECT_EQ(blocks[1].kind, BlockKind::kToolResult);
  EXPECT_EQ(blocks[1].call_id, "mcp_1");
  EXPECT_FALSE(blocks[1].replaceable);
  EXPECT_EQ(blocks[2].kind, BlockKind::kToolCall);
  EXPECT_EQ(blocks[3].kind, BlockKind::kOther);
}

TEST(ResponsesReaderTest, ForeignPartsAndProgramsProtectAResult) {
  for (const char* part :
       {R"({"type":"input_file","file_id":"f"})", R"({"type":"input_text","text":"t","more":1})", "7"}) {
    const auto read =
        ReadBody(Input(R"({"type":"function_call_output","call_id":"a","output":[)" + std::string(part) + "]}"));
    EXPECT_FALSE(read->view.blocks.at(0).replaceable) << part;
  }
  const auto read = ReadBody(Input(R"(
      {"type":"function_call","call_id":"a","name":"f","arguments":"{}","caller":{"type":"program","caller_id":"p"}})"));
  EXPECT_FALSE(read->view.blocks.at(0).direct_caller);
}

TEST(ResponsesReaderTest, CarriesWhatItDoesNotKnow) {
  const auto read = ReadBody(Input(R"({"type":"item_reference","id":"msg_1"},{"id":"msg_2"},
      {"type":"compaction","id":"cmp_1","encrypted_content":"x"},{"type":"new_thing","deep":{"a":[1]}},
      {"type":"message","role":"user","content":[{"type":"input_image","image_url":"u"},7]})"));
  ASSERT_EQ(read->view.blocks.size(), 6u);
  for (const Block& block : read->view.blocks) EXPECT_EQ(block.kind, BlockKind::kOther);
  EXPECT_NE(read->view.blocks[0].canonical, read->view.blocks[1].canonical);
}

TEST(ResponsesReaderTest, ReadsWhatTheProviderKeeps) {
  const auto read = ReadBody(R"({"model":"m","previous_response_id":"resp_1","input":"hi","background":true})");
  EXPECT_EQ(read->view.previous_reply, "resp_1");
  EXPECT_TRUE(read->view.stores_reply);
  EXPECT_TRUE(read->view.continues());
  EXPECT_TRUE(read->view.server_held());
  ASSERT_EQ(read->view.blocks.size(), 1u);
  EXPECT_EQ(ReadBody(R"({"conversation":"conv_1"})")->view.conversation, "conv_1");
  EXPECT_EQ(ReadBody(R"({"conversation":{"id":"conv_2"}})")->view.conversation, "conv_2");
  const auto stateless = ReadBody(R"({"store":false,"previous_response_id":null,"conversation":null,"input":"x"})");
  EXPECT_FALSE(stateless->view.stores_reply);
  EXPECT_FALSE(stateless->view.continues());
  EXPECT_FALSE(stateless->view.server_held());
}

TEST(ResponsesReaderTest, AProviderThatShortensTheContextItselfIsNoted) {
  EXPECT_TRUE(ReadBody(R"({"truncation":"auto"})")->view.context_editing);
  EXPECT_TRUE(ReadBody(R"({"context_management":[{"type":"compaction"}]})")->view.context_editing);
  EXPECT_FALSE(ReadBody(R"({"truncation":"disabled","context_management":null})")->view.context_editing);
}

TEST(ResponsesReaderTest, RefusesInputsThatAreNeitherTextNorItems) {
  for (const char* text : {"[]", "7", R"({"input":7})", R"({"input":[1]})", R"({"input":"a","input":"b"})"}) {
    const PaddedBytes body((std::string_view(text)));
    json::Document document;
    ASSERT_TRUE(document.Parse(body).ok());
    EXPECT_EQ(ReadRequest(Api::kResponses, document).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(ResponsesLineageTest, AStringEqualsAMessageInEitherForm) {
  const Hash128 key = KeyOf(R"({"input":"x\u0041"})");
  EXPECT_EQ(key, LastKey(R"({"role":"user","content":"xA"})"));
  EXPECT_EQ(key, LastKey(R"({"type":"message","id":"m","status":"completed","role":"user","content":[
      {"type":"input_text","text":"xA"}]})"));
  EXPECT_NE(key, LastKey(R"({"role":"assistant","content":"xA"})"));
}

TEST(ResponsesLineageTest, AnItemKeepsItsKeyOnTheWayBack) {
  const Hash128 sent =
      LastKey(R"({"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"q\":\"\u00fc\"}",
      "call_id":"a","name":"f"})");
  EXPECT_EQ(
      sent,
      LastKey(R"({"type":"function_call","call_id":"a","name":"f","arguments":"{\"q\":\"ü\"}","namespace":null})"));
  EXPECT_NE(sent, LastKey(R"({"type":"function_call","call_id":"a","name":"f","arguments":"{\"q\":\"u\"}"})"));
  EXPECT_NE(sent, LastKey(R"({"type":"function_call","call_id":"b","name":"f","arguments":"{\"q\":\"ü\"}"})"));
  EXPECT_EQ(LastKey(R"({"type":"shell_call","call_id":"a","action":{"commands":["ls"],"timeout_ms":5}})"),
            LastKey(R"({"type":"shell_call","call_id":"a","action":{ "timeout_ms": 5, "commands": [ "ls" ] }})"));
}

TEST(ResponsesLineageTest, SkipsReasoningInstructionsToolsAndSettings) {
  const Hash128 bare = LastKey(R"({"role":"user","content":"x"})");
  EXPECT_EQ(bare, KeyOf(R"({"model":"n","instructions":"today","tools":[{"type":"web_search"}],"input":[
      {"type":"reasoning","summary":[],"encrypted_content":"e"},{"role":"user","content":"x"}]})"));
  EXPECT_EQ(bare, LastKey(R"({"role":"developer","content":"rules"},{"role":"user","content":"x"})"));
}

TEST(ResponsesLineageTest, ResultFormsAgree) {
  const Hash128 plain = LastKey(R"({"type":"function_call_output","call_id":"a","output":"r"})");
  EXPECT_EQ(plain, LastKey(R"({"type":"function_call_output","id":"fco","status":"completed","call_id":"a","output":[
      {"type":"input_text","text":"r"}]})"));
  EXPECT_NE(plain, LastKey(R"({"type":"function_call_output","call_id":"b","output":"r"})"));
}

}  // namespace
}  // namespace headroom::proxy
