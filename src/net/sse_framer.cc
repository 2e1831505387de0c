#include "net/sse_framer.h"

namespace headroom::net {

bool SseFramer::EndsAfter(char c) {
  if (c == '\r') return false;
  if (c != '\n') {
    line_is_empty_ = false;
    return false;
  }
  const bool ends = line_is_empty_ && has_line_;
  has_line_ = !ends && (has_line_ || !line_is_empty_);
  line_is_empty_ = true;
  return ends;
}

}  // namespace headroom::net
