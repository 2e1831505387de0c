#include "text/log_traces.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace headroom::text {
namespace {

constexpr size_t kEnds = 3;     // frames kept at both ends where none is the program's own
constexpr size_t kMaxOwn = 40;  // own frames kept in full; of more, the outer and the inner ones
constexpr size_t kOuterOwn = 12;
constexpr size_t kInnerOwn = 24;
constexpr size_t kMaxSourceLines = 3;  // below a Python frame: source and its markers
constexpr size_t kSameFrame = 3;       // a recursion's frame is shown this often

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// "at pkg.Class.method(File.java:3)": packages of the platform, and of wide-spread frameworks.
bool IsPlatformSymbol(std::string_view symbol) {
  static constexpr std::array<std::string_view, 20> kPlatform = {
      "java.",  "javax.",  "jdk.",       "sun.",       "com.sun.", "kotlin.", "kotlinx.",
      "scala.", "groovy.", "clojure.",   "core::",     "std::",    "alloc::", "__rustc",
      "<fn() ", "System.", "Microsoft.", "rust_begin", "runtime.", "__libc_"};
  return std::any_of(kPlatform.begin(), kPlatform.end(), [&](std::string_view p) { return symbol.starts_with(p); });
}

bool IsFrameworkSymbol(std::string_view symbol) {
  static constexpr std::array<std::string_view, 22> kFrameworks = {
      "org.junit",   "junit.",         "org.testng.",  "org.springframework.",
      "org.apache.", "org.hibernate.", "org.eclipse.", "org.gradle.",
      "io.netty.",   "io.micrometer.", "reactor.",     "io.reactivex.",
      "okhttp3.",    "com.fasterxml.", "com.google.",  "ch.qos.",
      "org.slf4j.",  "jakarta.",       "org.mockito.", "akka.",
      "com.zaxxer.", "org.postgresql."};
  return std::any_of(kFrameworks.begin(), kFrameworks.end(), [&](std::string_view p) { return symbol.starts_with(p); });
}

bool IsLibraryPath(std::string_view path) {
  static constexpr std::array<std::string_view, 17> kParts = {
      "site-packages/",     "dist-packages/",    "node_modules/", "/lib/python",   "node:internal",
      "internal/modules/",  "internal/process/", "<frozen ",      "/rustc/",       "/.cargo/registry/",
      "/usr/local/go/src/", "/pkg/mod/",         "/gems/",        "/usr/include/", "/usr/lib/",
      "/vendor/",           "<anonymous>:"};
  return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) { return Contains(path, part); });
}

// One call: its lines, and whose code it is.
struct Frame {
  size_t begin = 0;
  size_t end = 0;
  enum class Owner : uint8_t { kOwn, kFramework, kPlatform } owner = Owner::kOwn;
};

Frame::Owner OwnerOf(std::string_view place) {
  if (IsPlatformSymbol(place) || IsLibraryPath(place)) return Frame::Owner::kPlatform;
  return IsFrameworkSymbol(place) ? Frame::Owner::kFramework : Frame::Owner::kOwn;
}

struct Trace {
  size_t begin = 0;
  size_t end = 0;
  bool innermost_last = false;  // Python; elsewhere the innermost call comes first
  bool announced = false;       // "Traceback ...", "Caused by: ..."
  std::vector<Frame> frames;
};

bool IsHead(std::string_view trimmed) {
  static constexpr std::array<std::string_view, 9> kHeads = {"Traceback (most recent call last)",
                                                             "Caused by: ",
                                                             "Suppressed: ",
                                                             "During handling of the above exception",
                                                             "The above exception was the direct cause",
                                                             "stack backtrace:",
                                                             "Stack trace:",
                                                             "Exception in thread ",
                                                             "goroutine "};
  return std::any_of(kHeads.begin(), kHeads.end(), [&](std::string_view head) { return trimmed.starts_with(head); });
}

// "... 23 more", "... 5 common frames omitted".
bool IsMore(std::string_view trimmed) {
  return trimmed.starts_with("... ") && LeadingDigits(trimmed.substr(4)) > 0 &&
         (trimmed.ends_with(" more") || Contains(trimmed, " frames"));
}

bool IsPythonFrame(std::string_view trimmed) {
  return trimmed.starts_with("File \"") && Contains(trimmed, "\", line ");
}

bool IsAtFrame(std::string_view line, std::string_view trimmed) {
  return trimmed.size() < line.size() && trimmed.starts_with("at ") && trimmed.size() > 4;
}

