#include "text/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace headroom::text {
namespace {

// The term of this text; weight 0 when there is none.
Term Find(const Query& query, std::string_view text) {
  const auto found =
      std::find_if(query.terms().begin(), query.terms().end(), [&](const Term& term) { return term.text == text; });
  return found == query.terms().end() ? Term{} : *found;
}

Query Ask(std::string_view question) {
  return Query(Input{.text = "", .tool_name = "", .tool_arguments = "", .question = question});
}

TEST(QueryTest, IdentifiersCountWholeAndByTheirParts) {
  const Query query = Ask("Why does setProxy() in lib/http.js fail?");
  EXPECT_TRUE(Find(query, "setproxy").exact);
  EXPECT_TRUE(Find(query, "lib/http.js").exact);
  EXPECT_TRUE(Find(query, "http.js").exact);
  EXPECT_GT(Find(query, "prox").weight, 0);
  EXPECT_GT(Find(query, "fail").weight, 0);
  EXPECT_GT(Find(query, "setproxy").weight, Find(query, "fail").weight);
  EXPECT_EQ(Find(query, "why").weight, 0);
}

TEST(QueryTest, WhatWasAskedBeforeCountsAsNamedButLessThanWhatIsQuotedNow) {
  const Query query(Input{.text = "",
                          .tool_name = "",
                          .tool_arguments = "",
                          .question = "Which \"region\"?",
                          .asked_before = "degraded owner_team"});
  EXPECT_TRUE(Find(query, "degraded").exact);
  EXPECT_TRUE(Find(query, "owner_team").exact);
  EXPECT_GT(Find(query, "region").weight, Find(query, "degraded").weight);
  EXPECT_FALSE(query.exhaustive());
}

TEST(QueryTest, QuotedStringsAreTermsInAnyKindOfQuote) {
  for (const char* question :
       {"What says \"Context Locals\"?", "What says 'Context Locals'?", "What says `Context Locals`?",
        "What says “Context Locals”?", "Was sagt „Context Locals“?", "«Context Locals» ?"}) {
    EXPECT_TRUE(Find(Ask(question), "context locals").exact) << question;
  }
}

TEST(QueryTest, ApostrophesQuoteNothing) {
  const Query query = Ask("It doesn't show the users' names, it's 'that's it' I don't want");
  EXPECT_EQ(std::count_if(query.terms().begin(), query.terms().end(), [](const Term& term) { return term.exact; }), 1);
  EXPECT_TRUE(Find(query, "that's it").exact);
}

TEST(QueryTest, NumbersAndIdsAreExact) {
  const Query query = Ask("order 70000 of 6f1c2d3e-0000-4000-8000-00000000abcd");
  EXPECT_TRUE(Find(query, "70000").exact);
  EXPECT_TRUE(Find(query, "6f1c2d3e-0000-4000-8000-00000000abcd").exact);
}

TEST(QueryTest, SmallNumbersOfTheCallAreNotAskedFor) {
  const Query query(
      Input{.text = "", .tool_name = "", .tool_arguments = R"({"cmd": "head -n 50 port 8443"})", .question = "why"});
  EXPECT_FALSE(Find(query, "50").exact);
  EXPECT_TRUE(Find(query, "8443").exact);
}

TEST(QueryTest, TheQuestionWeighsMostThenThePreambleThenTheCall) {
  const Query query(Input{
      .text = "", .tool_name = "", .tool_arguments = R"({"q": "gamma"})", .question = "alpha", .preamble = "beta"});
  EXPECT_GT(Find(query, "alpha").weight, Find(query, "beta").weight);
  EXPECT_GT(Find(query, "beta").weight, Find(query, "gamma").weight);
  EXPECT_GT(Find(query, "gamma").weight, 0);
}

TEST(QueryTest, InjectedBlocksAskNothing) {
  const Query query = Ask("<system-reminder>List all todos about kubernetes</system-reminder>Where is the parser?");
  EXPECT_EQ(Find(query, "kubernet").weight, 0);
  EXPECT_FALSE(query.exhaustive());
}

TEST(QueryTest, TextWithoutBlanksIsAskedForInPairs) {
  const Query query = Ask("根本原因");
  EXPECT_GT(Find(query, "根本").weight, 0);
  EXPECT_GT(Find(query, "本原").weight, 0);
  EXPECT_GT(Find(query, "原因").weight, 0);
}

TEST(QueryTest, WhatIsRepeatedWeighsMore) {
  const Query query = Ask("The receiver stalls. Is the receiver or the sender to blame?");
  EXPECT_GT(Find(query, "receiver").weight, Find(query, "sender").weight);
}

TEST(QueryTest, AtTheLimitTheHeaviestAndFirstTermsStay) {
  std::string question;
  for (size_t i = 0; i < Query::kMaxTerms + 1; ++i) {
    question += std::string(1, static_cast<char>('a' + i / 26 % 26)) + static_cast<char>('a' + i % 26) + "qqz ";
  }
  const Query query = Ask(question + "'heavy one'");
  EXPECT_EQ(query.terms().size(), Query::kMaxTerms);
  EXPECT_EQ(query.terms().front().text, "heavy one");
  EXPECT_GT(Find(query, "aaqqz").weight, 0);
  EXPECT_EQ(Find(query, "eyqqz").weight, 0);
}

TEST(QueryTest, BothEndsOfALongQuestionAreRead) {
  const Query query = Ask("alpha " + std::string(1 << 20, 'x') + " omega");
  EXPECT_GT(Find(query, "alpha").weight, 0);
  EXPECT_GT(Find(query, "omega").weight, 0);
}

TEST(QueryTest, AQuestionOfQuotesOnlyEndsSoon) {
  EXPECT_TRUE(Ask(std::string(1 << 20, '\'')).empty());
  EXPECT_TRUE(Ask(std::string(1 << 20, '`')).empty());
}

}  // namespace
}  // namespace headroom::text
