// One HTTP request from a command, waited for. Thread-safe.

#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "net/message.h"

namespace headroom::cli {

struct HttpCall {
  std::string url;  // of http or https, with its path
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string ca_file = {};  // as net::Pool::Options
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds read_timeout{15'000};
};

struct HttpAnswer {
  net::ResponseHead head;
  std::string body;  // at most kMaxAnswerBytes of it
};

inline constexpr size_t kMaxAnswerBytes = size_t{16} << 20;

// Errors: kInvalidArgument (URL, trust), kUnavailable, kDeadlineExceeded, each with a sentence; kResourceExhausted for
// a larger answer. HTTP errors are answers.
Result<HttpAnswer> Call(const HttpCall& call);

}  // namespace headroom::cli
