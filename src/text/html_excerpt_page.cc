#include "text/html_excerpt_page.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "text/html_characters.h"
#include "text/html_excerpt_line.h"
#include "text/html_excerpt_rows.h"
#include "text/html_pieces.h"
#include "text/html_tags.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxOpen = 1024;
constexpr size_t kMaxRegions = 100'000;
constexpr size_t kPollPieces = 2048;
constexpr size_t kMaxImplied = 64;  // open elements looked through for one that a start tag ends
constexpr size_t kMaxIndent = 8;

enum class Element : uint8_t {
  kInline,
  kBlock,
  kParagraph,
  kHeading,
  kPreformatted,
  kCode,
  kLink,
  kList,
  kItem,
  kQuote,
  kTable,
  kRow,
  kCell,
  kHeadCell,
  kTerm,
  kDescription,
  kControl,
  kUnseen,  // what lies in it does not show as text
};

Element ElementOf(std::string_view name) {
  static const std::unordered_map<std::string_view, Element> kElements = {
      {"address", Element::kBlock},    {"article", Element::kBlock},    {"aside", Element::kBlock},
      {"body", Element::kBlock},       {"caption", Element::kBlock},    {"center", Element::kBlock},
      {"details", Element::kBlock},    {"dialog", Element::kBlock},     {"div", Element::kBlock},
      {"dl", Element::kList},          {"fieldset", Element::kBlock},   {"figcaption", Element::kBlock},
      {"figure", Element::kBlock},     {"footer", Element::kBlock},     {"form", Element::kBlock},
      {"head", Element::kBlock},       {"header", Element::kBlock},     {"hgroup", Element::kBlock},
      {"legend", Element::kBlock},     {"main", Element::kBlock},       {"nav", Element::kBlock},
      {"search", Element::kBlock},     {"section", Element::kBlock},    {"summary", Element::kBlock},
      {"p", Element::kParagraph},      {"h1", Element::kHeading},       {"h2", Element::kHeading},
      {"h3", Element::kHeading},       {"h4", Element::kHeading},       {"h5", Element::kHeading},
      {"h6", Element::kHeading},       {"pre", Element::kPreformatted}, {"listing", Element::kPreformatted},
      {"code", Element::kCode},        {"kbd", Element::kCode},         {"samp", Element::kCode},
      {"tt", Element::kCode},          {"a", Element::kLink},           {"ul", Element::kList},
      {"ol", Element::kList},          {"menu", Element::kList},        {"li", Element::kItem},
      {"blockquote", Element::kQuote}, {"table", Element::kTable},      {"tr", Element::kRow},
      {"td", Element::kCell},          {"th", Element::kHeadCell},      {"dt", Element::kTerm},
      {"dd", Element::kDescription},   {"button", Element::kControl},   {"select", Element::kUnseen},
      {"svg", Element::kUnseen},       {"canvas", Element::kUnseen},    {"template", Element::kUnseen},
      {"noscript", Element::kUnseen},  {"object", Element::kUnseen},    {"audio", Element::kUnseen},
      {"video", Element::kUnseen},     {"datalist", Element::kUnseen},  {"map", Element::kUnseen}};
  const auto found = kElements.find(name);
  return found == kElements.end() ? Element::kInline : found->second;
}

struct Open {
  uint64_t name = 0;  // hash
  Element element = Element::kInline;
  uint32_t region = 0;  // of what is outside
  bool unseen = false;
  bool main = false;
  bool content = false;  // main, article, section
  bool ordered = false;
  bool struck = false;
  size_t number = 0;        // of the next item of an ordered list
  size_t line_size = 0;     // of the line when it began
  size_t words_before = 0;  // shown before it
  uint8_t level = 0;        // of a heading
  std::string_view label;   // aria-label, shown where nothing else is
  std::string_view time;    // datetime, shown where the text names no digit
};

uint64_t NameHash(std::string_view name) { return HashOf(name).low; }

class PageReader {
 public:
  PageReader(std::string_view text, const Expired& expired) : text_(text), expired_(expired) {
    page_.regions.emplace_back();
  }

  std::optional<HtmlPage> Run() {
    HtmlCutter cutter(text_);
    HtmlPiece piece;
    for (size_t count = 0; cutter.Next(&piece); ++count) {
      if (count % kPollPieces == 0 && expired_ && expired_()) return std::nullopt;
      Read(piece);
      if (page_.blocks.size() > kMaxHtmlBlocks) return std::nullopt;
    }
    while (!open_.empty()) Close();
    Flush();
    AddUp();
    return std::move(page_);
  }

