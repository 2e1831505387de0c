// A text against its earlier form, from 10 KB to 10 MB: the cost per byte must not
// grow, whatever stands in the lines.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "text/delta.h"

namespace headroom::text {
namespace {

// Source as Read prints it, with a line more in each two hundred of the new text.
std::string Source(size_t bytes, bool edited) {
  std::string text;
  size_t number = 0;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += std::to_string(++number) + "→  const auto value = Compute(" + std::to_string(i * 7919 % 100003) + ");\n";
    if (edited && i % 200 == 100) text += std::to_string(++number) + "→  Check(value);\n";
  }
  return text;
}

// A log whose every hundredth line came out otherwise.
std::string Log(size_t bytes, bool edited) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "case " + std::to_string(i) + (edited && i % 100 == 50 ? " FAILED\n" : " passed after some steps\n");
  }
  return text;
}

// Nothing is unique and nothing is like the other text.
std::string Letters(size_t bytes, bool edited) {
  std::string text;
  uint64_t state = edited ? 1 : 2;
  while (text.size() < bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += static_cast<char>('a' + (state >> 62));
    text += '\n';
  }
  return text;
}

// Patched back by line counts alone: what the headers say must add up to the new text.
bool AddsUp(const std::string& before, const std::string& after, const Delta& delta) {
  int64_t lines = 0;
  for (size_t at = 0; at < delta.hunks.size(); at = delta.hunks.find('\n', at) + 1) {
    lines += delta.hunks[at] == '+' ? 1 : delta.hunks[at] == '-' ? -1 : 0;
    if (delta.hunks.find('\n', at) == std::string::npos) break;
  }
  const auto count = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  return count(after) - count(before) == lines;
}

void Time(benchmark::State& state, std::string (*make)(size_t, bool)) {
  const auto bytes = static_cast<size_t>(state.range(0));
  const std::string before = make(bytes, false);
  const std::string after = make(bytes, true);
  const std::optional<Delta> delta = MakeDelta(before, after, SIZE_MAX, {});
  if (!delta.has_value() || !AddsUp(before, after, *delta)) {
    state.SkipWithError("wrong delta");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(MakeDelta(before, after, SIZE_MAX, {}));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * (before.size() + after.size())));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(Time, source, Source)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, log, Log)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, letters, Letters)->Apply(Sizes);

void Sketch(benchmark::State& state) {
  const std::string text = Log(static_cast<size_t>(state.range(0)), false);
  const LineSketch other(Log(static_cast<size_t>(state.range(0)), true));
  for (auto _ : state) benchmark::DoNotOptimize(LineSketch(text).SharedBytes(other));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(Sketch)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace headroom::text
