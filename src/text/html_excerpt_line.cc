#include "text/html_excerpt_line.h"

#include <algorithm>

#include "text/html_characters.h"
#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

constexpr size_t kMaxTargetBytes = 600;  // longer targets hold data, not an address

bool IsSpace(char c) { return IsBlank(c) || c == '\n' || c == '\r' || c == '\f'; }

bool IsLetterOrDigit(char c) { return IsWordByte(c) && c != '_'; }

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// "¶", "#", "§": a link from a heading to itself.
bool IsAnchorSign(std::string_view text) {
  return text == "¶" || text == "#" || text == "§" || text == "🔗" || text == "\xEF\x83\x81";
}

}  // namespace

void HtmlLine::AddText(std::string_view source, size_t at) {
  decoded_.clear();
  AppendDecoded(source, &decoded_);
  if (TrimSpace(decoded_).empty()) {
    if (!decoded_.empty() && !text_.empty() && !IsSpace(text_.back())) text_.push_back(' ');
    return;
  }
  if (end_ == 0) begin_ = at;
  end_ = at + source.size();
  Append(decoded_);
}

void HtmlLine::AddWords(std::string_view words, size_t at) {
  if (TrimSpace(words).empty()) return;
  if (!text_.empty() && !IsSpace(text_.back())) text_.push_back(' ');
  AddText(words, at);
  text_.push_back(' ');
}

void HtmlLine::Append(std::string_view decoded) {
  if (raised_ && !text_.empty() && (IsLetterOrDigit(text_.back()) || text_.back() == ')') &&
      (IsDigit(decoded[0]) || decoded[0] == '-' || decoded[0] == '+')) {
    text_.push_back('^');
  }
  if (parted_ && !in_code_ && !text_.empty() && IsLetterOrDigit(text_.back()) && IsLetterOrDigit(decoded[0])) {
    text_.push_back(' ');
  }
  raised_ = parted_ = false;
  const size_t before = text_.size();
  for (const char c : decoded) {
    if (!IsSpace(c)) {
      text_.push_back(c);
    } else if (!text_.empty() && !IsSpace(text_.back())) {
      text_.push_back(' ');
    }
  }
  shown_ += text_.size() - before;
  if (in_link_) linked_ += text_.size() - before;
}

void HtmlLine::OpenLink(std::string_view href) {
  CloseLink();
  in_link_ = true;
  href_.clear();
  AppendDecoded(TrimSpace(href.substr(0, kMaxTargetBytes + 1)), &href_);
  link_of_code_ = in_code_ && code_at_ + 1 == text_.size();
  if (link_of_code_) {
    text_.pop_back();
    in_code_ = false;
  }
  link_at_ = text_.size();
}

void HtmlLine::CloseLink() {
  if (!in_link_) return;
  in_link_ = false;
  link_at_ = std::min(link_at_, text_.size());
  while (link_at_ < text_.size() && IsSpace(text_[link_at_])) ++link_at_;
  const bool blank_behind = !text_.empty() && IsSpace(text_.back());
  const std::string words(TrimSpace(std::string_view(text_).substr(std::min(link_at_, text_.size()))));
  if (words.empty()) return;
  if (!href_.empty()) ++links_;
  if (href_.starts_with('#')) ++inner_links_;
  const std::string tick = link_of_code_ && words.find('`') == std::string::npos ? "`" : "";
  text_.resize(link_at_);
  const bool inside = href_.starts_with('#');
  if (inside && (IsAnchorSign(words) || words.starts_with("!["))) {
    // A sign to click on; it says nothing.
  } else if (href_.empty() || href_.starts_with('#') || href_.starts_with("javascript:") ||
             href_.starts_with("data:") || href_.size() > kMaxTargetBytes || in_code_) {
    text_.append(tick).append(words).append(tick);
  } else if (href_ == words || href_ == "mailto:" + words) {
    text_.append("<").append(words).append(">");
  } else {
    text_.append("[").append(tick).append(words).append(tick).append("](").append(href_).append(")");
  }
  if (blank_behind) text_.push_back(' ');
}

void HtmlLine::OpenCode() {
  if (in_code_ || (in_link_ && link_of_code_)) return;
  in_code_ = true;
  code_at_ = text_.size();
  text_.push_back('`');
}

void HtmlLine::CloseCode() {
  if (!in_code_) return;
  in_code_ = false;
  if (code_at_ >= text_.size()) return;
  const std::string_view inside = std::string_view(text_).substr(code_at_ + 1);
  if (inside.empty() || inside.find('`') != std::string_view::npos) {
    text_.erase(code_at_, 1);
  } else if (IsSpace(text_.back())) {
    text_.back() = '`';
    text_.push_back(' ');
  } else {
    text_.push_back('`');
  }
}

void HtmlLine::OpenStrike() {
  if (in_strike_ || in_code_) return;
  in_strike_ = true;
  strike_at_ = text_.size();
  text_.append("~~");
}

void HtmlLine::CloseStrike() {
  if (!in_strike_) return;
  in_strike_ = false;
  if (strike_at_ + 2 > text_.size()) return;
  if (text_.find_first_not_of(" \n", strike_at_ + 2) == std::string::npos) {
    text_.resize(strike_at_);
  } else {
    text_.append("~~");
  }
}

void HtmlLine::Break() {
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  if (!text_.empty() && text_.back() != '\n') text_.push_back('\n');
}

std::string HtmlLine::Take() {
  const bool link_goes_on = in_link_;
  const bool code_goes_on = in_code_;
  const bool strike_goes_on = in_strike_;
  const size_t links_before = links_;
  CloseCode();
  CloseLink();
  CloseStrike();
  // A link around several blocks leads somewhere from the first with words in it.
  if (links_ > links_before) href_.clear();
  std::string taken(TrimSpace(text_));
  text_.clear();
  begin_ = end_ = shown_ = linked_ = links_ = inner_links_ = 0;
  raised_ = parted_ = false;
  in_link_ = link_goes_on;
  link_at_ = 0;
  link_of_code_ = false;
  if (strike_goes_on) OpenStrike();
  if (code_goes_on) OpenCode();
  return taken;
}

}  // namespace headroom::text
