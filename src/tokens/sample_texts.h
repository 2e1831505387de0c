// Texts of all scripts and shapes for tests and benchmarks of the counter: named
// ones for what is known to be delicate, random ones from a seed for the rest.
// All are valid UTF-8, because npm tiktoken takes nothing else.

#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::tokens {

inline void AppendUtf8(uint32_t c, std::string* text) {
  const auto put = [text](uint32_t byte) { text->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

class SampleTexts {
 public:
  explicit SampleTexts(uint64_t seed) : random_(seed) {}

  static constexpr int kKinds = 12;

  // A text of one kind (0 <= kind < kKinds) of about `pieces` words or runs.
  std::string Text(int kind, int pieces) {
    std::string text;
    for (int i = 0; i < pieces; ++i) AppendPiece(kind, &text);
    return text;
  }

  size_t Below(size_t bound) { return random_() % bound; }

 private:
  template <size_t N>
  std::string_view Pick(const std::array<std::string_view, N>& from) {
    return from[Below(N)];
  }

  void Repeat(std::string_view alphabet, size_t count, std::string* text) {
    for (size_t i = 0; i < count; ++i) text->push_back(alphabet[Below(alphabet.size())]);
  }

  void AppendPiece(int kind, std::string* text) {
    switch (kind) {
      case 0:
        return AppendScript(text);
      case 1:
        for (size_t n = Below(12); n > 0; --n) text->push_back(static_cast<char>(0x20 + Below(0x5f)));
        return;
      case 2:
        return AppendWhiteSpace(text);
      case 3:
        return AppendWord(text);
      case 4:
        Repeat("0123456789", 1 + Below(9), text);
        return text->append(Pick<5>({" ", ".", ",", ":", "-"})), void();
      case 5:
        Repeat("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 8 + Below(60), text);
        return text->append(Pick<3>({"=\n", "==", "\r\n"})), void();
      case 6:
        return AppendCode(text);
      case 7:
        return AppendEmoji(text);
      case 8: {
        std::string unit;
        AppendScript(&unit);
        for (size_t n = 1 + Below(40); n > 0; --n) text->append(unit);
        return;
      }
      case 9:
        Repeat("abcdefghijklmnopqrstuvwxyz", 1 + Below(80), text);
        return;
      case 10:
        return AppendMarks(text);
      default:
        return AppendLogLine(text);
    }
  }

  void AppendScript(std::string* text) {
    struct Range {
      uint32_t first, last;
    };
    static constexpr Range kScripts[] = {
        {0x00a1, 0x024f},   {0x0250, 0x02ff},   {0x0370, 0x03ff},   {0x0400, 0x052f},   {0x0531, 0x058f},
        {0x0591, 0x05f4},   {0x0600, 0x06ff},   {0x0700, 0x074f},   {0x0900, 0x097f},   {0x0980, 0x09ff},
        {0x0a00, 0x0aff},   {0x0b00, 0x0bff},   {0x0c00, 0x0d7f},   {0x0d80, 0x0dff},   {0x0e00, 0x0eff},
        {0x0f00, 0x0fff},   {0x1000, 0x109f},   {0x10a0, 0x10ff},   {0x1100, 0x11ff},   {0x1200, 0x139f},
        {0x13a0, 0x16ff},   {0x1780, 0x18af},   {0x1c80, 0x1cff},   {0x1d00, 0x1fff},   {0x2000, 0x206f},
        {0x2070, 0x20ff},   {0x2100, 0x218f},   {0x2190, 0x23ff},   {0x2460, 0x27bf},   {0x2c00, 0x2e7f},
        {0x3000, 0x303f},   {0x3040, 0x30ff},   {0x3100, 0x33ff},   {0x4e00, 0x9fff},   {0x4e00, 0x5fff},
        {0xa000, 0xabff},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfb00, 0xfdff},   {0xfe00, 0xffef},
        {0x10000, 0x105ff}, {0x10800, 0x10fff}, {0x11000, 0x11fff}, {0x12000, 0x123ff}, {0x13000, 0x1342f},
        {0x16800, 0x16fff}, {0x1b000, 0x1b2ff}, {0x1d400, 0x1d7ff}, {0x1e000, 0x1e95f}, {0x1f000, 0x1faff},
        {0x20000, 0x2a6df}, {0x2ebf0, 0x2ee5d}, {0x30000, 0x323af}, {0xe0100, 0xe01ef}, {0x10fff0, 0x10ffff},
    };
    const Range& range = kScripts[Below(std::size(kScripts))];
    for (size_t n = 1 + Below(10); n > 0; --n) {
      AppendUtf8(range.first + static_cast<uint32_t>(Below(range.last - range.first + 1)), text);
    }
    if (Below(3) == 0) text->push_back(' ');
  }

  void AppendWhiteSpace(std::string* text) {
    static constexpr uint32_t kSpaces[] = {' ',    ' ',    ' ',    '\t',   '\n',   '\r',   '\v',
                                           '\f',   0x85,   0xa0,   0x1680, 0x2000, 0x200a, 0x2028,
                                           0x2029, 0x202f, 0x205f, 0x3000, 0x200b, 0xfeff, 0x180e};
    const size_t few = Below(2) == 0 ? 6 : std::size(kSpaces);
    for (size_t n = 1 + Below(9); n > 0; --n) AppendUtf8(kSpaces[Below(few)], text);
    text->append(Pick<6>({"", "", "x", "'s", "//", "7"}));
  }

  void AppendWord(std::string* text) {
    std::string word(Pick<14>({"hello", "world", "don", "we", "Internationalisation", "HTTP", "server", "naïve",
                               "Straße", "ΑΒΓ", "привет", "Token", "iPhone", "antidisestablishmentarianism"}));
    if (Below(4) == 0) {
      for (char& c : word) c = c >= 'a' && c <= 'z' && Below(2) == 0 ? static_cast<char>(c - 32) : c;
    }
    text->append(word);
    text->append(Pick<18>({" ", " ", " ", ", ", ". ", "'s ", "'T", "'re", "'VE ", "'ll", "'d", "'m ", "'ſ", "-", "\n",
                           "\n\n", "_", "'"}));
  }

  void AppendCode(std::string* text) {
    text->append(Pick<24>({"    ",         "\t\t",    "if (x == nullptr) {\n",
                           "return ",      "}\n",     "};\n\n",
                           "// ",          "/*",      "*/\n",
                           "std::",        "foo_bar", "getHTTPResponseCode",
                           "<div>",        "</div>",  "<|endoftext|>",
                           "<|im_start|>", "\\n",     "\"key\": ",
                           "=> {\n",       "#!/",     "::<Vec<_>>()",
                           "0x7fff",       "\r\n",    "https://example.org/a/b?c=d&e=%20"}));
  }

  void AppendEmoji(std::string* text) {
    static constexpr uint32_t kEmoji[] = {0x1f469, 0x1f4bb, 0x1f468, 0x1f467, 0x2764,
                                          0x1f1e9, 0x1f1ea, 0x1f44d, 0x1f3fd};
    AppendUtf8(kEmoji[Below(std::size(kEmoji))], text);
    static constexpr uint32_t kJoiners[] = {0x200d, 0xfe0f, 0x1f3ff, ' '};
    AppendUtf8(kJoiners[Below(std::size(kJoiners))], text);
  }

  // The split rules' delicate characters in random order.
  void AppendMarks(std::string* text) {
    static constexpr uint32_t kDelicate[] = {'A', 'b', 'Z',  0x0301, 0x0308, 0x05b0, 0x01c5, 0x02b0, 0x4e2d, '!', '/',
                                             ' ', '1', '\'', 's',    'S',    0x017f, 0x2160, 0x00b2, '\n',   'l', 'L'};
    for (size_t n = 1 + Below(8); n > 0; --n) AppendUtf8(kDelicate[Below(std::size(kDelicate))], text);
  }

  void AppendLogLine(std::string* text) {
    text->append("2025-03-0" + std::to_string(Below(10)) + "T12:" + std::to_string(Below(60)) + ":07.331Z ");
    text->append(Pick<5>({"INFO  ", "ERROR ", "[warn] ", "DEBUG(42) ", "\x1b[31mfatal\x1b[0m "}));
    text->append(
        Pick<5>({"com.acme.Service: ", "kernel: ", "GET /api/v1/items ", "{\"id\":", "at foo (/src/a.ts:10:5) "}));
    text->append(std::to_string(random_()) + "\n");
  }

  std::mt19937_64 random_;
};

// Texts that have tripped tokenisers, one reason each.
inline std::vector<std::string> NamedTexts() {
  std::vector<std::string> texts = {
      "",
      " ",
      "\n",
      "a",
      "Hello, world!",
      "<|endoftext|>",
      "<|endofprompt|><|fim_prefix|>",
      "I've we'LL you'd it's IT'S 'ſ x'ſ",
      "''s 's' 'll'l",
      "getHTTPServer HTTPServer serverHTTP XMLHttpRequest",
      "a\u0301bc \u0301 \u0301\u0301A !\u0301A !!\u0301 ABC\u0301DEF",
      "\u4e2dA\u6587B aA\u4e2d A\u4e2dBC",
      "trailing   ",
      "trailing\n",
      "trailing \n ",
      "   leading",
      "a  b   c    d",
      "a \n b\r\n c\r d\n\n\n e \t\n\t f",
      "\u00a0\u00a0x\u3000y\u0085z\u2028w",
      "1234567890 12 3 \u0661\u0662\u0663\u0664 \u2167\u00bd\u00b2",
      "!!!///\n\n// a/b/c\r\n//\n/",
      ".,;:\n\r\n!",
      "https://example.org/a?b=c#d",
      "{\"a\":[1,2.5,-3e10,null,true],\"b\":\"\\u00e9\\n\"}",
      "\tif (a) {\n\t\treturn b;\n\t}\n",
      "\U0001f469\u200d\U0001f4bb\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea",
      "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0928\u092e\u0938\u094d\u0924\u0947 \u0645\u0631\u062d\u0628\u0627",
      "\ufffd\ufeff\ufffe\U0010ffff\u200b",
      std::string("a\0b\0\0c", 6),
      "d41d8cd98f00b204e9800998ecf8427e",
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  };
  for (std::string_view unit :
       {"a", "A", " ", "\n", "\t", "1", "-", "=", "ab", "aA", "\u4e2d", "\u0301", " \n", "\r\n"}) {
    for (int count : {2, 3, 16, 17, 63, 64, 65, 128, 129, 400}) {
      std::string text;
      for (int i = 0; i < count; ++i) text.append(unit);
      texts.push_back(text);
      texts.push_back("x" + text + "y");
    }
  }
  return texts;
}

}  // namespace headroom::tokens
