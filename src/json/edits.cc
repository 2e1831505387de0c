#include "json/edits.h"

#include <algorithm>

namespace headroom::json {

Status EditList::Replace(ByteSpan span, std::string text) {
  if (span.begin > span.end || span.end > body_size_) return Status(Code::kOutOfRange, "span leaves the body");
  const auto after = std::upper_bound(edits_.begin(), edits_.end(), span,
                                      [](const ByteSpan& a, const Edit& b) { return a.begin < b.span.begin; });
  const bool hits_next = after != edits_.end() && span.end > after->span.begin;
  const bool hits_previous = after != edits_.begin() && std::prev(after)->span.end > span.begin;
  if (hits_next || hits_previous) return Status(Code::kFailedPrecondition, "span overlaps an earlier edit");
  edits_.insert(after, {span, std::move(text)});
  return Status();
}

std::string EditList::Splice(std::string_view body) const {
  size_t size = body.size();
  for (const Edit& edit : edits_) size += edit.text.size() - edit.span.size();
  std::string out;
  out.reserve(size);
  uint32_t copied = 0;
  for (const Edit& edit : edits_) {
    out.append(body, copied, edit.span.begin - copied);
    out.append(edit.text);
    copied = edit.span.end;
  }
  out.append(body, copied);
  return out;
}

uint32_t EditList::PositionOf(uint32_t position) const {
  size_t moved = position;
  for (const Edit& edit : edits_) {
    if (edit.span.begin >= position) break;
    moved += edit.text.size() - edit.span.size();
  }
  return static_cast<uint32_t>(moved);
}

}  // namespace headroom::json
