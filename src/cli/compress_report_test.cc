#include "cli/compress_report.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "json/document.h"
#include "text/sample_log.h"

namespace headroom::cli {
namespace {

std::string Rows(int count) {
  std::string out = "[";
  for (int i = 0; i < count; ++i) {
    out += std::string(i == 0 ? "" : ",") + R"({"id":)" + std::to_string(100 + i) + R"(,"name":"entry )" +
           std::to_string(i * 37) + R"(","state":"ready"})";
  }
  return out + "]";
}

CompressSettings Lossless() {
  CompressSettings settings;
  settings.gaps = false;
  return settings;
}

TEST(CompressReportTest, LosslessLeavesNothingOut) {
  const std::string source = Rows(40);
  const CompressReport report = Shorten(source, Lossless());
  EXPECT_TRUE(report.changed);
  EXPECT_FALSE(report.left_out.has_value());
  EXPECT_EQ(report.id, ContentId(source));
  EXPECT_LT(report.tokens_after, report.tokens_before);
  EXPECT_EQ(report.kind, "json");
}

TEST(CompressReportTest, WithGapsTheErrorStaysAndTheCountsAreTrue) {
  const std::string source = text::SampleLog(600);
  const CompressReport report = Shorten(source, {});
  ASSERT_TRUE(report.left_out.has_value());
  EXPECT_EQ(report.left_out->unit, "lines");
  EXPECT_EQ(report.left_out->total, 601u);
  EXPECT_LT(report.left_out->kept, 601u);
  EXPECT_NE(report.text.find("no space left on device"), std::string::npos);
  EXPECT_TRUE(report.text.ends_with("hash=" + ContentId(source) + "]"));
}

TEST(CompressReportTest, ASmallerBudgetKeepsLess) {
  std::string source;
  for (int i = 0; i < 600; ++i) {
    source += "src/server/handler_" + std::to_string(i / 8) + ".cc:" + std::to_string(i % 8 * 31 + 1) +
              ":    return Handle(request, " + std::to_string(i * 7919 % 1000) + ");\n";
  }
  CompressSettings settings;
  settings.budget.share = 0.6;
  const size_t much = Shorten(source, settings).tokens_after;
  settings.budget = {{}, 400};
  EXPECT_LT(Shorten(source, settings).tokens_after, much);
}

TEST(CompressReportTest, WhatSavesNoTokenStaysByteForByte) {
  for (const std::string source : {"", "ok\n", "one\ntwo\nthree", "\x00\xff"}) {
    const CompressReport report = Shorten(source, {});
    EXPECT_EQ(report.text, source);
    EXPECT_FALSE(report.changed);
    EXPECT_EQ(report.rule, "none");
    EXPECT_EQ(report.id, "");
    EXPECT_EQ(report.tokens_after, report.tokens_before);
  }
}

TEST(CompressReportTest, TheModelSaysWhoseTokensCount) {
  CompressSettings settings;
  settings.model = "gpt-5";
  const CompressReport report = Shorten("hello", settings);
  EXPECT_EQ(report.counter, "o200k_base");
  EXPECT_TRUE(report.exact);
  settings.model = "claude-sonnet-4-5";
  EXPECT_EQ(Shorten("hello", settings).counter, "claude-estimate");
  EXPECT_FALSE(Shorten("hello", settings).exact);
}

TEST(CompressReportTest, StatisticsAreReadByPeople) {
  CompressReport report;
  report.kind = "log";
  report.rule = "log_excerpt";
  report.bytes_before = 2'000'000;
  report.tokens_before = 1'234'567;
  report.tokens_after = 123'456;
  report.counter = "o200k_base";
  report.exact = true;
  report.left_out = {"lines", 88, 20'000};
  report.id = "0123456789abcdef01234567";
  report.time = std::chrono::milliseconds(20);
  EXPECT_EQ(StatsText(report),
            "kind      log, rule log_excerpt\n"
            "tokens    1,234,567 to 123,456, 90.0 % less (o200k_base)\n"
            "left out  19,912 of 20,000 lines\n"
            "original  headroom retrieve 0123456789abcdef01234567\n"
            "time      20.0 ms, 100.0 MB/s\n");
  report.left_out.reset();
  report.id.clear();
  EXPECT_NE(StatsText(report).find("left out  nothing\ntime"), std::string::npos);
  EXPECT_NE(StatsText({}).find("tokens    0 to 0, 0.0 % less"), std::string::npos);
}

TEST(CompressReportTest, JsonHasOneShape) {
  CompressReport report;
  report.text = "a \"b\"\n\xff\xe2\x86\x92\xed\xa0\x80";
  report.kind = "log";
  report.rule = "log_excerpt";
  report.changed = true;
  report.tokens_before = 9;
  report.tokens_after = 5;
  report.counter = "o200k_base";
  report.exact = true;
  report.left_out = {"lines", 2, 8};
  report.id = "0123456789abcdef01234567";
  EXPECT_EQ(JsonText(report),
            "{\"text\":\"a \\\"b\\\"\\n\xef\xbf\xbd\xe2\x86\x92\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"kind\":\"log\","
            "\"rule\":\"log_excerpt\",\"changed\":true,\"tokens_before\":9,\"tokens_after\":5,"
            "\"counter\":\"o200k_base\",\"exact\":true,\"left_out\":{\"unit\":\"lines\",\"kept\":2,\"total\":8},"
            "\"hash\":\"0123456789abcdef01234567\"}\n");
  report.left_out.reset();
  report.id.clear();
  EXPECT_TRUE(JsonText(report).ends_with("\"left_out\":null,\"hash\":null}\n"));
}

// Every sequence of up to four bytes that could begin a character.
TEST(CompressReportTest, JsonOfAnyBytesIsJson) {
  std::string bytes;
  for (const char lead : {'\x7f', '\x80', '\xc1', '\xc2', '\xdf', '\xe0', '\xed', '\xef', '\xf0', '\xf4', '\xf5'}) {
    for (const char second : {'\x20', '\x80', '\x8f', '\x90', '\x9f', '\xa0', '\xbf', '\xc0'}) {
      for (const std::string_view rest : {"", "\x80", "\x80\x80", "\xbf\x80z", "z"}) {
        bytes.push_back(lead);
        bytes.push_back(second);
        bytes += rest;
      }
    }
  }
  CompressReport report;
  report.text = bytes;
  const std::string line = JsonText(report);
  const PaddedBytes body(line);
  json::Document document;
  EXPECT_TRUE(document.Parse(body).ok());
}

TEST(CompressReportTest, TheDiffSaysWhatWentAndIsPaintedOnlyWhenAsked) {
  const std::string source = "one\ntwo\nthree\n";
  CompressReport report;
  report.text = "one\nthree\n";
  EXPECT_EQ(DiffText(source, report, false), "@@ -1,3 +1,2 @@\n one\n-two\n three\n");
  EXPECT_EQ(DiffText(source, report, true), "\x1b[36m@@ -1,3 +1,2 @@\x1b[0m\n one\n\x1b[31m-two\x1b[0m\n three\n");
  report.text = source;
  EXPECT_EQ(DiffText(source, report, true), "");
}

}  // namespace
}  // namespace headroom::cli
