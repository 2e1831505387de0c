// What users say of models in JSON: any text gives either a sentence or names
// and figures within bounds, with which a catalogue answers.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/model_overrides.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto models =
      headroom::cli::ParseModelOverrides(std::string_view(reinterpret_cast<const char*>(data), size), "here");
  if (!models.ok()) {
    if (!models.status().detail().starts_with("here: ")) std::abort();
    return 0;
  }
  if (models->size() > headroom::cli::kMaxModels) std::abort();
  for (const headroom::policy::ModelOverride& model : *models) {
    if (model.model.empty() || model.model.size() > headroom::policy::ModelCatalog::kMaxNameBytes) std::abort();
    if (model.context_window == 0u || model.max_output == 0u) std::abort();
    if (model.prices.input.value_or(0) < 0) std::abort();
  }
  return 0;
}
