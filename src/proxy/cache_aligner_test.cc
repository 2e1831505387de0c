#include "proxy/cache_aligner.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "json/strings.h"

namespace headroom::proxy {
namespace {

class MovedClock : public Clock {
 public:
  TimePoint Now() const override { return {}; }
  int64_t UnixMillis() const override { return millis; }
  int64_t millis = 1'795'000'000'000;
};

// Like what agents have: some kilobytes that stay.
std::string Prompt(const std::string& changing) {
  std::string text = "You are a careful engineer. At most 80 columns, 100 lines.\n";
  for (int i = 0; i < 40; ++i) text += "Always provide valid code and keep the user informed about progress, please.\n";
  text += changing;
  for (int i = 0; i < 40; ++i) text += "\nRead before you write; say what you did and what you did not.";
  return text;
}

std::string Tool(const std::string& name, const std::string& description = "Does it", const std::string& more = "") {
  return R"({"name":")" + name + R"(","description":")" + description + "\"" + more +
         R"(,"input_schema":{"type":"object"}})";
}
const std::string kTools = Tool("Read") + "," + Tool("Write") + "," + Tool("Bash");

class CacheAlignerTest : public testing::Test {
 protected:
  std::string Body(const std::string& system, const std::string& tools = kTools, const std::string& question = "Why?") {
    return R"({"model":"claude-sonnet-4-5","tools":[)" + tools + R"(],"system":)" + json::Quote(system) +
           R"(,"messages":[{"role":"user","content":)" + json::Quote(question) + "}]}";
  }

  // The cause of the change that a request with this body brings; "" for none.
  std::string Send(const std::string& body, std::optional<Usage> usage = Usage{.input = 10, .cache_write = 4000},
                   Api api = Api::kMessages) {
    const PaddedBytes bytes(body);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok());
    const Result<RequestView> view = ReadRequest(api, document);
    const std::optional<CacheAligner::Observed> observed = aligner_->Observe({document, *view, tenant_});
    if (!observed.has_value()) return "not compared";
    last_ = observed->change.value_or(PrefixChange{});
    aligner_->Settle(*observed, usage);
    return last_.cause;
  }

  uint64_t Lost(const std::string& cause) { return aligner_->report().changes[cause].tokens; }

  MovedClock clock_;
  std::optional<CacheAligner> aligner_{clock_};
  store::TenantId tenant_{1, 1};
  PrefixChange last_;
};

TEST_F(CacheAlignerTest, ATimeThatMovesIsFoundWhereItStands) {
  EXPECT_EQ(Send(Body(Prompt("Now: 2026-11-24T12:00:01Z."))), "");
  EXPECT_EQ(Send(Body(Prompt("Now: 2026-11-24T12:00:07Z."))), "system_time");
  EXPECT_EQ(last_.byte, Prompt("").find("\nRead") + std::string("Now: ").size());
  EXPECT_EQ(last_.shape, "9999-99-99a99:99:99a");
}

TEST_F(CacheAlignerTest, EachKindOfCauseHasItsName) {
  const auto changed = [&](const std::string& before, const std::string& after) {
    aligner_.emplace(clock_);
    EXPECT_EQ(Send(Body(Prompt(before))), "");
    return Send(Body(Prompt(after)));
  };
  EXPECT_EQ(changed("Today is 2026-11-24.", "Today is 2026-11-25."), "system_date");
  EXPECT_EQ(changed("Request 9.", "Request 10."), "system_number");
  EXPECT_EQ(changed("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-e89b-12d3-a456-426614174000"),
            "system_uuid");
  EXPECT_EQ(changed("id 9f1c2ab44e0d77aa", "id 0f1c2ab44e0d77ab"), "system_id");
  EXPECT_EQ(changed("On branch main.", "On branch other."), "system_text");
  // A number that stays does not explain the words beside it.
  EXPECT_EQ(changed("On branch main, 3 files.", "On branch other, 3 files."), "system_text");
}

TEST_F(CacheAlignerTest, WhatDoesNotChangeIsNoFindingWhateverItLooksLike) {
  const std::string body = Body(Prompt("Today is 2026-11-24, 12:00, id 9f1c2ab44e0d77aa."));
  EXPECT_EQ(Send(body), "");
  EXPECT_EQ(Send(body), "");
  EXPECT_TRUE(aligner_->report().changes.empty());
  EXPECT_EQ(aligner_->report().compared, 2u);
}

