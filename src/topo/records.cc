// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/records.h"

#include <fmt/core.h>

#include "proto/topodata.pb.h"
#include "proto/vschema.pb.h"

namespace tessera::topo {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

template <class Message>
Result<Message> Parse(std::string_view bytes, std::string_view kind) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Errorf(Code::kDataLoss, "topology: a {} record of {} bytes cannot be read", kind,
                  bytes.size())
        .WithHint("it was damaged, or written by something that is not Vitess or Tessera");
  }
  return message;
}

// The message a record was read from, to be changed in the fields we model; a new one when it was
// not read.
template <class Message>
Message Base(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) message.Clear();
  return message;
}

int64_t FromTime(bool present, const vttime::Time& time) {
  return present ? time.seconds() * kNanosPerSecond + time.nanoseconds() : 0;
}

// Sets or clears a time field of `message`.
#define TESSERA_PUT_TIME(message, field, value)                                                \
  if ((value) == 0) {                                                                          \
    (message).clear_##field();                                                                 \
  } else {                                                                                     \
    (message).mutable_##field()->set_seconds((value) / kNanosPerSecond);                       \
    (message).mutable_##field()->set_nanoseconds(static_cast<int>((value) % kNanosPerSecond)); \
  }

keys::TabletAlias FromProto(const topodata::TabletAlias& alias) {
  return {alias.cell(), alias.uid()};
}

void ToProto(const keys::TabletAlias& alias, topodata::TabletAlias& to) {
  to.set_cell(alias.cell);
  to.set_uid(alias.uid);
}

template <class Message>
std::optional<keys::KeyRange> RangeOf(const Message& message) {
  if (!message.has_key_range()) return std::nullopt;
  return keys::KeyRange{message.key_range().start(), message.key_range().end()};
}

template <class Message>
void PutRange(const std::optional<keys::KeyRange>& range, Message& message) {
  message.clear_key_range();
  if (!range) return;
  message.mutable_key_range()->set_start(range->start);
  message.mutable_key_range()->set_end(range->end);
}

topodata::TabletType ToProto(keys::TabletType type) {
  return static_cast<topodata::TabletType>(static_cast<int>(type));
}

template <class Field>
std::vector<std::string> Strings(const Field& field) {
  return {field.begin(), field.end()};
}

}  // namespace

std::string Tablet::db_name() const {
  return db_name_override.empty() ? "vt_" + keyspace : db_name_override;
}

int32_t Tablet::port(const std::string& name) const {
  const auto found = port_map.find(name);
  return found == port_map.end() ? 0 : found->second;
}

const KeyspacePartition* SrvKeyspace::Find(keys::TabletType type) const {
  for (const KeyspacePartition& partition : partitions) {
    if (partition.served_type == type) return &partition;
  }
  return nullptr;
}

Result<CellInfo> DecodeCellInfo(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::CellInfo>(bytes, "CellInfo"));
  return CellInfo{message.server_address(), message.root(), std::string(bytes)};
}

std::string Encode(const CellInfo& record) {
  auto message = Base<topodata::CellInfo>(record.base);
  message.set_server_address(record.server_address);
  message.set_root(record.root);
  return message.SerializeAsString();
}

Result<CellsAlias> DecodeCellsAlias(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::CellsAlias>(bytes, "CellsAlias"));
  return CellsAlias{Strings(message.cells()), std::string(bytes)};
}

std::string Encode(const CellsAlias& record) {
  auto message = Base<topodata::CellsAlias>(record.base);
  message.clear_cells();
  message.mutable_cells()->Add(record.cells.begin(), record.cells.end());
  return message.SerializeAsString();
}

Result<ExternalCluster> DecodeExternalCluster(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::ExternalVitessCluster>(bytes, "ExternalVitessCluster"));
  const topodata::TopoConfig& config = message.topo_config();
  return ExternalCluster{config.topo_type(), config.server(), config.root(), std::string(bytes)};
}

