#include "net/content_coding.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace headroom::net {
namespace {

constexpr size_t kLimit = 1 << 20;

const std::string kText =
    R"({"model":"m","messages":[{"role":"user","content":"one two three one two three one two three one two three "}]})";

// The `brotli` tool 1.0.9 at quality 9 over kText, and over ten million zero bytes.
const std::string kBrotliText(
    "\x1f\x6e\x00\x00\x04\xc4\x6d\xa9\x9e\xe5\x87\xf4\x54\xc5\xe6\xc1\xe0\x3d\x88\x60\x38\xc2\x06\x9c\x6a\x40\xbe\x8d"
    "\x23\x2d\x34\xe1\xfd\x6c\x67\xea\x14\x91\xc3\x17\x46\xa0\x08\x06\x6b\x85\xa8\x30\x02\x85\x42\x59\xbf\xd1\xc8\xed"
    "\x72\x5f\x8e\xe6\x71\x17\xcc\xef\x1f",
    65);
const std::string kBrotliTenMillionZeros("\x9f\x7f\x96\x98\x00\x24\x00\xe2\xb1\x40\x72\x1c\x31\x01", 14);
constexpr size_t kTenMillion = 10'000'000;

std::string Deflate(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Gzip(std::string_view text) { return Deflate(text, 15 + 16); }
std::string ZlibWrapped(std::string_view text) { return Deflate(text, 15); }
std::string RawDeflate(std::string_view text) { return Deflate(text, -15); }

std::string Zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  // Streamed without a known size, so that the frame names a window.
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  if (window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  EXPECT_FALSE(ZSTD_isError(ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue)));
  EXPECT_EQ(ZSTD_compressStream2(context, &to, &in, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

struct Sample {
  std::string coding;
  std::string encoded;
};

std::vector<Sample> Samples() {
  return {{"gzip", Gzip(kText)},
          {"x-gzip", Gzip(kText)},
          {"deflate", ZlibWrapped(kText)},
          {"deflate", RawDeflate(kText)},
          {"br", kBrotliText},
          {"zstd", Zstd(kText)},
          {"gzip, zstd", Zstd(Gzip(kText))},
          {"zstd,gzip", Gzip(Zstd(kText))}};
}

Code CodeOf(std::string_view coding, std::string_view body, size_t limit = kLimit) {
  return DecodeBody(coding, body, limit).status().code();
}

std::string Decoded(std::string_view coding, std::string_view body, size_t limit = kLimit) {
  const Result<PaddedBytes> result = DecodeBody(coding, body, limit);
  return result.ok() ? std::string(result->view()) : result.status().ToString();
}

TEST(ContentCodingTest, DecodesWhatEachEncoderWrites) {
  for (const Sample& sample : Samples()) EXPECT_EQ(Decoded(sample.coding, sample.encoded), kText) << sample.coding;
}

TEST(ContentCodingTest, DecodesEmptyBodiesOfEachCoding) {
  EXPECT_EQ(Decoded("gzip", Gzip("")), "");
  EXPECT_EQ(Decoded("deflate", ZlibWrapped("")), "");
  EXPECT_EQ(Decoded("deflate", RawDeflate("")), "");
  EXPECT_EQ(Decoded("zstd", Zstd("")), "");
  EXPECT_EQ(Decoded("br", "\x3b"), "");  // RFC 7932: ISLAST and ISLASTEMPTY
}

TEST(ContentCodingTest, PassesIdentity) {
  EXPECT_EQ(Decoded("", kText), kText);
  EXPECT_EQ(Decoded("identity", kText), kText);
  EXPECT_EQ(Decoded("Identity , GZIP", Gzip(kText)), kText);
}

TEST(ContentCodingTest, RefusesUnknownCodingsAndMoreThanTwo) {
  EXPECT_EQ(MakeDecoder("compress").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeDecoder("gzip;q=1").status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(MakeDecoder("gzip, br").ok());
  EXPECT_EQ(MakeDecoder("gzip, br, gzip").status().code(), Code::kInvalidArgument);
}

TEST(ContentCodingTest, IsIncompleteWhenCutAtAnyByte) {
  for (const Sample& sample : Samples()) {
    for (size_t size = 0; size < sample.encoded.size(); ++size) {
      // A buffer of the exact size, so that a read past the end is noticed.
      const std::vector<char> cut(sample.encoded.begin(), sample.encoded.begin() + static_cast<ptrdiff_t>(size));
      ASSERT_EQ(CodeOf(sample.coding, {cut.data(), cut.size()}), Code::kInvalidArgument)
          << sample.coding << " cut at " << size;
    }
  }
}

TEST(ContentCodingTest, DecodesByteByByte) {
  for (const Sample& sample : Samples()) {
    const std::unique_ptr<Decoder> decoder = *MakeDecoder(sample.coding);
    std::string out;
    for (const char& byte : sample.encoded) {
      EXPECT_FALSE(decoder->complete()) << sample.coding;
      ASSERT_TRUE(decoder->Decode({&byte, 1}, out).ok()) << sample.coding;
    }
    EXPECT_TRUE(decoder->complete()) << sample.coding;
    EXPECT_EQ(out, kText) << sample.coding;
  }
}

TEST(ContentCodingTest, RefusesAFlippedByteWhereTheFormatHasAChecksum) {
  for (const Sample& sample : Samples()) {
    if (sample.coding == "br" || sample.encoded == RawDeflate(kText)) continue;
    // The gzip header's time, flags and system are covered by no checksum, nor
    // is the choice between the two kinds of deflate.
    const size_t from = sample.coding == "zstd" ? 0 : 10;
    for (size_t at = from; at < sample.encoded.size(); ++at) {
      std::string corrupt = sample.encoded;
      corrupt[at] = static_cast<char>(corrupt[at] ^ 0x40);
      const std::string out = Decoded(sample.coding, corrupt);
      ASSERT_TRUE(out == kText || CodeOf(sample.coding, corrupt) == Code::kInvalidArgument)
          << sample.coding << " flipped at " << at << " gives " << out;
    }
  }
}

TEST(ContentCodingTest, RefusesGarbage) {
  const std::string garbage(64, '\xff');
  for (const char* coding : {"gzip", "deflate", "br", "zstd"}) {
    EXPECT_EQ(CodeOf(coding, garbage), Code::kInvalidArgument) << coding;
  }
}

TEST(ContentCodingTest, RefusesTrailingBytes) {
  for (const Sample& sample : Samples()) {
    EXPECT_EQ(CodeOf(sample.coding, sample.encoded + "x"), Code::kInvalidArgument) << sample.coding;
  }
}

TEST(ContentCodingTest, AFailedDecoderStaysFailed) {
  const std::unique_ptr<Decoder> decoder = *MakeDecoder("gzip");
  std::string out;
  EXPECT_EQ(decoder->Decode("nonsense", out).code(), Code::kInvalidArgument);
  EXPECT_EQ(decoder->Decode(Gzip(kText), out).code(), Code::kInvalidArgument);
  EXPECT_EQ(out, "");
}

TEST(ContentCodingTest, ReadsEveryGzipMemberAndZstdFrame) {
  EXPECT_EQ(Decoded("gzip", Gzip("one ") + Gzip("") + Gzip("two")), "one two");
  EXPECT_EQ(Decoded("zstd", Zstd("one ") + Zstd("") + Zstd("two")), "one two");
  const std::string skippable(
      "\x50\x2A\x4D\x18\x03\x00\x00\x00"
      "abc",
      11);  // RFC 8878 3.1.2
  EXPECT_EQ(Decoded("zstd", skippable + Zstd("text")), "text");
}

TEST(ContentCodingTest, ReachesTheLimitAndStopsOnePastIt) {
  for (const Sample& sample : Samples()) {
    EXPECT_EQ(Decoded(sample.coding, sample.encoded, kText.size()), kText) << sample.coding;
    EXPECT_EQ(CodeOf(sample.coding, sample.encoded, kText.size() - 1), Code::kResourceExhausted) << sample.coding;
  }
  EXPECT_EQ(CodeOf("", kText, kText.size() - 1), Code::kResourceExhausted);
}

TEST(ContentCodingTest, StopsABombWithinItsLimit) {
  const std::string zeros(kTenMillion, '\0');
  const std::vector<Sample> bombs = {{"gzip", Gzip(zeros)},
                                     {"deflate", RawDeflate(zeros)},
                                     {"br", kBrotliTenMillionZeros},
                                     {"zstd", Zstd(zeros)},
                                     {"gzip, gzip", Gzip(Gzip(zeros))}};
  for (const Sample& bomb : bombs) {
    EXPECT_EQ(Decoded(bomb.coding, bomb.encoded, kTenMillion), zeros) << bomb.coding;
    EXPECT_EQ(CodeOf(bomb.coding, bomb.encoded, 100'000), Code::kResourceExhausted) << bomb.coding;

    const std::unique_ptr<Decoder> decoder = *MakeDecoder(bomb.coding, 100'000);
    std::string out;
    EXPECT_EQ(decoder->Decode(bomb.encoded, out).code(), Code::kResourceExhausted) << bomb.coding;
    EXPECT_LE(out.size(), 100'000U) << bomb.coding;
  }
}

// RFC 9659.
TEST(ContentCodingTest, TakesAZstdWindowOfEightMegabytesAndNoLarger) {
  EXPECT_EQ(Decoded("zstd", Zstd(kText, 23)), kText);
  EXPECT_EQ(CodeOf("zstd", Zstd(kText, 24)), Code::kInvalidArgument);
}

// A frame of zstd 0.5, which the library itself may still read.
TEST(ContentCodingTest, RefusesTheFormatsBeforeZstd1) {
  const std::string legacy("\x25\xb5\x2f\xfd\x04\xce\x00\xab", 8);
  EXPECT_EQ(CodeOf("zstd", legacy), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf("zstd", Zstd("text") + legacy), Code::kInvalidArgument);
  std::string out;
  EXPECT_EQ((*MakeDecoder("zstd"))->Decode(legacy.substr(0, 1), out).code(), Code::kInvalidArgument);
}

TEST(ContentCodingTest, DecodesLongTextThatDoesNotRepeat) {
  std::mt19937 random(7);
  std::string text(700'000, '\0');
  for (char& byte : text) byte = static_cast<char>('a' + random() % 26);
  EXPECT_EQ(Decoded("gzip", Gzip(text)), text);
  EXPECT_EQ(Decoded("deflate", RawDeflate(text)), text);
  EXPECT_EQ(Decoded("zstd", Zstd(text)), text);
  EXPECT_EQ(Decoded("zstd, gzip", Gzip(Zstd(text))), text);
}

}  // namespace
}  // namespace headroom::net
