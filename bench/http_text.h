// What the benchmarks' own client and provider need of HTTP/1.1. They know each
// other's form of it: no folded headers, no trailers.

#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::bench {

// The same clock in every process of the machine.
inline int64_t MonotonicNanoseconds() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The value of the header `name` (lower case) in `head`, up to its CR.
inline std::optional<std::string_view> HeaderValue(std::string_view head, std::string_view name) {
  for (size_t line = head.find("\r\n"); line != head.npos; line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    size_t same = 0;
    while (same < name.size() && Lower(rest[same]) == name[same]) ++same;
    if (same < name.size()) continue;
    const size_t value = rest.find_first_not_of(' ', name.size() + 1);
    return rest.substr(value, rest.find('\r') - value);
  }
  return std::nullopt;
}

inline std::optional<size_t> ContentLength(std::string_view head) {
  const std::optional<std::string_view> text = HeaderValue(head, "content-length");
  size_t length = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), length).ec != std::errc()) return {};
  return length;
}

// Takes the chunk framing off a body, wherever it was cut.
class ChunkedBody {
 public:
  // Passes the data in `bytes` to `data`. True once the last chunk was read.
  template <typename Data>
  bool Feed(std::string_view bytes, Data&& data) {
    while (!bytes.empty() && !done_) {
      if (left_ > 0) {
        const std::string_view part = bytes.substr(0, left_);
        data(part);
        left_ -= part.size();
        bytes.remove_prefix(part.size());
        continue;
      }
      ReadSize(bytes.front());
      bytes.remove_prefix(1);
    }
    return done_;
  }

 private:
  // One character of "\r\n<size in hexadecimal>\r\n", the first two not before the first chunk.
  void ReadSize(char c) {
    if (c == '\r') return;
    if (c != '\n') {
      digits_ = true;
      size_ = size_ * 16 + static_cast<size_t>(c <= '9' ? c - '0' : Lower(c) - 'a' + 10);
      return;
    }
    if (ending_) {
      done_ = true;
    } else if (digits_) {
      left_ = size_;
      ending_ = size_ == 0;
      digits_ = false;
      size_ = 0;
    }
  }

  size_t left_ = 0;
  size_t size_ = 0;
  bool digits_ = false;
  bool ending_ = false;
  bool done_ = false;
};

}  // namespace headroom::bench
