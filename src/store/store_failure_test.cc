// What the Store does when the disk, or somebody else on it, misbehaves.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "store/store.h"
#include "store/store_testing.h"

namespace headroom::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kChildWorked = 42;

// Runs `work` in a child process, which ends without destructors, as by kill -9.
int RunInChild(const std::function<bool()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? kChildWorked : 1);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<std::string> FilesWith(const std::string& part, const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (name.find(part) != std::string::npos) names.push_back(name);
  }
  return names;
}

size_t Occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

void WriteFile(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// Overwrites bytes in place, without truncating.
void Scribble(const std::string& path, size_t offset, size_t size) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(offset));
  file << std::string(size, '\x5a');
}

// Two thousand nodes, closed cleanly: far more than one page.
void FillDatabase(const TestDirectory& directory, const Clock& clock) {
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (uint64_t i = 0; i < 2000; ++i) store->Insert(MakeNode(i, std::string(200, 'x')));
}

TEST(StoreFailureTest, WhatWasWrittenWithoutAFlushSurvivesAKill) {
  TestDirectory directory;
  TestClock clock;
  const int result = RunInChild([&] {
    auto store = *Store::Open(OptionsFor(directory), clock);
    for (uint64_t i = 0; i < 100; ++i) store->Insert(MakeNode(i, "payload " + std::to_string(i)));
    store->PutOriginal(MakeOriginal("original"));
    const bool written = Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; });
    (void)store.release();
    return written;
  });
  ASSERT_EQ(result, kChildWorked);
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (uint64_t i = 0; i < 100; ++i) {
    const auto found = FindOne(*store, MakeNode(i, "").key);
    ASSERT_TRUE(found.has_value()) << i;
    EXPECT_EQ(found->payload, "payload " + std::to_string(i));
  }
  EXPECT_TRUE(store->GetOriginal(kTenant, ContentId("original")).ok());
  EXPECT_TRUE(FilesWith("corrupt", directory.data()).empty());
}

TEST(StoreFailureTest, ADirectoryBelowAFileCannotBeCreated) {
  TestDirectory directory;
  WriteFile(directory.path() + "/file", "x");
  Store::Options options;
  options.data_dir = directory.path() + "/file/data";
  EXPECT_EQ(Store::Open(options, Clock::System()).status().code(), Code::kInvalidArgument);
}

TEST(StoreFailureTest, AReadOnlyDirectoryIsRefused) {
  TestDirectory directory;
  chmod(directory.path().c_str(), 0755);
  std::filesystem::create_directory(directory.data());
  chmod(directory.data().c_str(), 0555);
  const int result = RunInChild([&] {
    // Root may write anywhere: become nobody.
    if (geteuid() == 0 && seteuid(65534) != 0) return false;
    return Store::Open(OptionsFor(directory), Clock::System()).status().code() == Code::kInvalidArgument;
  });
  EXPECT_EQ(result, kChildWorked);
}

