// What the tests of this room share: a data directory that cleans up, a clock
// that tests move, small rows, and a second SQLite connection to the same file.

#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "store/store.h"

namespace headroom::store {

class TestDirectory {
 public:
  TestDirectory() {
    char pattern[] = "/tmp/headroom_store_XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  std::string data() const { return path_ + "/data"; }
  std::string database() const { return data() + "/ledger.db"; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Starts in November 2026.
class TestClock : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
  int64_t UnixMillis() const override { return millis_; }
  void Advance(std::chrono::seconds time) { millis_ += time.count() * 1000; }

 private:
  std::atomic<int64_t> millis_{1'795'000'000'000};
};

inline constexpr TenantId kTenant{1, 2};
inline constexpr TenantId kOtherTenant{3, 4};

inline Node MakeNode(uint64_t number, std::string payload) {
  Node node;
  node.key = {number * 0x9e3779b97f4a7c15ULL, number * 0xc2b2ae3d27d4eb4fULL + 1};
  node.tenant = kTenant;
  node.decision = Node::Decision::kReplace;
  node.generation = 7;
  node.tokens_before = 100;
  node.tokens_after = 10;
  node.rule = "log";
  node.payload = std::move(payload);
  node.anchor = {5, number};
  node.original_ids = "0123456789abcdef01234567";
  node.project = "project";
  node.upstream = "anthropic";
  return node;
}

inline Original MakeOriginal(const std::string& text, TenantId tenant = kTenant) {
  Original original;
  original.id = ContentId(text);
  original.tenant = tenant;
  original.text = text;
  original.tool_name = "Bash";
  original.project = "project";
  original.upstream = "anthropic";
  original.generation = 7;
  original.tokens = 100;
  original.tokens_after = 10;
  return original;
}

inline void ExpectEqual(const Node& a, const Node& b) {
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.decision, b.decision);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(a.tokens_before, b.tokens_before);
  EXPECT_EQ(a.tokens_after, b.tokens_after);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.payload, b.payload);
  EXPECT_EQ(a.anchor, b.anchor);
  EXPECT_EQ(a.original_ids, b.original_ids);
  EXPECT_EQ(a.project, b.project);
  EXPECT_EQ(a.upstream, b.upstream);
}

// Generous read time-out: a loaded machine must not turn a hit into a miss.
inline Store::Options OptionsFor(const TestDirectory& directory) {
  Store::Options options;
  options.data_dir = directory.data();
  options.read_timeout = std::chrono::seconds(5);
  return options;
}

inline std::unique_ptr<Store> OpenStore(Store::Options options, const Clock& clock) {
  Result<std::unique_ptr<Store>> store = Store::Open(std::move(options), clock);
  EXPECT_TRUE(store.ok()) << store.status().ToString();
  return store.ok() ? *std::move(store) : nullptr;
}

inline std::optional<Node> FindOne(Store& store, const Hash128& key) { return store.Find({key}).at(0); }

// Calls `condition` every few milliseconds until it is true, at most ten seconds.
template <typename Condition>
bool Eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Another program's connection.
class ForeignConnection {
 public:
  explicit ForeignConnection(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    sqlite3_busy_timeout(handle_, 5000);
  }
  ~ForeignConnection() { sqlite3_close(handle_); }
  ForeignConnection(const ForeignConnection&) = delete;
  ForeignConnection& operator=(const ForeignConnection&) = delete;

  void Execute(const char* sql) {
    EXPECT_EQ(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
  }
  // First column of the first row; "" if there is none.
  std::string Query(const char* sql) {
    std::string value;
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql, -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(handle_);
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
      value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace headroom::store
