// A line of Markdown while its text, links and code come in from HTML.
//
//   See <a href="a.html">the <b>guide</b></a> or <code>f()</code>   ─►   See [the guide](a.html) or `f()`
//
// White space collapses and references become characters. Thread-compatible.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::text {

class HtmlLine {
 public:
  // Text of the source that begins at byte `at`.
  void AddText(std::string_view source, size_t at);
  // Words that stand in an attribute of the source at byte `at`.
  void AddWords(std::string_view words, size_t at);

  void OpenLink(std::string_view href);
  void CloseLink();
  void OpenCode();
  void CloseCode();
  // The next digits are raised: 10<sup>6</sup> is "10^6".
  void Raise() { raised_ = true; }
  void OpenStrike();
  void CloseStrike();
  // Between elements that lie side by side: what they hold is no one word.
  void Part() { parted_ = true; }
  void Break();

  bool empty() const { return text_.find_first_not_of(" \n") == std::string::npos; }
  size_t size() const { return text_.size(); }
  std::string_view text() const { return text_; }
  void Cut(size_t size) { text_.resize(size); }

  size_t begin() const { return begin_; }  // bytes of the source that it stands for
  size_t end() const { return end_; }
  size_t shown_bytes() const { return shown_; }  // without what the Markdown adds
  size_t link_bytes() const { return linked_; }
  size_t links() const { return links_; }
  size_t inner_links() const { return inner_links_; }

  // What came in, trimmed; the line is empty afterwards. A link that is open stays so without its target.
  std::string Take();

 private:
  void Append(std::string_view decoded);

  std::string text_;
  std::string decoded_;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t shown_ = 0;
  size_t linked_ = 0;
  size_t links_ = 0;
  size_t inner_links_ = 0;
  bool raised_ = false;
  bool parted_ = false;

  std::string href_;
  bool in_link_ = false;
  bool link_of_code_ = false;  // the code's tick stands outside the link
  size_t link_at_ = 0;
  bool in_code_ = false;
  size_t code_at_ = 0;
  bool in_strike_ = false;
  size_t strike_at_ = 0;
};

}  // namespace headroom::text
