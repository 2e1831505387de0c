#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>
#include <vector>

#include "text/excerpt.h"

namespace headroom::text {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::optional<Excerpt> ExcerptOf(std::string_view html, std::string_view question = "", double share = 0.3) {
  const Input input{.text = html, .tool_name = "WebFetch", .tool_arguments = "", .question = question, .gaps = true};
  const Query query(input);
  const Expired expired;
  return ExcerptHtml({.input = input, .text = html, .query = query, .share = share, .expired = expired});
}

std::string Paragraph(std::string_view word, int sentences) {
  std::string text = "<p>";
  for (int i = 0; i < sentences; ++i)
    text.append(word).append(" says something at length, number ") += std::to_string(i) + ".\n";
  return text + "</p>\n";
}

std::string Manual() {
  return "<!DOCTYPE html>\n<html><head><title>Manual</title><script>x</script></head><body>\n"
         "<nav>\n<a href=a>Home</a>\n<a href=b>Products</a>\n<a href=c>Long list of other things to read</a>\n</nav>\n"
         "<main>\n<h1>Manual</h1>\n" +
         Paragraph("Introduction", 10) + "<h2>Timeouts</h2>\n" + Paragraph("waiting", 10) +
         "<pre>set timeout 30\n  unit s</pre>\n<h2>Proxies</h2>\n" + Paragraph("forwarding", 10) + "<h2>Pools</h2>\n" +
         Paragraph("keeping", 10) +
         "</main>\n<footer>\n<a href=d>Imprint and legal notices</a>\n<a href=e>Privacy policy</a>\n"
         "<a href=f>Terms of use</a></footer></body></html>\n";
}

TEST(HtmlExcerptTest, TheFirstLineSaysWhatItIs) {
  EXPECT_THAT(ExcerptOf(Manual())->text,
              StartsWith("[HTML page as Markdown: Manual; line numbers are those of the HTML; not shown: 1 script]\n"));
}

TEST(HtmlExcerptTest, FurnitureIsNamedInItsGap) {
  const std::string text = ExcerptOf(Manual())->text;
  EXPECT_THAT(text, HasSubstr("... lines 4-6 omitted (navigation, 3 links) ...\n# Manual\n"));
  EXPECT_THAT(text, HasSubstr(" omitted (page foot, 3 links) ...\n"));
  EXPECT_THAT(text, Not(HasSubstr("Imprint")));
}

TEST(HtmlExcerptTest, ANamedSectionStaysWholeAndAllHeadings) {
  const std::string text = ExcerptOf(Manual(), "What does \"Timeouts\" say?")->text;
  EXPECT_THAT(text, HasSubstr("## Timeouts\nwaiting says something at length, number 0."));
  EXPECT_THAT(text, HasSubstr("```\nset timeout 30\n  unit s\n```"));
  EXPECT_THAT(text, HasSubstr("## Proxies\n... lines "));
  EXPECT_THAT(text, HasSubstr("## Pools\n... lines "));
  EXPECT_THAT(text, Not(HasSubstr("forwarding")));
}

TEST(HtmlExcerptTest, WithoutAQuestionAllContentStays) {
  const std::string text = ExcerptOf(Manual())->text;
  for (const char* word : {"Introduction says", "waiting says", "forwarding says", "keeping says"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
}

TEST(HtmlExcerptTest, AListingKeepsTheFactsOfAllItems) {
  std::string html = "<!doctype html><body><main><h1>Camping</h1>";
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    html += "<article class=\"card product\" data-sku=S" + n + "><h3><a href=\"/p/S" + n + "\">Tent " + n +
            "</a></h3><p class=badge>" + (i == 7 ? "Recalled" : "In stock") + "</p><span class=price>€" + n +
            ".90</span><button>Add to cart</button></article>";
  }
  const std::string text = ExcerptOf(html, "Which is the cheapest tent 7?")->text;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_THAT(
        text, HasSubstr("[Tent " + n + "](/p/S" + n + ")\n" + (i == 7 ? "Recalled" : "In stock") + "\n€" + n + ".90"));
  }
}

TEST(HtmlExcerptTest, APageOfNothingButLinksKeepsThem) {
  std::string html = "<!doctype html><body><nav>";
  for (int i = 0; i < 30; ++i)
    html += "<li><a href=/" + std::to_string(i) + ">Result number " + std::to_string(i) + "</a>";
  EXPECT_THAT(ExcerptOf(html)->text, HasSubstr("[Result number 29](/29)"));
}

TEST(HtmlExcerptTest, APageWithoutTextIsLeftAlone) {
  EXPECT_FALSE(
      ExcerptOf("<!doctype html><div id=root></div><script>" + std::string(5000, 'x') + "</script>").has_value());
  EXPECT_FALSE(ExcerptOf("<!doctype html><p>Please enable scripts.").has_value());
  EXPECT_FALSE(ExcerptOf("no page at all").has_value());
}

TEST(HtmlExcerptTest, QuestionsAboutTheMarkupLeaveItAlone) {
  EXPECT_FALSE(ExcerptOf(Manual(), "Which CSS classes does the footer use?").has_value());
  EXPECT_FALSE(ExcerptOf(Manual(), "Give me an XPath for the title").has_value());
}

TEST(HtmlExcerptTest, APageOfLongLinesCountsBytes) {
  std::string html = Manual();
  std::replace(html.begin(), html.end(), '\n', ' ');
  const std::string text = ExcerptOf(html)->text;
  EXPECT_THAT(text, HasSubstr("bytes are those of the HTML"));
  std::smatch gap;
  ASSERT_TRUE(std::regex_search(text, gap, std::regex(R"(\.\.\. bytes (\d+)-(\d+) omitted \(navigation)")));
  const size_t first = std::stoul(gap[1]);
  const size_t last = std::stoul(gap[2]);
  EXPECT_EQ(html.substr(first - 1, 4), "Home");
  EXPECT_THAT(html.substr(first - 1, last - first + 1), testing::EndsWith("Long list of other things to read"));
}

TEST(HtmlExcerptTest, LinesCountFromWhereThePartBegins) {
  const std::string html = Manual();
  const Input input{.text = html, .tool_name = "", .tool_arguments = "", .gaps = true};
  const Query query(input);
  const Expired expired;
  const ExcerptInput in{.input = input, .text = html, .first_line = 101, .query = query, .expired = expired};
  EXPECT_THAT(ExcerptHtml(in)->text, HasSubstr("... lines 104-106 omitted (navigation, 3 links) ..."));
}

// Every word of a random page stands in the excerpt, or its line lies in a gap; what stays is in order.
TEST(HtmlExcerptTest, KeptTextAndGapsCoverThePage) {
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    std::string html = "<!DOCTYPE html>\n<body>\n<main>\n";
    std::vector<std::pair<std::string, size_t>> words;  // and their line
    size_t line = 4;
    static const char* const kOpen[] = {"<p>",   "<h2>",     "<li>", "<nav>", "<div class=sidebar>",
                                        "<pre>", "<div><b>", "<td>"};
    static const char* const kClose[] = {"</p>", "</h2>", "</li>", "</nav>", "</div>", "</pre>", "</b></div>", "</td>"};
    for (int i = 0; i < 60; ++i) {
      const size_t kind = random() % 8;
      html += kOpen[kind];
      for (size_t n = 1 + random() % 4; n > 0; --n) {
        const std::string word = "w" + std::to_string(words.size()) + "x" + std::to_string(random() % 7);
        html += random() % 5 == 0 ? "<a href=/" + word + "t>" + word + "</a> filler words\n"
                                  : word + " more filler words\n";
        words.emplace_back(word, line++);
      }
      html += kClose[kind];
    }
    const std::string question = "What about " + words[random() % words.size()].first + " and " + words[9].first + "?";
    const std::optional<Excerpt> excerpt = ExcerptOf(html, question, 0.1);
    ASSERT_TRUE(excerpt.has_value());
    std::vector<bool> in_gap(line + 1);
    static const std::regex kGap(R"(\.\.\. lines? (\d+)(?:-(\d+))? omitted)");
    for (auto gap = std::sregex_iterator(excerpt->text.begin(), excerpt->text.end(), kGap);
         gap != std::sregex_iterator(); ++gap) {
      const size_t first = std::stoul((*gap)[1]);
      const size_t last = (*gap)[2].matched ? std::stoul((*gap)[2]) : first;
      for (size_t i = first; i <= last; ++i) in_gap[i] = true;
    }
    size_t at = 0;
    for (const auto& [word, its_line] : words) {
      const size_t found = excerpt->text.find(word, at);
      if (found != std::string::npos) at = found;
      EXPECT_TRUE(found != std::string::npos || in_gap[its_line]) << word << "\n" << html << "\n" << excerpt->text;
    }
    EXPECT_EQ(excerpt->text, ExcerptOf(html, question, 0.1)->text);
    EXPECT_LE(excerpt->omitted.kept, excerpt->omitted.total);
  }
}

TEST(HtmlExcerptTest, HostilePagesEndSoon) {
  std::string quotes = "<!doctype html>";
  for (int i = 0; i < 100'000; ++i) quotes += "<a \"'<";
  (void)ExcerptOf(quotes);
  (void)ExcerptOf("<!doctype html><p>" + std::string(10 << 20, 'a'));
  (void)ExcerptOf("<!doctype html><p>" + std::string(4 << 20, '&'));
  std::string lines = "<!doctype html>";
  for (int i = 0; i < 400'000; ++i) lines += "<p>a\n";
  EXPECT_TRUE(ExcerptOf(lines, "a?").has_value());
}

TEST(HtmlExcerptTest, TheDeadlineGivesNothing) {
  const std::string html = Manual();
  const Input input{.text = html, .tool_name = "", .tool_arguments = "", .gaps = true};
  const Query query(input);
  const Expired expired = [] { return true; };
  EXPECT_FALSE(ExcerptHtml({.input = input, .text = html, .query = query, .expired = expired}).has_value());
}

}  // namespace
}  // namespace headroom::text
