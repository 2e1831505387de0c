#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/compressor.h"
#include "text/html_characters.h"
#include "text/html_rendition_reader_test.h"

namespace headroom::text {
namespace {

constexpr std::string_view kStart = "<!DOCTYPE html>\n";

// What `body` becomes, without the explaining first line.
std::string Short(std::string body) {
  // Enough to save that explaining the rest pays.
  std::string rules;
  for (int i = 0; i < 100; ++i) {
    body += "<hr/>";
    rules += "<hr>";
  }
  const std::optional<Rendition> rendition = CompressHtml({std::string(kStart) + body, "WebFetch", ""}, {});
  if (!rendition) return "(nothing)";
  EXPECT_EQ(ReadShortHtml(rendition->text), ReadHtml(std::string(kStart) + body)) << rendition->text;
  std::string page = rendition->text.substr(rendition->text.find(kStart) + kStart.size());
  EXPECT_TRUE(page.ends_with(rules));
  return page.substr(0, page.size() - rules.size());
}

TEST(HtmlTest, WritesClassesAndIdsAsInCss) {
  EXPECT_EQ(Short("<div class=\"note wide\" id='n1'>x</div><p id=\"a b\" class=\"md:w-1\">y"),
            "<div.note.wide#n1>x</div><p id=\"a b\" class=md:w-1>y");
}

TEST(HtmlTest, SaysWhatTheSelectorsMean) {
  EXPECT_EQ(CompressHtml({"<!DOCTYPE html><i class=\"x\" id=\"y\"></i><i class=\"x\" id=\"z\"></i><i class=\"x\"></i>"
                          "<i class=\"x\" id=\"yyy\"></i><i class=\"x\" id=\"zzz\"></i>",
                          "", ""},
                         {})
                .value()
                .text,
            "[HTML; <a.b.c#d> stands for <a class=\"b c\" id=\"d\">]\n"
            "<!DOCTYPE html><i.x#y></i><i.x#z></i><i.x></i><i.x#yyy></i><i.x#zzz></i>");
}

TEST(HtmlTest, DropsQuotesOnlyWhereTheValueEndsWithoutThem) {
  EXPECT_EQ(
      Short("<a href=\"x/y.html?a=b\" title=\"\" rel='up'>1</a><a href=\"x/\" rel=\"up\">2</a><a rel=\"a>b\">3</a>"),
      "<a href=\"x/y.html?a=b\" title rel=up>1</a><a href=\"x/\" rel=up>2</a><a rel=\"a>b\">3</a>");
}

TEST(HtmlTest, CollapsesWhiteSpaceOutsidePre) {
  EXPECT_EQ(Short("<div>\n\n      a \t b\n   c  </div>\n<pre>  a\n\n    b  </pre>\n<textarea>  x  </textarea>"),
            "<div>\na b\nc </div>\n<pre>  a\n\n    b  </pre>\n<textarea>  x  </textarea>");
}

TEST(HtmlTest, KeepsRunsWhereThePageStylesWhiteSpace) {
  EXPECT_EQ(Short("<div style=\"white-space:pre\">  a\n\n  b</div><b class=\"x\">"),
            "<div style=white-space:pre>  a\n\n  b</div><b.x>");
}

TEST(HtmlTest, LeavesScriptsStylesAndCommentsAlone) {
  const std::string kept =
      "<script>  if (a < b)   x(\"<p>\");\n\n</script><style>  a   { }\n</style><!--  [if IE]>  <p>   -->";
  EXPECT_EQ(Short(kept + "<br/>   <hr />"), kept + "<br> <hr>");
}

TEST(HtmlTest, LeavesOutImpliedEndTags) {
  EXPECT_EQ(Short("<ul>\n  <li>a</li>\n  <li>b</li>\n</ul><table><tr><td>1</td><td>2</td></tr></table>"),
            "<ul>\n<li>a\n<li>b\n</ul><table><tr><td>1<td>2</table>");
  EXPECT_EQ(Short("<div><p>a</p>   <p>b</p></div><p>c</p> text   <p>d <i>e</i></p><h2>f</h2>"),
            "<div><p>a <p>b</div><p>c</p> text <p>d <i>e</i><h2>f</h2>");
}

TEST(HtmlTest, KeepsEndTagsThatOpenAnEmptyParagraph) {
  EXPECT_EQ(Short("<div class=\"x\"></p><p>b</p></div>"), "<div.x></p><p>b</p></div>");
}

TEST(HtmlTest, KeepsSlashesOfForeignElements) {
  EXPECT_EQ(Short("<svg viewBox=\"0 0 1 1\"><path d=\"M1\"/></svg><img src=\"a.png\"/>"),
            "<svg viewBox=\"0 0 1 1\"><path d=\"M1\"/></svg><img src=a.png>");
}

TEST(HtmlTest, NamesTagsThatComeAgain) {
  std::string page = "<!DOCTYPE html>";
  for (int i = 0; i < 9; ++i) {
    page +=
        "<div class=\"card product-card\" data-controller=\"product\"><a class=\"card product-card\" "
        "href=\"/camping/tent.html\">x</a></div>";
  }
  const std::string text = CompressHtml({page, "WebFetch", ""}, {}).value().text;
  EXPECT_TRUE(
      text.starts_with("[HTML; <a.b.c#d> stands for <a class=\"b c\" id=\"d\">, <a~1> for a tag of this list:]\n"
                       "<div~1> <div.card.product-card data-controller=product>\n[end of the list]\n"
                       "<!DOCTYPE html><div~1><a.card.product-card href=/camping/tent.html>x</a></div><div~1>"))
      << text;
  EXPECT_EQ(ReadShortHtml(text), ReadHtml(page));
}

TEST(HtmlTest, ShortensTheEndsOfElementsThatHoldText) {
  std::string page = "<!DOCTYPE html><div>";
  for (int i = 0; i < 24; ++i) page += "<span>x</span><b><i>y</b>";
  const std::string text = CompressHtml({page, "WebFetch", ""}, {}).value().text;
  EXPECT_TRUE(
      text.starts_with("[HTML; </> for the end tag of the element before it]\n<!DOCTYPE html><div>"
                       "<span>x</><b><i>y</b><span>x</>"))
      << text;
  EXPECT_EQ(ReadShortHtml(text), ReadHtml(page));
  EXPECT_FALSE(CompressHtml({page + "</>", "WebFetch", ""}, {}));
}

TEST(HtmlTest, ReadsPiecesOfPagesButNoTemplates) {
  std::string piece;
  for (int i = 0; i < 8; ++i) piece += "<div>\n\n    <a href=\"x\">x</a>\n\n</div>";
  EXPECT_TRUE(CompressHtml({piece, "WebFetch", ""}, {}));
  EXPECT_FALSE(CompressHtml({"<div>\n\n\n  <a href=\"x\">x</a></div>", "WebFetch", ""}, {}));
  EXPECT_FALSE(CompressHtml({"<div onClick={f}>" + piece, "WebFetch", ""}, {}));
  EXPECT_FALSE(CompressHtml({"<note>" + piece, "WebFetch", ""}, {}));
}

TEST(HtmlTest, StaysAwayFromPagesWhoseTagsLookLikeItsOwn) {
  EXPECT_EQ(Short("<x-a.b>x</x-a.b><div class=\"y\">\n\n\n</div>"), "(nothing)");
  EXPECT_EQ(Short("<a~1>x<div class=\"y\">\n\n\n</div>"), "(nothing)");
}

TEST(HtmlTest, KeepsTagsItCannotReadPlainly) {
  const std::string odd = "<p a=1 a=2><p \"x\"><a =b><p x=a\"b>1 < 2 <3 </ p><a b='";
  EXPECT_EQ(CompressHtml({std::string(kStart) + "<br/>   <hr/>" + odd, "", ""}, {}).value().text,
            std::string(kStart) + "<br> <hr>" + odd);
}

TEST(HtmlTest, StaysAwayFromFilesOtherTextAndLateInput) {
  const std::string page = "<!DOCTYPE html>\n<p>\n\n\n   a   </p>";
  EXPECT_FALSE(CompressHtml({page, "Read", R"({"file_path":"a.html"})"}, {}));
  EXPECT_FALSE(CompressHtml({page, "Bash", R"({"command":"git diff a.html"})"}, {}));
  EXPECT_FALSE(CompressHtml({"<?xml version=\"1.0\"?><a>   </a>", "WebFetch", ""}, {}));
  EXPECT_FALSE(CompressHtml({page, "WebFetch", ""}, [] { return true; }));
  EXPECT_TRUE(CompressHtml({page, "Bash", R"({"command":"curl -s http://localhost/"})"}, {}));
}

TEST(HtmlTest, DecodesReferencesThatCanMeanNothingElse) {
  EXPECT_EQ(ShortText("caf&#233; &mdash; 1 &gt; 0 &quot;x&#39;&#x2019;", false), "caf\u00e9 \u2014 1 > 0 \"x'\u2019");
  const std::string kept = "&lt;b> a&nbsp;b AT&amp;T &amp;lt; &am&#112;; &#8203; &#0; &#xd800; &#1114112; &unknown; &";
  EXPECT_EQ(ShortText(kept, false), kept);
  EXPECT_EQ(ShortText("R &amp; D", false), "R & D");
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string Page() {
    std::string page = "<!DOCTYPE html>\n<html>";
    for (size_t parts = 5 + Below(150); parts > 0; --parts) page += Part();
    return page;
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }

  std::string Part() {
    static constexpr const char* kParts[] = {"<div class=\"card wide product\">",
                                             "</div>",
                                             "<p>",
                                             "</p>",
                                             "<ul>\n",
                                             "</ul>",
                                             "<li class='x'>",
                                             "</li>\n",
                                             "<dl><dt>a</dt>\n<dd>b</dd></dl>",
                                             "<table>",
                                             "</table>",
                                             "<tr>",
                                             "</tr>",
                                             "<td>",
                                             "</td>",
                                             "  text  a\n\n b ",
                                             "&amp; &#65; &eacute; &lt;p&gt;",
                                             "<pre class=\"code\">",
                                             "</pre>",
                                             "<!-- <p>  -->",
                                             "<script> a  < b </script>",
                                             "<a href=\"x/\" title=''>",
                                             "</a>",
                                             "<br />",
                                             "<span class=\"product long-class-name\" data-role=\"button\">",
                                             "</span>",
                                             "<b x=\"'\" y='\"'>",
                                             "< p >",
                                             "<svg class=\"i\"><path d=\"M1 2\"/></svg>",
                                             "\n",
                                             "   ",
                                             "<title> x </title>"};
    return kParts[Below(std::size(kParts))];
  }

  std::mt19937 random_;
};

TEST(HtmlTest, EveryPageCanBeRebuilt) {
  size_t shortened = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const std::string page = Generator(seed).Page();
    const std::optional<Rendition> rendition = CompressHtml({page, "WebFetch", ""}, {});
    if (!rendition) continue;
    ++shortened;
    ASSERT_EQ(ReadShortHtml(rendition->text), ReadHtml(page)) << "seed " << seed << "\n"
                                                              << page << "\n=>\n"
                                                              << rendition->text;
  }
  EXPECT_GT(shortened, 1500u);
}

}  // namespace
}  // namespace headroom::text
