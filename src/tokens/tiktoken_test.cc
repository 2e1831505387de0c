// Equality with npm tiktoken, the Rust implementation compiled to WebAssembly,
// which node runs beside this test (npm ci installs it).

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tokens/character_class.h"
#include "tokens/encoding.h"
#include "tokens/sample_texts.h"

namespace headroom::tokens {
namespace {

constexpr int kRandomTexts = 6000;

void AppendLittleEndian(uint32_t value, std::string* bytes) {
  for (int shift = 0; shift < 32; shift += 8) bytes->push_back(static_cast<char>(value >> shift));
}

// The tokens npm tiktoken gives for each text; empty if it could not be run.
std::vector<std::vector<TokenId>> TiktokenIds(std::string_view encoding, const std::vector<std::string>& texts) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("headroom_tiktoken_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::string input;
  for (const std::string& text : texts) {
    AppendLittleEndian(static_cast<uint32_t>(text.size()), &input);
    input.append(text);
  }
  std::ofstream(folder / "in", std::ios::binary) << input;
  const std::string command = "node '" HEADROOM_TOKENS_DIR "/tiktoken_ids.mjs' " + std::string(encoding) + " '" +
                              (folder / "in").string() + "' '" + (folder / "out").string() + "'";
  std::vector<std::vector<TokenId>> ids;
  if (std::system(command.c_str()) == 0) {
    std::ifstream file(folder / "out", std::ios::binary);
    uint32_t count = 0;
    while (file.read(reinterpret_cast<char*>(&count), sizeof(count))) {
      ids.emplace_back(count);
      file.read(reinterpret_cast<char*>(ids.back().data()), std::streamsize{count} * 4);
    }
  }
  std::filesystem::remove_all(folder);
  return ids;
}

void ExpectEqual(const Encoding& encoding, const std::vector<std::string>& texts) {
  const std::vector<std::vector<TokenId>> expected = TiktokenIds(encoding.name(), texts);
  ASSERT_EQ(expected.size(), texts.size()) << "node and npm tiktoken are needed: run npm ci";
  int shown = 0;
  for (size_t i = 0; i < texts.size() && shown < 10; ++i) {
    const std::vector<TokenId> ids = encoding.Encode(texts[i]);
    EXPECT_EQ(ids, expected[i]) << encoding.name() << " on text " << i << ": " << testing::PrintToString(texts[i]);
    EXPECT_EQ(encoding.Count(texts[i]), expected[i].size()) << testing::PrintToString(texts[i]);
    shown += ids != expected[i] ? 1 : 0;
  }
}

bool IsUtf8(std::string_view text) {
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at < end;) {
    const Character c = CharacterAt(at, end);
    if (c.size == 1 && static_cast<uint8_t>(*at) >= 0x80) return false;
    at += c.size;
  }
  return true;
}

std::vector<std::string> MixedTexts(const Encoding& encoding) {
  std::vector<std::string> texts = NamedTexts();
  SampleTexts samples(20250301);
  for (int i = 0; i < kRandomTexts; ++i) {
    texts.push_back(samples.Text(i % SampleTexts::kKinds, static_cast<int>(1 + samples.Below(24))));
  }
  // Tokens of the vocabulary glued together: borders that merging may move.
  for (int i = 0; i < kRandomTexts / 4; ++i) {
    std::string text;
    for (size_t n = 2 + samples.Below(12); n > 0; --n) {
      std::string token;
      encoding.vocabulary().AppendBytes(static_cast<TokenId>(samples.Below(encoding.vocabulary().size())), &token);
      if (IsUtf8(token)) text += token;
    }
    texts.push_back(text);
  }
  return texts;
}

// Each code point where its class shows: before a number, a contraction, a line
// end, a slash, between letters of either case, and after a space.
std::vector<std::string> CodePointTexts() {
  std::vector<std::string> texts;
  std::string text;
  for (uint32_t c = 1; c <= 0x10ffff; ++c) {
    if (c == 0x32400) c = 0xe0000;
    if (c == 0xe0400) c = 0x10ff00;
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::string one;
    AppendUtf8(c, &one);
    text += "1" + one + "234Ab" + one + "'s " + one + "Ab" + one + one + "\n/ ";
    if (c % 64 == 0) texts.push_back(std::move(text)), text.clear();
  }
  texts.push_back(text);
  return texts;
}

TEST(TiktokenTest, O200kGivesTheSameTokensOnTextsOfAllShapes) {
  ExpectEqual(O200kEncoding(), MixedTexts(O200kEncoding()));
}

TEST(TiktokenTest, Cl100kGivesTheSameTokensOnTextsOfAllShapes) {
  ExpectEqual(Cl100kEncoding(), MixedTexts(Cl100kEncoding()));
}

TEST(TiktokenTest, O200kReadsEveryCodePointAsTheSameClass) { ExpectEqual(O200kEncoding(), CodePointTexts()); }

TEST(TiktokenTest, Cl100kReadsEveryCodePointAsTheSameClass) { ExpectEqual(Cl100kEncoding(), CodePointTexts()); }

}  // namespace
}  // namespace headroom::tokens
