// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include "proto/vschema.pb.h"
#include "vschema/records.h"

namespace tessera::vschema {
namespace {

namespace pb = ::vschema;

std::string UnknownOf(const google::protobuf::Message& message) {
  std::string bytes;
  message.GetReflection()->GetUnknownFields(message).SerializeToString(&bytes);
  return bytes;
}

// Bytes kept by UnknownOf hold no field of ours, so merging them only adds what we did not know.
template <class Message>
void RestoreUnknown(const std::string& unknown, Message& message) {
  if (!unknown.empty()) message.MergeFromString(unknown);
}

template <class Message>
Result<Message> ParseBytes(std::string_view bytes, std::string_view kind) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Errorf(Code::kDataLoss, "a {} record of {} bytes cannot be read", kind, bytes.size())
        .WithHint("save the VSchema again with ApplyVSchema");
  }
  return message;
}

template <class Message>
Result<Message> ParseJson(std::string_view json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message, options);
  if (!status.ok()) {
    const auto text = status.message();
    return Errorf(Code::kInvalidArgument, "VSchema JSON: {}",
                  std::string_view(text.data(), text.size()))
        .WithHint("the text must be one JSON object with the fields of a VSchema");
  }
  return message;
}

// Maps in the order of their keys, so that equal records are equal bytes.
std::string Bytes(const google::protobuf::Message& message) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  {
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&coded);
  }  // its end trims what it took in advance
  return out;
}

// By way of the bytes: printing a message itself gives maps in an order of chance.
std::string PrintJson(const google::protobuf::Message& message) {
  static google::protobuf::util::TypeResolver* const types =
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          "type.googleapis.com", google::protobuf::DescriptorPool::generated_pool());
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const std::string type = "type.googleapis.com/" + message.GetDescriptor()->full_name();
  if (!google::protobuf::util::BinaryToJsonString(types, type, Bytes(message), &json, options).ok())
    json.clear();
  return json;
}

template <class Field>
std::vector<std::string> Strings(const Field& field) {
  return {field.begin(), field.end()};
}

VindexRecord FromProto(const pb::Vindex& from) {
  VindexRecord record;
  record.type = from.type();
  record.params.insert(from.params().begin(), from.params().end());
  record.owner = from.owner();
  record.unknown = UnknownOf(from);
  return record;
}

pb::Vindex ToProto(const VindexRecord& record) {
  pb::Vindex to;
  RestoreUnknown(record.unknown, to);
  to.set_type(record.type);
  to.mutable_params()->insert(record.params.begin(), record.params.end());
  to.set_owner(record.owner);
  return to;
}

ColumnRecord FromProto(const pb::Column& from) {
  ColumnRecord record;
  record.name = from.name();
  record.type = static_cast<sqltypes::Type>(from.type());
  record.invisible = from.invisible();
  record.default_value = from.default_();
  record.collation_name = from.collation_name();
  record.size = from.size();
  record.scale = from.scale();
  record.nullable = !from.has_nullable() || from.nullable();
  record.values = Strings(from.values());
  return record;
}

void ToProto(const ColumnRecord& record, pb::Column& to) {
  to.set_name(record.name);
  to.set_type(static_cast<query::Type>(record.type));
  to.set_invisible(record.invisible);
  to.set_default_(record.default_value);
  to.set_collation_name(record.collation_name);
  to.set_size(record.size);
  to.set_scale(record.scale);
  if (!record.nullable) to.set_nullable(false);
  to.mutable_values()->Add(record.values.begin(), record.values.end());
}

TableRecord FromProto(const pb::Table& from) {
  TableRecord record;
  record.type = from.type();
  for (const pb::ColumnVindex& each : from.column_vindexes()) {
    record.column_vindexes.push_back({each.column(), each.name(), Strings(each.columns())});
  }
  record.auto_increment_column = from.auto_increment().column();
  record.auto_increment_sequence = from.auto_increment().sequence();
  for (const pb::Column& column : from.columns()) record.columns.push_back(FromProto(column));
  record.pinned = from.pinned();
  record.column_list_authoritative = from.column_list_authoritative();
  record.source = from.source();
  record.unknown = UnknownOf(from);
  return record;
}

