#include "proxy/admission.h"

#include <gtest/gtest.h>

#include <memory>

#include "proxy/admission_report.h"
#include "proxy/refusal.h"

namespace headroom::proxy {
namespace {

constexpr int64_t kDollar = 1'000'000'000;

class FakeClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::milliseconds(millis)); }
  int64_t UnixMillis() const override { return 1'795'521'600'000 + millis; }

  int64_t millis = 0;
};

class AdmissionTest : public ::testing::Test {
 protected:
  // A dollar for a million tokens of prompt, two for a million of output.
  AdmissionTest()
      : catalog_({{.model = "m", .prices = {.input = kDollar, .output = 2 * kDollar}}}),
        counters_(store::OpenEmbeddedCounters({}, clock_)) {}

  void Use(Admission::Options options) {
    admission_ = std::make_unique<Admission>(std::move(options), *counters_, catalog_, clock_);
  }
  void UseBudget(int64_t nanodollars) {
    Admission::Options options;
    options.budgets.installation = policy::BudgetLimit{nanodollars, policy::BudgetPeriod::kDaily};
    Use(std::move(options));
  }

  std::optional<Reply> Admit(Admission::Ticket& ticket, std::string_view sent = "{}",
                             Route::Kind kind = Route::Kind::kOptimized, std::string_view method = "POST") {
    route_.kind = kind;
    route_.api = Api::kMessages;
    return admission_->Admit({.route = route_,
                              .method = method,
                              .credential = credential_,
                              .tenant = credential_.tenant,
                              .peer_address = "127.0.0.1",
                              .model = model_,
                              .max_output = 1000,
                              .sent = sent},
                             ticket);
  }
  void Settle(Admission::Ticket& ticket, std::vector<Usage> replies, std::string model = "m") {
    ExchangeRecord record;
    record.route.api = Api::kMessages;
    record.model = std::move(model);
    record.replies = std::move(replies);
    admission_->Settle(ticket, record);
  }
  policy::Budgets::Standing Standing() { return admission_->report().standings.at(0); }

  FakeClock clock_;
  const policy::ModelCatalog catalog_;
  std::unique_ptr<store::Counters> counters_;
  std::unique_ptr<Admission> admission_;
  Route route_;
  Credential credential_{Credential::Kind::kKey, {1, 1}, {1, 1}};
  std::string model_ = "m";
};

TEST_F(AdmissionTest, WithoutLimitsNothingIsTaken) {
  Use({});
  Admission::Ticket ticket;
  EXPECT_FALSE(Admit(ticket).has_value());
  EXPECT_TRUE(admission_->AdmitAgain(ticket, "{}", false));
  Settle(ticket, {{.input = 5}});
  EXPECT_EQ(counters_->stats().buckets, 0u);
  EXPECT_TRUE(admission_->report().standings.empty());
}

TEST_F(AdmissionTest, MostThatARequestMayCostIsHeldUntilUsageSaysWhatItDid) {
  UseBudget(10 * kDollar);
  Admission::Ticket ticket;
  ASSERT_FALSE(Admit(ticket, std::string(3000, 'x')).has_value());
  // 1,000 tokens of prompt at the first rate, 1,000 of output.
  EXPECT_EQ(Standing().held, 1'000'000 + 2'000'000);
  EXPECT_EQ(Standing().spent, 0);
  Settle(ticket, {{.input = 700, .output = 10}});
  EXPECT_EQ(Standing().held, 0);
  EXPECT_EQ(Standing().spent, 700'000 + 20'000);
}

TEST_F(AdmissionTest, TicketThatIsNeverSettledGivesBackWhatItHeld) {
  UseBudget(10 * kDollar);
  {
    Admission::Ticket ticket;
    ASSERT_FALSE(Admit(ticket).has_value());
    EXPECT_GT(Standing().held, 0);
  }
  EXPECT_EQ(Standing().held, 0);
  EXPECT_EQ(Standing().spent, 0);
}

