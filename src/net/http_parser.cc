#include "net/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/none.hpp>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

namespace headroom::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }

// Finds the end of a block of lines that an empty line ends, and keeps its
// place between calls. Beast would take a folded line and, inside a quoted
// chunk extension, a bare LF; both are refused here. A bare CR is left to Beast.
class LineScan {
 public:
  enum class Found { kNothing, kEnd, kBareLf, kFold };

  void StartAt(size_t offset) { line_ = next_ = offset; }

  // Advances by one line: kNothing if it is incomplete.
  Found Line(std::string_view input) {
    if (next_ >= input.size()) return Found::kNothing;
    const void* lf = std::memchr(input.data() + next_, '\n', input.size() - next_);
    if (lf == nullptr) {
      next_ = input.size();
      return Found::kNothing;
    }
    const size_t at = static_cast<size_t>(static_cast<const char*>(lf) - input.data());
    if (at == line_ || input[at - 1] != '\r') return Found::kBareLf;
    if (input[line_] == ' ' || input[line_] == '\t') return Found::kFold;
    const bool empty = at - line_ == 1;
    line_ = next_ = at + 1;
    ++lines_;
    return empty ? Found::kEnd : Found::kNothing;
  }

  // Advances to the empty line.
  Found Block(std::string_view input) {
    while (true) {
      const size_t before = line_;
      const Found found = Line(input);
      if (found != Found::kNothing || line_ == before) return found;
    }
  }

  size_t offset() const { return line_; }  // where the next line starts
  size_t lines() const { return lines_; }

 private:
  size_t line_ = 0;
  size_t next_ = 0;
  size_t lines_ = 0;
};

Status Malformed(std::string detail) { return Status(Code::kInvalidArgument, std::move(detail)); }

Status FromBeast(const beast::error_code& error) {
  switch (static_cast<http::error>(error.value())) {
    case http::error::bad_method:
      return Malformed("malformed method");
    case http::error::bad_target:
      return Malformed("malformed request target");
    case http::error::bad_field:
      return Malformed("malformed header name");
    case http::error::bad_value:
      return Malformed("control character or malformed value in a header");
    case http::error::bad_line_ending:
      return Malformed("CR without LF");
    case http::error::bad_content_length:
      return Malformed("malformed or conflicting Content-Length");
    case http::error::multiple_content_length:
      return Malformed("differing Content-Length values");
    case http::error::bad_transfer_encoding:
      return Malformed("unsupported or conflicting Transfer-Encoding");
    case http::error::bad_chunk:
    case http::error::bad_chunk_extension:
      return Malformed("malformed chunk");
    case http::error::bad_version:
      return Malformed("malformed HTTP version");
    case http::error::bad_status:
    case http::error::bad_reason:
      return Malformed("malformed status line");
    default:
      return Malformed("malformed message: " + error.message());
  }
}

// "GET http://host/path HTTP/1.1" names its target in absolute form, which a
// server must accept (RFC 9112 3.2.2). Returns the origin form, empty if it is
// neither.
std::string OriginForm(std::string_view method, std::string_view target) {
  if (target.starts_with('/') || (target == "*" && method == "OPTIONS")) return std::string(target);
  const size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view name = target.substr(0, scheme);
  if (!EqualsIgnoreCase(name, "http") && !EqualsIgnoreCase(name, "https")) return {};
  const std::string_view rest = target.substr(scheme + 3);
  const size_t path = rest.find_first_of("/?");
  if (path == std::string_view::npos) return "/";
  return rest[path] == '/' ? std::string(rest.substr(path)) : "/" + std::string(rest.substr(path));
}

// Beast's parser with its callbacks bound to our head.
template <bool kIsRequest>
class BoundParser final : public http::basic_parser<kIsRequest> {
 public:
  using Head = typename HttpParser<kIsRequest>::Head;

  explicit BoundParser(Head& head) : head_(head) {
    this->body_limit(boost::none);
    this->header_limit(std::numeric_limits<uint32_t>::max());
    this->eager(false);
  }

  std::string_view body() const { return body_; }
  uint64_t chunk_bytes() const { return chunk_bytes_; }
  size_t hosts() const { return hosts_; }

 private:
  using Error = beast::error_code;