 private:
  size_t OffsetOf(std::string_view source) const { return static_cast<size_t>(source.data() - text_.data()); }

  void Read(const HtmlPiece& piece) {
    const bool is_tag = !piece.name.empty() && piece.source.size() > 1;
    switch (piece.kind) {
      case HtmlPiece::Kind::kText:
        return Text(piece.source);
      case HtmlPiece::Kind::kStartTag:
        return StartTag(piece);
      case HtmlPiece::Kind::kEndTag:
        return EndTag(piece.name);
      case HtmlPiece::Kind::kVerbatim:
        if (is_tag && piece.source[1] == '/') return EndTag(piece.name);
        if (is_tag) return StartTag(piece);
        if (in_title_) return Title(piece.source);
        if (piece.source == "<") Text(piece.source);  // a stray one
        return;
    }
  }

  void Title(std::string_view source) {
    if (!page_.title.empty() || unseen_ > 0) return;
    HtmlLine line;
    line.AddText(source, OffsetOf(source));
    page_.title = line.Take();
  }

  void Text(std::string_view source) {
    if (unseen_ > 0) return;
    if (in_pre_) {
      if (code_.empty()) code_begin_ = OffsetOf(source);
      AppendDecoded(source, &code_);
      code_end_ = OffsetOf(source) + source.size();
      return;
    }
    after_end_ = false;
    line_.AddText(source, OffsetOf(source));
  }

  // ---- Tags

  void StartTag(const HtmlPiece& tag) {
    const std::string& name = tag.name;
    in_title_ = name == "title";
    if (name == "script") ++page_.scripts;
    if (name == "style") ++page_.styles;
    if (name == "svg" || name == "canvas") ++page_.drawings;
    if (name == "select") ++page_.controls;
    if (name == "script" || name == "style" || name == "title" || name == "iframe") return;
    if (IsVoidElement(name)) return VoidTag(tag);
    const Element element = ElementOf(name);
    if (tag.closes_itself && element == Element::kUnseen) return;
    CloseImplied(element);
    if (unseen_ == 0) {
      if (after_end_ && !in_pre_ && element != Element::kCode) PartWords(name);
      if (IsBlockLevel(element)) BeginBlock(element);
    }
    after_end_ = false;
    if (open_.size() < kMaxOpen) Push(tag, element);
  }

  // Elements side by side are read apart, but not those that raise or stress letters of a word.
  void PartWords(std::string_view name) {
    if (name == "sup") return line_.Raise();
    if (name == "sub" || name == "b" || name == "i" || name == "em" || name == "wbr" || in_term_ > 0) return;
    line_.Part();
  }

  bool IsBlockLevel(Element element) const {
    return element != Element::kInline && element != Element::kCode && element != Element::kLink &&
           element != Element::kControl && element != Element::kUnseen;
  }

  void Push(const HtmlPiece& tag, Element element) {
    Open open;
    open.name = NameHash(tag.name);
    open.element = element;
    open.region = region_;
    open.unseen = element == Element::kUnseen || IsHidden(tag);
    if (open.unseen && unseen_ == 0 && element != Element::kUnseen) ++page_.hidden;
    if (open.unseen) ++unseen_;
    if (unseen_ == 0) {
      if (tag.name == "sup") line_.Raise();
      open.struck = tag.name == "del" || tag.name == "s" || tag.name == "strike";
      if (open.struck) line_.OpenStrike();
      Enter(tag, &open);
    }
    ++open_count_[open.name];
    open_.push_back(open);
  }

  static bool IsHidden(const HtmlPiece& tag) {
    // The panels behind a row of tabs are text to be chosen from.
    if (tag.attributes.empty() || AttributeOf(tag, "role") == "tabpanel") return false;
    if (HasAttribute(tag, "hidden") || AttributeOf(tag, "aria-hidden") == "true") return true;
    const std::string_view style = AttributeOf(tag, "style");
    return style.find("display:none") != std::string_view::npos ||
           style.find("display: none") != std::string_view::npos;
  }

