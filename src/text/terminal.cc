#include "text/terminal.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr char kEscape = '\x1b';
constexpr size_t kMaxControlString = 4096;  // an OSC longer than this is content
constexpr size_t kMaxCursorForward = 500;

bool InRange(char c, unsigned char low, unsigned char high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

// Length of the CSI sequence that starts at text[at] ("\x1b["), 0 when it is cut off.
size_t CsiLength(std::string_view text, size_t at) {
  size_t end = at + 2;
  while (end < text.size() && InRange(text[end], 0x30, 0x3f)) ++end;
  while (end < text.size() && InRange(text[end], 0x20, 0x2f)) ++end;
  return end < text.size() && InRange(text[end], 0x40, 0x7e) ? end + 1 - at : 0;
}

// Length of a control string (OSC, DCS, APC, PM, SOS) up to BEL or ST, 0 when none closes it nearby.
size_t ControlStringLength(std::string_view text, size_t at) {
  const size_t limit = std::min(text.size(), at + kMaxControlString);
  for (size_t end = at + 2; end < limit; ++end) {
    if (text[end] == '\a') return end + 1 - at;
    if (text[end] == '\n') return 0;
    if (text[end] == kEscape) return end + 1 < text.size() && text[end + 1] == '\\' ? end + 2 - at : 0;
  }
  return 0;
}

// Length of the escape sequence at text[at], 0 when the bytes are none.
size_t SequenceLength(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return 0;
  const char next = text[at + 1];
  if (next == '[') return CsiLength(text, at);
  if (std::strchr("]P_^X", next) != nullptr && next != '\0') return ControlStringLength(text, at);
  size_t end = at + 1;
  while (end < text.size() && InRange(text[end], 0x20, 0x2f)) ++end;
  return end < text.size() && InRange(text[end], 0x30, 0x7e) ? end + 1 - at : 0;
}

bool IsColour(std::string_view sequence) {
  return sequence[1] == '[' && (sequence.back() == 'm' || sequence.back() == 'K');
}

// The address of an OSC 8 sequence; `closes` when it ends a link.
bool ReadLink(std::string_view sequence, std::string_view* address, bool* closes) {
  if (!sequence.starts_with("\x1b]8;")) return false;
  sequence.remove_prefix(4);
  sequence.remove_suffix(sequence.back() == '\a' ? 1 : 2);
  const size_t semicolon = sequence.find(';');
  if (semicolon == std::string_view::npos) return false;
  *address = sequence.substr(semicolon + 1);
  *closes = address->empty();
  return true;
}

// Copies one line without its escape sequences.
class EscapeRemover {
 public:
  EscapeRemover(Clean clean, std::string* out) : clean_(clean), out_(out) {}

  void Append(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
      const void* found = std::memchr(text.data() + at, kEscape, text.size() - at);
      const size_t escape =
          found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
      out_->append(text, at, escape - at);
      if (escape == text.size()) return;
      const size_t length = SequenceLength(text, escape);
      if (length == 0) {
        out_->push_back(kEscape);
        at = escape + 1;
        continue;
      }
      Apply(text.substr(escape, length));
      at = escape + length;
    }
  }

 private:
  void Apply(std::string_view sequence) {
    if (clean_ == Clean::kColours) {
      if (!IsColour(sequence)) out_->append(sequence);
      return;
    }
    std::string_view address;
    bool closes = false;
    if (ReadLink(sequence, &address, &closes)) {
      if (closes) CloseLink();
      if (!closes) OpenLink(address);
    } else if (sequence[1] == '[' && sequence.back() == 'C') {
      MoveForward(sequence.substr(2, sequence.size() - 3));
    }
  }

  void OpenLink(std::string_view address) {
    CloseLink();
    link_ = address;
    link_begin_ = out_->size();
  }

  void CloseLink() {
    if (link_.empty()) return;
    const std::string_view shown = std::string_view(*out_).substr(std::min(link_begin_, out_->size()));
    const bool said = !shown.empty() && link_.find(shown) != std::string_view::npos && link_.starts_with("file:");
    if (!said && shown != link_) out_->append(" <").append(link_).append(">");
    link_ = {};
  }

  // Programs lay out columns by moving the cursor instead of printing blanks.
  void MoveForward(std::string_view digits) {
    size_t columns = 0;
    for (const char c : digits) {
      if (!IsDigit(c) || columns > kMaxCursorForward) return;
      columns = columns * 10 + static_cast<size_t>(c - '0');
    }
    out_->append(std::clamp<size_t>(columns, 1, kMaxCursorForward), ' ');
  }

  const Clean clean_;
  std::string* const out_;
  std::string_view link_;
  size_t link_begin_ = 0;
};

constexpr std::string_view kUnits[] = {"b", "kb", "mb", "gb", "kib", "mib", "gib", "k",  "m",     "g",  "h",
                                       "s", "ms", "us", "mo", "ko",  "eta", "sec", "it", "bytes", "min"};

