#include "store/original_rows.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::store {
namespace {

struct StoredOriginal {
  std::string_view tenant, id, project, upstream, tool_name, text;
  int64_t generation = 0, tokens = 0, tokens_after = 0, size = 0, encoding = 0, items = 0, items_after = 0;

  // What is sealed with the text.
  std::string About() const { return std::string(tenant).append(id); }

  int64_t Sum(RowChecksum& checksum) const {
    for (const std::string_view column : {tenant, id, project, upstream, tool_name, text}) checksum.Text(column);
    for (const int64_t column : {generation, tokens, tokens_after, size, encoding}) {
      checksum.Integer(static_cast<uint64_t>(column));
    }
    // Rows of the schema's first version have neither.
    if (items != 0 || items_after != 0) {
      checksum.Integer(static_cast<uint64_t>(items));
      checksum.Integer(static_cast<uint64_t>(items_after));
    }
    return checksum.Finish();
  }
};

bool Decode(const StoredOriginal& stored, Codec& codec, Original& original) {
  original.id.assign(stored.id);
  original.project.assign(stored.project);
  original.upstream.assign(stored.upstream);
  original.tool_name.assign(stored.tool_name);
  original.generation = static_cast<uint32_t>(stored.generation);
  original.tokens = static_cast<uint32_t>(stored.tokens);
  original.tokens_after = static_cast<uint32_t>(stored.tokens_after);
  original.items = static_cast<uint32_t>(stored.items);
  original.items_after = static_cast<uint32_t>(stored.items_after);
  return codec.Decode(stored.text, stored.About(), static_cast<Encoding>(stored.encoding), original.text) &&
         static_cast<int64_t>(original.text.size()) == stored.size;
}

}  // namespace

Disk OriginalReader::Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer) {
  codec_.Use(std::move(sealer));
  const Disk disk = connection.Prepare(
      "SELECT project, upstream, tool_name, text, generation, tokens, tokens_after, size, encoding, checksum,"
      " last_used, retrievals, items, items_after FROM originals WHERE tenant = ?1 AND id = ?2",
      select_);
  if (disk != Disk::kOk) return disk;
  return connection.Prepare("SELECT upstream, size, tokens, tokens_after FROM originals WHERE tenant = ?1", of_tenant_);
}

Disk OriginalReader::Sum(const TenantId& tenant, Connection::TimePoint deadline,
                         std::map<std::string, OriginalsOfUpstream>& sums) {
  of_tenant_.BindHash(1, tenant);
  Disk disk = Disk::kOk;
  for (size_t rows = 0; (disk = of_tenant_.Step()) == Disk::kRow; ++rows) {
    OriginalsOfUpstream& sum = sums[std::string(of_tenant_.Bytes(0))];
    sum.count += 1;
    sum.bytes += static_cast<uint64_t>(of_tenant_.Integer(1));
    sum.tokens += static_cast<uint64_t>(of_tenant_.Integer(2));
    sum.tokens_after += static_cast<uint64_t>(of_tenant_.Integer(3));
    if (rows % 64 == 63 && std::chrono::steady_clock::now() >= deadline) {
      disk = Disk::kBusy;
      break;
    }
  }
  of_tenant_.Reset();
  return disk;
}

Lookup OriginalReader::Read(const TenantId& tenant, std::string_view id, OriginalRow& row, Disk& disk) {
  const auto tenant_bytes = tenant.Bytes();
  const std::string_view tenant_view(tenant_bytes.data(), tenant_bytes.size());
  select_.BindBlob(1, tenant_view);
  select_.BindText(2, id);
  disk = select_.Step();
  if (disk != Disk::kRow) {
    select_.Reset();
    return disk == Disk::kOk ? Lookup::kMissing : Lookup::kFailed;
  }
  const Statement& s = select_;
  const StoredOriginal stored{.tenant = tenant_view,
                              .id = id,
                              .project = s.Bytes(0),
                              .upstream = s.Bytes(1),
                              .tool_name = s.Bytes(2),
                              .text = s.Bytes(3),
                              .generation = s.Integer(4),
                              .tokens = s.Integer(5),
                              .tokens_after = s.Integer(6),
                              .size = s.Integer(7),
                              .encoding = s.Integer(8),
                              .items = s.Integer(12),
                              .items_after = s.Integer(13)};
  row.checksum = s.Integer(9);
  row.last_used = s.Integer(10);
  row.original.retrievals = static_cast<uint64_t>(s.Integer(11));
  row.original.tenant = tenant;
  const bool sound = stored.Sum(checksum_) == row.checksum && Decode(stored, codec_, row.original);
  select_.Reset();
  return sound ? Lookup::kFound : Lookup::kDamaged;
}

int64_t UseResolutionSeconds(int64_t ttl_seconds) { return std::clamp<int64_t>(ttl_seconds / 8, 1, 3600); }

