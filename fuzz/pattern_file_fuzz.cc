// Any text read as a file of patterns: what is taken is written and read again as the same; and as a snapshot.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "learning/pattern_file.h"
#include "learning/snapshot.h"

namespace {

using headroom::learning::InstanceId;
using headroom::learning::KeyedHash;
using headroom::learning::Patterns;
using headroom::learning::ReadPatterns;
using headroom::learning::Snapshot;
using headroom::learning::WritePatterns;

void Check(bool holds) {
  if (!holds) std::abort();
}

// The input's own instance id cannot be guessed: one that stands in its place is as good.
std::string WithInstance(std::string_view text, const std::string& instance) {
  constexpr std::string_view kPlace = "INSTANCE";
  std::string out(text);
  const size_t at = out.find(kPlace);
  return at == std::string::npos ? out : out.replace(at, kPlace.size(), instance);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const KeyedHash hash(std::string_view("0123456789abcdef"));
  static const std::string instance = InstanceId(hash);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const Patterns::Limits limits{.entries = 4, .bytes = 16 * 1024};
  const auto patterns = ReadPatterns(WithInstance(bytes, instance), hash, limits);
  if (patterns.ok()) {
    Check(patterns->size() <= limits.entries);
    const std::string written = WritePatterns(*patterns, hash, 1);
    const auto again = ReadPatterns(written, hash);
    Check(again.ok() && WritePatterns(*again, hash, 1) == written);
    const Snapshot snapshot(*patterns);
    Check(Snapshot::Decode(snapshot.Encode()).ok());
  }

  if (const auto snapshot = Snapshot::Decode(bytes); snapshot.ok()) {
    const auto again = Snapshot::Decode(snapshot->Encode());
    Check(again.ok() && again->digest() == snapshot->digest());
  }
  return 0;
}
