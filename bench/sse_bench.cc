// SseParser over a token stream of the kind providers send, fed in reads of
// one TLS record, of one event, and of 64 KB.

#include <benchmark/benchmark.h>

#include <string>

#include "net/sse.h"

namespace headroom::net {
namespace {

std::string TokenStream(size_t events) {
  std::string stream;
  for (size_t i = 0; i < events; ++i) {
    stream +=
        "event: content_block_delta\ndata: "
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" word";
    stream += std::to_string(i);
    stream += "\"}}\n\n";
  }
  return stream;
}

void BM_SseTokenStream(benchmark::State& state) {
  constexpr size_t kEvents = 10'000;
  const std::string stream = TokenStream(kEvents);
  const size_t read_bytes = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    size_t events = 0;
    size_t data_bytes = 0;
    SseParser parser([&](const SseParser::Event& event) {
      ++events;
      data_bytes += event.data.size();
    });
    for (size_t at = 0; at < stream.size(); at += read_bytes) {
      parser.Feed(std::string_view(stream).substr(at, read_bytes));
    }
    parser.End();
    if (events != kEvents || data_bytes != stream.size() - kEvents * 35) state.SkipWithError("wrong events");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}
BENCHMARK(BM_SseTokenStream)->Arg(150)->Arg(1400)->Arg(65536);

}  // namespace
}  // namespace headroom::net
