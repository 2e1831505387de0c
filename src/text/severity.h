// What a line of a log, or a value, says of itself: how bad it is.
//
//   2026-01-02 ERROR disk 3 failing        error    a level word
//   E1124 10:00:01 store.cc:12] no quorum  error    glog; also <3>, [E], level=error, "level":50
//   12 errors, failed: 3                   error    error words
//   0 errors, "error": null, errors=0      none     they say that there is none
//   test_error.py, src/errors/mod.rs       none     names, not events
//   PASSED test_fails_on_timeout           info     a passed test, whatever it is called
//
// An error word counts as a value, never as a key: a key tells by its value.
// Words are compared without regard to case and locale. Thread-safe.

#pragma once

#include <cstdint>
#include <string_view>

namespace headroom::text {

enum class Severity : uint8_t { kNone, kDebug, kInfo, kWarning, kError };

// By a level word where there is one, else by error words; a warning that tells of an
// error is one. Cost: O(line).
Severity SeverityOf(std::string_view line);

// True when a value (not a key) tells of an error: "Connection refused", "FAILED",
// "timeout after 30s"; "", "none", "0 failed", "no errors" do not. Cost: O(value).
bool SaysError(std::string_view value);

// True when a value tells of a fault that was coped with: "deprecated", "retrying",
// "not found", "skipped". Cost: O(value).
bool SaysWarning(std::string_view value);

// True when the line reports a test or check that passed: "test a::b ... ok",
// "PASSED x.py::test_y", "ok  pkg 0.2s", "✓ renders". Cost: O(1).
bool SaysPassed(std::string_view line);

}  // namespace headroom::text
