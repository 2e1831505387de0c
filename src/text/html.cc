// HTML pages as a browser reads them, with less ink.
//
//   <div class="note wide" id="n1">         <div.note.wide#n1>
//       <a href="a.html"   title="">A</a>   <a href=a.html title>A</>
//   </div>                             ─►   </div>
//   <ul>                                    <ul>
//     <li>one</li>                          <li>one
//     <li>caf&#233;</li>                    <li>café
//   </ul>                                   </ul>
//
// An element that holds only text ends with </>, where the page has no such thing
// itself. What goes has no meaning in HTML: runs of white space outside pre, quotes a
// value does not need, the end tags HTML lets a writer leave out, the slash of
// <br/>. Classes and ids are written as in CSS, character references as the
// character where that cannot be misread. A long start tag that comes again and
// again is said once, in front, unless an attribute of it speaks to the reader
// (href, alt, title, aria-label, value, ...):
//
//   [HTML ... <div~1> for a tag of this list:]
//   <div~1> <div.card.product-card data-controller=product>
//   [end of the list]
//
// Untouched: comments, scripts, styles, the text in pre, the values of all attributes
// and the order of those but class and id, which has no meaning. Counter-examples,
// left alone: a page whose own tags hold ".", "#" or "~", a page that styles white
// space in an attribute (its runs stay), XML.
//
// Cost: O(bytes); bench/text: html/*.

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "text/compressor.h"
#include "text/html_characters.h"
#include "text/html_pieces.h"
#include "text/html_tags.h"
#include "text/line_text.h"
#include "text/protected_read.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr size_t kPollPieces = 2048;
constexpr std::string_view kShortEnd = "</>";
constexpr size_t kMinShortEnds = 24;  // fewer do not pay for saying what they mean
constexpr size_t kMaxOpen = 256;
constexpr size_t kMaxNamedTags = 200;
constexpr size_t kMaxWatchedTags = 20'000;
constexpr size_t kReferenceTokens = 4;  // "<div~12>"
constexpr size_t kListEntryTokens = 6;
constexpr size_t kMinGain = 8;

// Structure repeats without saying anything; what an attribute tells a reader or
// where it leads stays in its place.
bool MayBeNamed(const HtmlPiece& piece) {
  static constexpr std::string_view kSpeaking[] = {
      "alt",         "aria-label", "cite",   "content", "datetime", "for",     "href",   "label", "name",
      "placeholder", "src",        "srcset", "title",   "value",    "summary", "action", "id"};
  return !piece.attributes.empty() &&
         std::none_of(piece.attributes.begin(), piece.attributes.end(), [](const HtmlAttribute& attribute) {
           const std::string name = LowerCase(attribute.name);
           const bool speaks = std::find(std::begin(kSpeaking), std::end(kSpeaking), name) != std::end(kSpeaking);
           return speaks && !attribute.value.empty();
         });
}

// A start tag that comes several times in the page.
struct Repeated {
  std::string_view written;  // its key in the index
  size_t count = 0;
  std::string reference;  // "" until it is worth one
};

class PageWriter {
 public:
  PageWriter(std::string_view text, const Expired& expired) : text_(text), expired_(expired) {}

