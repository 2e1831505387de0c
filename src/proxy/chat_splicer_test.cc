// Chat Completions replies with calls of our tool, and what the client sees of them.

#include "proxy/chat_splicer.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/chat_replies.h"
#include "proxy/hidden_insertion.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kTool = "headroom_retrieve";
constexpr std::string_view kDone = "data: [DONE]\n\n";

std::string Chunk(std::string_view id, std::string_view delta, std::string_view finish = "null") {
  return R"(data: {"id":")" + std::string(id) + R"(","choices":[{"index":0,"delta":)" + std::string(delta) +
         R"(,"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

std::string Text(std::string_view id, std::string_view text) {
  return Chunk(id, R"({"content":)" + json::Quote(text) + "}");
}

std::string Usage(std::string_view id, int prompt, int output) {
  return R"(data: {"id":")" + std::string(id) + R"(","choices":[],"usage":{"prompt_tokens":)" + std::to_string(prompt) +
         R"(,"completion_tokens":)" + std::to_string(output) + R"(,"total_tokens":)" + std::to_string(prompt + output) +
         "}}\n\n";
}

std::string CallStart(int index, std::string_view id, std::string_view name, std::string_view arguments = "") {
  return R"({"index":)" + std::to_string(index) + R"(,"id":")" + std::string(id) +
         R"(","type":"function","function":{"name":")" + std::string(name) + R"(","arguments":)" +
         json::Quote(arguments) + "}}";
}

std::string Calls(std::string_view id, std::string_view elements) {
  return Chunk(id, R"({"tool_calls":[)" + std::string(elements) + "]}");
}

std::string Arguments(std::string_view id, int index, std::string_view piece) {
  return Calls(id, R"({"index":)" + std::to_string(index) + R"(,"function":{"arguments":)" + json::Quote(piece) + "}}");
}

const std::string kRole = R"({"role":"assistant","content":""})";
const std::string kFirst = Chunk("c1", kRole) + Text("c1", "Let me ") + Text("c1", "look. ") +
                           Calls("c1", CallStart(0, "call_ours", kTool)) + Arguments("c1", 0, "{\"hash\"") +
                           Arguments("c1", 0, ":\"abc\"}") + Chunk("c1", "{}", "\"tool_calls\"") +
                           Usage("c1", 100, 20) + std::string(kDone);
const std::string kSecond = Chunk("c2", kRole) + ": keep-alive\n\n" + Text("c2", "It is full.") +
                            Chunk("c2", "{}", "\"stop\"") + Usage("c2", 300, 7) + std::string(kDone);
const std::string kResult = R"({"role":"tool","tool_call_id":"call_ours","content":"original"})";
const std::string kCall =
    R"({"id":"call_ours","type":"function","function":{"name":"headroom_retrieve","arguments":"{\"hash\":\"abc\"}"}})";
const std::string kMessage = R"({"role":"assistant","content":"Let me look. ","tool_calls":[)" + kCall + "]}";

ChatSplicer Splicer() { return ChatSplicer{std::string(kTool)}; }

TEST(ChatSplicerTest, AReplyWithoutOurToolPassesByteForByteAtEachCut) {
  const std::string stream = ": OPENROUTER\r\n\r\n" + Chunk("c", kRole) + Text("c", "a") +
                             Calls("c", CallStart(0, "u", "Bash")) + Arguments("c", 0, "{}") +
                             "data: {\"id\":\"c\",\n\ndata:{\"choices\" :[ ]}\r\n\r\n" +
                             Chunk("c", "{}", "\"tool_calls\"") + Usage("c", 1, 2) + std::string(kDone);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    ChatSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(std::string_view(stream).substr(0, cut), out);
    splicer.Feed(std::string_view(stream).substr(cut), out);
    ASSERT_EQ(out, stream) << cut;
    EXPECT_TRUE(splicer.ended());
    EXPECT_TRUE(splicer.hidden().empty());
  }
}

