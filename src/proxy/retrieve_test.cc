#include "proxy/retrieve.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "proxy/retrieve_tool.h"

namespace headroom::proxy {
namespace {

class RetrieveTest : public testing::Test {
 protected:
  RetrieveTest() : store_(*store::Store::Open({}, Clock::System())), tenants_(*store_) {
    store::Original original;
    original.text = "alpha one\nbeta two\nBeta one three\ngamma\n";
    original.id = id_ = ContentId(original.text);
    original.tenant = credential_.tenant;
    original.tool_name = "Bash";
    original.upstream = "up";
    original.tokens = 12;
    original.tokens_after = 9;
    original.items = 40;
    original.items_after = 7;
    store_->PutOriginal(original);
  }

  Reply Get(const std::string& rest) { return Ask("GET", "/v1/retrieve" + rest, ""); }
  Reply Post(const std::string& body) { return Ask("POST", "/v1/retrieve", body); }
  Reply Ask(const std::string& method, const std::string& target, const std::string& body) {
    net::RequestHead request;
    request.method = method;
    request.target = target;
    return Retrieve(request, body, credential_, {tenants_, *store_, log_});
  }

  Credential credential_{Credential::Kind::kKey, {1, 1}, {1, 1}};
  std::unique_ptr<store::Store> store_;
  Tenants tenants_;
  RetrievalLog log_{Clock::System()};
  std::string id_;
};

TEST_F(RetrieveTest, GivesTheWholeOriginalWithItsCounts) {
  const Reply reply = Get("/" + id_);
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_EQ(reply.body,
            R"({"hash":")" + id_ +
                R"(","original_content":"alpha one\nbeta two\nBeta one three\ngamma\n","original_tokens":12,)"
                R"("compressed_tokens":9,"original_item_count":40,"compressed_item_count":7,)"
                R"("tool_name":"Bash","retrieval_count":1})");
}

TEST_F(RetrieveTest, AQueryGivesTheLinesThatFitWithTheirNumbersAndNeighbours) {
  std::string text;
  for (int i = 1; i <= 900; ++i)
    text += "worker handled another batch of the usual kind number " + std::to_string(i) + "\n";
  text += "disk sda3 failed\n";
  for (int i = 1; i <= 900; ++i)
    text += "worker handled another batch of the usual kind again " + std::to_string(i) + "\n";
  store::Original original;
  original.text = text;
  original.id = ContentId(text);
  original.tenant = credential_.tenant;
  original.upstream = "up";
  store_->PutOriginal(original);
  const std::string body = Get("/" + original.id + "?query=disk+%66ailed").body;
  EXPECT_NE(body.find(R"("query":"disk failed")"), std::string::npos);
  EXPECT_NE(body.find(R"("disk sda3 failed")"), std::string::npos);
  EXPECT_NE(body.find(R"("count":5,"unit":"lines","numbers":[899,900,901,902,903],"total":1801})"), std::string::npos)
      << body;
  EXPECT_EQ(Post(R"({"hash":")" + original.id + R"(","query":"disk failed"})").body, body);
}

