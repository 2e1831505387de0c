#include "learning/pattern_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace headroom::learning {
namespace {

const std::string kTenant(24, 'a');
const std::string kSignature(24, 'b');

Patterns Sample() {
  Patterns patterns;
  patterns.Update({kTenant, kSignature}, [](Pattern& pattern) {
    pattern.excerpts = 12;
    pattern.lossless = 2;
    pattern.units = 1200;
    pattern.units_kept = 120;
    pattern.tokens_before = 9000;
    pattern.tokens_after = 1000;
    pattern.whole_retrievals = 1;
    pattern.query_retrievals = 7;
    pattern.visible_retrievals = 2;
    pattern.recent_excerpts = 12;
    pattern.recent_whole = 1;
    pattern.recent_query = 5;
    pattern.fields.Add(0x0123456789abcdef, 5);
    pattern.words.Add(0xffffffffffffffff, 4);
    pattern.queries.Add(1, 3);
    pattern.strategies["json_excerpt"] = {12, 6};
    pattern.field_count = 4;
    pattern.depth = 2;
    pattern.traits = 9;
    pattern.updated = 1'764'000'000;
  });
  patterns.Update({"", kSignature}, [](Pattern& pattern) {
    pattern.of_tool = true;
    pattern.excerpts = 5;
    pattern.AddTenant(kTenant);
    pattern.more_tenants = true;
  });
  return patterns;
}

class PatternFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("learning_file_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / "toin.json").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<Patterns> See(const std::string& signature, uint64_t times) {
    return ChangePatterns(path_, hash_, 7, [&](Patterns& patterns) {
      patterns.Update({"", signature}, [&](Pattern& pattern) { pattern.excerpts += times; });
    });
  }

  const KeyedHash hash_{KeyedHash::NewKey()};
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(PatternFileTest, ReadsWhatItWrites) {
  const std::string text = WritePatterns(Sample(), hash_, 1'764'000'001);
  const Result<Patterns> read = ReadPatterns(text, hash_);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(WritePatterns(*read, hash_, 1'764'000'001), text);
  const Pattern* pattern = read->Find({kTenant, kSignature});
  ASSERT_NE(pattern, nullptr);
  EXPECT_EQ(pattern->compressions(), 14U);
  EXPECT_EQ(pattern->retrievals(), 8U);
  EXPECT_EQ(pattern->fields.counts().at(0x0123456789abcdef), 5U);
  EXPECT_EQ(pattern->strategies.at("json_excerpt").opened, 6U);
  EXPECT_TRUE(read->Find({"", kSignature})->of_tool);
  EXPECT_TRUE(read->Find({"", kSignature})->more_tenants);
}

TEST_F(PatternFileTest, HasTheMembersThatReadersOfSuchFilesKnow) {
  const std::string text = WritePatterns(Sample(), hash_, 1'764'000'001);
  for (const std::string_view member :
       {"\"version\": \"1.0\"", "\"export_timestamp\": 1764000001", "\"instance_id\"", "\"patterns\"",
        "\"total_compressions\": 14", "\"total_retrievals\": 8",
        "\"commonly_retrieved_fields\": [\"0123456789abcdef\"]", "\"skip_compression_recommended\": false",
        "\"sample_size\": 14", "\"strategy_success_rates\": {\"json_excerpt\": 0.500}"}) {
    EXPECT_NE(text.find(member), std::string::npos) << member << "\n" << text;
  }
}

TEST_F(PatternFileTest, AnotherInstallationsFileIsRefused) {
  const std::string text = WritePatterns(Sample(), KeyedHash(KeyedHash::NewKey()), 1);
  EXPECT_EQ(ReadPatterns(text, hash_).status().code(), Code::kFailedPrecondition);
}

TEST_F(PatternFileTest, WhatIsNoFileOfPatternsIsRefused) {
  const std::string id = "\"instance_id\":\"" + InstanceId(hash_) + "\"";
  const std::string head = R"({"version":"1.0",)" + id;
  const std::string sound = head + R"(,"patterns":{")" + kSignature + R"(":{"excerpts":1}}})";
  ASSERT_TRUE(ReadPatterns(sound, hash_).ok());
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), head + "}",
        R"({"version":"2.0",)" + id + R"(,"patterns":{}})", head + R"(,"patterns":[]})",
        head + R"(,"patterns":{"short":{}}})", head + R"(,"patterns":{")" + kSignature + R"(":1}})",
        head + R"(,"patterns":{")" + kSignature + R"(":{"excerpts":-1}}})",
        head + R"(,"patterns":{")" + kSignature + R"(":{"excerpts":"1"}}})",
        head + R"(,"patterns":{")" + kSignature + R"(":{"strategies":{"No Rule":{}}}}})",
        head + R"(,"patterns":{")" + kSignature + R"(":{"field_retrieval_frequency":{"owner":3}}}})",
        head + R"(,"patterns":{},"tenants":{"me":{}}})", sound.substr(0, sound.size() - 1)}) {
    EXPECT_EQ(ReadPatterns(text, hash_).status().code(), Code::kDataLoss) << text;
  }
}

TEST_F(PatternFileTest, CountsBeyondTheirLimitsAreCut) {
  const std::string text = R"({"version":"1.0","instance_id":")" + InstanceId(hash_) + R"(","patterns":{")" +
                           kSignature + R"(":{"excerpts":18446744073709551615,"recent_excerpts":4000000000}}})";
  const Result<Patterns> read = ReadPatterns(text, hash_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->Find({"", kSignature})->excerpts, uint64_t{1} << 53);
  EXPECT_LT(read->Find({"", kSignature})->recent_excerpts, Pattern::kRecent);
}

