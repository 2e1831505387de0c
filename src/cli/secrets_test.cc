#include "cli/secrets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace headroom::cli {
namespace {

class SecretsTest : public testing::Test {
 protected:
  SecretsTest() : folder_(testing::TempDir() + "secrets_test") { std::filesystem::create_directories(folder_); }
  ~SecretsTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& bytes) const {
    std::ofstream(folder_ + "/secret", std::ios::binary) << bytes;
    return "@" + folder_ + "/secret";
  }

  const std::string folder_;
};

TEST_F(SecretsTest, TextIsTheSecretItself) {
  EXPECT_EQ(*ReadSecret("abc", "/home/ada"), "abc");
  EXPECT_EQ(*ReadSecret("a@b", "/home/ada"), "a@b");
  EXPECT_EQ(*ReadSecret("", "/home/ada"), "");
}

TEST_F(SecretsTest, AnAtSignNamesAFileWhoseFirstLineItIs) {
  EXPECT_EQ(*ReadSecret(Write("abc"), ""), "abc");
  EXPECT_EQ(*ReadSecret(Write("abc\n"), ""), "abc");
  EXPECT_EQ(*ReadSecret(Write("abc\r\nmore\n"), ""), "abc");
  Write("from home\n");
  EXPECT_EQ(*ReadSecret("@~/secret", folder_), "from home");
}

TEST_F(SecretsTest, AFileThatGivesNoneIsAnErrorThatRepeatsNothingOfIt) {
  EXPECT_EQ(ReadSecret("@" + folder_ + "/none", "").status().detail(),
            "the secret's file " + folder_ + "/none: No such file or directory");
  EXPECT_EQ(ReadSecret("@" + folder_, "").status().detail(), "the secret's file " + folder_ + ": Is a directory");
  EXPECT_EQ(ReadSecret(Write("\nhidden"), "").status().detail(),
            "the secret's file " + folder_ + "/secret: the first line is empty");
  EXPECT_EQ(ReadSecret(Write(""), "").status().code(), Code::kInvalidArgument);
}

TEST_F(SecretsTest, SixteenKilobytesAreTheMost) {
  EXPECT_EQ(ReadSecret(Write(std::string(16 * 1024, 'a')), "")->size(), 16u * 1024);
  EXPECT_EQ(ReadSecret(Write(std::string(16 * 1024 + 1, 'a')), "").status().detail(),
            "the secret's file " + folder_ + "/secret: larger than 16 KiB");
}

}  // namespace
}  // namespace headroom::cli
