// HTTP/1.1 message heads as the proxy carries them: names and values in the
// order and spelling they arrived, duplicates kept.
//
// Thread-compatible.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::net {

// True for equal ASCII strings, case ignored.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Header fields in one buffer. Views stay valid until the next mutation.
class HeaderList {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void Add(std::string_view name, std::string_view value);
  // Removes every field of that name; returns how many there were.
  size_t Remove(std::string_view name);
  // Removes each, then adds one at the end.
  void Set(std::string_view name, std::string_view value);

  // Empties the list and keeps its memory for the next message.
  void Clear();
  // Makes room, so that adding allocates nothing.
  void Reserve(size_t bytes, size_t fields);
  size_t capacity_bytes() const;

  // The first field of that name.
  std::optional<std::string_view> Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name).has_value(); }

  size_t size() const { return fields_.size(); }
  Field operator[](size_t index) const;

  // Drops connection-level fields (RFC 9110 7.6.1): Connection and the names it
  // lists, Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade.
  void RemoveHopByHop();

 private:
  struct Slot {
    uint32_t name_begin, name_size, value_begin, value_size;
  };
  std::string bytes_;
  std::vector<Slot> fields_;
};

struct RequestHead {
  std::string method;
  std::string target;     // origin form, as received: "/v1/messages?beta=true"
  int version_minor = 1;  // HTTP/1.x
  HeaderList headers;

  std::string_view path() const;   // target up to '?'
  std::string_view query() const;  // from '?' on, with it; "" if none
};

struct ResponseHead {
  int status = 0;
  std::string reason;
  int version_minor = 1;
  HeaderList headers;
};

// How a body is delimited on the wire.
struct BodyLength {
  enum class Kind { kNone, kExact, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t bytes = 0;  // for kExact

  static BodyLength None() { return {}; }
  static BodyLength Exact(uint64_t bytes) { return {Kind::kExact, bytes}; }
  static BodyLength Chunked() { return {Kind::kChunked, 0}; }
  static BodyLength UntilClose() { return {Kind::kUntilClose, 0}; }
};

}  // namespace headroom::net
