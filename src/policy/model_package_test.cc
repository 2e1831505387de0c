// Equality with the price list's own package, which node runs beside this test:
// which entry a name means, its window, and what a long request costs.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "policy/model_catalog.h"

namespace headroom::policy {
namespace {

constexpr int64_t kDay = 1'790'000'000'000;  // in September 2026

class OnThatDay : public Clock {
 public:
  TimePoint Now() const override { return {}; }
  int64_t UnixMillis() const override { return kDay; }
};

std::string PackageAnswers() {
  const std::string command =
      "'" HEADROOM_NODE "' '" HEADROOM_POLICY_DIR "/package_answers.mjs' '" HEADROOM_PRICES "' " + std::to_string(kDay);
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  for (size_t read = 0; (read = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) out.append(buffer, read);
  return pclose(pipe) == 0 ? out : "";
}

double Dollars(const ModelFacts& facts) {
  const bool is_long = facts.long_prompt && facts.long_prompt->above < 300'000;
  const Prices& prices = is_long ? facts.long_prompt->prices : facts.prices;
  return (static_cast<double>(prices.input.value_or(0)) * 300'000 +
          static_cast<double>(prices.output.value_or(0)) * 10'000) /
         1e15;
}

TEST(ModelPackageTest, EveryNameOfTheListMeansWhatItsPackageSays) {
  const std::string answers = PackageAnswers();
  ASSERT_FALSE(answers.empty()) << "node and the package are needed: run npm ci";
  const OnThatDay clock;
  const ModelCatalog catalog({}, clock);
  size_t compared = 0;
  std::istringstream lines(answers);
  for (std::string name, provider, id, rest; std::getline(lines, name, '\t') && std::getline(lines, provider, '\t') &&
                                             std::getline(lines, id, '\t') && std::getline(lines, rest);) {
    uint64_t window = 0;
    double dollars = 0;
    std::istringstream(rest) >> window >> dollars;
    const std::optional<ModelFacts> facts = catalog.Find(name);
    ASSERT_TRUE(facts) << name;
    EXPECT_EQ(facts->provider, provider) << name;
    EXPECT_EQ(facts->id, id) << name;
    EXPECT_EQ(facts->context_window.value_or(0), window) << name;
    EXPECT_NEAR(Dollars(*facts), dollars, 1e-6 + dollars * 1e-6) << name;
    ++compared;
  }
  EXPECT_GT(compared, 300u);
}

}  // namespace
}  // namespace headroom::policy