TEST(StoreFailureTest, GarbageIsMovedAsideAndSaidOnce) {
  TestClock clock;
  for (const std::string& garbage : {std::string("no database"), std::string(100'000, 'g'), std::string(100, '\0'),
                                     std::string("SQLite format 3\0", 16)}) {
    TestDirectory directory;
    std::filesystem::create_directory(directory.data());
    WriteFile(directory.database(), garbage);
    testing::internal::CaptureStderr();
    const auto store = OpenStore(OptionsFor(directory), clock);
    store->Insert(MakeNode(1, "n"));
    store->Flush();
    EXPECT_EQ(Occurrences(testing::internal::GetCapturedStderr(), "moved aside"), 1u);
    EXPECT_TRUE(store->stats().disk_ok);
    const auto aside = FilesWith("ledger.db.corrupt-1795000000", directory.data());
    ASSERT_EQ(aside.size(), 1u);
    EXPECT_EQ(std::filesystem::file_size(directory.data() + "/" + aside[0]), garbage.size());
  }
}

TEST(StoreFailureTest, ATruncatedDatabaseIsMovedAside) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  std::filesystem::resize_file(directory.database(), 20'000);
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_FALSE(FindOne(*store, MakeNode(1, "").key).has_value());
  store->Insert(MakeNode(1, "again"));
  store->Flush();
  EXPECT_TRUE(store->stats().disk_ok);
  EXPECT_EQ(FilesWith("corrupt", directory.data()).size(), 1u);
}

TEST(StoreFailureTest, AnotherProgramsDatabaseIsMovedAside) {
  TestDirectory directory;
  TestClock clock;
  std::filesystem::create_directory(directory.data());
  {
    ForeignConnection other(directory.database());
    other.Execute("CREATE TABLE nodes(a)");
  }
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->Insert(MakeNode(1, "n"));
  store->Flush();
  EXPECT_TRUE(store->stats().disk_ok);
  EXPECT_EQ(FilesWith("corrupt", directory.data()).size(), 1u);
}

TEST(StoreFailureTest, DamageFoundWhileRunningMovesTheDatabaseAsideAndKeepsWhatIsInMemory) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    ASSERT_TRUE(FindOne(*store, MakeNode(1, "").key).has_value());
    Scribble(directory.database(), 16384, std::filesystem::file_size(directory.database()) - 16384);
    // Not in memory, so read from the damaged pages.
    EXPECT_FALSE(FindOne(*store, MakeNode(1000, "").key).has_value());
    EXPECT_TRUE(Eventually([&] { return !FilesWith("corrupt", directory.data()).empty(); }));
    store->Insert(MakeNode(5000, "new"));
    store->Flush();
    EXPECT_TRUE(Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; }));
  }
  EXPECT_EQ(FilesWith("corrupt", directory.data()).size(), 1u + FilesWith("-wal", directory.data()).size());
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_TRUE(FindOne(*store, MakeNode(1, "").key).has_value());
  EXPECT_TRUE(FindOne(*store, MakeNode(5000, "").key).has_value());
  EXPECT_FALSE(FindOne(*store, MakeNode(1000, "").key).has_value());
}

