#include "cli/model_overrides.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "cli/values.h"
#include "json/document.h"

namespace headroom::cli {
namespace {

using json::Document;
using json::Member;
using json::Token;
using json::Type;
using policy::ModelOverride;
using policy::Prices;

struct PriceKey {
  std::string_view key;
  std::optional<int64_t> Prices::*member;
};
constexpr PriceKey kPriceKeys[] = {{"input_price", &Prices::input},
                                   {"output_price", &Prices::output},
                                   {"cache_read_price", &Prices::cache_read},
                                   {"cache_write_price", &Prices::cache_write_5m},
                                   {"cache_write_1h_price", &Prices::cache_write_1h}};
// The shorter names inside "pricing".
constexpr PriceKey kPricingKeys[] = {{"input", &Prices::input},
                                     {"output", &Prices::output},
                                     {"cached_input", &Prices::cache_read},
                                     {"cache_write", &Prices::cache_write_5m}};

bool IsModelKey(std::string_view key) {
  return key == "context_window" || key == "max_output" ||
         std::any_of(std::begin(kPriceKeys), std::end(kPriceKeys), [&](const PriceKey& row) { return row.key == key; });
}

Status SetPrice(std::string_view number, std::optional<int64_t>& price) {
  const Result<int64_t> nanodollars = ParseNanodollars(number);
  if (nanodollars.ok()) price = *nanodollars;
  return nanodollars.status();
}

Status SetTokens(std::string_view number, std::optional<uint64_t>& tokens) {
  const Result<int64_t> count = ParseInteger(number, 1, kMaxModelTokens, "a number of tokens");
  if (count.ok()) tokens = static_cast<uint64_t>(*count);
  return count.status();
}

class OverridesReader {
 public:
  OverridesReader(const Document& document, std::string where) : document_(document), where_(std::move(where)) {}

  Result<std::vector<ModelOverride>> Read() {
    if (document_.root().type != Type::kObject) return Invalid("models are a JSON object");
    if (Status status = ReadGroup(document_.root(), true); !status.ok()) return status;
    return std::move(models_);
  }

 private:
  Status Invalid(const std::string& complaint) const { return {Code::kInvalidArgument, where_ + ": " + complaint}; }
  Status Invalid(const Token& name, const std::string& complaint) const {
    return Invalid(Name(name) + ": " + complaint);
  }
  std::string Name(const Token& string) const { return document_.Text(string).value_or(""); }

  // Names with what is said of them; at the top also providers.
  Status ReadGroup(const Token& group, bool top) {
    for (const Member& member : document_.Members(group)) {
      Status status;
      if (member.value.type == Type::kNumber) {
        status = ReadLimit(member);
      } else if (member.value.type != Type::kObject) {
        status = Invalid(member.key, "neither a number of tokens nor an object");
      } else if (IsModel(member.value)) {
        status = ReadModel(member);
      } else if (top) {
        status = ReadProvider(member.value);
      } else {
        status = Invalid(member.key, "has no context_window, max_output or price");
      }
      if (!status.ok()) return status;
    }
    return Status();
  }

  bool IsModel(const Token& object) const {
    const std::vector<Member> members = document_.Members(object);
    return std::any_of(members.begin(), members.end(),
                       [&](const Member& member) { return IsModelKey(Name(member.key)); });
  }

  Status ReadProvider(const Token& provider) {
    for (const Member& member : document_.Members(provider)) {
      if (document_.TextIs(member.key, "encodings")) continue;
      const bool limits = document_.TextIs(member.key, "context_limits");
      const bool pricing = document_.TextIs(member.key, "pricing");
      if ((limits || pricing) && member.value.type != Type::kObject) return Invalid(member.key, "is not an object");
      Status status;
      if (limits) {
        status = ReadGroup(member.value, false);
      } else if (pricing) {
        status = ReadPricing(member.value);
      } else if (member.value.type == Type::kNumber) {
        status = ReadLimit(member);
      } else if (member.value.type == Type::kObject) {
        status = ReadModel(member);
      } else {
        status = Invalid(member.key, "neither a number of tokens nor an object");
      }
      if (!status.ok()) return status;
    }
    return Status();
  }

  Status ReadLimit(const Member& member) {
    ModelOverride model;
    if (Status status = SetTokens(document_.Raw(member.value), model.context_window); !status.ok()) {
      return Invalid(member.key, status.detail());
    }
    return Add(member.key, std::move(model));
  }

