// Token counting by kind of text, and the parts it is made of.
//
//   count/<encoding>/<kind>   Encoding::Count
//   split/<encoding>/<kind>   the split rule alone
//   engine/<search|merge|both>/<shape>   one piece of 300 KB
//
// Texts: files of this repository and of node_modules, and generated ones. Where
// HEADROOM_BENCH_TEXTS names a folder they are written there, for
// bench/tokens_vs_tiktoken.mjs.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tokens/bpe.h"
#include "tokens/character_class.h"
#include "tokens/encoding.h"

namespace headroom::tokens {
namespace {

constexpr size_t kTextBytes = 400'000;

std::string Files(const char* folder, const std::vector<std::string_view>& endings) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto ends = [&name](std::string_view ending) { return name.ends_with(ending); };
    if (entry.is_regular_file() && std::any_of(endings.begin(), endings.end(), ends)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::string text;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    text.append(std::istreambuf_iterator<char>(file), {});
    if (text.size() >= kTextBytes) break;
  }
  size_t size = std::min(text.size(), kTextBytes);
  while (size > 0 && size < text.size() && (text[size] & 0xc0) == 0x80) --size;
  text.resize(size);
  return text;
}

std::string Logs() {
  std::mt19937_64 random(1);
  const char* const messages[] = {"GET /api/v1/items/{} 200 in {}ms", "worker {} took job {} from queue default",
                                  "connection reset by peer (fd {}, after {} bytes)", "cache miss for key user:{}:{}"};
  std::string text;
  while (text.size() < kTextBytes) {
    text += "2025-03-0" + std::to_string(1 + random() % 9) + "T1" + std::to_string(random() % 10) + ":" +
            std::to_string(10 + random() % 50) + ":07." + std::to_string(100 + random() % 900) + "Z ";
    text += random() % 8 == 0 ? "ERROR " : "INFO  ";
    std::string message = messages[random() % std::size(messages)];
    for (size_t at; (at = message.find("{}")) != std::string::npos;) {
      message.replace(at, 2, std::to_string(random() % 100000));
    }
    text +=
        "[http-nio-8080-exec-" + std::to_string(random() % 20) + "] com.example.shop.OrderService - " + message + "\n";
  }
  return text;
}

std::string JsonRows() {
  std::mt19937_64 random(2);
  const char* const states[] = {"shipped", "pending", "cancelled", "returned"};
  std::string text = "[";
  while (text.size() < kTextBytes) {
    text += "{\"id\": " + std::to_string(random() % 1000000) + ", \"state\": \"" + states[random() % 4] +
            "\", \"price\": " + std::to_string(random() % 500) + ".99, \"email\": \"user" +
            std::to_string(random() % 10000) + "@example.org\", \"tags\": [\"new\", \"gift\"], \"note\": null},\n ";
  }
  return text;
}

// Tokens of ideographs and kana in random order, with some punctuation.
std::string Ideographs() {
  const Vocabulary& vocabulary = O200kBase();
  std::vector<std::string> words;
  for (TokenId id = 256; id < vocabulary.size(); ++id) {
    std::string word;
    vocabulary.AppendBytes(id, &word);
    bool all = word.size() % 3 == 0;
    for (size_t i = 0; i < word.size() && all; i += 3) {
      const auto byte = [&](size_t k) { return static_cast<uint8_t>(word[i + k]); };
      all = byte(0) >= 0xe3 && byte(0) <= 0xe9 && CharacterAt(&word[i], &word[i] + 3).classes == kCaseless;
    }
    if (all) words.push_back(word);
  }
  std::mt19937_64 random(3);
  std::string text;
  while (text.size() < kTextBytes) {
    text += words[random() % words.size()];
    if (random() % 8 == 0) text += random() % 2 == 0 ? "，" : "。";
  }
  return text;
}

std::string Random(std::string_view alphabet, size_t size) {
  std::mt19937_64 random(4);
  std::string text;
  while (text.size() < size) text.push_back(alphabet[random() % alphabet.size()]);
  return text;
}

std::map<std::string, std::string> MakeTexts() {
  std::map<std::string, std::string> texts;
  texts["markdown"] = Files(HEADROOM_SOURCE_DIR "/node_modules/openai", {".md"});
  texts["typescript"] = Files(HEADROOM_SOURCE_DIR "/node_modules/openai", {".d.ts"});
  texts["cpp"] = Files(HEADROOM_SOURCE_DIR "/src", {".cc", ".h"});
  texts["logs"] = Logs();
  texts["json_rows"] = JsonRows();
  texts["ideographs"] = Ideographs();
  std::string mixed;
  for (const auto& [kind, text] : texts) mixed += text;
  texts["base64"] = Random("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", kTextBytes);
  texts["lowercase"] = Random("abcdefghijklmnopqrstuvwxyz", kTextBytes);
  texts["one_letter"] = std::string(300'000, 'a');
  texts["mixed"] = mixed;
  return texts;
}

const std::map<std::string, std::string>& Texts() {
  static const std::map<std::string, std::string> texts = MakeTexts();
  return texts;
}

void Count(benchmark::State& state, const Encoding& encoding, const std::string& text) {
  const std::vector<TokenId> ids = encoding.Encode(text);
  if (encoding.Decode(ids) != text) return state.SkipWithError("the tokens do not spell the text");
  size_t count = 0;
  for (auto _ : state) benchmark::DoNotOptimize(count = encoding.Count(text));
  if (count != ids.size()) return state.SkipWithError("Count and Encode differ");
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.counters["tokens"] = static_cast<double>(count);
}

void Split(benchmark::State& state, PieceEndFn piece_end, const std::string& text) {
  const char* const end = text.data() + text.size();
  for (auto _ : state) {
    size_t pieces = 0;
    for (const char* at = text.data(); at != end; at = piece_end(at, end)) ++pieces;
    benchmark::DoNotOptimize(pieces);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

void Engine(benchmark::State& state, bool merge, const std::string& piece) {
  BpeEncoder encoder(O200kBase());
  RankMerge merger(O200kBase());
  std::vector<TokenId> tokens;
  merger.Encode(piece, &tokens);
  if (tokens != encoder.Encode(piece)) return state.SkipWithError("the engines differ");
  for (auto _ : state) {
    if (merge) {
      merger.Encode(piece, &tokens);
    } else {
      benchmark::DoNotOptimize(encoder.Count(piece));
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * piece.size()));
}

// Sizes from 10 KB to 10 MB: bytes per second should not depend on them.
void Size(benchmark::State& state) {
  std::string text;
  while (text.size() < static_cast<size_t>(state.range(0))) text += Texts().at("mixed");
  text.resize(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(O200kEncoding().Count(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(Size)->Name("size/o200k_base")->RangeMultiplier(10)->Range(10'000, 10'000'000);

int Register() {
  for (const auto& [kind, text] : Texts()) {
    for (const Encoding* encoding : {&O200kEncoding(), &Cl100kEncoding()}) {
      const std::string name = std::string(encoding->name()) + "/" + kind;
      benchmark::RegisterBenchmark(("count/" + name).c_str(), Count, *encoding, text);
    }
    benchmark::RegisterBenchmark(("split/o200k_base/" + kind).c_str(), Split, O200kPieceEnd, text);
    benchmark::RegisterBenchmark(("split/cl100k_base/" + kind).c_str(), Split, Cl100kPieceEnd, text);
  }
  const std::map<std::string, std::string> shapes = {{"letter", std::string(300'000, 'a')},
                                                     {"dash", std::string(300'000, '-')},
                                                     {"lowercase", Random("abcdefghijklmnopqrstuvwxyz", 300'000)},
                                                     {"bytes", Random("\x80\x9f\xf3\xfa\xc0", 300'000)}};
  for (const auto& [shape, piece] : shapes) {
    benchmark::RegisterBenchmark(("engine/merge/" + shape).c_str(), Engine, true, piece);
    benchmark::RegisterBenchmark(("engine/both/" + shape).c_str(), Engine, false, piece);
  }
  if (const char* folder = std::getenv("HEADROOM_BENCH_TEXTS")) {
    for (const auto& [kind, text] : Texts()) {
      std::ofstream(std::filesystem::path(folder) / kind, std::ios::binary) << text;
    }
  }
  return 0;
}
[[maybe_unused]] const int kRegistered = Register();

}  // namespace
}  // namespace headroom::tokens