TEST(StoreFailureTest, ATruncationWhileRunningFailsNoCall) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  const auto store = OpenStore(OptionsFor(directory), clock);
  ASSERT_TRUE(FindOne(*store, MakeNode(1, "").key).has_value());
  std::filesystem::resize_file(directory.database(), 0);
  for (uint64_t i = 2; i < 200; ++i) {
    (void)FindOne(*store, MakeNode(i, "").key);
    store->Insert(MakeNode(10'000 + i, "new"));
  }
  store->Flush();
  EXPECT_TRUE(Eventually([&] {
    store->Insert(MakeNode(20'000, "last"));
    store->Flush();
    return store->stats().disk_ok && store->stats().queued_writes == 0;
  }));
  EXPECT_TRUE(FindOne(*store, MakeNode(1, "").key).has_value());
  EXPECT_TRUE(FindOne(*store, MakeNode(10'100, "").key).has_value());
}

TEST(StoreFailureTest, ARowThatFailsItsChecksumIsAbsentAndMakesWay) {
  TestDirectory directory;
  TestClock clock;
  const Node node = MakeNode(1, "payload");
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    store->Insert(node);
    store->PutOriginal(MakeOriginal("text"));
  }
  for (const char* change :
       {"UPDATE nodes SET payload = x'70'", "UPDATE nodes SET tenant = zeroblob(16)", "UPDATE nodes SET decision = 0",
        "UPDATE nodes SET rule = 'other'", "UPDATE nodes SET generation = 8", "UPDATE nodes SET encoding = 1",
        "UPDATE nodes SET checksum = checksum + 1", "UPDATE nodes SET anchor = x''"}) {
    ForeignConnection(directory.database()).Execute(change);
    {
      const auto store = OpenStore(OptionsFor(directory), clock);
      EXPECT_FALSE(FindOne(*store, node.key).has_value()) << change;
      EXPECT_EQ(store->stats().corrupt_rows, 1u) << change;
      store->Insert(node);
    }
    const auto found = FindOne(*OpenStore(OptionsFor(directory), clock), node.key);
    ASSERT_TRUE(found.has_value()) << change;
    ExpectEqual(*found, node);
  }
}

TEST(StoreFailureTest, ADamagedOriginalIsDataLossUntilItIsPutAgain) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  ForeignConnection(directory.database()).Execute("UPDATE originals SET text = 'next'");
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text")).status().code(), Code::kDataLoss);
  EXPECT_EQ(store->stats().corrupt_rows, 1u);
  store->Flush();
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text")).status().code(), Code::kNotFound);
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text"))->text, "text");
}

TEST(StoreFailureTest, ADatabaseOfALaterVersionIsLeftAlone) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  ForeignConnection(directory.database()).Execute("PRAGMA user_version = 4");
  testing::internal::CaptureStderr();
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    EXPECT_FALSE(FindOne(*store, MakeNode(1, "").key).has_value());
    store->Insert(MakeNode(5000, "new"));
    EXPECT_TRUE(FindOne(*store, MakeNode(5000, "").key).has_value());
    EXPECT_FALSE(store->Writable());
    EXPECT_FALSE(store->stats().disk_ok);
  }
  EXPECT_EQ(Occurrences(testing::internal::GetCapturedStderr(), "later version"), 1u);
  EXPECT_TRUE(FilesWith("corrupt", directory.data()).empty());
  EXPECT_EQ(ForeignConnection(directory.database()).Query("SELECT count(*) FROM nodes"), "2000");
}

TEST(StoreFailureTest, ADeletedDatabaseIsBegunAnewWithWhatIsInMemory) {
  TestDirectory directory;
  TestClock clock;
  const std::vector<std::vector<std::string>> deletions = {
      {"/ledger.db"}, {"/ledger.db", "/ledger.db-wal", "/ledger.db-shm"}, {""}};
  for (const auto& deletion : deletions) {
    {
      const auto store = OpenStore(OptionsFor(directory), clock);
      store->Insert(MakeNode(1, "before"));
      const uint32_t generation = store->InternGeneration("policy");
      store->Flush();
      for (const std::string& name : deletion) std::filesystem::remove_all(directory.data() + name);
      store->Insert(MakeNode(2, "after"));
      store->Flush();
      EXPECT_TRUE(std::filesystem::exists(directory.database()));
      store->Flush();
      EXPECT_EQ(*store->GenerationPolicy(generation), "policy");
    }
    {
      const auto store = OpenStore(OptionsFor(directory), clock);
      EXPECT_TRUE(FindOne(*store, MakeNode(1, "").key).has_value());
      EXPECT_TRUE(FindOne(*store, MakeNode(2, "").key).has_value());
      EXPECT_TRUE(store->GenerationPolicy(store->InternGeneration("policy")).ok());
    }
    EXPECT_TRUE(FilesWith("corrupt", directory.data()).empty());
    std::filesystem::remove_all(directory.data());
  }
}

TEST(StoreFailureTest, ALockedDatabaseDelaysNoCallAndLosesNothing) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  {
    const auto store = OpenStore(options, clock);
    ForeignConnection other(directory.database());
    other.Execute("BEGIN EXCLUSIVE");
    const auto begin = steady_clock::now();
    for (uint64_t i = 0; i < 100; ++i) {
      EXPECT_FALSE(FindOne(*store, MakeNode(i, "").key).has_value());
      store->Insert(MakeNode(i, "n"));
      EXPECT_TRUE(FindOne(*store, MakeNode(i, "").key).has_value());
    }
    EXPECT_LT(steady_clock::now() - begin, milliseconds(500));
    EXPECT_TRUE(Eventually([&] { return !store->stats().disk_ok; }));
    EXPECT_FALSE(store->Writable());
    EXPECT_EQ(store->stats().queued_writes, 100u);
    store->Flush();  // returns although nothing can be written
    EXPECT_GT(store->stats().write_failures, 0u);
    other.Execute("COMMIT");
    EXPECT_TRUE(Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; }));
    EXPECT_TRUE(Eventually([&] { return store->Writable(); }));
  }
  const auto store = OpenStore(options, clock);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(FindOne(*store, MakeNode(i, "").key).has_value());
}