  void on_request_impl(http::verb, beast::string_view method, beast::string_view target, int version,
                       Error& error) override {
    if constexpr (kIsRequest) {
      head_.method = View(method);
      head_.target = OriginForm(View(method), View(target));
      head_.version_minor = version - 10;
      if (head_.target.empty()) error = http::error::bad_target;
    }
  }

  void on_response_impl(int status, beast::string_view reason, int version, Error& error) override {
    if constexpr (!kIsRequest) {
      head_.status = status;
      head_.reason = View(reason);
      head_.version_minor = version - 10;
      if (status < 100) error = http::error::bad_status;
    }
  }

  void on_field_impl(http::field field, beast::string_view name, beast::string_view value, Error& error) override {
    if (head_done_) return;  // a trailer
    if (field == http::field::host) ++hosts_;
    if (field == http::field::transfer_encoding &&
        (head_.version_minor == 0 || !EqualsIgnoreCase(View(value), "chunked"))) {
      error = http::error::bad_transfer_encoding;
      return;
    }
    head_.headers.Add(View(name), View(value));
  }

  void on_header_impl(Error&) override { head_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}

  std::size_t on_body_impl(beast::string_view body, Error&) override {
    body_ = View(body);
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t size, beast::string_view, Error&) override { chunk_bytes_ = size; }

  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, Error&) override {
    body_ = View(body);
    chunk_bytes_ -= body.size();
    return body.size();
  }

  void on_finish_impl(Error&) override {}

  Head& head_;
  std::string_view body_;
  uint64_t chunk_bytes_ = 0;  // left of the current chunk
  size_t hosts_ = 0;
  bool head_done_ = false;
};

size_t CountHexDigits(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return static_cast<size_t>(std::find_if_not(text.begin(), text.end(), is_hex) - text.begin());
}

}  // namespace

template <bool kIsRequest>
class HttpParser<kIsRequest>::Impl {
 public:
  explicit Impl(Limits limits) : limits_(limits) { beast_.emplace(head_); }

  void Reset() {
    head_.headers.Clear();
    if (head_.headers.capacity_bytes() > kKeptHeadBytes) head_.headers = HeaderList();
    beast_.emplace(head_);
    lines_ = LineScan();
    state_ = State::kHead;
    skipped_bytes_ = 0;
    no_body_ = false;
  }

  void ExpectNoBody() {
    no_body_ = true;
    beast_->skip(true);
  }

  Result<Step> Parse(std::string_view input) {
    switch (state_) {
      case State::kHead:
        return ParseHead(input);
      case State::kBody:
        return input.empty() ? Step{} : ParseBody(input, 0);
      case State::kChunkLine:
        return ParseChunkLine(input);
      case State::kTrailers:
        return ParseTrailers(input);
      case State::kDone:
        return Step{Event::kDone, 0, {}};
      case State::kFailed:
        break;
    }
    return Malformed("the message was refused");
  }

  Status ParseEnd() {
    if (state_ == State::kDone) return Status();
    if (state_ == State::kBody && length_.kind == BodyLength::Kind::kUntilClose) {
      state_ = State::kDone;
      return Status();
    }
    state_ = State::kFailed;
    return Status(Code::kUnavailable, "the connection closed before the end of the message");
  }

  Head head_;
  BodyLength length_;
  bool keep_alive_ = false;
  int refusal_ = 400;

 private:
  enum class State { kHead, kBody, kChunkLine, kTrailers, kDone, kFailed };
  static constexpr size_t kKeptHeadBytes = 8 * 1024;
  static constexpr size_t kMaxBlankBytes = 16;
  static constexpr size_t kMaxChunkDigits = 16;
  static constexpr std::string_view kAfterDigits = "; \t\r";

  Status Refuse(Status status, int refusal = 400) {
    state_ = State::kFailed;
    refusal_ = refusal;
    return status;
  }
  Status RefuseLines(LineScan::Found found) {
    return Refuse(Malformed(found == LineScan::Found::kFold ? "folded header line" : "LF without CR"));
  }

  // Passes `input` to Beast; returns the bytes it consumed.
  size_t Put(std::string_view input, beast::error_code& error) {
    return beast_->put(boost::asio::const_buffer(input.data(), input.size()), error);
  }

