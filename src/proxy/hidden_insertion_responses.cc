// Hidden exchanges in the Responses API: our call and its result go back as items
// between those that the client holds.
//
//   the client holds   [message 1] [message 2] [theirs] | [their result]
//   the provider gets  [message 1] [ours] [our result] [message 2] [theirs] | [their result]
//
// What one reply said is a run of items of the model. Calls of ours beside the
// client's have their results behind that run, in front of the client's.

#include <string>
#include <vector>

#include "proxy/hidden_insertion.h"
#include "proxy/reply_json.h"
#include "proxy/response_object.h"

namespace headroom::proxy {
namespace {

// What one reply said, as it comes back.
struct Run {
  std::vector<json::Token> items;
  std::vector<bool> is_thinking;
  VisibleMessage visible;
};

// False when these are not the items that were shown; nothing is edited then.
Result<bool> PutBackInto(const Run& run, const HiddenExchange& hidden, json::EditList& edits) {
  std::vector<std::string> texts(run.items.size() + 1);
  std::string behind;
  for (const HiddenInsert& insert : hidden.inserts) {
    const std::optional<size_t> place = PlaceOf(insert, hidden, run.visible, run.is_thinking);
    if (!place.has_value() || *place > run.items.size()) return false;
    AppendElement(insert.calls, texts[*place]);
    AppendElement(insert.results, insert.splits ? texts[*place] : behind);
  }
  AppendElement(behind, texts.back());
  for (size_t i = 0; i < run.items.size(); ++i) {
    if (texts[i].empty()) continue;
    const uint32_t at = run.items[i].span.begin;
    if (Status status = edits.Replace({at, at}, texts[i] + ","); !status.ok()) return status;
  }
  if (texts.back().empty()) return true;
  const uint32_t end = run.items.back().span.end;
  if (Status status = edits.Replace({end, end}, "," + texts.back()); !status.ok()) return status;
  return true;
}

}  // namespace

Result<PutBackCounts> PutHiddenBackIntoItems(const json::Document& document, const json::Token& items,
                                             const FindHidden& find, json::EditList& edits) {
  std::vector<Run> runs;
  std::vector<VisibleAt> asked;
  bool in_run = false;
  size_t index = 0;
  for (const json::Token& item : document.Elements(items)) {
    const bool of_model = item.type == json::Type::kObject && IsOfModel(document, item);
    if (of_model) {
      if (!in_run) {
        runs.emplace_back();
        asked.push_back({index, {}});
      }
      runs.back().items.push_back(item);
      runs.back().is_thinking.push_back(IsReasoning(document, item));
      AddShownItem(document, item, runs.back().visible);
    }
    in_run = of_model;
    ++index;
  }
  for (size_t i = 0; i < runs.size(); ++i) asked[i].visible = runs[i].visible;
  PutBackCounts counts;
  const std::vector<std::optional<HiddenExchange>> found = find(asked);
  for (size_t i = 0; i < std::min(found.size(), runs.size()); ++i) {
    if (!found[i].has_value()) continue;
    const Result<bool> done = PutBackInto(runs[i], *found[i], edits);
    if (!done.ok()) return done.status();
    ++(*done ? counts.put_back : counts.lost);
  }
  return counts;
}

}  // namespace headroom::proxy
