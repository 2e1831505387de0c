// What the rules of ExcerptLog have decided of each line so far.
//
//   kOpen     nothing yet: stays unless its shape is frequent
//   kMayGo    a rule knows why it can go, one more of a frequent shape: comes back when asked for
//   kGoes     goes even then: a passed test, progress, a library's frame
//   kMust     stays, whatever else is said of it
//
// Thread-compatible.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::text {

enum class Fate : uint8_t { kOpen, kMayGo, kGoes, kMust };

class LogPlan {
 public:
  explicit LogPlan(size_t lines) : fates_(lines, Fate::kOpen), repeats_(lines) {}

  size_t size() const { return fates_.size(); }
  Fate operator[](size_t line) const { return fates_[line]; }

  void Must(size_t line) {
    if (line < fates_.size()) fates_[line] = Fate::kMust;
  }
  void Must(size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, fates_.size()); ++i) Must(i);
  }
  // What must stay does.
  void MayGo(size_t line) {
    if (line < fates_.size() && fates_[line] == Fate::kOpen) fates_[line] = Fate::kMayGo;
  }
  void MayGo(size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, fates_.size()); ++i) MayGo(i);
  }

  void Goes(size_t line) {
    if (line < fates_.size() && fates_[line] != Fate::kMust) fates_[line] = Fate::kGoes;
  }
  void Goes(size_t begin, size_t end) {
    for (size_t i = begin; i < std::min(end, fates_.size()); ++i) Goes(i);
  }
  bool stays(size_t line) const { return fates_[line] == Fate::kOpen || fates_[line] == Fate::kMust; }

  // Says that an error may go because one like it stays: a gap tells how many it holds.
  void Repeats(size_t line) {
    MayGo(line);
    repeats_[line] = true;
  }
  bool repeats(size_t line) const { return repeats_[line]; }

 private:
  std::vector<Fate> fates_;
  std::vector<bool> repeats_;
};

}  // namespace headroom::text
