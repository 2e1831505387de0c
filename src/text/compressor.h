// The compressors: pure functions of text. No store, no network, no clock, no
// randomness; the same input gives the same bytes in any process, thread or
// locale (docs/invariants.md, I2).
//
//   Compress(input) ─► detect kind ─┬► lossless compressor ─► Rendition
//                                   └► excerpt (excerpt.h) ─► Rendition with gaps
//
// A rendition without gaps is lossless: every fact of the source can be rebuilt
// from it. One with gaps says where each gap is, in the source's units, and
// ends in a marker with the id under which the original is kept. Lines are
// never fused, and a number, path, id or hash stays with its content (I10).
// Nothing is chosen here by an exact count of tokens: the caller counts and
// keeps the original where the rendition does not win (I3).

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::text {

enum class Kind { kPlain, kJson, kSearch, kLog, kDiff, kCode, kTable, kHtml };

std::string_view KindName(Kind kind);

// How much of a result that may have gaps is kept; a tool's profile says which.
enum class Level : uint8_t { kOff, kConservative, kModerate, kAggressive };

struct Input {
  std::string_view text;            // the whole tool result, decoded
  std::string_view tool_name;       // "" when unknown
  std::string_view tool_arguments;  // JSON as the model wrote it, "" when unknown
  // False: hits and listed paths keep their literal "path:line" and "path", which
  // agents quote. True: hits are grouped by file and listed paths by folder, with
  // the path once.
  bool group_hits = false;

  std::string_view question = {};  // the last user text before the result, "" when unknown
  std::string_view preamble = {};  // what the model said just before the call

  // True: parts may be left out, because the original can be fetched.
  bool gaps = false;
  // With gaps: the model can open them in the same reply. Then also what is merely not asked for may go, while
  // otherwise only what is repetitive does.
  bool opens_gaps = false;
  size_t tokens_before = 0;  // of the conversation so far: what a request more, to open a gap, reads again
  bool fold_reads = false;   // with gaps: also in file reads and code (bodies folded in place)
  Level level = Level::kModerate;
  std::optional<double> share = {};  // 0 to 1 of the tokens that an excerpt aims at, instead of the level's
  // What experience with such results says (src/learning).
  double share_factor = 1;             // of the level's share
  std::string_view asked_before = {};  // words of this text, blanks between them, that such results were asked for
  std::optional<Kind> kind = {};       // what the content is, where the caller knows better than DetectKind
};

// What a rendition leaves out: `kept` of `total` units of the source stand in it.
struct Omission {
  std::string_view unit;  // "lines", "rows", ...
  size_t total = 0;
  size_t kept = 0;
};

struct Rendition {
  std::string text;
  Kind kind = Kind::kPlain;
  std::string_view rule;                 // static name for logs and counters: "json_table", "log_excerpt", ...
  std::optional<Omission> omitted = {};  // nothing: lossless
};

// True when the deadline has passed; polled at least every few thousand units
// of work. An empty function never expires.
using Expired = std::function<bool()>;

// What the content is, from the content first and the tool second.
Kind DetectKind(const Input& input);

// True when this result is a read of a file whose every byte the agent may
// quote back (source, prose, configuration), recognised by tool (Read, view,
// read_file, ...) and by command (cat, sed -n, nl, head, tail, bat, git show
// X:f, ...). Reads of data (logs, CSV, JSON above a floor, minified, generated
// and lock files) are not protected and follow their kind.
bool IsProtectedRead(const Input& input);

// The best rendition: with gaps where the input allows them and they save much
// more than the best lossless one. Nothing where none applies, the input is not
// of the shape, or the deadline passed. Cost: O(bytes).
std::optional<Rendition> Compress(const Input& input, const Expired& expired = {});

// The lossless families behind Compress, one file each. Each returns nothing for text
// that is not of its shape.
std::optional<Rendition> CompressJson(const Input& input, const Expired& expired);
std::optional<Rendition> CompressSearch(const Input& input, const Expired& expired);
std::optional<Rendition> CompressHtml(const Input& input, const Expired& expired);
std::optional<Rendition> CompressLines(const Input& input, const Expired& expired);  // logs, terminal output, tables

}  // namespace headroom::text
