// Replies of a provider with calls of our tool, and what the client sees of them.

#include "proxy/messages_splicer.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"
#include "json/strings.h"
#include "net/sse.h"
#include "proxy/hidden_insertion.h"
#include "proxy/messages_replies.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kTool = "headroom_retrieve";

std::string Event(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + std::string(rest) +
         "}\n\n";
}

std::string Start(int prompt) {
  return Event("message_start", R"(,"message":{"id":"msg_1","role":"assistant","content":[],"usage":{"input_tokens":)" +
                                    std::to_string(prompt) + R"(,"output_tokens":1}})");
}

std::string Text(int index, const std::vector<std::string>& pieces) {
  const std::string at = R"(,"index":)" + std::to_string(index);
  std::string out = Event("content_block_start", at + R"(,"content_block":{"type":"text","text":""})");
  for (const std::string& piece : pieces) {
    out += Event("content_block_delta", at + R"(,"delta":{"type":"text_delta","text":)" + json::Quote(piece) + "}");
  }
  return out + Event("content_block_stop", at);
}

std::string Thinking(int index, std::string_view text) {
  const std::string at = R"(,"index":)" + std::to_string(index);
  return Event("content_block_start", at + R"(,"content_block":{"type":"thinking","thinking":"","signature":""})") +
         Event("content_block_delta",
               at + R"(,"delta":{"type":"thinking_delta","thinking":)" + json::Quote(text) + "}") +
         Event("content_block_delta", at + R"(,"delta":{"type":"signature_delta","signature":"sig=="})") +
         Event("content_block_stop", at);
}

std::string Call(int index, std::string_view id, std::string_view name, const std::vector<std::string>& pieces) {
  const std::string at = R"(,"index":)" + std::to_string(index);
  std::string out =
      Event("content_block_start", at + R"(,"content_block":{"type":"tool_use","id":")" + std::string(id) +
                                       R"(","name":")" + std::string(name) + R"(","input":{}})");
  for (const std::string& piece : pieces) {
    out += Event("content_block_delta",
                 at + R"(,"delta":{"type":"input_json_delta","partial_json":)" + json::Quote(piece) + "}");
  }
  return out + Event("content_block_stop", at);
}

std::string End(std::string_view reason, int output) {
  return Event("message_delta", R"(,"delta":{"stop_reason":")" + std::string(reason) +
                                    R"(","stop_sequence":null},"usage":{"output_tokens":)" + std::to_string(output) +
                                    "}") +
         Event("message_stop", "");
}

const std::string kFirst = Start(100) + Text(0, {"Let me ", "look."}) +
                           Call(1, "toolu_ours", kTool, {"{\"hash\"", ":\"abc\"}"}) + End("tool_use", 20);
const std::string kSecond = Start(300) + Event("ping", "") + Text(0, {"It is ", "full."}) + End("end_turn", 7);
const std::string kResult = R"({"type":"tool_result","tool_use_id":"toolu_ours","content":"original"})";

TEST(MessagesSplicerTest, AReplyWithoutOurToolPassesByteForByteAtEachCut) {
  const std::string stream =
      Start(9) + Thinking(0, "hm") + Text(1, {"a", "b"}) + Call(2, "toolu_1", "Bash", {"{}"}) + End("tool_use", 3);
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    MessagesSplicer splicer{std::string(kTool)};
    std::string out;
    splicer.Feed(std::string_view(stream).substr(0, cut), out);
    splicer.Feed(std::string_view(stream).substr(cut), out);
    ASSERT_EQ(out, stream) << cut;
    EXPECT_TRUE(splicer.ended());
    EXPECT_TRUE(splicer.hidden().empty());
  }
}

