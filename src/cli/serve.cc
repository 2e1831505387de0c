#include "cli/serve.h"

#include <cstdio>

#include "cli/banner.h"

namespace headroom::cli {

int Serve(const Config& config) {
  std::fputs(Banner(config).c_str(), stdout);
  return 1;
}

}  // namespace headroom::cli
