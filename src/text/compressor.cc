#include "text/compressor.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "text/code_excerpt_minified.h"
#include "text/excerpt.h"
#include "text/gaps.h"
#include "text/line_text.h"
#include "text/protected_read.h"
#include "text/reads_excerpt.h"

namespace headroom::text {
namespace {

// Keeps the rendition with the fewest estimated tokens.
class Best {
 public:
  explicit Best(std::string_view source) : tokens_(EstimateTokens(source)), bytes_(source.size()) {}

  void Offer(std::optional<Rendition> rendition) {
    if (!rendition || rendition->text.empty()) return;
    const size_t tokens = EstimateTokens(rendition->text);
    const std::pair offered(tokens, rendition->text.size());
    if (offered >= std::pair(tokens_, bytes_)) return;
    tokens_ = tokens;
    bytes_ = rendition->text.size();
    best_ = std::move(rendition);
  }

  bool empty() const { return !best_.has_value(); }
  size_t tokens() const { return tokens_; }
  std::optional<Rendition> Take() { return std::move(best_); }

 private:
  size_t tokens_;
  size_t bytes_;
  std::optional<Rendition> best_;
};

// True when every file that the call reads is prose by its name.
bool ReadsProse(const Input& input) {
  const std::vector<std::string> files = FindFileAccess(input).files;
  return !files.empty() && std::all_of(files.begin(), files.end(), [](const std::string& file) {
    const std::string name = LowerCase(file);
    static constexpr std::string_view kEndings[] = {".md", ".markdown", ".mdx", ".txt", ".rst", ".adoc", ".org"};
    return std::any_of(std::begin(kEndings), std::end(kEndings),
                       [&](std::string_view ending) { return name.ends_with(ending); });
  });
}

// An excerpt must save this much beside the best lossless rendition: a gap costs
// the reader a retrieval when it was the wrong one.
constexpr size_t kMinTokensSaved = 100;
// Where the model opens gaps: that is a request more, which reads the whole conversation again.
constexpr size_t kMinTokensSavedOpening = 250;
constexpr size_t kReadAgainPerTokenSaved = 40;
constexpr double kMinShareSaved = 0.25;
constexpr double kMinShareSavedOpening = 0.2;
// A file of which only the outline stands is opened less often than a result with gaps is: its names say what is where.
// Then a third of it must go, as one that is opened costs the outline besides.
constexpr size_t kMinTokensFolded = 300;
constexpr size_t kReadAgainPerTokenFolded = 200;
constexpr double kMinShareFolded = 0.33;
// Shorter results are read whole: what a gap would save does not pay for its marks.
constexpr size_t kMinExcerptTokens = 300;

double MinShareSaved(const Input& input, bool is_read) {
  if (!input.opens_gaps) return kMinShareSaved;
  return is_read ? kMinShareFolded : kMinShareSavedOpening;
}

size_t MinTokensSaved(const Input& input, bool is_read) {
  // A share of its own says that the caller needs the room.
  if (!input.opens_gaps || input.share.has_value()) return kMinTokensSaved;
  if (is_read) return std::max(kMinTokensFolded, input.tokens_before / kReadAgainPerTokenFolded);
  return std::max(kMinTokensSavedOpening, input.tokens_before / kReadAgainPerTokenSaved);
}

// Beyond this an excerpt hardly pays.
constexpr double kMaxShare = 0.8;

double ShareOf(const Input& input) {
  if (input.share.has_value()) return *input.share;
  const double share = input.level == Level::kConservative ? 0.5 : input.level == Level::kAggressive ? 0.15 : 0.3;
  return std::min(kMaxShare, (input.opens_gaps ? share / 3 : share) * input.share_factor);
}

std::optional<Rendition> CompressLossless(const Input& input, Kind kind, Best& best, const Expired& expired) {
  // CompressJson also knows JSON Lines and CSV, which are no JSON to DetectKind.
  best.Offer(CompressJson(input, expired));
  if (kind == Kind::kSearch) best.Offer(CompressSearch(input, expired));
  if (kind == Kind::kHtml) best.Offer(CompressHtml(input, expired));
  if (kind != Kind::kJson || best.empty()) best.Offer(CompressLines(input, expired));
  return best.Take();
}

// A file read: code is folded, prose is cut by sections, anything else stays whole.
std::optional<Excerpt> ExcerptRead(const ExcerptInput& in) {
  if (std::optional<Excerpt> code = ExcerptCode(in); code.has_value()) return code;
  return ReadsProse(in.input) ? ExcerptProse(in) : std::nullopt;
}

// Each range that a command reads by itself; a file read that is no such command as a whole.
std::optional<Excerpt> ExcerptReads(const ExcerptInput& in) {
  const std::vector<ReadPart> parts = SplitReads(in.input);
  if (parts.empty()) return ExcerptRead(in);
  Excerpt all{.text = "", .kind = Kind::kCode, .rule = "parts_excerpt", .omitted = {"lines", 0, 0}};
  bool any = false;
  for (const ReadPart& part : parts) {
    Input input = in.input;
    input.text = part.text;
    input.tool_arguments = part.command;
    const ExcerptInput one{
        .input = input, .text = part.text, .query = in.query, .share = in.share, .expired = in.expired};
    const std::optional<Excerpt> excerpt = part.command.empty() ? std::nullopt : ExcerptRead(one);
    if (in.late()) return std::nullopt;
    const size_t lines = SplitLines(part.text).lines.size();
    all.omitted.total += lines;
    all.omitted.kept += excerpt.has_value() ? excerpt->omitted.kept : lines;
    all.text.append(excerpt.has_value() ? std::string_view(excerpt->text) : part.text);
    any = any || excerpt.has_value();
  }
  return any ? std::optional<Excerpt>(std::move(all)) : std::nullopt;
}

std::optional<Rendition> MakeExcerpt(const Input& input, Kind kind, bool is_read, const Expired& expired) {
  const Query query(input);
  const ExcerptInput in{
      .input = input, .text = input.text, .query = query, .share = ShareOf(input), .expired = expired};
  // Fences and rulers inside a diff or a page are theirs.
  const bool may_have_parts = kind != Kind::kDiff && kind != Kind::kHtml;
  std::optional<Excerpt> excerpt;
  if (is_read) {
    excerpt = ExcerptReads(in);
  } else {
    if (may_have_parts) excerpt = ExcerptParts(in);
    if (!excerpt.has_value()) excerpt = ExcerptKind(in, kind);
  }
  if (!excerpt.has_value() || excerpt->text.empty() || in.late()) return std::nullopt;
  if (!excerpt->text.ends_with('\n')) excerpt->text.push_back('\n');
  excerpt->text.append(ClosingMarker(excerpt->omitted, ContentId(input.text)));
  return Rendition{std::move(excerpt->text), excerpt->kind, excerpt->rule, excerpt->omitted};
}

}  // namespace

std::optional<Excerpt> ExcerptKind(const ExcerptInput& in, Kind kind) {
  switch (kind) {
    case Kind::kJson:
      return ExcerptJson(in);
    case Kind::kSearch:
      return ExcerptSearch(in);
    case Kind::kDiff:
      return ExcerptDiff(in);
    case Kind::kCode:
      if (std::optional<Excerpt> minified = ExcerptMinified(in); minified.has_value()) return minified;
      return in.input.fold_reads ? ExcerptCode(in) : std::nullopt;
    case Kind::kHtml:
      return ExcerptHtml(in);
    case Kind::kLog:
    case Kind::kTable:
    case Kind::kPlain:
      break;
  }
  if (std::optional<Excerpt> minified = ExcerptMinified(in); minified.has_value()) return minified;
  // Of text in lines the most particular reading that fits is taken.
  if (std::optional<Excerpt> json = ExcerptJson(in); json.has_value()) return json;
  for (const auto reader : {ExcerptTable, ExcerptTerminal}) {
    std::optional<Excerpt> excerpt = reader(in);
    if (excerpt.has_value()) return excerpt->text.empty() ? std::nullopt : std::move(excerpt);
  }
  if (kind == Kind::kPlain) {
    if (std::optional<Excerpt> prose = ExcerptProse(in); prose.has_value()) return prose;
  }
  return ExcerptLog(in);
}

std::optional<Rendition> Compress(const Input& input, const Expired& expired) {
  if (input.text.empty() || input.text.find('\0') != std::string_view::npos) return std::nullopt;
  if (input.level == Level::kOff) return std::nullopt;
  const bool is_read = IsProtectedRead(input);
  if (is_read && !(input.gaps && input.fold_reads)) return std::nullopt;
  const Kind kind = input.kind.value_or(DetectKind(input));
  Best best(input.text);
  const size_t tokens = best.tokens();
  std::optional<Rendition> lossless;
  if (!is_read) lossless = CompressLossless(input, kind, best, expired);
  if (!input.gaps || tokens < kMinExcerptTokens) return lossless;
  if (EndsInClosingMarker(input.text) || ImitatesGapMarks(input.text)) return lossless;
  std::optional<Rendition> excerpt = MakeExcerpt(input, kind, is_read, expired);
  if (!excerpt.has_value()) return lossless;
  const double limit = static_cast<double>(best.tokens()) * (1 - MinShareSaved(input, is_read));
  const size_t after = EstimateTokens(excerpt->text);
  const size_t least = MinTokensSaved(input, is_read);
  if (after + least > best.tokens() || static_cast<double>(after) > limit) return lossless;
  return excerpt;
}

}  // namespace headroom::text