pb::Table ToProto(const TableRecord& record) {
  pb::Table to;
  RestoreUnknown(record.unknown, to);
  to.set_type(record.type);
  for (const ColumnVindexRecord& each : record.column_vindexes) {
    pb::ColumnVindex& vindex = *to.add_column_vindexes();
    vindex.set_column(each.column);
    vindex.set_name(each.name);
    vindex.mutable_columns()->Add(each.columns.begin(), each.columns.end());
  }
  if (!record.auto_increment_column.empty()) {
    to.mutable_auto_increment()->set_column(record.auto_increment_column);
    to.mutable_auto_increment()->set_sequence(record.auto_increment_sequence);
  }
  for (const ColumnRecord& column : record.columns) ToProto(column, *to.add_columns());
  to.set_pinned(record.pinned);
  to.set_column_list_authoritative(record.column_list_authoritative);
  to.set_source(record.source);
  return to;
}

KeyspaceRecord FromProto(const pb::Keyspace& from) {
  KeyspaceRecord record;
  record.sharded = from.sharded();
  for (const auto& [name, vindex] : from.vindexes()) record.vindexes[name] = FromProto(vindex);
  for (const auto& [name, table] : from.tables()) record.tables[name] = FromProto(table);
  record.require_explicit_routing = from.require_explicit_routing();
  if (pb::Keyspace::ForeignKeyMode_IsValid(from.foreign_key_mode())) {
    record.foreign_key_mode = static_cast<ForeignKeyMode>(from.foreign_key_mode());
  }
  record.tenant_id_column = from.multi_tenant_spec().tenant_id_column_name();
  record.tenant_id_type =
      static_cast<sqltypes::Type>(from.multi_tenant_spec().tenant_id_column_type());
  record.unknown = UnknownOf(from);
  return record;
}

pb::Keyspace ToProto(const KeyspaceRecord& record) {
  pb::Keyspace to;
  RestoreUnknown(record.unknown, to);
  to.set_sharded(record.sharded);
  for (const auto& [name, vindex] : record.vindexes)
    (*to.mutable_vindexes())[name] = ToProto(vindex);
  for (const auto& [name, table] : record.tables) (*to.mutable_tables())[name] = ToProto(table);
  to.set_require_explicit_routing(record.require_explicit_routing);
  to.set_foreign_key_mode(static_cast<pb::Keyspace::ForeignKeyMode>(record.foreign_key_mode));
  if (!record.tenant_id_column.empty()) {
    to.mutable_multi_tenant_spec()->set_tenant_id_column_name(record.tenant_id_column);
    to.mutable_multi_tenant_spec()->set_tenant_id_column_type(
        static_cast<query::Type>(record.tenant_id_type));
  }
  return to;
}

std::vector<RoutingRuleRecord> FromProto(const pb::RoutingRules& from) {
  std::vector<RoutingRuleRecord> rules;
  for (const pb::RoutingRule& rule : from.rules())
    rules.push_back({rule.from_table(), Strings(rule.to_tables())});
  return rules;
}

void ToProto(const std::vector<RoutingRuleRecord>& rules, pb::RoutingRules& to) {
  for (const RoutingRuleRecord& rule : rules) {
    pb::RoutingRule& added = *to.add_rules();
    added.set_from_table(rule.from_table);
    added.mutable_to_tables()->Add(rule.to_tables.begin(), rule.to_tables.end());
  }
}