  // Nothing when the deadline passed or the page could be misread.
  std::optional<std::string> Run() {
    keeps_runs_ = text_.find("white-space") != std::string_view::npos;
    if (!Cut()) return std::nullopt;
    ShortenLeafEnds();
    NameRepeated();
    std::string out = Head();
    out.reserve(text_.size());
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].repeated == kNone) {
        out += parts_[i].text;
      } else {
        const Repeated& tag = repeated_[parts_[i].repeated];
        out += tag.reference.empty() ? tag.written : std::string_view(tag.reference);
      }
    }
    return out;
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  struct Part {
    std::string_view text;
    size_t repeated = kNone;
  };

  bool Cut() {
    HtmlCutter cutter(text_);
    HtmlPiece piece;
    for (size_t count = 0; cutter.Next(&piece); ++count) {
      if (count % kPollPieces == 0 && expired_ && expired_()) return false;
      if (!Add(piece)) return false;
    }
    DropPending({});
    return true;
  }

  bool Add(const HtmlPiece& piece) {
    switch (piece.kind) {
      case HtmlPiece::Kind::kVerbatim:
        if (piece.source.size() > 1 && piece.source[0] == '<' && !piece.name.empty() && CouldBeShortTag(piece.source)) {
          return false;
        }
        KeepPending();
        leaf_.clear();
        if (!piece.name.empty()) FollowTag(piece.name, piece.source.starts_with("</"));
        parts_.push_back({piece.source});
        return true;
      case HtmlPiece::Kind::kText:
        AddText(piece.source);
        return true;
      case HtmlPiece::Kind::kStartTag:
        DropPending({piece.name, false});
        AddStartTag(piece);
        return true;
      case HtmlPiece::Kind::kEndTag:
        DropPending({piece.name, true});
        AddEndTag(piece);
        return true;
    }
    return true;
  }

  void AddText(std::string_view source) {
    const bool runs_stay = pre_depth_ > 0 || keeps_runs_;
    const bool blank = source.find_first_not_of(" \t\r\n\f") == std::string_view::npos;
    if (!blank) KeepPending();
    parts_.push_back({arena_.Keep(ShortText(source, runs_stay))});
  }

  void AddStartTag(const HtmlPiece& piece) {
    if (piece.name == "pre" || piece.name == "listing") ++pre_depth_;
    if (!piece.closes_itself) FollowTag(piece.name, false);
    leaf_ = piece.closes_itself || IsVoidElement(piece.name) ? std::string() : piece.name;
    bool styled = false;
    std::string tag = ShortStartTag(piece, &styled);
    styled_ = styled_ || styled;
    const auto known = index_.find(tag);
    if (known != index_.end()) {
      ++repeated_[known->second].count;
      parts_.push_back({{}, known->second});
      return;
    }
    const std::string_view kept = arena_.Keep(std::move(tag));
    if (!MayBeNamed(piece) || index_.size() >= kMaxWatchedTags) {
      parts_.push_back({kept});
      return;
    }
    index_.emplace(kept, repeated_.size());
    parts_.push_back({{}, repeated_.size()});
    repeated_.push_back({kept, 1, {}});
    names_.push_back(piece.name);
  }

  void AddEndTag(const HtmlPiece& piece) {
    if ((piece.name == "pre" || piece.name == "listing") && pre_depth_ > 0) --pre_depth_;
    const bool ends_innermost = FollowTag(piece.name, true);
    if (ends_innermost && MayLeaveOut(piece.name) && pre_depth_ == 0) {
      pending_ = parts_.size();
      pending_name_ = piece.name;
    }
    if (ends_innermost && leaf_ == piece.name) leaf_ends_.push_back(parts_.size());
    leaf_.clear();
    parts_.push_back({piece.source});
  }

  // Keeps `open_` as a browser would. True for the end tag of the innermost element:
  // only such a one is implied where HTML says so.
  bool FollowTag(std::string_view name, bool is_end) {
    while (!open_.empty() && open_.back() != name && IsImplied(open_.back(), {name, is_end})) open_.pop_back();
    if (!is_end) {
      if (!open_.empty() && IsImplied(open_.back(), {name, false})) open_.pop_back();
      if (!IsVoidElement(name) && open_.size() < kMaxOpen) open_.emplace_back(name);
      return false;
    }
    if (open_.empty()) return false;
    if (open_.back() != name) {
      open_.clear();  // elements overlap: nothing is known of those that were open
      return false;
    }
    open_.pop_back();
    return true;
  }

  // The end tag that waits is implied by what follows it, or stays.
  void DropPending(const FollowingTag& next) {
    if (pending_ == kNone) return;
    // A stray end tag ends nothing.
    const bool stands = !next.is_end || (!open_.empty() && open_.back() == next.name);
    if (stands && !next.name.empty() && IsImplied(pending_name_, next)) parts_[pending_].text = {};
    pending_ = kNone;
  }
  void KeepPending() { pending_ = kNone; }

  void ShortenLeafEnds() {
    if (leaf_ends_.size() < kMinShortEnds || text_.find(kShortEnd) != std::string_view::npos) {
      leaf_ends_.clear();
      return;
    }
    for (const size_t part : leaf_ends_) {
      if (!parts_[part].text.empty()) parts_[part].text = kShortEnd;
    }
  }

  void NameRepeated() {
    size_t named = 0;
    for (size_t i = 0; i < repeated_.size() && named < kMaxNamedTags; ++i) {
      Repeated& tag = repeated_[i];
      if (tag.count < 3) continue;
      const size_t tokens = EstimateTokens(tag.written);
      const size_t with_name = tag.count * kReferenceTokens + tokens + kListEntryTokens;
      if (tag.count * tokens < with_name + kMinGain) continue;
      tag.reference = "<" + names_[i] + "~" + std::to_string(++named) + ">";
    }
  }

  std::string Head() const {
    std::string list;
    for (const Repeated& tag : repeated_) {
      if (!tag.reference.empty()) list.append(tag.reference).append(" ").append(tag.written).append("\n");
    }
    std::string head;
    if (styled_) head = "<a.b.c#d> stands for <a class=\"b c\" id=\"d\">";
    const auto add = [&](std::string_view words) { head.append(head.empty() ? "" : ", ").append(words); };
    if (!leaf_ends_.empty()) add("</> for the end tag of the element before it");
    if (!list.empty()) add("<a~1> for a tag of this list:");
    if (head.empty()) return head;
    head = "[HTML; " + head + "]\n" + list;
    if (!list.empty()) head += "[end of the list]\n";
    return head;
  }

  const std::string_view text_;
  const Expired& expired_;
  LineArena arena_;
  std::vector<Part> parts_;
  std::unordered_map<std::string_view, size_t> index_;  // of repeated_, by what is written
  std::vector<Repeated> repeated_;
  std::vector<std::string> names_;
  size_t pending_ = kNone;  // the part of an end tag that may be implied
  std::string pending_name_;
  size_t pre_depth_ = 0;
  std::vector<std::string> open_;  // names of the elements that are open, the innermost last
  bool keeps_runs_ = false;
  std::string leaf_;               // the element the last tag started, "" when it ended one
  std::vector<size_t> leaf_ends_;  // parts: end tags of elements without elements in them
  bool styled_ = false;
};

}  // namespace

std::optional<Rendition> CompressHtml(const Input& input, const Expired& expired) {
  if (input.text.size() > kMaxBytes || !LooksLikeHtml(input.text)) return std::nullopt;
  if (input.text.find('\0') != std::string_view::npos) return std::nullopt;
  // A search or an edit shows lines that an agent quotes.
  if (FindFileAccess(input).how != FileAccess::How::kNone) return std::nullopt;
  std::optional<std::string> page = PageWriter(input.text, expired).Run();
  if (!page || (expired && expired()) || page->size() >= input.text.size()) return std::nullopt;
  return Rendition{std::move(*page), Kind::kHtml, "html_shortened"};
}

}  // namespace headroom::text
