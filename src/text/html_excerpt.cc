// The main content of a page, as Markdown.
//
//   <nav>12 links</nav>                     [HTML page as Markdown; line numbers are those of the HTML; not shown: 2
//   scripts] <main><h1>Widget</h1>                   ... lines 1-9 omitted (navigation, 12 links) ...
//     <h2>Use</h2><p>Run <code>x</code>  ─► # Widget
//     <h2>History</h2><p>In 1998 ...        ## Use
//   </main><footer>...                      Run `x`
//                                           ## History
//                                           ... lines 14-60 omitted ...
//
// Navigation, head, foot and side columns of the page, banners and menus go, each gap with its
// name and its number of links. If that is still more than the share, or the question names a
// heading, sections go by what is asked (prose_excerpt_sections.h); all headings stay. A listing
// (many short sections) keeps all its items: what is asked may be a comparison of them.
// Counter-examples, left alone: a page whose text is made by scripts, questions about the markup itself,
// templates.
//
// Gaps count lines of the HTML; a page of a few long lines counts its bytes.
//
// Cost: O(bytes); bench/html_excerpt.

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/html_excerpt_page.h"
#include "text/html_pieces.h"
#include "text/line_text.h"
#include "text/prose_excerpt_sections.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr size_t kMinTextBytes = 200;     // a page with less on it is made by its scripts
constexpr double kMinMainShare = 0.25;    // of the text, for the main element to be the content
constexpr double kMinContentShare = 0.1;  // of the text, for the furniture to be furniture
constexpr size_t kListingTokens = 60;     // sections of a listing are that short at most, in the middle
constexpr size_t kListingSections = 8;
constexpr size_t kMinRepeatedHeading = 3;
constexpr size_t kMaxBytesPerLine = 400;  // on average, for lines to be a measure of the page
constexpr size_t kMaxTitleBytes = 200;
constexpr size_t kSmallMenuTokens = 40;  // a menu inside the content is counted, not marked

// What the user asks about is the markup, not what it says.
bool AsksAboutMarkup(std::string_view question) {
  bool asks = false;
  std::string before;
  ForEachWord(question, [&](const Word& word) {
    std::string lower = LowerCase(word.text);
    asks = asks || lower == "xpath" || lower == "markup" || lower == "stylesheet" || lower == "dom" ||
           lower == "data-testid" || lower == "selector" || lower == "selectors" ||
           (before == "html" && (lower == "element" || lower == "elements" || lower == "tag" || lower == "tags" ||
                                 lower == "source" || lower == "code" || lower == "structure")) ||
           (before == "css" && (lower == "class" || lower == "classes" || lower == "rule" || lower == "rules"));
    before = std::move(lower);
  });
  return asks;
}

// Places in the source, as gap marks count them.
class Places {
 public:
  Places(std::string_view text, size_t first_line) : text_(text), first_line_(first_line) {
    starts_.push_back(0);
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
      if (at + 1 < text.size()) starts_.push_back(at + 1);
    }
    by_lines_ = text.size() / starts_.size() <= kMaxBytesPerLine;
  }

  std::string_view unit() const { return by_lines_ ? "lines" : "bytes"; }
  size_t total() const { return by_lines_ ? starts_.size() : text_.size(); }

  // The number of the line (or byte, from 1) at an offset.
  size_t At(size_t offset) const {
    if (!by_lines_) return offset + 1;
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return first_line_ + static_cast<size_t>(after - starts_.begin()) - 1;
  }

 private:
  std::string_view text_;
  size_t first_line_;
  std::vector<size_t> starts_;
  bool by_lines_ = true;
};

class PageExcerpt {
 public:
  PageExcerpt(const ExcerptInput& in, HtmlPage page)
      : in_(in), page_(std::move(page)), places_(in.text, in.first_line), kept_(page_.blocks.size(), true) {}

  std::optional<Excerpt> Run() {
    if (!ChooseContent()) return std::nullopt;
    ChooseParts();
    CloseSmallGaps();
    Excerpt excerpt;
    excerpt.kind = Kind::kHtml;
    excerpt.rule = "html_excerpt";
    excerpt.text = Head();
    Render(&excerpt.text);
    excerpt.omitted = {places_.unit(), places_.total(), KeptPlaces()};
    return excerpt;
  }

 private:
  size_t TextBytes(const auto& counts) const {
    size_t bytes = 0;
    for (size_t i = 0; i < page_.blocks.size(); ++i) bytes += counts(i) ? page_.blocks[i].text.size() : 0;
    return bytes;
  }