TEST(ChatSplicerTest, TwoRepliesBecomeOneAtEachCut) {
  const std::string expected = Chunk("c1", kRole) + Text("c1", "Let me ") + Text("c1", "look. ") + ": keep-alive\n\n" +
                               Text("c1", "It is full.") + Chunk("c1", "{}", "\"stop\"") +
                               R"(data: {"id":"c1","choices":[],"usage":{"prompt_tokens":300,"completion_tokens":27,)" +
                               R"("total_tokens":327}})" + "\n\n" + std::string(kDone);
  for (size_t cut = 0; cut <= kFirst.size(); ++cut) {
    ChatSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(std::string_view(kFirst).substr(0, cut), out);
    splicer.Feed(std::string_view(kFirst).substr(cut), out);
    ASSERT_TRUE(splicer.waits());
    ASSERT_EQ(splicer.held().size(), 1u);
    EXPECT_EQ(splicer.held()[0].id, "call_ours");
    EXPECT_EQ(splicer.held()[0].arguments, R"({"hash":"abc"})");
    EXPECT_EQ(splicer.Turn(kResult), kMessage + "," + kResult);
    splicer.Continue(kResult);
    splicer.Feed(kSecond, out);
    ASSERT_EQ(out, expected) << cut;
    EXPECT_TRUE(splicer.ended());
    EXPECT_FALSE(splicer.waits());
  }
}

TEST(ChatSplicerTest, TheSecondReplyMayBeCutAnywhere) {
  std::string whole;
  for (size_t cut = 0; cut <= kSecond.size(); ++cut) {
    ChatSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(kFirst, out);
    splicer.Continue(kResult);
    splicer.Feed(std::string_view(kSecond).substr(0, cut), out);
    splicer.Feed(std::string_view(kSecond).substr(cut), out);
    if (whole.empty()) whole = out;
    ASSERT_EQ(out, whole) << cut;
  }
}

TEST(ChatSplicerTest, OneChunkMayHoldRoleTextOurCallTheFinishAndUsage) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(R"(data: {"id":"x","choices":[{"delta":{"role":"assistant","content":"Hm.","tool_calls":[)" +
                   CallStart(0, "t", kTool, "{}") +
                   R"(]},"finish_reason":"tool_calls"}],"usage":{"completion_tokens":3}})" + "\n\n",
               out);
  EXPECT_TRUE(splicer.waits());
  EXPECT_EQ(out, R"(data: {"id":"x","choices":[{"delta":{"role":"assistant","content":"Hm."},"finish_reason":null}],)"
                 R"("usage":null})"
                 "\n\n");
  out.clear();
  splicer.Stop(out);
  EXPECT_EQ(out, R"(data: {"id":"x","choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"completion_tokens":3}})"
                 "\n\n");
  EXPECT_TRUE(splicer.ended());
  EXPECT_TRUE(splicer.hidden().empty());
}

TEST(ChatSplicerTest, TheRoleOfAChunkWithOurCallPasses) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(
      Chunk("x", R"({"role":"assistant","content":null,"tool_calls":[)" + CallStart(0, "t", kTool, "{}") + "]}"), out);
  EXPECT_EQ(out, Chunk("x", R"({"role":"assistant","content":null})"));
}

TEST(ChatSplicerTest, TheClientsCallsAreCountedWithoutOurs) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Calls("c", CallStart(0, "t", kTool, "{}") + "," + CallStart(1, "u", "Bash")) + Arguments("c", 1, "{}") +
                   Chunk("c", "{}", "\"tool_calls\"") + std::string(kDone),
               out);
  EXPECT_EQ(out, Calls("c", CallStart(0, "u", "Bash")) + Arguments("c", 0, "{}") + Chunk("c", "{}", "\"tool_calls\"") +
                     std::string(kDone));
  EXPECT_FALSE(splicer.waits());
  EXPECT_TRUE(splicer.mixed());
  EXPECT_EQ(splicer.visible().call_ids, "u\n");
}

