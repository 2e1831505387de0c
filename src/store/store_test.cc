// Behaviour of the Store as store.h states it, on disk and without.

#include "store/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <thread>
#include <vector>

#include "store/store_testing.h"

namespace headroom::store {
namespace {

using std::chrono::hours;

int ModeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

TEST(StoreTest, FindReturnsWhatWasInsertedInTheOrderOfTheKeys) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  const Node one = MakeNode(1, "one");
  const Node two = MakeNode(2, "two");
  store->Insert(one);
  store->Insert(two);
  const auto found = store->Find({two.key, {9, 9}, one.key, two.key});
  ASSERT_EQ(found.size(), 4u);
  ExpectEqual(*found[0], two);
  EXPECT_FALSE(found[1].has_value());
  ExpectEqual(*found[2], one);
  ExpectEqual(*found[3], two);
}

TEST(StoreTest, FindOfNothingIsNothing) {
  TestDirectory directory;
  TestClock clock;
  EXPECT_TRUE(OpenStore(OptionsFor(directory), clock)->Find({}).empty());
}

TEST(StoreTest, TheFirstDecisionStands) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  const Node first = MakeNode(1, "first");
  Node second = first;
  second.payload = "second";
  ExpectEqual(store->Insert(first), first);
  ExpectEqual(store->Insert(second), first);
  ExpectEqual(*FindOne(*store, first.key), first);
}

TEST(StoreTest, TheRowOnDiskStandsAgainstALaterInsert) {
  TestDirectory directory;
  TestClock clock;
  const Node first = MakeNode(1, "first");
  OpenStore(OptionsFor(directory), clock)->Insert(first);
  Node second = first;
  second.payload = "second";
  OpenStore(OptionsFor(directory), clock)->Insert(second);
  ExpectEqual(*FindOne(*OpenStore(OptionsFor(directory), clock), first.key), first);
}

TEST(StoreTest, NodesSurviveReopeningWithEveryFieldAndEveryByte) {
  TestDirectory directory;
  TestClock clock;
  Node binary = MakeNode(1, std::string("\0\xff\x80{\"a\":1}\0", 12));
  binary.rule = std::string("r\0ule", 5);
  binary.project.clear();
  binary.decision = Node::Decision::kTenantLink;
  binary.tokens_before = UINT32_MAX;
  const Node large = MakeNode(2, std::string(300'000, 'x') + "tail");
  const Node empty = MakeNode(3, "");
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    for (const Node& node : {binary, large, empty}) store->Insert(node);
  }
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (const Node& node : {binary, large, empty}) {
    const auto found = FindOne(*store, node.key);
    ASSERT_TRUE(found.has_value());
    ExpectEqual(*found, node);
  }
}

TEST(StoreTest, PayloadsAroundTheCompressionFloorSurvive) {
  TestDirectory directory;
  TestClock clock;
  const std::vector<size_t> sizes = {0, 1, 255, 256, 257, 4096};
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    for (const size_t size : sizes) store->Insert(MakeNode(size, std::string(size, 'a')));
  }
  const auto store = OpenStore(OptionsFor(directory), clock);
  for (const size_t size : sizes) EXPECT_EQ(FindOne(*store, MakeNode(size, "").key)->payload, std::string(size, 'a'));
}

TEST(StoreTest, NodesThatMemoryCannotHoldComeFromDisk) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.memory_budget_bytes = 64u << 10;
  const auto store = OpenStore(options, clock);
  std::vector<Hash128> keys;
  for (uint64_t i = 0; i < 500; ++i) {
    keys.push_back(store->Insert(MakeNode(i, std::string(1000, 'p') + std::to_string(i))).key);
    if (i % 50 == 49) store->Flush();
  }
  EXPECT_LE(store->stats().node_bytes, 2 * options.memory_budget_bytes);
  const auto found = store->Find(keys);
  for (uint64_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(found[i].has_value()) << i;
    EXPECT_EQ(found[i]->payload, std::string(1000, 'p') + std::to_string(i));
  }
}

