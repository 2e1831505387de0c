#include "learning/keyed_hash.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace headroom::learning {
namespace {

uint64_t ReadLittleEndian(const char* bytes, size_t count = 8) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  return value;
}

struct State {
  uint64_t v0, v1, v2, v3;

  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }
  void Add(uint64_t word) {
    v3 ^= word;
    Rounds(2);
    v0 ^= word;
  }
  uint64_t Fold() const { return v0 ^ v1 ^ v2 ^ v3; }
};

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Status Unavailable(const std::string& path) { return Status(Code::kUnavailable, path + ": " + std::strerror(errno)); }

Result<std::string> ReadKey(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return Unavailable(path);
  char bytes[KeyedHash::kKeyBytes + 1];
  const ssize_t read_bytes = read(file.get(), bytes, sizeof bytes);
  if (read_bytes < 0) return Unavailable(path);
  if (read_bytes != static_cast<ssize_t>(KeyedHash::kKeyBytes)) return Status(Code::kDataLoss, path + " is not a key");
  return std::string(bytes, KeyedHash::kKeyBytes);
}

}  // namespace

KeyedHash::KeyedHash(std::string_view key) : k0_(ReadLittleEndian(key.data())), k1_(ReadLittleEndian(key.data() + 8)) {}

std::string KeyedHash::NewKey() {
  std::string key(kKeyBytes, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
  return key;
}

// The key is whole before it has its name, and the first to give the name wins.
Result<std::string> KeyedHash::LoadOrMake(const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) return ReadKey(path);
  const std::string key = NewKey();
  const std::string made = path + "." + Hex(NewKey());  // no other process or thread has this name
  {
    const File file(open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.open()) return Unavailable(made);
    const bool written = write(file.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size());
    if (!written || fsync(file.get()) != 0) {
      const Status status = Unavailable(made);
      unlink(made.c_str());
      return status;
    }
  }
  const int linked = link(made.c_str(), path.c_str());
  const int error = errno;
  unlink(made.c_str());
  if (linked != 0 && error != EEXIST) return Status(Code::kUnavailable, path + ": " + std::strerror(error));
  return ReadKey(path);
}

std::array<uint8_t, 16> KeyedHash::Hash(std::string_view text) const {
  State state{k0_ ^ 0x736f6d6570736575, k1_ ^ 0x646f72616e646f6d ^ 0xee, k0_ ^ 0x6c7967656e657261,
              k1_ ^ 0x7465646279746573};
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) state.Add(ReadLittleEndian(text.data() + at));
  state.Add(ReadLittleEndian(text.data() + at, text.size() - at) | static_cast<uint64_t>(text.size()) << 56);
  state.v2 ^= 0xee;
  state.Rounds(4);
  const uint64_t first = state.Fold();
  state.v1 ^= 0xdd;
  state.Rounds(4);
  const uint64_t second = state.Fold();
  std::array<uint8_t, 16> out;
  for (size_t i = 0; i < 8; ++i) {
    out[i] = static_cast<uint8_t>(first >> (8 * i));
    out[8 + i] = static_cast<uint8_t>(second >> (8 * i));
  }
  return out;
}

uint64_t KeyedHash::Word(std::string_view domain, std::string_view text) const {
  std::string framed;
  framed.reserve(domain.size() + 1 + text.size());
  framed.append(domain).append(1, '\0').append(text);
  const std::array<uint8_t, 16> hash = Hash(framed);
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) word = word << 8 | hash[i];
  return word;
}

std::string KeyedHash::Id(std::string_view domain, std::string_view text) const {
  std::string framed(domain);
  framed.append(1, '\0').append(text);
  const std::array<uint8_t, 16> hash = Hash(framed);
  return Hex(std::string_view(reinterpret_cast<const char*>(hash.data()), kIdDigits / 2));
}

std::string WordHex(uint64_t word) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(word >> shift));
  return Hex(bytes);
}

}  // namespace headroom::learning
