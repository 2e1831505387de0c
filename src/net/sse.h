// Server-sent events read from a byte stream, on the side: the observer never
// delays or alters what is relayed.
//
// Lines end in LF, CRLF or CR; a stream may be cut at any byte, also inside a
// UTF-8 sequence or between CR and LF; comments and unknown fields are skipped
// (WHATWG HTML, 9.2.6).
//
// Thread-compatible.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace headroom::net {

class SseParser {
 public:
  struct Event {
    std::string_view name;  // "message" when the stream names none
    std::string_view data;  // data lines joined by LF; lives during the call
  };
  using Sink = std::function<void(const Event&)>;

  // An event larger than `max_event_bytes` is dropped and counted. Its size is
  // that of its lines, line ends and comments left out.
  explicit SseParser(Sink sink, size_t max_event_bytes = 8 * 1024 * 1024);

  void Feed(std::string_view bytes);
  // The stream ended: a last event without its blank line is delivered.
  void End();

  size_t dropped_events() const { return dropped_events_; }

 private:
  std::string_view SkipByteOrderMark(std::string_view bytes);
  void Keep(std::string_view partial_line);
  void Line(std::string_view line);
  void Field(std::string_view name, std::string_view value);
  void Dispatch();

  Sink sink_;
  size_t max_event_bytes_;
  std::string line_;  // the part of an unfinished line that came in earlier calls
  std::string name_;
  std::string data_;
  size_t event_bytes_ = 0;
  size_t bom_bytes_ = 0;  // of the byte order mark seen so far; 3 once that is settled
  bool has_data_ = false;
  bool after_cr_ = false;  // the last call ended in CR: a LF that follows belongs to it
  bool overflow_ = false;
  size_t dropped_events_ = 0;
};

}  // namespace headroom::net