TEST(StoreTest, WithoutADirectoryEverythingStaysInMemory) {
  TestClock clock;
  const auto store = OpenStore({}, clock);
  const Node node = store->Insert(MakeNode(1, "payload"));
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  ExpectEqual(*FindOne(*store, node.key), node);
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text"))->text, "text");
  EXPECT_TRUE(store->Writable());
  EXPECT_EQ(store->stats().queued_writes, 0u);
}

TEST(StoreTest, MemoryAloneKeepsWithinItsBudget) {
  TestClock clock;
  Store::Options options;
  options.memory_budget_bytes = 1u << 20;
  const auto store = OpenStore(options, clock);
  for (uint64_t i = 0; i < 2000; ++i) {
    store->Insert(MakeNode(i, std::string(2000, 'n')));
    store->PutOriginal(MakeOriginal(std::string(2000, 'o') + std::to_string(i)));
  }
  const Stats stats = store->stats();
  EXPECT_LE(stats.node_bytes, options.memory_budget_bytes);
  EXPECT_GT(stats.nodes, 100u);
  EXPECT_LE(stats.original_bytes, options.memory_budget_bytes);
  EXPECT_GT(stats.evicted_originals, 0u);
}

TEST(StoreTest, NodesLiveUntilTheirTtlAfterTheLastUseAndNotADayLonger) {
  TestDirectory directory;
  TestClock clock;
  const Node used = MakeNode(1, "used");
  const Node unused = MakeNode(2, "unused");
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    store->Insert(used);
    store->Insert(unused);
  }
  clock.Advance(hours(30 * 24));
  EXPECT_TRUE(FindOne(*OpenStore(OptionsFor(directory), clock), used.key).has_value());
  clock.Advance(hours(24));
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_TRUE(FindOne(*store, used.key).has_value());
  EXPECT_FALSE(FindOne(*store, unused.key).has_value());
}

TEST(StoreTest, AnExpiredNodeMakesWayForANewDecision) {
  TestDirectory directory;
  TestClock clock;
  const Node old = MakeNode(1, "old");
  OpenStore(OptionsFor(directory), clock)->Insert(old);
  clock.Advance(hours(31 * 24));
  Node fresh = old;
  fresh.payload = "fresh";
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    EXPECT_FALSE(FindOne(*store, old.key).has_value());
    ExpectEqual(store->Insert(fresh), fresh);
  }
  ExpectEqual(*FindOne(*OpenStore(OptionsFor(directory), clock), old.key), fresh);
}

TEST(StoreTest, ExpiredNodesAndOriginalsLeaveTheFile) {
  TestDirectory directory;
  TestClock clock;
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    for (uint64_t i = 0; i < 1000; ++i) store->Insert(MakeNode(i, "n"));
    for (int i = 0; i < 100; ++i) store->PutOriginal(MakeOriginal("text" + std::to_string(i)));
    store->Flush();
    EXPECT_EQ(store->stats().originals, 100u);
  }
  clock.Advance(hours(31 * 24));
  const auto store = OpenStore(OptionsFor(directory), clock);
  ForeignConnection file(directory.database());
  EXPECT_TRUE(Eventually([&] { return file.Query("SELECT count(*) FROM nodes") == "0"; }));
  EXPECT_TRUE(Eventually([&] { return store->stats().originals == 0; }));
  EXPECT_EQ(store->stats().evicted_originals, 0u);
}

TEST(StoreTest, TheLastUseOfANodeIsWrittenOncePerDay) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  const Node node = store->Insert(MakeNode(1, "n"));
  store->Flush();
  ForeignConnection file(directory.database());
  const std::string inserted = file.Query("SELECT last_used_day FROM nodes");
  for (int i = 0; i < 10; ++i) FindOne(*store, node.key);
  EXPECT_EQ(store->stats().queued_writes, 0u);
  clock.Advance(hours(24));
  for (int i = 0; i < 10; ++i) FindOne(*store, node.key);
  store->Flush();
  EXPECT_EQ(std::stol(file.Query("SELECT last_used_day FROM nodes")), std::stol(inserted) + 1);
}