SrvVSchemaRecord FromProto(const pb::SrvVSchema& from) {
  SrvVSchemaRecord record;
  for (const auto& [name, keyspace] : from.keyspaces())
    record.keyspaces[name] = FromProto(keyspace);
  record.routing_rules = FromProto(from.routing_rules());
  for (const auto& rule : from.shard_routing_rules().rules()) {
    record.shard_routing_rules.push_back({rule.from_keyspace(), rule.to_keyspace(), rule.shard()});
  }
  for (const auto& rule : from.keyspace_routing_rules().rules()) {
    record.keyspace_routing_rules.push_back({rule.from_keyspace(), rule.to_keyspace()});
  }
  for (const auto& rule : from.mirror_rules().rules()) {
    record.mirror_rules.push_back({rule.from_table(), rule.to_table(), rule.percent()});
  }
  record.unknown = UnknownOf(from);
  return record;
}

pb::SrvVSchema ToProto(const SrvVSchemaRecord& record) {
  pb::SrvVSchema to;
  RestoreUnknown(record.unknown, to);
  for (const auto& [name, keyspace] : record.keyspaces)
    (*to.mutable_keyspaces())[name] = ToProto(*keyspace);
  ToProto(record.routing_rules, *to.mutable_routing_rules());
  for (const ShardRoutingRuleRecord& rule : record.shard_routing_rules) {
    pb::ShardRoutingRule& added = *to.mutable_shard_routing_rules()->add_rules();
    added.set_from_keyspace(rule.from_keyspace);
    added.set_to_keyspace(rule.to_keyspace);
    added.set_shard(rule.shard);
  }
  for (const KeyspaceRoutingRuleRecord& rule : record.keyspace_routing_rules) {
    pb::KeyspaceRoutingRule& added = *to.mutable_keyspace_routing_rules()->add_rules();
    added.set_from_keyspace(rule.from_keyspace);
    added.set_to_keyspace(rule.to_keyspace);
  }
  for (const MirrorRuleRecord& rule : record.mirror_rules) {
    pb::MirrorRule& added = *to.mutable_mirror_rules()->add_rules();
    added.set_from_table(rule.from_table);
    added.set_to_table(rule.to_table);
    added.set_percent(rule.percent);
  }
  return to;
}

}  // namespace

Result<KeyspaceRecord> KeyspaceFromJson(std::string_view json) {
  TRY(const auto message, ParseJson<pb::Keyspace>(json));
  return FromProto(message);
}

std::string KeyspaceToJson(const KeyspaceRecord& record) { return PrintJson(ToProto(record)); }

Result<SrvVSchemaRecord> SrvVSchemaFromJson(std::string_view json) {
  TRY(const auto message, ParseJson<pb::SrvVSchema>(json));
  return FromProto(message);
}

std::string SrvVSchemaToJson(const SrvVSchemaRecord& record) { return PrintJson(ToProto(record)); }

Result<std::vector<RoutingRuleRecord>> RoutingRulesFromJson(std::string_view json) {
  TRY(const auto message, ParseJson<pb::RoutingRules>(json));
  return FromProto(message);
}

Result<KeyspaceRecord> DecodeKeyspace(std::string_view bytes) {
  TRY(const auto message, ParseBytes<pb::Keyspace>(bytes, "VSchema"));
  return FromProto(message);
}

std::string EncodeKeyspace(const KeyspaceRecord& record) { return Bytes(ToProto(record)); }

Result<SrvVSchemaRecord> DecodeSrvVSchema(std::string_view bytes) {
  TRY(const auto message, ParseBytes<pb::SrvVSchema>(bytes, "SrvVSchema"));
  return FromProto(message);
}

std::string EncodeSrvVSchema(const SrvVSchemaRecord& record) { return Bytes(ToProto(record)); }

Result<std::vector<RoutingRuleRecord>> DecodeRoutingRules(std::string_view bytes) {
  TRY(const auto message, ParseBytes<pb::RoutingRules>(bytes, "RoutingRules"));
  return FromProto(message);
}

std::string EncodeRoutingRules(const std::vector<RoutingRuleRecord>& rules) {
  pb::RoutingRules message;
  ToProto(rules, message);
  return Bytes(message);
}

}  // namespace tessera::vschema
