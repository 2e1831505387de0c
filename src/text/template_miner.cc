#include "text/template_miner.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"

namespace headroom::text {
namespace {

enum class Byte : uint8_t { kWord, kDigit, kDivider };

constexpr std::array<Byte, 256> Bytes() {
  std::array<Byte, 256> bytes{};
  for (int c = 0; c < 256; ++c) {
    const std::string_view dividers = " \t=,;()[]{}<>|\"'`\r\n";
    const char byte = static_cast<char>(c);
    const bool divides = dividers.find(byte) != std::string_view::npos;
    bytes[static_cast<size_t>(c)] = IsDigit(byte) ? Byte::kDigit : divides ? Byte::kDivider : Byte::kWord;
  }
  return bytes;
}

constexpr std::array<Byte, 256> kBytes = Bytes();

Byte ByteOf(char c) { return kBytes[static_cast<unsigned char>(c)]; }

constexpr uint64_t kSeed = 0xcbf29ce484222325ULL;
constexpr uint64_t kPrime = 0x00000100000001b3ULL;

constexpr uint64_t Mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 29);
}

constexpr uint64_t HashOfWord(std::string_view word) {
  uint64_t hash = kSeed;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return hash | 1;  // never kVariable
}

// "200" behind "HTTP/1.1" or behind the key "status" keeps its hundred.
bool IsStatus(std::string_view line, uint32_t begin, uint32_t end, bool status_before) {
  return status_before && end - begin == 3 && LeadingDigits(line.substr(begin, 3)) == 3;
}

bool AnnouncesStatus(std::string_view word) {
  return word.starts_with("HTTP/") || word == "status" || word == "status_code" || word == "statusCode";
}

bool IsHexMark(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == 'x' || c == '.' || c == ':' || c == '-';
}

bool IsMark(char c) {
  return c == ':' || c == '.' || c == '!' || c == '?' || c == '-' || c == '*' || c == '#' || c == '~';
}

}  // namespace

void TemplateMiner::ReadWords(std::string_view line) {
  words_.clear();
  constants_ = 0;
  masked_hash_ = kSeed;
  bool status_before = false;
  const auto size = static_cast<uint32_t>(std::min<size_t>(line.size(), UINT32_MAX));
  for (uint32_t at = 0; at < size && words_.size() < kMaxWords;) {
    if (ByteOf(line[at]) == Byte::kDivider) {
      ++at;
      continue;
    }
    const uint32_t begin = at;
    bool digits = false;
    bool in_digits = false;
    bool hex = true;
    uint32_t changes = 0;
    uint64_t hash = kSeed;
    for (; at < size && ByteOf(line[at]) != Byte::kDivider; ++at) {
      const bool digit = ByteOf(line[at]) == Byte::kDigit;
      hex = hex && (digit || IsHexMark(line[at]));
      changes += digit != in_digits ? 1 : 0;
      if (digit && in_digits) continue;
      in_digits = digit;
      digits = digits || digit;
      hash = (hash ^ static_cast<unsigned char>(digit ? '0' : line[at])) * kPrime;
    }
    // Numbers, times, hashes and random ids are alike, whatever their letters are.
    if (digits && (hex || changes > 4)) hash = kSeed;
    uint32_t end = at;
    while (end > begin && IsMark(line[end - 1])) --end;
    const std::string_view text = line.substr(begin, end - begin);
    uint64_t word = digits ? kVariable : HashOfWord(text);
    if (IsStatus(line, begin, end, status_before)) hash = word = HashOfWord(text.substr(0, 1));
    masked_hash_ = Mix(masked_hash_, hash);
    if (end == begin) continue;
    status_before = AnnouncesStatus(text);
    constants_ += word == kVariable ? 0 : 1;
    words_.push_back({word, begin, end});
  }
  // Rulers and the like: known by what they are made of.
  if (!words_.empty() || line.empty()) return;
  words_.push_back({HashOfWord(Trim(line).substr(0, 1)), 0, 0});
  masked_hash_ = Mix(masked_hash_, words_[0].hash);
}

size_t TemplateMiner::Add(std::string_view line) {
  ReadWords(line);
  const auto known = remembered_.find(masked_hash_);
  if (known != remembered_.end()) {
    ++counts_[known->second];
    return known->second;
  }
  const size_t id = Place();
  ++counts_[id];
  if (remembered_.size() < kMaxRemembered) remembered_.emplace(masked_hash_, static_cast<uint32_t>(id));
  return id;
}

size_t TemplateMiner::Place() {
  uint64_t key = Mix(kSeed, words_.size());
  const auto first =
      std::find_if(words_.begin(), words_.end(), [](const Word& word) { return word.hash != kVariable; });
  if (first != words_.end()) key = Mix(key, first->hash);
  for (const Word& word : words_) {
    if (word.hash == kVariable || word.end - word.begin != 3) continue;
    for (char hundred = '1'; hundred <= '5'; ++hundred) {
      if (word.hash == HashOfWord(std::string_view(&hundred, 1))) key = Mix(key, word.hash);
    }
  }
  std::vector<uint32_t>& leaf = leaves_[key];
  const size_t similar = Similar(leaf);
  if (similar != SIZE_MAX) {
    Generalise(similar);
    return similar;
  }
  return MakeTemplate(&leaf);
}

// The template of the leaf that shares most words with the line, at least half of them.
size_t TemplateMiner::Similar(const std::vector<uint32_t>& leaf) const {
  size_t best = SIZE_MAX;
  size_t best_shared = 0;
  for (const uint32_t id : leaf) {
    const uint64_t* const words = pool_.data() + begins_[id];
    size_t shared = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      shared += words_[i].hash != kVariable && words[i] == words_[i].hash ? 1 : 0;
    }
    if (best != SIZE_MAX && shared <= best_shared) continue;
    if (shared * 2 < constants_) continue;
    best = id;
    best_shared = shared;
  }
  return best;
}

void TemplateMiner::Generalise(size_t id) {
  uint64_t* const words = pool_.data() + begins_[id];
  for (size_t i = 0; i < words_.size(); ++i) {
    if (words[i] != words_[i].hash) words[i] = kVariable;
  }
}

size_t TemplateMiner::MakeTemplate(std::vector<uint32_t>* leaf) {
  if (counts_.size() == kMaxTemplates) return kMaxTemplates - 1;
  const auto id = static_cast<uint32_t>(counts_.size());
  begins_.push_back(static_cast<uint32_t>(pool_.size()));
  for (const Word& word : words_) pool_.push_back(word.hash);
  counts_.push_back(0);
  if (leaf->size() < kMaxCompared) leaf->push_back(id);
  return id;
}

}  // namespace headroom::text
