#include "store/sealer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "store/store_testing.h"

namespace headroom::store {
namespace {

const std::string kKey(64, 'a');
const std::string kOtherKey = std::string(63, 'a') + "b";

std::shared_ptr<const Sealer> Make(const std::string& key = kKey) {
  Result<std::shared_ptr<const Sealer>> sealer = Sealer::FromText(key);
  EXPECT_TRUE(sealer.ok());
  return *sealer;
}

TEST(SealerTest, WhatIsSealedOpensWithTheSameKeyAboutTheSameRow) {
  for (const std::string& plain : {std::string(), std::string("x"), std::string(100'000, 'y')}) {
    std::string sealed;
    std::string opened;
    ASSERT_TRUE(Make()->Seal(plain, "row 1", sealed));
    EXPECT_EQ(sealed.size(), plain.size() + Sealer::kNonceBytes + Sealer::kTagBytes);
    ASSERT_TRUE(Make()->Open(sealed, "row 1", opened));
    EXPECT_EQ(opened, plain);
    EXPECT_FALSE(Make()->Open(sealed, "row 2", opened));
    EXPECT_FALSE(Make(kOtherKey)->Open(sealed, "row 1", opened));
  }
}

TEST(SealerTest, NoBitCanChangeUnnoticed) {
  std::string sealed;
  std::string opened;
  ASSERT_TRUE(Make()->Seal("attack at dawn", "row", sealed));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Make()->Open(changed, "row", opened)) << bit;
  }
  for (size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(Make()->Open(sealed.substr(0, size), "row", opened));
}

TEST(SealerTest, TheSameTextIsSealedDifferentlyEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    std::string sealed;
    ASSERT_TRUE(Make()->Seal("same", "row", sealed));
    seen.insert(sealed.substr(0, Sealer::kNonceBytes));
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(SealerTest, AKeyIsReadAsHexadecimalOrBase64) {
  std::string sealed;
  std::string opened;
  const std::string zeros(64, '0');
  ASSERT_TRUE(Make(zeros)->Seal("x", "", sealed));
  EXPECT_TRUE(Make("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")->Open(sealed, "", opened));
  for (const std::string& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                                 std::string(44, 'A'), std::string(43, 'A'), std::string(42, 'A') + "=="}) {
    EXPECT_FALSE(Sealer::FromText(bad).ok()) << bad;
  }
}

class SealedStoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Store>> Open(std::shared_ptr<const Sealer> sealer) {
    return Store::Open({.data_dir = directory_.data(), .sealer = std::move(sealer)}, clock_);
  }
  std::string OnDisk() {
    std::string all;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(directory_.database() + suffix, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }
  static bool Has(Store& store, const std::string& text) {
    const Result<Original> original = store.GetOriginal(kTenant, ContentId(text));
    return original.ok() && original->text == text;
  }

  TestDirectory directory_;
  TestClock clock_;
};

TEST_F(SealedStoreTest, NeitherOriginalsNorPayloadsAreOnDiskInTheClear) {
  const std::string original = "the original SECRETWORD";
  {
    auto store = Open(Make());
    ASSERT_TRUE(store.ok());
    (*store)->PutOriginal(MakeOriginal(original));
    (*store)->Insert(MakeNode(1, "the payload SECRETWORD"));
    (*store)->Flush();
    EXPECT_EQ(OnDisk().find("SECRETWORD"), std::string::npos);
  }
  EXPECT_EQ(OnDisk().find("SECRETWORD"), std::string::npos);
  auto store = Open(Make());
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(Has(**store, original));
  const auto found = (*store)->Find({MakeNode(1, "").key});
  ASSERT_TRUE(found[0].has_value());
  EXPECT_EQ(found[0]->payload, "the payload SECRETWORD");
  EXPECT_EQ((*store)->stats().corrupt_rows, 0u);
}

TEST_F(SealedStoreTest, AWrongKeyAndNoKeyAreRefusedAtTheStart) {
  ASSERT_TRUE(Open(Make()).ok());
  const Status wrong = Open(Make(kOtherKey)).status();
  EXPECT_EQ(wrong.code(), Code::kInvalidArgument);
  EXPECT_NE(wrong.detail().find("another key"), std::string::npos) << wrong.detail();
  const Status none = Open(nullptr).status();
  EXPECT_EQ(none.code(), Code::kInvalidArgument);
  EXPECT_NE(none.detail().find("encrypted"), std::string::npos) << none.detail();
  EXPECT_TRUE(Open(Make()).ok());
}

TEST_F(SealedStoreTest, RowsFromBeforeTheKeyStayReadableAndNewOnesAreSealed) {
  const std::string before = "written before SECRETWORD";
  const std::string after = "written after OTHERWORD";
  {
    auto store = Open(nullptr);
    ASSERT_TRUE(store.ok());
    (*store)->PutOriginal(MakeOriginal(before));
    (*store)->Flush();
  }
  auto store = Open(Make());
  ASSERT_TRUE(store.ok());
  (*store)->PutOriginal(MakeOriginal(after));
  (*store)->Flush();
  EXPECT_TRUE(Has(**store, before));
  EXPECT_TRUE(Has(**store, after));
  EXPECT_NE(OnDisk().find("SECRETWORD"), std::string::npos);
  EXPECT_EQ(OnDisk().find("OTHERWORD"), std::string::npos);
}

}  // namespace
}  // namespace headroom::store
