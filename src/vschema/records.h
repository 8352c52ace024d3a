// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sqltypes/type.h"

// The VSchema as users write it and the topology keeps it. vschema.h builds what the gate plans
// with from these. Fields of newer versions are carried along in `unknown`.
namespace tessera::vschema {

enum class ForeignKeyMode : uint8_t {
  kUnspecified = 0,
  kDisallow = 1,
  kUnmanaged = 2,
  kManaged = 3
};

struct VindexRecord {
  std::string type;
  std::map<std::string, std::string, std::less<>> params;
  std::string owner;
  std::string unknown;
};

struct ColumnVindexRecord {
  std::string column;
  std::string name;
  std::vector<std::string> columns;
};

struct ColumnRecord {
  std::string name;
  sqltypes::Type type = sqltypes::Type::kNull;
  bool invisible = false;
  std::string default_value;
  std::string collation_name;
  int32_t size = 0;
  int32_t scale = 0;
  bool nullable = true;
  std::vector<std::string> values;  // of ENUM and SET
};

struct TableRecord {
  std::string type;  // "", "sequence" or "reference"
  std::vector<ColumnVindexRecord> column_vindexes;
  std::string auto_increment_column;  // empty: none
  std::string auto_increment_sequence;
  std::vector<ColumnRecord> columns;
  std::string pinned;  // hex
  bool column_list_authoritative = false;
  std::string source;
  std::string unknown;
};

struct KeyspaceRecord {
  bool sharded = false;
  std::map<std::string, VindexRecord, std::less<>> vindexes;
  std::map<std::string, TableRecord, std::less<>> tables;
  bool require_explicit_routing = false;
  ForeignKeyMode foreign_key_mode = ForeignKeyMode::kUnspecified;
  std::string tenant_id_column;  // empty: not multi-tenant
  sqltypes::Type tenant_id_type = sqltypes::Type::kNull;
  std::string unknown;
};

// A keyspace's record that those who copy it share until one of them edits it: a serving VSchema
// of a thousand keyspaces is copied for the price of its names.
class SharedKeyspaceRecord {
 public:
  SharedKeyspaceRecord() : SharedKeyspaceRecord(KeyspaceRecord()) {}
  SharedKeyspaceRecord(KeyspaceRecord record)
      : record_(std::make_shared<const KeyspaceRecord>(std::move(record))) {}
  const KeyspaceRecord& operator*() const { return *record_; }
  const KeyspaceRecord* operator->() const { return record_.get(); }
  // A copy of one's own, to be changed before anybody shares it.
  KeyspaceRecord& Edit() {
    auto mine = std::make_shared<KeyspaceRecord>(*record_);
    record_ = mine;
    return *mine;
  }
  // Both came from one record, and neither was edited since.
  bool SharedWith(const SharedKeyspaceRecord& other) const { return record_ == other.record_; }

 private:
  std::shared_ptr<const KeyspaceRecord> record_;
};

struct RoutingRuleRecord {
  std::string from_table;
  std::vector<std::string> to_tables;
};

struct ShardRoutingRuleRecord {
  std::string from_keyspace;
  std::string to_keyspace;
  std::string shard;
};

struct KeyspaceRoutingRuleRecord {
  std::string from_keyspace;
  std::string to_keyspace;
};

struct MirrorRuleRecord {
  std::string from_table;
  std::string to_table;
  float percent = 0;
};

struct SrvVSchemaRecord {
  std::map<std::string, SharedKeyspaceRecord, std::less<>> keyspaces;
  std::vector<RoutingRuleRecord> routing_rules;
  std::vector<ShardRoutingRuleRecord> shard_routing_rules;
  std::vector<KeyspaceRoutingRuleRecord> keyspace_routing_rules;
  std::vector<MirrorRuleRecord> mirror_rules;
  std::string unknown;
};

// JSON as protobuf writes it: snake_case out, snake or camel case in, unknown fields skipped, enums
// by name or number. Errors are kInvalidArgument and tell the line or field.
Result<KeyspaceRecord> KeyspaceFromJson(std::string_view json);
std::string KeyspaceToJson(const KeyspaceRecord& record);
Result<SrvVSchemaRecord> SrvVSchemaFromJson(std::string_view json);
std::string SrvVSchemaToJson(const SrvVSchemaRecord& record);
Result<std::vector<RoutingRuleRecord>> RoutingRulesFromJson(std::string_view json);

// The topology's form, vschema.Keyspace and vschema.SrvVSchema. Bytes that are no record give
// kDataLoss.
Result<KeyspaceRecord> DecodeKeyspace(std::string_view bytes);
std::string EncodeKeyspace(const KeyspaceRecord& record);
Result<SrvVSchemaRecord> DecodeSrvVSchema(std::string_view bytes);
std::string EncodeSrvVSchema(const SrvVSchemaRecord& record);
Result<std::vector<RoutingRuleRecord>> DecodeRoutingRules(std::string_view bytes);
std::string EncodeRoutingRules(const std::vector<RoutingRuleRecord>& rules);

// Decodes one cell's serving VSchema again and again: keyspaces whose bytes are those of the last
// time are shared with it. What it costs beyond one look at the bytes follows what has changed.
class SrvVSchemaDecoder {
 public:
  // The same as DecodeSrvVSchema; after an error the last record stays what is shared from.
  Result<SrvVSchemaRecord> Decode(std::string_view bytes);

 private:
  struct Known {
    std::string name;
    SharedKeyspaceRecord record;
  };
  // By the bytes of their entries, which are parts of bytes_.
  using Entries = std::unordered_map<std::string_view, Known>;
  Result<Known> DecodeEntry(std::string_view entry) const;

  std::unique_ptr<const std::string> bytes_;
  Entries entries_;
};

}  // namespace tessera::vschema
