// Replies of the Responses API with calls of our tool, and what the client sees of them.

#include "proxy/responses_splicer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/hidden_insertion.h"
#include "proxy/responses_replies.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kTool = "headroom_retrieve";

std::string Event(std::string_view type, int number, std::string_view members) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) +
         "\",\"sequence_number\":" + std::to_string(number) + "," + std::string(members) + "}\n\n";
}

std::string Message(std::string_view id, std::string_view text) {
  return R"({"id":")" + std::string(id) +
         R"(","type":"message","role":"assistant","content":[{"type":"output_text","text":)" + json::Quote(text) +
         "}]}";
}

std::string Call(std::string_view id, std::string_view name, std::string_view arguments) {
  return R"({"id":"fc_)" + std::string(id) + R"(","type":"function_call","arguments":)" + json::Quote(arguments) +
         R"(,"call_id":")" + std::string(id) + R"(","name":")" + std::string(name) + "\"}";
}

std::string Item(std::string_view what, int number, int index, std::string_view item) {
  return Event("response.output_item." + std::string(what), number,
               R"("output_index":)" + std::to_string(index) + R"(,"item":)" + std::string(item));
}

std::string InItem(std::string_view type, int number, int index, std::string_view delta) {
  return Event(type, number, R"("output_index":)" + std::to_string(index) + R"(,"delta":)" + json::Quote(delta));
}

std::string Usage(int output, int reasoning) {
  return R"({"input_tokens":100,"output_tokens":)" + std::to_string(output) +
         R"(,"output_tokens_details":{"reasoning_tokens":)" + std::to_string(reasoning) + R"(},"total_tokens":)" +
         std::to_string(100 + output) + "}";
}

std::string Response(std::string_view id, std::string_view status, std::string_view output, std::string_view usage,
                     std::string_view more = "") {
  return R"({"id":")" + std::string(id) + R"(","status":")" + std::string(status) + R"(","output":[)" +
         std::string(output) + R"(],"usage":)" + std::string(usage) + std::string(more) + "}";
}

std::string Of(std::string_view type, int number, std::string_view response) {
  return Event(type, number, "\"response\":" + std::string(response));
}

const std::string kArguments = R"({"hash":"abc"})";
const std::string kOurs = Call("call_ours", kTool, kArguments);
const std::string kTheirs = Call("call_theirs", "Bash", "{}");
const std::string kLook = Message("msg_1", "Let me look. ");
const std::string kFull = Message("msg_2", "It is full.");
const std::string kOutput = R"({"type":"function_call_output","call_id":"call_ours","output":"original"})";

// Our call's arguments come byte by byte.
std::string OurEvents(int number, int index) {
  std::string events = Item("added", number++, index, Call("call_ours", kTool, ""));
  for (const char c : kArguments) {
    events += InItem("response.function_call_arguments.delta", number++, index, std::string(1, c));
  }
  events += Event("response.function_call_arguments.done", number++,
                  R"("output_index":)" + std::to_string(index) + R"(,"arguments":)" + json::Quote(kArguments));
  return events + Item("done", number, index, kOurs);
}

const std::string kShownOfFirst = Of("response.created", 0, Response("resp_1", "in_progress", "", "null")) +
                                  Of("response.in_progress", 1, Response("resp_1", "in_progress", "", "null")) +
                                  Item("added", 2, 0, Message("msg_1", "")) +
                                  InItem("response.output_text.delta", 3, 0, "Let me look. ") +
                                  Item("done", 4, 0, kLook);
const std::string kFirst =
    kShownOfFirst + OurEvents(5, 1) +
    Of("response.completed", 40, Response("resp_1", "completed", kLook + "," + kOurs, Usage(20, 5)));
const std::string kSecond = Of("response.created", 0, Response("resp_2", "in_progress", "", "null")) +
                            Of("response.in_progress", 1, Response("resp_2", "in_progress", "", "null")) +
                            Item("added", 2, 0, Message("msg_2", "")) +
                            InItem("response.output_text.delta", 3, 0, "It is full.") + Item("done", 4, 0, kFull) +
                            Of("response.completed", 5, Response("resp_2", "completed", kFull, Usage(7, 2)));
const std::string kBoth =
    kShownOfFirst + Item("added", 5, 1, Message("msg_2", "")) +
    InItem("response.output_text.delta", 6, 1, "It is full.") + Item("done", 7, 1, kFull) +
    Of("response.completed", 8, Response("resp_1", "completed", kLook + "," + kFull, Usage(27, 7)));

ResponsesSplicer Splicer() { return ResponsesSplicer{std::string(kTool)}; }

void FeedCut(ResponsesSplicer& splicer, std::string_view stream, size_t cut, std::string& out) {
  splicer.Feed(stream.substr(0, cut), out);
  splicer.Feed(stream.substr(cut), out);
}

