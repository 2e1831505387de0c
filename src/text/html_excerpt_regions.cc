#include "text/html_excerpt_regions.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "text/line_text.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxClassBytes = 256;
constexpr double kLinkDensity = 0.5;
constexpr double kMostOfThePage = 0.4;  // what holds that much of the text is no furniture
constexpr size_t kMinContentsLinks = 6;
constexpr double kContentsShare = 0.8;
constexpr size_t kMinRepeats = 3;  // a menu with the same entries again and again

struct NamedFurniture {
  std::string_view word;
  Furniture kind;
};

// Words of classes and ids, ascending.
constexpr std::array<NamedFurniture, 50> kWords = {{{"ad", Furniture::kAdvertisement},
                                                    {"ads", Furniture::kAdvertisement},
                                                    {"advert", Furniture::kAdvertisement},
                                                    {"advertisement", Furniture::kAdvertisement},
                                                    {"breadcrumb", Furniture::kNavigation},
                                                    {"breadcrumbs", Furniture::kNavigation},
                                                    {"consent", Furniture::kBanner},
                                                    {"cookie", Furniture::kBanner},
                                                    {"cookies", Furniture::kBanner},
                                                    {"dropdown", Furniture::kMenu},
                                                    {"footer", Furniture::kPageFoot},
                                                    {"ft", Furniture::kPageFoot},
                                                    {"gdpr", Furniture::kBanner},
                                                    {"hd", Furniture::kPageHead},
                                                    {"header", Furniture::kPageHead},
                                                    {"langs", Furniture::kMenu},
                                                    {"languages", Furniture::kMenu},
                                                    {"localtoc", Furniture::kContents},
                                                    {"mainmenu", Furniture::kNavigation},
                                                    {"masthead", Furniture::kPageHead},
                                                    {"menu", Furniture::kNavigation},
                                                    {"modal", Furniture::kBanner},
                                                    {"nav", Furniture::kNavigation},
                                                    {"navbar", Furniture::kNavigation},
                                                    {"navbox", Furniture::kNavigation},
                                                    {"navigation", Furniture::kNavigation},
                                                    {"newsletter", Furniture::kBanner},
                                                    {"outline", Furniture::kContents},
                                                    {"pager", Furniture::kNavigation},
                                                    {"pagination", Furniture::kNavigation},
                                                    {"popup", Furniture::kBanner},
                                                    {"promo", Furniture::kAdvertisement},
                                                    {"recommendations", Furniture::kRelated},
                                                    {"recommended", Furniture::kRelated},
                                                    {"related", Furniture::kRelated},
                                                    {"share", Furniture::kMenu},
                                                    {"sharing", Furniture::kMenu},
                                                    {"sidebar", Furniture::kSide},
                                                    {"sidenav", Furniture::kSide},
                                                    {"skip", Furniture::kNavigation},
                                                    {"social", Furniture::kMenu},
                                                    {"sponsored", Furniture::kAdvertisement},
                                                    {"submenu", Furniture::kNavigation},
                                                    {"subnav", Furniture::kNavigation},
                                                    {"subscribe", Furniture::kBanner},
                                                    {"tabs", Furniture::kMenu},
                                                    {"toc", Furniture::kContents},
                                                    {"toolbar", Furniture::kMenu},
                                                    {"topbar", Furniture::kPageHead},
                                                    {"toptoc", Furniture::kContents}}};

// "no-sidebar", "has-nav": the class speaks of something that is elsewhere or nowhere.
bool IsOfSomethingElse(std::string_view word) {
  return word == "no" || word == "has" || word == "with" || word == "without" || word == "page" || word == "is";
}

Furniture KindOfWord(std::string_view word) {
  const auto found = std::lower_bound(kWords.begin(), kWords.end(), word,
                                      [](const NamedFurniture& named, std::string_view w) { return named.word < w; });
  return found != kWords.end() && found->word == word ? found->kind : Furniture::kNone;
}

// Calls `found` for each word of a class attribute, cut at white space, '-' and '_', in lower case.
template <typename Found>
void ForEachClassWord(std::string_view classes, Found&& found) {
  const std::string lower = LowerCase(classes.substr(0, kMaxClassBytes));
  for (size_t at = 0; at < lower.size();) {
    const size_t end = std::min(lower.find_first_of(" \t\r\n-_", at), lower.size());
    if (end > at) found(std::string_view(lower).substr(at, end - at));
    at = end + 1;
  }
}

Furniture KindByWords(std::string_view words) {
  Furniture kind = Furniture::kNone;
  bool of_something_else = false;
  ForEachClassWord(words, [&](std::string_view word) {
    if (kind == Furniture::kNone && !of_something_else) kind = KindOfWord(word);
    of_something_else = IsOfSomethingElse(word);
  });
  return kind;
}

