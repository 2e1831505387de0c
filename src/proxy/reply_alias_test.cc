#include "proxy/reply_alias.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "proxy/kept_call.h"

namespace headroom::proxy {
namespace {

ReplyAlias Alias() {
  ReplyAlias alias;
  alias.ids = {"resp_1", "resp_2", "resp_3"};
  alias.previous = "null";
  alias.items = R"({"id":"msg_1"})";
  alias.earlier.total = 1ull << 40;
  alias.earlier.details = {{"reasoning_tokens", 7}};
  return alias;
}

class ReplyAliasTest : public testing::Test {
 protected:
  ReplyAliasTest() : store_(std::move(*store::Store::Open({}, Clock::System()))), aliases_(*store_) {
    base_.tenant = tenant_;
  }

  KeptCall Resolved(std::string_view path) const {
    KeptCall call = *KeptCall::Of(path);
    call.Resolve(aliases_, tenant_);
    return call;
  }

  const store::TenantId tenant_{1, 2};
  store::Node base_;
  std::unique_ptr<store::Store> store_;
  ReplyAliases aliases_;
};

TEST_F(ReplyAliasTest, ComesBackAsItWasWritten) {
  const Result<ReplyAlias> read = ReplyAlias::Decode(Alias().Encode());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->ids, Alias().ids);
  EXPECT_EQ(read->items, Alias().items);
  EXPECT_EQ(read->earlier.total, Alias().earlier.total);
  EXPECT_EQ(read->earlier.details, Alias().earlier.details);
}

TEST_F(ReplyAliasTest, ARecordCutAnywhereIsAnErrorOrShorter) {
  const std::string payload = Alias().Encode();
  for (size_t size = 0; size < payload.size(); ++size) {
    const Result<ReplyAlias> read = ReplyAlias::Decode(payload.substr(0, size));
    EXPECT_TRUE(!read.ok() || read->earlier.details.empty()) << size;
  }
}

TEST_F(ReplyAliasTest, IsItsTenantsAlone) {
  aliases_.Record(base_, {Alias(), {}, {"call_1"}});
  const store::TenantId other{3, 4};
  EXPECT_TRUE(aliases_.Find(tenant_, "resp_1").has_value());
  EXPECT_FALSE(aliases_.Find(other, "resp_1").has_value());
  EXPECT_EQ(aliases_.ShownId(tenant_, "resp_2"), "resp_1");
  EXPECT_EQ(aliases_.ShownId(tenant_, "resp_3"), "resp_1");
  EXPECT_FALSE(aliases_.ShownId(other, "resp_3").has_value());
  EXPECT_EQ(aliases_.AreOurs(tenant_, {"call_1", "call_2"}), (std::vector<bool>{true, false}));
  EXPECT_EQ(aliases_.AreOurs(other, {"call_1"}), (std::vector<bool>{false}));
}

TEST_F(ReplyAliasTest, AReplyThatIsTheProvidersIsNotFiled) {
  ReplyAlias same;
  same.ids = {"resp_1"};
  aliases_.Record(base_, {same, {}, {}});
  EXPECT_FALSE(aliases_.Find(tenant_, "resp_1").has_value());
}

TEST_F(ReplyAliasTest, ItemsAreKeptUpToTheirLimit) {
  for (const size_t more : {0, 1}) {
    ReplyAlias alias = Alias();
    alias.ids[0] = "resp_" + std::to_string(more);
    alias.items.assign(ReplyAliases::kMaxItemBytes + more, ' ');
    aliases_.Record(base_, {alias, {}, {}});
    EXPECT_EQ(aliases_.Find(tenant_, alias.ids[0])->items.empty(), more == 1);
  }
}

TEST_F(ReplyAliasTest, PathsNameTheReplyAsTheProviderKnowsIt) {
  aliases_.Record(base_, {Alias(), {}, {}});
  EXPECT_EQ(Resolved("/v1/responses/resp_1").Path(), "/v1/responses/resp_3");
  EXPECT_EQ(Resolved("/openai/v1/responses/resp_1/cancel").Path(), "/openai/v1/responses/resp_3/cancel");
  EXPECT_EQ(Resolved("/v1/responses/resp_1/input_items").Path(), "/v1/responses/resp_1/input_items");
  EXPECT_EQ(Resolved("/v1/responses/resp_9").Path(), "/v1/responses/resp_9");
  EXPECT_EQ(Resolved("/v1/responses/resp_1").OtherPaths(),
            (std::vector<std::string>{"/v1/responses/resp_2", "/v1/responses/resp_1"}));
  for (const std::string_view path : {"/v1/responses", "/v1/responses/", "/v1/responses/compact", "/v1/files/f"}) {
    EXPECT_FALSE(KeptCall::Of(path).has_value()) << path;
  }
}

TEST_F(ReplyAliasTest, AnIdThatIsNoPathSegmentBecomesNone) {
  ReplyAlias alias = Alias();
  alias.ids.back() = "../files/f";
  aliases_.Record(base_, {alias, {}, {}});
  EXPECT_EQ(Resolved("/v1/responses/resp_1").Path(), "/v1/responses/resp_1");
}

TEST_F(ReplyAliasTest, AFetchedReplyIsWhatTheClientGotOfIt) {
  aliases_.Record(base_, {Alias(), {}, {"call_1"}});
  EXPECT_EQ(Resolved("/v1/responses/resp_1")
                .Show(R"({"id":"resp_3", "previous_response_id":"resp_2","output":[{"id":"msg_3"}],)"
                      R"("tools":[{"name":"headroom_retrieve"}],"usage":{"output_tokens":1}})",
                      aliases_, tenant_),
            R"({"id":"resp_1", "previous_response_id":null,"output":[{"id":"msg_1"},{"id":"msg_3"}],)"
            R"("tools":[],"usage":{"output_tokens":1099511627777}})");
  EXPECT_EQ(Resolved("/v1/responses/resp_9/input_items")
                .Show(R"({"data":[{"type":"function_call","name":"headroom_retrieve","call_id":"call_1"},)"
                      R"({"role":"user"},{"type":"function_call_output","call_id":"call_1"},)"
                      R"({"type":"function_call_output","call_id":"call_2"}]})",
                      aliases_, tenant_),
            R"({"data":[{"role":"user"},{"type":"function_call_output","call_id":"call_2"}]})");
  EXPECT_EQ(Resolved("/v1/responses/resp_9").Show(R"({ "id":"resp_9"})", aliases_, tenant_), R"({ "id":"resp_9"})");
}

}  // namespace
}  // namespace headroom::proxy
