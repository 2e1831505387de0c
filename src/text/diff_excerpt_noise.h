// Files that people do not write and reviewers do not read line by line.
//
//   package-lock.json, go.sum, poetry.lock      lock files
//   app.min.js, app.js.map                      minified
//   api.pb.go, schema_pb2.py, x.generated.ts    generated
//   node_modules/..., vendor/..., third_party/...  vendored
//
// Counter-example: "lib/lock.c" and "src/vendor.ts" are source. Thread-safe.

#pragma once

#include <string_view>

namespace headroom::text {

// Cost: O(path).
bool IsGeneratedPath(std::string_view path);

}  // namespace headroom::text