TEST(MessagesSplicerTest, TwoRepliesBecomeOneMessageAtEachCut) {
  const std::string expected = Start(100) + Text(0, {"Let me ", "look."}) + Event("ping", "") +
                               Text(1, {"It is ", "full."}) + End("end_turn", 27);
  for (size_t cut = 0; cut <= kFirst.size(); ++cut) {
    MessagesSplicer splicer{std::string(kTool)};
    std::string out;
    splicer.Feed(std::string_view(kFirst).substr(0, cut), out);
    splicer.Feed(std::string_view(kFirst).substr(cut), out);
    ASSERT_TRUE(splicer.waits());
    ASSERT_EQ(splicer.held().size(), 1u);
    EXPECT_EQ(splicer.held()[0].id, "toolu_ours");
    EXPECT_EQ(splicer.held()[0].arguments, R"({"hash":"abc"})");
    EXPECT_EQ(splicer.Content(),
              R"({"type":"text","text":"Let me look."},)"
              R"({"type":"tool_use","id":"toolu_ours","name":"headroom_retrieve","input":{"hash":"abc"}})");
    splicer.Continue(kResult);
    splicer.Feed(kSecond, out);
    ASSERT_EQ(out, expected) << cut;
    EXPECT_TRUE(splicer.ended());
  }
}

TEST(MessagesSplicerTest, ASignedThoughtGoesBackAsItCame) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Thinking(0, "a \"b\"") + Call(1, "t", kTool, {}) + End("tool_use", 2), out);
  EXPECT_EQ(splicer.Content(), R"({"type":"thinking","thinking":"a \"b\"","signature":"sig=="},)"
                               R"({"type":"tool_use","id":"t","name":"headroom_retrieve","input":{}})");
  EXPECT_EQ(splicer.held()[0].arguments, "{}");
}

TEST(MessagesSplicerTest, BesideTheClientsToolsTheMessageEndsAsUsual) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(
      Start(1) + Call(0, "t", kTool, {"{}"}) + Call(1, "u", "Bash", {"{\"command\":\"ls\"}"}) + End("tool_use", 5),
      out);
  EXPECT_FALSE(splicer.waits());
  EXPECT_TRUE(splicer.mixed());
  EXPECT_EQ(out, Start(1) + Call(0, "u", "Bash", {"{\"command\":\"ls\"}"}) + End("tool_use", 5));
}

TEST(MessagesSplicerTest, ACallThatWasCutByTheLimitIsNotAnswered) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Text(0, {"x"}) + Call(1, "t", kTool, {"{\"ha"}) + End("max_tokens", 5), out);
  EXPECT_FALSE(splicer.waits());
  EXPECT_EQ(out, Start(1) + Text(0, {"x"}) + End("max_tokens", 5));
  EXPECT_TRUE(splicer.hidden().empty());
}

TEST(MessagesSplicerTest, ACallThatComesTwiceIsAnsweredOnce) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Call(0, "t", kTool, {R"({"hash":"abc"})"}) + Call(1, "t", kTool, {R"({"hash":"abc"})"}) +
                   Call(2, "t2", kTool, {"{}"}) + End("tool_use", 5),
               out);
  ASSERT_EQ(splicer.held().size(), 2u);
  EXPECT_EQ(splicer.held()[0].arguments, R"({"hash":"abc"})");
  EXPECT_EQ(splicer.held()[1].id, "t2");
  EXPECT_EQ(splicer.Content(), R"({"type":"tool_use","id":"t","name":"headroom_retrieve","input":{"hash":"abc"}},)"
                               R"({"type":"tool_use","id":"t2","name":"headroom_retrieve","input":{}})");
  // In another reply the id is a new call's.
  splicer.Continue(kResult);
  splicer.Feed(Start(1) + Call(0, "t", kTool, {"{}"}) + End("tool_use", 5), out);
  EXPECT_EQ(splicer.held().size(), 1u);
}

