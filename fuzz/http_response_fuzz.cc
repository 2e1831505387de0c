// The response parser over arbitrary bytes, also as the answer to HEAD: bounded
// reads, progress, and the same message however the bytes were cut. The first
// byte of the input picks the kind of request.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_parser.h"

namespace {

using headroom::Result;
using headroom::net::BodyLength;
using headroom::net::ResponseParser;
using Event = ResponseParser::Event;

void Check(bool condition) {
  if (!condition) std::abort();
}

std::string Run(std::string_view wire, size_t piece_bytes, bool to_head) {
  ResponseParser parser;
  if (to_head) parser.ExpectNoBody();
  std::string trace;
  std::string unread;
  while (true) {
    const std::unique_ptr<char[]> exact(new char[unread.size()]);
    std::memcpy(exact.get(), unread.data(), unread.size());
    const Result<ResponseParser::Step> step = parser.Parse({exact.get(), unread.size()});
    if (!step.ok()) return trace + "refused";
    Check(step->consumed <= unread.size());
    Check(step->event != Event::kBody || (!to_head && !step->body.empty()));
    trace += step->body;
    unread.erase(0, step->consumed);
    if (step->event == Event::kHead) {
      const BodyLength length = parser.length();
      Check(!to_head || length.kind == BodyLength::Kind::kNone);
      trace += std::to_string(parser.head().status) + parser.head().reason + std::to_string(length.bytes) + "\n";
    }
    if (step->event == Event::kDone) return trace + "\ndone";
    if (step->event != Event::kNeedMore) continue;
    if (wire.empty()) return trace + (parser.ParseEnd().ok() ? "closed" : "cut");
    const std::string_view piece = wire.substr(0, piece_bytes);
    unread += piece;
    wire.remove_prefix(piece.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool to_head = data[0] % 2 == 1;
  const std::string whole = Run(wire, size, to_head);
  Check(Run(wire, 1, to_head) == whole);
  Check(Run(wire, 5, to_head) == whole);
  return 0;
}
