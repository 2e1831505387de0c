#include "store/inventory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "store/store_testing.h"

namespace headroom::store {
namespace {

class InventoryTest : public testing::Test {
 protected:
  void SetUp() override { store_ = *Store::Open({.data_dir = directory_.data()}, clock_); }

  void Keep(const std::string& text, TenantId tenant, const std::string& project) {
    Original original = MakeOriginal(text, tenant);
    original.project = project;
    store_->PutOriginal(std::move(original));
    Node node = MakeNode(++number_, "payload of " + text);
    node.tenant = tenant;
    node.project = project;
    store_->Insert(std::move(node));
    store_->Flush();
  }
  Purged Purge(const DataFilter& filter) {
    const Result<Purged> purged = PurgeData(directory_.data(), filter);
    EXPECT_TRUE(purged.ok());
    return purged.ok() ? *purged : Purged();
  }
  bool Has(const std::string& text, TenantId tenant) { return store_->GetOriginal(tenant, ContentId(text)).ok(); }

  TestDirectory directory_;
  TestClock clock_;
  std::unique_ptr<Store> store_;
  uint64_t number_ = 0;
};

TEST_F(InventoryTest, SumsUpByTenantAndProjectBesideARunningStore) {
  Keep("one", kTenant, "a");
  Keep("three", kTenant, "a");
  Keep("other", kOtherTenant, "b");
  const Result<std::vector<DataSum>> sums = ListData(directory_.data());
  ASSERT_TRUE(sums.ok());
  ASSERT_EQ(sums->size(), 2u);
  EXPECT_EQ((*sums)[0].tenant, kTenant);
  EXPECT_EQ((*sums)[0].project, "a");
  EXPECT_EQ((*sums)[0].decisions, 2u);
  EXPECT_EQ((*sums)[0].originals, 2u);
  EXPECT_EQ((*sums)[0].original_bytes, 8u);
  EXPECT_EQ((*sums)[1].tenant, kOtherTenant);
  EXPECT_EQ((*sums)[1].last_used, clock_.UnixMillis() / 1000);
}

TEST_F(InventoryTest, PurgesOneTenantAndLeavesTheOthers) {
  Keep("mine", kTenant, "a");
  Keep("theirs", kOtherTenant, "a");
  const Purged purged = Purge({.tenant = kTenant});
  EXPECT_EQ(purged.originals, 1u);
  EXPECT_EQ(purged.decisions, 1u);
  EXPECT_FALSE(Has("mine", kTenant));
  EXPECT_TRUE(Has("theirs", kOtherTenant));
}

TEST_F(InventoryTest, PurgesOneProjectOfOneTenant) {
  Keep("one", kTenant, "a");
  Keep("two", kTenant, "b");
  Keep("three", kOtherTenant, "a");
  EXPECT_EQ(Purge({.tenant = kTenant, .project = "a"}).originals, 1u);
  EXPECT_FALSE(Has("one", kTenant));
  EXPECT_TRUE(Has("two", kTenant));
  EXPECT_TRUE(Has("three", kOtherTenant));
}

TEST_F(InventoryTest, PurgesWhatWasLastUsedBeforeASecondAndNothingOfThatSecond) {
  Keep("old", kTenant, "a");
  clock_.Advance(std::chrono::seconds(2 * 86'400));
  Keep("new", kTenant, "a");
  const int64_t now = clock_.UnixMillis() / 1000;
  const Purged purged = Purge({.unused_since = now});
  EXPECT_EQ(purged.originals, 1u);
  EXPECT_EQ(purged.decisions, 1u);
  EXPECT_FALSE(Has("old", kTenant));
  EXPECT_TRUE(Has("new", kTenant));
  EXPECT_EQ(Purge({.unused_since = now + 1}).originals, 1u);
}

TEST_F(InventoryTest, RemovesMoreRowsThanOneStepTakesAndTheirBytesFromTheFile) {
  for (int i = 0; i < 450; ++i) {
    store_->PutOriginal(MakeOriginal("SECRETWORD " + std::to_string(i)));
  }
  store_->Flush();
  EXPECT_EQ(Purge({}).originals, 450u);
  store_.reset();
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(directory_.database() + suffix, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(all.find("SECRETWORD"), std::string::npos) << suffix;
  }
}

TEST_F(InventoryTest, SaysWhenNothingIsKept) {
  EXPECT_EQ(ListData(directory_.path() + "/elsewhere").status().code(), Code::kNotFound);
  EXPECT_EQ(PurgeData(directory_.path() + "/elsewhere", {}).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace headroom::store
