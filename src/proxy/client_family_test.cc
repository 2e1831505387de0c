#include "proxy/client_family.h"

#include <gtest/gtest.h>

namespace headroom::proxy {
namespace {

TEST(ClientFamilyTest, KnowsTheClientsInUseByTheirHeaders) {
  EXPECT_EQ(ClientFamily("claude-cli/2.0.14 (external, cli)"), "Claude Code");
  EXPECT_EQ(ClientFamily("codex_cli_rs/0.46.0 (Debian 12; x86_64) xterm"), "Codex");
  EXPECT_EQ(ClientFamily("OpenAI/JS 5.23.2"), "OpenAI SDK");
  EXPECT_EQ(ClientFamily("AsyncOpenAI/Python 1.99.0"), "OpenAI SDK");
  EXPECT_EQ(ClientFamily("Anthropic/JS 0.65.0"), "Anthropic SDK");
  EXPECT_EQ(ClientFamily("ai/6.0.325 ai-sdk/anthropic/3.0.140 runtime/node.js/18"), "Vercel AI SDK");
  EXPECT_EQ(ClientFamily("curl/7.88.1"), "curl");
}

TEST(ClientFamilyTest, AProgramIsNamedBeforeTheLibraryThatItIsBuiltOn) {
  EXPECT_EQ(ClientFamily("OpenAI/JS 5.23.2 langchainjs-openai/1.0.0"), "LangChain");
}

TEST(ClientFamilyTest, ALibrarysNameInsideOfAnotherNameIsNotIt) {
  EXPECT_EQ(ClientFamily("notopenai/1.0"), "notopenai");
}

TEST(ClientFamilyTest, OthersAreTheirFirstProductWithoutItsVersion) {
  EXPECT_EQ(ClientFamily("MyAgent/3.1 (linux)"), "MyAgent");
  EXPECT_EQ(ClientFamily("My Agent (linux)"), "My Agent");
  EXPECT_EQ(ClientFamily(""), "unknown");
  EXPECT_EQ(ClientFamily("/1.0"), "unknown");
}

TEST(ClientFamilyTest, WhatANameMayHoldIsBounded) {
  EXPECT_EQ(ClientFamily(std::string(33, 'x')), std::string(32, 'x'));
  EXPECT_EQ(ClientFamily("<b>\"x\"</b>"), "bx");
}

}  // namespace
}  // namespace headroom::proxy