std::string Encode(const ExternalCluster& record) {
  auto message = Base<topodata::ExternalVitessCluster>(record.base);
  message.mutable_topo_config()->set_topo_type(record.topo_implementation);
  message.mutable_topo_config()->set_server(record.server_address);
  message.mutable_topo_config()->set_root(record.root);
  return message.SerializeAsString();
}

Result<Keyspace> DecodeKeyspace(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::Keyspace>(bytes, "Keyspace"));
  Keyspace record;
  record.is_snapshot = message.keyspace_type() == topodata::SNAPSHOT;
  record.base_keyspace = message.base_keyspace();
  record.snapshot_time = FromTime(message.has_snapshot_time(), message.snapshot_time());
  record.durability_policy = message.durability_policy();
  record.sidecar_db_name = message.sidecar_db_name();
  record.base = bytes;
  return record;
}

std::string Encode(const Keyspace& record) {
  auto message = Base<topodata::Keyspace>(record.base);
  message.set_keyspace_type(record.is_snapshot ? topodata::SNAPSHOT : topodata::NORMAL);
  message.set_base_keyspace(record.base_keyspace);
  TESSERA_PUT_TIME(message, snapshot_time, record.snapshot_time);
  message.set_durability_policy(record.durability_policy);
  message.set_sidecar_db_name(record.sidecar_db_name);
  return message.SerializeAsString();
}

Result<Shard> DecodeShard(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::Shard>(bytes, "Shard"));
  Shard record;
  record.primary_alias = FromProto(message.primary_alias());
  record.primary_term_start =
      FromTime(message.has_primary_term_start_time(), message.primary_term_start_time());
  record.key_range = RangeOf(message);
  record.is_primary_serving = message.is_primary_serving();
  record.has_source_shards = message.source_shards_size() > 0;
  for (const auto& control : message.tablet_controls()) {
    record.tablet_controls.push_back({keys::TabletTypeFromNumber(control.tablet_type()),
                                      Strings(control.cells()), Strings(control.denied_tables()),
                                      control.frozen(), control.allow_reads()});
  }
  record.base = bytes;
  return record;
}

std::string Encode(const Shard& record) {
  auto message = Base<topodata::Shard>(record.base);
  message.clear_primary_alias();
  if (!record.primary_alias.empty())
    ToProto(record.primary_alias, *message.mutable_primary_alias());
  TESSERA_PUT_TIME(message, primary_term_start_time, record.primary_term_start);
  PutRange(record.key_range, message);
  message.set_is_primary_serving(record.is_primary_serving);
  message.clear_tablet_controls();
  for (const TabletControl& control : record.tablet_controls) {
    auto& to = *message.add_tablet_controls();
    to.set_tablet_type(ToProto(control.tablet_type));
    to.mutable_cells()->Add(control.cells.begin(), control.cells.end());
    to.mutable_denied_tables()->Add(control.denied_tables.begin(), control.denied_tables.end());
    to.set_frozen(control.frozen);
    to.set_allow_reads(control.allow_reads);
  }
  return message.SerializeAsString();
}

Result<Tablet> DecodeTablet(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::Tablet>(bytes, "Tablet"));
  Tablet record;
  record.alias = FromProto(message.alias());
  record.hostname = message.hostname();
  record.port_map = {message.port_map().begin(), message.port_map().end()};
  record.keyspace = message.keyspace();
  record.shard = message.shard();
  record.key_range = RangeOf(message);
  record.type = keys::TabletTypeFromNumber(message.type());
  record.db_name_override = message.db_name_override();
  record.tags = {message.tags().begin(), message.tags().end()};
  record.mysql_hostname = message.mysql_hostname();
  record.mysql_port = message.mysql_port();
  record.primary_term_start =
      FromTime(message.has_primary_term_start_time(), message.primary_term_start_time());
  record.default_conn_collation = message.default_conn_collation();
  record.tablet_start_time = FromTime(message.has_tablet_start_time(), message.tablet_start_time());
  record.tablet_shutdown_time =
      FromTime(message.has_tablet_shutdown_time(), message.tablet_shutdown_time());
  record.base = bytes;
  return record;
}

