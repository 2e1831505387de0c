// What is decided for a block, and that it stands, over the real store (in
// memory), compressors and counters. Conversations are written as the two
// formats' clients send them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/optimizer.h"
#include "text/compressor.h"
#include "text/sample_log.h"

namespace headroom::proxy {
namespace {

// A query's answer: rows that share their keys.
std::string Rows(int count) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) {
    out += std::string(i == 0 ? "" : ",") + R"({"id":)" + std::to_string(100 + i) + R"(,"name":"entry )" +
           std::to_string(i * 37) + R"(","state":"ready"})";
  }
  return out + "]";
}

std::string Result(std::string_view id, std::string_view text, std::string_view more = "") {
  return R"({"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":)" + json::Quote(text) +
         std::string(more) + "}";
}

std::string Call(std::string_view id, std::string_view name = "Bash",
                 std::string_view input = R"({"command":"list-entries"})") {
  return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":")" + std::string(name) + R"(","input":)" +
         std::string(input) + "}";
}

std::string User(std::string_view blocks) { return R"({"role":"user","content":[)" + std::string(blocks) + "]}"; }
std::string Assistant(std::string_view blocks) {
  return R"({"role":"assistant","content":[)" + std::string(blocks) + "]}";
}
std::string Text(std::string_view text, bool mark = false) {
  return R"({"type":"text","text":)" + json::Quote(text) + (mark ? R"(,"cache_control":{"type":"ephemeral"}})" : "}");
}

std::string Body(const std::vector<std::string>& messages, std::string_view head = R"("model":"claude-sonnet-4-5",)") {
  std::string body = "{" + std::string(head) + R"("messages":[)";
  for (size_t i = 0; i < messages.size(); ++i) body += (i == 0 ? "" : ",") + messages[i];
  return body + "]}";
}

class ContentRouterTest : public testing::Test {
 protected:
  ContentRouterTest() : store_(std::move(*store::Store::Open({}, Clock::System()))) { Restart({}); }

  void Restart(ContentRouter::Options options) {
    optimizer_ = std::make_unique<Optimizer>(std::move(options), *store_, Clock::System());
  }

  static net::HeaderList Key(std::string_view key) {
    net::HeaderList headers;
    headers.Add("x-api-key", key);
    return headers;
  }

  Optimized Run(const std::string& body, const net::HeaderList& headers = Key("k"),
                ContentRouter::Mode mode = ContentRouter::Mode::kRecord) {
    return optimizer_->Run({.credential = ReadCredential(headers, {}), .upstream = {}, .mode = mode},
                           PaddedBytes(body));
  }
  // What goes upstream.
  std::string Forward(const std::string& body, const net::HeaderList& headers = Key("k")) {
    return Run(body, headers).body.value_or(body);
  }

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Optimizer> optimizer_;
  const std::string rows_ = Rows(40);
  const std::vector<std::string> first_ = {User(Text("find it"))};
  const std::vector<std::string> second_ = {User(Text("find it")), Assistant(Call("a")), User(Result("a", rows_))};
};

TEST_F(ContentRouterTest, ShortensANewToolResultAndKeepsTheRestOfTheBody) {
  const std::string body = Body(second_);
  const Optimized out = Run(body);
  ASSERT_TRUE(out.body.has_value());
  EXPECT_GT(out.tokens_saved, 0u);
  const std::string quoted = json::Quote(rows_);
  const size_t at = body.find(quoted);
  EXPECT_EQ(out.body->substr(0, at), body.substr(0, at));
  EXPECT_TRUE(out.body->ends_with(body.substr(at + quoted.size())));
}

TEST_F(ContentRouterTest, ReplaysTheSameBytesAsTheConversationGrows) {
  const std::string second = Forward(Body(second_));
  std::vector<std::string> third = second_;
  third.push_back(Assistant(Text("found")));
  third.push_back(User(Text("go on")));
  const std::string forwarded = Forward(Body(third));
  const std::string prefix = second.substr(0, second.size() - 2);
  EXPECT_TRUE(forwarded.starts_with(prefix));
}

