#include "proxy/context_score.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "json/strings.h"

namespace headroom::proxy {
namespace {

class ContextScoreTest : public testing::Test {
 protected:
  void Call(std::string_view id, std::string_view command, std::string_view result, std::string_view tool = "Bash",
            bool failed = false) {
    Add(R"({"role":"assistant","content":[{"type":"tool_use","id":")" + std::string(id) + R"(","name":")" +
        std::string(tool) + R"(","input":{"command":)" + json::Quote(command) + "}}]}");
    Add(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":")" + std::string(id) + R"(","content":)" +
        json::Quote(result) + (failed ? R"(,"is_error":true)" : "") + "}]}");
  }
  void Say(std::string_view role, std::string_view text) {
    Add(R"({"role":")" + std::string(role) + R"(","content":)" + json::Quote(text) + "}");
  }
  // Turns that say nothing about the rest.
  void Idle(size_t turns = 5) {
    for (size_t i = 0; i < turns; ++i) {
      Say("user", "so");
      Say("assistant", "well");
    }
  }

  std::vector<double> Scores(const ToolPattern& pattern = {}) {
    const PaddedBytes bytes("{\"messages\":[" + messages_ + "]}");
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok());
    const Result<RequestView> view = ReadRequest(Api::kMessages, document);
    const std::vector<json::Token> messages = MessagesOf(document, Api::kMessages);
    const ContextUnits units = UnitsOf(document, messages, *view);
    return ScoreUnits(document, messages, *view, units, pattern);
  }

 private:
  void Add(const std::string& message) { messages_ += (messages_.empty() ? "" : ",") + message; }
  std::string messages_;
};

const std::string kPlain = "first line of some output\nsecond line of it\nthird line that ends here\n";

TEST_F(ContextScoreTest, OfEqualUnitsTheOlderIsWorthLess) {
  Say("user", "go");
  for (const char* id : {"a", "b", "c"}) Call(id, "ls", kPlain);
  Idle();
  const std::vector<double> scores = Scores();
  EXPECT_LT(scores[1], scores[2]);
  EXPECT_LT(scores[2], scores[3]);
}

TEST_F(ContextScoreTest, AUnitAboutTheCurrentTaskIsWorthMore) {
  Say("user", "go");
  Call("a", "cat notes", "the payment gateway retries each refund three times before giving up\n");
  Call("b", "cat notes", "the garden shed needs another coat of paint before the rain comes\n");
  Idle();
  Say("user", "Why does the payment gateway retry a refund?");
  const std::vector<double> scores = Scores();
  EXPECT_GT(scores[1], scores[2]);
}

TEST_F(ContextScoreTest, WhatLaterMessagesQuoteIsWorthMore) {
  Say("user", "go");
  Call("a", "grep -rn x", "src/ledger/journal_writer.cc:42: x\nmore here\n");
  Call("b", "grep -rn y", "src/unrelated/other_thing.cc:42: y\nmore here\n");
  Call("c", "cat src/ledger/journal_writer.cc", kPlain);
  Idle();
  const std::vector<double> scores = Scores();
  EXPECT_GT(scores[1], scores[2]);
}

TEST_F(ContextScoreTest, ErrorsAreWorthMore) {
  Say("user", "go");
  Call("a", "make", "step one\nERROR: linking failed with code 2\nstep three\n");
  Call("b", "make", "step one\nnote: linking went well with code\nstep three\n");
  Call("c", "make", kPlain, "Bash", /*failed=*/true);
  Call("d", "make", kPlain);
  Idle();
  const std::vector<double> scores = Scores();
  EXPECT_GT(scores[1], scores[2]);
  EXPECT_GT(scores[3], scores[4]);
}

TEST_F(ContextScoreTest, WhatWasLearntOfAToolCounts) {
  Say("user", "go");
  Call("a", "x", kPlain, "wanted");
  Call("b", "x", kPlain, "ignored");
  Idle();
  const std::vector<double> scores = Scores([](std::string_view tool) {
    return tool == "wanted" ? 1.0 : tool == "ignored" ? 0.0 : 0.5;
  });
  EXPECT_GT(scores[1], scores[2]);
}

TEST_F(ContextScoreTest, ScoresLieBetweenZeroAndOneAndComeOutTheSameAgain) {
  Say("user", "Why does src/a_b.cc:12 fail?");
  for (int i = 0; i < 30; ++i) {
    std::string result;
    for (int line = 0; line < 40; ++line) result += "ERROR src/a_b.cc:12 id-" + std::to_string(i * line) + "\n";
    Call("c" + std::to_string(i), "sed -n 12p src/a_b.cc", result);
  }
  const std::vector<double> scores = Scores([](std::string_view) { return 9.0; });
  for (const double score : scores) {
    EXPECT_GE(score, 0.0);
    EXPECT_LE(score, 1.0);
  }
  EXPECT_EQ(scores, Scores([](std::string_view) { return 9.0; }));
}

TEST(ScoreByPositionTest, TheOldestIsWorthNothingAndTheNewestAll) {
  EXPECT_EQ(ScoreByPosition(3), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(ScoreByPosition(1), std::vector<double>{0});
  EXPECT_TRUE(ScoreByPosition(0).empty());
}

}  // namespace
}  // namespace headroom::proxy