TEST(StoreFailureTest, ADatabaseNobodyElseMayReadCostsAFindNoMoreThanItsTimeout) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  auto other = std::make_unique<ForeignConnection>(directory.database());
  other->Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE totals SET probes = 0; COMMIT");
  Store::Options options = OptionsFor(directory);
  options.read_timeout = milliseconds(5);
  const auto store = OpenStore(options, clock);
  EXPECT_FALSE(store->stats().disk_ok);
  const auto begin = steady_clock::now();
  EXPECT_FALSE(FindOne(*store, MakeNode(1, "").key).has_value());
  EXPECT_LT(steady_clock::now() - begin, milliseconds(100));
  EXPECT_EQ(store->stats().read_failures, 1u);
  store->Insert(MakeNode(5000, "n"));
  other.reset();
  EXPECT_TRUE(Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; }));
  EXPECT_TRUE(Eventually([&] { return FindOne(*store, MakeNode(1, "").key).has_value(); }));
}

TEST(StoreFailureTest, KeysNotReachedInTimeCountAsNotFound) {
  TestDirectory directory;
  TestClock clock;
  FillDatabase(directory, clock);
  Store::Options options = OptionsFor(directory);
  options.read_timeout = milliseconds(0);
  const auto store = OpenStore(options, clock);
  std::vector<Hash128> keys;
  for (uint64_t i = 0; i < 2000; ++i) keys.push_back(MakeNode(i, "").key);
  const auto found = store->Find(keys);
  const auto count = std::count_if(found.begin(), found.end(), [](const auto& node) { return node.has_value(); });
  EXPECT_LT(count, 2000);
  EXPECT_EQ(store->stats().read_failures, 2000u - static_cast<uint64_t>(count));
}

TEST(StoreFailureTest, AFullDiskIsLeftBehindWhenSpaceReturns) {
  TestDirectory directory;
  TestClock clock;
  const int result = RunInChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto store = *Store::Open(OptionsFor(directory), clock);
    store->Insert(MakeNode(0, "small"));
    store->Flush();
    if (!store->stats().disk_ok) return false;
    struct rlimit limit {};
    getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit tiny { 300'000, limit.rlim_max };
    setrlimit(RLIMIT_FSIZE, &tiny);
    for (uint64_t i = 1; i < 20; ++i) {
      std::string payload;
      for (uint64_t j = 0; j < 10'000; ++j) payload += std::to_string(i * j * 7919);
      store->Insert(MakeNode(i, payload));
    }
    store->Flush();
    const Stats full = store->stats();
    if (full.disk_ok || full.write_failures == 0 || full.queued_writes == 0 || store->Writable()) return false;
    for (uint64_t i = 0; i < 20; ++i) {
      if (!FindOne(*store, MakeNode(i, "").key)) return false;
    }
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; })) return false;
    return Eventually([&] { return store->Writable(); });
  });
  ASSERT_EQ(result, kChildWorked);
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (uint64_t i = 0; i < 20; ++i) EXPECT_TRUE(FindOne(*store, MakeNode(i, "").key).has_value()) << i;
}

