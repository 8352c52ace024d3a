// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <utility>

#include "queryservice/codec.h"
#include "queryservice/internal/shared_messages.h"
#include "queryservice/internal/wire_reader.h"
#include "queryservice/internal/wire_writer.h"

namespace tessera::queryservice {

using internal::BytesKey;
using internal::DecodeAlias;
using internal::DecodeTarget;
using internal::EncodeAlias;
using internal::EncodeTarget;
using internal::Finished;
using internal::FixedKey;
using internal::PutBytes;
using internal::PutBytesAlways;
using internal::PutDouble;
using internal::PutNumber;
using internal::PutSigned;
using internal::VarintKey;
using internal::WireReader;

std::string EncodeHealth(const Health& health) {
  std::string out;
  EncodeTarget(health.target, 1, out);
  PutNumber(out, 2, health.serving ? 1 : 0);
  PutSigned(out, 3, health.primary_term_start);
  std::string stats;
  PutBytes(stats, 1, health.health_error);
  PutNumber(stats, 2, health.replication_lag_seconds);
  PutDouble(stats, 6, health.qps);
  for (const std::string& name : health.table_schema_changed) PutBytesAlways(stats, 7, name);
  for (const std::string& name : health.view_schema_changed) PutBytesAlways(stats, 8, name);
  // Gates refuse a message without statistics, so an empty one is sent too.
  PutBytesAlways(out, 4, stats);
  EncodeAlias(health.alias, 5, out);
  return out;
}

namespace {

Result<> DecodeRealtimeStats(std::string_view bytes, Health& health) {
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.key()) {
      case BytesKey(1):
        health.health_error = reader.bytes();
        break;
      case VarintKey(2):
        health.replication_lag_seconds = static_cast<uint32_t>(reader.number());
        break;
      case FixedKey(6):
        health.qps = std::bit_cast<double>(reader.number());
        break;
      case BytesKey(7):
        health.table_schema_changed.emplace_back(reader.bytes());
        break;
      case BytesKey(8):
        health.view_schema_changed.emplace_back(reader.bytes());
        break;
      default:
        break;
    }
  }
  return Finished(reader, "query.RealtimeStats");
}

Result<TableDefinition> DecodeTableDefinition(std::string_view bytes) {
  TableDefinition table;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) table.name = reader.bytes();
    if (reader.key() == BytesKey(2)) table.create_statement = reader.bytes();
  }
  TRY_OK(Finished(reader, "table definition"));
  return table;
}

}  // namespace

Result<Health> DecodeHealth(std::string_view bytes) {
  Health health;
  bool has_target = false;
  bool has_stats = false;
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.key()) {
      case BytesKey(1): {
        TRY(health.target, DecodeTarget(reader.bytes()));
        has_target = true;
        break;
      }
      case VarintKey(2):
        health.serving = reader.number() != 0;
        break;
      case VarintKey(3):
        health.primary_term_start = reader.signed_number();
        break;
      case BytesKey(4): {
        TRY_OK(DecodeRealtimeStats(reader.bytes(), health));
        has_stats = true;
        break;
      }
      case BytesKey(5): {
        TRY(health.alias, DecodeAlias(reader.bytes()));
        break;
      }
      default:
        break;
    }
  }
  TRY_OK(Finished(reader, "query.StreamHealthResponse"));
  if (!has_target || !has_stats) {
    return Error(Code::kInvalidArgument,
                 "health message without a target or without statistics: the tablet is no tablet "
                 "server");
  }
  return health;
}

std::string EncodeSchemaRequest(const keys::Target& target, SchemaTables kind,
                                std::span<const std::string> tables) {
  std::string out;
  EncodeTarget(target, 1, out);
  PutNumber(out, 2, static_cast<uint64_t>(kind));
  for (const std::string& table : tables) PutBytesAlways(out, 3, table);
  return out;
}

Result<SchemaRequest> DecodeSchemaRequest(std::string_view bytes) {
  SchemaRequest request;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) {
      TRY(request.target, DecodeTarget(reader.bytes()));
      request.has_target = true;
    }
    if (reader.key() == VarintKey(2) && reader.number() <= 3)
      request.kind = static_cast<SchemaTables>(reader.number());
    if (reader.key() == BytesKey(3)) request.tables.emplace_back(reader.bytes());
  }
  TRY_OK(Finished(reader, "query.GetSchemaRequest"));
  return request;
}

std::string EncodeSchemaResponse(std::span<const TableDefinition> tables) {
  std::string out;
  std::string entry;
  for (const TableDefinition& table : tables) {
    entry.clear();
    PutBytes(entry, 1, table.name);
    PutBytes(entry, 2, table.create_statement);
    PutBytesAlways(out, 2, entry);
  }
  return out;
}

Result<std::vector<TableDefinition>> DecodeSchemaResponse(std::string_view bytes) {
  std::vector<TableDefinition> tables;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() != BytesKey(2)) continue;
    TRY(TableDefinition table, DecodeTableDefinition(reader.bytes()));
    tables.push_back(std::move(table));
  }
  TRY_OK(Finished(reader, "query.GetSchemaResponse"));
  return tables;
}

}  // namespace tessera::queryservice