TEST_F(RetrieveTest, AQueryThatFitsNothingGivesTheWhole) {
  EXPECT_NE(Get("/" + id_ + "?query=nowhere").body.find(R"("results":["alpha one\nbeta two)"), std::string::npos);
}

TEST_F(RetrieveTest, UnknownMalformedAndForeignHashesAreTheSame404) {
  const std::string unknown = Get("/" + std::string(24, 'a')).body;
  EXPECT_EQ(Get("/" + std::string(24, 'a')).head.status, 404);
  EXPECT_EQ(Get("/" + id_.substr(1)).body, unknown);
  EXPECT_EQ(Get("/" + id_ + "0").body, unknown);
  credential_.tenant = {2, 2};
  EXPECT_EQ(Get("/" + id_).body, unknown);
}

TEST_F(RetrieveTest, ALoginIsAnsweredOnlyAfterItsUpstreamAcceptedIt) {
  credential_.kind = Credential::Kind::kJwt;
  EXPECT_EQ(Get("/" + id_).head.status, 404);
  tenants_.MarkAccepted(credential_, "another");
  EXPECT_EQ(Get("/" + id_).head.status, 404);
  tenants_.MarkAccepted(credential_, "up");
  EXPECT_EQ(Get("/" + id_).head.status, 200);
}

TEST_F(RetrieveTest, WhereNobodyCountedItemsTheLinesOfTheOriginalAreSaid) {
  store::Original original;
  original.text = "one\ntwo";
  original.id = ContentId(original.text);
  original.tenant = credential_.tenant;
  store_->PutOriginal(original);
  EXPECT_NE(Get("/" + original.id).body.find(R"("original_item_count":2,"compressed_item_count":null)"),
            std::string::npos);
}

TEST_F(RetrieveTest, OnlyWholeFetchesCountAsRetrievals) {
  Get("/" + id_ + "?query=beta");
  EXPECT_NE(Get("/" + id_).body.find(R"("retrieval_count":1})"), std::string::npos);
  AnswerRetrieveCall({id_, ""}, {credential_, credential_.tenant, tenants_, *store_, log_, {}});
  EXPECT_NE(Get("/" + id_).body.find(R"("retrieval_count":3})"), std::string::npos);
}

TEST_F(RetrieveTest, WhoAsksWithoutAKeyIsToldThatOneIsNeeded) {
  credential_ = Credential{};
  const Reply reply = Get("/" + id_);
  EXPECT_EQ(reply.head.status, 404);
  EXPECT_NE(reply.body.find("not found or expired; originals are kept for the key"), std::string::npos);
}

constexpr char kText[] = R"("alpha one\nbeta two\nBeta one three\ngamma\n")";

TEST_F(RetrieveTest, AToolCallIsAnsweredInTheShapeOfItsApi) {
  const std::string whole = Get("/" + id_).body;
  const auto answer = [&](const std::string& call, const std::string& provider) {
    const Reply reply =
        Ask("POST", "/v1/retrieve/tool_call", R"({"tool_call":)" + call + R"(,"provider":")" + provider + "\"}");
    EXPECT_EQ(reply.head.status, 200) << reply.body;
    EXPECT_NE(reply.body.find(R"("success":true,"data":{"hash":")" + id_ + R"(","original_content":)"),
              std::string::npos)
        << reply.body;
    return reply.body.substr(0, reply.body.find(R"(,"success")"));
  };
  EXPECT_EQ(answer(R"({"type":"tool_use","id":"t1","name":"headroom_retrieve","input":{"hash":")" + id_ + R"("}})",
                   "anthropic"),
            std::string(R"({"tool_result":{"type":"tool_result","tool_use_id":"t1","content":)") + kText + "}");
  const std::string arguments = R"("{\"hash\":\")" + id_ + R"(\"}")";
  EXPECT_EQ(
      answer(R"({"id":"c1","type":"function","function":{"name":"headroom_retrieve","arguments":)" + arguments + "}}",
             "openai"),
      std::string(R"({"tool_result":{"role":"tool","tool_call_id":"c1","content":)") + kText + "}");
  EXPECT_EQ(answer(R"({"type":"function_call","id":"fc_1","call_id":"c2","name":"headroom_retrieve","arguments":)" +
                       arguments + "}",
                   "openai"),
            std::string(R"({"tool_result":{"type":"function_call_output","call_id":"c2","output":)") + kText + "}");
  EXPECT_EQ(answer(R"({"id":"g1","name":"mcp__headroom__headroom_retrieve","arguments":{"hash":")" + id_ + R"("}})",
                   "another"),
            std::string(R"({"tool_result":{"tool_call_id":"g1","content":)") + kText + "}");
}

TEST_F(RetrieveTest, AToolCallWithAQueryGetsWhatFitsIt) {
  const Reply reply =
      Ask("POST", "/v1/retrieve/tool_call",
          R"({"tool_call":{"id":"t","name":"headroom_retrieve","input":{"hash":")" + id_ + R"(","query":"gamma"}}})");
  EXPECT_NE(reply.body.find(R"("data":{"hash":")" + id_ + R"(","query":"gamma","results":[)"), std::string::npos);
  EXPECT_NE(reply.body.find("Other parts: call again"), std::string::npos);
}

TEST_F(RetrieveTest, AToolCallForMoreThanAModelIsGivenAtOnceGetsTheBeginningAndHowToGoOn) {
  std::string text;
  for (int i = 1; i <= 20'000; ++i) text += "line number " + std::to_string(i) + "\n";
  store::Original original;
  original.text = text;
  original.id = ContentId(text);
  original.tenant = credential_.tenant;
  store_->PutOriginal(original);
  const std::string body =
      Ask("POST", "/v1/retrieve/tool_call",
          R"({"tool_call":{"id":"t","name":"headroom_retrieve","input":{"hash":")" + original.id + R"("}}})")
          .body;
  const std::string result = body.substr(0, body.find(R"(,"success":true)"));
  EXPECT_NE(result.find("line number 1\\n"), std::string::npos);
  EXPECT_LT(result.size(), text.size() / 2);
  EXPECT_NE(result.find(R"(Other parts: call again with query \"lines 100-200\")"), std::string::npos);
  EXPECT_NE(body.find("line number 20000\\n", result.size()), std::string::npos);  // `data` has the whole
}

TEST_F(RetrieveTest, AToolCallForWhatIsNotKeptSaysSoToTheModel) {
  const Reply reply =
      Ask("POST", "/v1/retrieve/tool_call",
          R"({"tool_call":{"id":"t","name":"headroom_retrieve","input":{"hash":"aaaaaaaaaaaaaaaaaaaaaaaa"}}})");
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_EQ(reply.body, R"({"tool_result":{"type":"tool_result","tool_use_id":"t","content":"Nothing is kept under )"
                        R"(this hash. Run the tool again to see its output."},"success":false,"data":{"error":)"
                        R"("Entry not found or expired","hash":"aaaaaaaaaaaaaaaaaaaaaaaa"}})");
}

