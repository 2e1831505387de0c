// Numbers for policy texts.
//
// The number is a hash of the text, moved on by one while another text has it:
// the same text gets the same number after a restart, in another process on the
// same data directory, and after a total loss of the database.
//
// Generations: thread-safe. The row classes: thread-compatible, bound to their
// connection.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/codec.h"
#include "store/connection.h"
#include "store/node_rows.h"

namespace headroom::store {

class Generations {
 public:
  struct Interned {
    uint32_t number = 0;
    bool added = false;
  };

  Interned Intern(std::string_view policy);
  // Takes over what the disk has; a number that is taken stays as it is.
  void Restore(uint32_t number, std::string policy);
  std::optional<std::string> Find(uint32_t number) const;
  std::vector<uint32_t> Numbers() const;

 private:
  mutable std::mutex mutex_;
  std::map<uint32_t, std::string> policies_;
};

class GenerationReader {
 public:
  Disk Prepare(Connection& connection);
  Lookup Read(uint32_t number, std::string& policy, Disk& disk);
  // Hands every sound row to `generations`; a few rows, one per policy.
  Disk LoadAll(Generations& generations);

 private:
  Statement select_;
  Statement all_;
  RowChecksum checksum_;
};

class GenerationWriter {
 public:
  Disk Prepare(Connection& connection);
  Disk Insert(uint32_t number, std::string_view policy);

 private:
  Statement insert_;
  RowChecksum checksum_;
};

}  // namespace headroom::store
