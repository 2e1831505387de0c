// The store: what a request pays for look-ups and insertions, and what the
// writer gets to disk.

#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "store/store.h"

namespace headroom::store {
namespace {

class BenchDirectory {
 public:
  BenchDirectory() {
    char pattern[] = "/tmp/headroom_store_bench_XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~BenchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;
  Store::Options options(size_t memory_budget_bytes) const {
    Store::Options options;
    options.data_dir = path_;
    options.memory_budget_bytes = memory_budget_bytes;
    options.read_timeout = std::chrono::seconds(1);
    return options;
  }

 private:
  std::string path_;
};

Hash128 KeyOf(uint64_t number) {
  return Hasher128().Add({reinterpret_cast<const char*>(&number), sizeof(number)}).Finish();
}

// Every eighth node carries a rendition of some kilobytes, the others are raw:
// about what a ledger of agent conversations holds.
Node MakeNode(uint64_t number) {
  Node node;
  node.key = KeyOf(number);
  node.tenant = {1, 2};
  node.generation = 7;
  node.rule = "raw:short";
  node.upstream = "anthropic";
  if (number % 8 != 0) return node;
  node.decision = Node::Decision::kReplace;
  node.rule = "log";
  node.original_ids = "0123456789abcdef01234567";
  for (uint64_t line = 0; node.payload.size() < 4000; ++line) {
    node.payload += std::to_string(line) + " [info] request " + std::to_string(number * line * 2654435761u) + " done\n";
  }
  return node;
}

std::unique_ptr<Store> OpenOrAbort(const Store::Options& options) {
  auto store = Store::Open(options, Clock::System());
  if (!store.ok()) std::abort();
  return *std::move(store);
}

void Fill(Store& store, uint64_t nodes) {
  for (uint64_t i = 0; i < nodes; ++i) {
    store.Insert(MakeNode(i));
    if (i % 1000 == 999) store.Flush();
  }
  store.Flush();
}

// `count` keys spread over the first `nodes`.
std::vector<Hash128> SpreadKeys(uint64_t count, uint64_t nodes, uint64_t round) {
  std::vector<Hash128> keys;
  for (uint64_t i = 0; i < count; ++i) keys.push_back(KeyOf((i * 7919 + round * 104'729) % nodes));
  return keys;
}

bool AllFound(const std::vector<std::optional<Node>>& found) {
  for (const auto& node : found) {
    if (!node.has_value()) return false;
  }
  return true;
}

void FindInMemory(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenOrAbort(directory.options(256u << 20));
  Fill(*store, 20'000);
  const auto keys = SpreadKeys(static_cast<uint64_t>(state.range(0)), 20'000, 1);
  if (!AllFound(store->Find(keys))) state.SkipWithError("a node is missing");
  for (auto _ : state) benchmark::DoNotOptimize(store->Find(keys));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(FindInMemory)->Arg(1)->Arg(500);

// A store whose memory holds next to nothing, over a file of `nodes`.
std::unique_ptr<Store> OpenCold(const BenchDirectory& directory, uint64_t nodes) {
  Fill(*OpenOrAbort(directory.options(64u << 20)), nodes);
  return OpenOrAbort(directory.options(64u << 10));
}

// Memory holds next to nothing, so each key is read from the file (warm in the
// operating system's cache).
void FindOnDisk(benchmark::State& state) {
  const BenchDirectory directory;
  constexpr uint64_t kNodes = 100'000;
  const auto store = OpenCold(directory, kNodes);
  uint64_t round = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto keys = SpreadKeys(static_cast<uint64_t>(state.range(0)), kNodes, ++round);
    state.ResumeTiming();
    if (!AllFound(store->Find(keys))) {
      state.SkipWithError("a node is missing");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(FindOnDisk)->Arg(1)->Arg(500)->Unit(benchmark::kMicrosecond);

void FindUnknown(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenCold(directory, 100'000);
  uint64_t number = 1u << 30;
  for (auto _ : state) {
    if (store->Find({KeyOf(++number)})[0].has_value()) {
      state.SkipWithError("an unknown node was found");
      break;
    }
  }
}
BENCHMARK(FindUnknown)->Unit(benchmark::kMicrosecond);

// As a request does with a new block; the writer works beside it.
void InsertThenFind(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenOrAbort(directory.options(64u << 20));
  uint64_t number = 0;
  for (auto _ : state) {
    if (number % 20'000 == 0) {
      // Faster than any disk; past four memory budgets the store drops.
      state.PauseTiming();
      store->Flush();
      state.ResumeTiming();
    }
    const Node node = store->Insert(MakeNode(++number));
    if (!AllFound(store->Find({node.key}))) {
      state.SkipWithError("an inserted node is missing");
      break;
    }
  }
  store->Flush();
  if (store->stats().write_failures != 0) state.SkipWithError("a write failed");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(InsertThenFind)->Unit(benchmark::kMicrosecond)->Iterations(100'000);

void InsertToDisk(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenOrAbort(directory.options(64u << 20));
  uint64_t number = 0;
  for (auto _ : state) {
    for (int i = 0; i < 1000; ++i) store->Insert(MakeNode(++number));
    store->Flush();
    if (store->stats().queued_writes != 0) {
      state.SkipWithError("a write is missing");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(InsertToDisk)->Unit(benchmark::kMillisecond)->UseRealTime();

std::string Original50K(uint64_t number) {
  std::string text;
  for (uint64_t line = 0; text.size() < 50'000; ++line) {
    text += "src/module" + std::to_string(line % 40) + "/file.cc:" + std::to_string(line) + ": value " +
            std::to_string((number + 1) * (line + 1) * 2654435761u) + " differs\n";
  }
  return text;
}

// Arg 0: what the caller pays. Arg 1: until it is on disk.
void PutOriginal(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenOrAbort(directory.options(64u << 20));
  uint64_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    Original original;
    original.text = Original50K(++number);
    original.id = ContentId(original.text);
    original.tenant = {1, 2};
    if (state.range(0) == 0 && number % 64 == 0) store->Flush();
    state.ResumeTiming();
    store->PutOriginal(std::move(original));
    if (state.range(0) == 1) store->Flush();
  }
  store->Flush();
  if (store->stats().originals != number) state.SkipWithError("an original is missing");
  state.SetBytesProcessed(state.iterations() * 50'000);
}
BENCHMARK(PutOriginal)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();

void GetOriginal(benchmark::State& state) {
  const BenchDirectory directory;
  const auto store = OpenOrAbort(directory.options(64u << 20));
  Original original;
  original.text = Original50K(1);
  original.id = ContentId(original.text);
  original.tenant = {1, 2};
  store->PutOriginal(original);
  store->Flush();
  for (auto _ : state) {
    const auto got = store->GetOriginal(original.tenant, original.id);
    if (!got.ok() || got->text.size() != original.text.size()) {
      state.SkipWithError("the original is missing");
      break;
    }
  }
  state.SetBytesProcessed(state.iterations() * 50'000);
}
BENCHMARK(GetOriginal)->Unit(benchmark::kMicrosecond);

void Reopen(benchmark::State& state) {
  const BenchDirectory directory;
  const auto options = directory.options(64u << 20);
  Fill(*OpenOrAbort(options), 200'000);
  for (auto _ : state) {
    auto store = OpenOrAbort(options);
    state.PauseTiming();
    store.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(Reopen)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::store