  void Enter(const HtmlPiece& tag, Open* open) {
    open->line_size = line_.size();
    open->words_before = line_.shown_bytes();
    open->label = AttributeOf(tag, "aria-label");
    open->time = AttributeOf(tag, "datetime");
    EnterRegion(tag, open);
    switch (open->element) {
      case Element::kHeading:
        heading_ = open->level = static_cast<uint8_t>(tag.name[1] - '0');
        break;
      case Element::kTerm:
        ++in_term_;
        // The signature of a documented name: a place that links lead to.
        if (HasAttribute(tag, "id") || HasClassWord(tag, "sig")) heading_ = open->level = 6;
        break;
      case Element::kPreformatted:
        in_pre_ = true;
        code_.clear();
        language_ = LanguageOf(tag);
        break;
      case Element::kCode:
        if (in_pre_ && language_.empty()) language_ = LanguageOf(tag);
        if (!in_pre_) line_.OpenCode();
        break;
      case Element::kLink:
        if (!in_pre_ && HasAttribute(tag, "href")) line_.OpenLink(AttributeOf(tag, "href"));
        break;
      case Element::kList:
        ++list_depth_;
        open->ordered = tag.name == "ol";
        open->number = 1;
        break;
      case Element::kItem:
        mark_ = ItemMark();
        break;
      case Element::kQuote:
        ++quote_depth_;
        break;
      case Element::kTable:
        rows_.Open();
        break;
      case Element::kRow:
        rows_.OpenRow();
        break;
      case Element::kHeadCell:
      case Element::kCell:
        rows_.OpenCell(open->element == Element::kHeadCell);
        break;
      default:
        break;
    }
  }

  void EnterRegion(const HtmlPiece& tag, Open* open) {
    open->content = tag.name == "main" || tag.name == "article" || tag.name == "section";
    open->main = tag.name == "main" || AttributeOf(tag, "role") == "main";
    if (IsBlockLevel(open->element) && page_.regions.size() < kMaxRegions) {
      const FurnitureGuess guess = GuessFurniture(tag, content_depth_ > 0);
      if (guess.kind != Furniture::kNone) {
        HtmlRegion region;
        region.kind = guess.kind;
        region.certain = guess.certain;
        region.parent = region_;
        region_ = static_cast<uint32_t>(page_.regions.size());
        page_.regions.push_back(region);
      }
    }
    if (open->content) ++content_depth_;
    if (open->main) {
      ++main_depth_;
      page_.has_main = true;
    }
  }

  void VoidTag(const HtmlPiece& tag) {
    if (unseen_ > 0) return;
    if (tag.name == "br" || tag.name == "hr") {
      if (in_pre_) {
        code_.push_back('\n');
      } else if (rows_.in_cell()) {
        line_.AddText(" ", OffsetOf(tag.source));
      } else {
        line_.Break();
      }
    } else if (tag.name == "img") {
      const std::string_view alt = AttributeOf(tag, "alt");
      const bool decoration = HasClassWord(tag, "avatar") || HasClassWord(tag, "icon") || HasClassWord(tag, "logo");
      if (alt.size() > 2 && !decoration && !in_pre_)
        line_.AddWords("![" + std::string(alt) + "]", OffsetOf(tag.source));
    } else if (tag.name == "meta" && HasAttribute(tag, "itemprop")) {
      const std::string_view content = AttributeOf(tag, "content");
      if (!content.empty() && content.size() < 100) {
        line_.AddWords(std::string(AttributeOf(tag, "itemprop")) + ": " + std::string(content), OffsetOf(tag.source));
      }
    }
  }

  void EndTag(const std::string& name) {
    in_title_ = false;
    const uint64_t hash = NameHash(name);
    const auto count = open_count_.find(hash);
    if (count == open_count_.end() || count->second == 0) return;
    after_end_ = true;
    while (!open_.empty()) {
      const bool found = open_.back().name == hash;
      Close();
      if (found) return;
    }
  }

  // Elements that a start tag ends: a paragraph before any block, an item before the next one.
  void CloseImplied(Element element) {
    const auto close_through = [&](std::initializer_list<Element> closed, std::initializer_list<Element> stop) {
      for (size_t back = 0; back < std::min(kMaxImplied, open_.size()); ++back) {
        const Element at = open_[open_.size() - 1 - back].element;
        if (std::find(closed.begin(), closed.end(), at) != closed.end()) {
          for (size_t i = 0; i <= back; ++i) Close();
          return;
        }
        if (std::find(stop.begin(), stop.end(), at) != stop.end()) return;
      }
    };
    if (IsBlockLevel(element)) {
      close_through({Element::kParagraph}, {Element::kBlock, Element::kTable, Element::kCell, Element::kHeadCell,
                                            Element::kItem, Element::kList, Element::kQuote, Element::kControl});
    }
    if (element == Element::kItem) close_through({Element::kItem}, {Element::kList, Element::kTable});
    if (element == Element::kTerm || element == Element::kDescription) {
      close_through({Element::kTerm, Element::kDescription}, {Element::kList, Element::kTable});
    }
    if (element == Element::kCell || element == Element::kHeadCell) {
      close_through({Element::kCell, Element::kHeadCell}, {Element::kRow, Element::kTable});
    }
    if (element == Element::kRow) close_through({Element::kRow}, {Element::kTable});
  }