TEST(MessagesSplicerTest, AWholeReplyWithACallTwiceShowsNeither) {
  MessagesReplies replies{std::string(kTool)};
  const std::string call = R"({"type":"tool_use","id":"t","name":"headroom_retrieve","input":{}})";
  const auto body = [](const std::string& content, std::string_view reason) {
    return R"({"id":"m","content":[)" + content + R"(],"stop_reason":")" + std::string(reason) + R"("})";
  };
  ASSERT_TRUE(replies.Take(body(call + "," + call, "tool_use")));
  EXPECT_EQ(replies.splicer().held().size(), 1u);
  replies.splicer().Continue(kResult);
  const std::string text = R"({"type":"text","text":"Full."})";
  ASSERT_TRUE(replies.Take(body(text, "end_turn")));
  EXPECT_EQ(replies.Body(false), body(text, "end_turn"));
}

TEST(MessagesSplicerTest, TenThousandCallsOfOneReplyAreHeld) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1), out);
  for (int i = 0; i < 10'000; ++i) splicer.Feed(Call(i, "t" + std::to_string(i), kTool, {"{}"}), out);
  splicer.Feed(End("tool_use", 5), out);
  EXPECT_TRUE(splicer.waits());
  EXPECT_EQ(splicer.held().size(), 10'000u);
  EXPECT_EQ(out, Start(1));
}

TEST(MessagesSplicerTest, FromAnEventPastTheLimitOnTheStreamPassesAsItComes) {
  const std::string stream =
      Start(1) + Text(0, {std::string(500, 'x')}) + Call(1, "t", kTool, {"{}"}) + End("tool_use", 2);
  for (const size_t piece : {size_t{1}, size_t{7}, stream.size()}) {
    MessagesSplicer splicer{std::string(kTool), 400};
    std::string out;
    for (size_t at = 0; at < stream.size(); at += piece) splicer.Feed(std::string_view(stream).substr(at, piece), out);
    splicer.End(out);
    EXPECT_EQ(out, stream);
    EXPECT_FALSE(splicer.waits());
    EXPECT_FALSE(splicer.broken());
  }
}

TEST(MessagesSplicerTest, PastTheBytesOfAllRepliesTheStreamPassesAsItComes) {
  const std::string stream = Start(1) + Text(0, {"One."}) + Call(1, "t", kTool, {"{}"}) + End("tool_use", 2);
  for (const size_t piece : {size_t{1}, size_t{7}}) {
    for (const size_t limit : {stream.size(), Start(1).size() + 20, size_t{0}}) {
      MessagesSplicer splicer{std::string(kTool), 1000, limit};
      std::string out;
      for (size_t at = 0; at < stream.size(); at += piece)
        splicer.Feed(std::string_view(stream).substr(at, piece), out);
      splicer.End(out);
      EXPECT_EQ(splicer.waits(), limit == stream.size());
      EXPECT_EQ(out == stream, limit != stream.size());
      EXPECT_FALSE(splicer.broken());
    }
  }
}

TEST(MessagesSplicerTest, PastTheBytesOfAllRepliesAfterOurCallTheReplyBreaks) {
  const std::string asks = Start(1) + Call(0, "t", kTool, {"{}"}) + End("tool_use", 2);
  const std::string says = Start(1) + Text(0, {"Full."}) + End("end_turn", 2);
  for (const size_t spare : {size_t{0}, size_t{1}}) {
    MessagesSplicer splicer{std::string(kTool), 1000, asks.size() + says.size() - spare};
    std::string out;
    splicer.Feed(asks, out);
    splicer.Continue("{}");
    splicer.Feed(says, out);
    EXPECT_EQ(splicer.broken(), spare == 1);
    EXPECT_EQ(out.find(kTool), std::string::npos);
  }
}

TEST(MessagesSplicerTest, AnEventPastTheLimitAfterOurCallBreaksTheReply) {
  const std::string first = Start(1) + Call(0, "t", kTool, {"{}"});
  const std::string large = Text(1, {std::string(500, 'x')});
  for (const size_t limit : {size_t{400}, size_t{1000}}) {
    MessagesSplicer splicer{std::string(kTool), limit};
    std::string out;
    splicer.Feed(first + large + End("tool_use", 2), out);
    EXPECT_EQ(splicer.broken(), limit == 400);
    EXPECT_EQ(splicer.waits(), limit != 400);
    EXPECT_EQ(out.find("headroom_retrieve"), std::string::npos);
  }
}

TEST(MessagesSplicerTest, StopEndsTheMessageAsIfTheModelHad) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Stop(out);
  EXPECT_EQ(out, Start(100) + Text(0, {"Let me ", "look."}) + End("end_turn", 20));
  EXPECT_TRUE(splicer.ended());
  EXPECT_TRUE(splicer.hidden().empty());
}

