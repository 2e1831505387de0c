// Epochs as the optimizer makes and replays them, over the real store (in memory),
// scorer and counters. Requests are of a model whose tokens are counted exactly,
// with a small window.

#include "proxy/context_manager.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/calibrator.h"
#include "proxy/context_marker.h"
#include "proxy/optimizer.h"
#include "tokens/counter.h"

namespace headroom::proxy {
namespace {

constexpr uint64_t kWindow = 4'000;
constexpr std::string_view kModel = "gpt-4o";

// About `tokens` tokens that no compressor shortens.
std::string Words(size_t seed, size_t tokens) {
  static constexpr std::string_view kWords[] = {"apple", "river", "stone", "cloud", "green", "table", "light", "horse"};
  std::string text;
  for (size_t i = 0; i < tokens; ++i) text += std::string(i == 0 ? "" : " ") + std::string(kWords[(seed + i * i) % 8]);
  return text;
}

class ContextManagerTest : public testing::Test {
 protected:
  ContextManagerTest()
      : store_(std::move(*store::Store::Open({}, Clock::System()))),
        catalog_(std::make_unique<policy::ModelCatalog>(
            std::vector<policy::ModelOverride>{{.model = std::string(kModel), .context_window = kWindow}})) {
    Start({});
  }

  void Start(ContextManager::Options context) {
    optimizer_ =
        std::make_unique<Optimizer>(ContentRouter::Options(), *store_, Clock::System(), context, catalog_.get());
  }

  void Say(std::string_view role, std::string_view text) {
    messages_.push_back(R"({"role":")" + std::string(role) + R"(","content":)" + json::Quote(text) + "}");
  }
  void Call(std::string_view id, std::string_view result, std::string_view name = "Bash") {
    messages_.push_back(R"({"role":"assistant","content":null,"tool_calls":[{"id":")" + std::string(id) +
                        R"(","type":"function","function":{"name":")" + std::string(name) +
                        R"(","arguments":"{\"command\":\"x\"}"}}]})");
    messages_.push_back(R"({"role":"tool","tool_call_id":")" + std::string(id) + R"(","content":)" +
                        json::Quote(result) + "}");
  }

  std::string Body() const {
    std::string body = R"({"model":")" + std::string(kModel) + R"(","messages":[)";
    for (size_t i = 0; i < messages_.size(); ++i) body += (i == 0 ? "" : ",") + messages_[i];
    return body + "]" + settings_ + "}";
  }

  Optimized Run(std::optional<Overflow> refused = {}, ContentRouter::Mode mode = ContentRouter::Mode::kRecord) {
    net::HeaderList headers;
    headers.Add("authorization", "Bearer " + key_);
    return optimizer_->Run({.api = Api::kChat,
                            .credential = ReadCredential(headers, {}),
                            .upstream = {},
                            .mode = mode,
                            .refused = refused},
                           PaddedBytes(Body()));
  }

  // Of the texts of a body, and four for each message.
  static size_t Tokens(const std::string& body) {
    const PaddedBytes bytes(body);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok());
    return CountTexts(document, tokens::CounterFor(kModel)) + 4 * MessagesOf(document, Api::kChat).size();
  }

  // A task and `calls` results of 300 tokens each.
  void Work(size_t calls) {
    Say("user", "the task");
    for (size_t i = 0; i < calls; ++i)
      Call("c" + std::to_string(i), "result " + std::to_string(i) + "\n" + Words(i, 300));
  }

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<policy::ModelCatalog> catalog_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<std::string> messages_;
  std::string key_ = "sk-k";
  std::string settings_;  // members behind the messages
};

TEST_F(ContextManagerTest, ARequestThatFitsIsNotTouched) {
  Work(10);
  const Optimized out = Run();
  EXPECT_FALSE(out.body.has_value());
  EXPECT_FALSE(out.context.exceeded);
}

TEST_F(ContextManagerTest, OneThatDoesNotGoesDownToThreeQuartersOfTheLimit) {
  Work(14);
  const Optimized out = Run();
  ASSERT_TRUE(out.context.made);
  ASSERT_TRUE(out.body.has_value());
  EXPECT_LT(Tokens(*out.body), kWindow * 85 / 100);
  EXPECT_GT(Tokens(*out.body), kWindow / 2);
  EXPECT_NE(out.body->find("<headroom:dropped_context reason=\\\"intelligent_cap\\\""), std::string::npos);
  EXPECT_EQ(out.body->find(messages_[0]), Body().find(messages_[0]));
  for (size_t i = messages_.size() - 8; i < messages_.size(); ++i) {
    EXPECT_NE(out.body->find(messages_[i]), std::string::npos) << i;
  }
}