TEST_F(CacheAlignerTest, UnchangedBytesAreNotReadAgain) {
  const std::string system = Prompt("");
  for (int i = 0; i < 5; ++i) Send(Body(system));
  EXPECT_EQ(aligner_->report().bytes_read, system.size() + kTools.size() + 2);
}

TEST_F(CacheAlignerTest, ToolsInAnotherOrderOneMoreAndOneChanged) {
  const std::string system = Prompt("");
  Send(Body(system));
  EXPECT_EQ(Send(Body(system, Tool("Read") + "," + Tool("Bash") + "," + Tool("Write"))), "tools_order");
  EXPECT_EQ(last_.byte, 1 + Tool("Read").size() + 1);
  EXPECT_EQ(Send(Body(system, Tool("Read") + "," + Tool("Bash") + "," + Tool("Write") + "," + Tool("Grep"))),
            "tools_set");
  EXPECT_EQ(Send(Body(system, Tool("Read") + "," + Tool("Bash") + "," + Tool("Write", "Other") + "," + Tool("Grep"))),
            "tools_text");
}

TEST_F(CacheAlignerTest, ADateInsideAToolIsFound) {
  const std::string system = Prompt("");
  Send(Body(system, Tool("Read") + "," + Tool("Search", "Knows all up to 2026-11-24")));
  EXPECT_EQ(Send(Body(system, Tool("Read") + "," + Tool("Search", "Knows all up to 2026-11-25"))), "tools_date");
}

TEST_F(CacheAlignerTest, ACacheMarkAndADeferredToolAreNoPartOfThePrefix) {
  const std::string system = Prompt("");
  Send(Body(system, Tool("Read") + "," + Tool("Bash")));
  EXPECT_EQ(
      Send(Body(system, Tool("Read") + "," + Tool("Bash", "Does it", R"(,"cache_control":{"type":"ephemeral"})"))), "");
  EXPECT_EQ(
      Send(Body(system, Tool("Read") + "," + Tool("Late", "Does it", R"(,"defer_loading":true)") + "," + Tool("Bash"))),
      "");
}

TEST_F(CacheAlignerTest, ProbesAndSubAgentsUnderTheSameFirstMessageAreTheirOwnPrompts) {
  const std::string main = Body(Prompt("Now: 12:00:01"));
  const std::string probe = Body("Say in three words what this is about.", "");
  const std::string agent = Body("You search files." + Prompt("").substr(1000), Tool("Glob") + "," + Tool("Grep"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Send(main), "");
    EXPECT_EQ(Send(probe), "");
    EXPECT_EQ(Send(agent), "");
  }
  EXPECT_EQ(Send(Body(Prompt("Now: 12:00:31"))), "system_time");
  EXPECT_EQ(Send(probe), "");
}

TEST_F(CacheAlignerTest, AnotherConversationTenantOrModelIsNotCompared) {
  Send(Body(Prompt("Now: 12:00:01")));
  EXPECT_EQ(Send(Body(Prompt("Now: 12:00:02"), kTools, "What else?")), "");
  tenant_ = {2, 2};
  EXPECT_EQ(Send(Body(Prompt("Now: 12:00:03"))), "");
  EXPECT_EQ(aligner_->report().conversations, 3u);
}

TEST_F(CacheAlignerTest, TheCostIsWhatStoodAfterTheChangeInTheRequestBefore) {
  const std::string before = Body(Prompt("Now: 12:00:01"));
  Send(before, Usage{.input = 100, .cache_write = 9900});
  Send(Body(Prompt("Now: 12:00:02")), Usage{.cache_write = 10000});
  const double kept = static_cast<double>(kTools.size() + 2 + last_.byte) / static_cast<double>(before.size());
  EXPECT_NEAR(static_cast<double>(Lost("system_time")), (1 - kept) * 10000, 2);
}

TEST_F(CacheAlignerTest, WhatTheCacheGaveAllTheSameIsNotLost) {
  Send(Body(Prompt("Now: 12:00:01")), Usage{.input = 100, .cache_write = 9900});
  Send(Body(Prompt("Now: 12:00:02")), Usage{.input = 100, .cache_read = 9900});
  EXPECT_EQ(Lost("system_time"), 100u);
  EXPECT_EQ(aligner_->report().changes["system_time"].requests, 1u);
}