TEST(StoreTest, AnOriginalComesBackByteForByteBeforeAndAfterItIsWritten) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.flush_interval = std::chrono::seconds(60);
  const std::string text = std::string(100'000, 'l') + std::string("\0\xfe", 2);
  const auto store = OpenStore(options, clock);
  store->PutOriginal(MakeOriginal(text));
  EXPECT_EQ(store->stats().queued_writes, 1u);
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId(text))->text, text);
  store->Flush();
  EXPECT_EQ(store->stats().queued_writes, 0u);
  const auto original = store->GetOriginal(kTenant, ContentId(text));
  ASSERT_TRUE(original.ok());
  EXPECT_EQ(original->text, text);
  EXPECT_EQ(original->tool_name, "Bash");
  EXPECT_EQ(original->upstream, "anthropic");
  EXPECT_EQ(original->tokens, 100u);
  EXPECT_EQ(original->generation, 7u);
}

TEST(StoreTest, AnOriginalIsUnknownToEveryOtherTenant) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("secret"));
  EXPECT_EQ(store->GetOriginal(kOtherTenant, ContentId("secret")).status().code(), Code::kNotFound);
  store->Flush();
  EXPECT_EQ(store->GetOriginal(kOtherTenant, ContentId("secret")).status().code(), Code::kNotFound);
  store->PutOriginal(MakeOriginal("secret", kOtherTenant));
  store->Flush();
  EXPECT_EQ(store->GetOriginal(kOtherTenant, ContentId("secret"))->retrievals, 1u);
  EXPECT_EQ(store->stats().originals, 2u);
}

TEST(StoreTest, PuttingAnOriginalTwiceKeepsOne) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("text"));
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  EXPECT_EQ(store->stats().originals, 1u);
  EXPECT_EQ(store->stats().original_bytes, 4u);
}

TEST(StoreTest, RetrievalsAreCountedAcrossWritesAndRestarts) {
  TestDirectory directory;
  TestClock clock;
  const std::string id = ContentId("text");
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    store->PutOriginal(MakeOriginal("text"));
    EXPECT_EQ(store->GetOriginal(kTenant, id)->retrievals, 1u);
    store->Flush();
    EXPECT_EQ(store->GetOriginal(kTenant, id)->retrievals, 2u);
    EXPECT_EQ(store->GetOriginal(kTenant, id)->retrievals, 3u);
  }
  EXPECT_EQ(OpenStore(OptionsFor(directory), clock)->GetOriginal(kTenant, id)->retrievals, 4u);
}

TEST(StoreTest, AnOriginalExpiresASecondAfterItsTtlSinceTheLastUse) {
  TestDirectory directory;
  TestClock clock;
  const std::string id = ContentId("text");
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  clock.Advance(hours(7 * 24));
  EXPECT_TRUE(store->GetOriginal(kTenant, id).ok());
  store->Flush();
  clock.Advance(hours(7 * 24));
  EXPECT_TRUE(store->GetOriginal(kTenant, id).ok());
  store->Flush();
  clock.Advance(hours(7 * 24) + std::chrono::seconds(1));
  EXPECT_EQ(store->GetOriginal(kTenant, id).status().code(), Code::kNotFound);
}

TEST(StoreTest, AnOriginalLivesAsLongAsADecisionThatNamesItIsUsed) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  Node node = MakeNode(1, "rendition");
  node.tenant = kTenant;
  node.original_ids = ContentId("first") + ContentId("second");
  store->Insert(node);
  for (const char* text : {"first", "second", "unnamed"}) store->PutOriginal(MakeOriginal(text));
  store->Flush();
  for (int days = 0; days < 14; days += 6) {
    clock.Advance(hours(6 * 24));
    EXPECT_TRUE(store->Find({node.key})[0].has_value());
    store->Flush();
  }
  EXPECT_TRUE(store->GetOriginal(kTenant, ContentId("first")).ok());
  EXPECT_TRUE(store->GetOriginal(kTenant, ContentId("second")).ok());
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("unnamed")).status().code(), Code::kNotFound);
}

