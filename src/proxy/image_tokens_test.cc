#include "proxy/image_tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace headroom::proxy {
namespace {

using namespace std::string_literals;

const std::string kPng =
    "\x89PNG\r\n\x1a\n"s + "\0\0\0\rIHDR"s + "\0\0\x03\xe8"s + "\0\0\x01\xf4"s + "\x08\x02\0\0\0"s;  // 1000 x 500
const std::string kGif = "GIF89a"s + "\x40\x01\xc8\x00"s + "\x80\0\0"s;                              // 320 x 200
const std::string kFrame = "\xff\xc2\x00\x11\x08"s + "\x02\x58\x03\x20"s + "\x03\x01"s;              // 800 x 600

std::string Segment(char marker, size_t bytes) {
  const size_t length = bytes + 2;
  return "\xff"s + marker + static_cast<char>(length >> 8) + static_cast<char>(length & 0xff) + std::string(bytes, 'x');
}

TEST(ImageSizeTest, ReadsPngAndGif) {
  EXPECT_EQ(ReadImageSize(kPng), (ImageSize{1000, 500}));
  EXPECT_EQ(ReadImageSize(kGif), (ImageSize{320, 200}));
}

TEST(ImageSizeTest, FindsTheFrameOfAJpegBehindItsOtherSegments) {
  EXPECT_EQ(ReadImageSize("\xff\xd8"s + kFrame), (ImageSize{800, 600}));
  EXPECT_EQ(ReadImageSize("\xff\xd8"s + Segment('\xe0', 14) + Segment('\xc4', 20) + "\xff\xff"s + kFrame.substr(1)),
            (ImageSize{800, 600}));
  EXPECT_FALSE(ReadImageSize("\xff\xd8"s + Segment('\xda', 10) + kFrame));  // after the picture began
  EXPECT_FALSE(ReadImageSize("\xff\xd8\xff\xe0\x00\x01"s + kFrame));        // a length that cannot be
}

TEST(ImageSizeTest, FollowsAJpegToItsLimitAndNotFurther) {
  // 2 + n * 65,537 + rest + the nine bytes that hold the size.
  std::string head = "\xff\xd8"s;
  while (head.size() + 65'537 <= kMaxImageHeaderBytes - 9) head += Segment('\xe1', 65'533);
  const size_t rest = kMaxImageHeaderBytes - 9 - head.size();
  EXPECT_EQ(ReadImageSize(head + Segment('\xe2', rest - 4) + kFrame), (ImageSize{800, 600}));
  EXPECT_FALSE(ReadImageSize(head + Segment('\xe2', rest - 3) + kFrame));
}

TEST(ImageSizeTest, ReadsTheThreeKindsOfWebp) {
  const std::string riff = "RIFF\x24\0\0\0WEBP"s;
  EXPECT_EQ(ReadImageSize(riff + "VP8X\x0a\0\0\0"s + "\0\0\0\0"s + "\xe7\x03\0"s + "\xf3\x01\0"s),
            (ImageSize{1000, 500}));
  EXPECT_EQ(ReadImageSize(riff + "VP8 \x18\0\0\0"s + "\0\0\0\x9d\x01\x2a"s + "\xe8\x03\xf4\x01"s),
            (ImageSize{1000, 500}));
  // 14 bits of width - 1 = 999 = 0x3e7, 14 bits of height - 1 = 499 = 0x1f3.
  EXPECT_EQ(ReadImageSize(riff + "VP8L\x18\0\0\0"s + "\x2f"s + "\xe7\xc3\x7c\x00"s + "\0\0\0\0\0"s),
            (ImageSize{1000, 500}));
}

TEST(ImageSizeTest, NoPrefixOfAHeaderIsTakenForOne) {
  for (const std::string& image : {kPng.substr(0, 24), kGif.substr(0, 10), "\xff\xd8"s + kFrame.substr(0, 9)}) {
    for (size_t size = 0; size < image.size(); ++size) {
      const std::string prefix = image.substr(0, size);
      EXPECT_FALSE(ReadImageSize({prefix.data(), prefix.size()})) << size;
    }
    EXPECT_TRUE(ReadImageSize(image));
  }
}

TEST(ImageSizeTest, SidesAreBetweenOneAnd65535Pixels) {
  const auto png = [](const std::string& width) { return kPng.substr(0, 16) + width + "\0\0\0\x01"s; };
  EXPECT_EQ(ReadImageSize(png("\0\0\xff\xff"s)), (ImageSize{65'535, 1}));
  EXPECT_FALSE(ReadImageSize(png("\0\x01\0\0"s)));
  EXPECT_FALSE(ReadImageSize(png("\0\0\0\0"s)));
}

TEST(ImageSizeTest, ReadsBase64) {
  // The one-pixel PNG of Anthropic's documentation.
  EXPECT_EQ(ReadImageSizeBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElF"
                                "TkSuQmCC"),
            (ImageSize{1, 1}));
  EXPECT_EQ(DecodeBase64Prefix("TWFu\nTWFu", 5), "ManMa");
  EXPECT_EQ(DecodeBase64Prefix("TWE=TWFu", 9), "Ma");
  EXPECT_EQ(DecodeBase64Prefix("-_8", 9), "\xfb\xff");
  EXPECT_FALSE(ReadImageSizeBase64("!!!!"));
}

TEST(ImageTokensTest, ClaudeCountsPixelsAfterScaling) {
  // The table of Anthropic's vision page: 200 px square ~54 tokens, 1000 px square ~1334.
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {200, 200}, ImageDetail::kHigh), 54u);
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {1000, 1000}, ImageDetail::kHigh), 1'334u);
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {1568, 700}, ImageDetail::kHigh), 1'464u);
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {3136, 1400}, ImageDetail::kHigh), 1'464u);
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {8000, 8000}, ImageDetail::kHigh), 1'568u);
  EXPECT_EQ(ImageTokens("claude-opus-4-7", {8000, 8000}, ImageDetail::kHigh), 4'784u);
  EXPECT_EQ(ImageTokens("claude-sonnet-4-5", {1, 1}, ImageDetail::kHigh), 1u);
}