TEST_F(AdmissionTest, PromptsThatMayBeWrittenToTheCacheAreHeldAtThatPrice) {
  UseBudget(10 * kDollar);
  const std::string mark = R"("cache_control":{"type":"ephemeral"})";
  const std::string hour = R"("cache_control":{"type":"ephemeral","ttl":"1h"})";
  Admission::Ticket plain, five_minutes, one_hour;
  ASSERT_FALSE(Admit(plain, std::string(3000, 'x')).has_value());
  const int64_t first = Standing().held;
  ASSERT_FALSE(Admit(five_minutes, mark + std::string(3000 - mark.size(), 'x')).has_value());
  const int64_t second = Standing().held - first;
  ASSERT_FALSE(Admit(one_hour, hour + std::string(3000 - hour.size(), 'x')).has_value());
  const int64_t third = Standing().held - first - second;
  EXPECT_EQ(second - first, 250'000);
  EXPECT_EQ(third - first, 1'000'000);
}

TEST_F(AdmissionTest, FurtherRequestsOfAnExchangeAreHeldAndSettledOnce) {
  UseBudget(4'000'000);
  Admission::Ticket ticket;
  ASSERT_FALSE(Admit(ticket, std::string(3000, 'x')).has_value());
  EXPECT_TRUE(admission_->AdmitAgain(ticket, std::string(3000, 'x'), false));
  EXPECT_EQ(Standing().held, 6'000'000);
  EXPECT_FALSE(admission_->AdmitAgain(ticket, std::string(3000, 'x'), false));
  EXPECT_TRUE(admission_->AdmitAgain(ticket, std::string(3000, 'x'), true)) << "an answer under way goes on";
  Settle(ticket, {{.input = 1000}, {.input = 2000}, {.input = 3000}});
  EXPECT_EQ(Standing().held, 0);
  EXPECT_EQ(Standing().spent, 6'000'000);
}

TEST_F(AdmissionTest, LongPromptsArePricedReplyByReply) {
  UseBudget(100 * kDollar);
  Admission::Ticket ticket;
  ASSERT_FALSE(Admit(ticket).has_value());
  Settle(ticket, {{.input = 10, .cache_read = 20, .output = 5}, {.input = 1, .output = 1}});
  EXPECT_EQ(Standing().spent, (10 + 20) * 1000 + 5 * 2000 + 1000 + 2000);
}

TEST_F(AdmissionTest, BodyThatWasNotReadIsChargedByTheModelOfItsReply) {
  UseBudget(100 * kDollar);
  model_.clear();
  Admission::Ticket ticket;
  ASSERT_FALSE(Admit(ticket, "", Route::Kind::kCarried).has_value());
  EXPECT_EQ(Standing().held, 0);
  Settle(ticket, {{.input = 1000}});
  EXPECT_EQ(Standing().spent, 1'000'000);
}

TEST_F(AdmissionTest, OnlyPaidRequestsCountAgainstABudget) {
  UseBudget(0);
  Admission::Ticket one, two, three, four;
  EXPECT_FALSE(Admit(one, "{}", Route::Kind::kCountTokens).has_value());
  EXPECT_FALSE(Admit(two, "", Route::Kind::kCarried, "GET").has_value());
  EXPECT_TRUE(Admit(three, "{}", Route::Kind::kCarried).has_value());
  EXPECT_TRUE(Admit(four, "{}", Route::Kind::kOptimized).has_value());
  EXPECT_EQ(admission_->report().over_budget, 2u);
}

TEST_F(AdmissionTest, ClientsWithoutACredentialAreToldApartByAddress) {
  Admission::Options options;
  options.rates.requests_per_minute = 1;
  Use(std::move(options));
  credential_.kind = Credential::Kind::kNone;
  Admission::Ticket first, second;
  EXPECT_FALSE(Admit(first).has_value());
  EXPECT_TRUE(Admit(second).has_value());
  Admission::Ticket elsewhere;
  EXPECT_FALSE(admission_
                   ->Admit({.route = route_,
                            .method = "POST",
                            .credential = credential_,
                            .tenant = {},
                            .peer_address = "127.0.0.2",
                            .model = "m",
                            .max_output = std::nullopt,
                            .sent = "{}"},
                           elsewhere)
                   .has_value());
}

TEST_F(AdmissionTest, TokensAreCorrectedByUsageAndRequestsAreNot) {
  Admission::Options options;
  options.rates = {.requests_per_minute = 2, .tokens_per_minute = 1000};
  Use(std::move(options));
  {
    Admission::Ticket ticket;
    ASSERT_FALSE(Admit(ticket, std::string(600, 'x')).has_value());
    Settle(ticket, {{.input = 50, .cache_read = 850}});
  }
  Admission::Ticket ticket;
  const std::optional<Reply> refused = Admit(ticket, std::string(600, 'x'));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->head.headers.Find("anthropic-ratelimit-tokens-remaining"), "100");
  EXPECT_EQ(refused->head.headers.Find("anthropic-ratelimit-requests-remaining"), "1");
  EXPECT_EQ(admission_->report().rate_limited, 1u);
  clock_.millis = 60'000;
  EXPECT_FALSE(Admit(ticket, std::string(600, 'x')).has_value());
}

