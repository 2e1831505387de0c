#include "tokens/counter.h"

#include <gtest/gtest.h>
#include <time.h>

#include <algorithm>
#include <random>
#include <string>

namespace headroom::tokens {
namespace {

TEST(CounterTest, ChoosesTheVocabularyByTheLongestPrefix) {
  for (const char* model :
       {"gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-4.1-nano", "gpt-4.5-preview", "gpt-5", "gpt-5-codex", "gpt-5.1",
        "gpt-oss-120b", "o1", "o1-preview", "o3-mini", "o4-mini", "chatgpt-4o-latest", "codex-mini-latest"}) {
    EXPECT_EQ(CounterFor(model).name(), "o200k_base") << model;
    EXPECT_EQ(CounterFor(model).exactness(), Exactness::kExact) << model;
  }
  for (const char* model : {"gpt-4", "gpt-4-0613", "gpt-4-32k", "gpt-4-turbo-2024-04-09", "gpt-3.5-turbo",
                            "gpt-35-turbo", "text-embedding-3-small", "text-embedding-ada-002"}) {
    EXPECT_EQ(CounterFor(model).name(), "cl100k_base") << model;
    EXPECT_EQ(CounterFor(model).exactness(), Exactness::kExact) << model;
  }
}

TEST(CounterTest, LabelsEstimatesAsSuch) {
  for (const char* model : {"claude-sonnet-4-5", "claude-3-opus-20240229", "claude-opus-4-1@20250805"}) {
    EXPECT_EQ(CounterFor(model).name(), "claude-estimate") << model;
    EXPECT_EQ(CounterFor(model).exactness(), Exactness::kEstimate) << model;
  }
  for (const char* model : {"", "gemini-2.5-pro", "llama3", "mistral-large", "gpt", "text-embed"}) {
    EXPECT_EQ(CounterFor(model).name(), "estimate") << model;
    EXPECT_EQ(CounterFor(model).exactness(), Exactness::kEstimate) << model;
  }
}

TEST(CounterTest, SeesThroughProviderPrefixes) {
  EXPECT_EQ(CounterFor("openai/gpt-4o").name(), "o200k_base");
  EXPECT_EQ(CounterFor("OpenAI/GPT-4-Turbo").name(), "cl100k_base");
  EXPECT_EQ(CounterFor("openrouter/openai/gpt-4.1").name(), "o200k_base");
  EXPECT_EQ(CounterFor("ft:gpt-4o-mini:acme::x").name(), "o200k_base");
  EXPECT_EQ(CounterFor("anthropic/claude-sonnet-4-5").name(), "claude-estimate");
  EXPECT_EQ(CounterFor("us.anthropic.claude-sonnet-4-20250514-v1:0").name(), "claude-estimate");
  EXPECT_EQ(CounterFor("anthropic.claude-3-haiku").name(), "claude-estimate");
  EXPECT_EQ(CounterFor("openai.gpt-oss-20b-1:0").name(), "o200k_base");
  EXPECT_EQ(CounterFor("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-4").name(),
            "claude-estimate");
}

TEST(CounterTest, TakesAnyNameOfAnyLength) {
  EXPECT_EQ(CounterFor(std::string(1 << 20, '/')).name(), "estimate");
  EXPECT_EQ(CounterFor("gpt-4o" + std::string(1 << 20, 'x')).name(), "o200k_base");
}

TEST(CounterTest, CountsAsPublishedExamplesDo) {
  // OpenAI cookbook, "How to count tokens with tiktoken" (2025).
  EXPECT_EQ(CounterFor("gpt-4o").Count("tiktoken is great!"), 6u);
  EXPECT_EQ(CounterFor("gpt-4").Count("tiktoken is great!"), 6u);
  EXPECT_EQ(CounterFor("gpt-4o").Count("antidisestablishmentarianism"), 6u);
  EXPECT_EQ(CounterFor("gpt-4").Count("antidisestablishmentarianism"), 6u);
  EXPECT_EQ(CounterFor("gpt-4o").Count("2 + 2 = 4"), 7u);
  EXPECT_EQ(CounterFor("gpt-4o").Count("お誕生日おめでとう"), 8u);
  EXPECT_EQ(CounterFor("gpt-4").Count("お誕生日おめでとう"), 9u);
}

TEST(CounterTest, ReadsSpecialTokensAsText) {
  EXPECT_EQ(CounterFor("gpt-4o").Count(""), 0u);
  EXPECT_GT(CounterFor("gpt-4o").Count("<|endoftext|>"), 1u);
  EXPECT_GT(CounterFor("gpt-4").Count("<|endoftext|>"), 1u);
}

TEST(CounterTest, EstimatesClaudeAsFiveQuartersOfO200kRoundedUp) {
  const std::string text = "one two three four five six seven eight";  // 8 tokens
  ASSERT_EQ(CounterFor("gpt-4o").Count(text), 8u);
  EXPECT_EQ(CounterFor("claude-sonnet-4-5").Count(text), 10u);
  EXPECT_EQ(CounterFor("claude-sonnet-4-5").Count("one"), 2u);
  EXPECT_EQ(CounterFor("claude-sonnet-4-5").Count(""), 0u);
  EXPECT_EQ(CounterFor("gemini-2.5-pro").Count(text), 8u);
}

TEST(CounterTest, CountsBytesThatAreNotUtf8) {
  for (const char* bytes : {"\xff", "\xc3", "\xe4\xb8", "\xf0\x9f\x92", "\xed\xa0\x80",
                            "a\x80"
                            "b",
                            "\xc0\xaf"}) {
    EXPECT_GE(CounterFor("gpt-4o").Count(bytes), 1u);
    EXPECT_LE(CounterFor("gpt-4o").Count(bytes), std::string_view(bytes).size());
  }
}

double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Shapes that make other tokenisers quadratic.
class CostTest : public testing::TestWithParam<const char*> {
 protected:
  static std::string Make(std::string_view shape, size_t size) {
    std::mt19937_64 random(7);
    const auto of = [&](std::string_view alphabet) {
      std::string text;
      while (text.size() < size) text.push_back(alphabet[random() % alphabet.size()]);
      return text;
    };
    if (shape == "letter") return std::string(size, 'a');
    if (shape == "capital") return std::string(size, 'A');
    if (shape == "space") return std::string(size, ' ');
    if (shape == "line") return std::string(size, '\n');
    if (shape == "digit") return of("0123456789");
    if (shape == "lowercase") return of("abcdefghijklmnopqrstuvwxyz");
    if (shape == "base64") return of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    if (shape == "two_letters") return of("ab");
    if (shape == "signs") return of("!-=/*#");
    if (shape == "blanks") return of(" \t");
    if (shape == "invalid") return std::string(size, '\x80');
    std::string text;
    if (shape == "ideographs") {
      while (text.size() < size) {
        const auto c = static_cast<uint32_t>(0x4e00 + random() % 0x5000);
        text.push_back(static_cast<char>(0xe0 | c >> 12));
        text.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
        text.push_back(static_cast<char>(0x80 | (c & 0x3f)));
      }
      return text;
    }
    while (text.size() < size) text += "\xcc\x81";  // "marks"
    return text;
  }

