// Texts made from the option table. Thread-safe.

#pragma once

#include <string>

namespace headroom::cli {

// headroom --help
std::string HelpText();

// headroom proxy --help
std::string ProxyHelpText();

// headroom compress --help, headroom retrieve --help, headroom prices --help, headroom toin --help
std::string CompressHelpText();
std::string RetrieveHelpText();
std::string PricesHelpText();
std::string ToinHelpText();

// headroom options: every setting as Markdown tables, one per group. The block
// between the two marks of docs/configuration.md is this text.
std::string OptionsReference();

}  // namespace headroom::cli
