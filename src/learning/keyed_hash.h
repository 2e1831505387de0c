// Hashes that say nothing without this installation's key.
//
// Names, values and questions leave memory only as SipHash-2-4 under a random
// key of 128 bits: a small domain (days, states, user names) cannot be tried
// out, as it can against a plain hash. The key lies beside the file that it
// protects, mode 0600; who copies the file without the key has structure only.
//
// Reference: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012.
// Thread-safe.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/status.h"

namespace headroom::learning {

class KeyedHash {
 public:
  static constexpr size_t kKeyBytes = 16;
  static constexpr size_t kIdDigits = 24;  // of an id in hexadecimal

  // Requires key.size() == kKeyBytes.
  explicit KeyedHash(std::string_view key);

  // A key of the system's random numbers.
  static std::string NewKey();
  // The key in `path`, made and written with mode 0600 where there is none; of two
  // processes that make one at the same time both get the same.
  // Errors: kUnavailable (cannot be read or written), kDataLoss (not a key).
  static Result<std::string> LoadOrMake(const std::string& path);

  // SipHash-2-4 with 128 bits of output, as its 16 bytes in the reference's order.
  std::array<uint8_t, 16> Hash(std::string_view text) const;
  // Its first 8 bytes, the first one most significant. `domain` keeps a name from having the hash of a value.
  uint64_t Word(std::string_view domain, std::string_view text) const;
  // Its first 12 bytes as 24 hex digits.
  std::string Id(std::string_view domain, std::string_view text) const;

 private:
  uint64_t k0_;
  uint64_t k1_;
};

// Lower-case hexadecimal, 16 digits, and back.
std::string WordHex(uint64_t word);

}  // namespace headroom::learning