std::string Encode(const Tablet& record) {
  auto message = Base<topodata::Tablet>(record.base);
  ToProto(record.alias, *message.mutable_alias());
  message.set_hostname(record.hostname);
  *message.mutable_port_map() = {record.port_map.begin(), record.port_map.end()};
  message.set_keyspace(record.keyspace);
  message.set_shard(record.shard);
  PutRange(record.key_range, message);
  message.set_type(ToProto(record.type));
  message.set_db_name_override(record.db_name_override);
  *message.mutable_tags() = {record.tags.begin(), record.tags.end()};
  message.set_mysql_hostname(record.mysql_hostname);
  message.set_mysql_port(record.mysql_port);
  TESSERA_PUT_TIME(message, primary_term_start_time, record.primary_term_start);
  message.set_default_conn_collation(record.default_conn_collation);
  TESSERA_PUT_TIME(message, tablet_start_time, record.tablet_start_time);
  TESSERA_PUT_TIME(message, tablet_shutdown_time, record.tablet_shutdown_time);
  return message.SerializeAsString();
}

Result<ShardReplication> DecodeShardReplication(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::ShardReplication>(bytes, "ShardReplication"));
  ShardReplication record;
  for (const auto& node : message.nodes()) record.nodes.push_back(FromProto(node.tablet_alias()));
  record.base = bytes;
  return record;
}

std::string Encode(const ShardReplication& record) {
  auto message = Base<topodata::ShardReplication>(record.base);
  message.clear_nodes();
  for (const keys::TabletAlias& node : record.nodes)
    ToProto(node, *message.add_nodes()->mutable_tablet_alias());
  return message.SerializeAsString();
}

Result<SrvKeyspace> DecodeSrvKeyspace(std::string_view bytes) {
  TRY(const auto message, Parse<topodata::SrvKeyspace>(bytes, "SrvKeyspace"));
  SrvKeyspace record;
  for (const auto& from : message.partitions()) {
    KeyspacePartition& partition = record.partitions.emplace_back();
    partition.served_type = keys::TabletTypeFromNumber(from.served_type());
    for (const auto& shard : from.shard_references()) {
      partition.shard_references.push_back({shard.name(), RangeOf(shard)});
    }
    for (const auto& control : from.shard_tablet_controls()) {
      partition.shard_tablet_controls.push_back(
          {control.name(), RangeOf(control), control.query_service_disabled()});
    }
  }
  record.base = bytes;
  return record;
}

std::string Encode(const SrvKeyspace& record) {
  auto message = Base<topodata::SrvKeyspace>(record.base);
  message.clear_partitions();
  for (const KeyspacePartition& from : record.partitions) {
    auto& partition = *message.add_partitions();
    partition.set_served_type(ToProto(from.served_type));
    for (const ShardReference& shard : from.shard_references) {
      auto& to = *partition.add_shard_references();
      to.set_name(shard.name);
      PutRange(shard.key_range, to);
    }
    for (const ShardTabletControl& control : from.shard_tablet_controls) {
      auto& to = *partition.add_shard_tablet_controls();
      to.set_name(control.name);
      PutRange(control.key_range, to);
      to.set_query_service_disabled(control.query_service_disabled);
    }
  }
  return message.SerializeAsString();
}

void CopyThrottlerConfig(const Keyspace& from, SrvKeyspace& to) {
  const auto source = Base<topodata::Keyspace>(from.base);
  auto target = Base<topodata::SrvKeyspace>(to.base);
  target.clear_throttler_config();
  if (source.has_throttler_config()) *target.mutable_throttler_config() = source.throttler_config();
  to.base = target.SerializeAsString();
}

Result<std::string> RequireExplicitRouting(std::string_view vschema) {
  TRY(auto message, Parse<vschema::Keyspace>(vschema, "VSchema"));
  message.set_require_explicit_routing(true);
  return message.SerializeAsString();
}