TEST_F(ContentRouterTest, KeepsEarlierDecisionsWhenTheCompressorsNoLongerApply) {
  const std::string second = Forward(Body(second_));
  ContentRouter::Options protects_all;
  protects_all.policy.protect_tools = {"*"};
  Restart(protects_all);
  EXPECT_EQ(Forward(Body(second_)), second);
}

TEST_F(ContentRouterTest, AConversationKeepsItsGenerationAndANewOneGetsTheNewest) {
  Forward(Body(second_));
  ContentRouter::Options protects_all;
  protects_all.policy.protect_tools = {"*"};
  Restart(protects_all);
  std::vector<std::string> grown = second_;
  grown.push_back(Assistant(Call("b")));
  grown.push_back(User(Result("b", Rows(50))));
  EXPECT_EQ(Run(Body(grown)).decided.count("protected_tool"), 0u);
  const std::vector<std::string> other = {User(Text("other")), Assistant(Call("c")), User(Result("c", rows_))};
  EXPECT_EQ(Run(Body(other)).decided.at("protected_tool"), 1u);
}

TEST_F(ContentRouterTest, ARenditionThatSavesNoTokenIsNotUsed) {
  // Without its trailing blanks the text has fewer bytes and as many tokens.
  const std::string text = "one two three four five six seven eight nine ten eleven twelve   \nnext line";
  ASSERT_TRUE(text::Compress({.text = text, .tool_name = "Bash", .tool_arguments = ""}).has_value());
  const Optimized out = Run(Body({User(Text("q")), Assistant(Call("a")), User(Result("a", text))}));
  EXPECT_FALSE(out.body.has_value());
  EXPECT_EQ(out.decided.at("no_gain"), 1u);
}

TEST_F(ContentRouterTest, LeavesErrorsProtectedToolsAndUnknownCallsAlone) {
  for (const std::string& result : {Result("a", rows_, R"(,"is_error":true)"), Result("zz", rows_)}) {
    const std::string body = Body({User(Text("q")), Assistant(Call("a")), User(result)});
    EXPECT_FALSE(Run(body).body.has_value());
  }
  const std::string own =
      Body({User(Text("q")), Assistant(Call("a", "mcp__headroom__headroom_retrieve")), User(Result("a", rows_))});
  EXPECT_FALSE(Run(own).body.has_value());
}

TEST_F(ContentRouterTest, TextOfUserAssistantAndSystemIsNeverTouched) {
  const std::string body =
      Body({User(Text(rows_)), Assistant(Text(rows_)), User(Text(rows_))}, R"("system":)" + json::Quote(rows_) + ",");
  EXPECT_FALSE(Run(body).body.has_value());
}

TEST_F(ContentRouterTest, RefersToAnIdenticalEarlierResult) {
  std::string log;
  for (int i = 0; i < 60; ++i) log += "step " + std::to_string(i * 7919) + " is done with status ok\n";
  const std::string run = R"({"command":"make"})";
  const std::vector<std::string> messages = {User(Text("q")), Assistant(Call("a", "Bash", run)), User(Result("a", log)),
                                             Assistant(Call("b", "Bash", run)), User(Result("b", log))};
  const std::string forwarded = Forward(Body(messages));
  EXPECT_NE(
      forwarded.find(
          R"([Identical to the result of the earlier call Bash {\"command\":\"make\"}, the tool result before this one; its 60 lines are not repeated here.])"),
      std::string::npos);
  // A third one refers to the one in full, not to the reference.
  std::vector<std::string> more = messages;
  more.push_back(Assistant(Call("c", "Bash", run)));
  more.push_back(User(Result("c", log)));
  EXPECT_NE(Forward(Body(more)).find("2 tool results before this one"), std::string::npos);
}

TEST_F(ContentRouterTest, DoesNotReferWhereTheProviderEditsTheContext) {
  std::string log;
  for (int i = 0; i < 60; ++i) log += "step " + std::to_string(i * 7919) + " is done with status ok\n";
  const std::string body =
      Body({User(Text("q")), Assistant(Call("a") + "," + Call("b")), User(Result("a", log) + "," + Result("b", log))},
           R"("context_management":{"edits":[]},)");
  EXPECT_EQ(Forward(body).find("Identical to"), std::string::npos);
}

