#include "learning/keyed_hash.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace headroom::learning {
namespace {

// 000102...0f, the key of the reference's test vectors.
std::string ReferenceKey() {
  std::string key;
  for (char byte = 0; byte < 16; ++byte) key.push_back(byte);
  return key;
}

std::string HexOf(const std::array<uint8_t, 16>& hash) {
  return Hex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

// Expectations: openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 -in FILE SIPHASH
TEST(KeyedHashTest, IsSipHashAsOpenSslHasIt) {
  const KeyedHash hash(ReferenceKey());
  EXPECT_EQ(HexOf(hash.Hash("")), "a3817f04ba25a8e66df67214c7550293");
  EXPECT_EQ(HexOf(hash.Hash("a")), "0ea4f2fb02ad21d92d5fc91684f26426");
  EXPECT_EQ(HexOf(hash.Hash(std::string_view("kind\0log\0Bash", 13))), "4be951a2a6cedd9ac9bf06b18c488842");
}

TEST(KeyedHashTest, AnIdIsTheFirstTwelveBytesAndAWordTheFirstEight) {
  const KeyedHash hash(ReferenceKey());
  EXPECT_EQ(hash.Id("tool", "Bash"), "7b8296070b0e024e9c2afae5");
  EXPECT_EQ(WordHex(hash.Word("word", "owner")), "6960313b172353bc");
}

TEST(KeyedHashTest, AnotherKeyGivesAnotherHash) {
  EXPECT_NE(KeyedHash(ReferenceKey()).Id("tool", "Bash"), KeyedHash(KeyedHash::NewKey()).Id("tool", "Bash"));
}

class KeyFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("learning_key_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "toin.json.key").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(KeyFileTest, AKeyIsMadeOnceAndOnlyItsOwnerMayReadIt) {
  const Result<std::string> made = KeyedHash::LoadOrMake(path_);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->size(), KeyedHash::kKeyBytes);
  EXPECT_EQ(*KeyedHash::LoadOrMake(path_), *made);
  struct stat about {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(KeyFileTest, ThreadsThatMakeAKeyAtOnceGetTheSame) {
  std::vector<std::string> keys(8);
  std::vector<std::thread> threads;
  for (std::string& key : keys) {
    threads.emplace_back([&] { key = *KeyedHash::LoadOrMake(path_); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& key : keys) EXPECT_EQ(key, keys[0]);
}

TEST_F(KeyFileTest, AFileThatIsNoKeyIsSaidToBeNone) {
  for (const std::string text : {"fifteen bytes..", "seventeen bytes.."}) {
    std::ofstream(path_) << text;
    EXPECT_EQ(KeyedHash::LoadOrMake(path_).status().code(), Code::kDataLoss) << text;
  }
  EXPECT_EQ(KeyedHash::LoadOrMake((folder_ / "missing" / "key").string()).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace headroom::learning
