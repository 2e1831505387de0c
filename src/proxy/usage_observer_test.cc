#include "proxy/usage_observer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace headroom::proxy {
namespace {

net::ResponseHead HeadOf(std::string_view type) {
  net::ResponseHead head;
  head.status = 200;
  head.headers.Add("content-type", std::string(type));
  return head;
}

UsageObserver Read(Api api, std::string_view type, std::string_view body, size_t step = std::string_view::npos) {
  UsageObserver observer(api, HeadOf(type));
  for (size_t at = 0; at < body.size(); at += std::min(step, body.size() - at)) observer.Feed(body.substr(at, step));
  observer.End();
  return observer;
}

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream; charset=utf-8";

constexpr std::string_view kMessage = R"({"type":"message","model":"claude-sonnet-4-5-20250929",
  "content":[{"type":"text","text":"hi"}],
  "usage":{"input_tokens":11,"cache_creation_input_tokens":700,"cache_read_input_tokens":5000,
           "cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":400},
           "output_tokens":17,"service_tier":"batch"}})";

TEST(UsageObserverTest, TakesAnthropicsPartsWithBothLivesOfWhatIsWritten) {
  const Usage usage = *Read(Api::kMessages, kJson, kMessage).usage();
  EXPECT_EQ(usage.input, 11u);
  EXPECT_EQ(usage.cache_read, 5000u);
  EXPECT_EQ(usage.cache_write, 300u);
  EXPECT_EQ(usage.cache_write_1h, 400u);
  EXPECT_EQ(usage.output, 17u);
  EXPECT_EQ(usage.prompt(), 5711u);
  EXPECT_EQ(usage.tier, ServiceTier::kBatch);
  EXPECT_FALSE(usage.estimated);
}

TEST(UsageObserverTest, WhatIsWrittenWithoutDetailsLivesFiveMinutes) {
  const Usage usage =
      *Read(Api::kMessages, kJson, R"({"usage":{"input_tokens":1,"cache_creation_input_tokens":7}})").usage();
  EXPECT_EQ(usage.cache_write, 7u);
  EXPECT_EQ(usage.cache_write_1h, 0u);
}

TEST(UsageObserverTest, TakesTheLastFiguresOfAStreamAtEachCut) {
  const std::string stream =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-haiku-4-5\","
      "\"usage\":{\"input_tokens\":9,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":20,"
      "\"cache_creation\":{\"ephemeral_5m_input_tokens\":20,\"ephemeral_1h_input_tokens\":0},\"output_tokens\":1}}}\n\n"
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\","
      "\"text\":\"hello there\"}}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":42}}\n\n";
  for (size_t step = 1; step < 40; ++step) {
    const UsageObserver observer = Read(Api::kMessages, kEvents, stream, step);
    const Usage usage = observer.Accounted();
    EXPECT_EQ(usage.input, 9u);
    EXPECT_EQ(usage.cache_read, 100u);
    EXPECT_EQ(usage.cache_write, 20u);
    EXPECT_EQ(usage.output, 42u);
    EXPECT_FALSE(usage.estimated);
    EXPECT_EQ(observer.model(), "claude-haiku-4-5");
  }
}

TEST(UsageObserverTest, AStreamThatWasCutIsChargedForWhatItSaid) {
  const std::string stream =
      "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"0123456789abcdef\"}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"delta\":{\"partial_json\":\"\\\"\\\"\"}}\n\n";
  const Usage usage = Read(Api::kMessages, kEvents, stream).Accounted();
  EXPECT_EQ(usage.input, 9u);
  EXPECT_EQ(usage.output, 5u);  // 16 and 4 bytes as they are spelled, four to a token
  EXPECT_TRUE(usage.estimated);
}