TEST(StoreFailureTest, ADiskFullFromTheStartIsServedFromMemory) {
  TestDirectory directory;
  TestClock clock;
  const int result = RunInChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit nothing { 0, RLIM_INFINITY };
    setrlimit(RLIMIT_FSIZE, &nothing);
    auto opened = Store::Open(OptionsFor(directory), clock);
    if (!opened.ok()) return false;
    Store& store = **opened;
    store.Insert(MakeNode(1, "n"));
    store.Flush();
    if (store.stats().disk_ok || !FindOne(store, MakeNode(1, "").key)) return false;
    const struct rlimit all { RLIM_INFINITY, RLIM_INFINITY };
    setrlimit(RLIMIT_FSIZE, &all);
    return Eventually([&] { return store.stats().disk_ok && store.stats().queued_writes == 0; });
  });
  ASSERT_EQ(result, kChildWorked);
  EXPECT_TRUE(FindOne(*OpenStore(OptionsFor(directory), clock), MakeNode(1, "").key).has_value());
}

TEST(StoreFailureTest, ABacklogBeyondFourBudgetsDropsTheOldestAndCounts) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.memory_budget_bytes = 1u << 20;
  {
    const auto store = OpenStore(options, clock);
    ForeignConnection other(directory.database());
    other.Execute("BEGIN EXCLUSIVE");
    for (uint64_t i = 0; i < 3000; ++i) store->Insert(MakeNode(i, std::string(10'000, 'x')));
    // Four budgets wait, one more may be with the writer, one is evictable.
    EXPECT_LE(store->stats().node_bytes, 7u << 20);
    EXPECT_GT(store->stats().write_failures, 2000u);
    other.Execute("COMMIT");
    EXPECT_TRUE(Eventually([&] { return store->stats().disk_ok && store->stats().queued_writes == 0; }));
  }
  const auto store = OpenStore(options, clock);
  std::vector<Hash128> keys;
  for (uint64_t i = 0; i < 3000; ++i) keys.push_back(MakeNode(i, "").key);
  const auto found = store->Find(keys);
  const auto count = std::count_if(found.begin(), found.end(), [](const auto& node) { return node.has_value(); });
  EXPECT_GE(count, (4 << 20) / 11'000);
  EXPECT_LE(count, (6 << 20) / 10'000);
  // The newest are those that were kept.
  for (uint64_t i = 2700; i < 3000; ++i) EXPECT_TRUE(found[i].has_value()) << i;
}

TEST(StoreFailureTest, TwoProcessesShareOneDirectory) {
  TestDirectory directory;
  TestClock clock;
  const auto work = [&](uint64_t first) {
    auto store = *Store::Open(OptionsFor(directory), clock);
    for (uint64_t i = first; i < first + 500; ++i) {
      store->Insert(MakeNode(i, "n"));
      store->PutOriginal(MakeOriginal("text " + std::to_string(i)));
      if (i % 25 == 0) store->Flush();
    }
    return store->stats().read_failures == 0;
  };
  const pid_t child = fork();
  if (child == 0) _exit(work(1000) ? kChildWorked : 1);
  EXPECT_TRUE(work(0));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), kChildWorked);
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (uint64_t i = 0; i < 500; ++i) {
    EXPECT_TRUE(FindOne(*store, MakeNode(i, "").key).has_value()) << i;
    EXPECT_TRUE(FindOne(*store, MakeNode(1000 + i, "").key).has_value()) << i;
  }
  EXPECT_EQ(store->stats().originals, 1000u);
}

TEST(StoreFailureTest, WhatAnotherProcessDecidedIsFound) {
  TestDirectory directory;
  TestClock clock;
  const auto one = OpenStore(OptionsFor(directory), clock);
  const auto two = OpenStore(OptionsFor(directory), clock);
  const Node node = one->Insert(MakeNode(1, "n"));
  const uint32_t generation = one->InternGeneration("policy");
  one->Flush();
  ExpectEqual(*FindOne(*two, node.key), node);
  EXPECT_EQ(*two->GenerationPolicy(generation), "policy");
}

}  // namespace
}  // namespace headroom::store
