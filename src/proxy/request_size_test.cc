#include "proxy/request_size.h"

#include <gtest/gtest.h>

#include <memory>

#include "proxy/image_tokens.h"
#include "proxy/lineage.h"

namespace headroom::proxy {
namespace {

// A request read as the proxy reads it.
struct Read {
  Read(Api api, const std::string& text) : bytes(std::make_unique<PaddedBytes>(text)) {
    EXPECT_TRUE(document.Parse(*bytes).ok()) << text;
    view = *ReadRequest(api, document);
    view.model = ReadModel(document);
    lineage = LineageOf(view, Hash128{1, 2});
  }

  SizeRequest Size(int64_t saved = 0, double ratio = 1, uint64_t limit = 0) const {
    return {
        .document = document, .view = view, .lineage = lineage, .tokens_saved = saved, .ratio = ratio, .limit = limit};
  }

  std::unique_ptr<PaddedBytes> bytes;
  json::Document document;
  RequestView view;
  std::vector<Hash128> lineage;
};

constexpr std::string_view kFirst = R"({"role":"user","content":"List the files, please."})";
constexpr std::string_view kReply =
    R"({"role":"assistant","content":[{"type":"text","text":"Yes."},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]})";
constexpr std::string_view kResult =
    R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"a.txt b.txt c.txt"}]})";

std::string Body(std::string_view messages, std::string_view more = "", std::string_view model = "claude-sonnet-4-5") {
  return R"({"model":")" + std::string(model) + R"(",)" + std::string(more) + R"("messages":[)" +
         std::string(messages) + "]}";
}

std::string Join(std::initializer_list<std::string_view> messages) {
  std::string joined;
  for (const std::string_view message : messages) joined.append(joined.empty() ? "" : ",").append(message);
  return joined;
}

uint64_t Tokens(std::string_view text, std::string_view model = "claude-sonnet-4-5") {
  return tokens::CounterFor(model).Count(text);
}

TEST(RequestSizeTest, AShortBodyIsNotCounted) {
  RequestSizer sizer;
  const Read read(Api::kMessages, Body(kFirst));
  const uint64_t half = read.bytes->size() / 2;
  const std::optional<RequestSize> below = sizer.Measure(read.Size(0, 1, half + 1));
  ASSERT_TRUE(below);
  EXPECT_EQ(below->source, RequestSize::Source::kBound);
  EXPECT_EQ(below->tokens, half);
  EXPECT_EQ(sizer.Measure(read.Size(0, 1, half))->source, RequestSize::Source::kCount);
}

TEST(RequestSizeTest, APictureMayCostMoreThanItsBytes) {
  RequestSizer sizer;
  const Read read(
      Api::kMessages,
      Body(R"({"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x/y.png"}}]})"));
  const uint64_t bound = read.bytes->size() / 2 + RequestSizer::kUnseenTokens;
  EXPECT_EQ(sizer.Measure(read.Size(0, 1, bound + 1))->source, RequestSize::Source::kBound);
  EXPECT_EQ(sizer.Measure(read.Size(0, 1, bound))->source, RequestSize::Source::kCount);
}

TEST(RequestSizeTest, CountsSystemToolsAndMessagesOfAnUnknownHistory) {
  RequestSizer sizer;
  const std::string tools = R"([{"name":"Bash","input_schema":{"type":"object"}}])";
  const Read read(Api::kMessages, Body(kFirst, R"("system":"Be brief.","tools":)" + tools + ","));
  const RequestSize size = *sizer.Measure(read.Size());
  EXPECT_EQ(size.source, RequestSize::Source::kCount);
  EXPECT_EQ(size.tokens, 3 + Tokens("Be brief.") + Tokens(tools) + 4 + Tokens("List the files, please."));
  EXPECT_EQ(sizer.Measure(read.Size(5))->tokens, size.tokens - 5);
  EXPECT_EQ(sizer.Measure(read.Size(-5))->tokens, size.tokens + 5);
  EXPECT_EQ(sizer.Measure(read.Size(0, 2.0))->tokens, size.tokens * 2);
}

