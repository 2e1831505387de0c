// A call that names a reply which the provider keeps: /v1/responses/{id}, to fetch,
// cancel or delete it, and .../input_items.
//
//   client     GET resp_1           {"id":"resp_1","output":[both texts]}
//   provider   GET resp_2           {"id":"resp_2","output":[the second text]}
//
//   client     GET resp_1/input_items    what it sent, without calls of our tool and their results
//   provider   GET resp_1/input_items    the first reply's input is the client's request
//
//   client     DELETE resp_1        provider   DELETE resp_2, and then resp_1
//
// Thread-compatible.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/reply_alias.h"

namespace headroom::proxy {

class KeptCall {
 public:
  // For a path that names a reply; nothing for any other.
  static std::optional<KeptCall> Of(std::string_view path);

  // Asks how the provider knows the reply. May wait for the disk.
  void Resolve(const ReplyAliases& aliases, const store::TenantId& tenant);

  // The path upstream.
  std::string Path() const;
  // The paths of the reply's other parts, which a client that deletes it does not know of.
  std::vector<std::string> OtherPaths() const;
  // The provider's answer as the client gets it; as it is where it is no JSON. `aliases` and `tenant` as in
  // Resolve. Cost: O(bytes), may wait for the disk.
  std::string Show(std::string_view body, const ReplyAliases& aliases, const store::TenantId& tenant) const;

 private:
  bool lists_input() const { return below_.starts_with("/input_items"); }
  std::string Shown(const json::Document& document, const ReplyAliases& aliases, const store::TenantId& tenant) const;
  std::string ShownItems(const json::Document& document, const json::Token& data, const ReplyAliases& aliases,
                         const store::TenantId& tenant) const;

  std::string before_;  // the path up to the id
  std::string id_;      // the client's
  std::string below_;   // the path after it
  std::optional<ReplyAlias> alias_;
};

}  // namespace headroom::proxy
