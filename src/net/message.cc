#include "net/message.h"

#include <algorithm>

namespace headroom::net {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool LessIgnoreCase(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return Lower(x) < Lower(y); });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsHopByHop(std::string_view name) {
  if (name.size() > 6 && EqualsIgnoreCase(name.substr(0, 6), "proxy-")) return true;
  static constexpr std::string_view kNames[] = {"connection", "keep-alive",        "te",
                                                "trailer",    "transfer-encoding", "upgrade"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [name](std::string_view candidate) { return EqualsIgnoreCase(name, candidate); });
}

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return Lower(x) == Lower(y); });
}

void HeaderList::Add(std::string_view name, std::string_view value) {
  Slot slot;
  slot.name_begin = static_cast<uint32_t>(bytes_.size());
  slot.name_size = static_cast<uint32_t>(name.size());
  bytes_.append(name);
  slot.value_begin = static_cast<uint32_t>(bytes_.size());
  slot.value_size = static_cast<uint32_t>(value.size());
  bytes_.append(value);
  fields_.push_back(slot);
}

size_t HeaderList::Remove(std::string_view name) {
  return std::erase_if(fields_, [&](const Slot& slot) {
    return EqualsIgnoreCase(std::string_view(bytes_).substr(slot.name_begin, slot.name_size), name);
  });
}

void HeaderList::Set(std::string_view name, std::string_view value) {
  Remove(name);
  Add(name, value);
}

void HeaderList::Clear() {
  bytes_.clear();
  fields_.clear();
}

void HeaderList::Reserve(size_t bytes, size_t fields) {
  bytes_.reserve(bytes);
  fields_.reserve(fields);
}

size_t HeaderList::capacity_bytes() const { return bytes_.capacity() + fields_.capacity() * sizeof(Slot); }

std::optional<std::string_view> HeaderList::Find(std::string_view name) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Field field = (*this)[i];
    if (EqualsIgnoreCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

HeaderList::Field HeaderList::operator[](size_t index) const {
  const Slot& slot = fields_[index];
  const std::string_view bytes(bytes_);
  return {bytes.substr(slot.name_begin, slot.name_size), bytes.substr(slot.value_begin, slot.value_size)};
}

// The names that Connection lists are sorted first: a head of 64 KB may list
// thousands of them, and comparing each with each field would be quadratic.
void HeaderList::RemoveHopByHop() {
  std::vector<std::string_view> listed;
  for (size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (!EqualsIgnoreCase(field.name, "connection")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view name = Trim(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (!name.empty() && !EqualsIgnoreCase(name, "close") && !EqualsIgnoreCase(name, "keep-alive")) {
        listed.push_back(name);
      }
    }
  }
  std::sort(listed.begin(), listed.end(), LessIgnoreCase);
  std::erase_if(fields_, [&](const Slot& slot) {
    const std::string_view name = std::string_view(bytes_).substr(slot.name_begin, slot.name_size);
    return IsHopByHop(name) || std::binary_search(listed.begin(), listed.end(), name, LessIgnoreCase);
  });
}

std::string_view RequestHead::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view RequestHead::query() const {
  const size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark);
}

}  // namespace headroom::net
