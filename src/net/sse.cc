// Lines are found with two memchr passes over the fed bytes, one for LF and one
// for CR, each of which remembers its next hit: the cost is O(bytes) for any
// mixture of line ends. A line that lies whole in the fed bytes is not copied;
// only its data is. Cost: bench/sse_bench.cc.

#include "net/sse.h"

#include <cstring>
#include <utility>

namespace headroom::net {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The next occurrence of one byte, searched anew only once passed.
class NextByte {
 public:
  NextByte(char byte, const char* end) : byte_(byte), end_(end) {}

  // The first occurrence at or after `from`, or the end.
  const char* After(const char* from) {
    if (hit_ == nullptr || hit_ < from) {
      const void* found = std::memchr(from, byte_, static_cast<size_t>(end_ - from));
      hit_ = found != nullptr ? static_cast<const char*>(found) : end_;
    }
    return hit_;
  }

 private:
  const char byte_;
  const char* const end_;
  const char* hit_ = nullptr;
};

}  // namespace

SseParser::SseParser(Sink sink, size_t max_event_bytes) : sink_(std::move(sink)), max_event_bytes_(max_event_bytes) {}

void SseParser::Feed(std::string_view bytes) {
  if (bom_bytes_ < kByteOrderMark.size()) bytes = SkipByteOrderMark(bytes);
  if (bytes.empty()) return;
  if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
  after_cr_ = false;

  const char* begin = bytes.data();
  const char* const end = begin + bytes.size();
  NextByte next_lf('\n', end);
  NextByte next_cr('\r', end);
  while (begin != end) {
    const char* const lf = next_lf.After(begin);
    const char* const cr = next_cr.After(begin);
    const char* const stop = cr < lf ? cr : lf;
    const std::string_view part(begin, static_cast<size_t>(stop - begin));
    if (stop == end) return Keep(part);

    if (line_.empty()) {
      Line(part);
    } else {
      Keep(part);
      Line(line_);
      line_.clear();
    }
    begin = stop + 1;
    if (stop == cr) {
      after_cr_ = begin == end;
      if (begin == lf && begin != end) ++begin;
    }
  }
}

void SseParser::End() {
  if (!line_.empty()) Line(line_);
  Dispatch();
  line_.clear();
  after_cr_ = false;
  bom_bytes_ = 0;
}

std::string_view SseParser::SkipByteOrderMark(std::string_view bytes) {
  while (!bytes.empty() && bom_bytes_ < kByteOrderMark.size()) {
    if (bytes.front() != kByteOrderMark[bom_bytes_]) {
      Keep(kByteOrderMark.substr(0, bom_bytes_));
      bom_bytes_ = kByteOrderMark.size();
      break;
    }
    bytes.remove_prefix(1);
    ++bom_bytes_;
  }
  return bytes;
}

// Of a comment, and of a line that does not fit, the first byte is enough: it
// tells that the line is not blank.
void SseParser::Keep(std::string_view partial_line) {
  if (partial_line.empty()) return;
  const bool comment = (line_.empty() ? partial_line : std::string_view(line_)).front() == ':';
  if (!comment && event_bytes_ + line_.size() + partial_line.size() > max_event_bytes_) overflow_ = true;
  if (!comment && !overflow_) {
    line_.append(partial_line);
  } else if (line_.empty()) {
    line_.push_back(partial_line.front());
  }
}

void SseParser::Line(std::string_view line) {
  if (line.empty()) return Dispatch();
  if (line.front() == ':' || overflow_) return;
  event_bytes_ += line.size();
  if (event_bytes_ > max_event_bytes_) {
    overflow_ = true;
    return;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Field(line, "");
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  Field(line.substr(0, colon), value);
}

void SseParser::Field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) data_.push_back('\n');
    data_.append(value);
    has_data_ = true;
  } else if (name == "event") {
    name_.assign(value);
  }
}

void SseParser::Dispatch() {
  if (overflow_) {
    ++dropped_events_;
  } else if (has_data_) {
    sink_({name_.empty() ? std::string_view("message") : std::string_view(name_), data_});
  }
  name_.clear();
  data_.clear();
  event_bytes_ = 0;
  has_data_ = false;
  overflow_ = false;
}

}  // namespace headroom::net
