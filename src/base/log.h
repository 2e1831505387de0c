// Structured log on stderr, one line per event: level, event, key=value pairs.
// Never prompt text, never credentials. Thread-safe.
//
//   log::Info("listening", {{"url", url}, {"workers", "4"}});
//   -> 2026-11-24T09:12:01.123Z info listening url=http://127.0.0.1:8787 workers=4

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace headroom::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

// "debug", "info", "warning", "error", "off".
Result<Level> ParseLevel(std::string_view name);
void SetLevel(Level level);
bool Enabled(Level level);

void Write(Level level, std::string_view event, Fields fields = {});
inline void Debug(std::string_view event, Fields fields = {}) { Write(Level::kDebug, event, fields); }
inline void Info(std::string_view event, Fields fields = {}) { Write(Level::kInfo, event, fields); }
inline void Warning(std::string_view event, Fields fields = {}) { Write(Level::kWarning, event, fields); }
inline void Error(std::string_view event, Fields fields = {}) { Write(Level::kError, event, fields); }

}  // namespace headroom::log
