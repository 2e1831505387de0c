// Where the model can open gaps itself, more may go than what is provably repetitive.

#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <string>

#include "text/compressor.h"
#include "text/line_text.h"

namespace headroom::text {
namespace {

struct Setting {
  bool opens = true;
  std::string question = {};
  size_t tokens_before = 0;
};

std::optional<Rendition> Cut(const std::string& text, const Setting& setting) {
  return Compress({.text = text,
                   .tool_name = "Bash",
                   .tool_arguments = R"({"command":"./report"})",
                   .question = setting.question,
                   .gaps = true,
                   .opens_gaps = setting.opens,
                   .tokens_before = setting.tokens_before});
}

bool LeavesOut(const std::optional<Rendition>& rendition) { return rendition.has_value() && rendition->omitted; }

bool Has(const std::optional<Rendition>& rendition, const std::string& part) {
  return rendition.has_value() && rendition->text.find(part) != std::string::npos;
}

constexpr const char* kWords[] = {"amber", "birch", "cedar", "dune",  "ember",
                                  "fjord", "grove", "heath", "islet", "jade"};

// Orders, each another thing.
std::string Orders(int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) {
    text += std::string(i > 0 ? "," : "") + R"({"order":")" + kWords[i % 10] + "-" + kWords[(i * 7 + i / 10) % 10] +
            R"(","town":")" + kWords[(i * 3 + 1) % 10] + R"(ville","total":)" + std::to_string(100 + i * 37 % 61) + "}";
  }
  return text + "]";
}

// Lines of which each says something else.
std::string Facts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += std::string(kWords[i % 10]) + " " + kWords[(i / 10 + 3) % 10] + " keeps the " + kWords[(i * 3 + 5) % 10] +
            " " + kWords[(i * i + 1) % 10] + " beside its " + kWords[(i / 3) % 10] + "\n";
  }
  return text;
}

TEST(OpensGapsTest, RowsOfUniqueThingsMayGo) {
  const std::string orders = Orders(90);
  EXPECT_FALSE(LeavesOut(Cut(orders, {.opens = false})));
  const std::optional<Rendition> cut = Cut(orders, {});
  ASSERT_TRUE(LeavesOut(cut));
  EXPECT_LT(EstimateTokens(cut->text) * 2, EstimateTokens(orders));
  EXPECT_FALSE(LeavesOut(Cut(orders, {.question = "List all orders with their totals."})));
}

TEST(OpensGapsTest, LinesThatAllDifferMayGoButThoseThatFitTheQuestionStay) {
  std::string facts = Facts(150);
  facts.insert(facts.find('\n', facts.size() / 2) + 1, "the turbine bearing is worn on the north side\n");
  EXPECT_FALSE(LeavesOut(Cut(facts, {.opens = false})));
  const std::optional<Rendition> cut = Cut(facts, {.question = "What is wrong with the turbine bearing?"});
  ASSERT_TRUE(LeavesOut(cut));
  EXPECT_TRUE(Has(cut, "the turbine bearing is worn on the north side\n")) << cut->text;
}

TEST(OpensGapsTest, ErrorsAndTheirTraceStay) {
  std::string log;
  for (int i = 0; i < 300; ++i)
    log += "10:00:" + std::to_string(10 + i % 50) + " INFO served " + std::to_string(i) + "\n";
  log.insert(log.find('\n', log.size() / 3) + 1,
             "10:05:00 ERROR job 77 failed\nTraceback (most recent call last):\n  File \"/srv/app/jobs.py\", line 12, "
             "in run\n    step()\nValueError: no such step\n");
  const std::optional<Rendition> cut = Cut(log, {});
  ASSERT_TRUE(LeavesOut(cut));
  for (const char* part : {"ERROR job 77 failed", "jobs.py\", line 12", "ValueError: no such step"}) {
    EXPECT_TRUE(Has(cut, part)) << part;
  }
}

TEST(OpensGapsTest, OfAVeryLongLineTheEndsStay) {
  const std::string head = "begin \xc3\xa4 ";
  std::string text = "checked 3 files\n";
  for (int i = 0; i < 30; ++i) text += "step " + std::to_string(i) + " took " + std::to_string(i * 7 % 13) + " s\n";
  std::string line = head;
  while (line.size() < 20'000) line += "\xc3\xa4" + std::string(1, static_cast<char>('a' + line.size() % 23));
  text += "step failed:\n" + line + "end\ndone\n";
  EXPECT_FALSE(Has(Cut(text, {.opens = false}), "bytes "));
  const std::optional<Rendition> cut = Cut(text, {});
  ASSERT_TRUE(Has(cut, "... bytes ")) << (cut ? cut->text.substr(0, 400) : "");
  // What stands before and after the mark is the line's own, and the mark counts the rest.
  const size_t mark = cut->text.find("... bytes ");
  size_t first = 0;
  size_t last = 0;
  size_t of_line = 0;
  ASSERT_EQ(std::sscanf(cut->text.c_str() + mark, "... bytes %zu-%zu omitted (of line %zu)", &first, &last, &of_line),
            3);
  EXPECT_EQ(of_line, 33u);
  line += "end";
  const size_t begin = cut->text.rfind('\n', mark - 2) + 1;
  EXPECT_EQ(cut->text.substr(begin, mark - 1 - begin), line.substr(0, first - 1));
  const size_t after = cut->text.find('\n', mark) + 1;
  EXPECT_EQ(cut->text.substr(after, cut->text.find('\n', after) - after), line.substr(last));
  EXPECT_NE(static_cast<unsigned char>(line[first - 1]) & 0xC0, 0x80);
  EXPECT_NE(static_cast<unsigned char>(line[last]) & 0xC0, 0x80);
}

TEST(OpensGapsTest, ALineAtTheLimitStaysWhole) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "10:00:00 INFO request " + std::to_string(i) + " served\n";
  for (const size_t size : {size_t{1200}, size_t{1201}}) {
    std::string line = "ERROR ";
    while (line.size() < size) line += static_cast<char>('a' + line.size() % 25);
    const std::optional<Rendition> cut = Cut(text + line + "\n", {});
    ASSERT_TRUE(LeavesOut(cut));
    EXPECT_EQ(Has(cut, line), size == 1200) << size;
  }
}

TEST(OpensGapsTest, AGapMustSaveAPartOfWhatOpeningItReadsAgain) {
  const std::string facts = Facts(150);
  const std::optional<Rendition> cut = Cut(facts, {});
  ASSERT_TRUE(LeavesOut(cut));
  const size_t saved = EstimateTokens(facts) - EstimateTokens(cut->text);
  EXPECT_TRUE(LeavesOut(Cut(facts, {.tokens_before = saved * 30})));
  EXPECT_FALSE(LeavesOut(Cut(facts, {.tokens_before = saved * 50})));
  EXPECT_FALSE(LeavesOut(Cut(Facts(20), {})));  // some 270 tokens in all
}

}  // namespace
}  // namespace headroom::text