  // False when there is no text to speak of.
  bool ChooseContent() {
    furniture_.assign(page_.blocks.size(), Furniture::kNone);
    const size_t all = TextBytes([](size_t) { return true; });
    if (all < kMinTextBytes) return false;
    const std::vector<bool> decided = DecideFurniture(page_.regions);
    for (size_t i = 0; i < page_.blocks.size(); ++i) {
      if (decided[page_.blocks[i].region]) furniture_[i] = KindOf(page_.blocks[i].region, decided);
    }
    const auto is_content = [&](size_t i) { return furniture_[i] == Furniture::kNone; };
    size_t content = TextBytes(is_content);
    const size_t main = TextBytes([&](size_t i) { return is_content(i) && page_.blocks[i].in_main; });
    if (page_.has_main && main >= kMinTextBytes &&
        static_cast<double>(main) >= kMinMainShare * static_cast<double>(content)) {
      for (size_t i = 0; i < page_.blocks.size(); ++i) {
        if (is_content(i) && !page_.blocks[i].in_main && page_.blocks[i].heading != 1)
          furniture_[i] = Furniture::kOutside;
      }
      content = TextBytes(is_content);
    }
    if (content < kMinTextBytes || static_cast<double>(content) < kMinContentShare * static_cast<double>(all)) {
      // Nearly all would be furniture: the page is a list of links, and these are its content.
      furniture_.assign(page_.blocks.size(), Furniture::kNone);
    }
    for (size_t i = 0; i < page_.blocks.size(); ++i) kept_[i] = furniture_[i] == Furniture::kNone;
    return true;
  }

  // The outermost region that decides.
  Furniture KindOf(uint32_t region, const std::vector<bool>& decided) const {
    while (decided[page_.regions[region].parent] && page_.regions[region].parent != 0)
      region = page_.regions[region].parent;
    return page_.regions[region].kind;
  }

  void ChooseParts() {
    std::vector<size_t> content;
    std::vector<SectionUnit> units;
    size_t tokens = 0;
    for (size_t i = 0; i < page_.blocks.size(); ++i) {
      if (!kept_[i]) continue;
      const HtmlBlock& block = page_.blocks[i];
      content.push_back(i);
      units.push_back({block.text, block.heading, EstimateTokens(block.text) + 1, false});
      tokens += units.back().tokens;
    }
    if (IsListing(units)) return;
    const size_t budget = static_cast<size_t>(in_.share * static_cast<double>(EstimateTokens(in_.text)));
    const std::optional<SectionChoice> choice =
        ChooseSections(units, in_.query, WithoutInjectedBlocks(in_.input.question), budget);
    if (!choice.has_value() || (tokens <= budget && !choice->by_name)) return;
    for (size_t i = 0; i < content.size(); ++i) kept_[content[i]] = choice->kept[i];
    DropRepeatedHeadings(content);
  }

  static bool IsListing(const std::vector<SectionUnit>& units) {
    std::vector<size_t> sizes;
    size_t size = 0;
    for (const SectionUnit& unit : units) {
      if (unit.heading > 0) {
        sizes.push_back(size);
        size = 0;
      }
      size += unit.tokens;
    }
    if (sizes.size() < kListingSections) return false;
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    return *middle <= kListingTokens;
  }

  // "See also" below each of forty sections says nothing once those are out.
  void DropRepeatedHeadings(const std::vector<size_t>& content) {
    std::unordered_map<std::string_view, size_t> times;
    for (const size_t i : content) {
      if (page_.blocks[i].heading > 0) ++times[page_.blocks[i].text];
    }
    std::unordered_map<std::string_view, size_t> seen;
    for (size_t at = 0; at < content.size(); ++at) {
      const HtmlBlock& block = page_.blocks[content[at]];
      if (block.heading == 0 || times[block.text] < kMinRepeatedHeading || ++seen[block.text] == 1) continue;
      const bool is_out = at + 1 == content.size() || !kept_[content[at + 1]];
      if (is_out) kept_[content[at]] = false;
    }
  }

  // ---- Writing

