// Hidden exchanges in Messages: each reply that ended in our calls goes back as the messages that it was, and the
// client's message keeps the rest.
//
//   the client holds   assistant [text 1, text 2, theirs]                         | user [their result]
//   the provider gets  assistant [text 1, ours] | user [our result] | assistant [text 2, theirs] | user [their result]
//
// Clients echo what they were shown in many forms: blank texts and thoughts left out, texts joined into one block or
// one string, white space trimmed. So the place is found by the text before it, white space aside, and lies inside
// a text where texts were joined. Thoughts and blocks of the provider's own tools stand before it when the reply that
// is put back has them.
//
// Calls of ours beside the client's go back among its blocks, their results in front of the client's.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/strings.h"
#include "proxy/hidden_insertion.h"
#include "proxy/hidden_insertion_walk.h"
#include "proxy/reply_json.h"

namespace headroom::proxy {
namespace {

enum class Part { kText, kThinking, kCall, kOther };

Part PartOf(std::string_view type) {
  if (type == "text") return Part::kText;
  if (type == "thinking" || type == "redacted_thinking") return Part::kThinking;
  return type == "tool_use" ? Part::kCall : Part::kOther;
}

struct EchoBlock {
  json::Token token;
  Part part = Part::kOther;
  std::optional<json::Token> literal;  // of its text
  std::string text;
  std::string identity;  // what the provider issued with it: a signature, an id
};

// One message of the request.
struct Echo {
  json::Token whole;
  json::Token content;
  bool is_assistant = false;
  std::vector<EchoBlock> blocks;  // a string is one text
  std::vector<bool> is_thinking;
  VisibleMessage visible;
};

class EchoReader {
 public:
  explicit EchoReader(const json::Document& document) : document_(document) {}

  std::optional<Echo> Read(const json::Token& token) const {
    const std::optional<json::Token> content = Inside(document_, token, "content");
    if (!content.has_value()) return std::nullopt;
    Echo echo;
    echo.whole = token;
    echo.content = *content;
    echo.is_assistant = TextAt(document_, token, "role") == "assistant";
    if (content->type == json::Type::kString) Add({*content, Part::kText, *content, {}, {}}, echo);
    if (content->type != json::Type::kArray) return echo;
    for (const json::Token& block : document_.Elements(*content)) ReadBlock(block, echo);
    return echo;
  }

 private:
  void ReadBlock(const json::Token& token, Echo& echo) const {
    EchoBlock block;
    block.token = token;
    if (echo.is_assistant) {
      block.part = PartOf(TextAt(document_, token, "type"));
      if (block.part == Part::kText) block.literal = Inside(document_, token, "text");
      for (const std::string_view key : {"signature", "data", "id", "tool_use_id"}) {
        if (block.identity.empty()) block.identity = TextAt(document_, token, key);
      }
    }
    Add(std::move(block), echo);
  }

  void Add(EchoBlock block, Echo& echo) const {
    if (echo.is_assistant) {
      if (block.literal.has_value()) block.text = document_.Text(*block.literal).value_or("");
      if (block.part == Part::kText) echo.visible.AddText(block.text);
      if (block.part == Part::kCall) echo.visible.AddCall(block.identity);
      if (block.part == Part::kThinking) ++echo.visible.thinking;
    }
    ++echo.visible.blocks;
    echo.is_thinking.push_back(block.part == Part::kThinking);
    echo.blocks.push_back(std::move(block));
  }

  const json::Document& document_;
};

// The blocks, joined by commas, without thoughts.
std::string WithoutThinking(const std::string& blocks) {
  const PaddedBytes bytes("[" + blocks + "]");
  json::Document document;
  if (!document.Parse(bytes).ok()) return blocks;
  std::string kept;
  for (const json::Token& block : document.Elements(document.root())) {
    if (PartOf(TextAt(document, block, "type")) == Part::kThinking) continue;
    kept.append(kept.empty() ? "" : ",").append(document.Raw(block));
  }
  return kept;
}

class Inserter {
 public:
  Inserter(const json::Document& document, const Echo& echo, const HiddenExchange& hidden)
      : document_(document), echo_(echo), hidden_(hidden) {}

  // False when the client's echo has another form; then there is nothing to apply.
  bool Prepare(const std::optional<Echo>& next) {
    next_ = next.has_value() ? &*next : nullptr;
    says_nothing_ = echo_.visible.squeezed_text.empty() && !echo_.visible.call_ids.empty();
    if (!says_nothing_ && echo_.visible.TextPrint() != hidden_.text_print) return false;
    const HiddenInsert* last = nullptr;
    for (const HiddenInsert& insert : hidden_.inserts) {
      if (insert.splits) {
        last = &insert;
        AddMessages(insert);
      } else {
        results_.append(results_.empty() || insert.results.empty() ? "" : ",").append(insert.results);
      }
    }
    const bool answered = next.has_value() && !next->is_assistant && next->content.type == json::Type::kArray;
    if (!results_.empty() && !answered) return false;
    return last == nullptr || Cut(*last);
  }

  Status Apply(json::EditList& edits) const {
    if (LeavesNothing()) return edits.Replace(echo_.whole.span, before_.substr(0, before_.size() - 1));
    const uint32_t begin = echo_.whole.span.begin;
    if (Status status = edits.Replace({begin, begin}, before_); !status.ok()) return status;
    const std::string content = Content();
    if (content != document_.Raw(echo_.content)) {
      if (Status status = edits.Replace(echo_.content.span, content); !status.ok()) return status;
    }
    if (results_.empty()) return Status();
    const uint32_t front = next_->content.span.begin + 1;
    return edits.Replace({front, front}, results_ + (next_->blocks.empty() ? "" : ","));
  }

