// Records of epochs: whatever is read is written back as it was, and read again, and applying
// it to a conversation gives a body that can be read, or nothing.

#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "proxy/context_units.h"
#include "proxy/epoch.h"
#include "proxy/lineage.h"

namespace {

constexpr char kBody[] =
    R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},)"
    R"({"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result",)"
    R"("tool_use_id":"1","content":"r"}]},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headroom;
  using namespace headroom::proxy;
  const std::string payload(reinterpret_cast<const char*>(data), size);
  Result<Epoch> epoch = Epoch::Decode(payload);
  if (!epoch.ok()) return 0;
  // Records of the version before are read, and written as those of this one.
  const std::string written = epoch->Encode();
  if (written.front() == payload.front() && written != payload) std::abort();
  const Result<Epoch> read_again = Epoch::Decode(written);
  if (!read_again.ok() || read_again->Encode() != written) std::abort();
  const PaddedBytes body(kBody);
  json::Document document;
  if (!document.Parse(body).ok()) std::abort();
  const RequestView view = *ReadRequest(Api::kMessages, document);
  const std::vector<Hash128> lineage = LineageOf(view, store::TenantId());
  const std::vector<json::Token> messages = MessagesOf(document, Api::kMessages);
  const std::vector<size_t> links = LinksOf(view);
  if (epoch->last() < links.size()) epoch->last_lineage = lineage[links[epoch->last()]];
  for (Epoch::Turn& turn : epoch->turns) {
    if (turn.link < links.size()) turn.before = lineage[links[turn.link - 1]];
  }
  epoch->marker = R"({"role":"user","content":"m"})";
  const std::optional<EpochPlaces> places = PlacesOf(*epoch, view, lineage, messages.size());
  if (!places.has_value()) return 0;
  const json::EditList none(static_cast<uint32_t>(body.size()));
  const Result<std::string> left = LeaveOut(*epoch, *places, Api::kMessages, messages, none, std::string(body.view()));
  if (!left.ok()) std::abort();
  const PaddedBytes again(*left);
  json::Document shorter;
  if (!shorter.Parse(again).ok()) std::abort();
  return 0;
}