TEST(StoreTest, TheLastUseOfAnOriginalMovesAtMostOncePerHour) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("text"));
  store->Flush();
  ForeignConnection file(directory.database());
  const int64_t written = std::stol(file.Query("SELECT last_used FROM originals"));
  clock.Advance(std::chrono::seconds(3599));
  ASSERT_TRUE(store->GetOriginal(kTenant, ContentId("text")).ok());
  store->Flush();
  EXPECT_EQ(std::stol(file.Query("SELECT last_used FROM originals")), written);
  clock.Advance(std::chrono::seconds(1));
  ASSERT_TRUE(store->GetOriginal(kTenant, ContentId("text")).ok());
  store->Flush();
  EXPECT_EQ(std::stol(file.Query("SELECT last_used FROM originals")), written + 3600);
}

TEST(StoreTest, AnOriginalThatLivesForMinutesLivesAsLongAsItsConversation) {
  for (const bool on_disk : {true, false}) {
    TestDirectory directory;
    TestClock clock;
    Store::Options options = OptionsFor(directory);
    if (!on_disk) options.data_dir = "";
    options.original_ttl = std::chrono::seconds(600);
    const auto store = OpenStore(options, clock);
    Node node = MakeNode(1, "rendition");
    node.original_ids = ContentId("text");
    store->PutOriginal(MakeOriginal("text"));
    store->Insert(node);
    store->Flush();
    for (int minutes = 0; minutes < 30; minutes += 5) {
      clock.Advance(std::chrono::minutes(5));
      ASSERT_TRUE(FindOne(*store, node.key).has_value());
      store->Flush();
    }
    EXPECT_TRUE(store->GetOriginal(kTenant, ContentId("text")).ok()) << on_disk;
    EXPECT_EQ(store->stats().expired_originals, 0u);
  }
}

TEST(StoreTest, UnderABudgetTheOriginalsOfALiveConversationOutliveThoseOfAFinishedOne) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.original_budget_bytes = 1000;  // texts below the compression floor: five of 200 bytes
  const auto store = OpenStore(options, clock);
  const auto text = [](int i) { return std::to_string(100 + i) + std::string(197, 't'); };
  Node live = MakeNode(1, "rendition");
  live.original_ids = ContentId(text(0));
  store->Insert(live);
  for (int i = 0; i < 5; ++i) store->PutOriginal(MakeOriginal(text(i)));
  store->Flush();
  clock.Advance(hours(2));
  ASSERT_TRUE(FindOne(*store, live.key).has_value());
  store->Flush();
  for (int i = 5; i < 9; ++i) store->PutOriginal(MakeOriginal(text(i)));
  store->Flush();
  ASSERT_TRUE(Eventually([&] { return store->stats().originals == 5; }));
  EXPECT_TRUE(store->GetOriginal(kTenant, ContentId(text(0))).ok());
  for (int i = 1; i < 5; ++i) EXPECT_FALSE(store->GetOriginal(kTenant, ContentId(text(i))).ok()) << i;
  EXPECT_EQ(store->stats().evicted_originals, 4u);
  EXPECT_EQ(store->stats().expired_originals, 0u);
}

TEST(StoreTest, WhatExpiresIsCountedApartFromWhatTheBudgetTakes) {
  for (const bool on_disk : {true, false}) {
    TestDirectory directory;
    TestClock clock;
    Store::Options options = OptionsFor(directory);
    if (!on_disk) options.data_dir = "";
    const auto store = OpenStore(options, clock);
    for (const char* text : {"one", "two", "three"}) store->PutOriginal(MakeOriginal(text));
    store->Flush();
    clock.Advance(hours(7 * 24) + std::chrono::seconds(1));
    (void)store->GetOriginal(kTenant, ContentId("one"));  // in memory it is a look that removes
    ASSERT_TRUE(Eventually([&] { return store->stats().originals == 0; })) << on_disk;
    EXPECT_EQ(store->stats().expired_originals, 3u) << on_disk;
    EXPECT_EQ(store->stats().evicted_originals, 0u) << on_disk;
  }
}

