// The line rules over the shapes tool results have, from 10 KB to 10 MB: the cost
// per byte must not grow, and stays above 50 MB/s.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>

#include "text/compressor.h"

namespace headroom::text {
namespace {

std::string Search(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "source/server/handler_" + std::to_string(i / 8) + ".cc:" + std::to_string(i % 8 * 31 + 1) +
            ":    return Handle(request, " + std::to_string(i * 7919 % 1000) + ");\n";
  }
  return text;
}

std::string Log(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2026-01-02T10:" + std::to_string(10 + i / 50 % 50) + ":" + std::to_string(10 + i % 50) +
            "Z INFO request " + std::to_string(i * 7919 % 100003) + " served in " + std::to_string(i % 37) + " ms\n";
    if (i % 40 == 0)
      text += "Traceback:\n  at Reader.next (reader.js:12)\n  at Parser.parse (parser.js:340)\n  at main\n";
  }
  return text;
}

std::string Table(size_t bytes) {
  std::string text = "NAME           READY   STATUS    RESTARTS   AGE\n";
  while (text.size() < bytes)
    text += "web-" + std::to_string(10000 + text.size() % 90000) + "      1/1     Running   0          5d\n";
  return text;
}

std::string Csv(size_t bytes) {
  std::string text = "time,station,\"flow\",unit\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "2025-03-01 00:" + std::to_string(10 + i % 50) + ",K" + std::to_string(i % 7) + ",\"" +
            std::to_string(i * 7919 % 1000) + "\",cubic metres per hour\n";
  }
  return text;
}

std::string Terminal(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text +=
        "\x1b[32mok\x1b[0m step " + std::to_string(i) + "\nFetching " + std::to_string(i % 100) + "%\rFetching 100%\n";
  }
  return text;
}

std::string Html(size_t bytes) {
  std::string text = "<!DOCTYPE html>\n<html>\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "    <div class=\"card product-card\" data-controller=\"product\">\n      <p class=\"name\">Item " +
            std::to_string(i) + " &mdash; caf&#233;</p>\n      <a class=\"buy\" href=\"/items/" + std::to_string(i) +
            ".html\">Buy</a>\n    </div>\n";
  }
  return text;
}

// A million short lines that nearly repeat: the worst case for looking back.
std::string ShortLines(size_t bytes) {
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += static_cast<char>('a' + i * i % 7);
    text += '\n';
  }
  return text;
}

void Time(benchmark::State& state, std::string (*make)(size_t), std::string_view rule) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const Input input{text, "Bash", "{\"command\":\"make\"}", rule == "search_grouped"};
    const auto compress = rule.starts_with("search") ? CompressSearch
                          : rule.starts_with("html") ? CompressHtml
                                                     : CompressLines;
    const std::optional<Rendition> rendition = compress(input, {});
    if (!rule.empty() && (!rendition.has_value() || rendition->rule != rule || rendition->text.size() >= text.size())) {
      state.SkipWithError("wrong rendition");
      break;
    }
    benchmark::DoNotOptimize(rendition);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(Time, search, Search, "search_grouped")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, html, Html, "html_shortened")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, lines_log, Log, "lines_folded")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, lines_table, Table, "lines_folded")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, lines_csv, Csv, "lines_folded")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, lines_terminal, Terminal, "lines_folded")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, lines_short, ShortLines, "")->Apply(Sizes);

void DetectAndProtect(benchmark::State& state) {
  const std::string text = Log(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const Input input{text, "Bash", "{\"command\":\"cd /work && sed -n '1,80p' src/file.log | head -50\"}"};
    if (DetectKind(input) != Kind::kLog) {
      state.SkipWithError("wrong kind");
      break;
    }
    benchmark::DoNotOptimize(IsProtectedRead(input));
  }
}
BENCHMARK(DetectAndProtect)->Arg(10'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace headroom::text