bool IsUnit(std::string_view word) {
  if (word.size() > 5) return false;  // longer than any of them
  const std::string lower = LowerCase(word);
  return std::find(std::begin(kUnits), std::end(kUnits), lower) != std::end(kUnits);
}

// The words of a progress line that stay while its numbers count.
std::vector<std::string_view> Words(std::string_view state) {
  std::vector<std::string_view> words;
  size_t begin = 0;
  for (size_t i = 0; i <= state.size(); ++i) {
    const bool part = i < state.size() && (IsLetter(state[i]) || static_cast<unsigned char>(state[i]) >= 0x80);
    if (part) continue;
    const std::string_view word = state.substr(begin, i - begin);
    if (!word.empty() && IsLetter(word[0]) && !IsUnit(word)) words.push_back(word);
    begin = i + 1;
  }
  return words;
}

bool IsSpinner(std::string_view state) {
  return state.size() == 1 && std::string_view("|/-\\.oO*+").find(state[0]) != std::string_view::npos;
}

// What is left of a progress bar without its numbers, units and strokes.
std::string BarShape(std::string_view state) {
  std::string shape;
  for (const char c : state) {
    const bool counts = IsDigit(c) || IsLetter(c) || IsBlank(c) || static_cast<unsigned char>(c) >= 0x80;
    if (counts || std::string_view("#=>.-_|*").find(c) != std::string_view::npos) continue;
    if (shape.empty() || shape.back() != c) shape.push_back(c);
  }
  return shape;
}

size_t FieldCount(std::string_view state) {
  size_t fields = 0;
  for (size_t i = 0; i < state.size(); ++i) {
    if (!IsBlank(state[i]) && (i == 0 || IsBlank(state[i - 1]))) ++fields;
  }
  return fields;
}

bool IsEarlierState(std::string_view state, std::string_view next) {
  state = Trim(state);
  next = Trim(next);
  if (state.empty() || state == next || IsSpinner(state)) return true;
  const std::vector<std::string_view> before = Words(state);
  const std::vector<std::string_view> after = Words(next);
  if (before.empty()) {
    if (std::count(state.begin(), state.end(), '%') == 1) return after.empty() && BarShape(state) == BarShape(next);
    return after.empty() && FieldCount(state) >= 3 && FieldCount(state) == FieldCount(next);
  }
  const bool counts = state.find_first_of("0123456789%.") != std::string_view::npos;
  return counts && before.size() <= after.size() && std::equal(before.begin(), before.end(), after.begin());
}

// Keeps the last state of a line that was rewritten, and what it covered unsaid.
void AppendRewritten(std::string_view line, std::string* out) {
  std::string_view pending;
  bool has_pending = false;
  while (true) {
    const size_t end = line.find('\r');
    const std::string_view state = line.substr(0, end);
    const bool last = end == std::string_view::npos;
    if (!Trim(state).empty() || (last && !has_pending)) {
      if (has_pending && !IsEarlierState(pending, state)) out->append(pending).push_back('\n');
      pending = state;
      has_pending = true;
    }
    if (last) break;
    line.remove_prefix(end + 1);
  }
  out->append(pending);
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// "x\by": y is printed over x. Bells are silent.
void ApplyBackspaces(std::string* line) {
  // Two vectorised passes; find_first_of looks up every byte.
  if (line->find('\b') == std::string::npos && line->find('\a') == std::string::npos) return;
  std::string shown;
  size_t back = 0;  // columns the cursor stands left of the end
  for (const char c : *line) {
    if (c == '\a') continue;
    if (c == '\b') {
      ++back;
      continue;
    }
    for (; back > 0 && !IsContinuation(c); --back) {
      while (!shown.empty() && IsContinuation(shown.back())) shown.pop_back();
      if (!shown.empty()) shown.pop_back();
    }
    shown.push_back(c);
  }
  *line = std::move(shown);
}

}  // namespace

bool HasTerminalBytes(std::string_view text) {
  if (std::memchr(text.data(), kEscape, text.size()) != nullptr) return true;
  if (std::memchr(text.data(), '\b', text.size()) != nullptr) return true;
  if (std::memchr(text.data(), '\a', text.size()) != nullptr) return true;
  return std::memchr(text.data(), '\r', text.size()) != nullptr;
}

std::string CleanTerminal(std::string_view text, Clean clean) {
  std::string out;
  if (text.empty()) return out;
  out.reserve(text.size());
  std::string line;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) end = text.size();
    std::string_view raw = text.substr(begin, end - begin);
    const bool crlf = end < text.size() && raw.ends_with('\r');
    if (crlf) raw.remove_suffix(1);
    line.clear();
    EscapeRemover(clean, &line).Append(raw);
    if (clean == Clean::kTerminal) {
      ApplyBackspaces(&line);
      if (line.find('\r') != std::string::npos) {
        AppendRewritten(line, &out);
      } else {
        out += line;
      }
    } else {
      out += line;
    }
    if (crlf) out.push_back('\r');
    if (end < text.size()) out.push_back('\n');
    begin = end + 1;
  }
  return out;
}

}  // namespace headroom::text