TEST(ResponsesSplicerTest, AReplyWithoutOurToolPassesByteForByteAtEachCut) {
  const std::string stream =
      ": ping\r\n\r\n" + kShownOfFirst + Item("added", 9, 1, Call("u", "Bash", "")) + Item("done", 12, 1, kTheirs) +
      "data: {\"type\":\n\ndata: [DONE]\n\n" +
      Of("response.completed", 13,
         Response("resp_1", "completed", kLook + "," + kTheirs, Usage(20, 5), R"(,"tools":[{"name":"Bash"}])"));
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    ResponsesSplicer splicer = Splicer();
    std::string out;
    FeedCut(splicer, stream, cut, out);
    ASSERT_EQ(out, stream) << cut;
    EXPECT_TRUE(splicer.ended());
    EXPECT_FALSE(splicer.waits());
    EXPECT_TRUE(splicer.hidden().empty());
    EXPECT_FALSE(splicer.kept()->alias.differs());
  }
}

TEST(ResponsesSplicerTest, TwoRepliesBecomeOneAtEachCut) {
  for (size_t cut = 0; cut <= kFirst.size(); ++cut) {
    ResponsesSplicer splicer = Splicer();
    std::string out;
    FeedCut(splicer, kFirst, cut, out);
    ASSERT_EQ(out, kShownOfFirst) << cut;
    ASSERT_TRUE(splicer.waits());
    ASSERT_EQ(splicer.held().size(), 1u);
    EXPECT_EQ(splicer.held()[0].id, "call_ours");
    EXPECT_EQ(splicer.held()[0].arguments, kArguments);
    EXPECT_EQ(splicer.Turn(kOutput), kLook + "," + kOurs + "," + kOutput);
    splicer.Continue(kOutput);
    splicer.Feed(kSecond, out);
    ASSERT_EQ(out, kBoth) << cut;
    EXPECT_TRUE(splicer.ended());
  }
}

TEST(ResponsesSplicerTest, TheSecondReplyMayBeCutAnywhere) {
  for (size_t cut = 0; cut <= kSecond.size(); ++cut) {
    ResponsesSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(kFirst, out);
    splicer.Continue(kOutput);
    FeedCut(splicer, kSecond, cut, out);
    ASSERT_EQ(out, kBoth) << cut;
  }
}

TEST(ResponsesSplicerTest, OurCallBesideTheClientsMovesOnlyWhatCounts) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(OurEvents(0, 0) + Item("added", 30, 1, Call("call_theirs", "Bash", "")) + Item("done", 31, 1, kTheirs) +
                   Of("response.completed", 32, Response("r", "completed", kOurs + "," + kTheirs, "null")),
               out);
  EXPECT_EQ(out, Item("added", 0, 0, Call("call_theirs", "Bash", "")) + Item("done", 1, 0, kTheirs) +
                     Of("response.completed", 2, Response("r", "completed", kTheirs, "null")));
  EXPECT_FALSE(splicer.waits());
  ASSERT_TRUE(splicer.mixed());
  splicer.AnswerLater(kOutput);
  EXPECT_EQ(splicer.kept()->alias.results, kOutput);
  const std::vector<HiddenInsert> inserts = splicer.hidden().inserts;
  ASSERT_EQ(inserts.size(), 2u);
  EXPECT_EQ(inserts[0].calls, kOurs);
  EXPECT_EQ(inserts[0].blocks, 0u);
  EXPECT_EQ(inserts[1].results, kOutput);
  EXPECT_FALSE(inserts[0].splits || inserts[1].splits);
}

TEST(ResponsesSplicerTest, OurToolIsTakenOutOfTheToolsThatTheProviderRepeats) {
  const auto created = [](std::string_view tools) {
    return Of("response.created", 0, R"({"id":"r","tools":[)" + std::string(tools) + "]}");
  };
  const std::string ours = R"({"type":"function","name":"headroom_retrieve"})";
  for (const auto& [sent, shown] : std::vector<std::pair<std::string, std::string>>{
           {R"({"name":"a"}, )" + ours, R"({"name":"a"})"},
           {ours + R"(, {"name":"a"})", R"({"name":"a"})"},
           {R"({"name":"a"},)" + ours + R"(,{"name":"b"})", R"({"name":"a"},{"name":"b"})"},
           {ours, ""}}) {
    ResponsesSplicer splicer = Splicer();
    std::string out;
    splicer.Feed(created(sent), out);
    EXPECT_EQ(out, created(shown));
  }
}

TEST(ResponsesSplicerTest, TheReplyBeforeIsNamedAsTheClientKnowsIt) {
  ResponsesSplicer splicer{std::string(kTool), "\"resp_shown\""};
  std::string out;
  splicer.Feed(Of("response.created", 0, R"({"id":"r","previous_response_id":"resp_last"})"), out);
  EXPECT_EQ(out, Of("response.created", 0, R"({"id":"r","previous_response_id":"resp_shown"})"));
}