TEST_F(PatternFileTest, AFileLargerThanItsLimitIsNotRead) {
  std::string text = WritePatterns(Sample(), hash_, 1);
  text.resize(kMaxPatternFileBytes, ' ');
  EXPECT_TRUE(ReadPatterns(text, hash_).ok());
  text.push_back(' ');
  EXPECT_EQ(ReadPatterns(text, hash_).status().code(), Code::kResourceExhausted);
  ASSERT_TRUE(ReplaceFile(path_, text).ok());
  EXPECT_EQ(ReadWholeFile(path_).status().code(), Code::kResourceExhausted);
}

TEST_F(PatternFileTest, ChangesAddUpAndOnlyTheOwnerMayReadThem) {
  ASSERT_TRUE(See(kSignature, 1).ok());
  const Result<Patterns> changed = See(kSignature, 2);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->Find({"", kSignature})->excerpts, 3U);
  EXPECT_EQ(LoadPatterns(path_, hash_)->Find({"", kSignature})->excerpts, 3U);
  struct stat about {};
  ASSERT_EQ(stat(path_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(PatternFileTest, ProcessesOnOneFileDoNotDestroyEachOthersCounts) {
  constexpr int kProcesses = 4;
  constexpr int kChanges = 10;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      bool ok = true;
      for (int change = 0; change < kChanges; ++change) ok = See(kSignature, 1).ok() && ok;
      _exit(ok ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(LoadPatterns(path_, hash_)->Find({"", kSignature})->excerpts, uint64_t{kProcesses} * kChanges);
}

TEST_F(PatternFileTest, WhatCannotBeReadIsKeptAside) {
  std::ofstream(path_) << "{ not json";
  EXPECT_EQ(LoadPatterns(path_, hash_).status().code(), Code::kDataLoss);
  ASSERT_TRUE(See(kSignature, 1).ok());
  EXPECT_EQ(*ReadWholeFile(path_ + ".unreadable"), "{ not json");
  EXPECT_EQ(LoadPatterns(path_, hash_)->Find({"", kSignature})->excerpts, 1U);
}

TEST_F(PatternFileTest, AMissingFileHasNoPatternsAndAMissingFolderIsAnError) {
  EXPECT_EQ(LoadPatterns(path_, hash_)->size(), 0U);
  path_ = (folder_ / "missing" / "toin.json").string();
  EXPECT_EQ(See(kSignature, 1).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace headroom::learning
