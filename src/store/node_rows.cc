#include "store/node_rows.h"

#include <utility>

namespace headroom::store {
namespace {

struct StoredNode {
  std::string_view key, tenant, project, upstream, rule, anchor, original_id, payload;
  int64_t generation = 0, decision = 0, tokens_before = 0, tokens_after = 0, encoding = 0;

  int64_t Sum(RowChecksum& checksum) const {
    for (const std::string_view column : {key, tenant, project, upstream, rule, anchor, original_id, payload}) {
      checksum.Text(column);
    }
    for (const int64_t column : {generation, decision, tokens_before, tokens_after, encoding}) {
      checksum.Integer(static_cast<uint64_t>(column));
    }
    return checksum.Finish();
  }
};

bool Decode(const StoredNode& stored, Codec& codec, Node& node) {
  if (stored.key.size() != 16 || stored.tenant.size() != 16 || stored.anchor.size() != 16) return false;
  if (stored.decision < 0 || stored.decision > static_cast<int64_t>(Node::Decision::kSame)) return false;
  node.key = Hash128::FromBytes(stored.key);
  node.tenant = Hash128::FromBytes(stored.tenant);
  node.anchor = Hash128::FromBytes(stored.anchor);
  node.decision = static_cast<Node::Decision>(stored.decision);
  node.generation = static_cast<uint32_t>(stored.generation);
  node.tokens_before = static_cast<uint32_t>(stored.tokens_before);
  node.tokens_after = static_cast<uint32_t>(stored.tokens_after);
  node.rule.assign(stored.rule);
  node.original_ids.assign(stored.original_id);
  node.project.assign(stored.project);
  node.upstream.assign(stored.upstream);
  return codec.Decode(stored.payload, stored.key, static_cast<Encoding>(stored.encoding), node.payload);
}

}  // namespace

Disk NodeReader::Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer) {
  codec_.Use(std::move(sealer));
  return connection.Prepare(
      "SELECT tenant, project, upstream, rule, anchor, original_id, payload, generation, decision, tokens_before,"
      " tokens_after, encoding, checksum, last_used_day FROM nodes WHERE key = ?1",
      select_);
}

Lookup NodeReader::Read(const Hash128& key, NodeRow& row, Disk& disk) {
  const auto key_bytes = key.Bytes();
  const std::string_view key_view(key_bytes.data(), key_bytes.size());
  select_.BindBlob(1, key_view);
  disk = select_.Step();
  if (disk != Disk::kRow) {
    select_.Reset();
    return disk == Disk::kOk ? Lookup::kMissing : Lookup::kFailed;
  }
  const Statement& s = select_;
  const StoredNode stored{.key = key_view,
                          .tenant = s.Bytes(0),
                          .project = s.Bytes(1),
                          .upstream = s.Bytes(2),
                          .rule = s.Bytes(3),
                          .anchor = s.Bytes(4),
                          .original_id = s.Bytes(5),
                          .payload = s.Bytes(6),
                          .generation = s.Integer(7),
                          .decision = s.Integer(8),
                          .tokens_before = s.Integer(9),
                          .tokens_after = s.Integer(10),
                          .encoding = s.Integer(11)};
  row.checksum = s.Integer(12);
  row.last_used_day = s.Integer(13);
  const bool sound = stored.Sum(checksum_) == row.checksum && Decode(stored, codec_, row.node);
  select_.Reset();
  return sound ? Lookup::kFound : Lookup::kDamaged;
}

Disk NodeWriter::Prepare(Connection& connection, std::shared_ptr<const Sealer> sealer) {
  codec_.Use(std::move(sealer));
  Disk disk = connection.Prepare(
      "INSERT INTO nodes(key, tenant, project, upstream, generation, decision, tokens_before, tokens_after, rule,"
      " anchor, original_id, encoding, payload, checksum, last_used_day)"
      " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15) ON CONFLICT(key) DO NOTHING",
      insert_);
  if (disk == Disk::kOk) {
    disk = connection.Prepare("UPDATE nodes SET last_used_day = ?2 WHERE key = ?1 AND last_used_day < ?2", touch_);
  }
  if (disk == Disk::kOk) {
    disk = connection.Prepare("DELETE FROM nodes WHERE key = ?1 AND checksum = ?2 AND last_used_day <= ?3", drop_);
  }
  return disk;
}

Disk NodeWriter::Insert(const Node& node, int64_t day) {
  const auto key = node.key.Bytes();
  const auto tenant = node.tenant.Bytes();
  const auto anchor = node.anchor.Bytes();
  Encoding encoding;
  const std::string_view payload = codec_.Encode(node.payload, {key.data(), key.size()}, encoding);
  const StoredNode stored{.key = {key.data(), key.size()},
                          .tenant = {tenant.data(), tenant.size()},
                          .project = node.project,
                          .upstream = node.upstream,
                          .rule = node.rule,
                          .anchor = {anchor.data(), anchor.size()},
                          .original_id = node.original_ids,
                          .payload = payload,
                          .generation = node.generation,
                          .decision = static_cast<int64_t>(node.decision),
                          .tokens_before = node.tokens_before,
                          .tokens_after = node.tokens_after,
                          .encoding = static_cast<int64_t>(encoding)};
  insert_.BindBlob(1, stored.key);
  insert_.BindBlob(2, stored.tenant);
  insert_.BindText(3, stored.project);
  insert_.BindText(4, stored.upstream);
  insert_.BindInteger(5, stored.generation);
  insert_.BindInteger(6, stored.decision);
  insert_.BindInteger(7, stored.tokens_before);
  insert_.BindInteger(8, stored.tokens_after);
  insert_.BindText(9, stored.rule);
  insert_.BindBlob(10, stored.anchor);
  insert_.BindText(11, stored.original_id);
  insert_.BindInteger(12, stored.encoding);
  insert_.BindBlob(13, stored.payload);
  insert_.BindInteger(14, stored.Sum(checksum_));
  insert_.BindInteger(15, day);
  return insert_.Run();
}

Disk NodeWriter::Touch(const Hash128& key, int64_t day) {
  touch_.BindHash(1, key);
  touch_.BindInteger(2, day);
  return touch_.Run();
}

Disk NodeWriter::Drop(const Hash128& key, int64_t checksum, int64_t day) {
  drop_.BindHash(1, key);
  drop_.BindInteger(2, checksum);
  drop_.BindInteger(3, day);
  return drop_.Run();
}

}  // namespace headroom::store
