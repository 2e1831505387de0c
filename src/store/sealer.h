// Encryption at rest: AES-256-GCM over the bytes of a row, under one key for the whole database.
//
//   nonce (12 random bytes) | ciphertext | tag (16 bytes)
//
// What a row is about (its key) is authenticated with it, so that sealed bytes cannot be moved to another
// row. Random nonces are good for 2^32 rows under one key (NIST SP 800-38D, 8.3). Thread-safe.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "store/connection.h"

namespace headroom::store {

class Sealer {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kNonceBytes = 12;
  static constexpr size_t kTagBytes = 16;

  // From 64 hexadecimal digits, or 32 bytes in base64. Errors: kInvalidArgument; never repeats the text.
  static Result<std::shared_ptr<const Sealer>> FromText(std::string_view key);

  // False, with `sealed` empty, where there is no randomness.
  bool Seal(std::string_view plain, std::string_view about, std::string& sealed) const;
  // False where a bit of either, or the key, is not what it was.
  bool Open(std::string_view sealed, std::string_view about, std::string& plain) const;

 private:
  explicit Sealer(std::string_view key);

  std::array<uint8_t, kKeyBytes> key_;
};

enum class Sealing {
  kFits,      // no encryption and no key, or the key that this database was begun with
  kNoKey,     // the database is encrypted and no key is given
  kWrongKey,  // it is encrypted with another key
};

// Whether `sealer` (null: no key) is the one for this database. A database without encryption takes the key: what
// is written from then on is sealed, what it has already stays as it is.
Disk CheckSealing(Connection& connection, const Sealer* sealer, Sealing& sealing);

}  // namespace headroom::store
