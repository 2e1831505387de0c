#include "text/compressor.h"

#include <utility>

#include "text/line_text.h"

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
  std::optional<Rendition> Take() { return std::move(best_); }

 private:
  size_t tokens_;
  size_t bytes_;
  std::optional<Rendition> best_;
};

}  // namespace

std::optional<Rendition> Compress(const Input& input, const Expired& expired) {
  if (input.text.empty() || input.text.find('\0') != std::string_view::npos) return std::nullopt;
  if (IsProtectedRead(input)) return std::nullopt;
  const Kind kind = DetectKind(input);
  Best best(input.text);
  // CompressJson also knows JSON Lines and CSV, which are no JSON to DetectKind.
  best.Offer(CompressJson(input, expired));
  if (kind == Kind::kSearch) best.Offer(CompressSearch(input, expired));
  if (kind == Kind::kHtml) best.Offer(CompressHtml(input, expired));
  if (kind != Kind::kJson || best.empty()) best.Offer(CompressLines(input, expired));
  return best.Take();
}

}  // namespace headroom::text
