#include "text/relevance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "text/words.h"

namespace headroom::text {
namespace {

Query Ask(std::string_view question) {
  return Query(Input{.text = "", .tool_name = "", .tool_arguments = "", .question = question});
}

// How often `term` stands in `unit`, without any index: each word, each stretch between joints, each
// part and its stem is compared with it.
size_t TimesSlowly(const std::string& term, std::string_view unit) {
  size_t times = 0;
  ForEachWord(unit, [&](const Word& word) {
    const std::string lower = Folded(word.text);
    if (word.shape == WordShape::kUnspaced) {
      ForEachPair(lower, [&](std::string_view pair) { times += pair == term ? 1 : 0; });
      return;
    }
    if (word.shape == WordShape::kPlain) {
      times += (lower == term ? 1 : 0) + (Stem(lower) != lower && Stem(lower) == term ? 1 : 0);
      return;
    }
    const auto bounds = [&](size_t i) {
      return i == 0 || i == lower.size() || IsJoint(lower[i]) || IsJoint(lower[i - 1]);
    };
    for (size_t i = 0; i < lower.size(); ++i) {
      if (lower.compare(i, term.size(), term) == 0 && bounds(i) && bounds(i + term.size()) && !IsJoint(lower[i]))
        ++times;
    }
    ForEachPart(word.text, [&](std::string_view part) {
      const size_t at = static_cast<size_t>(part.data() - word.text.data());
      const std::string lower_part = Folded(part);
      if (!(bounds(at) && bounds(at + part.size())) && lower_part == term) ++times;
      if (Stem(lower_part) != lower_part && Stem(lower_part) == term) ++times;
    });
  });
  return times;
}

size_t WordsSlowly(std::string_view unit) {
  size_t words = 0;
  ForEachWord(unit, [&](const Word& word) {
    if (word.shape != WordShape::kUnspaced) {
      ++words;
    } else {
      ForEachPair(word.text, [&](std::string_view) { ++words; });
    }
  });
  return words;
}

// BM25 as its definition says, term by term over all units.
std::vector<double> ScoresSlowly(const Query& query, const std::vector<std::string_view>& units) {
  std::vector<double> scores(units.size());
  double mean = 0;
  for (const std::string_view unit : units) mean += static_cast<double>(WordsSlowly(unit));
  mean = std::max(1.0, mean / static_cast<double>(units.size()));
  for (const Term& term : query.terms()) {
    double with = 0;
    for (const std::string_view unit : units) with += TimesSlowly(term.text, unit) > 0 ? 1 : 0;
    const double idf = std::log((static_cast<double>(units.size()) + 1) / (with + 0.5));
    if (idf <= 0.05) continue;
    for (size_t i = 0; i < units.size(); ++i) {
      const double times = static_cast<double>(TimesSlowly(term.text, units[i]));
      const double length = 1.2 * (0.5 + 0.5 * static_cast<double>(WordsSlowly(units[i])) / mean);
      scores[i] += term.weight * idf * times * 2.2 / (times + length);
    }
  }
  const double best = *std::max_element(scores.begin(), scores.end());
  for (double& score : scores) score = best > 0 ? score / best : 0;
  return scores;
}

TEST(RelevanceTest, ScoresAsTheDefinitionSaysOnRandomTexts) {
  const std::vector<std::string> vocabulary = {
      "proxy",   "setProxy", "Proxies",  "lib/http.js", "http.js:12", "a/b/c/http.js", "the",  "timeout_ms",
      "TIMEOUT", "7",        "70000",    "fails",       "failed",     "重启服务",      "重启", "Ошибка",
      "ошибка",  "v1.2.3",   "max-time", "x",           "time",       "maxTime9"};
  std::mt19937 random(7);
  const Query query =
      Ask("setProxy fails in http.js with 70000 after the TIMEOUT: max-time, 重启服务 ошибка, time v1.2.3");
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> texts(1 + random() % 12);
    for (std::string& text : texts) {
      for (size_t words = random() % 9; words > 0; --words) {
        text += vocabulary[random() % vocabulary.size()];
        text += random() % 4 == 0 ? ", " : " ";
      }
    }
    const std::vector<std::string_view> units(texts.begin(), texts.end());
    const Relevance relevance(query, units);
    const std::vector<double> expected = ScoresSlowly(query, units);
    for (size_t i = 0; i < units.size(); ++i) EXPECT_NEAR(relevance.score(i), expected[i], 1e-9) << texts[i];
  }
}

TEST(RelevanceTest, ARareTermSaysMoreThanACommonOne) {
  const std::vector<std::string_view> units = {"server starts", "server stops", "server leaks", "server idles"};
  const Relevance relevance(Ask("Where does the server leak?"), units);
  EXPECT_EQ(relevance.score(2), 1.0);
  EXPECT_LT(relevance.score(0), 0.2);
}

TEST(RelevanceTest, FindsAFileWhereverItsPathBegins) {
  const std::vector<std::string_view> units = {"at lib/adapters/http.js:12:3", "at lib/axios.js:1", "ready"};
  const Relevance relevance(Ask("crash in http.js"), units);
  EXPECT_TRUE(relevance.named(0));
  EXPECT_FALSE(relevance.named(1));
  EXPECT_TRUE(Relevance(Ask("crash in ./lib/adapters/http.js"), {"http.js failed", "x"}).named(0));
}

TEST(RelevanceTest, FindsQuotedStringsOverLineEndsAndInsideIdentifiers) {
  EXPECT_TRUE(Relevance(Ask("'bad port 70000'"), {"x bad  port\n 70000", "y"}).named(0));
  EXPECT_TRUE(Relevance(Ask("`getProtohost(url)`"), {"function getProtohost(url) {", "y"}).named(0));
  EXPECT_TRUE(Relevance(Ask("'<Proxy> Directive'"), {"# <Proxy> Directive", "y"}).named(0));
  EXPECT_TRUE(Relevance(Ask("'=>'"), {"a => b", "y"}).named(0));
  EXPECT_TRUE(Relevance(Ask("'a b'"), {"a\nb", "y"}).named(0));
  EXPECT_FALSE(Relevance(Ask("'bad port 70000'"), {"bad port 7000", "y"}).named(0));
}

TEST(RelevanceTest, ATermThatManyUnitsHaveNamesNone) {
  std::vector<std::string_view> units(100, "user 4711 logs in");
  for (size_t i = 0; i < 6; ++i) units[i] = "user 8080";
  EXPECT_FALSE(Relevance(Ask("What about 8080?"), units).named(0));
  units[0] = "user 1";
  EXPECT_TRUE(Relevance(Ask("What about 8080?"), units).named(1));
}

TEST(RelevanceTest, SectionsInChineseAreToldApart) {
  const std::vector<std::string_view> units = {"时间线：十点开始告警", "根本原因是连接池配置错误", "后续工作"};
  const Relevance relevance(Ask("根本原因是什么？"), units);
  EXPECT_EQ(relevance.score(1), 1.0);
  EXPECT_EQ(relevance.score(2), 0.0);
}

TEST(RelevanceTest, NothingAskedOrNothingThereScoresNothing) {
  EXPECT_EQ(Relevance(Query(), {"a", "b"}).score(1), 0.0);
  EXPECT_EQ(Relevance(Ask("alpha"), {"a", ""}).score(1), 0.0);
  const Relevance nothing(Ask("alpha"), {});
}

}  // namespace
}  // namespace headroom::text
