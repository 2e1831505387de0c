// pack_vocabulary RANKS OUT: turns a .tiktoken rank file into the packed form of
// tokens/vocabulary_format.h. Runs at build time.
//
// A rank file has one "base64(token) rank" per line. The packer checks what the
// algorithm in bpe.cc relies on and fails on any vocabulary that differs:
// the 256 bytes are tokens 0..255, ranks are dense, every other token is what
// byte pair encoding makes of its own bytes, and its halves rank before it.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokens/vocabulary_format.h"

namespace headroom::tokens::format {
namespace {

using Ranks = std::unordered_map<std::string_view, TokenId>;

std::string DecodeBase64(std::string_view text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    if (c == '=') break;
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) throw std::runtime_error("a token is not base64");
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count));
    }
  }
  return bytes;
}

std::vector<std::string> ReadTokens(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read the rank file");
  std::vector<std::string> tokens;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    const size_t space = line.find(' ');
    if (space == std::string::npos) throw std::runtime_error("a line has no rank");
    const size_t rank = std::stoul(line.substr(space + 1));
    if (rank >= kNoToken) throw std::runtime_error("a rank does not fit");
    if (rank >= tokens.size()) tokens.resize(rank + 1);
    tokens[rank] = DecodeBase64(std::string_view(line).substr(0, space));
  }
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].empty() || tokens[i].size() > 255) throw std::runtime_error("ranks are not dense");
    if ((i < 256) != (tokens[i].size() == 1)) throw std::runtime_error("ranks do not start with the bytes");
  }
  return tokens;
}

