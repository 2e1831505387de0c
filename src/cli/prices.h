// What the program knows of models, as a table.
// Thread-safe.

#pragma once

#include <optional>
#include <string>

#include "policy/model_catalog.h"

namespace headroom::cli {

// The table of `model`, or of every model, with the date of the price list;
// "" for a model that is not known.
std::string PricesTable(const policy::ModelCatalog& catalog, const std::optional<std::string>& model);

}  // namespace headroom::cli
