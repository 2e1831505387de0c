// Conversations that the provider keeps, over the real store, router and
// compressors: what is recorded of a reply, and what a request makes of it.

#include "proxy/reply_ledger.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/optimizer.h"
#include "proxy/usage_observer.h"
#include "text/sample_log.h"

namespace headroom::proxy {
namespace {

std::string Rows(int count) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) {
    out += std::string(i == 0 ? "" : ",") + R"({"id":)" + std::to_string(100 + i) + R"(,"name":"entry )" +
           std::to_string(i * 37) + R"(","state":"ready"})";
  }
  return out + "]";
}

std::string Call(std::string_view id, std::string_view command = "list-entries") {
  return R"({"type":"function_call","call_id":")" + std::string(id) + R"(","name":"exec","arguments":)" +
         json::Quote(R"({"cmd":)" + json::Quote(command) + "}") + "}";
}

std::string Output(std::string_view id, std::string_view text) {
  return R"({"type":"function_call_output","call_id":")" + std::string(id) + R"(","output":)" + json::Quote(text) + "}";
}

const std::string kQuestion = R"({"role":"user","content":"find it"})";

class ReplyLedgerTest : public testing::Test {
 protected:
  ReplyLedgerTest()
      : store_(std::move(*store::Store::Open({}, Clock::System()))),
        optimizer_(std::make_unique<Optimizer>(ContentRouter::Options(), *store_, Clock::System())) {}

  Optimized Run(const std::string& body, std::string_view key = "k",
                ContentRouter::Mode mode = ContentRouter::Mode::kRecord) {
    net::HeaderList headers;
    headers.Add("authorization", "Bearer sk-" + std::string(key));
    Optimizer::Request request;
    request.api = Api::kResponses;
    request.credential = ReadCredential(headers, {});
    request.mode = mode;
    return optimizer_->Run(request, PaddedBytes(body));
  }

  // The provider's answer to a request, as JSON with these output items.
  void Answer(const Optimized& optimized, std::string_view id, std::string_view items,
              std::string_view status = "completed") {
    ASSERT_TRUE(optimized.reply_place.has_value());
    net::ResponseHead head;
    head.headers.Add("content-type", "application/json");
    UsageObserver observer(Api::kResponses, head,
                           [&](const ObservedReply& reply) { optimizer_->RecordReply(*optimized.reply_place, reply); });
    observer.Feed(R"({"id":")" + std::string(id) + R"(","object":"response","status":")" + std::string(status) +
                  R"(","output":[)" + std::string(items) + "]}");
    observer.End();
  }

  static std::string Body(std::string_view items, std::string_view more = "") {
    return R"({"model":"gpt-5.1",)" + std::string(more) + R"("input":[)" + std::string(items) + "]}";
  }
  static std::string Continued(std::string_view id, std::string_view items) {
    return Body(items, R"("previous_response_id":")" + std::string(id) + "\",");
  }

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Optimizer> optimizer_;
  const std::string rows_ = Rows(40);
};

TEST_F(ReplyLedgerTest, AResultIsShortenedThoughItsCallIsWithTheProvider) {
  Answer(Run(Body(kQuestion)), "resp_1", Call("a"));
  const Optimized out = Run(Continued("resp_1", Output("a", rows_)));
  ASSERT_TRUE(out.body.has_value());
  EXPECT_TRUE(out.partial);
  EXPECT_NE(out.body->find(R"("previous_response_id":"resp_1")"), std::string::npos);
}

TEST_F(ReplyLedgerTest, AnUnknownCallOrAFileReadLeavesTheResultRaw) {
  EXPECT_EQ(Run(Continued("resp_1", Output("a", rows_))).decided.at("caller"), 1u);
  Answer(Run(Body(kQuestion)), "resp_2", Call("b", "cat entries.py"));
  EXPECT_FALSE(
      Run(Continued("resp_2", Output("b", "a = 1   \n\n\n\nb = 2   \n" + std::string(400, '-')))).body.has_value());
}

TEST_F(ReplyLedgerTest, GoingOnWithFullInputMeetsTheSameDecisions) {
  Answer(Run(Body(kQuestion)), "resp_1", R"({"type":"reasoning","id":"rs_1","summary":[]},)" + Call("a"));
  const Optimized chained = Run(Continued("resp_1", Output("a", rows_)));
  Answer(chained, "resp_2",
         R"({"type":"message","id":"m","role":"assistant","status":"completed","content":[
             {"type":"output_text","text":"found","annotations":[]}]},)" +
             Call("b"));
  Run(Continued("resp_2", Output("b", Rows(50))));
  const Optimized full =
      Run(Body(kQuestion + "," + Call("a") + "," + Output("a", rows_) + R"(,{"role":"assistant","content":"found"},)" +
               Call("b") + "," + Output("b", Rows(50)) + R"(,{"role":"user","content":"thanks"})"));
  EXPECT_EQ(full.replayed, 2u);
  EXPECT_TRUE(full.decided.empty());
}

