#include "text/html_excerpt_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace headroom::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> BlocksOf(std::string_view html) {
  // An exact-size buffer: reading past its end is noticed.
  const std::unique_ptr<char[]> exact(new char[html.size()]);
  std::copy(html.begin(), html.end(), exact.get());
  const std::optional<HtmlPage> page = ReadHtmlPage({exact.get(), html.size()}, {});
  std::vector<std::string> blocks;
  for (const HtmlBlock& block : page->blocks) {
    blocks.push_back(block.text);
    EXPECT_LE(block.begin, block.end);
    EXPECT_LE(block.end, html.size());
  }
  return blocks;
}

TEST(HtmlPageTest, HeadingsParagraphsAndLinksBecomeMarkdown) {
  EXPECT_THAT(
      BlocksOf("<h2>Use <a href='#use'>&para;</a></h2><p>See <a href=\"a.html?x=1&amp;y=2\">the <b>guide</b></a>,\n"
               "  not <a href=#top>this</a>.<p>Run <code>f(&lt;T&gt;)</code>."),
      ElementsAre("## Use", "See [the guide](a.html?x=1&y=2), not this.", "Run `f(<T>)`."));
}

TEST(HtmlPageTest, CodeKeepsItsBytes) {
  EXPECT_THAT(
      BlocksOf("<pre><code class=\"language-py\">\ndef f(x):\n    return <span>x</span> &lt; 1\n\n\n</code></pre>"),
      ElementsAre("```py\ndef f(x):\n    return x < 1\n```"));
  EXPECT_THAT(BlocksOf("<pre>a\n```\nb</pre>"), ElementsAre("````\na\n```\nb\n````"));
}

TEST(HtmlPageTest, ListsKeepMarksNumbersAndDepth) {
  EXPECT_THAT(BlocksOf("<ul><li>one<ul><li>two</ul><li>three</ul><ol><li>a<li><p>b</p><p>c</p></ol>"),
              ElementsAre("- one", "  - two", "- three", "1. a", "2. b", "c"));
}

TEST(HtmlPageTest, TablesBecomeRows) {
  EXPECT_THAT(BlocksOf("<table><tr><th>Name<th>Size</tr><tr><td>a|b<td><p>1</p></tr><tr><td></td></tr></table>"),
              ElementsAre("| Name | Size |\n| --- | --- |", "| a\\|b | 1 |"));
}

TEST(HtmlPageTest, ATableThatLaysOutThePageIsReadAsBlocks) {
  EXPECT_THAT(BlocksOf("<table><tr><td>menu</td><td><h1>Title</h1><pre>x\n  y</pre>"
                       "<table><tr><td>1</td><td>2</td></tr></table></td></tr></table>"),
              ElementsAre("menu", "# Title", "```\nx\n  y\n```", "| 1 | 2 |"));
}

TEST(HtmlPageTest, WhatOnlyAttributesSayIsSaid) {
  EXPECT_THAT(
      BlocksOf("<p><span class=stars aria-label=\"4.5 of 5\"></span></p><p>on <time datetime=\"2025-03-10\">Monday"
               "</time></p><p><img src=a.png alt=\"A graph\"></p><div itemprop=offers><meta itemprop=price "
               "content=9.90></div>"),
      ElementsAre("4.5 of 5", "on Monday (2025-03-10)", "![A graph]", "price: 9.90"));
}

TEST(HtmlPageTest, NumbersStayWhatTheyAre) {
  EXPECT_THAT(
      BlocksOf("<p>10<sup>6</sup> H<sub>2</sub>O <del>9</del> 8</p><div><span>3.5</span><span>9.90</span></div>"),
      ElementsAre("10^6 H2O ~~9~~ 8", "3.5 9.90"));
}

