// The request parser over arbitrary bytes, whole and cut into pieces: it never
// reads past its input, always makes progress, and gives the same message
// however the bytes were cut.

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
using headroom::net::HeaderList;
using headroom::net::RequestParser;
using Event = RequestParser::Event;

void Check(bool condition) {
  if (!condition) std::abort();
}

// Everything observable about a run, as text.
std::string Describe(const RequestParser& parser) {
  std::string out = parser.head().method + " " + parser.head().target + "\n";
  const HeaderList& headers = parser.head().headers;
  for (size_t i = 0; i < headers.size(); ++i) {
    out.append(headers[i].name).append(":").append(headers[i].value).append("\n");
  }
  return out.append(parser.keep_alive() ? "keep\n" : "close\n");
}

// Feeds `wire` in pieces of `piece_bytes`, at most three messages.
std::string Run(std::string_view wire, size_t piece_bytes) {
  RequestParser parser;
  std::string trace;
  std::string unread;
  size_t messages = 0;
  while (true) {
    const std::unique_ptr<char[]> exact(new char[unread.size()]);
    std::memcpy(exact.get(), unread.data(), unread.size());
    const Result<RequestParser::Step> step = parser.Parse({exact.get(), unread.size()});
    if (!step.ok()) {
      Check(parser.refusal() == 400 || parser.refusal() == 431 || parser.refusal() == 505);
      return trace + "refused";
    }
    Check(step->consumed <= unread.size());
    Check(step->event != Event::kBody || !step->body.empty());
    trace += step->body;
    unread.erase(0, step->consumed);
    if (step->event == Event::kHead) trace += Describe(parser);
    if (step->event == Event::kDone) {
      trace += "\ndone\n";
      if (++messages == 3) return trace;
      parser.Reset();
    }
    if (step->event != Event::kNeedMore) continue;
    if (wire.empty()) return trace;
    const std::string_view piece = wire.substr(0, piece_bytes);
    unread += piece;
    wire.remove_prefix(piece.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view wire(reinterpret_cast<const char*>(data), size);
  const std::string whole = Run(wire, size + 1);
  Check(Run(wire, 1) == whole);
  Check(Run(wire, 7) == whole);
  return 0;
}