TEST(ChatSplicerTest, WholeCallsWithoutAnIndexAreToldApartByTheirIds) {
  ChatSplicer splicer = Splicer();
  std::string out;
  const std::string ours = R"({"id":"t","function":{"name":"headroom_retrieve","arguments":"{}"}})";
  const std::string theirs = R"({"id":"u","function":{"name":"Bash","arguments":"{}"}})";
  splicer.Feed(Calls("c", ours) + Calls("c", theirs) + Chunk("c", "{}", "\"tool_calls\""), out);
  EXPECT_EQ(out, Calls("c", theirs) + Chunk("c", "{}", "\"tool_calls\""));
  EXPECT_TRUE(splicer.mixed());
}

TEST(ChatSplicerTest, WhatElseAReplySaysGoesBackWithTheCall) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Chunk("c", R"({"reasoning_content":"I \"th"})") + Chunk("c", R"({"reasoning_content":"ink"})") +
                   Chunk("c", R"({"details":[{"a":1}],"refusal":null})") + Chunk("c", R"({"details":[2]})") +
                   Calls("c", CallStart(0, "t", kTool, "{\"ha")) + Chunk("c", "{}", "\"tool_calls\""),
               out);
  EXPECT_EQ(splicer.Turn(kResult),
            R"({"role":"assistant","content":null,"reasoning_content":"I \"think","details":[{"a":1},2],"tool_calls":[)"
            R"({"id":"t","type":"function","function":{"name":"headroom_retrieve","arguments":"{}"}}]},)" +
                kResult);
  EXPECT_EQ(splicer.held()[0].arguments, "{\"ha");
}

TEST(ChatSplicerTest, ACallThatWasCutIsNotWaitedFor) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Text("c", "x") + Calls("c", CallStart(0, "t", kTool, "{\"ha")) + Chunk("c", "{}", "\"length\""), out);
  EXPECT_FALSE(splicer.waits());
  EXPECT_FALSE(splicer.mixed());
  EXPECT_TRUE(splicer.hidden().empty());
  EXPECT_EQ(out, Text("c", "x") + Chunk("c", "{}", "\"length\""));
}

TEST(ChatSplicerTest, ACallThatComesTwiceIsAnsweredOnce) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Chunk("c", kRole) + Calls("c", CallStart(0, "call_ours", kTool, R"({"hash":"abc"})")) +
                   Calls("c", CallStart(1, "call_ours", kTool, R"({"hash":"abc"})")) +
                   Chunk("c", "{}", "\"tool_calls\""),
               out);
  ASSERT_EQ(splicer.held().size(), 1u);
  EXPECT_EQ(splicer.Turn(kResult), R"({"role":"assistant","content":null,"tool_calls":[)" + kCall + "]}," + kResult);
}

TEST(ChatSplicerTest, ArgumentsMayComeByteByByte) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Chunk("c", kRole) + Calls("c", CallStart(0, "call_ours", kTool)), out);
  for (const char c : std::string_view(R"({"hash":"ABC \"d\""})"))
    splicer.Feed(Arguments("c", 0, std::string(1, c)), out);
  splicer.Feed(Chunk("c", "{}", "\"tool_calls\""), out);
  ASSERT_EQ(splicer.held().size(), 1u);
  EXPECT_EQ(splicer.held()[0].arguments, R"({"hash":"ABC \"d\""})");
  EXPECT_EQ(out, Chunk("c", kRole));
}

TEST(ChatSplicerTest, AReplyThatSaysNothingAfterOurCallStillEnds) {
  for (const std::string& role : {std::string(R"({"role":"assistant","content":null})"), kRole, std::string("{}")}) {
    ChatSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(kFirst, out);
    splicer.Continue(kResult);
    const size_t before = out.size();
    splicer.Feed(Chunk("c2", role) + Chunk("c2", "{}", "\"stop\"") + std::string(kDone), out);
    EXPECT_TRUE(splicer.ended());
    const std::string end = Chunk("c1", "{}", "\"stop\"") + std::string(kDone);
    EXPECT_TRUE(out.ends_with(end)) << out;
    EXPECT_EQ(out.find("role", before), std::string::npos);
  }
}

