// Excerpts of logs from 10 KB to 10 MB: the cost per byte must not grow, and stays above
// 50 MB/s; what must survive is looked for before the clock starts.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/excerpt.h"
#include "text/line_text.h"
#include "text/severity.h"
#include "text/template_miner.h"

namespace headroom::text {
namespace {

constexpr std::string_view kNeedle = "ERROR disk 3 is failing: medium gone";

std::string Server(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2026-01-02T10:" + std::to_string(10 + i / 50 % 50) + ":" + std::to_string(10 + i % 50) +
            "Z INFO request " + std::to_string(i * 7919 % 100003) + " served in " + std::to_string(i % 37) + " ms\n";
    if (i == 60) text.append(kNeedle).append("\n");
    if (i % 40 == 0) {
      text += "WARN retrying\n  at Reader.next (reader.js:12)\n  at Parser.parse (parser.js:340)\n  at main (a.js:3)\n";
    }
  }
  return text;
}

std::string Tests(size_t bytes) {
  std::string text = "running tests\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "test fares::tests::case_" + std::to_string(i) + " ... ok\n";
    if (i == 60) text.append(kNeedle).append("\n");
  }
  return text;
}

// Every line is of another shape: the most templates and the least to leave out.
std::string Shapes(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    for (size_t k = 0; k < 8; ++k) {
      for (size_t c = 0; c < 6; ++c)
        text += static_cast<char>('a' + (i * 31 + k * 17 + c * i) * 2654435761U / 65536 % 26);
      text += k == 7 ? '\n' : ' ';
    }
  }
  return text;
}

void Time(benchmark::State& state, std::string (*make)(size_t), bool cuts) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = ""};
  input.question = "Which disk fails, and what happened to request 4242?";
  input.kind = Kind::kLog;
  const Query query(input);
  const Expired never;
  for (auto _ : state) {
    const std::optional<Excerpt> excerpt = ExcerptLog({.input = input, .text = text, .query = query, .expired = never});
    if (cuts &&
        (!excerpt || excerpt->text.find(kNeedle) == std::string::npos || excerpt->text.size() * 2 > text.size())) {
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

BENCHMARK_CAPTURE(Time, log_server, Server, true)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, log_tests, Tests, true)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, log_shapes, Shapes, false)->Apply(Sizes);

// Severity and templates alone: what every line pays.
void SeverityAndTemplates(benchmark::State& state) {
  const std::string text = Server(static_cast<size_t>(state.range(0)));
  const LineText source = SplitLines(text);
  for (auto _ : state) {
    TemplateMiner miner;
    size_t errors = 0;
    for (const std::string_view line : source.lines) {
      errors += SeverityOf(line) == Severity::kError ? 1 : 0;
      miner.Add(line);
    }
    if (errors != 1 || miner.size() > 20) {
      state.SkipWithError("wrong answer");
      break;
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(SeverityAndTemplates)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::text
