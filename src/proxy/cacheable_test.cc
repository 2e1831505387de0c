#include "proxy/cacheable.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace headroom::proxy {
namespace {

std::optional<CacheableRequest> Read(Api api, std::string_view text) {
  const PaddedBytes body(text);
  json::Document document;
  EXPECT_TRUE(document.Parse(body).ok()) << text;
  return ReadCacheable(api, document);
}

bool TakesPart(Api api, std::string_view text) {
  const std::optional<CacheableRequest> request = Read(api, text);
  return request.has_value() && request->deterministic;
}

TEST(CacheableRequestTest, TemperatureZeroIsDeterministicHoweverItIsSpelled) {
  for (const char* zero : {"0", "0.0", "-0", "0.000", "0e5", "0.0E-7"}) {
    EXPECT_TRUE(TakesPart(Api::kChat, std::string(R"({"model":"m","temperature":)") + zero + "}")) << zero;
  }
}

TEST(CacheableRequestTest, AnyOtherTemperatureIsNot) {
  for (const char* other :
       {"1", "0.1", "1e-300", "0.0000000000000000000000000000001", "-1", "null", "\"0\"", "false", "[0]"}) {
    EXPECT_FALSE(TakesPart(Api::kChat, std::string(R"({"model":"m","temperature":)") + other + "}")) << other;
  }
  EXPECT_FALSE(TakesPart(Api::kChat, R"({"model":"m"})"));
}

TEST(CacheableRequestTest, TwoTemperaturesAreNoneThatCanBeTrusted) {
  EXPECT_FALSE(TakesPart(Api::kChat, R"({"temperature":0,"temperature":1})"));
  EXPECT_FALSE(TakesPart(Api::kChat, R"({"temperature":1,"temperature":0})"));
  EXPECT_FALSE(TakesPart(Api::kChat, R"({"temperature":1,"temper\u0061ture":0})"));
}

TEST(CacheableRequestTest, WithoutATemperatureARequestIsOfferedAsSampled) {
  const std::optional<CacheableRequest> request = Read(Api::kMessages, R"({"model":"m","stream":true})");
  ASSERT_TRUE(request.has_value());
  EXPECT_FALSE(request->deterministic);
  EXPECT_TRUE(request->streams);
}

TEST(CacheableRequestTest, ToolsAndAProvidersStateRuleItOut) {
  for (const char* member : {R"("tools":[{"name":"x"}])", R"("functions":[{}])", R"("mcp_servers":[{}])",
                             R"("container":"c")", R"("web_search_options":{"a":1})", R"("plugins":[{"id":"web"}])",
                             R"("previous_response_id":"r")", R"("conversation":"c")", R"("background":true)",
                             R"("prompt":{"id":"p"})", R"("to\u006fls":[1])", R"("store":true)"}) {
    EXPECT_FALSE(Read(Api::kChat, std::string(R"({"temperature":0,)") + member + "}").has_value()) << member;
  }
}

TEST(CacheableRequestTest, MembersThatSayNothingRuleNothingOut) {
  EXPECT_TRUE(TakesPart(Api::kChat, R"({"temperature":0,"tools":[],"functions":null,"background":false,"store":false,
                                        "web_search_options":{},"previous_response_id":""})"));
}

TEST(CacheableRequestTest, AResponseTakesPartOnlyWhereTheProviderDoesNotKeepIt) {
  EXPECT_FALSE(TakesPart(Api::kResponses, R"({"temperature":0})"));
  EXPECT_FALSE(TakesPart(Api::kResponses, R"({"temperature":0,"store":null})"));
  EXPECT_TRUE(TakesPart(Api::kResponses, R"({"temperature":0,"store":false})"));
}

TEST(CacheableRequestTest, WhatIsNoObjectTakesNoPart) {
  EXPECT_FALSE(Read(Api::kChat, "[0]").has_value());
  EXPECT_FALSE(Read(Api::kChat, "0").has_value());
}

net::HeaderList Headers(const std::vector<std::pair<std::string, std::string>>& fields) {
  net::HeaderList headers;
  for (const auto& [name, value] : fields) headers.Add(name, value);
  return headers;
}

TEST(CacheControlTest, OfARequestSaysWhetherToAnswerAndToKeep) {
  const auto read = [](const char* value) { return ReadCacheControl(Headers({{"Cache-Control", value}})); };
  EXPECT_TRUE(ReadCacheControl({}).may_answer && ReadCacheControl({}).may_keep);
  EXPECT_TRUE(read("max-age=60").may_answer);
  EXPECT_TRUE(read("no-storex").may_keep);
  for (const char* value : {"no-cache", "No-Cache", " max-age=0", "private, no-cache"}) {
    EXPECT_FALSE(read(value).may_answer) << value;
    EXPECT_TRUE(read(value).may_keep) << value;
  }
  for (const char* value : {"no-store", "private,\tNO-STORE ,x"}) {
    EXPECT_FALSE(read(value).may_answer) << value;
    EXPECT_FALSE(read(value).may_keep) << value;
  }
  EXPECT_FALSE(ReadCacheControl(Headers({{"cache-control", "private"}, {"cache-control", "no-store"}})).may_keep);
}

struct Asked {
  store::TenantId tenant{1, 2};
  std::string upstream = "openai api.openai.com";
  std::string method = "POST";
  std::string target = "/v1/chat/completions";
  std::string path = "/v1/chat/completions";
  std::vector<std::pair<std::string, std::string>> headers = {{"authorization", "Bearer sk-1"},
                                                              {"content-type", "application/json"}};
  std::string body = R"({"model":"m","temperature":0})";
};

store::CacheKey KeyOf(const Asked& asked) {
  net::RequestHead head;
  head.method = asked.method;
  head.target = asked.target;
  head.headers = Headers(asked.headers);
  return CacheKeyOf({asked.tenant, asked.upstream, head, asked.path, asked.body});
}

TEST(CacheKeyTest, TheSameRequestHasTheSameKey) { EXPECT_EQ(KeyOf({}), KeyOf({})); }

TEST(CacheKeyTest, WhateverMayChangeTheAnswerChangesTheKey) {
  const auto base = KeyOf({}).digest;
  const auto with_header = [](const char* name, const char* value) {
    Asked asked;
    asked.headers.emplace_back(name, value);
    return KeyOf(asked).digest;
  };
  EXPECT_NE(KeyOf({.tenant = {1, 3}}).digest, base);
  EXPECT_NE(KeyOf({.upstream = "openai other.example"}).digest, base);
  EXPECT_NE(KeyOf({.target = "/v1/chat/completions?api-version=2"}).digest, base);
  EXPECT_NE(KeyOf({.path = "/openai/v1/chat/completions"}).digest, base);
  EXPECT_NE(KeyOf({.headers = {{"authorization", "Bearer sk-2"}, {"content-type", "application/json"}}}).digest, base);
  EXPECT_NE(KeyOf({.body = R"({"model":"m","temperature":0 })"}).digest, base);
  EXPECT_NE(KeyOf({.body = R"({"model":"m","temperature":0,"stream":true})"}).digest, base);
  for (const char* name :
       {"anthropic-version", "Anthropic-Beta", "openai-beta", "OpenAI-Organization", "openai-project",
        "accept-encoding", "accept", "cookie", "x-headroom-optimize", "x-anything"}) {
    EXPECT_NE(with_header(name, "v"), base) << name;
    EXPECT_NE(with_header(name, "v"), with_header(name, "w")) << name;
  }
}

TEST(CacheKeyTest, WhatOnlyCarriesTheRequestDoesNot) {
  const auto base = KeyOf({});
  for (const char* name : {"Host", "User-Agent", "X-Stainless-Retry-Count", "traceparent", "x-request-id",
                           "Idempotency-Key", "content-length", "Connection", "x-headroom-project", "cache-control"}) {
    Asked asked;
    asked.headers.emplace_back(name, "v");
    EXPECT_EQ(KeyOf(asked), base) << name;
  }
  Asked moved;
  std::swap(moved.headers[0], moved.headers[1]);
  moved.headers[0].first = "Content-Type";
  EXPECT_EQ(KeyOf(moved), base) << "order and spelling of names";
}

TEST(CacheKeyTest, TwoValuesOfOneHeaderKeepTheirOrder) {
  Asked one;
  one.headers = {{"anthropic-beta", "a"}, {"anthropic-beta", "b"}};
  Asked other;
  other.headers = {{"anthropic-beta", "b"}, {"anthropic-beta", "a"}};
  EXPECT_NE(KeyOf(one), KeyOf(other));
}

TEST(CacheKeyTest, NoBytesCanMoveFromOnePartToTheNext) {
  EXPECT_NE(KeyOf({.upstream = "ab", .path = "c"}), KeyOf({.upstream = "a", .path = "bc"}));
  EXPECT_NE(KeyOf({.headers = {{"a", "bc"}}}), KeyOf({.headers = {{"ab", "c"}}}));
  EXPECT_NE(KeyOf({.headers = {{"a", "b"}, {"c", "d"}}, .body = "x"}),
            KeyOf({.headers = {{"a", "b"}}, .body = "1:c1:d1:x"}));
}

net::ResponseHead Head(std::string_view type, int status = 200) {
  net::ResponseHead head;
  head.status = status;
  head.headers.Add("content-type", type);
  return head;
}

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream; charset=utf-8";

TEST(CacheableReplyTest, TheHeadMustBeASuccessOfTheFormAskedFor) {
  EXPECT_TRUE(MayBeKept(Head(kJson), false));
  EXPECT_TRUE(MayBeKept(Head(kEvents), true));
  EXPECT_FALSE(MayBeKept(Head(kJson), true));
  EXPECT_FALSE(MayBeKept(Head(kEvents), false));
  EXPECT_FALSE(MayBeKept(Head("text/html"), false));
  for (const int status : {201, 206, 400, 401, 429, 500, 529}) EXPECT_FALSE(MayBeKept(Head(kJson, status), false));
  net::ResponseHead marked = Head(kJson);
  marked.headers.Add("cache-control", "no-store");
  EXPECT_FALSE(MayBeKept(marked, false));
}

TEST(CacheableReplyTest, AWholeMessageOfTextIsKept) {
  const auto kept = [](std::string_view stop, std::string_view content) {
    return MayBeKept(Api::kMessages, Head(kJson),
                     std::string(R"({"type":"message","stop_reason":)")
                         .append(stop)
                         .append(R"(,"content":)")
                         .append(content)
                         .append("}"));
  };
  constexpr std::string_view kText = R"([{"type":"text","text":"hi"}])";
  for (const char* stop : {R"("end_turn")", R"("max_tokens")", R"("stop_sequence")"}) EXPECT_TRUE(kept(stop, kText));
  for (const char* stop : {R"("tool_use")", R"("pause_turn")", R"("refusal")", "null", R"("something")"}) {
    EXPECT_FALSE(kept(stop, kText)) << stop;
  }
  EXPECT_TRUE(
      kept(R"("end_turn")",
           R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"hi","citations":null}])"));
  for (const char* content :
       {R"([{"type":"tool_use"}])", R"([{"type":"server_tool_use"}])", R"([{"type":"text","citations":[{}]}])", "[]",
        "null", R"(["hi"])", R"([{"type":"text"},{"type":"web_search_tool_result"}])"}) {
    EXPECT_FALSE(kept(R"("end_turn")", content)) << content;
  }
  EXPECT_FALSE(MayBeKept(Api::kMessages, Head(kJson), R"({"type":"error","error":{}})"));
  EXPECT_FALSE(MayBeKept(Api::kMessages, Head(kJson),
                         R"({"type":"message","stop_reason":"end_turn","content":[{"type":"text")"));
}