TEST_F(ContentRouterTest, FirstContactLeavesWhatAMarkOrSignedThinkingFollows) {
  const std::string old_call = Assistant(Call("a"));
  const std::string old_result = User(Result("a", rows_));
  const std::string new_call = Assistant(Call("b"));
  const std::string fresh = Rows(45);
  const std::string new_result = User(Result("b", fresh) + "," + Text("and?", true));
  const std::string forwarded = Forward(Body({User(Text("q")), old_call, old_result, new_call, new_result}));
  EXPECT_NE(forwarded.find(json::Quote(rows_)), std::string::npos);
  EXPECT_EQ(forwarded.find(json::Quote(fresh)), std::string::npos);

  const std::string thinking = Assistant(R"({"type":"thinking","thinking":"h","signature":"s"},)" + Call("b"));
  const std::string signed_forwarded =
      Forward(Body({User(Text("q2")), old_call, old_result, thinking, User(Result("b", fresh))}));
  EXPECT_NE(signed_forwarded.find(json::Quote(rows_)), std::string::npos);
  EXPECT_EQ(signed_forwarded.find(json::Quote(fresh)), std::string::npos);

  const std::string bare = Forward(Body({User(Text("q3")), old_call, old_result, new_call, User(Result("b", fresh))}));
  EXPECT_EQ(bare.find(json::Quote(rows_)), std::string::npos);
}

TEST_F(ContentRouterTest, AClientThatClearsItsFirstResultsGetsTheLaterOnesShortenedStill) {
  ContentRouter::Options options;
  options.policy.gaps = Gaps::kAuto;
  options.offer_retrieval = Offer::kAuto;
  Restart(options);
  const std::string head = R"("model":"claude-sonnet-4-5","tools":[{"name":"Bash","input_schema":{"type":"object"}}],)";
  Forward(Body(first_, head));
  std::vector<std::string> third = second_;
  third.push_back(Assistant(Call("b")));
  third.push_back(User(Result("b", Rows(50))));
  Forward(Body(second_, head));
  const std::string before = Forward(Body(third, head));
  const std::string shortened = before.substr(before.rfind("tool_result"));
  ASSERT_EQ(before.find(json::Quote(Rows(50))), std::string::npos);

  third[2] = User(Result("a", "[cleared]"));
  third.push_back(Assistant(Text("found")));
  third.push_back(User(Text("go on", /*mark=*/true)));
  const std::string cleared = Forward(Body(third, head));
  EXPECT_NE(cleared.find(shortened.substr(0, shortened.size() - 2)), std::string::npos) << cleared;
}

TEST_F(ContentRouterTest, AnEditedResultIsDecidedAnewAndWhatFollowsKeepsItsBytes) {
  const std::string later = Rows(55);
  const auto body = [&](const std::string& old_text) {
    return Body({User(Text("q")), Assistant(Call("a")), User(Result("a", old_text)), Assistant(Call("b")),
                 User(Result("b", later))});
  };
  const std::string before = Forward(body(rows_));
  const std::string after = Forward(body("[Old tool result content cleared]"));
  const auto tail = [](const std::string& text) { return text.substr(text.find(R"("id":"b")")); };
  EXPECT_EQ(tail(before), tail(after));
  EXPECT_NE(after.find("[Old tool result content cleared]"), std::string::npos);
}

TEST_F(ContentRouterTest, AChangedSystemDateModelOrThinkingChangesNoDecision) {
  const std::string forwarded = Forward(Body(second_, R"("model":"claude-sonnet-4-5","system":"monday",)"));
  const std::string other = Forward(Body(second_, R"("model":"claude-opus-4-1","system":"tuesday",)"));
  const auto tail = [](const std::string& text) { return text.substr(text.find("\"messages\"")); };
  EXPECT_EQ(tail(forwarded), tail(other));
}