  // Empty lines before a request are skipped, a few of them: clients that end a
  // body with a stray CRLF exist (RFC 9112 2.2).
  size_t BlankPrefix(std::string_view input) {
    if (!kIsRequest || lines_.lines() > 0) return 0;
    size_t blank = 0;
    while (input.substr(blank).starts_with("\r\n") && skipped_bytes_ + 2 <= kMaxBlankBytes) {
      blank += 2;
      skipped_bytes_ += 2;
    }
    return blank;
  }

  Result<Step> ParseHead(std::string_view input) {
    const size_t blank = BlankPrefix(input);
    input.remove_prefix(blank);
    if (input.empty() || (kIsRequest && input == "\r")) return Step{Event::kNeedMore, blank, {}};

    const LineScan::Found found = lines_.Block(input);
    if (found == LineScan::Found::kBareLf || found == LineScan::Found::kFold) return RefuseLines(found);
    const bool complete = found == LineScan::Found::kEnd;
    if (complete ? lines_.offset() > limits_.head_bytes : input.size() >= limits_.head_bytes) {
      return Refuse(Status(Code::kResourceExhausted, "the header block is too large"), 431);
    }
    if (!complete) return Step{Event::kNeedMore, blank, {}};

    const std::string_view block = input.substr(0, lines_.offset());
    head_.headers.Reserve(block.size(), lines_.lines());
    beast::error_code error;
    PutHead(block, error);
    if (!error && !beast_->is_header_done()) error = http::error::need_more;
    if (error) return RefuseHead(error, block);
    if (kIsRequest && beast_->hosts() != 1 && (head_.version_minor == 1 || beast_->hosts() > 1)) {
      return Refuse(Malformed("exactly one Host header is required"));
    }
    FinishHead();
    return Step{Event::kHead, blank + block.size(), {}};
  }

  // Some gateways leave out the space before an empty reason phrase ("HTTP/1.1
  // 200"), which every client takes and Beast does not.
  void PutHead(std::string_view block, beast::error_code& error) {
    constexpr size_t kStatusEnd = std::string_view("HTTP/1.1 200").size();
    if (kIsRequest || block.find('\r') != kStatusEnd) {
      Put(block, error);
      return;
    }
    std::string spaced(block);
    spaced.insert(kStatusEnd, " ");
    Put(spaced, error);
  }

  Status RefuseHead(const beast::error_code& error, std::string_view block) {
    const std::string_view line = block.substr(0, block.find('\r'));
    const size_t version = kIsRequest ? line.rfind(' ') + 1 : 0;
    const bool other_version = error == http::error::bad_version && line.substr(version).starts_with("HTTP/") &&
                               line.size() - version == std::string_view("HTTP/2.0").size();
    if (other_version) return Refuse(Malformed("only HTTP/1.0 and HTTP/1.1 are spoken here"), 505);
    return Refuse(FromBeast(error));
  }

  void FinishHead() {
    keep_alive_ = beast_->keep_alive();
    if (beast_->chunked()) {
      length_ = BodyLength::Chunked();
      ExpectChunkLine(0);
    } else if (beast_->content_length().has_value()) {
      length_ = BodyLength::Exact(*beast_->content_length());
      state_ = State::kBody;
    } else {
      length_ = beast_->need_eof() ? BodyLength::UntilClose() : BodyLength::None();
      state_ = State::kBody;
    }
    if (!beast_->is_done()) return;
    state_ = State::kDone;
    if constexpr (!kIsRequest) {
      const int status = head_.status;
      if (no_body_ || status < 200 || status == 204 || status == 304) length_ = BodyLength::None();
    }
  }

  // `before` bytes of the caller's input are consumed already.
  Result<Step> ParseBody(std::string_view input, size_t before) {
    beast::error_code error;
    const size_t used = Put(input, error);
    if (error) return Refuse(FromBeast(error));
    if (beast_->is_done()) {
      state_ = State::kDone;
    } else if (length_.kind == BodyLength::Kind::kChunked && beast_->chunk_bytes() == 0) {
      ExpectChunkLine(2);
    }
    return Step{Event::kBody, before + used, beast_->body()};
  }

  // `prefix` is the size of the CRLF that ends the chunk before: Beast reads it
  // as part of the next chunk's line.
  void ExpectChunkLine(size_t prefix) {
    state_ = State::kChunkLine;
    prefix_ = prefix;
    lines_.StartAt(prefix);
  }