TEST_F(RetrieveTest, WhatIsNoCallOfOurToolIsRefused) {
  const auto status = [&](const std::string& body) { return Ask("POST", "/v1/retrieve/tool_call", body).head.status; };
  const std::string input = R"(,"input":{"hash":")" + id_ + R"("}})";
  EXPECT_EQ(status(R"({"tool_call":{"name":"headroom_retrieve")" + input + "}"), 200);
  EXPECT_EQ(status(R"({"tool_call":{"name":"Bash")" + input + "}"), 400);
  EXPECT_EQ(status(R"({"tool_call":{"name":"headroom_retrieve","input":{"hash":"abc"}}})"), 400);
  EXPECT_EQ(status(R"({"tool_call":{"name":"headroom_retrieve"}})"), 400);
  EXPECT_EQ(status(R"({"tool_call":"headroom_retrieve"})"), 400);
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status("not json"), 400);
  EXPECT_EQ(Ask("PUT", "/v1/retrieve/tool_call", "{}").head.status, 405);
}

TEST_F(RetrieveTest, StatsAreTheTenantsOwn) {
  Get("/" + id_);
  Get("/" + id_ + "?query=beta");
  AnswerRetrieveCall({id_, "gamma"}, {credential_, credential_.tenant, tenants_, *store_, log_, {}});
  const std::string own = Get("/stats").body;
  EXPECT_NE(own.find(R"({"store":{"entry_count":1,"max_entries":null,"total_original_bytes":40,)"
                     R"("total_original_tokens":12,"total_compressed_tokens":9,"total_retrievals":3,"event_count":3,)"),
            std::string::npos)
      << own;
  EXPECT_NE(own.find(R"("backend":{"backend_type":"memory","entry_count":1,)"), std::string::npos) << own;
  EXPECT_NE(own.find(R"("max_bytes":67108864,"ttl_seconds":604800})"), std::string::npos) << own;
  EXPECT_LT(own.find(R"("query":"gamma")"), own.find(R"("query":"beta")"));  // the latest first
  EXPECT_NE(
      own.find(R"("query":null,"items_retrieved":40,"total_items":40,"tool_name":"Bash","retrieval_type":"full")"),
      std::string::npos)
      << own;
  credential_.tenant = {2, 2};
  const std::string others = Get("/stats").body;
  EXPECT_NE(others.find(R"("entry_count":0,)"), std::string::npos) << others;
  EXPECT_NE(others.find(R"("recent_retrievals":[]})"), std::string::npos) << others;
}

TEST_F(RetrieveTest, StatsOfALoginWaitForItsUpstream) {
  credential_.kind = Credential::Kind::kJwt;
  tenants_.MarkAccepted(credential_, "up");
  Get("/" + id_ + "?query=beta");
  EXPECT_NE(Get("/stats").body.find("beta"), std::string::npos);
  credential_.token = {7, 7};  // forged with the same claims
  const std::string forged = Get("/stats").body;
  EXPECT_EQ(forged.find("beta"), std::string::npos) << forged;
  EXPECT_NE(forged.find(R"("entry_count":0,)"), std::string::npos) << forged;
}

TEST_F(RetrieveTest, AQueryThatIsNoUtf8IsRefusedAndNotLogged) {
  EXPECT_EQ(Get("/" + id_ + "?query=caf%c3%a9").head.status, 200);
  const Reply reply = Get("/" + id_ + "?query=caf%e9");
  EXPECT_EQ(reply.head.status, 400);
  EXPECT_EQ(reply.body, R"({"detail":"the query is not UTF-8"})");
  EXPECT_EQ(Get("/stats").body.find("caf\xe9"), std::string::npos);
}

TEST_F(RetrieveTest, AMissingHashIsSaid) {
  EXPECT_EQ(Post("{}").head.status, 400);
  EXPECT_EQ(Post("not json").head.status, 400);
  EXPECT_EQ(Get("").head.status, 400);
  EXPECT_EQ(Ask("DELETE", "/v1/retrieve/" + id_, "").head.status, 405);
}

}  // namespace
}  // namespace headroom::proxy
