// The events of a stream do not depend on how it is cut.
// Input: one byte that sets the size of the pieces, then the stream.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/sse.h"

namespace {

std::string Events(std::string_view stream, size_t piece_bytes) {
  std::string events;
  headroom::net::SseParser parser(
      [&](const headroom::net::SseParser::Event& event) {
        events.append(event.name).push_back('\0');
        events.append(event.data).push_back('\n');
      },
      64);
  for (size_t at = 0; at < stream.size(); at += piece_bytes) parser.Feed(stream.substr(at, piece_bytes));
  parser.End();
  return events + std::to_string(parser.dropped_events());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece_bytes = 1 + data[0] % 16;
  if (Events(stream, piece_bytes) != Events(stream, size)) std::abort();
  return 0;
}