TEST_F(AdmissionTest, GuessedPricesAreCountedByModel) {
  UseBudget(1'000'000 * kDollar);
  model_ = "zyx-1";
  for (int i = 0; i < 2; ++i) {
    Admission::Ticket ticket;
    ASSERT_FALSE(Admit(ticket).has_value());
    Settle(ticket, {{.input = 1000}}, "zyx-1");
  }
  EXPECT_EQ(admission_->report().guessed_prices, (std::map<std::string, uint64_t>{{"zyx-1", 2}}));
  EXPECT_GT(Standing().spent, 0);
}

TEST_F(AdmissionTest, ReportIsJson) {
  UseBudget(5 * kDollar / 2);
  EXPECT_EQ(
      BudgetMembers(admission_->report()),
      R"("period_cost_usd":0.000000000,"budget_limit_usd":2.500000000,"budget_period":"daily","budget_remaining_usd":2.500000000)");
  EXPECT_TRUE(AdmissionMembers(admission_->report()).starts_with(R"("rate_limiter":null,"budgets":[{"tenant":null,)"));
  Use({});
  EXPECT_EQ(BudgetMembers(admission_->report()),
            R"("period_cost_usd":null,"budget_limit_usd":null,"budget_period":null,"budget_remaining_usd":null)");
}

TEST(RefusalTest, SpansAreWrittenAsOpenAiWritesThem) {
  const auto reset = [](int64_t millis) {
    const LimitState state{
        60, {.left = 0, .full = std::chrono::milliseconds(millis), .enough = std::chrono::milliseconds(1)}};
    return std::string(RateLimitReply(Api::kChat, {.requests = state, .tokens = std::nullopt, .unix_millis = 0})
                           .head.headers.Find("x-ratelimit-reset-requests")
                           .value_or(""));
  };
  EXPECT_EQ(reset(20), "20ms");
  EXPECT_EQ(reset(1500), "1.5s");
  EXPECT_EQ(reset(60'000), "1m0s");
  EXPECT_EQ(reset(75'500), "1m16s");
}

TEST(RefusalTest, LimitThatGivesLastIsNamed) {
  const LimitState requests{60, {.left = 0, .full = {}, .enough = std::chrono::milliseconds(1000)}};
  const LimitState tokens{500, {.left = -9, .full = {}, .enough = std::chrono::milliseconds(2001)}};
  const Reply reply = RateLimitReply(Api::kChat, {.requests = requests, .tokens = tokens, .unix_millis = 0});
  EXPECT_EQ(reply.head.status, 429);
  EXPECT_EQ(reply.head.headers.Find("retry-after"), "3");
  EXPECT_EQ(reply.head.headers.Find("x-ratelimit-remaining-tokens"), "0");
  EXPECT_NE(reply.body.find(R"("type":"tokens","code":"rate_limit_exceeded")"), std::string::npos) << reply.body;
}

TEST(RefusalTest, AmountsAreExact) {
  const auto message = [](int64_t limit) { return BudgetReply(Api::kChat, {.limit = limit}).body; };
  EXPECT_NE(message(1).find("of $0.000000001 is spent"), std::string::npos);
  EXPECT_NE(message(2'500'000'000).find("of $2.5 is spent"), std::string::npos);
  EXPECT_NE(message(100'000'000'000).find("of $100 is spent"), std::string::npos);
}

}  // namespace
}  // namespace headroom::proxy
