// CompressJson over the shapes tool results have, from 10 KB to 10 MB: the cost
// per byte must not grow. 5,000 rows must stay well under 30 ms.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/compressor.h"

namespace headroom::text {
namespace {

std::string Row(size_t i) {
  const std::string id = std::to_string(i);
  return R"({"id": )" + id + R"(, "name": "user )" + id + R"(", "email": "u)" + id + R"(@example.com", "active": )" +
         (i % 3 == 0 ? "true" : "false") + R"(, "score": )" + std::to_string(i * 7919 % 10007) +
         R"(.25, "tags": ["a", "b"], "address": {"city": ")" + (i % 2 == 0 ? "Oslo" : "Rome") + R"(", "zip": "1)" + id +
         R"("}, "created_at": "2025-03-)" + std::to_string(10 + i % 18) + R"(T08:00:00Z", "region": "eu"})";
}

enum Shape { kRows, kLines, kMinified };

std::string Text(Shape shape, size_t rows) {
  std::string text = shape == kLines ? "" : "[";
  for (size_t i = 0; i < rows; ++i) {
    if (i > 0) text += shape == kLines ? "\n" : ", ";
    text += shape == kMinified ? "[" + Row(i) + ", 1]" : Row(i);
  }
  return shape == kLines ? text : text + "]";
}

void Time(benchmark::State& state, const std::string& text, std::string_view rule) {
  for (auto _ : state) {
    const std::optional<Rendition> rendition = CompressJson({text, "", ""}, {});
    if (!rendition.has_value() || rendition->rule != rule || rendition->text.size() >= text.size()) {
      state.SkipWithError("wrong rendition");
      break;
    }
    benchmark::DoNotOptimize(rendition->text.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void BM_JsonRows(benchmark::State& state) {
  Time(state, Text(kRows, static_cast<size_t>(state.range(0))), "json_table");
}
BENCHMARK(BM_JsonRows)->Arg(50)->Arg(500)->Arg(5'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

void BM_JsonLines(benchmark::State& state) {
  Time(state, Text(kLines, static_cast<size_t>(state.range(0))), "json_lines");
}
BENCHMARK(BM_JsonLines)->Arg(50)->Arg(500)->Arg(5'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

void BM_JsonMinified(benchmark::State& state) {
  Time(state, Text(kMinified, static_cast<size_t>(state.range(0))), "json_minified");
}
BENCHMARK(BM_JsonMinified)->Arg(50)->Arg(500)->Arg(5'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::text
