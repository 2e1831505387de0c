#include "proxy/dashboard_data.h"

#include <gtest/gtest.h>

#include <memory>

#include "json/document.h"

namespace headroom::proxy {
namespace {

class DashboardDataTest : public testing::Test {
 protected:
  // Parses, or fails the test.
  std::string Make(std::vector<policy::Budgets::Standing> budgets = {}) {
    const std::string version = "1.2.3";
    std::string out = DashboardJson({.version = version,
                                     .started = 5,
                                     .activity = activity_,
                                     .metrics = metrics_,
                                     .retrievals = retrievals_,
                                     .budgets = std::move(budgets),
                                     .store = *store_});
    const PaddedBytes bytes(out);
    json::Document document;
    EXPECT_TRUE(document.Parse(bytes).ok()) << out;
    return out;
  }

  const Clock& clock_ = Clock::System();
  std::unique_ptr<store::Store> store_ = *store::Store::Open({}, clock_);
  Activity activity_{clock_, [](int64_t seconds) { return seconds / 86400; }};
  Metrics metrics_;
  RetrievalLog retrievals_{clock_};
};

TEST_F(DashboardDataTest, IsADocumentBeforeTheFirstRequest) {
  const std::string out = Make();
  EXPECT_NE(out.find(R"("version":"1.2.3","sequence":0,)"), std::string::npos);
  EXPECT_NE(out.find(R"("budgets":[])"), std::string::npos);
  EXPECT_NE(out.find(R"("recent":[])"), std::string::npos);
}

TEST_F(DashboardDataTest, WhatClientsAndProvidersSendMakesNoOtherDocument) {
  ExchangeRecord record;
  record.id = "hr_1";
  record.model = "a\"b\\\x01\xff\n";
  record.client = "\xc3";
  record.route.path = std::string(300, '/') + "\xff";
  record.status = 502;
  record.outcome = Status(Code::kUnavailable, "\xfe\"" + std::string(1000, 'x'));
  record.decided["no_gain"] = 2;
  activity_.Add(record, {});
  const std::string out = Make();
  EXPECT_NE(out.find(R"("model":"a\"b\\\u0001?\n")"), std::string::npos);
  EXPECT_EQ(out.find(std::string(301, 'x')), std::string::npos);
}

TEST_F(DashboardDataTest, FullSeriesAndNamesStayWithinAMegabyte) {
  for (size_t i = 0; i < 300; ++i) {
    ExchangeRecord record;
    record.id = "hr_1795537919_" + std::to_string(i);
    record.model = std::string(128, 'm') + std::to_string(i);
    record.client = std::string(32, 'c') + std::to_string(i);
    record.route.path = std::string(300, '/');
    record.status = 500;
    record.outcome = Status(Code::kInternal, std::string(1000, 'x'));
    activity_.Add(record, {});
  }
  EXPECT_LT(Make().size(), 300'000u);
}

TEST_F(DashboardDataTest, MoneyIsInDollarsAndMayBeNegative) {
  ExchangeRecord record;
  record.id = "hr_1";
  record.status = 200;
  record.cost = 1'230'000'000;
  record.net_savings = -4'000'000;
  activity_.Add(record, {});
  EXPECT_NE(Make().find(R"("priced":1,"cost_usd":1.230000,"netted":1,"net_usd":-0.004000,)"), std::string::npos);
}

TEST_F(DashboardDataTest, BudgetsHaveTheirNamesPeriodsAndEnds) {
  policy::Budgets::Standing all;
  all.limit = {5'000'000'000, policy::BudgetPeriod::kMonthly};
  all.span.end = 1'800'000'000;
  all.spent = 1'500'000'000;
  all.held = 250'000'000;
  policy::Budgets::Standing tenant = all;
  tenant.name = "team \"a\"";
  const std::string out = Make({all, tenant});
  EXPECT_NE(
      out.find(R"("budgets":[{"name":"All requests","period":"monthly","limit_usd":5.000000,"spent_usd":1.500000,)"
               R"("held_usd":0.250000,"ends_at":1800000000},{"name":"team \"a\"",)"),
      std::string::npos)
      << out;
}

}  // namespace
}  // namespace headroom::proxy