// "#3 0x55 in main a.c:3", "#1 /srv/a.php(12): run()".
bool IsNumberedFrame(std::string_view trimmed) {
  if (trimmed.size() < 5 || trimmed[0] != '#') return false;
  const size_t digits = LeadingDigits(trimmed.substr(1));
  if (digits == 0 || digits > 4 || 1 + digits >= trimmed.size() || trimmed[1 + digits] != ' ') return false;
  return Contains(trimmed, " in ") || Contains(trimmed, " at ") || Contains(trimmed, "): ") || Contains(trimmed, "0x");
}

// "  12: tollbooth::ledger::add".
bool IsRustSymbol(std::string_view line, std::string_view trimmed) {
  const size_t digits = LeadingDigits(trimmed);
  return trimmed.size() < line.size() && digits > 0 && digits < 5 && trimmed.substr(digits).starts_with(": ") &&
         Contains(trimmed, "::");
}

// "\t/srv/main.go:12 +0x1d".
bool IsGoPlace(std::string_view line) {
  return !line.empty() && line[0] == '\t' && Contains(line, ".go:") && !Contains(line, ": ");
}

bool IsRubyFrame(std::string_view line, std::string_view trimmed) {
  return trimmed.size() < line.size() && trimmed.starts_with("from ") && Contains(trimmed, ":in ");
}

class Reader {
 public:
  explicit Reader(const LogLines& lines) : lines_(lines) {}

  // The trace that begins at `begin`; without frames where none does.
  Trace Read(size_t begin) {
    Trace trace;
    trace.begin = trace.end = begin;
    size_t at = begin;
    while (at < lines_.size()) {
      const size_t next = Step(at, &trace);
      if (next == at) break;
      at = trace.end = next;
    }
    return trace;
  }

 private:
  // Reads what stands at `at`; the same place when it is no part of the trace.
  size_t Step(size_t at, Trace* trace) const {
    const std::string_view line = lines_[at].text;
    const std::string_view trimmed = Trim(line);
    if (trimmed.empty()) return AfterBlanks(at, *trace);
    if (IsPythonFrame(trimmed)) {
      trace->innermost_last = true;
      return AddFrame(at, AfterSource(at), trimmed.substr(6), trace);
    }
    if (IsRustSymbol(line, trimmed)) {
      const size_t end =
          at + 1 < lines_.size() && IsAtFrame(lines_[at + 1].text, Trim(lines_[at + 1].text)) ? at + 2 : at + 1;
      const std::string_view symbol = trimmed.substr(trimmed.find(": ") + 2);
      const bool library = end > at + 1 && IsLibraryPath(lines_[at + 1].text);
      return AddFrame(at, end, library ? std::string_view("std::") : symbol, trace);
    }
    if (IsAtFrame(line, trimmed)) {
      std::string_view place = trimmed.substr(3);
      if (place.starts_with("async ")) place.remove_prefix(6);
      return AddFrame(at, at + 1, place, trace);
    }
    if (IsNumberedFrame(trimmed)) return AddFrame(at, at + 1, PlaceOfNumbered(trimmed), trace);
    if (IsRubyFrame(line, trimmed)) return AddFrame(at, at + 1, trimmed.substr(5), trace);
    if (at + 1 < lines_.size() && IsGoPlace(lines_[at + 1].text) && line[0] != '\t') {
      const bool library = IsLibraryPath(lines_[at + 1].text);
      return AddFrame(at, at + 2, library ? std::string_view("runtime.") : trimmed, trace);
    }
    if (IsHead(trimmed)) {
      trace->announced = true;
      return at + 1;
    }
    if (IsMore(trimmed) && !trace->frames.empty()) return at + 1;
    return at;
  }

  static std::string_view PlaceOfNumbered(std::string_view trimmed) {
    const size_t in = trimmed.find(" in ");
    return in == std::string_view::npos ? trimmed.substr(trimmed.find(' ') + 1) : trimmed.substr(in + 4);
  }

  static size_t AddFrame(size_t begin, size_t end, std::string_view place, Trace* trace) {
    trace->frames.push_back({begin, end, OwnerOf(place)});
    return end;
  }

  size_t AfterSource(size_t at) const {
    const size_t indent = IndentOf(lines_[at].text);
    size_t end = at + 1;
    while (end < lines_.size() && end <= at + kMaxSourceLines && lines_[end].role != LogRole::kBlank &&
           IndentOf(lines_[end].text) > indent && !IsPythonFrame(Trim(lines_[end].text))) {
      ++end;
    }
    return end;
  }