TEST(CacheableReplyTest, AWholeCompletionOfTextIsKept) {
  const auto kept = [](std::string_view message, std::string_view reason) {
    return MayBeKept(Api::kChat, Head(kJson),
                     std::string(R"({"choices":[{"message":)")
                         .append(message)
                         .append(R"(,"finish_reason":)")
                         .append(reason)
                         .append("}]}"));
  };
  constexpr std::string_view kText =
      R"({"role":"assistant","content":"hi","refusal":null,"annotations":[],"tool_calls":[]})";
  EXPECT_TRUE(kept(kText, R"("stop")"));
  EXPECT_TRUE(kept(kText, R"("length")"));
  for (const char* reason : {R"("tool_calls")", R"("content_filter")", R"("function_call")", "null"})
    EXPECT_FALSE(kept(kText, reason));
  for (const char* message : {R"({"tool_calls":[{}]})", R"({"function_call":{"name":"f"}})", R"({"audio":{"id":"a"}})",
                              R"({"annotations":[{}]})", R"({"refusal":"no"})"}) {
    EXPECT_FALSE(kept(message, R"("stop")")) << message;
  }
  EXPECT_FALSE(MayBeKept(Api::kChat, Head(kJson), R"({"error":{"message":"x"},"choices":[]})"));
  EXPECT_FALSE(MayBeKept(Api::kChat, Head(kJson), R"({"choices":[]})"));
}

