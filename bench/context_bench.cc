// What choosing the messages to drop costs: units and scores of an agent's
// conversation of 100 KB to 10 MB. Bound: 50 ms for 1 MB.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "json/strings.h"
#include "proxy/context_score.h"
#include "proxy/context_units.h"
#include "proxy/optimizer.h"

namespace headroom::proxy {
namespace {

std::string ToolResult(size_t number, std::mt19937& random) {
  const auto any = [&random](uint32_t below) { return std::to_string(random() % below); };
  std::string text;
  for (size_t line = 1; text.size() < 6'000; ++line) {
    switch (number % 3) {
      case 0:
        text +=
            "src/store/reader_" + any(90) + ".cc:" + std::to_string(line) + ":  return FindRow(" + any(1000) + ");\n";
        break;
      case 1:
        text += "2026-01-05T10:00:" + any(60) + "Z INFO request " + any(100'000) + " took " + any(90) + " ms\n";
        break;
      default:
        text +=
            std::to_string(line) + "\t  if (reader.position() > " + any(500) + ") return Fail(kCode" + any(30) + ");\n";
    }
  }
  return text;
}

std::string Conversation(size_t bytes, size_t& calls) {
  std::mt19937 random(1);
  std::string text =
      R"({"model":"claude-sonnet-4-5","tools":[{"name":"headroom_retrieve","input_schema":{"type":"object","properties":{"hash":{"type":"string"}}}}],"messages":[{"role":"user","content":"Why does FindRow fail?"})";
  for (calls = 0; text.size() < bytes; ++calls) {
    const std::string id = "\"toolu_" + std::to_string(calls) + "\"";
    text +=
        R"(,{"role":"assistant","content":[{"type":"text","text":"I look into the reader."},{"type":"tool_use","id":)" +
        id + R"(,"name":"Bash","input":{"command":"grep -n FindRow src/store/reader_)" + std::to_string(random() % 90) +
        R"(.cc"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":)" + id + R"(,"content":)" +
        json::Quote(ToolResult(calls, random)) + "}]}";
  }
  return text + "]}";
}

void Choose(benchmark::State& state) {
  size_t calls = 0;
  const PaddedBytes body(Conversation(static_cast<size_t>(state.range(0)), calls));
  json::Document document;
  if (!document.Parse(body).ok()) return state.SkipWithError("not read");
  const Result<RequestView> view = ReadRequest(Api::kMessages, document);
  if (!view.ok()) return state.SkipWithError("no view");
  for (auto _ : state) {
    const std::vector<json::Token> messages = MessagesOf(document, Api::kMessages);
    const ContextUnits units = UnitsOf(document, messages, *view);
    const std::vector<double> scores = ScoreUnits(document, messages, *view, units);
    if (scores.size() != calls + 1 || scores[calls] <= 0 || scores[calls] > 1) {
      return state.SkipWithError("wrong scores");
    }
    benchmark::DoNotOptimize(scores.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
}
// The whole of it: an optimizer that finds the conversation known and too long makes an epoch.
// The second number: results are shortened first.
void MakeEpoch(benchmark::State& state) {
  size_t calls = 0;
  const PaddedBytes body(Conversation(static_cast<size_t>(state.range(0)), calls));
  net::HeaderList headers;
  headers.Add("x-api-key", "k");
  ContentRouter::Options options;
  options.policy.gaps = Gaps::kAuto;
  const Credential credential = ReadCredential(headers, {});
  for (auto _ : state) {
    state.PauseTiming();
    const auto store = std::move(*store::Store::Open({}, Clock::System()));
    ContextManager::Options context;
    context.compress_first = state.range(1) == 1;
    Optimizer optimizer(options, *store, Clock::System(), context);
    (void)optimizer.Run({.credential = credential, .upstream = {}}, body);
    Overflow refused;
    refused.prompt_tokens = 310'000;
    refused.limit = 300'000;
    state.ResumeTiming();
    const Optimized out = optimizer.Run({.credential = credential, .upstream = {}, .refused = refused}, body);
    if (!out.context.made) return state.SkipWithError("no epoch");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
}
BENCHMARK(MakeEpoch)->Args({1'000'000, 0})->Args({1'000'000, 1})->Unit(benchmark::kMillisecond);

BENCHMARK(Choose)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headroom::proxy
