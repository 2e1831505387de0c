#include "proxy/retrieve_tool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "text/line_text.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kUnknown = "Nothing is kept under this hash. Run the tool again to see its output.";

class RetrieveToolTest : public testing::Test {
 protected:
  RetrieveToolTest() : store_(*store::Store::Open({}, Clock::System())), tenants_(*store_) {
    for (int i = 1; i <= 9'000; ++i) text_ += "worker " + std::to_string(i) + " handled another batch\n";
    id_ = Keep(text_);
    small_ = Keep("disk sda3 failed\n");
  }

  std::string Keep(const std::string& text) {
    store::Original original;
    original.text = text;
    original.id = ContentId(text);
    original.tenant = credential_.tenant;
    original.upstream = "up";
    store_->PutOriginal(original);
    return original.id;
  }

  Asker Who(std::string_view named = {}) { return {credential_, credential_.tenant, tenants_, *store_, log_, named}; }
  static HeldCall Call(const std::string& hash, const std::string& query = "") {
    return {"t", R"({"hash":")" + hash + R"(","query":")" + query + R"("})"};
  }
  std::vector<std::string> Answers(const std::vector<HeldCall>& calls, AnswerSpace space = {}) {
    return AnswerRetrieveCalls(calls, Who(), space, asked_);
  }

  Credential credential_{Credential::Kind::kKey, {1, 1}, {1, 1}};
  std::unique_ptr<store::Store> store_;
  Tenants tenants_;
  RetrievalLog log_{Clock::System()};
  std::string text_;
  std::string id_;
  std::string small_;
  AskedBefore asked_{Api::kMessages, "{}"};
};

TEST_F(RetrieveToolTest, AHashInCapitalsOpensTheSame) {
  std::string capitals = small_;
  std::transform(capitals.begin(), capitals.end(), capitals.begin(), ::toupper);
  EXPECT_EQ(Answers({Call(capitals)}), std::vector<std::string>{"disk sda3 failed\n"});
}

TEST_F(RetrieveToolTest, ArgumentsOfAnotherFormAreSaid) {
  for (const std::string arguments : {"", "{", "[]", "null", "{}", R"({"hash":7})", R"({"hash":"abc"})"}) {
    EXPECT_TRUE(Answers({{"t", arguments}})[0].starts_with("The hash must be")) << arguments;
  }
  EXPECT_EQ(Answers({Call(std::string(24, 'a'))})[0], kUnknown);
}

TEST_F(RetrieveToolTest, ALargeOriginalComesWithinItsTokensAndSaysHowToGoOn) {
  ASSERT_GT(text::EstimateTokens(text_), kMaxAnswerTokens);
  for (const size_t each : {kBriefAnswerTokens, kPageTokens, kMaxAnswerTokens}) {
    AskedBefore asked(Api::kMessages, "{}");
    const std::string answer = AnswerRetrieveCalls({Call(id_)}, Who(), {.each = each}, asked)[0];
    EXPECT_TRUE(answer.starts_with("worker 1 handled")) << answer.substr(0, 50);
    EXPECT_NE(answer.find("call again with this hash"), std::string::npos);
    const size_t page = std::min(each, kPageTokens);
    EXPECT_LE(text::EstimateTokens(answer), page + 100);
    EXPECT_GE(text::EstimateTokens(answer), page / 2);
  }
  const std::string found = Answers({Call(id_, "worker 8123")}, {.each = kBriefAnswerTokens})[0];
  EXPECT_NE(found.find("worker 8123 handled"), std::string::npos);
  EXPECT_LE(text::EstimateTokens(found), kBriefAnswerTokens + 100);
}

TEST_F(RetrieveToolTest, CallsOfOneReplyShareTheirTokens) {
  const std::vector<std::string> answers = Answers({Call(id_), Call(id_), Call(small_)}, {.tokens = 1'600});
  EXPECT_TRUE(answers[0].starts_with("worker 1 handled"));
  EXPECT_EQ(answers[1], "Too much was opened at once. Call again for this one alone.");
  EXPECT_EQ(answers[2], answers[1]);
  // No room at all, and just enough of it.
  EXPECT_EQ(Answers({Call(small_)}, {.tokens = 499})[0], "The context is full; nothing more can be opened.");
  EXPECT_EQ(Answers({Call(small_)}, {.tokens = 500})[0], "disk sda3 failed\n");
}

TEST_F(RetrieveToolTest, TenThousandCallsOfOneReplyAreAnsweredUpToTheLimit) {
  const std::vector<std::string> answers = Answers(std::vector<HeldCall>(10'000, Call(small_)));
  ASSERT_EQ(answers.size(), 10'000u);
  EXPECT_EQ(answers[kMaxAnsweredCalls - 1], "disk sda3 failed\n");
  EXPECT_EQ(answers[kMaxAnsweredCalls], "Too many calls at once.");
  EXPECT_EQ(answers.back(), "Too many calls at once.");
}

TEST_F(RetrieveToolTest, ALoginThatNobodyProvedOpensWhatItsOwnConversationNames) {
  credential_.kind = Credential::Kind::kJwt;
  EXPECT_EQ(AnswerRetrieveCalls({Call(small_)}, Who(), {}, asked_)[0], kUnknown);
  EXPECT_EQ(AnswerRetrieveCalls({Call(small_)}, Who(id_ + small_), {}, asked_)[0], "disk sda3 failed\n");
  // Twenty-four digits across two of them are no hash.
  const std::string across = "aaaaaaaaaaaa" + small_ + "bbbbbbbbbbbb";
  EXPECT_EQ(AnswerRetrieveCalls({Call(small_)}, Who(across), {}, asked_)[0], kUnknown);
  tenants_.MarkAccepted(credential_, "up");
  EXPECT_EQ(AnswerRetrieveCalls({Call(small_)}, Who(), {}, asked_)[0], "disk sda3 failed\n");
}

TEST_F(RetrieveToolTest, WhatAConversationNamesIsItsTenantsOnly) {
  const Asker stranger{credential_, {2, 2}, tenants_, *store_, log_, small_};
  EXPECT_EQ(AnswerRetrieveCalls({Call(small_)}, stranger, {}, asked_)[0], kUnknown);
}

TEST_F(RetrieveToolTest, ALongOriginalComesInPagesAndAPageIsGivenOnce) {
  std::string text;
  for (int i = 1; i <= 3000; ++i) text += "line " + std::to_string(i) + " of the long one\n";
  const std::string id = Keep(text);
  std::string read;
  size_t calls = 0;
  for (; calls < 10 && read.size() < text.size(); ++calls) {
    std::string answer = Answers({Call(id)})[0];
    answer.resize(answer.rfind("The next part"));
    for (size_t gap; (gap = answer.find("... lines ")) != std::string::npos;)
      answer.erase(gap, answer.find('\n', gap) + 1 - gap);
    read += answer;
  }
  EXPECT_EQ(read, text);
  EXPECT_LE(calls, 5u);
  EXPECT_TRUE(Answers({Call(id)})[0].starts_with("line 1 of"));  // and again
}

TEST_F(RetrieveToolTest, ARequestTellsHowOftenItsConversationHasAsked) {
  AskedBefore asked(Api::kMessages, R"({"messages":[{"role":"assistant","content":[
      {"type":"tool_use","id":"a","name":"headroom_retrieve","input":{"hash":")" +
                                        id_ + R"("}},
      {"type":"tool_use","id":"b","name":"headroom_retrieve","input":{"hash":")" +
                                        id_ + R"(","query":"disk"}},
      {"type":"tool_use","id":"c","name":"Other","input":{"hash":")" +
                                        id_ + R"("}}]}]})");
  EXPECT_EQ(asked.Count(id_), 1u);
  EXPECT_EQ(asked.Count(id_), 2u);
  EXPECT_EQ(asked.Count(small_), 0u);
}

}  // namespace
}  // namespace headroom::proxy