  std::string Head() const {
    std::string head = "[HTML page as Markdown";
    if (!page_.title.empty() && page_.title.size() <= kMaxTitleBytes) head.append(": ").append(page_.title);
    head.append(places_.unit() == "lines" ? "; line numbers are those of the HTML" : "; bytes are those of the HTML");
    std::string counts;
    const auto add = [&](size_t count, std::string_view what) {
      if (count == 0) return;
      counts.append(counts.empty() ? "; not shown: " : ", ").append(std::to_string(count)).append(" ").append(what);
      if (count != 1) counts.push_back('s');
    };
    add(page_.scripts, "script");
    add(page_.styles, "style");
    add(page_.drawings, "drawing");
    add(page_.controls, "control");
    add(menus_, "menu");
    add(page_.hidden, "hidden element");
    return head.append(counts).append("]\n");
  }

  void Render(std::string* out) {
    for (size_t i = 0; i < page_.blocks.size();) {
      if (kept_[i]) {
        if (page_.blocks[i].heading > 0 && i > 0 && kept_[i - 1]) out->push_back('\n');
        out->append(page_.blocks[i].text).append("\n");
        ++i;
        continue;
      }
      size_t end = i;
      while (end < page_.blocks.size() && !kept_[end]) ++end;
      if (!silent_[i]) out->append(MarkOf(i, end)).append("\n");
      i = end;
    }
  }

  // Gaps stay where they save more than their mark. Small menus, the same in each comment of a thread, are
  // counted like controls.
  void CloseSmallGaps() {
    silent_.assign(kept_.size(), false);
    for (size_t i = 0; i < page_.blocks.size();) {
      size_t end = i;
      size_t tokens = 0;
      bool menu = true;
      for (; end < page_.blocks.size() && !kept_[end]; ++end) {
        tokens += EstimateTokens(page_.blocks[end].text) + 1;
        menu = menu && furniture_[end] == Furniture::kMenu;
      }
      if (end > i && menu && tokens <= kSmallMenuTokens) {
        silent_[i] = true;
        ++menus_;
      } else if (tokens <= kGapMarkTokens + 4)
        std::fill(kept_.begin() + i, kept_.begin() + end, true);
      i = end + 1;
    }
  }

  std::string MarkOf(size_t begin, size_t end) const {
    const size_t first = places_.At(page_.blocks[begin].begin);
    const size_t last = places_.At(std::max(page_.blocks[end - 1].end, page_.blocks[begin].begin + 1) - 1);
    return GapMark(places_.unit(), first, std::max(first, last), NoteOf(begin, end));
  }

  // "navigation, page head, 31 links"; nothing where content is left out.
  std::string NoteOf(size_t begin, size_t end) const {
    std::vector<Furniture> kinds;
    size_t links = 0;
    for (size_t i = begin; i < end; ++i) {
      if (furniture_[i] == Furniture::kNone) return {};
      if (std::find(kinds.begin(), kinds.end(), furniture_[i]) == kinds.end()) kinds.push_back(furniture_[i]);
      links += page_.blocks[i].links;
    }
    std::string note;
    for (const Furniture kind : kinds) note.append(note.empty() ? "" : ", ").append(FurnitureName(kind));
    if (links > 0) note.append(", ").append(std::to_string(links)).append(links == 1 ? " link" : " links");
    return note;
  }

  // Lines (or bytes) of the source that what is shown comes from.
  size_t KeptPlaces() const {
    size_t kept = 0;
    size_t last = 0;
    for (size_t i = 0; i < page_.blocks.size(); ++i) {
      if (!kept_[i]) continue;
      const size_t begin = std::max(places_.At(page_.blocks[i].begin), last + 1);
      const size_t end = places_.At(std::max(page_.blocks[i].end, page_.blocks[i].begin + 1) - 1);
      if (end < begin) continue;
      kept += end - begin + 1;
      last = end;
    }
    return kept;
  }

  const ExcerptInput& in_;
  const HtmlPage page_;
  const Places places_;
  std::vector<bool> kept_;
  std::vector<bool> silent_;  // at the first block of a gap: it has no mark
  std::vector<Furniture> furniture_;
  size_t menus_ = 0;
};

}  // namespace

std::optional<Excerpt> ExcerptHtml(const ExcerptInput& in) {
  if (in.text.size() > kMaxBytes || !LooksLikeHtml(in.text) || AsksAboutMarkup(in.input.question)) return std::nullopt;
  std::optional<HtmlPage> page = ReadHtmlPage(in.text, in.expired);
  if (!page.has_value() || page->blocks.empty() || in.late()) return std::nullopt;
  return PageExcerpt(in, std::move(*page)).Run();
}

}  // namespace headroom::text
