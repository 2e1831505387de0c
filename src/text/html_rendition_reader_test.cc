#include "text/html_rendition_reader_test.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <vector>

namespace headroom::text {
namespace {

using Attributes = std::map<std::string, std::string>;

std::string Decoded(std::string text) {
  static const std::pair<const char*, const char*> kReferences[] = {
      {"&#65;", "A"},         {"&eacute;", "\u00e9"}, {"&gt;", ">"},        {"&quot;", "\""}, {"&#39;", "'"},
      {"&#x2019;", "\u2019"}, {"&mdash;", "\u2014"},  {"&#233;", "\u00e9"}, {"&amp; ", "& "}, {"&amp;\n", "&\n"}};
  for (const auto& [from, to] : kReferences) {
    for (size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, std::string(from).size(), to);
  }
  return text;
}

// Builds the canonical spelling with a stack of open elements.
class Builder {
 public:
  void Text(std::string text) {
    text = Decoded(std::move(text));
    if (Open("pre") || keep_runs) {
      out += text;
      return;
    }
    for (const char c : text) {
      const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
      if (space && (out.ends_with(' ') || EndsItem())) continue;
      out += space ? ' ' : c;
    }
  }

  void Start(const std::string& name, const Attributes& attributes, bool closed) {
    static const std::set<std::string> kBlocks = {"div", "p", "ul", "dl", "pre", "h2"};
    if (kBlocks.contains(name) && Top("p")) Pop();
    if (name == "li") CloseAlso("li");
    if (name == "dt" || name == "dd") CloseAlso("dt"), CloseAlso("dd");
    if (name == "td") CloseAlso("td");
    if (name == "tr") CloseAlso("td"), CloseAlso("tr");
    out += "<" + name;
    for (const auto& [key, value] : attributes) out += " " + key + "=[" + value + "]";
    static const std::set<std::string> kVoid = {"br", "hr", "img"};
    out += closed && !kVoid.contains(name) ? "/>" : ">";
    if (!closed && !kVoid.contains(name)) open_.push_back(name);
  }

  void End(const std::string& name) {
    if (!Open(name)) {
      out += "</" + name + ">";
      open_.clear();
      return;
    }
    if (name == "ul") CloseAlso("li");
    if (name == "dl") CloseAlso("dt"), CloseAlso("dd");
    if (name == "tr") CloseAlso("td");
    if (name == "table") CloseAlso("td"), CloseAlso("tr");
    if (name == "div" && Top("p")) Pop();
    if ((name == "li" || name == "td") && Top("p")) Pop();
    if (Top(name)) return Pop();
    out += "</" + name + ">";
    open_.clear();  // overlapping elements: nothing is known from here on
  }

  void EndInnermost() { End(std::string(open_.back())); }

  bool Open(const std::string& name) const { return std::find(open_.begin(), open_.end(), name) != open_.end(); }

  std::string out;
  bool keep_runs = false;

 private:
  bool Top(const std::string& name) const { return !open_.empty() && open_.back() == name; }
  void CloseAlso(const std::string& name) {
    if (Top("p") && name != "p") Pop();
    if (Top(name)) Pop();
  }
  void Pop() {
    if (Items().contains(open_.back())) Trim();
    out += "</" + open_.back() + ">";
    open_.pop_back();
  }
  // Elements whose end may be implied: white space at it does not show.
  static const std::set<std::string>& Items() {
    static const std::set<std::string> kItems = {"li", "dt", "dd", "td", "tr", "p"};
    return kItems;
  }
  bool EndsItem() const {
    const size_t at = out.rfind("</");
    return at != std::string::npos && out.ends_with('>') && Items().contains(out.substr(at + 2, out.size() - at - 3));
  }
  void Trim() {
    if (keep_runs || Open("pre")) return;
    while (out.ends_with(' ')) out.pop_back();
  }

  std::vector<std::string> open_;
};

Attributes ReadAttributes(std::string_view inside, bool* closed) {
  static const RE2 kAttribute(R"re(\s*([^\s=/"'>]+)(?:=(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?)re", RE2::Latin1);
  Attributes attributes;
  re2::StringPiece rest(inside.data(), inside.size());
  std::string name;
  std::string a;
  std::string b;
  std::string c;
  while (RE2::Consume(&rest, kAttribute, &name, &a, &b, &c)) attributes[name] = a + b + c;
  *closed = rest.size() > 0 && rest[rest.size() - 1] == '/';
  return attributes;
}

std::string Read(std::string_view page, bool shortened) {
  static const RE2 kVerbatim(
      R"re((?s)(<!--.*?-->|<![^>]*>|<(?:script|title|textarea|style)[^>]*>.*?</(?:script|title|textarea|style)>))re",
      RE2::Latin1);
  static const RE2 kStart(
      R"re(<([a-z][a-z0-9-]*)((?:[.#][A-Za-z0-9_-]+)*)((?:\s+[^\s=/"'>]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*/?)>)re",
      RE2::Latin1);
  static const RE2 kEnd(R"re(</([a-z][a-z0-9-]*)>)re", RE2::Latin1);
  static const RE2 kSelector(R"re(([.#])([A-Za-z0-9_-]+))re", RE2::Latin1);
  Builder builder;
  builder.keep_runs = page.find("white-space") != std::string_view::npos;
  re2::StringPiece rest(page.data(), page.size());
  std::string name;
  std::string selectors;
  std::string inside;
  while (!rest.empty()) {
    if (RE2::Consume(&rest, kVerbatim, &name)) {
      builder.out += name;
    } else if (shortened && RE2::Consume(&rest, "</>")) {
      builder.EndInnermost();
    } else if (RE2::Consume(&rest, kEnd, &name)) {
      builder.End(name);
    } else if (RE2::Consume(&rest, kStart, &name, &selectors, &inside)) {
      bool closed = false;
      Attributes attributes = ReadAttributes(inside, &closed);
      re2::StringPiece words(selectors);
      std::string sign;
      std::string word;
      EXPECT_TRUE(shortened || selectors.empty());
      while (RE2::Consume(&words, kSelector, &sign, &word)) {
        std::string& value = attributes[sign == "." ? "class" : "id"];
        value += (value.empty() ? "" : " ") + word;
      }
      builder.Start(name, attributes, closed);
    } else {
      const size_t length = std::min(rest.find('<', 1), rest.size());
      builder.Text(std::string(rest.data(), length));
      rest.remove_prefix(length);
    }
  }
  return builder.out;
}

}  // namespace

std::string ReadHtml(std::string_view page) { return Read(page, false); }

std::string ReadShortHtml(std::string_view rendition) {
  std::string page(rendition);
  if (!page.starts_with("[HTML; ")) return Read(page, true);
  const bool has_list = page.substr(0, page.find('\n')).ends_with("this list:]");
  page.erase(0, page.find('\n') + 1);
  if (!has_list) return Read(page, true);
  const std::string end = "[end of the list]\n";
  const size_t list_end = page.find(end);
  std::string list = page.substr(0, list_end);
  page.erase(0, list_end + end.size());
  while (!list.empty()) {
    const std::string line = list.substr(0, list.find('\n'));
    list.erase(0, line.size() + 1);
    const std::string reference = line.substr(0, line.find(' '));
    const std::string tag = line.substr(line.find(' ') + 1);
    for (size_t at = 0; (at = page.find(reference, at)) != std::string::npos;) page.replace(at, reference.size(), tag);
  }
  return Read(page, true);
}

}  // namespace headroom::text