// What the provider gets from `messages` when `hidden` is on record for its assistant message.
std::string PutBack(const std::string& messages, const HiddenExchange& hidden, PutBackCounts* counts = nullptr) {
  const std::string decoded = HiddenExchange::Decode(hidden.Encode())->Encode();
  EXPECT_EQ(decoded, hidden.Encode());
  const PaddedBytes body(messages);
  json::Document document;
  EXPECT_TRUE(document.Parse(body).ok());
  json::EditList edits(static_cast<uint32_t>(messages.size()));
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    return std::vector<std::optional<HiddenExchange>>(asked.size(), hidden);
  };
  const Result<PutBackCounts> done = PutHiddenBack(Api::kMessages, document, document.root(), find, edits);
  EXPECT_TRUE(done.ok());
  if (counts != nullptr) *counts = *done;
  const std::string spliced = edits.Splice(messages);
  const PaddedBytes again(spliced);
  EXPECT_TRUE(document.Parse(again).ok()) << spliced;
  return spliced;
}

MessagesSplicer Answered() {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(kSecond, out);
  return splicer;
}

const std::string kCall = R"({"type":"tool_use","id":"toolu_ours","name":"headroom_retrieve","input":{"hash":"abc"}})";

TEST(PutHiddenBackTest, SplitsTheClientsMessageWhereTheCallStood) {
  const HiddenExchange hidden = Answered().hidden();
  EXPECT_EQ(
      PutBack(R"([{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"Let me look."}, )"
              R"({"type":"text","text":"It is full."}]},{"role":"user","content":"thanks"}])",
              hidden),
      R"([{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":"Let me look."},)" +
          kCall + R"(]},{"role":"user","content":[)" + kResult +
          R"(]},{"role":"assistant","content":[{"type":"text","text":"It is full."}]},{"role":"user","content":"thanks"}])");
}

TEST(PutHiddenBackTest, AMessageWithItsRoleLastKeepsIt) {
  const HiddenExchange hidden = Answered().hidden();
  EXPECT_EQ(
      PutBack(
          R"([{"content":[{"type":"text","text":"Let me look."},{"type":"text","text":"It is full."}],"role":"assistant"}])",
          hidden),
      R"([{"role":"assistant","content":[{"type":"text","text":"Let me look."},)" + kCall +
          R"(]},{"role":"user","content":[)" + kResult +
          R"(]},{"content":[{"type":"text","text":"It is full."}],"role":"assistant"}])");
}

TEST(PutHiddenBackTest, ACallBeforeALoneTextStandsBeforeTheString) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Call(0, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) + End("tool_use", 2), out);
  splicer.Continue(kResult);
  splicer.Feed(Start(2) + Text(0, {"Full."}) + End("end_turn", 2), out);
  EXPECT_EQ(PutBack(R"([{"role":"assistant","content":"Full."}])", splicer.hidden()),
            R"([{"role":"assistant","content":[)" + kCall + R"(]},{"role":"user","content":[)" + kResult +
                R"(]},{"role":"assistant","content":"Full."}])");
}

