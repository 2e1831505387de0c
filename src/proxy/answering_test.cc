// Replies that go on, with the provider, the client and the answers played here.

#include "proxy/answering.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <exception>

namespace headroom::proxy {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

class Client : public net::Exchange {
 public:
  explicit Client(net::asio::io_context& context) : context_(context) {}

  const net::RequestHead& request() const override { return request_; }
  std::string_view peer_address() const override { return "127.0.0.1"; }
  net::Executor executor() const override { return context_.get_executor(); }
  net::BodyLength request_length() const override { return net::BodyLength::None(); }
  net::Awaitable<Result<std::string_view>> ReadBody() override { co_return std::string_view(); }
  net::Awaitable<Result<PaddedBytes>> ReadWholeBody(size_t) override { co_return PaddedBytes(""); }
  net::Awaitable<Status> WriteHead(const net::ResponseHead& head, net::BodyLength, std::string_view body) override {
    head_written_ = true;
    status = head.status;
    given_head = head;
    got.append(body);
    co_return Status();
  }
  // Takes its time, so that two writes at once would be seen.
  net::Awaitable<Status> Write(std::string_view bytes) override {
    EXPECT_FALSE(writing_);
    writing_ = true;
    net::SteadyTimer timer(context_.get_executor(), milliseconds(1));
    (void)co_await timer.async_wait(net::kUseAwaitable);
    writing_ = false;
    if (gone) co_return Status(Code::kUnavailable, "gone", Origin::kDownstream);
    got.append(bytes);
    co_return Status();
  }
  net::Awaitable<Status> Finish() override {
    finished = true;
    co_return Status();
  }
  bool head_written() const override { return head_written_; }
  void OnDisconnect(std::function<void()>) override {}

  // Waits until `part` was received so often; a minute at most.
  net::Awaitable<void> Until(std::string_view part, size_t times) {
    net::SteadyTimer timer(context_.get_executor());
    for (int i = 0; i < 60'000 && Count(got, part) < times && !gone; ++i) {
      timer.expires_after(milliseconds(1));
      (void)co_await timer.async_wait(net::kUseAwaitable);
    }
  }

  std::string got;
  net::ResponseHead given_head;
  int status = 0;
  bool finished = false;
  bool gone = false;

 private:
  net::asio::io_context& context_;
  net::RequestHead request_;
  bool head_written_ = false;
  bool writing_ = false;
};

struct Scripted {
  int status = 200;
  std::string type = "text/event-stream";
  std::string coding{};
  std::string body;
  size_t pings_before_head = 0;
  size_t pings_before_body = 0;
};

class Upstream : public net::UpstreamResponse {
 public:
  Upstream(Scripted script, Client& client) : script_(std::move(script)), client_(client) {
    head_.status = script_.status;
    if (!script_.type.empty()) head_.headers.Add("content-type", script_.type);
    if (!script_.coding.empty()) head_.headers.Add("content-encoding", script_.coding);
  }

  const net::ResponseHead& head() const override { return head_; }
  net::BodyLength length() const override { return net::BodyLength::Chunked(); }
  std::string_view TakeBuffered() override { return {}; }
  net::Awaitable<Result<std::string_view>> ReadBody() override {
    co_await client_.Until(kPing, script_.pings_before_body);
    given_ = std::move(script_.body);
    script_.body.clear();
    co_return std::string_view(given_);
  }