TEST(ResponsesSplicerTest, OurCallSentTwiceIsAnsweredOnce) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(OurEvents(0, 0) + OurEvents(30, 1) +
                   Of("response.completed", 60, Response("r", "completed", kOurs + "," + kOurs, "null")),
               out);
  EXPECT_TRUE(splicer.waits());
  EXPECT_EQ(splicer.held().size(), 1u);
  EXPECT_EQ(splicer.Turn(kOutput), kOurs + "," + kOutput);
  EXPECT_EQ(out, "");
}

TEST(ResponsesSplicerTest, AReplyThatWasCutHasItsCallAnsweredLaterAndOneThatFailedNever) {
  for (const std::string_view status : {"incomplete", "failed"}) {
    ResponsesSplicer splicer = Splicer();
    std::string out;
    const std::string type = "response." + std::string(status);
    splicer.Feed(
        kShownOfFirst + OurEvents(5, 1) + Of(type, 40, Response("resp_1", status, kLook + "," + kOurs, "null")), out);
    EXPECT_EQ(out, kShownOfFirst + Of(type, 5, Response("resp_1", status, kLook, "null")));
    EXPECT_FALSE(splicer.waits());
    EXPECT_EQ(splicer.mixed(), status == "incomplete");
  }
}

TEST(ResponsesSplicerTest, AStoppedReplyEndsAsItCameAndItsCallIsAnsweredLater) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  out.clear();
  splicer.Stop(out);
  EXPECT_EQ(out, Of("response.completed", 5, Response("resp_1", "completed", kLook, Usage(20, 5))));
  EXPECT_TRUE(splicer.ended());
  EXPECT_TRUE(splicer.mixed());
}

TEST(ResponsesSplicerTest, ItemsNamedOnlyAtTheEndAreReadThere) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Of("response.completed", 0, Response("r", "completed", kLook + "," + kOurs, "null")), out);
  EXPECT_TRUE(splicer.waits());
  EXPECT_EQ(splicer.Turn(kOutput), kLook + "," + kOurs + "," + kOutput);
}

std::string NextRequest(std::string_view body, std::string_view store, std::string_view items = "") {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  const std::string more = store.empty() ? "" : ",\"store\":" + std::string(store);
  const std::string output = items.empty() ? kOurs : std::string(items) + "," + kOurs;
  splicer.Feed(Of("response.completed", 0, Response("resp_1", "completed", output, "null", more)), out);
  const Result<std::string> next = splicer.NextRequest(std::string(body), kOutput);
  return next.ok() ? *next : next.status().ToString();
}

TEST(ResponsesSplicerTest, WhereTheProviderKeepsTheReplyOnlyTheAnswerIsSent) {
  EXPECT_EQ(NextRequest(R"({ "model":"m","input":"Why?", "x":1.0})", "true"),
            R"({"previous_response_id":"resp_1", "model":"m","input":[)" + kOutput + R"(], "x":1.0})");
  EXPECT_EQ(NextRequest(R"({"previous_response_id":"resp_0","input":[1,2],"x":1.0})", ""),
            R"({"previous_response_id":"resp_1","input":[)" + kOutput + R"(],"x":1.0})");
}

TEST(ResponsesSplicerTest, OtherwiseTheItemsGoBackBehindTheInput) {
  const std::string turn = kOurs + "," + kOutput;
  EXPECT_EQ(NextRequest(R"({"store":false,"input":[1, 2 ],"x":1.0})", "true"),
            R"({"store":false,"input":[1, 2 ,)" + turn + R"(],"x":1.0})");
  EXPECT_EQ(NextRequest(R"({"input":[]})", "false"), R"({"input":[)" + turn + "]}");
  EXPECT_EQ(NextRequest(R"({"input":"W\u0068y?"})", ""),
            R"({"input":[{"role":"user","content":"W\u0068y?"},)" + turn + "]}");
  EXPECT_EQ(NextRequest(R"({"model":"m"})", ""), R"({"input":[)" + turn + R"(],"model":"m"})");
}

TEST(ResponsesSplicerTest, ReasoningGoesBackOnlyWhereItCanBeKnownAgain) {
  const std::string bare = R"({"id":"rs_1","type":"reasoning","summary":[]})";
  const std::string sealed = R"({"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"})";
  const std::string open = R"({"id":"rs_1","type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]})";
  const std::string turn = kOurs + "," + kOutput;
  const std::string body = R"({"store":false,"input":[]})";
  EXPECT_EQ(NextRequest(body, "", bare), R"({"store":false,"input":[)" + turn + "]}");
  EXPECT_EQ(NextRequest(body, "", sealed), R"({"store":false,"input":[)" + sealed + "," + turn + "]}");
  EXPECT_EQ(NextRequest(body, "", open), R"({"store":false,"input":[)" + open + "," + turn + "]}");
}