TEST(PutHiddenBackTest, ThoughtsThatTheClientLeftOutDoNotMoveTheCall) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Thinking(0, "a") + Call(1, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) + End("tool_use", 2),
               out);
  splicer.Continue(kResult);
  splicer.Feed(Start(2) + Thinking(0, "b") + Text(1, {"Full."}) + End("end_turn", 2), out);
  EXPECT_EQ(PutBack(R"([{"role":"assistant","content":[{"type":"text","text":"Full."}]}])", splicer.hidden()),
            R"([{"role":"assistant","content":[)" + kCall + R"(]},{"role":"user","content":[)" + kResult +
                R"(]},{"role":"assistant","content":[{"type":"text","text":"Full."}]}])");
}

TEST(PutHiddenBackTest, ResultsOfAMixedTurnGoWithTheClients) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Text(0, {"x"}) + Call(1, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) +
                   Call(2, "u", "Bash", {"{}"}) + End("tool_use", 5),
               out);
  splicer.AnswerLater(kResult);
  EXPECT_EQ(
      PutBack(
          R"([{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"u","name":"Bash","input":{}}]},)"
          R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"u","content":"ok"}]}])",
          splicer.hidden()),
      R"([{"role":"assistant","content":[{"type":"text","text":"x"},)" + kCall +
          R"(,{"type":"tool_use","id":"u","name":"Bash","input":{}}]},{"role":"user","content":[)" + kResult +
          R"(,{"type":"tool_result","tool_use_id":"u","content":"ok"}]}])");
}

TEST(PutHiddenBackTest, WhereTheModelSaidNothingAfterTheResultTheMessageEndsInIt) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(Start(300) + End("end_turn", 1), out);
  EXPECT_EQ(
      PutBack(
          R"([{"role":"assistant","content":[{"type":"text","text":"Let me look."}]},{"role":"user","content":"go on"}])",
          splicer.hidden()),
      R"([{"role":"assistant","content":[{"type":"text","text":"Let me look."},)" + kCall +
          R"(]},{"role":"user","content":[)" + kResult + R"(]},{"role":"user","content":"go on"}])");
}

TEST(PutHiddenBackTest, AMessageOfWhichNothingWasShownGetsWhatTheProviderSaw) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Call(0, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) + End("tool_use", 2), out);
  splicer.Continue(kResult);
  splicer.Feed(Start(2) + End("end_turn", 1), out);
  EXPECT_EQ(PutBack(R"([{"role":"assistant","content":[]},{"role":"user","content":"go on"}])", splicer.hidden()),
            R"([{"role":"assistant","content":[)" + kCall + R"(]},{"role":"user","content":[)" + kResult +
                R"(]},{"role":"user","content":"go on"}])");
}

TEST(PutHiddenBackTest, AMessageOfAnotherFormIsLeftAsItCame) {
  const HiddenExchange hidden = Answered().hidden();
  for (const std::string text : {"Let me look.", "Let me look. It is not full.", "", "Let me look. It is ful\u00e9"}) {
    const std::string edited = R"([{"role":"assistant","content":[{"type":"text","text":)" + json::Quote(text) + "}]}]";
    PutBackCounts counts;
    EXPECT_EQ(PutBack(edited, hidden, &counts), edited);
    EXPECT_EQ(counts.lost, 1u) << text;
    EXPECT_EQ(counts.put_back, 0u);
  }
}

