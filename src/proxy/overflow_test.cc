#include "proxy/overflow.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::proxy {
namespace {

std::string Anthropic(const std::string& message) {
  return R"({"type":"error","error":{"type":"invalid_request_error","message":")" + message + R"("}})";
}

std::string OpenAi(const std::string& message, const std::string& code = "context_length_exceeded") {
  return R"({"error":{"message":")" + message + R"(","type":"invalid_request_error","param":"messages","code":")" +
         code + R"("}})";
}

struct Sample {
  std::string body;
  std::optional<uint64_t> prompt;
  std::optional<uint64_t> limit;
  std::optional<uint64_t> prompt_limit;
};

TEST(OverflowTest, ReadsTheFiguresOfEachProvidersSentence) {
  const Sample samples[] = {
      {Anthropic("prompt is too long: 208345 tokens > 200000 maximum"), 208'345, 200'000, 200'000},
      {Anthropic("input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length "
                 "or `max_tokens` and try again"),
       188'240, 200'000, 178'667},
      {OpenAi("This model's maximum context length is 128000 tokens. However, your messages resulted in 130212 "
              "tokens. Please reduce the length of the messages."),
       130'212, 128'000, 128'000},
      {OpenAi("This model's maximum context length is 128000 tokens. However, your messages resulted in 130212 "
              "tokens (130000 in the messages, 212 in the functions). Please reduce the length."),
       130'212, 128'000, 128'000},
      {OpenAi("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (5000 in the "
              "messages, 4000 in the completion). Please reduce the length of the messages or completion."),
       5'000, 8'192, 4'192},
      {OpenAi("This model's maximum context length is 8191 tokens, however you requested 8238 tokens (8138 in your "
              "prompt; 100 for the completion). Please reduce your prompt; or completion length."),
       8'138, 8'191, 8'091},
      {OpenAi("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 289650 tokens. "
              "Please reduce the length of the messages."),
       289'650, 272'000, 272'000},
      {OpenAi("Your input exceeds the context window of this model. Please adjust your input and try again."),
       {},
       {},
       {}},
      {R"({"message":"Input is too long for requested model."})", {}, {}, {}},
      {R"({"error":{"code":400,"message":"The input token count (1066750) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}})",
       1'066'750, 1'048'575, 1'048'575},
      {R"([{"error":{"code":400,"message":"The input token count (1,066,750) exceeds the maximum number of tokens allowed (1,048,575)."}}])",
       1'066'750, 1'048'575, 1'048'575},
      {OpenAi("This model's maximum prompt length is 131072 but the request contains 150000 tokens.", "x"), 150'000,
       131'072, 131'072},
      {R"({"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_error"})",
       40'000, 32'768, 32'768},
      {R"({"error":{"message":"This endpoint's maximum context length is 200000 tokens. However, you requested about 210000 tokens (202000 of text input, 8000 in the output). Please reduce.","code":400}})",
       202'000, 200'000, 192'000},
      {R"({"detail":"This model's maximum context length is 32768 tokens. However, your request has 40000 input tokens."})",
       40'000, 32'768, 32'768},
      {R"({"type":"response.failed","response":{"error":{"code":"context_length_exceeded","message":"Too long."}}})",
       {},
       {},
       {}},
      {R"({"error":"litellm.ContextWindowExceededError: AnthropicException - prompt is too long: 208345 tokens > 200000 maximum"})",
       208'345, 200'000, 200'000},
  };
  for (const Sample& sample : samples) {
    const std::optional<Overflow> overflow = ReadOverflow(400, sample.body);
    ASSERT_TRUE(overflow) << sample.body;
    EXPECT_EQ(overflow->prompt_tokens, sample.prompt) << sample.body;
    EXPECT_EQ(overflow->limit, sample.limit) << sample.body;
    EXPECT_EQ(overflow->prompt_limit(), sample.prompt_limit) << sample.body;
    EXPECT_FALSE(overflow->bytes) << sample.body;
  }
}

TEST(OverflowTest, ABodyOfTooManyBytesIsOneWithoutFigures) {
  const auto overflow = ReadOverflow(
      413, R"({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})");
  ASSERT_TRUE(overflow);
  EXPECT_TRUE(overflow->bytes);
  EXPECT_EQ(overflow->prompt_limit(), std::nullopt);
  EXPECT_TRUE(ReadOverflow(413, ""));
  EXPECT_FALSE(ReadOverflow(400, ""));
}

TEST(OverflowTest, OtherRefusalsAreNone) {
  EXPECT_FALSE(ReadOverflow(400, Anthropic("max_tokens: 16000 > 8192, which is the maximum allowed number of output "
                                           "tokens for claude-3-5-sonnet-20241022")));
  EXPECT_FALSE(ReadOverflow(400, Anthropic("messages.1.content.0: unexpected `tool_use_id` found")));
  EXPECT_FALSE(ReadOverflow(400, OpenAi("Invalid schema", "invalid_value")));
  EXPECT_FALSE(ReadOverflow(429, OpenAi("Request too large for gpt-4o on tokens per min (TPM): Limit 30000, "
                                        "Requested 130212",
                                        "rate_limit_exceeded")));
  EXPECT_FALSE(ReadOverflow(200, Anthropic("prompt is too long: 208345 tokens > 200000 maximum")));
  EXPECT_FALSE(ReadOverflow(500, Anthropic("prompt is too long: 208345 tokens > 200000 maximum")));
}

TEST(OverflowTest, FiguresThatCannotBeAreNotBelieved) {
  const auto figures = [](const std::string& prompt, const std::string& limit) {
    return *ReadOverflow(400, Anthropic("prompt is too long: " + prompt + " tokens > " + limit + " maximum"));
  };
  EXPECT_EQ(figures("257", "256").limit, 256u);
  EXPECT_EQ(figures("257", "255").limit, std::nullopt);
  EXPECT_EQ(figures("100000000", "256").prompt_tokens, 100'000'000u);
  EXPECT_EQ(figures("100000001", "256").prompt_tokens, std::nullopt);
  EXPECT_EQ(figures("99999999999999999999999999", "200000").prompt_tokens, std::nullopt);
}

TEST(OverflowTest, ReadsBodiesUpToItsLimitAndNotOneByteMore) {
  const std::string sentence = "prompt is too long: 208345 tokens > 200000 maximum ";
  const std::string shell = Anthropic(sentence);
  const auto of_size = [&](size_t size) { return Anthropic(sentence + std::string(size - shell.size(), 'x')); };
  EXPECT_TRUE(ReadOverflow(400, of_size(kMaxOverflowBytes)));
  EXPECT_FALSE(ReadOverflow(400, of_size(kMaxOverflowBytes + 1)));
}

TEST(OverflowTest, AnErrorThatIsNotJsonIsReadAsText) {
  const auto overflow = ReadOverflow(400, "prompt is too long: 208345 tokens > 200000 maximum");
  ASSERT_TRUE(overflow);
  EXPECT_EQ(overflow->limit, 200'000u);
}

}  // namespace
}  // namespace headroom::proxy
