#include "tokens/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "tokens/encoding.h"
#include "tokens/sample_texts.h"

namespace headroom::tokens {
namespace {

// The definition of byte pair encoding, done literally: of all neighbours that
// together are a token, the leftmost of the lowest rank is merged, until none is.
// Knows nothing of splits: it merges any two parts whose bytes are a token.
class SlowBpe {
 public:
  explicit SlowBpe(const Vocabulary& vocabulary) {
    for (TokenId id = 0; id < vocabulary.size(); ++id) {
      std::string bytes;
      vocabulary.AppendBytes(id, &bytes);
      ranks_.emplace(bytes, id);
    }
  }

  std::vector<TokenId> Encode(std::string_view piece) const {
    std::vector<std::string> parts;
    for (char c : piece) parts.emplace_back(1, c);
    for (;;) {
      TokenId lowest = kNoToken;
      size_t at = 0;
      for (size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ranks_.find(parts[i] + parts[i + 1]);
        if (found != ranks_.end() && found->second < lowest) lowest = found->second, at = i;
      }
      if (lowest == kNoToken) break;
      parts[at] += parts[at + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    std::vector<TokenId> tokens;
    for (const std::string& part : parts) tokens.push_back(ranks_.at(part));
    return tokens;
  }

  size_t size() const { return ranks_.size(); }

 private:
  std::map<std::string, TokenId> ranks_;
};

class BpeTest : public testing::TestWithParam<const Encoding& (*)()> {
 protected:
  const Encoding& encoding() const { return GetParam()(); }
  const Vocabulary& vocabulary() const { return encoding().vocabulary(); }
};

TEST_P(BpeTest, GivesWhatMergingByRankGives) {
  const SlowBpe slow(vocabulary());
  BpeEncoder encoder(vocabulary());
  SampleTexts samples(11);
  for (int i = 0; i < 2400; ++i) {
    std::string piece = samples.Text(i % SampleTexts::kKinds, static_cast<int>(1 + samples.Below(6)));
    piece.resize(std::min<size_t>(piece.size(), 120));
    ASSERT_EQ(encoder.Encode(piece), slow.Encode(piece)) << testing::PrintToString(piece);
  }
}

TEST_P(BpeTest, GivesWhatMergingGivesOnGluedTokens) {
  const SlowBpe slow(vocabulary());
  BpeEncoder encoder(vocabulary());
  SampleTexts samples(12);
  for (int i = 0; i < 3000; ++i) {
    std::string piece;
    for (size_t n = 2 + samples.Below(5); n > 0; --n) {
      vocabulary().AppendBytes(static_cast<TokenId>(samples.Below(vocabulary().size())), &piece);
    }
    piece.resize(std::min<size_t>(piece.size(), 120));
    ASSERT_EQ(encoder.Encode(piece), slow.Encode(piece)) << testing::PrintToString(piece);
  }
}

TEST_P(BpeTest, GivesWhatMergingGivesOnAllShortStringsOfFourLetters) {
  const SlowBpe slow(vocabulary());
  BpeEncoder encoder(vocabulary());
  for (int length = 1; length <= 6; ++length) {
    for (int n = 0; n < 1 << (2 * length); ++n) {
      std::string piece;
      for (int i = 0; i < length; ++i) piece.push_back("aeit"[n >> (2 * i) & 3]);
      ASSERT_EQ(encoder.Encode(piece), slow.Encode(piece)) << piece;
    }
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