  // Beast gets the line, and after the last one the trailers too, when complete.
  Result<Step> ParseChunkLine(std::string_view input) {
    if (!std::string_view("\r\n").substr(0, prefix_).starts_with(input.substr(0, prefix_))) {
      return Refuse(Malformed("malformed chunk"));
    }
    if (input.size() <= prefix_) return Step{};
    if (lines_.Line(input) != LineScan::Found::kNothing) return Refuse(Malformed("malformed chunk"));
    const bool complete = lines_.offset() > prefix_;
    const std::string_view line = input.substr(prefix_, (complete ? lines_.offset() : input.size()) - prefix_);
    if (line.size() > limits_.chunk_line_bytes) {
      return Refuse(Status(Code::kResourceExhausted, "a chunk's size line is too long"));
    }
    const std::string_view digits = line.substr(0, CountHexDigits(line));
    const bool digits_end =
        digits.size() == line.size() || kAfterDigits.find(line[digits.size()]) != std::string_view::npos;
    if (digits.size() > kMaxChunkDigits || !digits_end) return Refuse(Malformed("malformed chunk"));
    if (!complete) return Step{};
    if (digits.empty() || digits.find_first_not_of('0') != std::string_view::npos) return ParseChunk(input);
    state_ = State::kTrailers;
    trailers_begin_ = lines_.offset();
    return ParseTrailers(input);
  }

  Result<Step> ParseChunk(std::string_view input) {
    beast::error_code error;
    const size_t used = Put(input.substr(0, lines_.offset()), error);
    if (error) return Refuse(FromBeast(error));
    state_ = State::kBody;
    if (used == input.size()) return Step{Event::kNeedMore, used, {}};
    return ParseBody(input.substr(used), used);
  }

  Result<Step> ParseTrailers(std::string_view input) {
    const LineScan::Found found = lines_.Block(input);
    if (found == LineScan::Found::kBareLf || found == LineScan::Found::kFold) return RefuseLines(found);
    const bool complete = found == LineScan::Found::kEnd;
    const size_t trailer_bytes = (complete ? lines_.offset() : input.size()) - trailers_begin_;
    if (trailer_bytes > limits_.trailer_bytes) {
      return Refuse(Status(Code::kResourceExhausted, "the trailer fields are too large"));
    }
    if (!complete) return Step{};
    beast::error_code error;
    const size_t used = Put(input.substr(0, lines_.offset()), error);
    if (error || !beast_->is_done()) return Refuse(FromBeast(error));
    state_ = State::kDone;
    return Step{Event::kDone, used, {}};
  }

  Limits limits_;
  std::optional<BoundParser<kIsRequest>> beast_;
  LineScan lines_;
  State state_ = State::kHead;
  size_t skipped_bytes_ = 0;
  size_t prefix_ = 0;
  size_t trailers_begin_ = 0;
  bool no_body_ = false;
};

template <bool kIsRequest>
HttpParser<kIsRequest>::HttpParser() : HttpParser(Limits{}) {}
template <bool kIsRequest>
HttpParser<kIsRequest>::HttpParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
template <bool kIsRequest>
HttpParser<kIsRequest>::~HttpParser() = default;

template <bool kIsRequest>
void HttpParser<kIsRequest>::Reset() {
  impl_->Reset();
}
template <bool kIsRequest>
void HttpParser<kIsRequest>::ExpectNoBody() {
  impl_->ExpectNoBody();
}
template <bool kIsRequest>
auto HttpParser<kIsRequest>::Parse(std::string_view input) -> Result<Step> {
  return impl_->Parse(input);
}
template <bool kIsRequest>
Status HttpParser<kIsRequest>::ParseEnd() {
  return impl_->ParseEnd();
}
template <bool kIsRequest>
auto HttpParser<kIsRequest>::head() const -> const Head& {
  return impl_->head_;
}
template <bool kIsRequest>
auto HttpParser<kIsRequest>::head() -> Head& {
  return impl_->head_;
}
template <bool kIsRequest>
BodyLength HttpParser<kIsRequest>::length() const {
  return impl_->length_;
}
template <bool kIsRequest>
bool HttpParser<kIsRequest>::keep_alive() const {
  return impl_->keep_alive_;
}
template <bool kIsRequest>
int HttpParser<kIsRequest>::refusal() const {
  return impl_->refusal_;
}

template class HttpParser<true>;
template class HttpParser<false>;

}  // namespace headroom::net
