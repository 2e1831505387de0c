#include "proxy/cached_reply.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/framing.h"

namespace headroom::proxy {
namespace {

constexpr std::string_view kMagic = "HR1\n";
constexpr uint32_t kMaxFields = 64;

constexpr std::string_view kRepeated[] = {"anthropic-organization-id",
                                          "cache-control",
                                          "content-encoding",
                                          "content-language",
                                          "content-type",
                                          "openai-organization",
                                          "openai-project",
                                          "openai-version",
                                          "request-id",
                                          "vary",
                                          "x-request-id"};

void AppendUint64(uint64_t value, std::string& out) {
  AppendUint32(static_cast<uint32_t>(value), out);
  AppendUint32(static_cast<uint32_t>(value >> 32), out);
}

bool TakeUint64(std::string_view& record, uint64_t& value) {
  uint32_t low = 0;
  uint32_t high = 0;
  if (!TakeUint32(record, low) || !TakeUint32(record, high)) return false;
  value = uint64_t{high} << 32 | low;
  return true;
}

// A field that could not have come from a head would break the one it is written into.
bool IsFieldText(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20 && c != '\t'; });
}

bool IsRepeated(std::string_view name) {
  return std::any_of(std::begin(kRepeated), std::end(kRepeated),
                     [&](std::string_view repeated) { return net::EqualsIgnoreCase(name, repeated); });
}

bool TakeFields(std::string_view& record, net::HeaderList& headers) {
  uint32_t count = 0;
  if (!TakeUint32(record, count) || count > kMaxFields) return false;
  for (uint32_t i = 0; i < count; ++i) {
    std::string name;
    std::string value;
    if (!TakeFramed(record, name) || !TakeFramed(record, value)) return false;
    if (!IsRepeated(name) || !IsFieldText(value)) return false;
    headers.Add(name, value);
  }
  return true;
}

}  // namespace

net::ResponseHead RepeatedHead(const net::ResponseHead& head) {
  net::ResponseHead repeated;
  repeated.status = head.status;
  repeated.reason = head.reason;
  for (size_t i = 0; i < head.headers.size(); ++i) {
    const net::HeaderList::Field field = head.headers[i];
    if (repeated.headers.size() < kMaxFields && IsRepeated(field.name)) repeated.headers.Add(field.name, field.value);
  }
  return repeated;
}

std::string EncodeCachedReply(const CachedReply& reply) {
  std::string entry(kMagic);
  entry.reserve(reply.body.size() + 1024);
  AppendUint64(static_cast<uint64_t>(reply.unix_seconds), entry);
  AppendUint32(static_cast<uint32_t>(reply.head.headers.size()), entry);
  for (size_t i = 0; i < reply.head.headers.size(); ++i) {
    AppendFramed(reply.head.headers[i].name, entry);
    AppendFramed(reply.head.headers[i].value, entry);
  }
  AppendFramed(reply.body, entry);
  return entry;
}

std::optional<CachedReply> DecodeCachedReply(std::string_view entry) {
  if (!entry.starts_with(kMagic)) return std::nullopt;
  entry.remove_prefix(kMagic.size());
  CachedReply reply;
  reply.head.status = 200;
  reply.head.reason = "OK";
  uint64_t seconds = 0;
  if (!TakeUint64(entry, seconds) || seconds > INT64_MAX / 2) return std::nullopt;
  reply.unix_seconds = static_cast<int64_t>(seconds);
  if (!TakeFields(entry, reply.head.headers)) return std::nullopt;
  if (!TakeFramed(entry, reply.body) || !entry.empty()) return std::nullopt;
  return reply;
}

}  // namespace headroom::proxy