constexpr std::string_view kResponse =
    R"({"status":"completed","error":null,"output":[{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"x","annotations":[]}]}]})";

TEST(CacheableReplyTest, AWholeResponseOfTextIsKept) {
  EXPECT_TRUE(MayBeKept(Api::kResponses, Head(kJson), kResponse));
  EXPECT_TRUE(MayBeKept(
      Api::kResponses, Head(kJson),
      R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"reasoning"}]})"));
  for (const char* other :
       {R"({"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[{"type":"reasoning"}]})",
        R"({"status":"completed","output":[]})", R"({"status":"completed","output":[{"type":"function_call"}]})",
        R"({"status":"completed","output":[{"type":"message","content":[{"type":"refusal"}]}]})",
        R"({"status":"completed","output":[{"type":"message","content":[{"type":"output_text","annotations":[{}]}]}]})",
        R"({"status":"completed","error":{"code":"x"},"output":[{"type":"reasoning"}]})",
        R"({"status":"queued","output":[{"type":"reasoning"}]})"}) {
    EXPECT_FALSE(MayBeKept(Api::kResponses, Head(kJson), other)) << other;
  }
}

std::string Events(const std::vector<std::string>& data) {
  std::string stream;
  for (const std::string& one : data) stream.append("data: ").append(one).append("\n\n");
  return stream;
}

