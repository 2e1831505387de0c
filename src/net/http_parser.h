// HTTP/1.x messages taken apart as their bytes arrive. Boost.Beast's strict
// parser reads them; fields go straight into a HeaderList in their order and
// spelling, and body bytes are views into the input, de-chunked, never copied.
//
//   input   POST /v1/messages HTTP/1.1\r\n...\r\n\r\n|5\r\nhello\r\n0\r\n\r\n|GET /next
//   Parse   kHead ────────────────────────────────────┘
//           kBody "hello" ────────────────────┘
//           kDone ────────────────────────────────────────────┘ the rest is the next message
//
// Stricter than Beast where two parsers could disagree about where a message
// ends (request smuggling): no bare LF, no obs-fold, no Transfer-Encoding but
// exactly "chunked", one Host. docs/http.md lists what is refused.
//
// The caller keeps the unconsumed input:
//
//   Result<Step> step = parser.Parse(unread);
//   if (!step.ok()) Refuse(parser.refusal(), step.status());
//   unread.remove_prefix(step->consumed);
//
// Thread-compatible. No I/O, no coroutines.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>

#include "base/status.h"
#include "net/message.h"

namespace headroom::net {

template <bool kIsRequest>
class HttpParser {
 public:
  using Head = std::conditional_t<kIsRequest, RequestHead, ResponseHead>;

  struct Limits {
    size_t head_bytes = 64 * 1024;       // start line to the empty line, both included
    size_t chunk_line_bytes = 4 * 1024;  // chunk size and extensions
    size_t trailer_bytes = 16 * 1024;    // all trailer fields, which are dropped
  };

  enum class Event {
    kNeedMore,  // call again with what is left and more bytes after it
    kHead,      // head(), length() and keep_alive() are there
    kBody,      // `body` holds the next bytes, at least one
    kDone,      // the message is complete
  };
  struct Step {
    Event event = Event::kNeedMore;
    size_t consumed = 0;    // bytes of the input that are not to be passed again
    std::string_view body;  // a view into the input
  };

  HttpParser();
  explicit HttpParser(Limits limits);
  ~HttpParser();

  // Ready for the next message; head() is emptied and keeps its memory.
  void Reset();
  // The response answers HEAD: it ends after its head. Before the first Parse.
  void ExpectNoBody();

  // Takes the next step in `input`, which starts with the first byte not
  // consumed before. After kDone, again kDone until Reset. A response of 1xx,
  // 204 or 304 has no body: kHead, then kDone.
  // Errors: kInvalidArgument    malformed or ambiguous
  //         kResourceExhausted  a limit is passed
  // After an error every call fails. Cost: O(bytes) over a message, however cut.
  Result<Step> Parse(std::string_view input);

  // The peer closed with nothing left to pass. Ok when the message is complete
  // or ends with the connection, else kUnavailable.
  Status ParseEnd();

  // After kHead, until Reset.
  const Head& head() const;
  Head& head();
  // How the body is delimited; Exact(0) when a Content-Length says so.
  BodyLength length() const;
  // Whether the sender would use the connection again.
  bool keep_alive() const;

  // The status a server answers with after an error: 400, 431 or 505.
  int refusal() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

using RequestParser = HttpParser<true>;
using ResponseParser = HttpParser<false>;

extern template class HttpParser<true>;
extern template class HttpParser<false>;

}  // namespace headroom::net