TEST_F(ContextManagerTest, LaterRequestsRepeatTheEpochByteForByteAndTheNextContainsIt) {
  Work(14);
  std::string last = *Run().body;
  size_t epochs = 1;
  for (size_t i = 14; i < 40; ++i) {
    Call("c" + std::to_string(i), "result " + std::to_string(i) + "\n" + Words(i, 300));
    const Optimized out = Run();
    ASSERT_TRUE(out.context.applies);
    EXPECT_LE(Tokens(*out.body), kWindow * 105 / 100);  // ids and names are not the provider's text
    if (out.context.made) {
      ++epochs;
    } else {
      EXPECT_TRUE(out.body->starts_with(last.substr(0, last.size() - 2))) << i;
    }
    last = *out.body;
  }
  EXPECT_GE(epochs, 3u);
  EXPECT_LE(epochs, 8u);
  // The marker of the last one names all that is gone.
  const size_t at = last.find("hash=") + 5;
  net::HeaderList headers;
  headers.Add("authorization", "Bearer sk-k");
  const Result<store::Original> original =
      store_->GetOriginal(optimizer_->tenants().Known(ReadCredential(headers, {})), last.substr(at, 24));
  ASSERT_TRUE(original.ok());
  EXPECT_EQ(original->tool_name, kDroppedContextTool);
  for (const std::string& message : messages_) {
    const bool sent = last.find(message) != std::string::npos;
    EXPECT_NE(sent, original->text.find(message) != std::string::npos);
  }
}

// An epoch is of the way on which it was made: neither a longer one of a sibling's nor what a sibling
// makes in the part that they share changes what a branch was sent.
TEST_F(ContextManagerTest, BranchesThatGoBackBehindAnEpochDisturbEachOtherInNothing) {
  Work(11);
  const std::string before = Run().body.value_or(Body());
  const std::vector<std::string> shared = messages_;
  for (size_t i = 11; i < 15; ++i) Call("left" + std::to_string(i), Words(i, 300));
  const Optimized left = Run();
  ASSERT_TRUE(left.context.made);
  const std::vector<std::string> left_messages = messages_;

  messages_ = shared;
  EXPECT_EQ(Run().body.value_or(Body()), before);
  for (size_t i = 20; i < 24; ++i) Call("right" + std::to_string(i), Words(i, 300));
  ASSERT_TRUE(Run().context.made);
  for (size_t i = 24; i < 34; ++i) {
    Call("right" + std::to_string(i), Words(i, 300));
    (void)Run();
  }

  messages_ = left_messages;
  EXPECT_EQ(*Run().body, *left.body);
}

TEST_F(ContextManagerTest, RequestsThatOverflowBehindTheSameAnswerShareOneEpoch) {
  Work(14);
  const std::string sent = *Run().body;
  messages_.pop_back();
  messages_.push_back(R"({"role":"tool","tool_call_id":"c13","content":"interrupted"})");
  const Optimized other = Run();
  EXPECT_FALSE(other.context.made);
  EXPECT_EQ(other.body->substr(0, sent.size() - 2000), sent.substr(0, sent.size() - 2000));
}

TEST_F(ContextManagerTest, ADryRunRepeatsAnEpochAndMakesNone) {
  Work(14);
  EXPECT_FALSE(Run({}, ContentRouter::Mode::kDryRun).context.made);
  const std::string sent = *Run().body;
  EXPECT_EQ(Run({}, ContentRouter::Mode::kDryRun).body, sent);
  EXPECT_FALSE(Run({}, ContentRouter::Mode::kRaw).body.has_value());
}

TEST_F(ContextManagerTest, WithoutScoresTheOldestGoFirst) {
  Start({.scoring = false});
  Work(14);
  const std::string body = *Run().body;
  bool kept = false;
  for (size_t i = 0; i < 14; ++i) {
    const bool here = body.find("result " + std::to_string(i) + "\\n") != std::string::npos;
    EXPECT_TRUE(here || !kept) << i;
    kept = kept || here;
  }
  EXPECT_EQ(body.find("result 0\\n"), std::string::npos);
}

TEST_F(ContextManagerTest, ARollingWindowDropsCallsBeforeWords) {
  Start({.intelligent = false});
  Say("user", "the task");
  Say("assistant", "understood");
  Say("user", "an old question");
  Say("assistant", "an old answer");
  for (size_t i = 0; i < 14; ++i) Call("c" + std::to_string(i), "result " + std::to_string(i) + "\n" + Words(i, 300));
  const std::string body = *Run().body;
  EXPECT_NE(body.find("reason=\\\"token_cap\\\""), std::string::npos);
  EXPECT_NE(body.find("an old question"), std::string::npos);
  EXPECT_EQ(body.find("result 0\\n"), std::string::npos);
}

TEST_F(ContextManagerTest, WhereTheProtectedPartIsTooLargeTheRequestGoesAsItCame) {
  Work(3);
  Call("big", Words(1, kWindow + 100));
  const Optimized out = Run();
  EXPECT_FALSE(out.body.has_value());
  EXPECT_TRUE(out.context.exceeded);
  EXPECT_FALSE(out.context.made);
}

