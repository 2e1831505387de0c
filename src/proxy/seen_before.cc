#include "proxy/seen_before.h"

#include <algorithm>

#include "json/strings.h"
#include "proxy/call_likeness.h"
#include "text/delta.h"
#include "text/gaps.h"
#include "text/protected_read.h"
#include "text/shared_lines.h"

namespace headroom::proxy {
namespace {

constexpr size_t kMaxArgumentBytes = 160;
// Calls of the same tool that are looked at, the latest first.
constexpr size_t kMaxCalls = 64;
// A diff whose changed lines are more than this part of the text is not worth reading.
constexpr double kMaxChanged = 0.6;

// The first bytes of the arguments as the model wrote them, cut at a character.
std::string Shortened(std::string_view arguments) {
  if (arguments.size() <= kMaxArgumentBytes) return std::string(arguments);
  size_t end = kMaxArgumentBytes;
  while (end > 0 && (static_cast<uint8_t>(arguments[end]) & 0xc0) == 0x80) --end;
  return std::string(arguments.substr(0, end)) + "…";
}

// What two results must share for one to be told by the other's lines.
constexpr double kMinSharedBytes = 0.3;
// Larger ones are not searched for lines.
constexpr size_t kMaxLinesBytes = 256u << 10;

std::vector<std::string> FilesOf(const json::Document& document, const Block& call) {
  const std::string arguments = ArgumentsOf(document, call);
  std::vector<std::string> files =
      text::FindFileAccess({.text = {}, .tool_name = call.tool_name, .tool_arguments = arguments}).files;
  std::sort(files.begin(), files.end());
  return files;
}

bool Meet(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const auto& file) { return std::binary_search(b.begin(), b.end(), file); });
}

bool IsFileRead(const json::Document& document, const Block& call, std::string_view text) {
  const std::string arguments = ArgumentsOf(document, call);
  return text::FindFileAccess({.text = text, .tool_name = call.tool_name, .tool_arguments = arguments}).how ==
         text::FileAccess::How::kRead;
}

size_t MostChangedBytes(std::string_view text) {
  return static_cast<size_t>(static_cast<double>(text.size()) * kMaxChanged);
}

}  // namespace

std::string SeenBefore::Named(std::string_view what, const Block& call, size_t distance) const {
  std::string named = "[" + std::string(what) + " the result of the earlier call " + call.tool_name;
  const std::string written = ArgumentsOf(document_, call);
  if (!written.empty()) named.append(" ").append(Shortened(written));
  named.append(distance == 1 ? ", the tool result before this one"
                             : ", " + std::to_string(distance) + " tool results before this one");
  return named;
}

std::optional<SeenBefore::Reference> SeenBefore::Find(const Block& result, std::string_view text) const {
  if (text.size() < kMinBytes || result.text == Hash128{}) return std::nullopt;
  const auto found = by_text_.find(result.text);
  if (found == by_text_.end()) return std::nullopt;
  const Anchor& anchor = anchors_[found->second];
  const auto lines = std::count(text.begin(), text.end(), '\n') + (text.ends_with('\n') ? 0 : 1);
  std::string reference = Named("Identical to", *anchor.call, results_ - anchor.ordinal);
  reference.append(lines == 1 ? "; its one line is" : "; its " + std::to_string(lines) + " lines are");
  reference.append(" not repeated here.]");
  return Reference{anchor.index, std::move(reference), anchor.decision->replaced() && !Shown(anchor).has_value()};
}

std::optional<std::string> SeenBefore::Shown(const Anchor& anchor) const {
  if (!anchor.decision->replaced()) return document_.Text(anchor.result->pieces[0]);
  const std::string_view literal = anchor.decision->replacements[0].literal;
  if (literal.size() < 2) return std::nullopt;
  std::optional<std::string> shown = json::Unescape(literal.substr(1, literal.size() - 2));
  if (shown.has_value() && text::EndsInClosingMarker(*shown)) return std::nullopt;
  return shown;
}

