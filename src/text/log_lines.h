// The lines of a log, and what each is: the common ground of the rules of ExcerptLog.
//
//   [12/300] Building CXX object a.o        kProgress
//   test a::b ... ok                        kPassed
//   FAILED tests/a.py::test_b               kFailedTest
//   a.cc:3:5: error: no member 'x'          kDiagnostic
//   ====== FAILURES ======                  kTitle      ("======" alone: kRuler)
//   E       assert 3 == 4                   kDetail
//
// Lines are shown as a terminal would show them: without colours and without the
// earlier states of a progress line. Each stays one line, so that its number is the
// source's. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/line_text.h"
#include "text/severity.h"

namespace headroom::text {

enum class LogRole : uint8_t {
  kPlain,
  kBlank,
  kRuler,       // nothing but "----", "====", "_ _ _"
  kTitle,       // "=== short test summary info ===", "____ test_a ____"
  kPassed,      // a test or check that passed
  kProgress,    // downloads, compile steps, percentages
  kFailedTest,  // names a test that failed
  kDetail,      // "E   assert ...", "Expected: 3", "left: 1"
  kDiagnostic,  // an error or warning of a compiler or linter, with its place
  kNote,        // a compiler's note
};

struct LogLine {
  std::string_view text;
  Severity severity = Severity::kNone;
  LogRole role = LogRole::kPlain;
  uint32_t shape = 0;    // of lines that differ in numbers and in names
  uint32_t message = 0;  // of lines that differ in numbers only; of diagnostics without their place
};

class LogLines {
 public:
  // Splits and reads `text`, which must outlive it. Stops early when `expired`. Cost: O(bytes).
  LogLines(std::string_view text, const Expired& expired);

  size_t size() const { return lines_.size(); }
  const LogLine& operator[](size_t i) const { return lines_[i]; }
  const std::vector<std::string_view>& texts() const { return source_.lines; }
  std::string_view ending() const { return source_.ending; }
  bool ends_with_newline() const { return source_.ends_with_newline; }

  size_t shapes() const { return shape_counts_.size(); }
  size_t shape_count(uint32_t shape) const { return shape_counts_[shape]; }
  size_t messages() const { return message_counts_.size(); }
  size_t message_count(uint32_t message) const { return message_counts_[message]; }

 private:
  LineText source_;
  LineArena arena_;
  std::vector<LogLine> lines_;
  std::vector<uint32_t> shape_counts_;
  std::vector<uint32_t> message_counts_;
};

// Where the message of a diagnostic begins: behind "a.cc:3:5: ", "a.ts(3,5): ". npos for
// other lines. Cost: O(line), bounded.
size_t DiagnosticMessage(std::string_view line);

// Blanks at the start.
size_t IndentOf(std::string_view line);

}  // namespace headroom::text