TEST(ImageTokensTest, OpenAiCountsTiles) {
  // The examples of OpenAI's vision page.
  EXPECT_EQ(ImageTokens("gpt-4o", {1024, 1024}, ImageDetail::kHigh), 765u);
  EXPECT_EQ(ImageTokens("gpt-4o", {2048, 4096}, ImageDetail::kHigh), 1'105u);
  EXPECT_EQ(ImageTokens("gpt-4o", {4096, 8192}, ImageDetail::kLow), 85u);
  EXPECT_EQ(ImageTokens("gpt-5", {1024, 1024}, ImageDetail::kHigh), 630u);
  EXPECT_EQ(ImageTokens("o3", {1024, 1024}, ImageDetail::kHigh), 675u);
  EXPECT_EQ(ImageTokens("gpt-4o-mini", {512, 512}, ImageDetail::kHigh), 8'500u);
}

TEST(ImageTokensTest, OpenAisSmallModelsCountPatches) {
  // The examples of OpenAI's vision page: 1024 px square has 1024 patches, 1800 x 2400 more than are taken.
  EXPECT_EQ(ImageTokens("gpt-4.1-mini", {1024, 1024}, ImageDetail::kHigh), 1'659u);
  EXPECT_EQ(ImageTokens("o4-mini", {1800, 2400}, ImageDetail::kHigh), 2'642u);
  EXPECT_EQ(ImageTokens("gpt-5.4", {8000, 8000}, ImageDetail::kOriginal), 10'000u);
}

TEST(ImageTokensTest, DocumentsHaveAPageAtLeast) {
  EXPECT_EQ(DocumentTokens(0), kTokensPerPage);
  EXPECT_EQ(DocumentTokens(kBytesPerPage * 2 - 1), kTokensPerPage);
  EXPECT_EQ(DocumentTokens(kBytesPerPage * 2), 2 * kTokensPerPage);
}

}  // namespace
}  // namespace headroom::proxy