TEST(RequestSizeTest, GoesOnFromWhatTheProviderCounted) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(100), 5'000, 70);
  const Read second(Api::kMessages, Body(Join({kFirst, kReply, kResult})));
  const uint64_t added = 4 + Tokens("t1") + Tokens("a.txt b.txt c.txt");
  const RequestSize size = *sizer.Measure(second.Size(100));
  EXPECT_EQ(size.source, RequestSize::Source::kUsage);
  EXPECT_EQ(size.tokens, 5'000 + 70 + added);
  // Only what was saved since then comes off.
  EXPECT_EQ(sizer.Measure(second.Size(130))->tokens, 5'000 + 70 + added - 30);
  EXPECT_EQ(sizer.Measure(second.Size(80))->tokens, 5'000 + 70 + added + 20);
  EXPECT_EQ(sizer.Measure(second.Size(130, 2.0))->tokens, 5'000 + 70 + 2 * added - 60);
}

TEST(RequestSizeTest, ARetryIsWhatItWas) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 70);
  EXPECT_EQ(sizer.Measure(first.Size())->tokens, 5'000u);  // the reply is no part of it
}

TEST(RequestSizeTest, OfAReplyCountsWhatComesBack) {
  // 9,000 tokens of reasoning that no client sends back.
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 9'000);
  const Read second(Api::kMessages, Body(Join({kFirst, kReply, kResult})));
  EXPECT_LT(sizer.Measure(second.Size())->tokens, 5'400u);
  // Thinking of the turn that is not done is read again.
  const std::string thought = R"({"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"c2ln"},)"
                              R"({"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]})";
  const Read pending(Api::kMessages, Body(Join({kFirst, thought, kResult})));
  EXPECT_GT(sizer.Measure(pending.Size())->tokens, 14'000u);
  const Read done(Api::kMessages, Body(Join({kFirst, thought, kFirst})));
  EXPECT_LT(sizer.Measure(done.Size())->tokens, 5'400u);
}

TEST(RequestSizeTest, GoesOnFromTheLastKnownRequestBehindAnEdit) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 70);
  const Read second(Api::kMessages, Body(Join({kFirst, kReply, kResult})));
  sizer.Record(second.Size(), 6'000, 80);
  constexpr std::string_view edited =
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"cleared"}]})";
  const Read third(Api::kMessages, Body(Join({kFirst, kReply, edited})));
  EXPECT_EQ(sizer.Measure(third.Size())->tokens, 5'070 + 4 + Tokens("t1") + Tokens("cleared"));
}

TEST(RequestSizeTest, AnotherModelCountsOtherwise) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 70);
  const Read other(Api::kMessages, Body(Join({kFirst, kReply, kResult}), "", "claude-opus-5"));
  EXPECT_EQ(sizer.Measure(other.Size())->source, RequestSize::Source::kCount);
}

TEST(RequestSizeTest, WhatIsAddedToTheLastMessageItselfIsCountedWithEverything) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 70);
  const Read more(
      Api::kMessages,
      Body(
          R"({"role":"user","content":[{"type":"text","text":"List the files, please."},{"type":"text","text":"Now."}]})"));
  EXPECT_EQ(sizer.Measure(more.Size())->source, RequestSize::Source::kCount);
}

