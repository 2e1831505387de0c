#include "store/generations.h"

#include <utility>

namespace headroom::store {
namespace {

int64_t Sum(RowChecksum& checksum, uint32_t number, std::string_view policy) {
  return checksum.Integer(number).Text(policy).Finish();
}

}  // namespace

Generations::Interned Generations::Intern(std::string_view policy) {
  auto number = static_cast<uint32_t>(Hasher128().Add(policy).Finish().low);
  const std::lock_guard lock(mutex_);
  for (;; ++number) {
    if (number == 0) continue;
    const auto [found, added] = policies_.try_emplace(number, policy);
    if (added || found->second == policy) return {.number = number, .added = added};
  }
}

void Generations::Restore(uint32_t number, std::string policy) {
  const std::lock_guard lock(mutex_);
  policies_.try_emplace(number, std::move(policy));
}

std::optional<std::string> Generations::Find(uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = policies_.find(number);
  if (found == policies_.end()) return std::nullopt;
  return found->second;
}

std::vector<uint32_t> Generations::Numbers() const {
  const std::lock_guard lock(mutex_);
  std::vector<uint32_t> numbers;
  for (const auto& [number, policy] : policies_) numbers.push_back(number);
  return numbers;
}

Disk GenerationReader::Prepare(Connection& connection) {
  const Disk disk = connection.Prepare("SELECT policy, checksum FROM generations WHERE number = ?1", select_);
  if (disk != Disk::kOk) return disk;
  return connection.Prepare("SELECT policy, checksum, number FROM generations", all_);
}

Lookup GenerationReader::Read(uint32_t number, std::string& policy, Disk& disk) {
  select_.BindInteger(1, number);
  disk = select_.Step();
  Lookup lookup = disk == Disk::kOk ? Lookup::kMissing : Lookup::kFailed;
  if (disk == Disk::kRow) {
    policy.assign(select_.Bytes(0));
    lookup = Sum(checksum_, number, policy) == select_.Integer(1) ? Lookup::kFound : Lookup::kDamaged;
  }
  select_.Reset();
  return lookup;
}

Disk GenerationReader::LoadAll(Generations& generations) {
  Disk disk;
  while ((disk = all_.Step()) == Disk::kRow) {
    std::string policy(all_.Bytes(0));
    const int64_t number = all_.Integer(2);
    if (number <= 0 || number > UINT32_MAX) continue;
    if (Sum(checksum_, static_cast<uint32_t>(number), policy) != all_.Integer(1)) continue;
    generations.Restore(static_cast<uint32_t>(number), std::move(policy));
  }
  all_.Reset();
  return disk;
}

Disk GenerationWriter::Prepare(Connection& connection) {
  return connection.Prepare(
      "INSERT INTO generations(number, policy, checksum) VALUES(?1,?2,?3) ON CONFLICT(number) DO NOTHING", insert_);
}

Disk GenerationWriter::Insert(uint32_t number, std::string_view policy) {
  insert_.BindInteger(1, number);
  insert_.BindText(2, policy);
  insert_.BindInteger(3, Sum(checksum_, number, policy));
  return insert_.Run();
}

}  // namespace headroom::store
