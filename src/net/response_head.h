// Response heads as bytes, and the few answers a server gives by itself.

#pragma once

#include <string>
#include <string_view>

#include "net/message.h"

namespace headroom::net {

// How the response to one request goes out.
struct ResponseFraming {
  BodyLength length;       // after HTTP/1.0 and bodiless responses are allowed for
  bool has_body = true;    // false for HEAD, 204 and 304: body bytes are dropped
  bool keep_alive = true;  // what the Connection field says
  int version_minor = 1;   // of the request
};

// What `length` becomes for this request and status. kChunked becomes
// kUntilClose for HTTP/1.0, and kUntilClose ends the connection.
ResponseFraming FrameResponse(const RequestHead& request, int status, BodyLength length, bool keep_alive);

// Appends status line, fields, framing fields and the empty line.
void AppendResponseHead(std::string& out, const ResponseHead& head, const ResponseFraming& framing);

// Appends "1a2b\r\n", the line before a chunk of so many bytes.
void AppendChunkLine(std::string& out, size_t bytes);

// A whole response that refuses a request and closes, as JSON that the clients
// of either provider show. `message` is a literal sentence without quotes.
std::string RefusalResponse(int status, std::string_view message);

}  // namespace headroom::net
