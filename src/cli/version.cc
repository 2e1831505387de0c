#include "cli/version.h"

namespace headroom::cli {

std::string_view Version() { return HEADROOM_VERSION; }

}  // namespace headroom::cli