TEST_F(ReplyLedgerTest, ARepliesItemsMayComeOneByOne) {
  const Optimized first = Run(Body(kQuestion));
  net::ResponseHead head;
  head.headers.Add("content-type", "text/event-stream");
  int taken = 0;
  UsageObserver observer(Api::kResponses, head, [&](const ObservedReply& reply) {
    ++taken;
    optimizer_->RecordReply(*first.reply_place, reply);
  });
  observer.Feed(
      R"(data: {"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[],"usage":null}})"
      "\n\n");
  observer.Feed(R"(data: {"type":"response.output_item.done","output_index":0,"item":)" + Call("a") + "}\n\n");
  EXPECT_EQ(taken, 0);
  observer.Feed(R"(data: {"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],)"
                R"("usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":7}}})"
                "\n\n");
  EXPECT_EQ(taken, 1);
  observer.End();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(observer.usage()->input, 40u);
  EXPECT_EQ(observer.usage()->cache_read, 60u);
  EXPECT_EQ(observer.usage()->output, 7u);
  EXPECT_TRUE(Run(Continued("resp_1", Output("a", rows_))).body.has_value());
}

TEST_F(ReplyLedgerTest, AReplyThatIsNotWholeIsNotRecorded) {
  Answer(Run(Body(kQuestion)), "resp_1", Call("a"), "in_progress");
  EXPECT_FALSE(Run(Continued("resp_1", Output("a", rows_))).body.has_value());
}

TEST_F(ReplyLedgerTest, NothingIsRecordedOfRepliesThatNoRequestCanName) {
  EXPECT_FALSE(Run(Body(kQuestion, R"("store":false,)")).reply_place.has_value());
  EXPECT_FALSE(Run(Body(kQuestion), "k", ContentRouter::Mode::kDryRun).reply_place.has_value());
}

TEST_F(ReplyLedgerTest, RepliesAreTheirTenantsAlone) {
  Answer(Run(Body(kQuestion)), "resp_1", Call("a"));
  EXPECT_EQ(Run(Continued("resp_1", Output("a", rows_)), "other").decided.at("caller"), 1u);
}

TEST_F(ReplyLedgerTest, AConversationObjectIsDecidedTheSameEachTime) {
  const std::string more = R"("conversation":{"id":"conv_1"},)";
  Answer(Run(Body(kQuestion, more)), "resp_1", Call("a"));
  const Optimized out = Run(Body(Output("a", rows_), more));
  ASSERT_TRUE(out.body.has_value());
  const Optimized again = Run(Body(Output("a", rows_), more));
  EXPECT_EQ(again.body, out.body);
  EXPECT_EQ(again.replayed, 1u);
}

TEST_F(ReplyLedgerTest, NothingIsLeftOutWhereAConversationCannotBeFollowed) {
  ContentRouter::Options gaps;
  gaps.policy.gaps = Gaps::kOn;
  optimizer_ = std::make_unique<Optimizer>(gaps, *store_, Clock::System());
  const auto ask = [&](std::string_view id, std::string_view more) {
    const std::string body = Body(kQuestion + "," + Call(id) + "," + Output(id, text::SampleLog(600)), more);
    return Run(body).body.value_or(body);
  };
  constexpr std::string_view kMarker = "Retrieve more: hash=";
  EXPECT_NE(ask("a", "").find(kMarker), std::string::npos);
  EXPECT_EQ(ask("b", R"("conversation":"conv_1",)").find(kMarker), std::string::npos);
  EXPECT_EQ(ask("c", R"("background":true,)").find(kMarker), std::string::npos);
}

TEST_F(ReplyLedgerTest, ReferencedItemsHaveTheirCallsToo) {
  Answer(Run(Body(kQuestion)), "resp_1", Call("a"));
  EXPECT_TRUE(
      Run(Body(kQuestion + R"(,{"type":"item_reference","id":"fc_1"},)" + Output("a", rows_))).body.has_value());
}

TEST_F(ReplyLedgerTest, LongArgumentsAreNotRecorded) {
  const std::string limit(ReplyLedger::kMaxArgumentBytes - std::string(R"({"cmd":""})").size(), 'x');
  Answer(Run(Body(kQuestion)), "resp_1", Call("a", limit) + "," + Call("b", limit + "x"));
  EXPECT_TRUE(Run(Continued("resp_1", Output("a", rows_))).body.has_value());
  EXPECT_FALSE(Run(Continued("resp_1", Output("b", rows_))).body.has_value());
}

}  // namespace
}  // namespace headroom::proxy
