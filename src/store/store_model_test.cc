// A random sequence of calls, restarts and days against a slow twin made of
// std::map. Deterministic: fixed seeds, and nothing depends on when the writer
// runs.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/store.h"
#include "store/store_testing.h"

namespace headroom::store {
namespace {

struct ModelNode {
  Node node;
  int64_t last_day = 0;
};

struct ModelOriginal {
  std::string text;
  uint64_t retrievals = 0;
};

// Days are whole, and every original is used at the latest when it is put; an
// original is only looked up while it is alive by either reckoning of last use
// (the store moves it once per hour), or certainly dead.
class Model {
 public:
  explicit Model(uint64_t seed, bool on_disk) : random_(seed) {
    if (on_disk) options_ = OptionsFor(directory_);
    options_.memory_budget_bytes = on_disk ? 100u << 10 : 64u << 20;
    store_ = OpenStore(options_, clock_);
  }

  void Run(int steps, bool reopen) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      const uint64_t dice = random_() % 100;
      if (dice < 35) {
        Decide();
      } else if (dice < 70) {
        FindMany();
      } else if (dice < 80) {
        Put();
      } else if (dice < 93) {
        Get();
      } else if (dice < 95) {
        clock_.Advance(std::chrono::hours(24 * (random_() % 4)));
      } else if (dice < 98) {
        store_->Flush();
      } else if (reopen) {
        store_.reset();
        store_ = OpenStore(options_, clock_);
      }
    }
    EXPECT_EQ(store_->stats().corrupt_rows, 0u);
    EXPECT_EQ(store_->stats().read_failures, 0u);
    EXPECT_EQ(store_->stats().write_failures, 0u);
  }

 private:
  static constexpr uint64_t kKeys = 400;
  static constexpr int64_t kNodeDays = 30;
  static constexpr int64_t kOriginalSeconds = 7 * 86400;

  int64_t Seconds() const { return clock_.UnixMillis() / 1000; }
  int64_t Day() const { return Seconds() / 86400; }

  std::string RandomText() {
    std::string text(random_() % 3000, 'a');
    for (size_t i = 0; i < text.size(); i += 1 + random_() % 20) text[i] = static_cast<char>(random_() % 256);
    return text;
  }

  // Nullptr if the model has forgotten the key.
  ModelNode* Lookup(const Hash128& key) {
    const auto found = nodes_.find(key);
    if (found == nodes_.end()) return nullptr;
    if (Day() - found->second.last_day > kNodeDays) {
      nodes_.erase(found);
      return nullptr;
    }
    return &found->second;
  }

  // As callers do: Find first, Insert only what is unknown.
  void Decide() {
    Node node = MakeNode(random_() % kKeys, RandomText());
    ModelNode* known = Lookup(node.key);
    const std::optional<Node> found = FindOne(*store_, node.key);
    ASSERT_EQ(found.has_value(), known != nullptr);
    if (known != nullptr) {
      ExpectEqual(*found, known->node);
      known->last_day = Day();
      return;
    }
    ExpectEqual(store_->Insert(node), node);
    nodes_[node.key] = {.node = node, .last_day = Day()};
  }

  void FindMany() {
    std::vector<Hash128> keys;
    for (uint64_t count = random_() % 30; count > 0; --count) keys.push_back(MakeNode(random_() % kKeys, "").key);
    const auto found = store_->Find(keys);
    ASSERT_EQ(found.size(), keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      ModelNode* known = Lookup(keys[i]);
      ASSERT_EQ(found[i].has_value(), known != nullptr);
      if (known == nullptr) continue;
      ExpectEqual(*found[i], known->node);
      known->last_day = Day();
    }
  }

  void Put() {
    const Original original = MakeOriginal("original " + std::to_string(random_() % 50) + std::string(500, 'o'),
                                           random_() % 2 == 0 ? kTenant : kOtherTenant);
    ForgetOriginals();
    store_->PutOriginal(original);
    // Two rows with one key differ by nothing but use; written before time moves.
    store_->Flush();
    originals_.try_emplace({original.tenant, original.id}, ModelOriginal{original.text});
    used_[{original.tenant, original.id}] = Seconds();
  }

  void Get() {
    ForgetOriginals();
    const std::string text = "original " + std::to_string(random_() % 50) + std::string(500, 'o');
    const TenantId tenant = random_() % 2 == 0 ? kTenant : kOtherTenant;
    const auto known = originals_.find({tenant, ContentId(text)});
    const Result<Original> got = store_->GetOriginal(tenant, ContentId(text));
    ASSERT_EQ(got.ok(), known != originals_.end());
    store_->Flush();
    if (!got.ok()) return;
    used_[known->first] = Seconds();
    EXPECT_EQ(got->text, known->second.text);
    EXPECT_EQ(got->retrievals, ++known->second.retrievals);
  }

  // Time moves by whole days, so the hourly resolution of last use plays no part.
  void ForgetOriginals() {
    for (auto it = originals_.begin(); it != originals_.end();) {
      it = Seconds() - used_[it->first] > kOriginalSeconds ? originals_.erase(it) : std::next(it);
    }
  }

  std::mt19937_64 random_;
  TestDirectory directory_;
  TestClock clock_;
  Store::Options options_;
  std::unique_ptr<Store> store_;
  std::map<Hash128, ModelNode> nodes_;
  std::map<std::pair<TenantId, std::string>, ModelOriginal> originals_;
  std::map<std::pair<TenantId, std::string>, int64_t> used_;
};

TEST(StoreModelTest, AgreesWithAMapAcrossRestartsAndDays) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    Model(seed, /*on_disk=*/true).Run(1500, /*reopen=*/true);
  }
}

TEST(StoreModelTest, AgreesWithAMapInMemoryAlone) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    Model(seed, /*on_disk=*/false).Run(3000, /*reopen=*/false);
  }
}

}  // namespace
}  // namespace headroom::store
