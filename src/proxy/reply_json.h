// Members of replies by name, and events made and taken apart: what all
// splicers need. Thread-safe.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "json/document.h"

namespace headroom::proxy {

// A member of an object; nothing in any other value.
std::optional<json::Token> Inside(const json::Document& document, const json::Token& object, std::string_view key);

// The decoded text of a member; "" where it is no string.
std::string TextAt(const json::Document& document, const json::Token& object, std::string_view key);

// False for null, "", [] and {}.
bool Says(const json::Document& document, const json::Token& value);

// A member that is a whole number below 2^64.
std::optional<uint64_t> NumberAt(const json::Document& document, const json::Token& object, std::string_view key);

// The object with members set to raw JSON; "" leaves one out, a new one comes last.
using NewMembers = std::map<std::string_view, std::string>;
std::string WithMembers(const json::Document& document, const json::Token& object, NewMembers members);

// JSON may span lines, an event's data may not.
std::string OneLine(std::string_view json);

// The data of one whole event.
std::string EventData(std::string_view raw);

// The provider's error body as one line, or one of ours where it is none:
// `ours` is a JSON object with an "error".
std::string ErrorData(std::string_view body, std::string_view ours);

}  // namespace headroom::proxy
