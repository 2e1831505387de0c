#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace headroom::cli {

int Fail(int exit_status, const std::string& sentence) {
  std::fprintf(stderr, "headroom: %s\n", sentence.c_str());
  return exit_status;
}

int Print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? 0 : Fail(kFailed, std::string("standard output: ") + std::strerror(errno));
}

int FailUsage(const std::string& sentence, std::string_view command) {
  return Fail(kUsageError, UsageSentence(sentence, command));
}

std::string UsageSentence(std::string sentence, std::string_view command) {
  if (command.empty()) return sentence + " (headroom --help lists the commands)";
  return sentence.append(" (headroom ").append(command).append(" --help lists the options)");
}

}  // namespace headroom::cli