TEST(ChatSplicerTest, AnEventPastTheLimitPassesUntilOurCallWasHeldBack) {
  const std::string large = Text("c1", std::string(500, 'x'));
  ChatSplicer passes{std::string(kTool), 400};
  std::string out;
  passes.Feed(Chunk("c1", kRole) + large + kFirst, out);
  EXPECT_EQ(out, Chunk("c1", kRole) + large + kFirst);
  EXPECT_FALSE(passes.broken());
  ChatSplicer breaks{std::string(kTool), 400};
  out.clear();
  breaks.Feed(Chunk("c1", kRole) + Calls("c1", CallStart(0, "call_ours", kTool)), out);
  breaks.Feed(large + Text("c1", "more"), out);
  EXPECT_TRUE(breaks.broken());
  EXPECT_EQ(out, Chunk("c1", kRole));
}

TEST(ChatSplicerTest, ErrorsAndHostileEventsPass) {
  const std::string stream =
      "data: {\"error\":{\"message\":\"x\"}}\n\ndata: 7\n\ndata: {\"choices\":7}\n\ndata: {\"choices\":[7]}\n\n"
      "data: {\"choices\":[{\"delta\":7,\"finish_reason\":7}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":{}}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[7,{},{\"index\":-1},{\"function\":7}]}}]}\n\n"
      "data: {\"choices\":[{},{}],\"usage\":7}\n\ndata: {\n\ndata:\n\n";
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(stream, out);
  EXPECT_EQ(out, stream);
}

TEST(ChatSplicerTest, ALastEventWithoutItsBlankLineIsNotLost) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Chunk("c", "{}", "\"stop\"") + "data: [DONE]\n", out);
  splicer.End(out);
  EXPECT_TRUE(out.starts_with(Chunk("c", "{}", "\"stop\"") + std::string(kDone))) << out;
}

TEST(ChatSplicerTest, TheProvidersErrorIsAnEvent) {
  EXPECT_EQ(Splicer().ErrorEvent("{\"error\":\n{\"message\":\"no\"}}"), "data: {\"error\": {\"message\":\"no\"}}\n\n");
  EXPECT_TRUE(Splicer().ErrorEvent("<html>").starts_with("data: {\"error\":{\"message\":\"headroom: "));
}

std::string Whole(std::string_view id, std::string_view content, std::string_view calls, std::string_view reason,
                  std::string_view usage) {
  return R"({"id":")" + std::string(id) + R"(","choices":[{"index":0,"message":{"role":"assistant","content":)" +
         std::string(content) + (calls.empty() ? "" : R"(,"tool_calls":[)" + std::string(calls) + "]") +
         R"(,"refusal":null},"finish_reason":")" + std::string(reason) + R"("}],"usage":)" + std::string(usage) + "}";
}

TEST(ChatRepliesTest, TheBodyIsTheLastReplyWithTheTextOfAll) {
  ChatReplies replies{std::string(kTool)};
  ASSERT_TRUE(replies.Take(Whole("c1", "\"Let me look. \"", kCall, "tool_calls",
                                 "{\n\"prompt_tokens\":9,\"completion_tokens\":20,\"total_tokens\":29}")));
  ASSERT_TRUE(replies.splicer().waits());
  EXPECT_EQ(replies.splicer().Turn(kResult), kMessage + "," + kResult);
  replies.splicer().Continue(kResult);
  const std::string theirs = R"({"id":"u","type":"function","function":{"name":"Bash","arguments":"{}"}})";
  ASSERT_TRUE(replies.Take(Whole("c2", "null", theirs, "tool_calls", R"({"prompt_tokens":30,"completion_tokens":7})")));
  EXPECT_EQ(replies.Body(false),
            Whole("c1", "\"Let me look. \"", theirs, "tool_calls", R"({"prompt_tokens":30,"completion_tokens":27})"));
}

TEST(ChatRepliesTest, AnEmptyLastReplyIsAMessageOfWhatWasSaidBefore) {
  for (const std::string_view text : {"\"Let me look. \"", "null"}) {
    ChatReplies replies{std::string(kTool)};
    ASSERT_TRUE(replies.Take(Whole("c1", text, kCall, "tool_calls", "{}")));
    replies.splicer().Continue(kResult);
    ASSERT_TRUE(replies.Take(
        R"({"id":"c2","choices":[{"message":{"role":"assistant","content":null},"finish_reason":"stop"}]})"));
    EXPECT_EQ(replies.Body(false), R"({"id":"c1","choices":[{"message":{"role":"assistant","content":)" +
                                       std::string(text) + R"(},"finish_reason":"stop"}]})");
  }
}