TEST(ResponsesSplicerTest, AnErrorEndsTheStreamAsTheProviderWould) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  const std::string event = splicer.ErrorEvent(R"({"error":{"message":"Busy","code":"busy"}})");
  EXPECT_EQ(event,
            "event: error\n"
            R"(data: {"type":"error","sequence_number":5,"code":"busy","message":"Busy","param":null,)"
            R"("error":{"message":"Busy","code":"busy"}})"
            "\n\nevent: response.failed\n"
            R"(data: {"type":"response.failed","sequence_number":6,"response":{"id":"resp_1","status":"failed",)"
            R"("output":[)" +
                kLook + R"(],"usage":null,"error":{"code":"busy","message":"Busy"}}})" + "\n\n");
}

TEST(ResponsesRepliesTest, WholeRepliesBecomeOneInTheLastOnesBytes) {
  ResponsesReplies replies{std::string(kTool), ""};
  ASSERT_TRUE(replies.Take(Response("resp_1", "completed", kLook + "," + kOurs, Usage(20, 5))));
  ASSERT_TRUE(replies.splicer().waits());
  replies.splicer().Continue(kOutput);
  ASSERT_TRUE(replies.Take("{ \"id\":\"resp_2\",\n \"status\":\"completed\", \"output\": [" + kFull +
                           "],\"usage\":" + Usage(7, 2) + "}"));
  EXPECT_EQ(replies.Body(false), "{ \"id\":\"resp_1\",\n \"status\":\"completed\", \"output\": [" + kLook + "," +
                                     kFull + "],\"usage\":" + Usage(27, 7) + "}");
  EXPECT_FALSE(replies.Take(R"({"id":"r","status":"queued","output":[]})"));
  EXPECT_FALSE(replies.Take(R"({"error":{"message":"no"}})"));
}

std::string PutBack(std::string_view items, const HiddenExchange& hidden) {
  const PaddedBytes bytes(items);
  json::Document document;
  if (!document.Parse(bytes).ok()) return "no JSON";
  json::EditList edits(static_cast<uint32_t>(items.size()));
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    return std::vector<std::optional<HiddenExchange>>(asked.size(), hidden);
  };
  const Result<PutBackCounts> counts = PutHiddenBack(Api::kResponses, document, document.root(), find, edits);
  if (!counts.ok() || counts->put_back + counts->lost != 1) return "not asked for once";
  return edits.Splice(items);
}

TEST(ResponsesInsertionTest, WhatTheProviderSawStandsInTheItemsAgain) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kOutput);
  splicer.Feed(kSecond, out);
  const std::string user = R"({"role":"user","content":"x"})";
  EXPECT_EQ(PutBack("[" + user + ", " + kLook + " , " + kFull + "," + user + "]", splicer.hidden()),
            "[" + user + ", " + kLook + " , " + kOurs + "," + kOutput + "," + kFull + "," + user + "]");
  // Not what was shown: nothing is put back.
  const std::string edited = "[" + kLook + "," + user + "]";
  EXPECT_EQ(PutBack(edited, splicer.hidden()), edited);
}

TEST(ResponsesInsertionTest, ResultsBesideTheClientsStandBehindAllCalls) {
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Of("response.completed", 0, Response("r", "completed", kOurs + "," + kTheirs, "null")), out);
  splicer.AnswerLater(kOutput);
  const std::string theirs = R"({"type":"function_call_output","call_id":"call_theirs","output":"y"})";
  EXPECT_EQ(PutBack("[" + kTheirs + "," + theirs + "]", splicer.hidden()),
            "[" + kOurs + "," + kTheirs + "," + kOutput + "," + theirs + "]");
}

TEST(ResponsesInsertionTest, AClientThatLeavesReasoningOutGetsTheExchangeAtItsPlace) {
  const std::string reasoning = R"({"id":"rs_1","type":"reasoning","encrypted_content":"g"})";
  ResponsesSplicer splicer = Splicer();
  std::string out;
  splicer.Feed(Of("response.completed", 0, Response("r", "completed", reasoning + "," + kOurs, "null")), out);
  splicer.Continue(kOutput);
  splicer.Feed(Of("response.completed", 0, Response("s", "completed", reasoning + "," + kFull, "null")), out);
  const std::string exchange = kOurs + "," + kOutput;
  EXPECT_EQ(PutBack("[" + reasoning + "," + reasoning + "," + kFull + "]", splicer.hidden()),
            "[" + reasoning + "," + exchange + "," + reasoning + "," + kFull + "]");
  EXPECT_EQ(PutBack("[" + kFull + "]", splicer.hidden()), "[" + exchange + "," + kFull + "]");
}

}  // namespace
}  // namespace headroom::proxy
