// An event stream cut into whole events, as raw bytes: for passing some on
// untouched and holding others back. SseParser reads what is in one.
//
//   "event: a\ndata: 1\n\nda" + "ta: 2\r\n\r\n"  ─►  "event: a\ndata: 1\n\n", "data: 2\r\n\r\n"
//
// The events joined are the bytes fed, rest() at the end included. Lines end in
// LF or CRLF, as all providers send them; a stream of lone CRs is one event.
// Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::net {

class SseFramer {
 public:
  // Calls `sink(std::string_view event)` for each event that `bytes` completes, its
  // blank line included. Cost: O(bytes).
  template <typename Sink>
  void Feed(std::string_view bytes, Sink&& sink) {
    rest_.append(bytes);
    size_t begin = 0;
    while (scanned_ < rest_.size()) {
      if (!EndsAfter(rest_[scanned_++])) continue;
      sink(std::string_view(rest_).substr(begin, scanned_ - begin));
      begin = scanned_;
    }
    rest_.erase(0, begin);
    scanned_ -= begin;
  }

  // Bytes of an event that is not complete.
  std::string_view rest() const { return rest_; }

 private:
  // Takes the next byte; true when an event ends with it: at the LF of a blank line.
  bool EndsAfter(char c);

  std::string rest_;
  size_t scanned_ = 0;
  bool line_is_empty_ = true;
  bool has_line_ = false;  // the event has a line already
};

}  // namespace headroom::net
