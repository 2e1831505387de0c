// What a request pays between its last byte in and its first byte out: the view,
// the lineage, and deciding, with a conversation known or new. Bytes per second
// should not depend on the size.

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/strings.h"
#include "proxy/cache_aligner.h"
#include "proxy/lineage.h"
#include "proxy/optimizer.h"
#include "proxy/request_view.h"
#include "proxy/volatile_spans.h"
#include "store/store.h"

namespace headroom::proxy {
namespace {

constexpr size_t kResultBytes = 6'000;

// Results of four kinds in turn: search hits, a log, rows of JSON, source.
std::string ToolResult(size_t number, std::mt19937& random) {
  const auto any = [&random](uint32_t below) { return std::to_string(random() % below); };
  std::string text = number % 4 == 2 ? "[" : "";
  for (size_t line = 1; text.size() < kResultBytes; ++line) {
    const std::string at = std::to_string(line);
    if (number % 4 == 0) {
      text += "src/store/reader_" + std::to_string(line / 6) + ".cc:" + at + ":  return Find(" + any(1000) + ");\n";
    } else if (number % 4 == 1) {
      text += "2026-01-05T10:00:" + std::to_string(10 + line % 50) + "Z INFO request " + any(100'000) + " took " +
              any(90) + " ms\n";
    } else if (number % 4 == 2) {
      text += "{\"id\":" + at + ",\"state\":\"active\",\"owner\":\"user" + any(50) + "\",\"deleted_at\":null},";
    } else {
      text += at + "\t  if (reader.position() > " + any(500) + ") return reader.Fail(" + any(30) + ");\n";
    }
  }
  if (number % 4 == 2) text.back() = ']';
  return text;
}

struct Conversation {
  explicit Conversation(size_t bytes) {
    static constexpr std::string_view kCalls[] = {
        R"("name":"Grep","input":{"pattern":"Find"})", R"("name":"Bash","input":{"command":"tail -n 99 a.log"})",
        R"("name":"query","input":{"sql":"select * from users"})", R"("name":"Read","input":{"file_path":"/a.cc"})"};
    std::mt19937 random(1);
    std::string text = R"({"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"go"})";
    for (; text.size() < bytes; ++results) {
      const std::string id = "\"toolu_" + std::to_string(results) + "\"";
      text += R"(,{"role":"assistant","content":[{"type":"tool_use","id":)" + id + ",";
      text += kCalls[results % 4];
      text += R"(}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":)" + id + R"(,"content":)" +
              json::Quote(ToolResult(results, random)) + "}]}";
    }
    text += "]}";
    body.Append(text);
  }

  PaddedBytes body;
  size_t results = 0;
};

void ViewAndLineage(benchmark::State& state) {
  const Conversation conversation(static_cast<size_t>(state.range(0)));
  json::Document document;
  for (auto _ : state) {
    if (!document.Parse(conversation.body).ok()) return state.SkipWithError("not read");
    const Result<RequestView> view = ReadRequest(Api::kMessages, document);
    if (!view.ok()) return state.SkipWithError("no view");
    if (LineageOf(*view, store::TenantId()).size() != 1 + 2 * conversation.results) {
      return state.SkipWithError("wrong number of blocks");
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * conversation.body.size()));
}

// An optimizer without time limits, so that everything is decided at any size.
class Fixture {
 public:
  Fixture() {
    store::Store::Options options;
    options.memory_budget_bytes = 256u << 20;
    store_ = *store::Store::Open(options, Clock::System());
    ContentRouter::Options router;
    router.block_deadline = router.request_deadline = std::chrono::hours(1);
    optimizer_ = std::make_unique<Optimizer>(router, *store_, Clock::System());
  }

  Optimized Run(const PaddedBytes& body, uint64_t tenant) {
    Optimizer::Request request;
    request.credential.kind = Credential::Kind::kKey;
    request.credential.token = request.credential.tenant = {tenant, tenant};
    request.upstream = [](std::string_view) { return std::string("anthropic"); };
    return optimizer_->Run(request, body);
  }

 private:
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Optimizer> optimizer_;
};

// 50 KB of a system prompt with a time in its middle.
std::string SystemPrompt(size_t second) {
  std::string text;
  for (size_t line = 1; text.size() < 50'000; ++line) {
    text +=
        "- " + std::to_string(line) + " Always provide valid code (src/store/reader.cc) and keep the user informed.\n";
    if (line == 300) text += "The time is 2026-11-24T12:00:" + std::to_string(10 + second) + "Z.\n";
  }
  return text;
}

void VolatileSpansOf50KB(benchmark::State& state) {
  const std::string text = SystemPrompt(1);
  if (FindVolatileSpans(text).size() < 300) return state.SkipWithError("spans were missed");
  for (auto _ : state) benchmark::DoNotOptimize(FindVolatileSpans(text));
}
BENCHMARK(VolatileSpansOf50KB);

// Requests whose 50 KB system prompt stays, or has another time in each.
void Align(benchmark::State& state, size_t prompts) {
  std::vector<std::unique_ptr<PaddedBytes>> bodies;
  std::vector<json::Document> documents(prompts);
  std::vector<RequestView> views;
  for (size_t i = 0; i < prompts; ++i) {
    bodies.push_back(std::make_unique<PaddedBytes>(R"({"model":"claude-sonnet-4-5","system":)" +
                                                   json::Quote(SystemPrompt(i)) +
                                                   R"(,"messages":[{"role":"user","content":"go"}]})"));
    if (!documents[i].Parse(*bodies[i]).ok()) return state.SkipWithError("no JSON");
    views.push_back(*ReadRequest(Api::kMessages, documents[i]));
  }
  const store::TenantId tenant{1, 1};
  CacheAligner aligner(Clock::System());
  size_t at = 0;
  for (auto _ : state) {
    const auto observed = aligner.Observe({documents[at], views[at], tenant});
    const bool first = aligner.report().compared == 1;
    if (!first && observed->change.has_value() != (prompts > 1)) return state.SkipWithError("not what changed");
    at = (at + 1) % prompts;
  }
}
void AlignerUnchanged(benchmark::State& state) { Align(state, 1); }
void AlignerChanged(benchmark::State& state) { Align(state, 8); }
BENCHMARK(AlignerUnchanged);
BENCHMARK(AlignerChanged);

void EverythingKnown(benchmark::State& state) {
  const Conversation conversation(static_cast<size_t>(state.range(0)));
  Fixture fixture;
  const Optimized first = fixture.Run(conversation.body, 1);
  for (auto _ : state) {
    const Optimized again = fixture.Run(conversation.body, 1);
    if (again.replayed == 0 || again.body != first.body) return state.SkipWithError("not replayed");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * conversation.body.size()));
}

// Another tenant each time, who shares nothing with those before.
void EverythingNew(benchmark::State& state) {
  const Conversation conversation(static_cast<size_t>(state.range(0)));
  Fixture fixture;
  uint64_t tenant = 0;
  for (auto _ : state) {
    const Optimized optimized = fixture.Run(conversation.body, ++tenant);
    if (optimized.replayed != 0 || optimized.tokens_saved_once == 0) return state.SkipWithError("nothing decided");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * conversation.body.size()));
}

BENCHMARK(ViewAndLineage)->RangeMultiplier(10)->Range(10'000, 10'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(EverythingKnown)->RangeMultiplier(10)->Range(10'000, 10'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(EverythingNew)->RangeMultiplier(10)->Range(10'000, 10'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace headroom::proxy