  // Blank lines inside a chain of causes belong to it. The message of a Python trace
  // stands between its frames and the blank line and is left to its own severity.
  size_t AfterBlanks(size_t at, const Trace& trace) const {
    size_t next = at;
    while (next < lines_.size() && next < at + 2 && lines_[next].role == LogRole::kBlank) ++next;
    if (trace.frames.empty() || next >= lines_.size()) return at;
    return IsHead(Trim(lines_[next].text)) ? next : at;
  }

  const LogLines& lines_;
};

// Which frames stay.
class Settler {
 public:
  Settler(const LogLines& lines, LogPlan* plan) : lines_(lines), plan_(plan) {}

  void Settle(const Trace& trace) {
    const size_t message = trace.innermost_last && trace.end < lines_.size() ? 1 : 0;
    if (!signatures_.insert(Signature(trace, message)).second) {
      plan_->Repeats(trace.begin);
      plan_->Goes(trace.begin, trace.end + message);
      return;
    }
    KeepAround(trace, message);
    KeepOwn(trace, OwnFrames(trace));
    for (const Frame& frame : trace.frames) plan_->Goes(frame.begin, frame.end);
  }

 private:
  // Where the program has none of its own, those of frameworks count as such: it may be one.
  static std::vector<size_t> OwnFrames(const Trace& trace) {
    std::vector<size_t> own;
    for (const Frame::Owner most : {Frame::Owner::kOwn, Frame::Owner::kFramework}) {
      for (size_t i = 0; i < trace.frames.size(); ++i) {
        if (trace.frames[i].owner <= most) own.push_back(i);
      }
      if (!own.empty()) break;
    }
    return own;
  }

  uint64_t Signature(const Trace& trace, size_t message) const {
    uint64_t hash = trace.frames.size();
    for (const Frame& frame : trace.frames) hash = hash * 0x9e3779b97f4a7c15ULL + lines_[frame.begin].message + 1;
    for (size_t i = trace.end; i < trace.end + message; ++i)
      hash = hash * 0x9e3779b97f4a7c15ULL + lines_[i].message + 1;
    return hash;
  }

  // Heads, causes and messages: all lines of the trace that are no frame, the line it is
  // raised from above it, and the message below it.
  void KeepAround(const Trace& trace, size_t message) {
    size_t at = trace.begin;
    for (const Frame& frame : trace.frames) {
      plan_->Must(at, frame.begin);
      at = frame.end;
    }
    plan_->Must(at, trace.end + message);
    if (!trace.innermost_last && trace.begin > 0 && lines_[trace.begin - 1].role != LogRole::kBlank) {
      plan_->Must(trace.begin - 1);
    }
  }

  void KeepOwn(const Trace& trace, const std::vector<size_t>& own) {
    const size_t count = trace.frames.size();
    const auto keep = [&](size_t i) { plan_->Must(trace.frames[i].begin, trace.frames[i].end); };
    if (own.empty()) {
      for (size_t i = 0; i < std::min(kEnds, count); ++i) keep(i);
      for (size_t i = count - std::min(kEnds, count); i < count; ++i) keep(i);
      return;
    }
    keep(trace.innermost_last ? count - 1 : 0);
    const bool cut = own.size() > kMaxOwn;
    const size_t first = trace.innermost_last ? kOuterOwn : kInnerOwn;
    const size_t last = kOuterOwn + kInnerOwn - first;
    std::vector<uint32_t> shown;
    for (size_t k = 0; k < own.size(); ++k) {
      if (cut && k >= first && k + last < own.size()) continue;
      const uint32_t message = lines_[trace.frames[own[k]].begin].message;
      if (own.size() > kSameFrame && static_cast<size_t>(std::count(shown.begin(), shown.end(), message)) >= kSameFrame)
        continue;
      shown.push_back(message);
      keep(own[k]);
    }
  }

  const LogLines& lines_;
  LogPlan* const plan_;
  std::unordered_set<uint64_t> signatures_;
};

}  // namespace

bool IsLibrary(std::string_view place) { return IsPlatformSymbol(place) || IsLibraryPath(place); }

void SettleTraces(const LogLines& lines, LogPlan* plan) {
  Reader reader(lines);
  Settler settler(lines, plan);
  for (size_t i = 0; i < lines.size();) {
    if (lines[i].role == LogRole::kBlank || lines[i].role == LogRole::kProgress) {
      ++i;
      continue;
    }
    const Trace trace = reader.Read(i);
    const bool is_trace = trace.frames.size() >= 2 || (trace.announced && !trace.frames.empty());
    if (is_trace) settler.Settle(trace);
    i = std::max(trace.end, i + 1);
  }
}

}  // namespace headroom::text
