// Excerpts of diffs, search results and lists of paths from 10 KB to 10 MB: the
// cost per byte must not grow, and stays above 50 MB/s.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/excerpt.h"

namespace headroom::text {
namespace {

constexpr std::string_view kQuestion =
    "In src/part1.cc, what changes around line 40, and where is acquire_pool defined?";

std::string Diff(size_t bytes) {
  std::string text;
  for (size_t file = 0; text.size() < bytes; ++file) {
    const std::string path = "src/part" + std::to_string(file) + ".cc";
    text += "diff --git a/" + path + " b/" + path + "\nindex 1..2 100644\n--- a/" + path + "\n+++ b/" + path + "\n";
    for (size_t hunk = 0; hunk < 12; ++hunk) {
      const std::string at = std::to_string(40 * hunk + 1);
      text += "@@ -" + at + ",7 +" + at + ",8 @@ void Part::Run(int step) {\n";
      for (size_t i = 0; i < 3; ++i) text += "   const int before = Measure(step, " + at + ");\n";
      const std::string change = std::to_string((file * 12 + hunk) * 7919 % 100003);
      text += "-  pool.Release(step, kLimit, " + change + ");\n+  pool.Release(step);\n+  pool.Trim(" + change + ");\n";
      for (size_t i = 0; i < 3; ++i) text += "   const int after = Measure(step, " + at + ");\n";
    }
  }
  return text;
}

std::string Search(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "src/part" + std::to_string(i / 8) + ".cc:" + std::to_string(i % 8 * 31 + 1) +
            (i == 100 ? ":Pool* acquire_pool(int step) {\n"
                      : ":    return acquire_pool_of(request, " + std::to_string(i * 7919 % 1000) + ");\n");
  }
  return text;
}

std::string Paths(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i)
    text += "./source/part" + std::to_string(i / 40) + "/detail/handler_" + std::to_string(i) + ".cc\n";
  return text + "./source/part1.cc\n";
}

void Time(benchmark::State& state, std::string (*make)(size_t),
          std::optional<Excerpt> (*excerpt_of)(const ExcerptInput&), std::string_view kept) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  Input input{};
  input.text = text;
  input.question = kQuestion;
  const Query query(input);
  const Expired never;
  for (auto _ : state) {
    const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
    const std::optional<Excerpt> excerpt = excerpt_of(in);
    if (!excerpt.has_value() || excerpt->text.find(kept) == std::string::npos ||
        excerpt->text.size() * 10 > text.size() * 9) {
      state.SkipWithError("wrong excerpt");
      break;
    }
    benchmark::DoNotOptimize(excerpt);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(Time, diff, Diff, ExcerptDiff, "@@ -41,7 +41,8 @@")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, search, Search, ExcerptSearch, ":Pool* acquire_pool(int step) {\n")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, paths, Paths, ExcerptSearch, "./source/part1.cc\n")->Apply(Sizes);

}  // namespace
}  // namespace headroom::text
