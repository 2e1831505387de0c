// A request's size by its three ways, for a conversation of one megabyte.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "policy/model_catalog.h"
#include "proxy/lineage.h"
#include "proxy/request_size.h"

namespace headroom::proxy {
namespace {

constexpr size_t kTurns = 200;  // of 5 KB each
constexpr uint64_t kPrompt = 150'000;

std::string Turn(size_t i) {
  const std::string id = "toolu_" + std::to_string(i);
  std::string result;
  for (size_t line = 0; result.size() < 4'800; ++line) {
    result +=
        "src/room_" + std::to_string(line) + "/file.cc:" + std::to_string(i) + ": a line of some tool's output\\n";
  }
  return R"({"role":"assistant","content":[{"type":"tool_use","id":")" + id +
         R"(","name":"Bash","input":{"command":"ls"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" +
         id + R"(","content":")" + result + R"("}]})";
}

struct Conversation {
  explicit Conversation(size_t turns) {
    std::string text = R"({"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"Look around."})";
    for (size_t i = 0; i < turns; ++i) text += "," + Turn(i);
    bytes = std::make_unique<PaddedBytes>(text + "]}");
    if (!document.Parse(*bytes).ok()) std::abort();
    view = *ReadRequest(Api::kMessages, document);
    view.model = ReadModel(document);
    lineage = LineageOf(view, Hash128{1, 2});
  }

  SizeRequest Size(uint64_t limit) const {
    return {.document = document, .view = view, .lineage = lineage, .limit = limit};
  }

  std::unique_ptr<PaddedBytes> bytes;
  json::Document document;
  RequestView view;
  std::vector<Hash128> lineage;
};

void Measure(benchmark::State& state, RequestSizer& sizer, const SizeRequest& request, RequestSize::Source source) {
  if (sizer.Measure(request)->source != source) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(sizer.Measure(request));
}

void BM_Bound(benchmark::State& state) {
  RequestSizer sizer;
  const Conversation conversation(kTurns);
  Measure(state, sizer, conversation.Size(1'000'000), RequestSize::Source::kBound);
}
BENCHMARK(BM_Bound);

void BM_Usage(benchmark::State& state) {
  RequestSizer sizer;
  const Conversation before(kTurns - 1);
  sizer.Record(before.Size(0), kPrompt, 100);
  const Conversation conversation(kTurns);
  Measure(state, sizer, conversation.Size(200'000), RequestSize::Source::kUsage);
}
BENCHMARK(BM_Usage);

void BM_Count(benchmark::State& state) {
  RequestSizer sizer;
  const Conversation conversation(kTurns);
  Measure(state, sizer, conversation.Size(200'000), RequestSize::Source::kCount);
}
BENCHMARK(BM_Count)->Unit(benchmark::kMillisecond);

void BM_FindKnownModel(benchmark::State& state) {
  const policy::ModelCatalog catalog;
  if (!catalog.Find("claude-sonnet-4-5")) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(catalog.Find("claude-sonnet-4-5"));
}
BENCHMARK(BM_FindKnownModel);

void BM_FindNewModel(benchmark::State& state) {
  const policy::ModelCatalog catalog;
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(catalog.Find("no-such-model-" + std::to_string(i++)));
}
BENCHMARK(BM_FindNewModel)->Unit(benchmark::kMicrosecond);

void BM_MakeCatalog(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(policy::ModelCatalog());
}
BENCHMARK(BM_MakeCatalog)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace headroom::proxy
