#include "cli/local_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/clock.h"
#include "base/hash.h"
#include "proxy/credential.h"

namespace headroom::cli {
namespace {

Environment Variables(const std::map<std::string, std::string>& variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

class LocalStoreTest : public testing::Test {
 protected:
  LocalStoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "headroom-local-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    config_.data_dir = directory_ + "/data";
  }
  ~LocalStoreTest() override { std::filesystem::remove_all(directory_); }

  Result<std::string> Fetch(std::string_view text, const std::map<std::string, std::string>& variables = {},
                            const std::string& key_variable = "") {
    return LocalStore::Open(config_)->Fetch(ContentId(text), Variables(variables), key_variable);
  }

  // As a proxy on the same directory would keep it.
  void KeepFor(const std::string& key, std::string_view text) {
    net::HeaderList headers;
    headers.Add("x-api-key", key);
    store::Original original;
    original.id = ContentId(text);
    original.tenant = proxy::ReadCredential(headers, {}).tenant;
    original.text = text;
    (*store::Store::Open({.data_dir = config_.data_dir}, Clock::System()))->PutOriginal(original);
  }

  std::string directory_;
  Config config_;
};

TEST_F(LocalStoreTest, WhatWasKeptIsFetchedByAnotherProcess) {
  const std::string text("a\0b\r\n\xff", 6);
  ASSERT_TRUE(LocalStore::Open(config_)->Keep(text, "Bash", 3, 2).ok());
  EXPECT_EQ(*Fetch(text), text);
  EXPECT_EQ(Fetch("other").status().code(), Code::kNotFound);
}

TEST_F(LocalStoreTest, OriginalsOfAKeyAreForWhoHasTheKey) {
  KeepFor("sk-1", "of one");
  EXPECT_EQ(Fetch("of one").status().code(), Code::kNotFound);
  EXPECT_EQ(Fetch("of one", {{"ANTHROPIC_API_KEY", "sk-2"}, {"MY_KEY", "sk-1"}}).status().code(), Code::kNotFound);
  EXPECT_EQ(*Fetch("of one", {{"ANTHROPIC_API_KEY", "sk-1"}}), "of one");
  EXPECT_EQ(*Fetch("of one", {{"ANTHROPIC_API_KEY", "sk-2"}, {"OPENAI_API_KEY", "sk-1"}}), "of one");
  EXPECT_EQ(*Fetch("of one", {{"MY_KEY", "sk-1"}}, "MY_KEY"), "of one");
}

TEST_F(LocalStoreTest, ADirectoryThatCannotBeMadeIsAnError) {
  config_.data_dir = "/proc/none/data";
  const Result<LocalStore> store = LocalStore::Open(config_);
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.status().detail().find("/proc/none/data"), std::string::npos);
}

}  // namespace
}  // namespace headroom::cli