// Every beginning of a stream that may be kept is one that may not.
void ExpectOnlyTheWholeIsKept(Api api, const std::string& stream) {
  EXPECT_TRUE(MayBeKept(api, Head(kEvents), stream));
  const size_t last = stream.size() - 2;  // the blank line of the last event may be missing
  for (size_t size = 0; size < last; ++size) {
    EXPECT_FALSE(MayBeKept(api, Head(kEvents), stream.substr(0, size))) << stream.substr(0, size);
  }
}

const std::vector<std::string> kMessage = {
    R"({"type":"message_start","message":{}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
    R"({"type":"ping"})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}})",
    R"({"type":"message_stop"})"};

TEST(CacheableReplyTest, AStreamedMessageIsKeptWhenItIsWhole) {
  ExpectOnlyTheWholeIsKept(Api::kMessages, Events(kMessage));
}

TEST(CacheableReplyTest, AStreamedMessageWithAnythingElseIsNot) {
  const auto with = [](size_t at, std::string event) {
    std::vector<std::string> events = kMessage;
    events[at] = std::move(event);
    return MayBeKept(Api::kMessages, Head(kEvents), Events(events));
  };
  EXPECT_FALSE(with(1, R"({"type":"content_block_start","content_block":{"type":"tool_use"}})"));
  EXPECT_FALSE(with(3, R"({"type":"content_block_delta","delta":{"type":"citations_delta"}})"));
  EXPECT_FALSE(with(3, R"({"type":"error","error":{"type":"overloaded_error"}})"));
  EXPECT_FALSE(with(3, R"({"type":"news"})"));
  EXPECT_FALSE(with(3, "not json"));
  EXPECT_FALSE(with(5, R"({"type":"message_delta","delta":{"stop_reason":"tool_use"}})"));
  EXPECT_FALSE(with(5, R"({"type":"message_delta","delta":{"stop_reason":null}})"));
  EXPECT_FALSE(MayBeKept(Api::kMessages, Head(kEvents), Events(kMessage) + Events({R"({"type":"ping"})"})));
}

const std::vector<std::string> kCompletion = {
    R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}]})",
    R"({"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]})",
    R"({"choices":[{"index":1,"delta":{},"finish_reason":"length"}]})",
    R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
    R"({"choices":[],"usage":{"prompt_tokens":1}})",
    "[DONE]"};

TEST(CacheableReplyTest, AStreamedCompletionIsKeptWhenEveryChoiceHasEnded) {
  ExpectOnlyTheWholeIsKept(Api::kChat, Events(kCompletion));
  std::vector<std::string> open = kCompletion;
  open.erase(open.begin() + 2);
  EXPECT_FALSE(MayBeKept(Api::kChat, Head(kEvents), Events(open)));
}

TEST(CacheableReplyTest, AStreamedCompletionWithAnythingElseIsNot) {
  for (const char* event :
       {R"({"choices":[{"index":0,"delta":{"tool_calls":[{}]}}]})", R"({"error":{"message":"x"},"choices":[]})",
        R"({"error":{"message":"x"}})", R"({"choices":[{"index":0,"delta":{"refusal":"no"}}]})",
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]})"}) {
    std::vector<std::string> events = kCompletion;
    events[1] = event;
    EXPECT_FALSE(MayBeKept(Api::kChat, Head(kEvents), Events(events))) << event;
  }
  EXPECT_FALSE(MayBeKept(Api::kChat, Head(kEvents), Events({"[DONE]"})));
}

TEST(CacheableReplyTest, AStreamedResponseIsKeptByWhatItsLastEventSays) {
  const std::string completed =
      std::string(R"({"type":"response.completed","response":)").append(kResponse).append("}");
  const std::vector<std::string> events = {R"({"type":"response.created","response":{}})",
                                           R"({"type":"response.output_text.delta","delta":"x"})", completed};
  ExpectOnlyTheWholeIsKept(Api::kResponses, Events(events));
  EXPECT_FALSE(MayBeKept(Api::kResponses, Head(kEvents), Events({R"({"type":"error"})", completed})));
  EXPECT_FALSE(MayBeKept(Api::kResponses, Head(kEvents), Events({R"({"type":"response.failed","response":{}})"})));
}

TEST(CacheableReplyTest, AReplyInACodingThatDoesNotDecodeIsNotKept) {
  net::ResponseHead head = Head(kJson);
  head.headers.Add("content-encoding", "gzip");
  EXPECT_FALSE(MayBeKept(Api::kMessages, head, "not gzip"));
}

}  // namespace
}  // namespace headroom::proxy