TEST(StoreTest, AFetchOfAPartIsAUseButNoRetrieval) {
  TestDirectory directory;
  TestClock clock;
  const auto store = OpenStore(OptionsFor(directory), clock);
  store->PutOriginal(MakeOriginal("text"));
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text"), Fetch::kPart)->retrievals, 0u);
  store->Flush();
  clock.Advance(hours(5 * 24));
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text"), Fetch::kPart)->retrievals, 0u);
  store->Flush();
  clock.Advance(hours(5 * 24));
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("text"))->retrievals, 1u);
}

TEST(StoreTest, ATenantsOriginalsAreSummedByUpstreamAndNoOtherTenantsAre) {
  TestDirectory directory;
  TestClock clock;
  for (const std::string& data_dir : {directory.data(), std::string()}) {
    Store::Options options = OptionsFor(directory);
    options.data_dir = data_dir;
    const auto store = OpenStore(options, clock);
    store->PutOriginal(MakeOriginal("four"));
    store->PutOriginal(MakeOriginal("seventy"));
    Original elsewhere = MakeOriginal("ab");
    elsewhere.upstream = "openai";
    store->PutOriginal(elsewhere);
    store->PutOriginal(MakeOriginal("of somebody else", kOtherTenant));
    store->Flush();
    const Result<std::vector<OriginalsOfUpstream>> sums = store->OriginalsOf(kTenant);
    ASSERT_TRUE(sums.ok());
    ASSERT_EQ(sums->size(), 2u);
    EXPECT_EQ((*sums)[0].upstream, "anthropic");
    EXPECT_EQ((*sums)[0].count, 2u);
    EXPECT_EQ((*sums)[0].bytes, 11u);
    EXPECT_EQ((*sums)[0].tokens, 200u);
    EXPECT_EQ((*sums)[0].tokens_after, 20u);
    EXPECT_EQ((*sums)[1].upstream, "openai");
    EXPECT_EQ((*sums)[1].count, 1u);
    EXPECT_TRUE(store->OriginalsOf({9, 9})->empty());
  }
}

TEST(StoreTest, ADatabaseOfTheFirstVersionIsMovedOnWithAllItHolds) {
  TestDirectory directory;
  TestClock clock;
  OpenStore(OptionsFor(directory), clock)->PutOriginal(MakeOriginal("old"));
  // The tables as version 1 made them.
  ForeignConnection(directory.database())
      .Execute(
          "ALTER TABLE originals DROP COLUMN items;"
          "ALTER TABLE originals DROP COLUMN items_after;"
          "PRAGMA user_version = 1");
  Original counted = MakeOriginal("new");
  counted.items = 40;
  counted.items_after = 7;
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    EXPECT_EQ(store->GetOriginal(kTenant, ContentId("old"))->text, "old");
    EXPECT_EQ(store->GetOriginal(kTenant, ContentId("old"))->items, 0u);
    store->PutOriginal(counted);
  }
  EXPECT_EQ(ForeignConnection(directory.database()).Query("PRAGMA user_version"), "2");
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("old"))->retrievals, 3u);
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("new"))->items, 40u);
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("new"))->items_after, 7u);
  EXPECT_EQ(store->stats().corrupt_rows, 0u);
}

TEST(StoreTest, OverTheBudgetTheOriginalsUsedLongestAgoGoFirst) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.original_budget_bytes = 2000;  // texts below the compression floor: ten of 200 bytes
  const auto store = OpenStore(options, clock);
  std::vector<std::string> texts;
  for (int i = 0; i < 15; ++i) {
    texts.push_back(std::to_string(100 + i) + std::string(197, 't'));
    store->PutOriginal(MakeOriginal(texts.back()));
    store->Flush();
    clock.Advance(std::chrono::seconds(1));
  }
  ASSERT_TRUE(Eventually([&] { return store->stats().originals == 10; }));
  EXPECT_EQ(store->stats().evicted_originals, 5u);
  for (int i = 0; i < 15; ++i) EXPECT_EQ(store->GetOriginal(kTenant, ContentId(texts[i])).ok(), i >= 5) << i;
}