Furniture KindByRole(std::string_view role) {
  if (role == "navigation") return Furniture::kNavigation;
  if (role == "banner") return Furniture::kPageHead;
  if (role == "contentinfo") return Furniture::kPageFoot;
  if (role == "search" || role == "menu" || role == "menubar" || role == "toolbar") return Furniture::kMenu;
  if (role == "dialog" || role == "alertdialog") return Furniture::kBanner;
  return Furniture::kNone;
}

// Wrappers of everything: their classes speak of the page's layout.
bool IsWrapper(std::string_view name) {
  return name == "html" || name == "body" || name == "main" || name == "article" || name == "table" || name == "tr" ||
         name == "td" || name == "th" || name == "tbody" || name == "a" || name == "code" || name == "pre";
}

bool IsDecidedByItself(const HtmlRegion& region, const HtmlRegion& page, size_t repeats) {
  const double text = static_cast<double>(region.text_bytes);
  if (region.text_bytes == 0 || text > kMostOfThePage * static_cast<double>(page.text_bytes)) return false;
  if (region.kind == Furniture::kNone) return false;
  if (region.has_title) return false;
  if (region.kind == Furniture::kContents) {
    return region.inner_links >= kMinContentsLinks &&
           static_cast<double>(region.inner_links) >= kContentsShare * static_cast<double>(region.links);
  }
  if (region.certain || region.kind == Furniture::kAdvertisement) return true;
  if (region.kind == Furniture::kMenu && repeats >= kMinRepeats) return true;
  return static_cast<double>(region.link_bytes) >= kLinkDensity * text;
}

}  // namespace

std::string_view FurnitureName(Furniture furniture) {
  switch (furniture) {
    case Furniture::kNone:
      return "";
    case Furniture::kNavigation:
      return "navigation";
    case Furniture::kPageHead:
      return "page head";
    case Furniture::kPageFoot:
      return "page foot";
    case Furniture::kSide:
      return "side column";
    case Furniture::kBanner:
      return "banner";
    case Furniture::kAdvertisement:
      return "advertisement";
    case Furniture::kMenu:
      return "menu";
    case Furniture::kContents:
      return "table of contents";
    case Furniture::kRelated:
      return "related links";
    case Furniture::kOutside:
      return "beside the main content";
  }
  return "";
}

FurnitureGuess GuessFurniture(const HtmlPiece& tag, bool in_content) {
  if (const Furniture kind = KindByRole(AttributeOf(tag, "role")); kind != Furniture::kNone) return {kind, true};
  if (tag.name == "nav") return {Furniture::kNavigation, true};
  if (tag.name == "footer") return {Furniture::kPageFoot, !in_content};
  if (tag.name == "header") return {Furniture::kPageHead, false};
  if (IsWrapper(tag.name)) return {};
  Furniture kind = KindByWords(AttributeOf(tag, "class"));
  if (kind == Furniture::kNone) kind = KindByWords(AttributeOf(tag, "id"));
  if (kind == Furniture::kNone && tag.name == "aside") kind = Furniture::kSide;
  // Who asks for consent says so in a sentence, without links.
  return {kind, kind == Furniture::kBanner && HasClassWord(tag, "cookie")};
}

std::vector<bool> DecideFurniture(const std::vector<HtmlRegion>& regions) {
  std::unordered_map<uint64_t, size_t> repeats;
  for (const HtmlRegion& region : regions) {
    if (region.text_bytes > 0) ++repeats[region.fingerprint];
  }
  std::vector<bool> decided(regions.size());
  for (size_t i = 1; i < regions.size(); ++i) {
    decided[i] =
        decided[regions[i].parent] || IsDecidedByItself(regions[i], regions[0], repeats[regions[i].fingerprint]);
  }
  return decided;
}

std::string_view AttributeOf(const HtmlPiece& tag, std::string_view name) {
  for (const HtmlAttribute& attribute : tag.attributes) {
    if (attribute.name.size() == name.size() &&
        std::equal(name.begin(), name.end(), attribute.name.begin(), [](char a, char b) { return a == Lower(b); })) {
      return attribute.value;
    }
  }
  return {};
}

bool HasAttribute(const HtmlPiece& tag, std::string_view name) {
  return std::any_of(tag.attributes.begin(), tag.attributes.end(),
                     [&](const HtmlAttribute& attribute) { return LowerCase(attribute.name) == name; });
}

bool HasClassWord(const HtmlPiece& tag, std::string_view word) {
  bool found = false;
  ForEachClassWord(AttributeOf(tag, "class"), [&](std::string_view w) { found = found || w == word; });
  return found;
}

}  // namespace headroom::text