Result<size_t> CountRules(RulesKind kind, std::string_view bytes) {
  int count = 0;
  if (kind == RulesKind::kRouting) {
    TRY(const auto rules, Parse<vschema::RoutingRules>(bytes, "RoutingRules"));
    count = rules.rules_size();
  } else if (kind == RulesKind::kShardRouting) {
    TRY(const auto rules, Parse<vschema::ShardRoutingRules>(bytes, "ShardRoutingRules"));
    count = rules.rules_size();
  } else if (kind == RulesKind::kKeyspaceRouting) {
    TRY(const auto rules, Parse<vschema::KeyspaceRoutingRules>(bytes, "KeyspaceRoutingRules"));
    count = rules.rules_size();
  } else {
    TRY(const auto rules, Parse<vschema::MirrorRules>(bytes, "MirrorRules"));
    count = rules.rules_size();
  }
  return static_cast<size_t>(count);
}

namespace {

template <class Message>
Result<std::string> TextOf(std::string_view bytes, std::string_view kind) {
  TRY(const Message message, Parse<Message>(bytes, kind));
  return message.DebugString();
}

struct TextKind {
  std::string_view name;
  Result<std::string> (*text)(std::string_view bytes, std::string_view kind);
};

// By the last part of a record's path; the VSchema of a keyspace is a vschema.Keyspace.
constexpr TextKind kTextKinds[] = {
    {"CellInfo", TextOf<topodata::CellInfo>},
    {"CellsAlias", TextOf<topodata::CellsAlias>},
    {"Keyspace", TextOf<topodata::Keyspace>},
    {"VSchema", TextOf<vschema::Keyspace>},
    {"Shard", TextOf<topodata::Shard>},
    {"RoutingRules", TextOf<vschema::RoutingRules>},
    {"ShardRoutingRules", TextOf<vschema::ShardRoutingRules>},
    {"Rules", TextOf<vschema::KeyspaceRoutingRules>},
    {"MirrorRules", TextOf<vschema::MirrorRules>},
    {"Tablet", TextOf<topodata::Tablet>},
    {"ShardReplication", TextOf<topodata::ShardReplication>},
    {"SrvKeyspace", TextOf<topodata::SrvKeyspace>},
    {"SrvVSchema", TextOf<vschema::SrvVSchema>},
};

}  // namespace

Result<std::string> RecordText(std::string_view path, std::string_view bytes) {
  if (path.starts_with("metadata/")) return std::string(bytes);
  if (path.starts_with("ExternalClusters/"))
    return TextOf<topodata::ExternalVitessCluster>(bytes, "ExternalVitessCluster");
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const TextKind& kind : kTextKinds) {
    if (kind.name == name) return kind.text(bytes, name).Wrap(path);
  }
  return std::string(bytes);
}

Result<std::string> JoinSrvVSchema(const VSchemaParts& parts) {
  vschema::SrvVSchema srv;
  for (const auto& [name, bytes] : parts.keyspaces) {
    auto keyspace = Parse<vschema::Keyspace>(bytes, "VSchema");
    if (!keyspace.ok()) return std::move(keyspace).error().Wrap(fmt::format("keyspace {}", name));
    (*srv.mutable_keyspaces())[name] = std::move(*keyspace);
  }
  TRY(*srv.mutable_routing_rules(),
      Parse<vschema::RoutingRules>(parts.routing_rules, "RoutingRules"));
  TRY(*srv.mutable_shard_routing_rules(),
      Parse<vschema::ShardRoutingRules>(parts.shard_routing_rules, "ShardRoutingRules"));
  if (!parts.keyspace_routing_rules.empty()) {
    TRY(*srv.mutable_keyspace_routing_rules(),
        Parse<vschema::KeyspaceRoutingRules>(parts.keyspace_routing_rules, "KeyspaceRoutingRules"));
  }
  TRY(*srv.mutable_mirror_rules(), Parse<vschema::MirrorRules>(parts.mirror_rules, "MirrorRules"));
  return srv.SerializeAsString();
}

}  // namespace tessera::topo
