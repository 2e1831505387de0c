#include "proxy/api.h"

#include "json/strings.h"

namespace headroom::proxy {
namespace {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return status < 500 ? "Error" : "Internal Server Error";
  }
}

std::string_view MessagesErrorType(int status) {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 504:
      return "timeout_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string_view ChatErrorCode(int status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 413:
      return "request_too_large";
    case 504:
      return "upstream_timeout";
    default:
      return status < 500 ? "invalid_request" : "proxy_error";
  }
}

}  // namespace

std::string_view ApiName(Api api) {
  switch (api) {
    case Api::kMessages:
      return "messages";
    case Api::kChat:
      return "chat";
    case Api::kResponses:
      break;
  }
  return "responses";
}

Reply JsonReply(int status, std::string body) {
  Reply reply;
  reply.head.status = status;
  reply.head.reason = ReasonPhrase(status);
  reply.head.headers.Add("content-type", "application/json");
  reply.body = std::move(body);
  return reply;
}

int HttpStatusFor(const Status& status) {
  if (status.origin() == Origin::kUpstream) return status.code() == Code::kDeadlineExceeded ? 504 : 502;
  if (status.origin() == Origin::kInternal) return 500;
  if (status.code() == Code::kResourceExhausted) return 413;
  return status.code() == Code::kDeadlineExceeded ? 408 : 400;
}

Reply ErrorReply(Api api, int http_status, std::string_view message) {
  std::string body;
  if (api == Api::kMessages) {
    body.append(R"({"type":"error","error":{"type":")").append(MessagesErrorType(http_status));
    body.append(R"(","message":)");
    json::AppendQuoted(message, body);
    body.append("}}");
  } else {
    body.append(R"({"error":{"message":)");
    json::AppendQuoted(message, body);
    body.append(R"(,"type":")").append(http_status < 500 ? "invalid_request_error" : "server_error");
    body.append(R"(","param":null,"code":")").append(ChatErrorCode(http_status)).append("\"}}");
  }
  return JsonReply(http_status, std::move(body));
}

Reply ErrorReply(Api api, int http_status, std::string_view message, const ErrorName& name) {
  std::string body = api == Api::kMessages ? R"({"type":"error","error":{"type":)" : R"({"error":{"type":)";
  json::AppendQuoted(name.type, body);
  body.append(R"(,"code":)");
  json::AppendQuoted(name.code, body);
  if (api != Api::kMessages) body.append(R"(,"param":null)");
  body.append(R"(,"message":)");
  json::AppendQuoted(message, body);
  body.append("}}");
  return JsonReply(http_status, std::move(body));
}

}  // namespace headroom::proxy