TEST(RequestSizeTest, ASystemPromptThatGrewIsAdded) {
  RequestSizer sizer;
  const Read first(Api::kMessages, Body(kFirst));
  sizer.Record(first.Size(), 5'000, 70);
  const std::string system = R"("system":")" + std::string(989, 'x') + R"(",)";  // 1,001 bytes
  ASSERT_EQ(system.size(), 1'001u);
  EXPECT_EQ(sizer.Measure(Read(Api::kMessages, Body(kFirst, system)).Size())->tokens, 5'000u + 250);
  // And one that shrank comes off: the same messages without it are another prompt.
  RequestSizer other;
  other.Record(Read(Api::kMessages, Body(kFirst, system)).Size(), 5'000, 70);
  EXPECT_EQ(other.Measure(first.Size())->tokens, 5'000u - 250);
}

TEST(RequestSizeTest, WhatTheProviderHoldsHasNoSize) {
  RequestSizer sizer;
  const Read read(Api::kResponses, R"({"model":"gpt-5","previous_response_id":"resp_1","input":"Go on."})");
  EXPECT_EQ(sizer.Measure(read.Size()), std::nullopt);
  sizer.Record(read.Size(), 9'000, 1);
  EXPECT_EQ(sizer.Measure(read.Size()), std::nullopt);
}

TEST(RequestSizeTest, CountsChatAndResponses) {
  RequestSizer sizer;
  const Read chat(
      Api::kChat,
      R"({"model":"gpt-4o","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi there"}]})");
  EXPECT_EQ(sizer.Measure(chat.Size())->tokens,
            3 + 4 + Tokens("Be brief.", "gpt-4o") + 4 + Tokens("Hi there", "gpt-4o"));
  const Read responses(Api::kResponses, R"({"model":"gpt-4o","instructions":"Be brief.","input":"Hi there"})");
  EXPECT_EQ(sizer.Measure(responses.Size())->tokens,
            3 + 4 + Tokens("Be brief.", "gpt-4o") + Tokens("Hi there", "gpt-4o"));
}

TEST(RequestSizeTest, ThinkingOfEarlierTurnsAndSignaturesAreNotCounted) {
  RequestSizer sizer;
  const auto with_thinking = [](std::string_view thinking) {
    return R"({"role":"assistant","content":[{"type":"thinking","thinking":")" + std::string(thinking) +
           R"(","signature":"c2lnbmF0dXJl"},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]})";
  };
  const std::string thought = with_thinking("Hm, a listing is wanted.");
  const std::string silent = with_thinking("");
  constexpr std::string_view next = R"({"role":"user","content":"And now?"})";
  const auto count = [&](std::initializer_list<std::string_view> messages) {
    return sizer.Measure(Read(Api::kMessages, Body(Join(messages))).Size())->tokens;
  };
  EXPECT_EQ(count({kFirst, thought, kResult}) - count({kFirst, silent, kResult}), Tokens("Hm, a listing is wanted."));
  EXPECT_EQ(count({kFirst, thought, kResult, next}), count({kFirst, silent, kResult, next}));
}

TEST(RequestSizeTest, PicturesAndDocumentsCostWhatTheirProviderSays) {
  const auto value = [](const std::string& text, std::string_view model) {
    const PaddedBytes bytes(text);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok());
    return RequestSizer::CountValue(document, document.root(), model, true);
  };
  const std::string pixel =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
  EXPECT_EQ(value(R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + pixel + R"("}})",
                  "claude-sonnet-4-5"),
            1u);
  EXPECT_EQ(value(R"({"type":"image","source":{"type":"url","url":"https://x/y.png"}})", "claude-sonnet-4-5"), 1'399u);
  EXPECT_EQ(value(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + pixel + R"("}})", "gpt-4o"),
            255u);
  EXPECT_EQ(value(R"({"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}})", "gpt-4o"), 85u);
  EXPECT_EQ(value(R"({"type":"input_image","image_url":"https://x/y.png"})", "gpt-4o"), 765u);
  EXPECT_EQ(value(R"({"type":"document","source":{"type":"url","url":"https://x/y.pdf"}})", "claude-sonnet-4-5"),
            kAssumedPages * kTokensPerPage);
  EXPECT_EQ(value(R"({"type":"document","source":{"type":"base64","data":")" + std::string(200'000, 'A') + R"("}})",
                  "claude-sonnet-4-5"),
            3 * kTokensPerPage);
  EXPECT_EQ(value(R"({"type":"document","source":{"type":"text","data":"Plain words."}})", "claude-sonnet-4-5"),
            Tokens("Plain words."));
  EXPECT_EQ(value(R"({"type":"tool_result","content":[{"type":"image","source":{"type":"base64","data":")" + pixel +
                      R"("}}]})",
                  "claude-sonnet-4-5"),
            1u);
}

TEST(UsageMemoryTest, HoldsSoManyAndNotOneMore) {
  UsageMemory memory(2);
  const Hash128 model{9, 9};
  memory.Record({1, 1}, {.model = model, .prompt_tokens = 1});
  memory.Record({2, 2}, {.model = model, .prompt_tokens = 2});
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_TRUE(memory.FindLast({{1, 1}}, model));  // used: the other goes first
  memory.Record({3, 3}, {.model = model, .prompt_tokens = 3});
  EXPECT_EQ(memory.size(), 2u);
  EXPECT_TRUE(memory.FindLast({{1, 1}}, model));
  EXPECT_FALSE(memory.FindLast({{2, 2}}, model));
  memory.Record({3, 3}, {.model = model, .prompt_tokens = 4});
  EXPECT_EQ(memory.FindLast({{3, 3}}, model)->usage.prompt_tokens, 4u);
}

TEST(UsageMemoryTest, LooksBackSoFarAndNotFurther) {
  UsageMemory memory;
  const Hash128 model{9, 9};
  memory.Record({7, 7}, {.model = model, .prompt_tokens = 1});
  std::vector<Hash128> lineage(UsageMemory::kMaxLookBack, Hash128{5, 5});
  lineage.front() = {7, 7};
  EXPECT_EQ(memory.FindLast(lineage, model)->block, 0u);
  lineage.push_back({5, 5});
  EXPECT_FALSE(memory.FindLast(lineage, model));
}

}  // namespace
}  // namespace headroom::proxy