TEST(ChatRepliesTest, WhatIsNoSingleReplyIsNotTaken) {
  ChatReplies replies{std::string(kTool)};
  for (const std::string_view body : {"", "7", "{}", "{\"choices\":[]}", "{\"choices\":[{}]}", "{\"choices\":[{},{}]}",
                                      "{\"choices\":[{\"message\":7,\"finish_reason\":null}]}"}) {
    EXPECT_FALSE(replies.Take(body)) << body;
  }
}

// What the provider gets from `messages` when `hidden` is on record for its assistant message.
std::string PutBack(const std::string& messages, const HiddenExchange& hidden, uint32_t lost = 0) {
  const HiddenExchange decoded = *HiddenExchange::Decode(hidden.Encode());
  const PaddedBytes body(messages);
  json::Document document;
  EXPECT_TRUE(document.Parse(body).ok());
  json::EditList edits(static_cast<uint32_t>(messages.size()));
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    return std::vector<std::optional<HiddenExchange>>(asked.size(), decoded);
  };
  const Result<PutBackCounts> done = PutHiddenBack(Api::kChat, document, document.root(), find, edits);
  EXPECT_TRUE(done.ok());
  EXPECT_EQ(done->lost, lost);
  EXPECT_EQ(done->put_back, 1 - lost);
  const std::string spliced = edits.Splice(messages);
  const PaddedBytes again(spliced);
  EXPECT_TRUE(document.Parse(again).ok()) << spliced;
  return spliced;
}

HiddenExchange Answered() {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(kSecond, out);
  return splicer.hidden();
}

std::string Said(std::string_view content, std::string_view rest = "") {
  return R"({"role":"assistant","content":)" + std::string(content) + std::string(rest) + "}";
}

TEST(PutHiddenBackIntoChatTest, CutsTheClientsTextWhereTheCallStood) {
  EXPECT_EQ(PutBack(R"([{"role":"user","content":"q"}, )" + Said(R"("Let me look. It is full.")") + "]", Answered()),
            R"([{"role":"user","content":"q"}, )" + kMessage + "," + kResult + "," + Said(R"("It is full.")") + "]");
}

TEST(PutHiddenBackIntoChatTest, CutsATrimmedOrReflowedTextAtTheSameWord) {
  for (const std::string_view echo : {R"("Let me look.It is full.")", R"("Let\tme\nlook.It is full.")"}) {
    EXPECT_EQ(PutBack("[" + Said(echo) + "]", Answered()),
              "[" + kMessage + "," + kResult + "," + Said(R"("It is full.")") + "]");
  }
}

TEST(PutHiddenBackIntoChatTest, CutsTheOneTextPartOfAList) {
  EXPECT_EQ(PutBack("[" + Said(R"([{"type":"text","text":"Let me look. It is full."}])") + "]", Answered()),
            "[" + kMessage + "," + kResult + "," + Said(R"([{"type":"text","text":"It is full."}])") + "]");
}

TEST(PutHiddenBackIntoChatTest, WhereTheModelSaidNothingAfterTheResultNoEmptyMessageFollows) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(Chunk("c2", kRole) + Chunk("c2", "{}", "\"stop\""), out);
  for (const std::string_view rest : {"", R"(,"refusal":null,"annotations":[])"}) {
    EXPECT_EQ(PutBack("[" + Said(R"("Let me look.")", rest) + R"(,{"role":"user","content":"q"}])", splicer.hidden()),
              "[" + kMessage + "," + kResult + R"(,{"role":"user","content":"q"}])");
  }
  EXPECT_EQ(PutBack("[" + Said(R"("Let me look.")", R"(,"refusal":"no")") + "]", splicer.hidden()),
            "[" + kMessage + "," + kResult + "," + Said("\"\"", R"(,"refusal":"no")") + "]");
}

