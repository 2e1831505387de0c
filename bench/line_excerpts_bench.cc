// Excerpts of tables, terminal output and wrapped results from 10 KB to 10 MB: the cost per byte
// must not grow; what must survive is looked for before the clock starts.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/excerpt.h"

namespace headroom::text {
namespace {

using Reader = std::optional<Excerpt> (*)(const ExcerptInput&);

std::string Csv(size_t bytes) {
  std::string text = "time,station,flow,pressure,state\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2025-03-01 " + std::to_string(i) + ",K" + std::to_string(i % 3) + ",4" + std::to_string(i % 5) + ".7,4.0" +
            std::to_string(i % 7) + (i == 70 ? ",suspect\n" : ",good\n");
  }
  return text;
}

std::string Pods(size_t bytes) {
  std::string text = "NAME                READY   STATUS             RESTARTS   AGE\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string name = "web-" + std::to_string(1000 + i);
    text += name + std::string(20 - name.size(), ' ') +
            (i == 70 ? "0/1     CrashLoopBackOff   212        1d\n" : "1/1     Running            0          25d\n");
  }
  return text;
}

std::string Trace(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2811 openat(AT_FDCWD, \"/usr/lib/x" + std::to_string(i) +
            (i == 70 ? ".json\", O_RDONLY) = -1 EACCES (Permission denied)\n" : ".so\", O_RDONLY|O_CLOEXEC) = 3\n");
  }
  return text;
}

void Run(benchmark::State& state, Reader reader, const std::string& text, std::string_view needle) {
  const Input input{
      .text = text, .tool_name = "Bash", .tool_arguments = "{}", .question = "What is wrong?", .gaps = true};
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
  const std::optional<Excerpt> excerpt = reader(in);
  if (!excerpt.has_value() || excerpt->text.find(needle) == std::string::npos ||
      excerpt->text.size() * 2 > text.size()) {
    state.SkipWithError("the excerpt lost what matters");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(reader(in));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void BM_Csv(benchmark::State& state) { Run(state, ExcerptTable, Csv(static_cast<size_t>(state.range(0))), "suspect"); }
void BM_Aligned(benchmark::State& state) {
  Run(state, ExcerptTable, Pods(static_cast<size_t>(state.range(0))), "CrashLoopBackOff");
}
void BM_CallTrace(benchmark::State& state) {
  Run(state, ExcerptTerminal, Trace(static_cast<size_t>(state.range(0))), "EACCES");
}
void BM_Envelope(benchmark::State& state) {
  Run(state, ExcerptParts, "<output>\n" + Pods(static_cast<size_t>(state.range(0))) + "</output>\n",
      "CrashLoopBackOff");
}

BENCHMARK(BM_Csv)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Aligned)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_CallTrace)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Envelope)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::text
