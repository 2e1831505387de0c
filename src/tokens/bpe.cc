// Byte pair encoding without merging.
//
// The definition. A piece starts as its bytes. Of all neighbours that together
// are a token, the pair whose token has the lowest rank is merged (the leftmost
// of equals), again and again until no pair is a token. Done literally this is
// quadratic, and with a heap it is n log n with a poor constant.
//
//   "unable", ranks  un 1, ab 2, le 3, able 4:
//   u n a b l e -> un a b l e -> un ab l e -> un ab le -> un able
//
// The idea. Which tokens may stand beside each other in a result depends on the
// two alone, so a result can be found by search instead of by merging, and the
// search hardly ever goes wrong: the longest token that fits is nearly always
// the right one.
//
// One split per token. Let t be a token and look at the moment when merging some
// text forms it from a pair. Until then no merge has crossed t's ends, so the
// merges inside were those of t's bytes alone, in the same order. Hence each
// token is always formed from the same pair, and a table of one pair per token
// holds every merge that can happen. (The packer checks the premises: each token
// is what its own bytes encode to, and its halves have lower ranks, so merges
// happen in order of rank.)
//
// When a pair stands. Let `left` and `right` be the results for their own bytes.
// Merging the joined bytes gives exactly left|right unless at some moment a merge
// across the border came first. Play the merges backwards, the latest (highest
// rank) first. At each moment the two parts at the border, a and b, stood beside
// each other until the token just undone took one of them up. Had a and b a token
// of a lower rank than that one, it would have been formed instead. Of equal
// ranks the leftmost goes first: the border pair lies right of a left part's
// merge and loses to it, and lies left of a right part's merge and wins. When
// both parts are bytes and nothing crossed, the pair stands.
//
//   left "un", right "able": is un+able a token? No. Undo able (4): un|ab, no
//   token. Undo ab (2): un|a, no. Undo un (1): n|a, no. Bytes: it stands.
//   left "una" (5), right "ble" (6): undo ble: una|b, no token. Undo una: a|b is
//   ab, of rank 2 < 5. It would have been formed before una: it does not stand.
//
// Three tokens in a row stand when both neighbouring pairs do: a merge that
// crosses a border is a merge of two parts at that border. And the result is
// unique. So: a sequence of tokens that spells the piece and in which every
// neighbouring pair stands is the encoding.
//
// The search. From each position take the longest token that stands beside the
// last one and whose end is not known to be a dead end; failing that the next
// shorter prefix that is a token; failing that the position is dead, and the last
// token is taken back and tried again shorter. The result for a prefix of the
// piece is unique too, so a position is reached with one possible last token:
// once dead it is dead for good, and no position is worked through twice. A
// position costs at most the token prefixes of one match times the depth of two
// tokens, both bounded by the longest token, whatever the length of the piece.
//
// Where the search is bad. The bound is no comfort for a run of 300 dashes: there
// are some seventy tokens of dashes only, up to 128 long, and nearly all
// positions are dead. So the search has a budget per byte that other texts do not
// come near. Past it the piece is merged after all, by rank_merge.cc: slower by a
// factor of three to ten where the search goes well, but never worse than that.
//
// Counter-example to plain greed: with tokens ab, bc of ranks 2, 1 and the piece
// "abc", greed takes ab|c. But bc has the lower rank and is merged first: a|bc.
// The pair (ab, c) does not stand: undoing ab shows b|c, rank 1 < 2.
//
// Cost: one trie walk per token and a few pair look-ups per border;
// bench/tokens engine/*.
//
// Reference: H. van Antwerpen, A. Neubeck, "So many tokens, so little time",
// github.blog, 2024, whose backtracking encoder this follows. The argument for
// one split per token, which makes the pair table half as large and its test an
// equality, is worked out here.

#include "tokens/bpe.h"

#include <algorithm>

namespace headroom::tokens {

bool BpeEncoder::StandsBeside(TokenId left, TokenId right) const {
  // The lowest rank that may not be formed across the border at this moment.
  TokenId limit = kNoToken;
  for (;;) {
    // kNoToken, for no such merge, is never below the limit.
    if (vocabulary_.Merge(left, right) < limit) return false;
    if (left > right) {
      if (Vocabulary::IsByte(left)) return true;
      limit = left;
      left = vocabulary_.SplitOf(left).right;
    } else {
      if (Vocabulary::IsByte(right)) return true;
      limit = right + 1;
      right = vocabulary_.SplitOf(right).left;
    }
  }
}

bool BpeEncoder::Search(Vocabulary::Match first, std::string_view piece, size_t budget) {
  constexpr size_t kBorderWork = 4;
  tokens_.clear();
  dead_.assign(piece.size() / 64 + 1, 0);
  const auto dead = [this](size_t position) { return (dead_[position / 64] >> (position % 64) & 1) != 0; };

  size_t position = 0;
  size_t work = first.size;
  TokenId candidate = first.token;
  while (work < budget) {
    const size_t next = position + vocabulary_.LengthOf(candidate);
    work += kBorderWork;
    if (!dead(next) && (tokens_.empty() || StandsBeside(tokens_.back(), candidate))) {
      tokens_.push_back(candidate);
      if (next == piece.size()) return true;
      position = next;
      const Vocabulary::Match match = vocabulary_.LongestMatch(piece.substr(position));
      work += match.size;
      candidate = match.token;
      continue;
    }
    candidate = vocabulary_.PrefixOf(candidate);
    while (candidate == kNoToken) {
      // The empty prefix always leads to the result, so a last token exists.
      dead_[position / 64] |= uint64_t{1} << (position % 64);
      position -= vocabulary_.LengthOf(tokens_.back());
      candidate = vocabulary_.PrefixOf(tokens_.back());
      tokens_.pop_back();
    }
  }
  return false;
}

void BpeEncoder::EncodeFrom(Vocabulary::Match first, std::string_view piece) {
  constexpr size_t kUnlimited = ~size_t{0};
  const bool may_merge = piece.size() <= kLargestMerge;
  if (Search(first, piece, may_merge ? kWorkPerByte * piece.size() : kUnlimited)) return;
  if (merge_ == nullptr) merge_ = std::make_unique<RankMerge>(vocabulary_);
  merge_->Encode(piece, &tokens_);
}

const std::vector<TokenId>& BpeEncoder::Encode(std::string_view piece) {
  tokens_.clear();
  if (piece.empty()) return tokens_;
  const Vocabulary::Match match = vocabulary_.LongestMatch(piece);
  if (match.size == piece.size()) {
    tokens_.push_back(match.token);
  } else {
    EncodeFrom(match, piece);
  }
  return tokens_;
}

}  // namespace headroom::tokens
