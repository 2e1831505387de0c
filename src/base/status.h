// Outcome of a fallible function: a code, who caused it, and a detail for the
// log. A detail never holds prompt text or credentials. No exception crosses a
// folder's public header; libraries that throw are wrapped where they are called.
//
//   Result<int> ParsePort(std::string_view text);
//   Result<int> port = ParsePort("80");
//   if (!port.ok()) return port.status();
//   Listen(*port);

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace headroom {

enum class Code {
  kOk,
  kInvalidArgument,     // the input is malformed
  kOutOfRange,          // an offset or value leaves its range
  kFailedPrecondition,  // the call does not fit the state
  kNotFound,
  kResourceExhausted,  // a limit of bytes, depth, entries or connections
  kDeadlineExceeded,
  kUnavailable,  // refused, unreachable, closed by the peer
  kCancelled,
  kDataLoss,  // stored bytes fail their checksum
  kInternal,
};

enum class Origin { kInternal, kDownstream, kUpstream };

std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string detail, Origin origin = Origin::kInternal)
      : code_(code), origin_(origin), detail_(std::move(detail)) {}

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  Origin origin() const { return origin_; }
  const std::string& detail() const { return detail_; }

  // "deadline_exceeded: connect to 127.0.0.1:80"
  std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  Origin origin_ = Origin::kInternal;
  std::string detail_;
};

// Either a T or a Status that is not ok.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}

  bool ok() const { return state_.index() == 0; }
  Status status() const { return ok() ? Status() : std::get<1>(state_); }

  // Requires ok().
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace headroom
