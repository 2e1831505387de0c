#include "proxy/call_likeness.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>

#include "base/bytes.h"

namespace headroom::proxy {
namespace {

// What models and agents add for the reader or the runner of a call.
constexpr std::array<std::string_view, 9> kNotes = {"description", "explanation", "justification",
                                                    "reason",      "thought",     "timeout",
                                                    "timeout_ms",  "timeout_s",   "yield_time_ms"};
// Of the words of both calls, as much must be in either.
constexpr double kMinSharedWords = 0.5;

bool IsWordByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    size_t end = begin;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end > begin) words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace

CallMeaning::CallMeaning(const json::Document& document, const Block& call) : tool_(call.tool_name) {
  text_ = ArgumentsOf(document, call);
  whole_ = text_.size() <= kMaxBytes;
  if (!whole_) return;
  if (call.arguments.type == json::Type::kObject) {
    Add(document, call.arguments);
  } else {
    const PaddedBytes bytes(text_);
    json::Document written;
    if (written.Parse(bytes).ok() && written.root().type == json::Type::kObject) Add(written, written.root());
  }
  words_ = WordsOf(text_);
}

void CallMeaning::Add(const json::Document& document, const json::Token& object) {
  text_.clear();
  for (const json::Member& member : document.Members(object)) {
    const std::string name = document.Text(member.key).value_or("");
    if (std::find(kNotes.begin(), kNotes.end(), name) != kNotes.end()) continue;
    text_.append(name).append("\n").append(document.Raw(member.value)).append("\n");
  }
}

Likeness CallMeaning::With(const CallMeaning& other) const {
  if (tool_ != other.tool_ || !whole_ || !other.whole_) return Likeness::kOther;
  if (text_ == other.text_) return Likeness::kSame;
  std::vector<std::string_view> shared;
  std::set_intersection(words_.begin(), words_.end(), other.words_.begin(), other.words_.end(),
                        std::back_inserter(shared));
  const size_t all = words_.size() + other.words_.size() - shared.size();
  const bool similar = static_cast<double>(shared.size()) >= kMinSharedWords * static_cast<double>(all);
  return similar && all > 0 ? Likeness::kSimilar : Likeness::kOther;
}

}  // namespace headroom::proxy
