// gdb and lldb: where it crashed and with which values.
//
//   #0  0x5155 in length (c=0x0) at crash.c:4        kept: frames, their variables, messages
//   rax            0x0                 0             left out unless asked for: registers,
//   => 0x5159 <length+16>: mov (%rax),%rax           code around the place, threads that
//   [New Thread 0x7ff (LWP 12)]                      start, equal threads, deep recursion
//
// Counter-example: the first thread shown, or a thread that no other equals, stays whole;
// the register that holds the place (rip, pc) and the instruction marked "=>" stay.

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "text/salience.h"
#include "text/terminal_excerpt_readers.h"

namespace headroom::text {
namespace {

constexpr size_t kRecursionEnds = 3;  // frames kept at either end of a run of one function
constexpr size_t kMinRecursion = 9;   // shorter runs stay
constexpr size_t kThreadFrames = 2;   // of a thread that equals an earlier one

// "#12 " or "frame #12: ": the number is not needed.
bool IsFrame(std::string_view line) {
  line = Trim(line);
  if (line.starts_with("* ")) line.remove_prefix(2);
  if (line.starts_with("frame #")) return true;
  const size_t digits = line.starts_with('#') ? LeadingDigits(line.substr(1)) : 0;
  return digits > 0 && line.size() > digits + 1 && IsBlank(line[digits + 1]);
}

// "walk" of "#2  0x5155 in walk (c=0x7f) at crash.c:5" and of "#0 walk (c=...)".
std::string_view FunctionOf(std::string_view line) {
  line = Trim(line);
  const size_t in = line.find(" in ");
  if (in != std::string_view::npos) {
    line.remove_prefix(in + 4);
  } else {
    const size_t blank = line.find(' ', line.find('#'));
    line = Trim(line.substr(blank == std::string_view::npos ? line.size() : blank));
  }
  return line.substr(0, line.find_first_of(" ("));
}

bool IsThread(std::string_view line) {
  return line.starts_with("Thread ") || line.starts_with("* thread #") || line.starts_with("  thread #");
}

bool IsNotice(std::string_view line) {
  static constexpr std::array<std::string_view, 10> kStarts = {
      "[New Thread", "[New LWP",     "[Thread 0x",        "Reading symbols", "Downloading ",
      "[Detaching",  "[Attaching a", "[Switching to Thr", "Loaded symbols",  "(No debugging symbols"};
  return std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) { return line.starts_with(start); });
}

// "rax            0x0                 0": a short name, then a number in hexadecimal.
bool IsRegister(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && ((line[end] >= 'a' && line[end] <= 'z') || IsDigit(line[end]) || line[end] == '_')) ++end;
  if (end < 2 || end > 12 || end >= line.size() || !IsBlank(line[end])) return false;
  const std::string_view value = Trim(line.substr(end));
  return value.starts_with("0x") || value.starts_with("{v") || value.starts_with("{f");
}

bool HoldsPlace(std::string_view line) {
  return line.starts_with("rip ") || line.starts_with("eip ") || line.starts_with("pc ") || line.starts_with("rsp ") ||
         line.starts_with("sp ");
}

// "=> 0x5159 <length+16>:  mov ..." and the lines like it around the place.
bool IsInstruction(std::string_view line) {
  std::string_view code = Trim(line);
  if (code.starts_with("=> ")) code = Trim(code.substr(3));
  if (!code.starts_with("0x")) return false;
  const size_t close = code.find(">:");
  return close != std::string_view::npos && code.find('<') < close;
}

// Keeps the ends of runs of frames in one function; with full traces, of the lines under them too.
void ThinRecursion(const std::vector<size_t>& frames, TerminalChoice* choice, std::vector<bool>* dropped) {
  for (size_t begin = 0; begin < frames.size();) {
    size_t end = begin + 1;
    const std::string_view function = FunctionOf(choice->line(frames[begin]));
    while (end < frames.size() && FunctionOf(choice->line(frames[end])) == function) ++end;
    if (end - begin >= kMinRecursion) {
      const size_t last = frames[end - kRecursionEnds];
      for (size_t i = frames[begin + kRecursionEnds]; i < last; ++i) (*dropped)[i] = true;
    }
    begin = end;
  }
}

uint64_t FingerprintOf(const TerminalChoice& choice, size_t begin, size_t end) {
  Hasher128 hasher;
  for (size_t i = begin; i < end; ++i) {
    if (IsFrame(choice.line(i))) hasher.Add(FunctionOf(choice.line(i)));
  }
  return hasher.Finish().low;
}

// Drops the lower frames of threads whose functions an earlier thread has, too.
void ThinThreads(TerminalChoice* choice, std::vector<bool>* dropped) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < choice->size(); ++i) {
    if (IsThread(choice->line(i))) starts.push_back(i);
  }
  std::unordered_map<uint64_t, size_t> seen;
  for (size_t t = 0; t < starts.size(); ++t) {
    const size_t end = t + 1 < starts.size() ? starts[t + 1] : choice->size();
    if (seen.try_emplace(FingerprintOf(*choice, starts[t], end), t).second) continue;
    size_t frames = 0;
    size_t last = starts[t];
    for (size_t i = starts[t]; i < end; ++i) {
      if (IsFrame(choice->line(i))) last = i;
    }
    for (size_t i = starts[t] + 1; i <= last; ++i) {
      frames += IsFrame(choice->line(i)) ? 1 : 0;
      (*dropped)[i] = frames > kThreadFrames;
    }
  }
}

}  // namespace

bool ReadsAsBacktrace(const Lines& sample) {
  size_t frames = 0;
  size_t signs = 0;
  for (const std::string_view line : sample) {
    frames += IsFrame(line) ? 1 : 0;
    signs += IsThread(line) || IsNotice(line) || line.starts_with("Program received signal") ||
                     line.starts_with("Program terminated") || line.starts_with("Core was generated") ||
                     line.starts_with("[Thread debugging") || line.starts_with("(gdb)") || line.starts_with("(lldb)") ||
                     line.starts_with("Breakpoint ") || IsInstruction(line)
                 ? 1
                 : 0;
  }
  return frames >= 2 && signs >= 1 && (frames + signs) * 5 >= sample.size();
}

void ChooseBacktrace(TerminalChoice* choice) {
  const bool wants_registers = choice->Asks({"register"});
  const bool wants_code =
      choice->Asks({"disassembly", "disassemble", "assembly", "instruction", "assembler", "opcode"});
  std::vector<bool> dropped(choice->size());
  std::vector<size_t> frames;
  for (size_t i = 0; i < choice->size(); ++i) {
    const std::string_view line = choice->line(i);
    if (IsFrame(line)) {
      frames.push_back(i);
      choice->Tag(i, LineTag::kFrames);
    } else if (IsRegister(line)) {
      choice->Tag(i, LineTag::kRegisters);
      dropped[i] = !wants_registers && !HoldsPlace(line);
    } else if (IsInstruction(line)) {
      choice->Tag(i, LineTag::kInstructions);
      dropped[i] = !wants_code && !line.starts_with("=>");
    } else if (IsNotice(line) || Trim(line) == "No locals." || Trim(line).empty()) {
      dropped[i] = true;
    }
  }
  ThinRecursion(frames, choice, &dropped);
  ThinThreads(choice, &dropped);
  for (size_t i = 0; i < choice->size(); ++i) {
    if (!dropped[i]) choice->Keep(i);
  }
  choice->KeepAsked(0.3);
}

}  // namespace headroom::text
