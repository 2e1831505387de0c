#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "proxy/operations.h"

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
    store_->PutOriginal(original);
  }

  Reply Get(const std::string& rest) { return Ask("GET", "/v1/retrieve" + rest, ""); }
  Reply Post(const std::string& body) { return Ask("POST", "/v1/retrieve", body); }
  Reply Ask(const std::string& method, const std::string& target, const std::string& body) {
    net::RequestHead request;
    request.method = method;
    request.target = target;
    return Retrieve(request, body, credential_, tenants_, *store_);
  }

  Credential credential_{Credential::Kind::kKey, {1, 1}, {1, 1}};
  std::unique_ptr<store::Store> store_;
  Tenants tenants_;
  std::string id_;
};

TEST_F(RetrieveTest, GivesTheWholeOriginalWithItsCounts) {
  const Reply reply = Get("/" + id_);
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_EQ(reply.body,
            R"({"hash":")" + id_ +
                R"(","original_content":"alpha one\nbeta two\nBeta one three\ngamma\n","original_tokens":12,)"
                R"("compressed_tokens":9,"original_item_count":5,"compressed_item_count":null,)"
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

TEST_F(RetrieveTest, AMissingHashIsSaid) {
  EXPECT_EQ(Post("{}").head.status, 400);
  EXPECT_EQ(Post("not json").head.status, 400);
  EXPECT_EQ(Get("").head.status, 400);
  EXPECT_EQ(Ask("DELETE", "/v1/retrieve/" + id_, "").head.status, 405);
}

}  // namespace
}  // namespace headroom::proxy
