// Exchanges as JSON lines, for the log file where there is one. docs/accounting.md
// names the members.
//
// Thread-safe.

#pragma once

#include <string>
#include <string_view>

#include "base/line_writer.h"
#include "proxy/exchange_record.h"

namespace headroom::proxy {

// One JSON object, without an end of line.
std::string JsonOf(const ExchangeRecord& record);

class ExchangeLog {
 public:
  struct Options {
    LineWriter* file = nullptr;  // null: none
    bool bodies = false;         // requests are written with their bodies, secrets taken out
  };

  explicit ExchangeLog(Options options) : options_(options) {}

  // Files the record. `body`: as the client sent it, in no coding; "" where it was not read.
  void Add(const ExchangeRecord& record, std::string_view body);

  // Of the file; zeros where there is none.
  LineWriter::Counts counts() const {
    return options_.file == nullptr ? LineWriter::Counts() : options_.file->counts();
  }

 private:
  const Options options_;
};

}  // namespace headroom::proxy