TEST_F(ContextManagerTest, ARefusalMakesAnEpochFromItsFiguresAndIsRemembered) {
  catalog_.reset();
  Start({});
  Work(10);
  EXPECT_FALSE(Run().context.exceeded);
  Overflow refusal;
  refusal.prompt_tokens = 6'400;
  refusal.limit = 4'000;
  const Optimized out = Run(refusal);
  ASSERT_TRUE(out.context.made);
  // A token of theirs is about half of ours.
  EXPECT_LT(Tokens(*out.body), Tokens(Body()) / 2);
  // Another conversation of that model is now known not to fit.
  messages_.clear();
  Say("user", "another task");
  for (size_t i = 0; i < 10; ++i) Call("d" + std::to_string(i), Words(i + 3, 300));
  EXPECT_TRUE(Run().context.made);
}

TEST_F(ContextManagerTest, WhatARefusalToldCountsForItsTenantAndWindowAlone) {
  catalog_.reset();
  Start({});
  Work(10);
  ASSERT_FALSE(Run().context.exceeded);
  Overflow refusal;
  refusal.prompt_tokens = 3'200;
  refusal.limit = 3'000;
  ASSERT_TRUE(Run(refusal).context.made);
  messages_.clear();
  Say("user", "another task");
  for (size_t i = 0; i < 10; ++i) Call("d" + std::to_string(i), "other " + std::to_string(i) + "\n" + Words(i, 300));
  key_ = "sk-other";
  EXPECT_FALSE(Run().context.exceeded);
  key_ = "sk-k";
  EXPECT_TRUE(Run().context.exceeded);
}

TEST_F(ContextManagerTest, OutputThatARefusalAddedIsThatRequestsOwn) {
  catalog_.reset();
  Start({});
  settings_ = R"(,"max_tokens":7000)";
  Work(10);
  ASSERT_FALSE(Run().context.exceeded);
  Overflow refusal;  // "3200 + 7000 > 9000"
  refusal.prompt_tokens = 3'200;
  refusal.output_tokens = 7'000;
  refusal.limit = 9'000;
  ASSERT_TRUE(Run(refusal).context.made);
  messages_.clear();
  Say("user", "another task");
  for (size_t i = 0; i < 10; ++i) Call("d" + std::to_string(i), Words(i + 3, 300));
  settings_ = R"(,"max_tokens":1000)";
  EXPECT_FALSE(Run().context.exceeded);
  settings_ = R"(,"max_tokens":7000)";
  EXPECT_TRUE(Run().context.exceeded);
}

TEST_F(ContextManagerTest, WhatReferredToADroppedResultGoesInFull) {
  const std::string same = "once\n" + Words(5, 400);
  Say("user", "the task");
  Call("first", same);
  for (size_t i = 0; i < 6; ++i) Call("c" + std::to_string(i), "result " + std::to_string(i) + "\n" + Words(i, 300));
  Call("again", same);
  ASSERT_NE(Run().body.value_or("").find("Identical to the result of the earlier call"), std::string::npos);
  Start({.scoring = false});
  for (size_t i = 6; i < 12; ++i) Call("c" + std::to_string(i), "result " + std::to_string(i) + "\n" + Words(i, 300));
  const Optimized out = Run();
  ASSERT_TRUE(out.context.made);
  EXPECT_EQ(out.body->find("Identical to the result of the earlier call"), std::string::npos);
  EXPECT_NE(out.body->find("once\\n"), std::string::npos);
  EXPECT_LE(Tokens(*out.body), kWindow);
}

TEST_F(ContextManagerTest, EachTenantHasItsOwnEpochs) {
  Work(14);
  ASSERT_TRUE(Run().context.made);
  net::HeaderList headers;
  headers.Add("authorization", "Bearer sk-other");
  const Optimized other = optimizer_->Run({.api = Api::kChat,
                                           .credential = ReadCredential(headers, {}),
                                           .upstream = {},
                                           .mode = ContentRouter::Mode::kDryRun},
                                          PaddedBytes(Body()));
  EXPECT_FALSE(other.context.applies);
}

TEST(ReadableMessagesTest, DecodesTextsAndLeavesOtherTextsAlone) {
  const std::string readable = ReadableMessages(
      R"([{"role":"user","content":[{"type":"tool_result","content":"line 1\nline 2"}]},{"role":"assistant","content":"ok"}])");
  EXPECT_NE(readable.find("content:\nline 1\nline 2\n"), std::string::npos);
  EXPECT_NE(readable.find("content: ok\n"), std::string::npos);
  EXPECT_EQ(ReadableMessages("no JSON"), "no JSON");
}

TEST(MarkerTest, IsOneMessageThatSaysWhatItIs) {
  EXPECT_EQ(MarkerMessage({.reason = "token_cap",
                           .units = 2,
                           .messages = 5,
                           .topics = "Read \"a\".cc",
                           .hash = "0123456789abcdef01234567",
                           .has_tool = true}),
            R"({"role":"user","content":"<headroom:dropped_context reason=\"token_cap\" count=\"2\">\n)"
            R"(Left out here and further down, to fit the context window: 5 earlier messages in 2 exchanges. They are )"
            R"(intact: call headroom_retrieve with the hash to read them, best with a query.\n)"
            R"(They were about: Read \"a\".cc.\n)"
            R"([5 messages compressed to 1. Retrieve more: hash=0123456789abcdef01234567]\n)"
            R"(</headroom:dropped_context>"})");
}

}  // namespace
}  // namespace headroom::proxy
