#include "tokens/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tokens/encoding.h"
#include "tokens/rank_merge.h"
#include "tokens/sample_texts.h"
#include "tokens/slow_bpe.h"

namespace headroom::tokens {
namespace {

class BpeTest : public testing::TestWithParam<const Encoding& (*)()> {
 protected:
  const Encoding& encoding() const { return GetParam()(); }
  const Vocabulary& vocabulary() const { return encoding().vocabulary(); }

  // Both engines against the definition.
  void ExpectAsMerging(const std::string& piece) {
    const std::vector<TokenId> expected = slow_.Encode(piece);
    ASSERT_EQ(encoder_.Encode(piece), expected) << testing::PrintToString(piece);
    std::vector<TokenId> merged;
    merge_.Encode(piece, &merged);
    ASSERT_EQ(merged, expected) << testing::PrintToString(piece);
  }

  const SlowBpe slow_{vocabulary()};
  BpeEncoder encoder_{vocabulary()};
  RankMerge merge_{vocabulary()};
};

TEST_P(BpeTest, GivesWhatMergingByRankGives) {
  SampleTexts samples(11);
  for (int i = 0; i < 2400; ++i) {
    std::string piece = samples.Text(i % SampleTexts::kKinds, static_cast<int>(1 + samples.Below(6)));
    piece.resize(std::min<size_t>(piece.size(), 120));
    ExpectAsMerging(piece);
  }
}

TEST_P(BpeTest, GivesWhatMergingGivesOnGluedTokens) {
  SampleTexts samples(12);
  for (int i = 0; i < 3000; ++i) {
    std::string piece;
    for (size_t n = 2 + samples.Below(5); n > 0; --n) {
      vocabulary().AppendBytes(static_cast<TokenId>(samples.Below(vocabulary().size())), &piece);
    }
    piece.resize(std::min<size_t>(piece.size(), 120));
    ExpectAsMerging(piece);
  }
}

TEST_P(BpeTest, GivesWhatMergingGivesOnAllShortStringsOfFourLetters) {
  for (int length = 1; length <= 6; ++length) {
    for (int n = 0; n < 1 << (2 * length); ++n) {
      std::string piece;
      for (int i = 0; i < length; ++i) piece.push_back("aeit"[n >> (2 * i) & 3]);
      ExpectAsMerging(piece);
    }
  }
}

TEST_P(BpeTest, GivesWhatMergingGivesOnRunsOfOneSign) {
  for (char c : std::string_view("-=*#/_. a")) {
    for (size_t length : {63, 64, 65, 95, 96, 97, 127, 128, 129, 200, 333}) ExpectAsMerging(std::string(length, c));
  }
}

TEST_P(BpeTest, EncodesEachTokenAsItself) {
  BpeEncoder encoder(vocabulary());
  for (TokenId id = 0; id < vocabulary().size(); ++id) {
    std::string bytes;
    vocabulary().AppendBytes(id, &bytes);
    ASSERT_EQ(bytes.size(), vocabulary().LengthOf(id));
    ASSERT_EQ(encoder.Encode(bytes), std::vector<TokenId>{id});
  }
}

TEST_P(BpeTest, ReusesItsMemoryFromPieceToPiece) {
  BpeEncoder encoder(vocabulary());
  const std::vector<TokenId> first = encoder.Encode("zqxjkvbp");
  encoder.Encode(std::string(5000, 'q'));
  EXPECT_TRUE(encoder.Encode("").empty());
  EXPECT_EQ(encoder.Count(""), 0u);
  EXPECT_EQ(encoder.Encode("zqxjkvbp"), first);
  EXPECT_EQ(encoder.Count("zqxjkvbp"), first.size());
}

TEST_P(BpeTest, DecodesToTheBytesItWasGiven) {
  SampleTexts samples(13);
  for (int i = 0; i < 1200; ++i) {
    const std::string text = samples.Text(i % SampleTexts::kKinds, 20);
    ASSERT_EQ(encoding().Decode(encoding().Encode(text)), text);
  }
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  EXPECT_EQ(encoding().Decode(encoding().Encode(every_byte)), every_byte);
}

INSTANTIATE_TEST_SUITE_P(Encodings, BpeTest, testing::Values(&O200kEncoding, &Cl100kEncoding),
                         [](const auto& shape) { return std::string(shape.param().name()); });

}  // namespace
}  // namespace headroom::tokens