// What two replies look like when a client that drops, joins or trims sends them back.
TEST(PutHiddenBackTest, EachWayOfEchoingGetsTheExchangeBack) {
  const std::string put_back = R"({"role":"assistant","content":[{"type":"text","text":"Let me look."},)" + kCall +
                               R"(]},{"role":"user","content":[)" + kResult + "]},";
  const auto text = [](std::string_view said) { return R"({"type":"text","text":")" + std::string(said) + R"("})"; };
  struct Echo {
    std::string content;
    std::string rest;
  };
  for (const Echo& echo : std::vector<Echo>{
           {"[" + text("Let me look.") + "," + text("It is full.") + "]", "[" + text("It is full.") + "]"},
           {"[" + text("Let me look.It is full.") + "]", "[" + text("It is full.") + "]"},
           {"[" + text("Let me look.\\n\\nIt is full.") + "]", "[" + text("\\n\\nIt is full.") + "]"},
           {R"("Let me look.It is full.")", R"("It is full.")"},
           {R"(" Let me\tlook.\n\nIt is full. ")", R"("\n\nIt is full. ")"},
           {"[" + text("  ") + "," + text("Let me ") + "," + text("look.") + "," + text("\\n") + "," +
                text("It is full.") + "]",
            "[" + text("It is full.") + "]"},
           {R"([{"text":"Let me look.It is full.","cache_control":{"type":"ephemeral"},"type":"text"}])",
            R"([{"text":"It is full.","cache_control":{"type":"ephemeral"},"type":"text"}])"}}) {
    EXPECT_EQ(PutBack(R"([{"role":"assistant","content":)" + echo.content + "}]", Answered().hidden()),
              "[" + put_back + R"({"role":"assistant","content":)" + echo.rest + "}]")
        << echo.content;
  }
}

TEST(PutHiddenBackTest, ThoughtsStandOnTheSideWhereTheyWereThought) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Thinking(0, "a") + Call(1, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) + End("tool_use", 2),
               out);
  splicer.Continue(kResult);
  const std::string second = R"({"type":"thinking","thinking":"b","signature":"second=="})";
  splicer.Feed(Start(2) + Event("content_block_start", R"(,"index":0,"content_block":)" + second) +
                   Event("content_block_stop", R"(,"index":0)") + Text(1, {" "}) + Text(2, {"Full."}) +
                   End("end_turn", 2),
               out);
  const std::string first = R"({"type":"thinking","thinking":"a","signature":"sig=="})";
  const std::string text = R"({"type":"text","text":"Full."})";
  const auto expected = [&](const std::string& said, const std::string& rest) {
    return R"([{"role":"assistant","content":[)" + said + kCall + R"(]},{"role":"user","content":[)" + kResult +
           R"(]},{"role":"assistant","content":[)" + rest + "]}]";
  };
  const auto echo = [](const std::string& blocks) { return R"([{"role":"assistant","content":[)" + blocks + "]}]"; };
  // As it was shown, without the blank text, and with one thought left out.
  const std::string blank = R"({"type":"text","text":" "})";
  const HiddenExchange hidden = splicer.hidden();
  EXPECT_EQ(PutBack(echo(first + "," + second + "," + blank + "," + text), hidden),
            expected(first + ",", second + "," + blank + "," + text));
  EXPECT_EQ(PutBack(echo(first + "," + second + "," + text), hidden), expected(first + ",", second + "," + text));
  EXPECT_EQ(PutBack(echo(first + "," + text), hidden), expected(first + ",", text));
  EXPECT_EQ(PutBack(echo(second + "," + text), hidden), expected(first + ",", second + "," + text));
  EXPECT_EQ(PutBack(echo(text), hidden), expected("", text));
}

