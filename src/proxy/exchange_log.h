// Exchanges as JSON lines: the last ones in memory, all of them in the log file
// where there is one. docs/accounting.md names the members.
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/line_writer.h"
#include "proxy/exchange_record.h"

namespace headroom::proxy {

// One JSON object, without an end of line.
std::string JsonOf(const ExchangeRecord& record);

class ExchangeLog {
 public:
  static constexpr size_t kRecent = 100;

  struct Options {
    LineWriter* file = nullptr;  // null: none
    bool bodies = false;         // requests are written with their bodies, secrets taken out
  };

  explicit ExchangeLog(Options options) : options_(options) {}

  // Files the record. `body`: as the client sent it, in no coding; "" where it was not read.
  void Add(const ExchangeRecord& record, std::string_view body);

  // The last exchanges, the latest first, at most `count`.
  std::vector<std::string> Recent(size_t count) const;

  // Of the file; zeros where there is none.
  LineWriter::Counts counts() const {
    return options_.file == nullptr ? LineWriter::Counts() : options_.file->counts();
  }

 private:
  const Options options_;
  mutable std::mutex mutex_;
  std::deque<std::string> recent_;  // latest first; guarded by mutex_
};

}  // namespace headroom::proxy
