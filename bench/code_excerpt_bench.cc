// Bodies folded in place, from 10 KB to 4 MB of source: at least 5 MB/s, most of it
// the parser's. Minified code is cut without a parser.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text/code_excerpt_minified.h"
#include "text/excerpt.h"
#include "text/query.h"

namespace headroom::text {
namespace {

std::string Python(size_t bytes) {
  std::string text = "import os\n\nLIMIT = 5\n\n\nclass Server:\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    text +=
        "    def handle_" + n + "(self, request, *, timeout=None):\n        \"\"\"Handles one request.\"\"\"\n" +
        "        if request.size > LIMIT * " + n + ":\n            raise ValueError(f\"too large: {request.size}\")\n" +
        "        for name, value in request.headers.items():\n            self.log.debug(\"%s: %s\", name, value)\n" +
        "        reply = self.next(request.path, timeout=timeout or self.timeouts[" + n + "])\n" +
        "        return [part.strip() for part in reply.body.split(\",\") if part]\n\n";
  }
  return text;
}

std::string Typescript(size_t bytes) {
  std::string text = "import { Reply } from './reply';\n\nexport const LIMIT = 5;\n\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    text += "/** Handles one request. */\nexport async function handle_" + n +
            "(request: Request, timeout?: number): Promise<Reply> {\n" + "  if (request.size > LIMIT * " + n +
            ") {\n    throw new Error(`too large: ${request.size}`);\n  }\n" +
            "  for (const [name, value] of request.headers) {\n    log.debug({ name, value });\n  }\n" +
            "  const reply = await next(request.path, timeout ?? timeouts[" + n + "]);\n" +
            "  return reply.body.split(',').filter((part) => part.length > 0);\n}\n\n";
  }
  return text;
}

std::string Cpp(size_t bytes) {
  std::string text = "#include <string>\n\nnamespace server {\n\nconstexpr int kLimit = 5;\n\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    text += "Reply Server::handle_" + n + "(const Request& request, std::chrono::milliseconds timeout) const {\n" +
            "  if (request.size() > kLimit * " + n + ") {\n    throw std::invalid_argument(\"too large\");\n  }\n" +
            "  for (const auto& [name, value] : request.headers()) {\n    log_->Debug(name, value);\n  }\n" +
            "  auto reply = next_->Handle(request.path(), std::max(timeout, timeouts_[" + n + "]));\n" +
            "  return reply.body().empty() ? Reply() : std::move(reply);\n}\n\n";
  }
  return text + "}  // namespace server\n";
}

std::string Minified(size_t bytes) {
  std::string text = "/*! tool v1.2.3 */\n";
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += "function handle_" + std::to_string(i) + "(n,t){return n===t?r[7]:e(n,{u:t,i:\"x\"})}var o=f(1,2);";
  }
  return text;
}

void Time(benchmark::State& state, std::string (*make)(size_t), const char* file, std::string_view rule) {
  const std::string text = make(static_cast<size_t>(state.range(0)));
  const std::string arguments = std::string(R"({"command": "cat )") + file + "\"}";
  Input input{.text = text, .tool_name = "Bash", .tool_arguments = arguments};
  input.question = "What does handle_7() do?";
  input.gaps = input.fold_reads = true;
  const Query query(input);
  const Expired never;
  const ExcerptInput in{.input = input, .text = text, .query = query, .expired = never};
  for (auto _ : state) {
    std::optional<Excerpt> excerpt = rule == "code_excerpt" ? ExcerptCode(in) : ExcerptMinified(in);
    if (!excerpt.has_value() || excerpt->rule != rule || excerpt->text.size() * 2 > text.size() ||
        excerpt->text.find("handle_7(") == std::string::npos) {
      state.SkipWithError("wrong excerpt");
      break;
    }
    benchmark::DoNotOptimize(excerpt);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Arg(4'000'000)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(Time, python, Python, "a.py", "code_excerpt")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, typescript, Typescript, "a.ts", "code_excerpt")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, cpp, Cpp, "a.cc", "code_excerpt")->Apply(Sizes);
BENCHMARK_CAPTURE(Time, minified, Minified, "a.min.js", "minified_excerpt")->Apply(Sizes);

}  // namespace
}  // namespace headroom::text
