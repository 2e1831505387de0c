// Groups lines by what they have in common, one line at a time.
//
//   user alice logged in from 10.0.0.7      user <*> logged in from <*>   template 0
//   user bob logged in from 10.0.0.9        the same
//   disk 3 failing                          disk <*> failing              template 1
//
// In the manner of Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach
// with Fixed Depth Tree", ICWS 2017): lines of the same number of words and the same
// first constant word are compared word by word with the templates seen so far; the most
// similar one takes the line if at least half of the line's words agree, and keeps only
// the words that do. Words with digits are variable from the start. An HTTP status
// stands for its hundred: "500" does not meet "200". Streaming; the same lines in the
// same order give the same ids. Thread-compatible.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headroom::text {

class TemplateMiner {
 public:
  // Past this many templates, lines that fit none share the last.
  static constexpr size_t kMaxTemplates = 20'000;
  // Words of a line that are compared; what is behind them counts as one.
  static constexpr size_t kMaxWords = 64;

  struct Word {
    uint64_t hash = 0;   // of the bytes, or kVariable
    uint32_t begin = 0;  // offsets into the line
    uint32_t end = 0;
  };
  static constexpr uint64_t kVariable = 0;

  // The template of `line`, a number from 0 in order of first sight.
  // Cost: O(line), at most kMaxCompared templates are compared.
  size_t Add(std::string_view line);

  // Reads the words of `line` without giving it a template.
  void Read(std::string_view line) { ReadWords(line); }

  size_t size() const { return counts_.size(); }
  size_t count(size_t id) const { return counts_[id]; }

  // Of the line added or read last: its words, and a hash of it in which digits are alike, so that
  // lines which differ in numbers only have the same.
  std::span<const Word> words() const { return words_; }
  uint64_t masked_hash() const { return masked_hash_; }

 private:
  static constexpr size_t kMaxCompared = 48;
  static constexpr size_t kMaxRemembered = 200'000;

  void ReadWords(std::string_view line);
  size_t Place();
  size_t Similar(const std::vector<uint32_t>& leaf) const;
  void Generalise(size_t id);
  size_t MakeTemplate(std::vector<uint32_t>* leaf);

  std::vector<Word> words_;
  size_t constants_ = 0;  // of words_ that are not variable
  uint64_t masked_hash_ = 0;

  std::unordered_map<uint64_t, std::vector<uint32_t>> leaves_;  // by word count and first word
  std::unordered_map<uint64_t, uint32_t> remembered_;           // by masked hash
  std::vector<uint32_t> begins_;                                // of each template in pool_, and the end
  std::vector<uint64_t> pool_;                                  // the words of all templates
  std::vector<size_t> counts_;
};

}  // namespace headroom::text
