// Byte offsets and the buffer a request body lives in.
//
//   body   {"model":"m","messages":[...]}|................|
//          ^data()                       ^size()          ^64 readable zero bytes
//
// simdjson reads up to 64 bytes past the end of its input; PaddedBytes keeps
// them readable so that nothing is copied before parsing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace headroom {

// Half-open byte range into a body. Bodies are limited to well under 4 GiB.
struct ByteSpan {
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  std::string_view of(std::string_view body) const { return body.substr(begin, size()); }
  bool operator==(const ByteSpan&) const = default;
};

// Growable bytes followed by kPadding readable zero bytes. Move-only.
// Thread-compatible.
class PaddedBytes {
 public:
  static constexpr size_t kPadding = 64;

  PaddedBytes() = default;
  explicit PaddedBytes(std::string_view bytes) { Append(bytes); }

  PaddedBytes(PaddedBytes&& other) noexcept { swap(other); }
  PaddedBytes& operator=(PaddedBytes&& other) noexcept {
    swap(other);
    return *this;
  }

  // Amortised O(bytes). Invalidates earlier views.
  void Append(std::string_view bytes) {
    Reserve(size_ + bytes.size());
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    std::memset(data_.get() + size_, 0, kPadding);
  }

  // Makes room for `size` bytes in all.
  void Reserve(size_t size) {
    if (data_ != nullptr && size <= capacity_) return;
    const size_t grown = size > 2 * capacity_ ? size : 2 * capacity_;
    std::unique_ptr<char[]> larger(new char[grown + kPadding]);
    if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
    std::memset(larger.get() + size_, 0, kPadding);
    data_ = std::move(larger);
    capacity_ = grown;
  }

  std::string_view view() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void swap(PaddedBytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace headroom