Disk OriginalWriter::Prepare(Connection& connection, int64_t ttl_seconds, std::shared_ptr<const Sealer> sealer) {
  codec_.Use(std::move(sealer));
  use_resolution_ = UseResolutionSeconds(ttl_seconds);
  const std::pair<std::string_view, Statement*> statements[] = {
      {"SELECT last_used FROM originals WHERE tenant = ?1 AND id = ?2", &last_used_},
      {"DELETE FROM originals WHERE tenant = ?1 AND id = ?2", &expire_},
      {"INSERT INTO originals(tenant, id, project, upstream, generation, tool_name, tokens, tokens_after, size,"
       " encoding, checksum, last_used, retrievals, stored_size, text, items, items_after)"
       " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,0,?13,?14,?15,?16)",
       &insert_},
      {"UPDATE originals SET retrievals = retrievals + ?3,"
       " last_used = CASE WHEN ?4 - last_used >= ?5 THEN ?4 ELSE last_used END"
       " WHERE tenant = ?1 AND id = ?2 AND (?3 > 0 OR ?4 - last_used >= ?5)",
       &touch_},
      {"DELETE FROM originals WHERE tenant = ?1 AND id = ?2 AND checksum = ?3", &drop_},
      {"SELECT originals, original_bytes, stored_bytes FROM totals", &totals_},
  };
  for (const auto& [sql, statement] : statements) {
    if (const Disk disk = connection.Prepare(sql, *statement); disk != Disk::kOk) return disk;
  }
  return Disk::kOk;
}

Disk OriginalWriter::Put(const Original& original, int64_t oldest_second, int64_t unix_seconds) {
  last_used_.BindHash(1, original.tenant);
  last_used_.BindText(2, original.id);
  Disk disk = last_used_.Step();
  const bool expired = disk == Disk::kRow && last_used_.Integer(0) < oldest_second;
  last_used_.Reset();
  if (disk == Disk::kRow && !expired) return Touch(original.tenant, original.id, 0, unix_seconds);
  if (expired) {
    expire_.BindHash(1, original.tenant);
    expire_.BindText(2, original.id);
    disk = expire_.Run();
  }
  return disk == Disk::kOk ? Add(original, unix_seconds) : disk;
}

Disk OriginalWriter::Add(const Original& original, int64_t unix_seconds) {
  const auto tenant = original.tenant.Bytes();
  Encoding encoding;
  StoredOriginal stored{.tenant = {tenant.data(), tenant.size()},
                        .id = original.id,
                        .project = original.project,
                        .upstream = original.upstream,
                        .tool_name = original.tool_name,
                        .text = {},
                        .generation = original.generation,
                        .tokens = original.tokens,
                        .tokens_after = original.tokens_after,
                        .size = static_cast<int64_t>(original.text.size()),
                        .items = original.items,
                        .items_after = original.items_after};
  stored.text = codec_.Encode(original.text, stored.About(), encoding);
  stored.encoding = static_cast<int64_t>(encoding);
  insert_.BindBlob(1, stored.tenant);
  insert_.BindText(2, stored.id);
  insert_.BindText(3, stored.project);
  insert_.BindText(4, stored.upstream);
  insert_.BindInteger(5, stored.generation);
  insert_.BindText(6, stored.tool_name);
  insert_.BindInteger(7, stored.tokens);
  insert_.BindInteger(8, stored.tokens_after);
  insert_.BindInteger(9, stored.size);
  insert_.BindInteger(10, stored.encoding);
  insert_.BindInteger(11, stored.Sum(checksum_));
  insert_.BindInteger(12, unix_seconds);
  insert_.BindInteger(13, static_cast<int64_t>(stored.text.size()));
  insert_.BindBlob(14, stored.text);
  insert_.BindInteger(15, stored.items);
  insert_.BindInteger(16, stored.items_after);
  return insert_.Run();
}

Disk OriginalWriter::Touch(const TenantId& tenant, std::string_view id, int64_t retrievals, int64_t unix_seconds) {
  touch_.BindHash(1, tenant);
  touch_.BindText(2, id);
  touch_.BindInteger(3, retrievals);
  touch_.BindInteger(4, unix_seconds);
  touch_.BindInteger(5, use_resolution_);
  return touch_.Run();
}

Disk OriginalWriter::Drop(const TenantId& tenant, std::string_view id, int64_t checksum) {
  drop_.BindHash(1, tenant);
  drop_.BindText(2, id);
  drop_.BindInteger(3, checksum);
  return drop_.Run();
}

Disk OriginalWriter::ReadTotals(OriginalTotals& totals) {
  const Disk disk = totals_.Step();
  if (disk == Disk::kRow) {
    totals = {.count = totals_.Integer(0), .bytes = totals_.Integer(1), .stored_bytes = totals_.Integer(2)};
  }
  totals_.Reset();
  return disk == Disk::kRow ? Disk::kOk : disk == Disk::kOk ? Disk::kCorrupt : disk;
}

}  // namespace headroom::store
