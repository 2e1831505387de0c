#include "base/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include <cstring>

namespace headroom {
namespace {

XXH3_state_t* State(void* state) { return static_cast<XXH3_state_t*>(state); }

}  // namespace

std::array<char, 16> Hash128::Bytes() const {
  std::array<char, 16> out;
  for (int i = 0; i < 8; ++i) {
    out[i] = static_cast<char>(high >> (56 - 8 * i));
    out[8 + i] = static_cast<char>(low >> (56 - 8 * i));
  }
  return out;
}

Hash128 Hash128::FromBytes(std::string_view bytes) {
  Hash128 hash;
  for (int i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | static_cast<uint8_t>(bytes[i]);
    hash.low = hash.low << 8 | static_cast<uint8_t>(bytes[8 + i]);
  }
  return hash;
}

Hash128 HashOf(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Hasher128::Hasher128() : state_(XXH3_createState()) { Reset(); }

Hasher128::~Hasher128() { XXH3_freeState(State(state_)); }

void Hasher128::Reset() { XXH3_128bits_reset(State(state_)); }

Hasher128& Hasher128::Add(std::string_view bytes) {
  const uint64_t size = bytes.size();
  XXH3_128bits_update(State(state_), &size, sizeof size);
  XXH3_128bits_update(State(state_), bytes.data(), bytes.size());
  return *this;
}

Hasher128& Hasher128::Add(const Hash128& hash) {
  const std::array<char, 16> bytes = hash.Bytes();
  return Add(std::string_view(bytes.data(), bytes.size()));
}

Hash128 Hasher128::Finish() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(State(state_));
  return {hash.high64, hash.low64};
}

Sha256Digest Sha256(std::string_view bytes) {
  Sha256Digest digest{};
  // Fetched once: EVP_sha256() would look the implementation up on each call.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr);
  return digest;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return out;
}

std::string Hex(const Sha256Digest& digest) {
  return Hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string ContentId(std::string_view text) { return Hex(Sha256(text)).substr(0, 24); }

}  // namespace headroom
