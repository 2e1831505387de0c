#include "text/diff_excerpt_noise.h"

#include <algorithm>
#include <array>

#include "text/line_text.h"

namespace headroom::text {
namespace {

bool IsLockFile(std::string_view name) {
  static constexpr std::array<std::string_view, 17> kNames = {
      "package-lock.json",  "npm-shrinkwrap.json", "pnpm-lock.yaml",      "bun.lockb",    "go.sum",     "go.work.sum",
      "packages.lock.json", "gradle.lockfile",     "package.resolved",    "podfile.lock", "cargo.lock", "mix.lock",
      "flake.lock",         "conan.lock",          ".terraform.lock.hcl", "chart.lock",   "deno.lock"};
  // yarn.lock, poetry.lock, uv.lock, Gemfile.lock, composer.lock, Pipfile.lock, ...
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.ends_with(".lock");
}

bool IsGeneratedName(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kEndings = {
      ".min.js", ".min.css", ".min.mjs", ".js.map",      ".css.map", ".mjs.map", ".pb.go",
      ".pb.cc",  "_pb2.py",  "_pb2.pyi", "_pb2_grpc.py", ".pb.h",    ".g.dart",  ".designer.cs"};
  return name.find(".generated.") != std::string_view::npos || name.find("_generated.") != std::string_view::npos ||
         std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

bool IsVendored(std::string_view path) {
  static constexpr std::array<std::string_view, 6> kFolders = {"node_modules",     "vendor", "third_party",
                                                               "bower_components", ".yarn",  "site-packages"};
  for (size_t begin = 0, slash = path.find('/'); slash != std::string_view::npos;
       begin = slash + 1, slash = path.find('/', begin)) {
    const std::string_view folder = path.substr(begin, slash - begin);
    if (std::find(kFolders.begin(), kFolders.end(), folder) != kFolders.end()) return true;
  }
  return false;
}

}  // namespace

bool IsGeneratedPath(std::string_view path) {
  const std::string lower = LowerCase(path.substr(0, 4096));
  const std::string_view name = std::string_view(lower).substr(lower.rfind('/') + 1);
  return IsLockFile(name) || IsGeneratedName(name) || IsVendored(lower);
}

}  // namespace headroom::text
