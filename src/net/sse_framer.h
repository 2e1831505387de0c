// An event stream cut into whole events, as raw bytes: for passing some on
// untouched and holding others back. SseParser reads what is in one.
//
//   "event: a\ndata: 1\n\nda" + "ta: 2\r\n\r\n"  ─►  "event: a\ndata: 1\n\n", "data: 2\r\n\r\n"
//
// The events joined are the bytes fed, rest() at the end included. Lines end in
// LF or CRLF, as all providers send them; a stream of lone CRs is one event. An
// event larger than the limit ends the framing: what comes from its first byte
// on is rest(). Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::net {

class SseFramer {
 public:
  static constexpr size_t kMaxEventBytes = 32u << 20;

  explicit SseFramer(size_t max_event_bytes = kMaxEventBytes) : max_event_bytes_(max_event_bytes) {}

  // Calls `sink(std::string_view event)` for each event that `bytes` completes, its
  // blank line included. Cost: O(bytes).
  template <typename Sink>
  void Feed(std::string_view bytes, Sink&& sink) {
    rest_.append(bytes);
    size_t begin = 0;
    while (scanned_ < rest_.size() && !overflowed_) {
      overflowed_ = scanned_ - begin == max_event_bytes_;
      if (overflowed_ || !EndsAfter(rest_[scanned_++])) continue;
      sink(std::string_view(rest_).substr(begin, scanned_ - begin));
      begin = scanned_;
    }
    rest_.erase(0, begin);
    scanned_ -= begin;
  }

  // Bytes of an event that is not complete.
  std::string_view rest() const { return rest_; }
  // True once an event was too large; no further one is found then.
  bool overflowed() const { return overflowed_; }
  void DropRest() {
    rest_.clear();
    scanned_ = 0;
  }

 private:
  // Takes the next byte; true when an event ends with it: at the LF of a blank line.
  bool EndsAfter(char c);

  const size_t max_event_bytes_;
  std::string rest_;
  size_t scanned_ = 0;
  bool overflowed_ = false;
  bool line_is_empty_ = true;
  bool has_line_ = false;  // the event has a line already
};

}  // namespace headroom::net
