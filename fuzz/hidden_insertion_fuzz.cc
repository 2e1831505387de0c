// Any messages of a client, to which something hidden is on record: the request stays
// JSON, and what no record speaks of stays as it came, in its order.
// Input: one byte for the API, one for the number of inserts, four for each, the messages.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "json/document.h"
#include "json/edits.h"
#include "proxy/hidden_insertion.h"

namespace {

using namespace headroom;
using namespace headroom::proxy;

void Require(bool holds) {
  if (!holds) std::abort();
}

// What the splicers write down of one call.
HiddenInsert InsertOf(Api api, bool splits) {
  HiddenInsert insert;
  insert.splits = splits;
  if (api == Api::kMessages) {
    insert.calls = R"({"type":"tool_use","id":"h","name":"headroom_retrieve","input":{}})";
    if (splits) insert.calls.insert(0, R"({"type":"thinking","thinking":"t","signature":"s"},)");
    insert.results = R"({"type":"tool_result","tool_use_id":"h","content":"x"})";
  } else if (api == Api::kChat) {
    insert.calls = R"({"id":"h","type":"function","function":{"name":"headroom_retrieve","arguments":"{}"}})";
    if (splits) insert.calls = R"({"role":"assistant","content":null,"tool_calls":[)" + insert.calls + "]}";
    insert.results = R"({"role":"tool","tool_call_id":"h","content":"x"})";
  } else {
    insert.calls = R"({"type":"function_call","call_id":"h","name":"headroom_retrieve","arguments":"{}"})";
    insert.results = R"({"type":"function_call_output","call_id":"h","output":"x"})";
  }
  return insert;
}

// In the splicers' order: those that split the message, then those beside the client's calls.
std::vector<HiddenInsert> ReadInserts(Api api, std::string_view& data) {
  std::vector<HiddenInsert> inserts;
  const size_t count = static_cast<uint8_t>(data[0]) % 4;
  data.remove_prefix(1);
  for (size_t i = 0; i < count && data.size() >= 4; ++i) {
    const auto byte = [&](size_t at) { return uint32_t{static_cast<uint8_t>(data[at])}; };
    HiddenInsert insert = InsertOf(api, byte(0) % 2 == 0);
    insert.blocks = byte(0) / 2;
    insert.thinking = std::min(byte(1), insert.blocks);
    insert.text = byte(2);
    insert.client_calls = byte(3);
    inserts.push_back(std::move(insert));
    data.remove_prefix(4);
  }
  std::stable_sort(inserts.begin(), inserts.end(), [](const HiddenInsert& a, const HiddenInsert& b) {
    return std::pair(!a.splits, a.blocks) < std::pair(!b.splits, b.blocks);
  });
  return inserts;
}

bool IsOfAssistant(const json::Document& document, const json::Token& message) {
  if (message.type != json::Type::kObject) return false;
  const auto role = document.Find(message, "role");
  return role.has_value() && document.TextIs(*role, "assistant");
}

// The messages of others, and all items of Responses, stand in `after` as they came.
void CheckKept(Api api, const json::Document& before, const json::Document& after) {
  const std::vector<json::Token> all = after.Elements(after.root());
  auto at = all.begin();
  for (const json::Token& message : before.Elements(before.root())) {
    if (api != Api::kResponses && IsOfAssistant(before, message)) continue;
    at = std::find_if(at, all.end(), [&](const json::Token& kept) { return after.Raw(kept) == before.Raw(message); });
    Require(at != all.end());
    ++at;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Api api = data[0] % 3 == 0 ? Api::kMessages : data[0] % 3 == 1 ? Api::kChat : Api::kResponses;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::vector<HiddenInsert> inserts = ReadInserts(api, rest);
  const PaddedBytes body(rest);
  json::Document document;
  if (!document.Parse(body).ok() || document.root().type != json::Type::kArray) return 0;
  const FindHidden find = [&](const std::vector<VisibleAt>& asked) {
    std::vector<std::optional<HiddenExchange>> found;
    for (const VisibleAt& message : asked) {
      HiddenExchange& hidden = found.emplace_back().emplace();
      hidden.blocks = static_cast<uint32_t>(message.visible.blocks);
      hidden.thinking = static_cast<uint32_t>(message.visible.thinking);
      hidden.text_print = message.visible.TextPrint();
      hidden.inserts = inserts;
    }
    return found;
  };
  json::EditList edits(static_cast<uint32_t>(rest.size()));
  const Result<PutBackCounts> counts = PutHiddenBack(api, document, document.root(), find, edits);
  Require(counts.ok());
  const PaddedBytes longer(edits.Splice(rest));
  json::Document after;
  if (const Status status = after.Parse(longer); !status.ok()) {
    Require(status.code() == Code::kResourceExhausted);  // what is put back may nest deeper
    return 0;
  }
  const bool beside = std::any_of(inserts.begin(), inserts.end(), [](const auto& insert) { return !insert.splits; });
  if (api != Api::kMessages || !beside) CheckKept(api, document, after);
  return 0;
}