TEST_F(ContentRouterTest, TwoTenantsWithIdenticalBytesShareNothing) {
  Forward(Body(second_));
  EXPECT_EQ(Run(Body(second_)).replayed, 1u);
  const Optimized other = Run(Body(second_), Key("someone else"));
  EXPECT_EQ(other.replayed, 0u);
  const auto tenant = [](std::string_view key) { return ReadCredential(Key(key), {}).tenant; };
  EXPECT_TRUE(store_->GetOriginal(tenant("k"), ContentId(rows_)).ok());
  EXPECT_FALSE(store_->GetOriginal(tenant("third"), ContentId(rows_)).ok());
}

TEST_F(ContentRouterTest, ADryRunDecidesAlikeAndLeavesNoTrace) {
  const Optimized dry = Run(Body(second_), Key("k"), ContentRouter::Mode::kDryRun);
  ASSERT_TRUE(dry.body.has_value());
  EXPECT_FALSE(store_->GetOriginal(ReadCredential(Key("k"), {}).tenant, ContentId(rows_)).ok());
  const Optimized real = Run(Body(second_));
  EXPECT_EQ(real.replayed, 0u);
  EXPECT_EQ(real.body, dry.body);
}

TEST_F(ContentRouterTest, AnExpiredDeadlineLeavesTheBlockRawForEver) {
  ContentRouter::Options hurried;
  hurried.block_deadline = std::chrono::milliseconds(0);
  Restart(hurried);
  const Optimized out = Run(Body(second_));
  EXPECT_FALSE(out.body.has_value());
  EXPECT_EQ(out.failures.deadline, 1u);
  Restart({});
  EXPECT_FALSE(Run(Body(second_)).body.has_value());
}

net::HeaderList Login(std::string_view token) {
  net::HeaderList headers;
  headers.Add("authorization", "Bearer " + std::string(token));
  return headers;
}

constexpr std::string_view kIssued = "toolu_01AbCdEfGhIjKlMnOpQrStUv";

TEST_F(ContentRouterTest, OpaqueLoginsJoinTheConversationTheyContinue) {
  const std::string body = Body({User(Text("q")), Assistant(Call(kIssued)), User(Result(kIssued, rows_))});
  Forward(body, Login("sk-ant-oat01-one"));
  EXPECT_EQ(Run(body, Login("sk-ant-oat01-two")).replayed, 1u);
  // Another request first, as a probe or a new conversation, changes nothing.
  Run(Body(first_), Login("sk-ant-oat01-three"));
  EXPECT_EQ(Run(body, Login("sk-ant-oat01-three")).replayed, 1u);
}

TEST_F(ContentRouterTest, IdsThatAnybodyCouldHaveWrittenJoinNobody) {
  const std::string body = Body({User(Text("q")), Assistant(Call("call_1")), User(Result("call_1", rows_))});
  Forward(body, Login("gsk_one"));
  EXPECT_EQ(Run(body, Login("gsk_two")).replayed, 0u);
}

TEST_F(ContentRouterTest, WhatARequestThatIsOffCarriesStaysRaw) {
  EXPECT_FALSE(Run(Body(second_), Key("k"), ContentRouter::Mode::kRaw).body.has_value());
  EXPECT_FALSE(Run(Body(second_)).body.has_value());
}

TEST_F(ContentRouterTest, MoreBlocksThanTheLimitPassAsTheyAre) {
  const auto of = [](size_t blocks) {
    std::string body = R"({"messages":[{"role":"user","content":[0)";
    for (size_t i = 1; i < blocks; ++i) body += ",0";
    return body + "]}]}";
  };
  EXPECT_EQ(Run(of(RequestView::kMaxBlocks)).untouched, "");
  EXPECT_EQ(Run(of(RequestView::kMaxBlocks + 1)).untouched, "shape");
}