TEST(UsageObserverTest, TakesOpenAisPromptApart) {
  const Usage usage = *Read(Api::kChat, kJson,
                            R"({"model":"gpt-5.1","service_tier":"flex","usage":{"prompt_tokens":2006,
                               "completion_tokens":300,"total_tokens":2306,
                               "prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":5,"cache_write_tokens":64},
                               "completion_tokens_details":{"reasoning_tokens":256,"audio_tokens":3}}})")
                           .usage();
  EXPECT_EQ(usage.input, 22u);
  EXPECT_EQ(usage.cache_read, 1920u);
  EXPECT_EQ(usage.cache_write, 64u);
  EXPECT_EQ(usage.audio_input, 5u);
  EXPECT_EQ(usage.output, 300u);
  EXPECT_EQ(usage.reasoning, 256u);
  EXPECT_EQ(usage.audio_output, 3u);
  EXPECT_EQ(usage.tier, ServiceTier::kFlex);
}

TEST(UsageObserverTest, MoreCachedThanThereWasIsNotBelieved) {
  const Usage usage =
      *Read(Api::kChat, kJson, R"({"usage":{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":99}}})")
           .usage();
  EXPECT_EQ(usage.cache_read, 10u);
  EXPECT_EQ(usage.input, 0u);
}

TEST(UsageObserverTest, ReadsWhatIsInsideAResponse) {
  const std::string stream =
      "data: {\"type\":\"response.created\",\"response\":{\"model\":\"gpt-5.1\",\"usage\":null}}\n\n"
      "data: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-5.1\",\"service_tier\":\"priority\","
      "\"usage\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":60},\"output_tokens\":7,"
      "\"output_tokens_details\":{\"reasoning_tokens\":4}}}}\n\n";
  const Usage usage = Read(Api::kResponses, kEvents, stream).Accounted();
  EXPECT_EQ(usage.input, 40u);
  EXPECT_EQ(usage.cache_read, 60u);
  EXPECT_EQ(usage.output, 7u);
  EXPECT_EQ(usage.reasoning, 4u);
  EXPECT_EQ(usage.tier, ServiceTier::kPriority);
  EXPECT_FALSE(usage.estimated);
}

TEST(UsageObserverTest, EmbeddingsHaveAPromptAlone) {
  const UsageObserver observer = Read(Api::kChat, kJson,
                                      R"({"object":"list","model":"text-embedding-3-small",
                                         "usage":{"prompt_tokens":8,"total_tokens":8}})");
  EXPECT_EQ(observer.usage()->input, 8u);
  EXPECT_EQ(observer.usage()->output, 0u);
  EXPECT_EQ(observer.model(), "text-embedding-3-small");
}

TEST(UsageObserverTest, AStreamWithoutFiguresIsAnEstimateOfItsOutput) {
  const std::string stream =
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"content\":\"eight ch\"}}]}\n\n"
      "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"x\",\"arguments\":\"1234\"}}]}}]}\n\n"
      "data: [DONE]\n\n";
  const UsageObserver observer = Read(Api::kChat, kEvents, stream);
  EXPECT_FALSE(observer.usage().has_value());
  const Usage usage = observer.Accounted();
  EXPECT_TRUE(usage.estimated);
  EXPECT_EQ(usage.prompt(), 0u);
  EXPECT_EQ(usage.output, 3u);
}

TEST(UsageObserverTest, NothingIsReadOfOtherBodies) {
  EXPECT_FALSE(Read(Api::kMessages, "text/plain", kMessage).usage().has_value());
  EXPECT_FALSE(Read(Api::kMessages, kJson, "{\"usage\":").usage().has_value());
  EXPECT_FALSE(Read(Api::kMessages, kJson, "[{\"usage\":{}}]").usage().has_value());
}

TEST(UsageTest, ASumIsAnEstimateWhereOnePartIs) {
  Usage all{.input = 1, .cache_read = 2, .cache_write = 3, .cache_write_1h = 4, .output = 5};
  all += Usage{.input = 10, .output = 50, .reasoning = 7, .estimated = true};
  EXPECT_EQ(all.prompt(), 20u);
  EXPECT_EQ(all.output, 55u);
  EXPECT_EQ(all.reasoning, 7u);
  EXPECT_TRUE(all.estimated);
}

}  // namespace
}  // namespace headroom::proxy