TEST(HtmlPageTest, WhatDoesNotShowIsCounted) {
  const std::optional<HtmlPage> page = ReadHtmlPage(
      "<title>T &amp; U</title><script>var a = '<p>x';</script><style>p{}</style><svg><title>no</title><path/></svg>"
      "<p hidden>x</p><button>Add</button><button>Pay 7</button><noscript>y</noscript>",
      {});
  EXPECT_EQ(page->title, "T & U");
  EXPECT_EQ(page->scripts, 1U);
  EXPECT_EQ(page->styles, 1U);
  EXPECT_EQ(page->drawings, 1U);
  EXPECT_EQ(page->hidden, 1U);
  EXPECT_EQ(page->controls, 1U);
  ASSERT_EQ(page->blocks.size(), 1U);
  EXPECT_EQ(page->blocks[0].text, "Pay 7");
}

TEST(HtmlPageTest, BlocksKnowTheirBytes) {
  const std::string html = "<h1>A</h1>\n<p>bc <b>d</b></p>";
  const std::optional<HtmlPage> page = ReadHtmlPage(html, {});
  EXPECT_EQ(html.substr(page->blocks[0].begin, page->blocks[0].end - page->blocks[0].begin), "A");
  EXPECT_EQ(html.substr(page->blocks[1].begin, page->blocks[1].end - page->blocks[1].begin), "bc <b>d");
}

TEST(HtmlPageTest, BrokenMarkupIsReadAsFarAsItGoes) {
  EXPECT_THAT(BlocksOf("<div><p>a<b>b</div></i>c < d <"), ElementsAre("ab", "c < d <"));
  EXPECT_THAT(BlocksOf("<a href=x><div>card</div><div>text</div></a>"), ElementsAre("[card](x)", "text"));
  EXPECT_THAT(BlocksOf("<p>a <code>b"), ElementsAre("a `b`"));
  EXPECT_THAT(BlocksOf("<!-- never closed <p>x"), IsEmpty());
  EXPECT_THAT(BlocksOf("<script>never closed <p>x"), IsEmpty());
  EXPECT_THAT(BlocksOf(""), IsEmpty());
}

TEST(HtmlPageTest, DeepNestingAndStrayEndTagsAreLinear) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<div>";
  deep += "<p>x";
  for (int i = 0; i < 200'000; ++i) deep += "</span></div>";
  EXPECT_THAT(BlocksOf(deep), ElementsAre("x"));
  std::string links;
  for (int i = 0; i < 100'000; ++i) links += "<a href=x><code><li><td>";
  EXPECT_THAT(BlocksOf(links), IsEmpty());
}

TEST(HtmlPageTest, TheDeadlineEndsReading) {
  EXPECT_FALSE(ReadHtmlPage("<p>x", [] { return true; }).has_value());
}

TEST(FurnitureTest, LinksDecideWhereOnlyAClassSpeaks) {
  const auto decided = [](std::string_view html) {
    const std::optional<HtmlPage> page = ReadHtmlPage(html, {});
    const std::vector<bool> furniture = DecideFurniture(page->regions);
    return static_cast<bool>(furniture[page->blocks[0].region]);
  };
  const std::string text = "<p>" + std::string(400, 'x') + "</p>";
  EXPECT_TRUE(decided("<nav>a b</nav>" + text));
  EXPECT_TRUE(decided("<div class=\"left-sidebar\"><a href=a>one</a> <a href=b>two</a></div>" + text));
  EXPECT_FALSE(decided("<div class=\"left-sidebar\">Labels: <a href=a>bug</a></div>" + text));
  EXPECT_FALSE(decided("<div class=\"no-sidebar\"><a href=a>one</a></div>" + text));
  EXPECT_TRUE(decided("<div class=\"cookie-banner\">We use cookies.</div>" + text));
  EXPECT_TRUE(decided("<footer>Imprint</footer>" + text));
  EXPECT_FALSE(decided("<article><footer>Imprint</footer></article>" + text));
  EXPECT_FALSE(decided("<header><h1>Title</h1></header>" + text));
  EXPECT_FALSE(decided("<nav>" + text + "</nav>"));
}

}  // namespace
}  // namespace headroom::text