TEST_F(ContentRouterTest, ARefusedConversationAsksToDropThinkingFromThenOn) {
  const std::string thinking = R"({"type":"thinking","thinking":"h","signature":"s"},)";
  const std::vector<std::string> messages = {User(Text("q")), Assistant(thinking + Call("a")),
                                             User(Result("a", rows_))};
  const std::string settings = R"("thinking":{"type":"enabled","budget_tokens":1024},)";
  EXPECT_FALSE(Run(Body(messages, settings)).drops_thinking);
  const Optimized again =
      optimizer_->Run({.credential = ReadCredential(Key("k"), {}), .upstream = {}, .drop_thinking = true},
                      PaddedBytes(Body(messages, settings)));
  EXPECT_TRUE(again.drops_thinking);
  const std::string asked =
      R"("thinking":{"type":"enabled","budget_tokens":1024,"block_binding":{"prefix_mismatch_behavior":"drop_block"}},)";
  EXPECT_NE(again.body->find(asked), std::string::npos);
  std::vector<std::string> grown = messages;
  grown.push_back(Assistant(Text("done")));
  EXPECT_NE(Forward(Body(grown, settings)).find(asked), std::string::npos);
  // A request without thinking settings cannot ask.
  EXPECT_FALSE(Run(Body(grown)).drops_thinking);
}

TEST_F(ContentRouterTest, WithGapsAnExcerptGoesWhoseOriginalTheTenantCanFetch) {
  ContentRouter::Options gaps;
  gaps.policy.gaps = Gaps::kOn;
  gaps.block_deadline = gaps.request_deadline = std::chrono::seconds(20);
  Restart(gaps);
  const std::string log = text::SampleLog(600);
  const std::vector<std::string> messages = {User(Text("Why did it fail?")), Assistant(Call("a")),
                                             User(Result("a", log))};
  const std::string forwarded = Forward(Body(messages));
  EXPECT_LT(forwarded.size(), log.size() / 2);
  EXPECT_NE(forwarded.find("no space left on device"), std::string::npos);
  const size_t hash = forwarded.find("hash=");
  ASSERT_NE(hash, std::string::npos);
  const std::string id = forwarded.substr(hash + 5, 24);
  EXPECT_EQ(id, ContentId(log));
  std::vector<std::string> grown = messages;
  grown.push_back(Assistant(Text("The disk is full.")));
  EXPECT_TRUE(Forward(Body(grown)).starts_with(forwarded.substr(0, forwarded.size() - 2)));
  // The conversation began without gaps: it keeps its policy.
  const std::vector<std::string> other = {User(Text("Why?")), Assistant(Call("b")),
                                          User(Result("b", text::SampleLog(500)))};
  Restart({});
  const std::string whole = Forward(Body(other));
  Restart(gaps);
  EXPECT_EQ(Forward(Body(other)), whole);
}

TEST_F(ContentRouterTest, AnExcerptDoesNotFollowItsResultToWhereNothingOpensIt) {
  ContentRouter::Options gaps;
  gaps.policy.gaps = Gaps::kOn;
  gaps.block_deadline = gaps.request_deadline = std::chrono::seconds(20);
  Restart(gaps);
  const std::string log = text::SampleLog(600);
  EXPECT_NE(Forward(Body({User(Text("Why?")), Assistant(Call("a")), User(Result("a", log))})).find("hash="),
            std::string::npos);
  Restart({});
  const std::string other =
      Forward(Body({User(Text("Another beginning")), Assistant(Call("a")), User(Result("a", log))}));
  EXPECT_EQ(other.find("hash="), std::string::npos);
}

TEST_F(ContentRouterTest, AToolThatIsOffStaysAsItCame) {
  ContentRouter::Options off;
  off.policy.tool_profiles = {{"Bash", text::Level::kOff}};
  Restart(off);
  EXPECT_FALSE(Run(Body(second_)).body.has_value());
}

TEST_F(ContentRouterTest, BodiesThatAreNotUnderstoodPassWithTheReason) {
  EXPECT_EQ(Run("{").untouched, "not_json");
  EXPECT_EQ(Run("[]").untouched, "shape");
  EXPECT_EQ(Run(R"({"messages":7})").untouched, "shape");
  EXPECT_EQ(Run(std::string(json::kMaxDepth + 10, '[') + std::string(json::kMaxDepth + 10, ']')).untouched, "depth");
}

}  // namespace
}  // namespace headroom::proxy