TEST(PutHiddenBackIntoChatTest, AMessageOfWhichNothingWasShownGetsWhatTheProviderSaw) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Calls("c", CallStart(0, "call_ours", kTool, R"({"hash":"abc"})")) + Chunk("c", "{}", "\"tool_calls\""),
               out);
  splicer.Continue(kResult);
  splicer.Feed(Chunk("c2", kRole) + Chunk("c2", "{}", "\"stop\""), out);
  for (const std::string_view echo : {"null", "\"\"", "[]"}) {
    EXPECT_EQ(PutBack("[" + Said(echo) + "]", splicer.hidden()),
              R"([{"role":"assistant","content":null,"tool_calls":[)" + kCall + "]}," + kResult + "]");
  }
}

TEST(PutHiddenBackIntoChatTest, ATextOfAnotherLengthIsLeftAsItCame) {
  for (const std::string_view echo : {R"("Let me look. It is not full.")", R"("Let me look.")", "\"\"", "null"}) {
    const std::string messages = "[" + Said(echo) + "]";
    EXPECT_EQ(PutBack(messages, Answered(), 1), messages);
  }
}

TEST(PutHiddenBackIntoChatTest, NeverCutsACharacterInTwo) {
  VisibleMessage shown;
  shown.AddText("\u00e9\u00e8");
  HiddenExchange hidden;
  hidden.blocks = 4;
  hidden.text_print = shown.TextPrint();
  hidden.inserts.push_back({1, 0, kMessage, kResult, true, 1});
  const std::string messages = "[" + Said("\"\u00e9\u00e8\"") + "]";
  EXPECT_EQ(PutBack(messages, hidden, 1), messages);
}

TEST(PutHiddenBackIntoChatTest, AMessageOfCallsAloneKeepsNoText) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(Calls("c2", CallStart(0, "u", "Bash", "{}")) + Chunk("c2", "{}", "\"tool_calls\""), out);
  const std::string calls =
      R"(,"tool_calls":[{"id":"u","type":"function","function":{"name":"Bash","arguments":"{}"}}])";
  const std::string expected = "[" + kMessage + "," + kResult + "," + Said("null", calls) + "]";
  EXPECT_EQ(PutBack("[" + Said(R"("Let me look. ")", calls) + "]", splicer.hidden()), expected);
  // A client that leaves the text out beside calls.
  EXPECT_EQ(PutBack("[" + Said("null", calls) + "]", splicer.hidden()), expected);
}

TEST(PutHiddenBackIntoChatTest, CallsOfAMixedTurnStandWhereTheyStood) {
  ChatSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Calls("c", CallStart(0, "a", kTool, "{}") + "," + CallStart(1, "u", "Bash", "{}") + "," +
                              CallStart(2, "b", kTool, "{}")) +
                   Chunk("c", "{}", "\"tool_calls\""),
               out);
  ASSERT_TRUE(splicer.mixed());
  splicer.AnswerLater(R"({"role":"tool","tool_call_id":"a"},{"role":"tool","tool_call_id":"b"})");
  const auto call = [](std::string_view id, std::string_view name) {
    return R"({"id":")" + std::string(id) + R"(","type":"function","function":{"name":")" + std::string(name) +
           R"(","arguments":"{}"}})";
  };
  const std::string theirs = call("u", "Bash");
  const std::string result = R"(,{"role":"tool","tool_call_id":"u","content":"ok"}])";
  EXPECT_EQ(PutBack("[" + Said("null", R"(,"tool_calls":[)" + theirs + "]") + result, splicer.hidden()),
            "[" + Said("null", R"(,"tool_calls":[)" + call("a", kTool) + "," + theirs + "," + call("b", kTool) + "]") +
                R"(,{"role":"tool","tool_call_id":"a"},{"role":"tool","tool_call_id":"b"})" + result);
  // Without the client's results there is no place for ours.
  const std::string unanswered = "[" + Said("null", R"(,"tool_calls":[)" + theirs + "]") + R"(,{"role":"user"}])";
  EXPECT_EQ(PutBack(unanswered, splicer.hidden(), 1), unanswered);
}

}  // namespace
}  // namespace headroom::proxy