  // Seconds of this thread's processor time, best of five: other programs on the
  // machine do not count.
  static double Time(const Counter& counter, const std::string& text) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
      const double start = ThreadSeconds();
      EXPECT_GT(counter.Count(text), 0u);
      best = std::min(best, ThreadSeconds() - start);
    }
    return best;
  }
};

TEST_P(CostTest, GrowsLinearlyWithTheText) {
  for (const char* model : {"gpt-4o", "gpt-4"}) {
    const double small = Time(CounterFor(model), Make(GetParam(), 200'000));
    const double large = Time(CounterFor(model), Make(GetParam(), 2'000'000));
    EXPECT_LT(large, 20 * small) << model;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, CostTest,
                         testing::Values("letter", "capital", "space", "line", "digit", "lowercase", "base64",
                                         "two_letters", "signs", "blanks", "invalid", "ideographs", "marks"),
                         [](const auto& shape) { return std::string(shape.param); });

// The bound is for the release build; others (sanitizers) are slower by a factor.
#ifdef NDEBUG
constexpr double kBoundSeconds = 0.050;
#else
constexpr double kBoundSeconds = 0.500;
#endif

TEST(CounterTest, Counts300KilobytesOfOneCharacterInUnder50Milliseconds) {
  const Counter& counter = CounterFor("gpt-4o");
  EXPECT_GT(counter.Count("the first count reads the vocabulary"), 0u);
  for (char c : std::string_view("aAzq -=*#/.1\n")) {
    const std::string text(300'000, c);
    double fastest = kBoundSeconds;
    for (int run = 0; run < 3; ++run) {
      const double start = ThreadSeconds();
      EXPECT_GT(counter.Count(text), 0u);
      fastest = std::min(fastest, ThreadSeconds() - start);
    }
    EXPECT_LT(fastest, kBoundSeconds) << c;
  }
}

}  // namespace
}  // namespace headroom::tokens
