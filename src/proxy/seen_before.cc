#include "proxy/seen_before.h"

#include <algorithm>

namespace headroom::proxy {
namespace {

constexpr size_t kMaxArgumentBytes = 160;

// The first bytes of the arguments as the model wrote them, cut at a character.
std::string Shortened(std::string_view arguments) {
  if (arguments.size() <= kMaxArgumentBytes) return std::string(arguments);
  size_t end = kMaxArgumentBytes;
  while (end > 0 && (static_cast<uint8_t>(arguments[end]) & 0xc0) == 0x80) --end;
  return std::string(arguments.substr(0, end)) + "…";
}

}  // namespace

std::optional<SeenBefore::Reference> SeenBefore::Find(const Block& result, std::string_view text) const {
  if (text.size() < kMinBytes || result.text == Hash128{}) return std::nullopt;
  const auto found = anchors_.find(result.text);
  if (found == anchors_.end()) return std::nullopt;
  const Anchor& anchor = found->second;
  const size_t distance = results_ - anchor.ordinal;
  const json::Token& arguments = anchor.call->arguments;
  const std::string written = arguments.type == json::Type::kString ? document_.Text(arguments).value_or("")
                                                                    : std::string(document_.Raw(arguments));
  const auto lines = std::count(text.begin(), text.end(), '\n') + (text.ends_with('\n') ? 0 : 1);
  std::string reference = "[Identical to the result of the earlier call " + anchor.call->tool_name;
  if (!written.empty()) reference.append(" ").append(Shortened(written));
  reference.append(distance == 1 ? ", the tool result before this one; its "
                                 : ", " + std::to_string(distance) + " tool results before this one; its ");
  reference.append(lines == 1 ? "one line is" : std::to_string(lines) + " lines are");
  reference.append(" not repeated here.]");
  return Reference{anchor.index, std::move(reference)};
}

void SeenBefore::AddInFull(size_t index, const Block& result, const Block& call) {
  if (result.text == Hash128{}) return;
  anchors_[result.text] = Anchor{index, results_, &call};
}

}  // namespace headroom::proxy
