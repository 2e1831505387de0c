// The parts that touch every byte of a body: index, walk, splice. Bytes per
// second should not depend on the size.

#include <benchmark/benchmark.h>

#include <string>

#include "json/document.h"
#include "json/edits.h"
#include "json/strings.h"

namespace headroom::json {
namespace {

constexpr std::string_view kOldText =
    "\"line 1\\nline 2 \\u2713 with a \\\"quoted\\\" word and a path C:\\\\src\\\\main.cc\"";
constexpr std::string_view kNewText = "\"shorter\"";

// {"messages":[{"role":"user","content":[{"type":"text","text":...,"n":1.5e3},...]},...]}
struct Body {
  explicit Body(size_t bytes) {
    std::string text = R"({"model":"m","stream":true,"messages":[)";
    while (text.size() < bytes) {
      if (texts > 0) text += ',';
      text += R"({"role":"user","content":[{"type":"text","text":)";
      text += kOldText;
      text += R"(,"n":1.5e3,"none":null,"deep":[[1,2],{"a":true}]}]})";
      ++texts;
    }
    text += "]}";
    body.Append(text);
  }

  PaddedBytes body;
  size_t texts = 0;
};

void SetBytes(benchmark::State& state, const Body& body) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.body.size()));
}

void Parse(benchmark::State& state) {
  const Body body(static_cast<size_t>(state.range(0)));
  Document document;
  for (auto _ : state) {
    if (!document.Parse(body.body).ok()) return state.SkipWithError("not read");
  }
  if (document.Elements(*document.Find(document.root(), "messages")).size() != body.texts) {
    return state.SkipWithError("wrong number of messages");
  }
  SetBytes(state, body);
}

size_t CountTexts(const Document& document, const Token& token) {
  size_t texts = 0;
  if (token.type == Type::kObject) {
    for (const Member& member : document.Members(token)) {
      texts += document.TextIs(member.key, "text");
      texts += CountTexts(document, member.value);
    }
  } else if (token.type == Type::kArray) {
    for (const Token& element : document.Elements(token)) texts += CountTexts(document, element);
  }
  return texts;
}

// Every member and element, each key compared.
void Walk(benchmark::State& state) {
  const Body body(static_cast<size_t>(state.range(0)));
  Document document;
  if (!document.Parse(body.body).ok()) return state.SkipWithError("not read");
  for (auto _ : state) {
    if (CountTexts(document, document.root()) != body.texts) return state.SkipWithError("wrong number of texts");
  }
  SetBytes(state, body);
}

// Every text replaced.
void Splice(benchmark::State& state) {
  const Body body(static_cast<size_t>(state.range(0)));
  const std::string_view text = body.body.view();
  std::string spliced;
  for (auto _ : state) {
    EditList edits(static_cast<uint32_t>(text.size()));
    for (size_t at = text.find(kOldText); at != text.npos; at = text.find(kOldText, at + kOldText.size())) {
      const ByteSpan span{static_cast<uint32_t>(at), static_cast<uint32_t>(at + kOldText.size())};
      if (!edits.Replace(span, std::string(kNewText)).ok()) return state.SkipWithError("refused");
    }
    spliced = edits.Splice(text);
    benchmark::DoNotOptimize(spliced);
  }
  if (spliced.size() != text.size() - body.texts * (kOldText.size() - kNewText.size())) {
    return state.SkipWithError("wrong size");
  }
  SetBytes(state, body);
}

void Strings(benchmark::State& state) {
  std::string inside;
  while (inside.size() < static_cast<size_t>(state.range(0))) inside += kOldText.substr(1, kOldText.size() - 2);
  if (Quote(*Unescape(inside)).size() >= inside.size()) return state.SkipWithError("the escape of U+2713 stayed");
  for (auto _ : state) benchmark::DoNotOptimize(Quote(*Unescape(inside)));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * inside.size()));
}

BENCHMARK(Parse)->RangeMultiplier(10)->Range(10'000, 10'000'000);
BENCHMARK(Walk)->RangeMultiplier(10)->Range(10'000, 10'000'000);
BENCHMARK(Splice)->RangeMultiplier(10)->Range(10'000, 10'000'000);
BENCHMARK(Strings)->RangeMultiplier(10)->Range(10'000, 10'000'000);

}  // namespace
}  // namespace headroom::json
