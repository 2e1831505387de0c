#include "policy/model_names.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace headroom::policy {
namespace {

constexpr std::string_view kSeparators = "-.:_@";

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Where a date at the end of `name` begins, its separator included; npos if none.
// "-20250929", "@20250929", "-2025-09-29".
size_t DateAt(std::string_view name) {
  if (name.size() > 9) {
    const std::string_view tail = name.substr(name.size() - 9);
    if ((tail[0] == '-' || tail[0] == '@') && tail.substr(1, 2) == "20" && AllDigits(tail.substr(1))) {
      return name.size() - 9;
    }
  }
  if (name.size() > 11) {
    const std::string_view tail = name.substr(name.size() - 11);
    if (tail.substr(0, 3) == "-20" && tail[5] == '-' && tail[8] == '-' && AllDigits(tail.substr(1, 4)) &&
        AllDigits(tail.substr(6, 2)) && AllDigits(tail.substr(9, 2))) {
      return name.size() - 11;
    }
  }
  return std::string_view::npos;
}

// "gpt-5-20250807" -> "gpt-5-2025-08-07", as the price list writes dates.
std::string DashedDate(std::string_view name) {
  const size_t at = DateAt(name);
  if (at == std::string_view::npos || name.size() - at != 9) return std::string(name);
  const std::string_view date = name.substr(at + 1);
  return std::string(name.substr(0, at)) + "-" + std::string(date.substr(0, 4)) + "-" + std::string(date.substr(4, 2)) +
         "-" + std::string(date.substr(6, 2));
}

// Without "[1m]", ":thinking", ":0" and the like.
std::string_view WithoutOptions(std::string_view name) {
  if (name.ends_with(']')) name = name.substr(0, name.rfind('['));
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos || name.find('/', colon) != std::string_view::npos ? name
                                                                                            : name.substr(0, colon);
}

// Without "-latest", "-v1", a date.
std::string_view WithoutVersion(std::string_view name) {
  if (name.size() > 3 && name[name.size() - 3] == '-' && name[name.size() - 2] == 'v' &&
      AllDigits(name.substr(name.size() - 1))) {
    name.remove_suffix(3);
  }
  for (const std::string_view alias : {"-latest", "@latest", "-default", "@default"}) {
    if (name.ends_with(alias)) name.remove_suffix(alias.size());
  }
  return name.substr(0, std::min(name.size(), DateAt(name)));
}

// Behind the last '/', and behind a cloud's "us.anthropic.".
std::string_view WithoutVendor(std::string_view name) {
  name = name.substr(name.rfind('/') + 1);
  static constexpr std::array<std::string_view, 8> kVendors = {"anthropic.", "openai.", "amazon.",   "meta.",
                                                               "mistral.",   "cohere.", "deepseek.", "google."};
  for (const std::string_view vendor : kVendors) {
    const size_t at = name.find(vendor);
    if (at != std::string_view::npos && (at == 0 || name[at - 1] == '.')) return name.substr(at + vendor.size());
  }
  return name;
}

}  // namespace

std::string LowerName(std::string_view model) {
  while (!model.empty() && std::isspace(static_cast<unsigned char>(model.front())) != 0) model.remove_prefix(1);
  while (!model.empty() && std::isspace(static_cast<unsigned char>(model.back())) != 0) model.remove_suffix(1);
  std::string lower(model);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::vector<std::string> Spellings(std::string_view name) {
  std::vector<std::string> spellings;
  const auto add = [&spellings](std::string spelling) {
    if (spelling.empty() || std::find(spellings.begin(), spellings.end(), spelling) != spellings.end()) return;
    spellings.push_back(std::move(spelling));
  };
  add(std::string(name));
  add(DashedDate(name));
  std::string dashed(name);
  std::replace(dashed.begin(), dashed.end(), '@', '-');
  add(dashed);
  const std::string_view plain = WithoutOptions(name);
  add(std::string(plain));
  add(std::string(WithoutVersion(plain)));
  add(std::string(WithoutVendor(plain)));
  add(BareName(name));
  return spellings;
}

std::string BareName(std::string_view name) { return std::string(WithoutVersion(WithoutVendor(WithoutOptions(name)))); }

std::string_view ShorterStem(std::string_view stem) {
  const size_t at = stem.find_last_of(kSeparators);
  return at == std::string_view::npos ? std::string_view() : stem.substr(0, at);
}

bool IsOfStem(std::string_view id, std::string_view stem) {
  return id.starts_with(stem) &&
         (id.size() == stem.size() || kSeparators.find(id[stem.size()]) != std::string_view::npos);
}

}  // namespace headroom::policy