// The last pair before `text` is whole when it is encoded alone, by textbook
// byte pair encoding; a byte names itself twice.
Split LastMerge(std::string_view text, TokenId self, const Ranks& ranks) {
  if (text.size() == 1) return {self, self};
  std::vector<size_t> cuts(text.size() + 1);
  for (size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
  while (cuts.size() > 3) {
    size_t best = 0;
    TokenId best_rank = kNoToken;
    for (size_t i = 0; i + 2 < cuts.size(); ++i) {
      const auto found = ranks.find(text.substr(cuts[i], cuts[i + 2] - cuts[i]));
      if (found == ranks.end() || found->second >= best_rank) continue;
      best = i;
      best_rank = found->second;
    }
    if (best_rank == kNoToken) throw std::runtime_error("merging never reaches a token");
    cuts.erase(cuts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return {ranks.at(text.substr(0, cuts[1])), ranks.at(text.substr(cuts[1]))};
}

std::vector<Split> BuildSplits(const std::vector<std::string>& tokens, const Ranks& ranks) {
  std::vector<Split> splits(tokens.size());
  for (TokenId id = 0; id < tokens.size(); ++id) {
    splits[id] = LastMerge(tokens[id], id, ranks);
    if (id >= 256 && (splits[id].left >= id || splits[id].right >= id)) {
      throw std::runtime_error("a token is made of later ones");
    }
  }
  return splits;
}

std::vector<uint64_t> BuildPairs(const std::vector<Split>& splits) {
  uint32_t slots = 1;
  while (slots < 2 * splits.size()) slots *= 2;
  std::vector<uint64_t> pairs(slots, kEmptyPair);
  for (TokenId id = 256; id < splits.size(); ++id) {
    const uint64_t key = PairKey(splits[id].left, splits[id].right);
    uint32_t slot = PairSlot(HashPair(key), slots);
    while (pairs[slot] != kEmptyPair) slot = (slot + 1) & (slots - 1);
    pairs[slot] = PackPair(key, id);
  }
  return pairs;
}

std::vector<uint64_t> BuildFilter(const std::vector<uint64_t>& pairs) {
  const auto slots = static_cast<uint32_t>(pairs.size());
  std::vector<uint64_t> filter(slots / 16, 0);
  for (uint64_t pair : pairs) {
    if (pair == kEmptyPair) continue;
    const uint32_t bit = FilterBit(HashPair(pair >> kTokenBits), slots);
    filter[bit / 64] |= uint64_t{1} << (bit % 64);
  }
  return filter;
}

std::vector<TokenId> BuildPrefixes(const std::vector<std::string>& tokens, const Ranks& ranks) {
  std::vector<TokenId> prefixes(tokens.size(), kNoToken);
  for (TokenId id = 256; id < tokens.size(); ++id) {
    const std::string_view text = tokens[id];
    for (size_t length = text.size() - 1; length > 0; --length) {
      const auto found = ranks.find(text.substr(0, length));
      if (found == ranks.end()) continue;
      prefixes[id] = found->second;
      break;
    }
  }
  return prefixes;
}

// Lays the trie of the sorted tokens out as a double array, widest nodes near
// the root first (breadth-first order), each at the first base where all its
// children find free cells.
class TrieBuilder {
 public:
  explicit TrieBuilder(const std::vector<std::string>& tokens) {
    for (TokenId id = 0; id < tokens.size(); ++id) sorted_.push_back({tokens[id], id});
    std::sort(sorted_.begin(), sorted_.end());
  }

  std::vector<uint64_t> Build() {
    Grow(1);
    used_[0] = true;
    std::vector<Node> queue = {{0, 0, sorted_.size(), 0}};
    for (size_t next = 0; next < queue.size(); ++next) PlaceChildren(queue[next], &queue);
    cells_.resize(std::max<size_t>(last_base_ + 256, cells_.size()), kFree);
    if (cells_.size() >= kNoParent) throw std::runtime_error("the trie does not fit");
    return std::move(cells_);
  }

 private:
  struct Node {
    uint32_t cell;
    size_t begin, end;  // of the tokens below it
    size_t depth;
  };
  static constexpr uint64_t kFree = PackCell(0, kNoParent, kNoToken);

  void Grow(size_t size) {
    if (size <= cells_.size()) return;
    cells_.resize(size, kFree);
    used_.resize(size, false);
  }

  void PlaceChildren(const Node node, std::vector<Node>* queue) {
    std::vector<Node> children;
    std::vector<uint8_t> labels;
    size_t i = node.begin;
    TokenId own = kNoToken;
    if (node.depth > 0 && sorted_[i].first.size() == node.depth) own = sorted_[i++].second;
    while (i < node.end) {
      const uint8_t label = static_cast<uint8_t>(sorted_[i].first[node.depth]);
      const size_t begin = i;
      while (i < node.end && static_cast<uint8_t>(sorted_[i].first[node.depth]) == label) ++i;
      children.push_back({0, begin, i, node.depth + 1});
      labels.push_back(label);
    }
    const uint32_t base = children.empty() ? 0 : FindBase(labels);
    last_base_ = std::max(last_base_, base);
    cells_[node.cell] = PackCell(base, CellParent(cells_[node.cell]), own);
    for (size_t c = 0; c < children.size(); ++c) {
      const uint32_t cell = base + labels[c];
      used_[cell] = true;
      cells_[cell] = PackCell(0, node.cell, kNoToken);
      children[c].cell = cell;
      queue->push_back(children[c]);
    }
  }

  uint32_t FindBase(const std::vector<uint8_t>& labels) {
    while (first_free_ < used_.size() && used_[first_free_]) ++first_free_;
    size_t tries = 0;
    for (size_t cell = std::max<size_t>(first_free_, labels[0]);; ++cell) {
      Grow(cell + 257);
      if (used_[cell]) continue;
      // Crowded stretches are left behind for good after many misses.
      if (++tries > 4096) first_free_ = cell;
      const size_t base = cell - labels[0];
      if (std::all_of(labels.begin(), labels.end(), [&](uint8_t label) { return !used_[base + label]; })) {
        return static_cast<uint32_t>(base);
      }
    }
  }

  std::vector<std::pair<std::string_view, TokenId>> sorted_;
  std::vector<uint64_t> cells_;
  std::vector<bool> used_;
  size_t first_free_ = 1;
  uint32_t last_base_ = 0;
};

class Writer {
 public:
  Writer() : bytes_(sizeof(Header), '\0') {}

  template <typename T>
  uint32_t Append(const std::vector<T>& section) {
    bytes_.resize((bytes_.size() + 63) / 64 * 64, '\0');
    const size_t offset = bytes_.size();
    bytes_.append(reinterpret_cast<const char*>(section.data()), section.size() * sizeof(T));
    return static_cast<uint32_t>(offset);
  }

  void Save(Header header, const char* path) {
    header.file_bytes = static_cast<uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &header, sizeof(header));
    std::ofstream file(path, std::ios::binary);
    file.write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write the packed file");
  }

 private:
  std::string bytes_;
};

void Pack(const char* ranks_path, const char* out_path) {
  const std::vector<std::string> tokens = ReadTokens(ranks_path);
  Ranks ranks;
  for (TokenId id = 0; id < tokens.size(); ++id) ranks.emplace(tokens[id], id);
  const std::vector<Split> splits = BuildSplits(tokens, ranks);
  const std::vector<uint64_t> pairs = BuildPairs(splits);
  const std::vector<uint64_t> trie = TrieBuilder(tokens).Build();
  std::vector<uint8_t> lengths;
  for (const std::string& token : tokens) lengths.push_back(static_cast<uint8_t>(token.size()));

  Writer writer;
  Header header = {};
  header.magic = kMagic;
  header.token_count = static_cast<uint32_t>(tokens.size());
  header.trie_cells = static_cast<uint32_t>(trie.size());
  header.pair_slots = static_cast<uint32_t>(pairs.size());
  header.trie_offset = writer.Append(trie);
  header.filter_offset = writer.Append(BuildFilter(pairs));
  header.pairs_offset = writer.Append(pairs);
  header.splits_offset = writer.Append(splits);
  header.prefixes_offset = writer.Append(BuildPrefixes(tokens, ranks));
  header.lengths_offset = writer.Append(lengths);
  writer.Save(header, out_path);
}

}  // namespace
}  // namespace headroom::tokens::format

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: pack_vocabulary RANKS OUT\n");
    return 2;
  }
  try {
    headroom::tokens::format::Pack(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
    return 1;
  }
  return 0;
}