TEST(StoreTest, GenerationsKeepTheirNumbersAcrossRestartsAndTotalLoss) {
  TestDirectory directory;
  TestClock clock;
  uint32_t one;
  uint32_t two;
  {
    const auto store = OpenStore(OptionsFor(directory), clock);
    one = store->InternGeneration("policy one");
    two = store->InternGeneration("policy two");
    EXPECT_NE(one, two);
    EXPECT_EQ(store->InternGeneration("policy one"), one);
  }
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_EQ(*store->GenerationPolicy(two), "policy two");
  EXPECT_EQ(store->InternGeneration("policy two"), two);
  EXPECT_EQ(store->GenerationPolicy(one + 1).status().code(), Code::kNotFound);
  EXPECT_EQ(OpenStore({}, clock)->InternGeneration("policy one"), one);
}

TEST(StoreTest, FilesAreForTheOwnerAloneWhateverTheUmask) {
  TestDirectory directory;
  TestClock clock;
  for (const mode_t mask : {mode_t{0}, mode_t{0277}}) {
    const mode_t before = umask(mask);
    const auto store = OpenStore(OptionsFor(directory), clock);
    if (store != nullptr) {
      store->Insert(MakeNode(mask, "n"));
      store->Flush();
    }
    umask(before);
    EXPECT_EQ(ModeOf(directory.data()), 0700);
    for (const char* suffix : {"", "-wal", "-shm"}) EXPECT_EQ(ModeOf(directory.database() + suffix), 0600) << suffix;
    EXPECT_EQ(ModeOf(directory.data() + "/ledger.lock"), 0600);
    std::filesystem::remove_all(directory.data());
  }
}

TEST(StoreTest, FilesLeftOpenToOthersAreClosedToThem) {
  TestDirectory directory;
  TestClock clock;
  OpenStore(OptionsFor(directory), clock)->Insert(MakeNode(1, "n"));
  chmod(directory.database().c_str(), 0644);
  const auto store = OpenStore(OptionsFor(directory), clock);
  EXPECT_EQ(ModeOf(directory.database()), 0600);
}

TEST(StoreTest, ManyThreadsSeeOneDecisionPerKey) {
  TestDirectory directory;
  TestClock clock;
  Store::Options options = OptionsFor(directory);
  options.memory_budget_bytes = 256u << 10;
  options.flush_interval = std::chrono::milliseconds(1);
  const auto store = OpenStore(options, clock);
  constexpr uint64_t kKeys = 300;
  constexpr int kThreads = 8;
  std::vector<std::vector<std::string>> seen(kThreads, std::vector<std::string>(kKeys));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t i = 0; i < kKeys; ++i) {
        const Node mine = MakeNode(i, "by thread " + std::to_string(t) + std::string(500, '.'));
        const auto found = FindOne(*store, mine.key);
        seen[t][i] = found ? found->payload : store->Insert(mine).payload;
        store->PutOriginal(MakeOriginal("original " + std::to_string(i)));
        EXPECT_TRUE(store->GetOriginal(kTenant, ContentId("original " + std::to_string(i))).ok());
        if (i % 100 == 0) store->Flush();
        (void)store->stats();
        (void)store->InternGeneration("policy " + std::to_string(i % 3));
      }
      EXPECT_TRUE(store->Writable());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 1; t < kThreads; ++t) EXPECT_EQ(seen[t], seen[0]);
  store->Flush();
  EXPECT_EQ(store->GetOriginal(kTenant, ContentId("original 0"))->retrievals, kThreads + 1u);
  EXPECT_EQ(store->stats().write_failures, 0u);
  EXPECT_EQ(store->stats().read_failures, 0u);
}

}  // namespace
}  // namespace headroom::store
