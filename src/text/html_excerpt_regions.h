// Which parts of a page are its content and which are furniture: navigation, page
// head and foot, side columns, cookie banners, menus.
//
//   <nav>, <footer> of the page, role="search"            furniture
//   <div class="sidebar">, <aside>, <ul class="toc">       furniture where at least half of its text is links
//   <aside class="note">, <div class="header-layout">      content: few links, or most of the page
//
// Thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/html_pieces.h"

namespace headroom::text {

enum class Furniture : uint8_t {
  kNone,
  kNavigation,
  kPageHead,
  kPageFoot,
  kSide,
  kBanner,
  kAdvertisement,
  kMenu,
  kContents,  // a list of links into the page itself
  kRelated,
  kOutside,  // beside the main element
};

// "navigation", "page head", ... for the note of a gap mark.
std::string_view FurnitureName(Furniture furniture);

// A part of a page that may be furniture, and what decides it.
struct HtmlRegion {
  Furniture kind = Furniture::kNone;
  bool certain = false;   // by its element or role; else many links are needed
  uint32_t parent = 0;    // 0: none
  size_t text_bytes = 0;  // of what is shown
  size_t link_bytes = 0;  // of these, in links
  size_t links = 0;
  size_t inner_links = 0;    // to places of the page itself
  uint64_t fingerprint = 0;  // of its text
  bool has_title = false;    // holds an h1
};

// What a start tag opens, by its name, role, classes and id; kNone for most. `in_content` is true inside
// main, article or section, where header and footer are those of a text.
struct FurnitureGuess {
  Furniture kind = Furniture::kNone;
  bool certain = false;
};
FurnitureGuess GuessFurniture(const HtmlPiece& tag, bool in_content);

// For each region, whether it is furniture, itself or by what it lies in. regions[0] stands for the page.
// Cost: O(regions).
std::vector<bool> DecideFurniture(const std::vector<HtmlRegion>& regions);

// The value of an attribute, "" when it is missing. Names are compared in lower case.
std::string_view AttributeOf(const HtmlPiece& tag, std::string_view name);
bool HasAttribute(const HtmlPiece& tag, std::string_view name);

// True when a word of the class attribute, cut at '-' and '_' too, is `word`.
bool HasClassWord(const HtmlPiece& tag, std::string_view word);

}  // namespace headroom::text
