// A page read into blocks of Markdown, each with its place in the source.
//
//   <h2>Use</h2><p>Run <code>x</code>.</p>   ─►   {"## Use", bytes 0-12}, {"Run `x`.", bytes 12-36}
//
// Elements may nest and overlap as they like: open ones are kept on a bounded stack
// and closed as browsers do, nothing recurses. Code in pre keeps its bytes, tables become
// rows with bars, lists keep their marks, pictures what their alt says. What never
// shows (scripts, styles, hidden parts) and controls are counted.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/compressor.h"
#include "text/html_excerpt_regions.h"

namespace headroom::text {

struct HtmlBlock {
  std::string text;  // one or more lines of Markdown, no line end at the end
  size_t begin = 0;  // bytes of the source
  size_t end = 0;
  uint32_t region = 0;  // of HtmlPage::regions
  uint32_t links = 0;
  uint8_t heading = 0;  // 1 to 6, else 0
  bool is_code = false;
  bool in_main = false;
};

struct HtmlPage {
  std::string title;
  std::vector<HtmlBlock> blocks;
  std::vector<HtmlRegion> regions;  // [0] is the page
  bool has_main = false;
  size_t scripts = 0;
  size_t styles = 0;
  size_t drawings = 0;  // svg, canvas
  size_t controls = 0;  // buttons, selection lists
  size_t hidden = 0;    // elements that do not show
};

// Nothing when the deadline passed or the page has more than kMaxHtmlBlocks. Cost: O(bytes).
inline constexpr size_t kMaxHtmlBlocks = 500'000;
std::optional<HtmlPage> ReadHtmlPage(std::string_view text, const Expired& expired);

}  // namespace headroom::text
