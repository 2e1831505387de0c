// The version of this build: CMakeLists.txt's project version.

#pragma once

#include <string_view>

namespace headroom::cli {

std::string_view Version();

}  // namespace headroom::cli