 private:
  // The messages that a reply and our answers to it were.
  void AddMessages(const HiddenInsert& insert) {
    // Which thoughts a conversation still has is the client's choice.
    const std::string said = echo_.visible.thinking == 0 ? WithoutThinking(insert.calls) : insert.calls;
    before_.append(R"({"role":"assistant","content":[)").append(said);
    before_.append(R"(]},{"role":"user","content":[)").append(insert.results).append("]},");
    put_back_.append(said);
  }

  // Finds where the client's message goes on after the last of them: from byte cut_ of the text of block from_.
  bool Cut(const HiddenInsert& last) {
    size_t left = says_nothing_ ? 0 : last.text;
    for (; left > 0 && from_ < echo_.blocks.size(); ++from_) {
      const EchoBlock& block = echo_.blocks[from_];
      if (block.part == Part::kCall) return false;
      if (block.part != Part::kText) continue;
      const std::optional<size_t> end = AfterSqueezed(block.text, left);
      if (!end.has_value()) return false;
      if (left == 0 && !IsBlank(std::string_view(block.text).substr(*end))) {
        cut_ = *end;
        return true;
      }
    }
    while (from_ < echo_.blocks.size() && StandsBefore(echo_.blocks[from_])) ++from_;
    return left == 0;
  }

  // A block without text or call at the place itself.
  bool StandsBefore(const EchoBlock& block) const {
    if (block.part == Part::kText) return IsBlank(block.text);
    return block.part != Part::kCall && !block.identity.empty() &&
           put_back_.find(json::Quote(block.identity)) != std::string::npos;
  }

  // The model said nothing after the results, and providers take no empty message.
  bool LeavesNothing() const {
    const auto is_silent = [](const EchoBlock& block) {
      return block.part == Part::kThinking || (block.part == Part::kText && IsBlank(block.text));
    };
    const bool inside = cut_ > 0;
    return !before_.empty() && !inside &&
           std::all_of(echo_.blocks.begin() + static_cast<std::ptrdiff_t>(from_), echo_.blocks.end(), is_silent) &&
           std::all_of(hidden_.inserts.begin(), hidden_.inserts.end(),
                       [](const HiddenInsert& insert) { return insert.splits; });
  }

  // Before which of the client's blocks calls beside its own stood.
  size_t PlaceOfCalls(const HiddenInsert& insert) const {
    const std::optional<size_t> place = PlaceOf(insert, hidden_, echo_.visible, echo_.is_thinking);
    if (place.has_value() && *place >= from_) return *place;
    size_t calls = 0;
    for (size_t i = 0; i < echo_.blocks.size(); ++i) {
      if (echo_.blocks[i].part == Part::kCall && calls++ == insert.client_calls) return i;
    }
    return echo_.blocks.size();
  }

  std::string Block(size_t i) const {
    const EchoBlock& block = echo_.blocks[i];
    const std::string raw(document_.Raw(block.token));
    if (i != from_ || cut_ == 0) return raw;
    const std::string rest = json::Quote(std::string_view(block.text).substr(cut_));
    const uint32_t begin = block.token.span.begin;
    const ByteSpan text = block.literal->span;
    return raw.substr(0, text.begin - begin) + rest + raw.substr(text.end - begin);
  }

  // What is left of the client's content, with the calls beside its own.
  std::string Content() const {
    if (echo_.content.type == json::Type::kString) return from_ < echo_.blocks.size() ? Block(from_) : "[]";
    std::vector<std::pair<size_t, const HiddenInsert*>> placed;
    for (const HiddenInsert& insert : hidden_.inserts) {
      if (!insert.splits && !insert.calls.empty()) placed.emplace_back(PlaceOfCalls(insert), &insert);
    }
    if (from_ == 0 && cut_ == 0 && placed.empty()) return std::string(document_.Raw(echo_.content));
    std::string content = "[";
    const auto add = [&](const std::string& block) { content.append(content.size() == 1 ? "" : ",").append(block); };
    for (size_t i = from_; i <= echo_.blocks.size(); ++i) {
      for (const auto& [place, insert] : placed) {
        if (place == i) add(insert->calls);
      }
      if (i < echo_.blocks.size()) add(Block(i));
    }
    return content.append("]");
  }

  const json::Document& document_;
  const Echo& echo_;
  const HiddenExchange& hidden_;
  const Echo* next_ = nullptr;  // the message behind this one
  bool says_nothing_ = false;   // the client kept its calls alone
  std::string before_;          // messages in front of this one, each ended by a comma
  std::string put_back_;        // what the model said in them
  std::string results_;         // blocks in front of the client's results
  size_t from_ = 0;
  size_t cut_ = 0;
};

}  // namespace

Result<PutBackCounts> PutHiddenBackIntoMessages(const json::Document& document, const json::Token& messages,
                                                const FindHidden& find, json::EditList& edits) {
  const auto make = [&](const Echo& echo, const HiddenExchange& hidden) { return Inserter(document, echo, hidden); };
  return PutBackByMessage(EchoReader(document), make, document, messages, find, edits);
}

}  // namespace headroom::proxy
