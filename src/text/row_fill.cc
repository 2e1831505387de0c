#include "text/row_fill.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "text/row_texts.h"

namespace headroom::text {
namespace {

constexpr double kMinRelevance = 0.35;   // of the best row
constexpr size_t kPieces = 6;            // that are spread over the rest
constexpr size_t kMaxIdBytes = 4 << 20;  // of larger tables ids are not looked at
constexpr size_t kMaxIdsOfRow = 64;

class Filler {
 public:
  Filler(const RowTable& table, size_t bytes, std::vector<bool>& kept)
      : table_(table), kept_(kept), room_(bytes), spent_(BytesOfRows(table, kept)) {}

  bool full() const { return spent_ >= room_; }
  size_t left() const { return full() ? 0 : room_ - spent_; }

  // False where the row does not fit.
  bool Take(size_t row) {
    if (kept_[row]) return true;
    const size_t cost = table_.rows[row].size() + 1;
    if (spent_ + cost > room_) return false;
    spent_ += cost;
    kept_[row] = true;
    return true;
  }

  void TakeRelevant(const Relevance& relevance) {
    std::vector<size_t> order;
    for (size_t i = 0; i < kept_.size(); ++i) {
      if (!kept_[i] && relevance.score(i) >= kMinRelevance) order.push_back(i);
    }
    // Where most rows fit equally well the question tells nothing of them.
    if (order.size() * 2 > kept_.size()) return;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return relevance.score(a) > relevance.score(b); });
    for (const size_t row : order) Take(row);
  }

  // One row of each id that several rows have, but not so many that it is no id of theirs.
  void TakeThreads() {
    if (full() || BytesOfRows(table_) > kMaxIdBytes) return;
    std::vector<std::vector<uint64_t>> ids(kept_.size());
    std::unordered_map<uint64_t, uint32_t> rows_of;
    std::unordered_set<uint64_t> seen;
    for (size_t i = 0; i < kept_.size(); ++i) {
      AppendIds(table_.rows[i], ids[i]);
      std::sort(ids[i].begin(), ids[i].end());
      ids[i].erase(std::unique(ids[i].begin(), ids[i].end()), ids[i].end());
      if (ids[i].size() > kMaxIdsOfRow) ids[i].resize(kMaxIdsOfRow);
      for (const uint64_t id : ids[i]) {
        ++rows_of[id];
        if (kept_[i]) seen.insert(id);
      }
    }
    for (size_t i = 0; i < kept_.size() && !full(); ++i) {
      if (kept_[i]) continue;
      const bool fresh = std::any_of(ids[i].begin(), ids[i].end(), [&](uint64_t id) {
        const uint32_t rows = rows_of.at(id);
        return rows >= 2 && rows * 4 <= kept_.size() && !seen.contains(id);
      });
      if (fresh && Take(i)) seen.insert(ids[i].begin(), ids[i].end());
    }
  }

  void TakeFromTheTop(size_t bytes) {
    const size_t end = spent_ + std::min(bytes, left());
    for (size_t i = 0; i < kept_.size() && spent_ < end; ++i) Take(i);
  }

  // Pieces of rows that stand together: each costs one gap mark.
  void TakeSpread() {
    std::vector<size_t> others;
    for (size_t i = 0; i < kept_.size(); ++i) {
      if (!kept_[i]) others.push_back(i);
    }
    const size_t begin = spent_, room = left();
    for (size_t p = 0; p < kPieces && !others.empty(); ++p) {
      const size_t end = begin + room * (p + 1) / kPieces;
      for (size_t at = others.size() * (2 * p + 1) / (2 * kPieces); at < others.size() && spent_ < end; ++at) {
        if (!Take(others[at])) break;
      }
    }
  }

 private:
  const RowTable& table_;
  std::vector<bool>& kept_;
  size_t room_;
  size_t spent_;
};

}  // namespace

size_t BytesOfRows(const RowTable& table) {
  size_t bytes = 0;
  for (const std::string_view row : table.rows) bytes += row.size() + 1;
  return bytes;
}

size_t BytesOfRows(const RowTable& table, const std::vector<bool>& kept) {
  size_t bytes = 0;
  for (size_t i = 0; i < kept.size(); ++i) bytes += kept[i] ? table.rows[i].size() + 1 : 0;
  return bytes;
}

void FillRows(const RowTable& table, const Relevance& relevance, size_t bytes, std::vector<bool>& kept) {
  Filler filler(table, bytes, kept);
  if (filler.full()) return;
  filler.TakeRelevant(relevance);
  filler.TakeThreads();
  filler.TakeFromTheTop(filler.left() / 2);
  filler.TakeSpread();
}

}  // namespace headroom::text