  void Close() {
    const Open open = open_.back();
    open_.pop_back();
    --open_count_[open.name];
    if (unseen_ == 0) Leave(open);
    if (open.unseen) --unseen_;
    if (open.content && content_depth_ > 0 && unseen_ == 0) --content_depth_;
    if (open.main && main_depth_ > 0 && unseen_ == 0) --main_depth_;
    region_ = open.region;
  }

  void Leave(const Open& open) {
    SayWhatIsUnsaid(open);
    if (open.struck) line_.CloseStrike();
    switch (open.element) {
      case Element::kInline:
        break;
      case Element::kCode:
        line_.CloseCode();
        break;
      case Element::kLink:
        line_.CloseLink();
        break;
      case Element::kControl:
        LeaveControl(open);
        break;
      case Element::kPreformatted:
        in_pre_ = false;
        FlushCode();
        break;
      case Element::kList:
        Flush();
        if (list_depth_ > 0) --list_depth_;
        break;
      case Element::kQuote:
        Flush();
        if (quote_depth_ > 0) --quote_depth_;
        break;
      case Element::kCell:
      case Element::kHeadCell:
        CloseCell();
        break;
      case Element::kRow:
        FlushRow();
        break;
      case Element::kTable:
        FlushRow();
        rows_.Close();
        Flush();
        break;
      default:
        Flush();
        if (open.level > 0) heading_ = 0;
        if (open.element == Element::kTerm && in_term_ > 0) --in_term_;
        if (open.element == Element::kItem) mark_.clear();
        break;
    }
  }

  // What an element says in attributes only: a rating drawn as stars, the date behind "yesterday".
  void SayWhatIsUnsaid(const Open& open) {
    if (in_pre_ || (open.label.empty() && open.time.empty())) return;
    const bool silent = line_.shown_bytes() == open.words_before && line_.size() >= open.line_size;
    if (silent && !open.label.empty() && open.element == Element::kInline) {
      line_.AddWords(open.label, OffsetOf(open.label));
    } else if (!open.time.empty() && line_.size() >= open.line_size) {
      const std::string_view said = line_.text().substr(open.line_size);
      if (!silent && std::none_of(said.begin(), said.end(), IsDigit)) {
        line_.AddWords("(" + std::string(open.time) + ")", OffsetOf(open.time));
      }
    }
  }

  // "Add to cart" is nothing to read; a button that names a number or heads a section is.
  void LeaveControl(const Open& open) {
    if (line_.size() < open.line_size) return;
    const std::string_view said = line_.text().substr(open.line_size);
    if (heading_ > 0 || std::any_of(said.begin(), said.end(), IsDigit)) return;
    ++page_.controls;
    line_.Cut(open.line_size);
  }

  // ---- Blocks

  void BeginBlock(Element element) {
    if (rows_.in_cell()) {
      const bool fits = element == Element::kParagraph || element == Element::kBlock || element == Element::kList ||
                        element == Element::kItem;
      if (fits) {
        if (!line_.empty()) line_.AddText(" ", 0);
        return;
      }
      if (element == Element::kPreformatted || element == Element::kHeading || element == Element::kTable ||
          element == Element::kQuote || element == Element::kTerm) {
        BreakUpRow();
      }
      return;
    }
    Flush();
  }

  // The table lays out a page: its cells are read as blocks.
  void BreakUpRow() {
    for (HtmlRows::Cell& cell : rows_.BreakUp()) Emit(std::move(cell.text), cell.begin, cell.end);
    Flush();
  }

  void CloseCell() {
    if (!rows_.in_cell()) return Flush();
    const size_t begin = line_.begin();
    const size_t end = line_.end();
    CountLine();
    rows_.CloseCell(line_.Take(), begin, end);
  }

  void FlushRow() {
    if (rows_.in_cell()) CloseCell();
    std::optional<HtmlRows::Cell> row = rows_.TakeRow();
    if (row.has_value()) Emit(std::move(row->text), row->begin, row->end);
  }

  void Flush() {
    if (rows_.in_cell()) return;
    if (line_.empty()) {
      line_.Take();
      return;
    }
    const size_t begin = line_.begin();
    const size_t end = line_.end();
    CountLine();
    std::string text = line_.Take();
    if (text.empty()) return;
    const uint8_t heading = heading_;
    if (heading > 0) {
      std::replace(text.begin(), text.end(), '\n', ' ');
      text = std::string(heading, '#') + " " + text;
    } else {
      text = Indented(std::move(text));
    }
    Emit(std::move(text), begin, end);
    page_.blocks.back().heading = heading;
    if (heading == 1) page_.regions[region_].has_title = true;
  }

