#include "net/response_head.h"

#include <charconv>

namespace headroom::net {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Bad Request";
  }
}

void AppendNumber(std::string& out, uint64_t number, int base) {
  char digits[24];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), number, base);
  out.append(digits, end.ptr);
}

void AppendFramingFields(std::string& out, int status, const ResponseFraming& framing) {
  switch (framing.length.kind) {
    case BodyLength::Kind::kExact:
      out.append("Content-Length: ");
      AppendNumber(out, framing.length.bytes, 10);
      out.append("\r\n");
      break;
    case BodyLength::Kind::kChunked:
      out.append("Transfer-Encoding: chunked\r\n");
      break;
    case BodyLength::Kind::kNone:
      // Without a length a client would wait for the connection's end. The
      // length that HEAD or 304 stand for is not known here.
      if (framing.has_body && status >= 200) out.append("Content-Length: 0\r\n");
      break;
    case BodyLength::Kind::kUntilClose:
      break;
  }
  if (!framing.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (framing.version_minor == 0) {
    out.append("Connection: keep-alive\r\n");
  }
}

}  // namespace

ResponseFraming FrameResponse(const RequestHead& request, int status, BodyLength length, bool keep_alive) {
  ResponseFraming framing;
  framing.version_minor = request.version_minor;
  framing.has_body = request.method != "HEAD" && status >= 200 && status != 204 && status != 304;
  framing.length = length;
  if (status == 204) framing.length = BodyLength::None();
  if (length.kind == BodyLength::Kind::kChunked && request.version_minor == 0) {
    framing.length = BodyLength::UntilClose();
  }
  framing.keep_alive = keep_alive && !(framing.has_body && framing.length.kind == BodyLength::Kind::kUntilClose);
  return framing;
}

void AppendResponseHead(std::string& out, const ResponseHead& head, const ResponseFraming& framing) {
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<uint64_t>(head.status), 10);
  out.append(" ").append(head.reason).append("\r\n");
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const HeaderList::Field field = head.headers[i];
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  AppendFramingFields(out, head.status, framing);
  out.append("\r\n");
}

void AppendChunkLine(std::string& out, size_t bytes) {
  AppendNumber(out, bytes, 16);
  out.append("\r\n");
}

std::string RefusalResponse(int status, std::string_view message) {
  std::string body = R"({"type":"error","error":{"type":"invalid_request_error","message":")";
  body.append(message).append("\"}}");

  ResponseHead head;
  head.status = status;
  head.reason = Reason(status);
  head.headers.Add("Content-Type", "application/json");
  ResponseFraming framing;
  framing.length = BodyLength::Exact(body.size());
  framing.keep_alive = false;
  std::string out;
  AppendResponseHead(out, head, framing);
  return out.append(body);
}

}  // namespace headroom::net