TEST(PutHiddenBackTest, SeveralRoundsGoBackAsTheyWereWhateverTheEcho) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  const std::string call = R"({"type":"tool_use","id":"t2","name":"headroom_retrieve","input":{}})";
  const std::string result = R"({"type":"tool_result","tool_use_id":"t2","content":"more"})";
  splicer.Feed(kFirst, out);
  splicer.Continue(kResult);
  splicer.Feed(Start(2) + Text(0, {"Two."}) + Call(1, "t2", kTool, {}) + End("tool_use", 2), out);
  splicer.Continue(result);
  splicer.Feed(Start(2) + Text(0, {"Three."}) + Call(1, "u", "Bash", {"{}"}) + End("tool_use", 2), out);
  const std::string theirs = R"({"type":"tool_use","id":"u","name":"Bash","input":{}})";
  const std::string before = R"([{"role":"assistant","content":[{"type":"text","text":"Let me look."},)" + kCall +
                             R"(]},{"role":"user","content":[)" + kResult +
                             R"(]},{"role":"assistant","content":[{"type":"text","text":"Two."},)" + call +
                             R"(]},{"role":"user","content":[)" + result + R"(]},{"role":"assistant","content":[)";
  const HiddenExchange hidden = splicer.hidden();
  EXPECT_EQ(
      PutBack(R"([{"role":"assistant","content":[{"type":"text","text":"Let me look.Two.Three."},)" + theirs + "]}]",
              hidden),
      before + R"({"type":"text","text":"Three."},)" + theirs + "]}]");
  // A client that keeps the calls of a message and not its text.
  EXPECT_EQ(PutBack(R"([{"role":"assistant","content":[)" + theirs + "]}]", hidden), before + theirs + "]}]");
  // One that changed the text does not get it back.
  PutBackCounts counts;
  PutBack(R"([{"role":"assistant","content":[{"type":"text","text":"Other."},)" + theirs + "]}]", hidden, &counts);
  EXPECT_EQ(counts.lost, 1u);
}

TEST(PutHiddenBackTest, CallsOfAMixedTurnStandBeforeTheSameCallInEachEcho) {
  MessagesSplicer splicer{std::string(kTool)};
  std::string out;
  splicer.Feed(Start(1) + Text(0, {"x"}) + Text(1, {"y"}) + Call(2, "u", "Bash", {"{}"}) +
                   Call(3, "toolu_ours", kTool, {"{\"hash\":\"abc\"}"}) + Call(4, "v", "Bash", {"{}"}) +
                   End("tool_use", 5),
               out);
  splicer.AnswerLater(kResult);
  const std::string first = R"({"type":"tool_use","id":"u","name":"Bash","input":{}})";
  const std::string second = R"({"type":"tool_use","id":"v","name":"Bash","input":{}})";
  const std::string results = R"({"type":"tool_result","tool_use_id":"u","content":"ok"})";
  for (const std::string_view texts :
       {R"({"type":"text","text":"x"},{"type":"text","text":"y"},)", R"({"type":"text","text":"xy"},)", ""}) {
    EXPECT_EQ(PutBack(R"([{"role":"assistant","content":[)" + std::string(texts) + first + ", " + second +
                          R"(]},{"role":"user","content":[ )" + results + "]}]",
                      splicer.hidden()),
              R"([{"role":"assistant","content":[)" + std::string(texts) + first + "," + kCall + "," + second +
                  R"(]},{"role":"user","content":[)" + kResult + ", " + results + "]}]");
  }
}

TEST(HiddenExchangeTest, TheKeyKnowsAnEchoByItsCallsElseByItsText) {
  VisibleMessage message;
  message.AddText("Let me\n look.");
  VisibleMessage joined;
  joined.AddText(" Let me look. ");
  EXPECT_EQ(HiddenKey({1, 2}, message), HiddenKey({1, 2}, joined));
  EXPECT_NE(HiddenKey({1, 2}, message), HiddenKey({1, 3}, message));
  message.AddCall("a");
  EXPECT_NE(HiddenKey({1, 2}, message), HiddenKey({1, 2}, joined));
  joined.AddText("other");
  joined.AddCall("a");
  EXPECT_EQ(HiddenKey({1, 2}, message), HiddenKey({1, 2}, joined));
}

TEST(HiddenExchangeTest, DamagedRecordsAreSaid) {
  const std::string payload = Answered().hidden().Encode();
  for (size_t size = 0; size < payload.size(); ++size) {
    const bool whole = size == 12;  // a record without inserts
    EXPECT_EQ(HiddenExchange::Decode(payload.substr(0, size)).ok(), whole) << size;
  }
}

}  // namespace
}  // namespace headroom::proxy
