#include "cli/secrets.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "cli/values.h"

namespace headroom::cli {
namespace {

constexpr size_t kMaxFileBytes = 16 * 1024;

Status Wrong(const std::string& path, const std::string& why) {
  return {Code::kInvalidArgument, "the secret's file " + path + ": " + why};
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> ReadSecret(const std::string& text, const std::string& home) {
  if (!text.starts_with('@')) return text;
  const std::string path = ExpandHome(text.substr(1), home);
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return Wrong(path, std::strerror(errno));
  std::string bytes(kMaxFileBytes + 1, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
  if (std::ferror(file.get()) != 0) return Wrong(path, std::strerror(errno));
  if (bytes.size() > kMaxFileBytes) return Wrong(path, "larger than 16 KiB");
  const std::string line = bytes.substr(0, bytes.find_first_of("\r\n"));
  if (line.empty()) return Wrong(path, "the first line is empty");
  return line;
}

}  // namespace headroom::cli
