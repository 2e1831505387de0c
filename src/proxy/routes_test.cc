#include "proxy/routes.h"

#include <gtest/gtest.h>

#include "proxy/generation.h"
#include "proxy/upstreams.h"

namespace headroom::proxy {
namespace {

net::RequestHead Request(std::string method, std::string target) {
  net::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  return head;
}

Route::Kind KindOf(std::string method, std::string target) {
  return FindRoute(Request(std::move(method), std::move(target))).kind;
}

TEST(RoutesTest, ConversationsAreOptimisedWithAndWithoutV1) {
  for (const char* path :
       {"/v1/messages", "/messages", "/v1/messages?beta=true", "/v1/chat/completions", "/chat/completions",
        "/openai/deployments/d/chat/completions?api-version=1", "/openai/v1/chat/completions", "/v1/responses",
        "/responses", "/openai/v1/responses", "/openai/responses?api-version=1"}) {
    EXPECT_EQ(KindOf("POST", path), Route::Kind::kOptimized) << path;
    EXPECT_EQ(KindOf("GET", path), Route::Kind::kCarried) << path;
  }
  EXPECT_EQ(KindOf("POST", "/v1/messages/count_tokens"), Route::Kind::kCountTokens);
  EXPECT_EQ(KindOf("POST", "/v1/responses/input_tokens"), Route::Kind::kCountTokens);
}

TEST(RoutesTest, WhatBelongsToAResponseIsCarried) {
  for (const char* path : {"/v1/responses/resp_1", "/v1/responses/resp_1/cancel", "/responses/resp_1/input_items",
                           "/v1/responses/compact"}) {
    for (const char* method : {"GET", "POST", "DELETE"}) EXPECT_EQ(KindOf(method, path), Route::Kind::kCarried) << path;
  }
  EXPECT_EQ(FindRoute(Request("POST", "/responses")).api, Api::kResponses);
  EXPECT_EQ(FindRoute(Request("POST", "/v1/chat/completions")).api, Api::kChat);
}

TEST(RoutesTest, AWebSocketIsRefusedOnlyWhereItsClientComesByHttp) {
  net::RequestHead request = Request("GET", "/v1/responses");
  EXPECT_EQ(FindRoute(request).kind, Route::Kind::kCarried);
  request.headers.Add("Upgrade", "WebSocket");
  EXPECT_EQ(FindRoute(request).kind, Route::Kind::kNoWebSocket);
  request.target = "/v1/realtime";
  EXPECT_EQ(FindRoute(request).kind, Route::Kind::kCarried);
}

TEST(RoutesTest, OtherProviderPathsAreCarriedAndForeignOnesUnknown) {
  for (const char* path :
       {"/v1/messages/batches/x/results", "/v1/responses", "/v1/responses/r/cancel", "/v1/models", "/models",
        "/v1/files/f/content", "/v1/anything/else", "/openai/deployments/d/embeddings", "/v1/complete",
        "/openai/deployments/a/b/chat/completions", "/v1/files/...", "/v1/files/a..b", "/v1/files/.x"}) {
    EXPECT_EQ(KindOf("PATCH", path), Route::Kind::kCarried) << path;
  }
  for (const char* path : {"/", "/favicon.ico", "/v1x", "/v2/messages", "/messagesx", "/health/x", "", "/v1", "/v1/",
                           "/v1/../x", "/v1/%2e%2E/x", "/v1/a/.", "/openai/.%2e/x", "/v1/..%2fx", "/v1/a/..\\x"}) {
    EXPECT_EQ(KindOf("POST", path), Route::Kind::kUnknown) << path;
  }
  EXPECT_EQ(KindOf("GET", "/v1/retrieve/abc"), Route::Kind::kRetrieve);
  for (const char* path : {"/v1/toin/stats", "/v1/toin/pattern/ab", "/v1/feedback", "/v1/feedback/Bash",
                           "/v1/telemetry", "/v1/telemetry/tools/ab"}) {
    EXPECT_EQ(KindOf("GET", path), Route::Kind::kLearning) << path;
    EXPECT_EQ(KindOf("POST", path), Route::Kind::kLearning) << path;  // never a provider's
  }
}

TEST(RoutesTest, SharedPathsGoByTheClientsHeaders) {
  net::RequestHead request = Request("GET", "/v1/models");
  EXPECT_EQ(FindRoute(request).api, Api::kChat);
  request.headers.Add("Anthropic-Version", "2023-06-01");
  EXPECT_EQ(FindRoute(request).api, Api::kMessages);
}

TEST(UpstreamHeadTest, KeepsOrderAndDuplicatesAndDropsWhatIsOurs) {
  net::RequestHead request = Request("POST", "/messages?a=1&b");
  request.headers.Add("Host", "127.0.0.1:8787");
  request.headers.Add("X-B", "1");
  request.headers.Add("Connection", "x-hop");
  request.headers.Add("x-hop", "h");
  request.headers.Add("x-a", "2");
  request.headers.Add("X-Headroom-Optimize", "off");
  request.headers.Add("x-b", "3");
  request.headers.Add("Content-Length", "7");
  request.headers.Add("Expect", "100-continue");
  Upstream upstream;
  upstream.url = *net::ParseUrl("https://api.example.com/prefix");
  const net::RequestHead head = UpstreamHead(upstream, FindRoute(request), request);
  EXPECT_EQ(head.target, "/prefix/v1/messages?a=1&b");
  std::string fields;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    fields.append(head.headers[i].name).append("=").append(head.headers[i].value).append(" ");
  }
  EXPECT_EQ(fields, "Host=api.example.com X-B=1 x-a=2 x-b=3 ");
}

TEST(UpstreamHeadTest, WritesADoubledV1OnceAndBringsItsKey) {
  net::RequestHead request = Request("POST", "/v1/chat/completions");
  request.headers.Add("Authorization", "Bearer client");
  Upstream upstream;
  upstream.url = *net::ParseUrl("http://127.0.0.1:9/api/v1");
  upstream.key = "proxy";
  const net::RequestHead head = UpstreamHead(upstream, FindRoute(request), request);
  EXPECT_EQ(head.target, "/api/v1/chat/completions");
  EXPECT_EQ(head.headers.Find("authorization"), "Bearer proxy");
}

TEST(UpstreamsTest, TheFirstRowThatServesTakesTheRequest) {
  Upstream special;
  special.name = "special";
  special.models = {"llama*"};
  Upstream pathed;
  pathed.name = "pathed";
  pathed.paths = {"/v1/responses*"};
  Upstream rest;
  rest.name = "rest";
  const Upstreams upstreams({special, pathed, rest});
  EXPECT_EQ(upstreams.Find(Api::kChat, "/v1/chat/completions", "llama-3")->name, "special");
  EXPECT_EQ(upstreams.Find(Api::kChat, "/v1/responses/x", "gpt")->name, "pathed");
  EXPECT_EQ(upstreams.Find(Api::kResponses, "/v1/responses", "gpt")->name, "pathed");
  EXPECT_EQ(upstreams.Find(Api::kChat, "/v1/chat/completions", "gpt")->name, "rest");
  EXPECT_EQ(upstreams.Find(Api::kMessages, "/v1/messages", "claude"), nullptr);
}

TEST(GlobTest, MatchesStarsAnywhereAndIgnoresCase) {
  EXPECT_TRUE(MatchesGlob("mcp__*__write", "MCP__fs__Write"));
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("a*b*c", "axxbyybzzc"));
  EXPECT_FALSE(MatchesGlob("a*b", "axxc"));
  EXPECT_FALSE(MatchesGlob("Read", "ReadX"));
}

}  // namespace
}  // namespace headroom::proxy
