// Excerpts of pages and prose from 10 KB to 10 MB: the cost per byte must not grow, and stays
// above 5 MB/s.

#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <string_view>

#include "text/excerpt.h"

namespace headroom::text {
namespace {

// Sections long enough for a gap, and no listing.
std::string Sentences() {
  std::string text;
  for (int i = 0; i < 8; ++i)
    text += "It is set before the start, and what it does later is told below at some length.\n";
  return text;
}

std::string Page(size_t bytes) {
  std::string text = "<!DOCTYPE html>\n<html><body><nav><ul><li><a href=/a>Start</a></ul></nav><main><h1>Manual</h1>\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    text += "<div class=\"section wide\" id=\"part-" + n + "\">\n<h2>Part " + n + "<a href=\"#part-" + n +
            "\">&para;</a></h2>\n<p>The <code>option_" + n +
            "</code> is explained in <a class=\"reference\" href=\"ref/" + n +
            ".html\">the reference</a> &mdash; with care.\n" + Sentences() + "</p>\n<pre>set option_" + n +
            " = 1\n  then go</pre>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n</div>\n";
  }
  return text + "<h2>Timeouts</h2>\n<p>The client waits 30 seconds.</p></main></body></html>\n";
}

std::string Manual(size_t bytes) {
  std::string text = "# Manual\n\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    text +=
        "## Part " + n + "\n\nThe option `option_" + n + "` is explained here.\n" + Sentences() + "\n- one\n- two\n\n";
  }
  return text + "## Timeouts\n\nThe client waits 30 seconds.\n";
}

template <typename Make, typename Cut>
void Time(benchmark::State& state, Make make, Cut cut) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  const Input input{.text = text,
                    .tool_name = "WebFetch",
                    .tool_arguments = "",
                    .question = "What does the section \"Timeouts\" say?",
                    .gaps = true};
  const Query query(input);
  const Expired expired;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = expired};
  const std::optional<Excerpt> checked = cut(in);
  if (!checked.has_value() || checked->text.find("The client waits 30 seconds.") == std::string::npos ||
      checked->text.find("option_0") != std::string::npos) {
    state.SkipWithError("the section asked for is lost, or another one kept");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(cut(in));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void HtmlExcerpt(benchmark::State& state) { Time(state, Page, ExcerptHtml); }
void ProseExcerpt(benchmark::State& state) { Time(state, Manual, ExcerptProse); }
BENCHMARK(HtmlExcerpt)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);
BENCHMARK(ProseExcerpt)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000);

}  // namespace
}  // namespace headroom::text
