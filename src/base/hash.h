// Hashes: XXH3-128 for keys inside one node's memory and ledger, SHA-256 for
// ids that clients see and for credentials.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;

  auto operator<=>(const Hash128&) const = default;

  // 16 bytes, big-endian, for storage.
  std::array<char, 16> Bytes() const;
  // Requires bytes.size() == 16.
  static Hash128 FromBytes(std::string_view bytes);
};

// For unordered containers: the key is already uniformly distributed.
struct Hash128Hasher {
  size_t operator()(const Hash128& hash) const { return static_cast<size_t>(hash.low); }
};

// XXH3-128 of one piece of text, unframed.
Hash128 HashOf(std::string_view bytes);

// Streaming XXH3-128. Each Add is framed by its length, so that
// Add("ab"), Add("c") differs from Add("a"), Add("bc").
class Hasher128 {
 public:
  Hasher128();
  ~Hasher128();
  Hasher128(const Hasher128&) = delete;
  Hasher128& operator=(const Hasher128&) = delete;

  Hasher128& Add(std::string_view bytes);
  Hasher128& Add(const Hash128& hash);
  // Forgets everything added.
  void Reset();
  Hash128 Finish() const;

 private:
  void* state_;
};

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::string_view bytes);

// Lower-case hexadecimal.
std::string Hex(std::string_view bytes);
std::string Hex(const Sha256Digest& digest);

// The id of an original: the first 24 hex digits of the SHA-256 of its text.
std::string ContentId(std::string_view text);

}  // namespace headroom
