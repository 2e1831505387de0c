// headroom prices: what the program knows of models, as a table on standard output.
// Thread-safe.

#pragma once

#include <optional>
#include <string>

#include "cli/load.h"
#include "policy/model_catalog.h"

namespace headroom::cli {

struct PricesOptions {
  std::optional<std::string> model;  // all that are listed, where there is none
  std::optional<std::string> data_dir;
  std::optional<std::string> config;
};

// The table of `model`, or of every model, with the date of the price list;
// "" for a model that is not known.
std::string PricesTable(const policy::ModelCatalog& catalog, const std::optional<std::string>& model);

// Returns the exit status: 0; 1 when the output fails; 2 for a setting that cannot be read; 3 for a model that is not
// known. One sentence on stderr says why.
int PrintPrices(const PricesOptions& options, const Environment& environment);

}  // namespace headroom::cli