  Status ReadModel(const Member& member) {
    ModelOverride model;
    for (const Member& fact : document_.Members(member.value)) {
      const Status status = SetModelFact(Name(fact.key), document_.Raw(fact.value), model);
      if (!status.ok()) return Invalid(member.key, Name(fact.key) + ": " + status.detail());
    }
    return Add(member.key, std::move(model));
  }

  Status ReadPricing(const Token& pricing) {
    for (const Member& member : document_.Members(pricing)) {
      ModelOverride model;
      Status status;
      if (member.value.type == Type::kArray) {
        const std::vector<Token> pair = document_.Elements(member.value);
        if (pair.size() != 2) return Invalid(member.key, "a pair is [input, output]");
        status = SetPrice(document_.Raw(pair[0]), model.prices.input);
        if (status.ok()) status = SetPrice(document_.Raw(pair[1]), model.prices.output);
      } else if (member.value.type == Type::kObject) {
        status = ReadPrices(member.value, model.prices);
      } else {
        status = Invalid("neither [input, output] nor an object");
      }
      if (!status.ok()) return Invalid(member.key, status.detail());
      if (status = Add(member.key, std::move(model)); !status.ok()) return status;
    }
    return Status();
  }

  Status ReadPrices(const Token& object, Prices& prices) const {
    for (const Member& member : document_.Members(object)) {
      const std::string key = Name(member.key);
      const auto* row = std::find_if(std::begin(kPricingKeys), std::end(kPricingKeys),
                                     [&](const PriceKey& candidate) { return candidate.key == key; });
      if (row == std::end(kPricingKeys)) return {Code::kInvalidArgument, "unknown price '" + key + "'"};
      if (Status status = SetPrice(document_.Raw(member.value), prices.*(row->member)); !status.ok()) return status;
    }
    return Status();
  }

  Status Add(const Token& name, ModelOverride model) {
    model.model = Name(name);
    if (model.model.empty() || model.model.size() > policy::ModelCatalog::kMaxNameBytes) {
      return Invalid("a model's name has 1 to 256 bytes");
    }
    if (models_.size() == kMaxModels) return Invalid("more than 4,096 models");
    models_.push_back(std::move(model));
    return Status();
  }

  const Document& document_;
  const std::string where_;
  std::vector<ModelOverride> models_;
};

}  // namespace

Status SetModelFact(std::string_view key, std::string_view number, ModelOverride& model) {
  if (key == "context_window") return SetTokens(number, model.context_window);
  if (key == "max_output") return SetTokens(number, model.max_output);
  for (const PriceKey& row : kPriceKeys) {
    if (row.key == key) return SetPrice(number, model.prices.*row.member);
  }
  return {Code::kNotFound, "unknown key"};
}

Result<std::vector<ModelOverride>> ParseModelOverrides(std::string_view json, const std::string& where) {
  if (json.size() > kMaxModelsBytes) return Status(Code::kInvalidArgument, where + ": larger than 1 MiB");
  const PaddedBytes bytes(json);
  Document document;
  if (!document.Parse(bytes).ok()) return Status(Code::kInvalidArgument, where + ": not JSON");
  return OverridesReader(document, where).Read();
}

Result<std::vector<ModelOverride>> ReadModelOverrides(const std::string& text, const std::string& where) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') return ParseModelOverrides(text, where);
  std::ifstream file(text, std::ios::binary);
  std::string json(kMaxModelsBytes + 1, '\0');
  file.read(json.data(), static_cast<std::streamsize>(json.size()));
  if (!file.is_open() || file.bad()) return Status(Code::kNotFound, where + ": cannot read " + text);
  json.resize(static_cast<size_t>(file.gcount()));
  return ParseModelOverrides(json, text);
}

void AddWeaker(const std::vector<ModelOverride>& more, std::vector<ModelOverride>& overrides) {
  for (const ModelOverride& weaker : more) {
    const auto same = std::find_if(overrides.begin(), overrides.end(),
                                   [&](const ModelOverride& override) { return override.model == weaker.model; });
    if (same == overrides.end()) {
      overrides.push_back(weaker);
      continue;
    }
    if (!same->context_window) same->context_window = weaker.context_window;
    if (!same->max_output) same->max_output = weaker.max_output;
    for (const PriceKey& row : kPriceKeys) {
      if (!(same->prices.*row.member)) same->prices.*row.member = weaker.prices.*row.member;
    }
  }
}

}  // namespace headroom::cli