  std::string ItemMark() {
    for (size_t back = 0; back < std::min(kMaxImplied, open_.size()); ++back) {
      Open& open = open_[open_.size() - 1 - back];
      if (open.element != Element::kList) continue;
      return open.ordered ? std::to_string(open.number++) + ". " : "- ";
    }
    return "- ";
  }

  std::string Indented(std::string text) {
    const size_t depth = std::min(list_depth_, kMaxIndent);
    std::string begin = std::string(std::min<size_t>(quote_depth_, 3), '>');
    if (!begin.empty()) begin.push_back(' ');
    if (depth > 1) begin.append(2 * (depth - 1), ' ');
    std::string next = begin;
    begin.append(mark_);
    mark_.clear();
    std::string out = begin;
    for (const char c : text) {
      out.push_back(c);
      if (c == '\n') out.append(next);
    }
    return out;
  }

  void FlushCode() {
    if (code_.starts_with('\n')) code_.erase(0, 1);
    while (!code_.empty() && (code_.back() == '\n' || code_.back() == '\r' || code_.back() == ' ')) code_.pop_back();
    if (code_.find_first_not_of(" \t\r\n") == std::string::npos) return code_.clear();
    std::string fence = "```";
    while (code_.find(fence) != std::string::npos && fence.size() < 16) fence.push_back('`');
    page_.regions[region_].text_bytes += code_.size();
    Emit(fence + language_ + "\n" + code_ + "\n" + fence, code_begin_, code_end_);
    page_.blocks.back().is_code = true;
    code_.clear();
  }

  static std::string LanguageOf(const HtmlPiece& tag) {
    const std::string_view classes = AttributeOf(tag, "class");
    for (const std::string_view prefix : {"language-", "lang-"}) {
      const size_t at = classes.find(prefix);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = classes.substr(at + prefix.size());
      const std::string_view name = rest.substr(0, rest.find_first_of(" \t\n"));
      if (name.size() < 16 && std::all_of(name.begin(), name.end(), IsLetter)) return std::string(name);
    }
    return {};
  }

  void CountLine() {
    HtmlRegion& region = page_.regions[region_];
    region.text_bytes += line_.shown_bytes();
    region.link_bytes += line_.link_bytes();
    region.links += line_.links();
    links_ += line_.links();
    region.inner_links += line_.inner_links();
    region.fingerprint += HashOf(line_.text()).low;
  }

  void Emit(std::string text, size_t begin, size_t end) {
    HtmlBlock block;
    block.text = std::move(text);
    block.begin = begin;
    block.end = std::max(begin, end);
    block.region = region_;
    block.in_main = main_depth_ > 0;
    block.links = static_cast<uint32_t>(std::exchange(links_, 0));
    page_.blocks.push_back(std::move(block));
  }

  // What lies in a region counts for the regions around it.
  void AddUp() {
    for (size_t i = page_.regions.size(); i-- > 1;) {
      const HtmlRegion& inner = page_.regions[i];
      HtmlRegion& outer = page_.regions[inner.parent];
      outer.text_bytes += inner.text_bytes;
      outer.link_bytes += inner.link_bytes;
      outer.links += inner.links;
      outer.inner_links += inner.inner_links;
      outer.fingerprint += inner.fingerprint;
      outer.has_title = outer.has_title || inner.has_title;
    }
  }

  const std::string_view text_;
  const Expired& expired_;
  HtmlPage page_;
  HtmlLine line_;
  HtmlRows rows_;
  std::vector<Open> open_;
  std::unordered_map<uint64_t, size_t> open_count_;
  uint32_t region_ = 0;
  size_t links_ = 0;  // of the block that is written next
  size_t unseen_ = 0;
  size_t main_depth_ = 0;
  size_t content_depth_ = 0;
  size_t list_depth_ = 0;
  size_t quote_depth_ = 0;
  size_t in_term_ = 0;
  uint8_t heading_ = 0;
  std::string mark_;  // of the item whose first line is to come
  bool in_title_ = false;
  bool after_end_ = false;  // the last tag ended an element, no text since is not told
  bool in_pre_ = false;
  std::string code_;
  std::string language_;
  size_t code_begin_ = 0;
  size_t code_end_ = 0;
};

}  // namespace

std::optional<HtmlPage> ReadHtmlPage(std::string_view text, const Expired& expired) {
  return PageReader(text, expired).Run();
}

}  // namespace headroom::text
