// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/key_range.h"
#include "keys/tablet_alias.h"
#include "keys/tablet_type.h"

// The records of the topology as plain values. `base` holds the bytes a record was read from:
// writing it back keeps every field that is not modelled here, those of newer versions included.
// Times are nanoseconds since 1970, 0 for none.
namespace tessera::topo {

struct CellInfo {
  std::string server_address;
  std::string root;
  std::string base;
};

// A name for several cells: tablets of one are used by gates of another. A cell is in one at most.
struct CellsAlias {
  std::vector<std::string> cells;
  std::string base;
};

// The topology of another cluster, mounted under a name to copy data from it.
struct ExternalCluster {
  std::string topo_implementation;
  std::string server_address;
  std::string root;
  std::string base;
};

struct Keyspace {
  bool is_snapshot = false;  // of base_keyspace, as it was at snapshot_time
  std::string base_keyspace;
  int64_t snapshot_time = 0;
  std::string durability_policy;
  std::string sidecar_db_name;
  std::string base;
};

// Tables that tablets of one type refuse. No cells means all cells.
struct TabletControl {
  keys::TabletType tablet_type = keys::TabletType::kUnknown;
  std::vector<std::string> cells;
  std::vector<std::string> denied_tables;
  bool frozen = false;
  bool allow_reads = false;
};

struct Shard {
  keys::TabletAlias primary_alias;  // empty when there is none
  int64_t primary_term_start = 0;
  std::optional<keys::KeyRange> key_range;
  std::vector<TabletControl> tablet_controls;
  bool is_primary_serving = false;
  bool has_source_shards = false;  // read only
  std::string base;
};

struct Tablet {
  keys::TabletAlias alias;
  std::string hostname;
  std::map<std::string, int32_t> port_map;  // "vt": HTTP, "grpc"
  std::string keyspace;
  std::string shard;
  std::optional<keys::KeyRange> key_range;
  keys::TabletType type = keys::TabletType::kUnknown;
  std::string db_name_override;
  std::map<std::string, std::string> tags;
  std::string mysql_hostname;
  int32_t mysql_port = 0;
  int64_t primary_term_start = 0;
  uint32_t default_conn_collation = 0;
  int64_t tablet_start_time = 0;
  int64_t tablet_shutdown_time = 0;
  std::string base;

  // The MySQL database that holds the keyspace: the override, else vt_ and the keyspace.
  std::string db_name() const;
  // 0 when the tablet has no such port.
  int32_t port(const std::string& name) const;
};

struct ShardReplication {
  std::vector<keys::TabletAlias> nodes;
  std::string base;
};

struct ShardReference {
  std::string name;
  std::optional<keys::KeyRange> key_range;
};

struct ShardTabletControl {
  std::string name;
  std::optional<keys::KeyRange> key_range;
  bool query_service_disabled = false;
};

struct KeyspacePartition {
  keys::TabletType served_type = keys::TabletType::kUnknown;
  std::vector<ShardReference> shard_references;
  std::vector<ShardTabletControl> shard_tablet_controls;
};

// The shards gates of one cell route to, by tablet type.
struct SrvKeyspace {
  std::vector<KeyspacePartition> partitions;
  std::string base;

  const KeyspacePartition* Find(keys::TabletType type) const;
};

// Binary protobuf of the topodata messages. Bytes that are no record give kDataLoss naming the kind
// of record.
Result<CellInfo> DecodeCellInfo(std::string_view bytes);
Result<CellsAlias> DecodeCellsAlias(std::string_view bytes);
Result<ExternalCluster> DecodeExternalCluster(std::string_view bytes);
Result<Keyspace> DecodeKeyspace(std::string_view bytes);
Result<Shard> DecodeShard(std::string_view bytes);
Result<Tablet> DecodeTablet(std::string_view bytes);
Result<ShardReplication> DecodeShardReplication(std::string_view bytes);
Result<SrvKeyspace> DecodeSrvKeyspace(std::string_view bytes);

std::string Encode(const CellInfo& record);
std::string Encode(const CellsAlias& record);
std::string Encode(const ExternalCluster& record);
std::string Encode(const Keyspace& record);
std::string Encode(const Shard& record);
std::string Encode(const Tablet& record);
std::string Encode(const ShardReplication& record);
std::string Encode(const SrvKeyspace& record);

// topodata.Keyspace.throttler_config is copied into the SrvKeyspace when that is rebuilt.
void CopyThrottlerConfig(const Keyspace& from, SrvKeyspace& to);

// An encoded vschema.Keyspace whose tables are found only by naming their keyspace.
Result<std::string> RequireExplicitRouting(std::string_view vschema);

// The kinds of rules records, encoded messages of the vschema package.
enum class RulesKind { kRouting, kShardRouting, kKeyspaceRouting, kMirror };
// How many rules there are.
Result<size_t> CountRules(RulesKind kind, std::string_view bytes);

// A record as text, one field a line in a fixed order, fields we do not know included. The path
// tells the kind; what is no protobuf (metadata) is given as it is.
Result<std::string> RecordText(std::string_view path, std::string_view bytes);

// The vschema.SrvVSchema made of vschema.Keyspace records (by keyspace) and the rules records, all
// encoded; an absent rules record is empty.
struct VSchemaParts {
  std::map<std::string, std::string> keyspaces;
  std::string routing_rules;
  std::string shard_routing_rules;
  std::string keyspace_routing_rules;
  std::string mirror_rules;
};
Result<std::string> JoinSrvVSchema(const VSchemaParts& parts);

}  // namespace tessera::topo