TEST_F(CacheAlignerTest, AColdCacheAndAPromptThatWasNeverCachedLoseNothing) {
  Send(Body(Prompt("Now: 12:00:01")));
  clock_.millis += CacheAligner::kWarmMillis + 1;
  EXPECT_EQ(Send(Body(Prompt("Now: 12:05:02"))), "system_time");
  EXPECT_EQ(Lost("system_time"), 0u);
  Send(Body(Prompt("Now: 12:05:03")), Usage{.input = 4000});
  const uint64_t lost = Lost("system_time");
  EXPECT_GT(lost, 0u);
  Send(Body(Prompt("Now: 12:05:04")), Usage{.input = 4000});
  EXPECT_EQ(Lost("system_time"), lost);
}

TEST_F(CacheAlignerTest, AConversationIsLoggedOnceWithPlaceAndKindAndNoTextOfThePrompt) {
  testing::internal::CaptureStderr();
  for (int second = 1; second < 5; ++second) Send(Body(Prompt("Now: 12:00:0" + std::to_string(second))));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("in=system byte=" + std::to_string(last_.byte) + " what=time"), std::string::npos) << log;
  EXPECT_EQ(log.find("cache is lost"), log.rfind("cache is lost"));
  EXPECT_EQ(log.find("Now:"), std::string::npos);
  EXPECT_EQ(log.find("careful"), std::string::npos);
}

TEST_F(CacheAlignerTest, ChatAndResponsesAreReadToo) {
  const auto chat = [](const std::string& system) {
    return R"({"model":"gpt-5.1","messages":[{"role":"system","content":)" + json::Quote(system) +
           R"(},{"role":"user","content":"Why?"}]})";
  };
  EXPECT_EQ(Send(chat(Prompt("Now: 12:00:01")), {}, Api::kChat), "");
  EXPECT_EQ(Send(chat(Prompt("Now: 12:00:02")), {}, Api::kChat), "system_time");
  const auto responses = [](const std::string& system) {
    return R"({"model":"gpt-5.1","instructions":)" + json::Quote(system) +
           R"(,"input":[{"role":"user","content":"Why?"}]})";
  };
  EXPECT_EQ(Send(responses(Prompt("On 2026-11-24")), {}, Api::kResponses), "");
  EXPECT_EQ(Send(responses(Prompt("On 2026-11-25")), {}, Api::kResponses), "system_date");
  EXPECT_EQ(Send(R"({"model":"m","previous_response_id":"resp_1","input":"go on"})", {}, Api::kResponses),
            "not compared");
}

TEST_F(CacheAlignerTest, TheConversationUsedLongestAgoMakesRoom) {
  const auto body = [&](size_t i, const std::string& time) {
    return Body(Prompt(time), "", "Question " + std::to_string(i));
  };
  for (size_t i = 0; i < CacheAligner::kMaxConversations; ++i) Send(body(i, "12:00"));
  EXPECT_EQ(Send(body(0, "12:01")), "system_time");
  EXPECT_EQ(aligner_->report().conversations, CacheAligner::kMaxConversations);
  Send(body(CacheAligner::kMaxConversations, "12:00"));
  EXPECT_EQ(aligner_->report().conversations, CacheAligner::kMaxConversations);
  EXPECT_EQ(Send(body(1, "12:01")), "");  // it is gone
  EXPECT_EQ(Send(body(0, "12:02")), "system_time");
}

TEST_F(CacheAlignerTest, OddShapesAreNoFindings) {
  for (const std::string body : {
           R"({"model":"m","system":7,"tools":{},"messages":[{"role":"user","content":"q"}]})",
           R"({"model":"m","system":[7,{"type":"text"}],"tools":[7,null],"messages":[{"role":"user","content":"q"}]})",
           R"({"model":"m","messages":[{"role":"user","content":"q"}]})",
       }) {
    EXPECT_EQ(Send(body), "") << body;
    EXPECT_EQ(Send(body), "") << body;
  }
}

}  // namespace
}  // namespace headroom::proxy
