#include "text/named_paths.h"

#include <algorithm>
#include <string>

#include "text/line_text.h"
#include "text/words.h"

namespace headroom::text {
namespace {

// Terms of the call's arguments weigh less.
constexpr double kAskedWeight = 1.0;

bool IsEndOf(std::string_view end, std::string_view whole) {
  return whole.ends_with(end) && (whole.size() == end.size() || whole[whole.size() - end.size() - 1] == '/');
}

bool Names(const Term& term, std::string_view lower_path) {
  const std::string_view name = lower_path.substr(lower_path.rfind('/') + 1);
  const std::string_view stem = name.substr(0, name.find('.'));
  if (!term.exact) return stem == name && StemOf(name) == term.text;
  return IsEndOf(term.text, lower_path) || IsEndOf(lower_path, term.text) || stem == term.text;
}

// "index.js" and "index" out of a question that says "lib/index.js": they name no other index.js.
bool IsPartOfPath(const Query& query, const Term& term) {
  return std::any_of(query.terms().begin(), query.terms().end(), [&](const Term& other) {
    if (!other.exact || other.weight < kAskedWeight || other.text.size() <= term.text.size()) return false;
    const size_t slash = other.text.rfind('/');
    if (slash == std::string::npos) return false;
    const std::string_view name = std::string_view(other.text).substr(slash + 1);
    return IsEndOf(term.text, other.text) || name.substr(0, name.find('.')) == term.text;
  });
}

}  // namespace

bool NamesPath(const Query& query, std::string_view path) {
  if (path.empty()) return false;
  const std::string lower = LowerCase(path.starts_with("./") ? path.substr(2) : path);
  return std::any_of(query.terms().begin(), query.terms().end(), [&](const Term& term) {
    return term.weight >= kAskedWeight && Names(term, lower) && !IsPartOfPath(query, term);
  });
}

}  // namespace headroom::text