 private:
  Scripted script_;
  Client& client_;
  net::ResponseHead head_;
  std::string given_;
};

std::string Event(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + std::string(rest) +
         "}\n\n";
}

std::string Reply(std::string_view block, std::string_view reason) {
  return Event("message_start", R"(,"message":{"id":"m","usage":{"input_tokens":100,"output_tokens":1}})") +
         Event("content_block_start", R"(,"index":0,"content_block":)" + std::string(block)) +
         Event("content_block_stop", R"(,"index":0)") +
         Event("message_delta",
               R"(,"delta":{"stop_reason":")" + std::string(reason) + R"("},"usage":{"output_tokens":20})") +
         Event("message_stop", "");
}

const std::string kAsks =
    Reply(R"({"type":"tool_use","id":"t","name":"headroom_retrieve","input":{"hash":"a"}})", "tool_use");
const std::string kSays = Reply(R"({"type":"text","text":"Full."})", "end_turn");
const std::string kRefusal = R"({"type":"error","error":{"type":"invalid_request_error","message":"too long"}})";

class AnsweringTest : public testing::Test {
 protected:
  // The first of `replies` is the one to be relayed.
  Status Run(std::deque<Scripted> replies, milliseconds keep_alive = milliseconds(600'000)) {
    replies_ = std::move(replies);
    Upstream first(std::move(replies_.front()), client_);
    replies_.pop_front();
    Answering answering(
        {.api = Api::kMessages,
         .exchange = client_,
         .marks = {"id", std::nullopt},
         .body = R"({"messages":[{"role":"user","content":"q"}]})",
         .streams = streams_,
         .fetch = [this](const std::string& body) { return Fetch(body); },
         .answer = [this](const std::vector<HeldCall>& calls, AnswerRoom room) { return Answer(calls, room); },
         .record = [this](const ReplySplicer& splicer) { hidden_ = splicer.hidden(); },
         .keep_alive = keep_alive});
    Status status(Code::kInternal, "did not end");
    auto run = [&]() -> net::Awaitable<void> { status = co_await answering.Run(first); };
    net::asio::co_spawn(context_, std::move(run), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
    context_.run();
    return status;
  }

  net::Awaitable<Result<Answering::Response>> Fetch(const std::string& body) {
    bodies_.push_back(body);
    if (replies_.empty()) co_return Status(Code::kUnavailable, "no more", Origin::kUpstream);
    Scripted next = std::move(replies_.front());
    replies_.pop_front();
    co_await client_.Until(kPing, next.pings_before_head);
    co_return std::make_unique<Upstream>(std::move(next), client_);
  }

  net::Awaitable<std::vector<std::string>> Answer(const std::vector<HeldCall>& calls, AnswerRoom room) {
    rooms_.push_back(room);
    co_return std::vector<std::string>(calls.size(), room.brief && !same_ ? "short answer" : "long answer");
  }

  net::asio::io_context context_;
  Client client_{context_};
  std::deque<Scripted> replies_;
  std::vector<std::string> bodies_;
  std::vector<AnswerRoom> rooms_;
  HiddenExchange hidden_;
  bool same_ = false;
  bool streams_ = false;
};

TEST_F(AnsweringTest, AReplyInOneBodyThatIsTooLargeToReadPassesAsItComes) {
  for (const size_t bytes : {Answering::kMaxReplyBytes, Answering::kMaxReplyBytes + 1}) {
    client_.got.clear();
    client_.finished = false;
    context_.restart();
    const std::string body = "{\"content\":\"" + std::string(bytes - 14, 'x') + "\"}";
    EXPECT_TRUE(Run({{.type = "application/json", .body = body}}).ok());
    EXPECT_TRUE(client_.got == body);
    EXPECT_TRUE(client_.finished);
    EXPECT_EQ(client_.status, 200);
  }
}

TEST_F(AnsweringTest, AReplyInOneBodyThatDoesNotDecodePassesAsItComes) {
  EXPECT_TRUE(Run({{.type = "application/json", .coding = "gzip", .body = "no gzip"}}).ok());
  EXPECT_EQ(client_.got, "no gzip");
  EXPECT_EQ(client_.given_head.headers.Find("content-encoding").value_or(""), "gzip");
  EXPECT_TRUE(client_.finished);
}

TEST_F(AnsweringTest, EventsAreReadWhateverTheProviderCallsThem) {
  streams_ = true;
  for (const std::string type : {"", "text/plain", "Text/Event-Stream; charset=utf-8"}) {
    client_.got.clear();
    context_.restart();
    EXPECT_TRUE(Run({{.type = type, .body = kAsks}, {.body = kSays}}).ok());
    EXPECT_EQ(Count(client_.got, "headroom_retrieve"), 0u);
    EXPECT_EQ(Count(client_.got, "\"Full.\""), 1u);
  }
}

TEST_F(AnsweringTest, AStreamThatWaitsForTheProviderIsKeptAlive) {
  EXPECT_TRUE(
      Run({{.body = kAsks}, {.body = kSays, .pings_before_head = 3, .pings_before_body = 5}}, milliseconds(2)).ok());
  EXPECT_GE(Count(client_.got, kPing), 5u);
  // Whole events, and the reply is there once the pings are taken out.
  std::string rest = client_.got;
  for (size_t at = rest.find(kPing); at != std::string::npos; at = rest.find(kPing)) rest.erase(at, kPing.size());
  EXPECT_EQ(Count(rest, "event: message_start\n"), 1u);
  EXPECT_EQ(Count(rest, "\"Full.\""), 1u);
  EXPECT_TRUE(rest.ends_with(Event("message_stop", "")));
  EXPECT_TRUE(client_.finished);
}

TEST_F(AnsweringTest, AReplyThatWaitsForNothingHasNoPing) {
  EXPECT_TRUE(Run({{.body = kSays}}, milliseconds(0)).ok());
  EXPECT_EQ(client_.got, kSays);
}

TEST_F(AnsweringTest, AClientThatIsGoneEndsThePings) {
  replies_.clear();
  auto leave = [this]() -> net::Awaitable<void> {
    co_await client_.Until(kPing, 2);
    client_.gone = true;
  };
  net::asio::co_spawn(context_, std::move(leave), [](const std::exception_ptr&) {});
  const Status status = Run({{.body = kAsks}, {.body = kSays, .pings_before_body = 1'000'000}}, milliseconds(2));
  EXPECT_EQ(status.origin(), Origin::kDownstream);
  EXPECT_FALSE(client_.finished);
}

TEST_F(AnsweringTest, AnswersThatMadeThePromptTooLongAreCutOnce) {
  for (const int refused : {400, 413}) {
    bodies_.clear();
    client_.got.clear();
    context_.restart();
    EXPECT_TRUE(
        Run({{.body = kAsks}, {.status = refused, .type = "application/json", .body = kRefusal}, {.body = kSays}})
            .ok());
    ASSERT_EQ(bodies_.size(), 2u);
    EXPECT_EQ(Count(bodies_[0], "long answer"), 1u);
    EXPECT_EQ(Count(bodies_[1], "long answer"), 0u);
    EXPECT_EQ(Count(bodies_[1], "short answer"), 1u);
    EXPECT_EQ(Count(bodies_[1], "headroom_retrieve"), 1u);
    ASSERT_EQ(hidden_.inserts.size(), 1u);
    EXPECT_EQ(Count(hidden_.inserts[0].results, "short answer"), 1u);
    EXPECT_EQ(Count(client_.got, "\"Full.\""), 1u);
    EXPECT_EQ(Count(client_.got, "event: error"), 0u);
  }
}

TEST_F(AnsweringTest, AfterShortAnswersThoseOfLaterRoundsAreShortAtOnce) {
  EXPECT_TRUE(Run({{.body = kAsks},
                   {.status = 400, .type = "application/json", .body = kRefusal},
                   {.body = kAsks},
                   {.body = kSays}})
                  .ok());
  ASSERT_EQ(rooms_.size(), 3u);
  EXPECT_FALSE(rooms_[0].brief);
  EXPECT_TRUE(rooms_[1].brief && rooms_[1].again);
  EXPECT_FALSE(rooms_[2].again);
  EXPECT_TRUE(rooms_[2].brief);
  EXPECT_EQ(bodies_.size(), 3u);
}

TEST_F(AnsweringTest, RefusedOnceMoreTheClientGetsTheProvidersError) {
  EXPECT_TRUE(Run({{.body = kAsks},
                   {.status = 400, .type = "application/json", .body = kRefusal},
                   {.status = 400, .type = "application/json", .body = kRefusal},
                   {.body = kSays}})
                  .ok());
  EXPECT_EQ(bodies_.size(), 2u);
  EXPECT_TRUE(client_.got.ends_with("event: error\ndata: " + kRefusal + "\n\n"));
  EXPECT_TRUE(client_.finished);
}

TEST_F(AnsweringTest, NothingIsAskedTwiceInTheSameWords) {
  same_ = true;
  EXPECT_TRUE(Run({{.body = kAsks}, {.status = 400, .type = "application/json", .body = kRefusal}}).ok());
  EXPECT_EQ(bodies_.size(), 1u);
  EXPECT_TRUE(client_.got.ends_with("event: error\ndata: " + kRefusal + "\n\n"));
}

TEST_F(AnsweringTest, AnswersKnowHowFullTheContextIs) {
  EXPECT_TRUE(Run({{.body = kAsks}, {.body = kSays}}).ok());
  ASSERT_EQ(rooms_.size(), 1u);
  EXPECT_EQ(rooms_[0].context_tokens, 120u);
}

}  // namespace
}  // namespace headroom::proxy