std::optional<SeenBefore::Near> SeenBefore::FindNear(const Block& call, std::string_view text,
                                                     const text::Expired& expired) const {
  if (text.size() < kMinBytes || text.size() > kMaxComparedBytes) return std::nullopt;
  const CallMeaning meaning(document_, call);
  const bool is_read = IsFileRead(document_, call, text);
  std::optional<text::LineSketch> sketch;
  size_t least = MostChangedBytes(text);
  const Anchor* nearest = nullptr;
  bool same_call = false;
  size_t calls = 0;
  size_t compared = 0;
  for (size_t i = anchors_.size(); i-- > 0 && calls < kMaxCalls && compared < kMaxCompared;) {
    const Anchor& anchor = anchors_[i];
    if (anchor.call->tool_name != call.tool_name || anchor.result->pieces.size() != 1) continue;
    ++calls;
    const size_t bytes = anchor.result->pieces[0].span.size();
    if (bytes < text.size() / 4 || bytes > 4 * text.size()) continue;
    const Likeness likeness = meaning.With(CallMeaning(document_, *anchor.call));
    if (likeness == Likeness::kOther || (is_read && likeness != Likeness::kSame)) continue;
    ++compared;
    const std::optional<std::string> came = document_.Text(anchor.result->pieces[0]);
    if (!came.has_value() || (expired && expired())) continue;
    if (!sketch.has_value()) sketch.emplace(text);
    const text::LineSketch other(*came);
    const size_t changed = sketch->bytes() + other.bytes() - 2 * sketch->SharedBytes(other);
    if (changed >= least) continue;
    least = changed;
    nearest = &anchor;
    same_call = likeness == Likeness::kSame;
  }
  if (nearest == nullptr) return std::nullopt;
  std::optional<std::string> shown = Shown(*nearest);
  if (!shown.has_value()) return std::nullopt;
  return Near{nearest->index,    results_ - nearest->ordinal,
              nearest->call,     same_call,
              std::move(*shown), nearest->decision->replaced() ? nearest->decision->rule : std::string()};
}

std::optional<SeenBefore::Reference> SeenBefore::Differences(const Near& near, std::string_view text,
                                                             const text::Expired& expired) const {
  const std::optional<text::Delta> delta = text::MakeDelta(near.text, text, MostChangedBytes(text), expired);
  if (!delta.has_value()) return std::nullopt;
  std::string out = Named(near.same_call ? "Changes since" : "Differences from", *near.call, near.distance);
  out.append(near.rule.empty() ? ", as a unified diff" : ", as a unified diff of its text there");
  if (delta->numbered) out.append(" of the lines without their numbers, which the hunk headers give");
  out.append("; all other lines are identical:]\n").append(delta->hunks);
  return Reference{near.anchor, std::move(out)};
}

std::vector<size_t> SeenBefore::LineAnchors(const std::vector<std::string>& files, bool of_files_only) {
  std::vector<size_t> found;
  size_t latest = 0;
  size_t of_files = 0;
  const size_t first = anchors_.size() - std::min(anchors_.size(), kMaxCalls);
  for (size_t i = anchors_.size(); i-- > first;) {
    const Anchor& anchor = anchors_[i];
    if (anchor.decision->replaced() || anchor.result->pieces.size() != 1) continue;
    const size_t bytes = anchor.result->pieces[0].span.size();
    if (bytes < kMinBytes || bytes > kMaxLinesBytes) continue;
    if (!of_files_only && latest++ < kMaxLineAnchors) {
      found.push_back(i);
      continue;
    }
    const auto [sketched, is_new] = sketches_.try_emplace(i);
    if (is_new) sketched->second.files = FilesOf(document_, *anchor.call);
    if (Meet(files, sketched->second.files) && of_files++ < kMaxLineAnchors) found.push_back(i);
  }
  return found;
}

std::optional<SeenBefore::Reference> SeenBefore::FindLines(const Block& call, std::string_view text,
                                                           const text::Expired& expired) {
  if (text.size() < kMinBytes || text.size() > kMaxLinesBytes) return std::nullopt;
  std::optional<text::LineSketch> sketch;
  auto most = static_cast<size_t>(kMinSharedBytes * static_cast<double>(text.size()));
  const Anchor* best = nullptr;
  // Who edits a file quotes its lines: they are named as those of the same file, or stand.
  for (const size_t i : LineAnchors(FilesOf(document_, call), IsFileRead(document_, call, text))) {
    if (expired && expired()) return std::nullopt;
    std::optional<text::LineSketch>& other = sketches_[i].lines;
    if (!other.has_value()) other.emplace(document_.Text(anchors_[i].result->pieces[0]).value_or(""));
    if (!sketch.has_value()) sketch.emplace(text);
    const size_t shared = sketch->SharedBytes(*other);
    if (shared <= most) continue;
    most = shared;
    best = &anchors_[i];
  }
  if (best == nullptr) return std::nullopt;
  const std::optional<std::string> earlier = document_.Text(best->result->pieces[0]);
  if (!earlier.has_value()) return std::nullopt;
  const std::optional<std::string> rest = text::WithoutSharedLines(*earlier, text, expired);
  if (!rest.has_value()) return std::nullopt;
  std::string out = Named("Lines that also stand in", *best->call, results_ - best->ordinal);
  out.append(", are not repeated; marks name them by its line numbers:]\n").append(*rest);
  return Reference{best->index, std::move(out)};
}

void SeenBefore::AddAnchor(size_t index, const Block& result, const Block& call, const Decision& decision) {
  if (result.text == Hash128{}) return;
  by_text_[result.text] = anchors_.size();
  anchors_.push_back({index, results_, &result, &call, &decision});
}

}  // namespace headroom::proxy
