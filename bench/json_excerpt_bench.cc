// JSON with gaps, from 10 KB to 10 MB: the cost per byte must not grow, stays above
// 50 MB/s, and 5,000 rows take no more than 30 ms together with the lossless step.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/compressor.h"
#include "text/excerpt.h"

namespace headroom::text {
namespace {

constexpr std::string_view kQuestion = "Which payments of customer cus_000061 failed and why?";

std::string Payment(size_t i) {
  return "{\"id\":\"pay_" + std::to_string(1000000 + i * 7919 % 999983) + "\",\"created\":\"2025-03-04T" +
         std::to_string(10 + i / 3600 % 14) + ":" + std::to_string(10 + i / 60 % 50) +
         ":00Z\",\"amount\":" + std::to_string(i * 37 % 400) + ".5,\"status\":\"" + (i % 997 == 5 ? "failed" : "ok") +
         "\",\"customer\":{\"name\":\"cus_" + std::to_string(100000 + i) + "\",\"country\":\"" +
         (i % 3 == 0 ? "FR" : "DE") + "\"},\"tags\":[\"a\",\"b" + std::to_string(i % 5) + "\"],\"message\":\"request " +
         std::to_string(i) + " served by worker " + std::to_string(i % 9) + "\"}";
}

std::string Payments(size_t bytes) {
  std::string text = "[";
  for (size_t i = 0; text.size() < bytes; ++i) text += (i > 0 ? "," : "") + Payment(i);
  return text + "]";
}

std::string Lines(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) text += Payment(i) + "\n";
  return text;
}

std::string Series(size_t bytes) {
  std::string text = "{\"values\":[0";
  for (size_t i = 0; text.size() < bytes; ++i) text += "," + std::to_string(i * 7919 % 1000) + ".25";
  return text + "]}";
}

void Time(benchmark::State& state, std::string (*make)(size_t)) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  const Input input{.text = text, .tool_name = "", .tool_arguments = "", .question = kQuestion};
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .share = 0.3, .expired = never};
  const std::optional<Excerpt> excerpt = ExcerptJson(in);
  if (!excerpt.has_value() || excerpt->text.size() * 5 > text.size() || excerpt->omitted.kept < 5) {
    state.SkipWithError("not the excerpt that is timed");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(ExcerptJson(in));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(text.size()));
}

void FiveThousandRows(benchmark::State& state) {
  std::string text = "[";
  for (size_t i = 0; i < 5000; ++i) text += (i > 0 ? "," : "") + Payment(i);
  text += "]";
  Input input{.text = text, .tool_name = "", .tool_arguments = "", .question = kQuestion};
  input.gaps = true;
  const std::optional<Rendition> rendition = Compress(input);
  if (!rendition.has_value() || !rendition->omitted.has_value() || rendition->omitted->total != 5000) {
    state.SkipWithError("not the rendition that is timed");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(Compress(input));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(text.size()));
}

#define SIZES Arg(10 << 10)->Arg(100 << 10)->Arg(1 << 20)->Arg(10 << 20)
BENCHMARK_CAPTURE(Time, payments, Payments)->SIZES;
BENCHMARK_CAPTURE(Time, lines, Lines)->SIZES;
BENCHMARK_CAPTURE(Time, series, Series)->SIZES;
BENCHMARK(FiveThousandRows)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::text
