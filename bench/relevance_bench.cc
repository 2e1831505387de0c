// Relevance of the lines of a text to a question, from 10 KB to 10 MB: the cost per byte
// must not grow, and stays above 100 MB/s.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

#include "text/line_text.h"
#include "text/relevance.h"

namespace headroom::text {
namespace {

std::string Log(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2026-01-02T10:00:" + std::to_string(10 + i % 50) + "Z INFO server/http.cc:" + std::to_string(i % 900) +
            " request " + std::to_string(i * 7919 % 100003) + " served in " + std::to_string(i % 37) + " ms\n";
  }
  return text + "connection pool exhausted in PoolManager: 'no free slot'\n";
}

void Lines(benchmark::State& state) {
  const std::string text = Log(static_cast<size_t>(state.range(0)));
  const LineText split = SplitLines(text);
  const Query query(Input{.text = text,
                          .tool_name = "Bash",
                          .tool_arguments = R"({"command": "cat server/logs/app.log | tail -n 5000"})",
                          .question = "Why is the connection pool of PoolManager exhausted? It says 'no free slot' in "
                                      "server/pool.cc, perhaps since version 4.2.1 of libpool."});
  const Relevance checked(query, split.lines);
  if (!checked.named(split.lines.size() - 1) || checked.score(split.lines.size() - 1) != 1.0) {
    state.SkipWithError("the line asked for is not found");
    return;
  }
  for (auto _ : state) {
    const Relevance relevance(query, split.lines);
    benchmark::DoNotOptimize(relevance.score(0));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(Lines)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);

}  // namespace
}  // namespace headroom::text
