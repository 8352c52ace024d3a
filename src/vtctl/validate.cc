// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Whether records agree with each other and with what runs. Findings are sentences; none means all
// is well.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "keys/tablet_type.h"
#include "proto/tabletmanagerdata.pb.h"
#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "topo/paths.h"
#include "vtctl/internal/operation.h"
#include "vtctl/schema_diff.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;

using Findings = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kTabletsAtOnce = 20;

void Find(std::string text, Findings& findings) { *findings.Add() = std::move(text); }

// The shard's record against the tablets' own.
void CheckPrimary(std::string_view where, const topo::Shard& shard,
                  const std::vector<topo::Tablet>& tablets, Findings& findings) {
  if (shard.primary_alias.empty()) {
    Find(fmt::format("shard {} has no primary", where), findings);
    return;
  }
  const auto primary =
      std::find_if(tablets.begin(), tablets.end(),
                   [&](const topo::Tablet& tablet) { return tablet.alias == shard.primary_alias; });
  const std::string alias = shard.primary_alias.ToString();
  if (primary == tablets.end())
    Find(fmt::format("shard {} has {} for its primary, which is none of its tablets", where, alias),
         findings);
  else if (primary->type != keys::TabletType::kPrimary)
    Find(fmt::format("shard {} has {} for its primary, whose own record says {}", where, alias,
                     keys::TabletTypeName(primary->type)),
         findings);
  for (const topo::Tablet& tablet : tablets) {
    if (tablet.type == keys::TabletType::kPrimary && tablet.alias != shard.primary_alias)
      Find(fmt::format("tablet {} says it is the primary of {}, whose record says {}",
                       tablet.alias.ToString(), where, alias),
           findings);
  }
}

// The cells' lists of a shard's tablets against the tablets.
Task<> CheckReplicationLists(const Context& ctx, Control& control, std::string_view keyspace,
                             std::string_view shard, const std::vector<topo::Tablet>& tablets,
                             Findings& findings) {
  std::map<std::string, std::set<keys::TabletAlias>> by_cell;
  for (const topo::Tablet& tablet : tablets) by_cell[tablet.alias.cell].insert(tablet.alias);
  for (const auto& [cell, aliases] : by_cell) {
    const Result<topo::Conn*> conn = co_await control.topo.Cell(ctx, cell);
    if (!conn.ok()) {
      Find(fmt::format("cell {}: {}", cell, conn.error().message()), findings);
      continue;
    }
    topo::Conn& cell_conn = **conn;
    const std::string path = topo::ShardReplicationPath(keyspace, shard);
    const Result<topo::Node> node = co_await cell_conn.Get(ctx, path);
    const Result<topo::ShardReplication> record =
        node.ok() ? topo::DecodeShardReplication(node->contents)
                  : Result<topo::ShardReplication>(node.error());
    if (!record.ok()) {
      Find(fmt::format("cell {}: {}: {}", cell, path, record.error().message()), findings);
      continue;
    }
    const std::set<keys::TabletAlias> listed(record->nodes.begin(), record->nodes.end());
    for (const keys::TabletAlias& alias : aliases)
      if (!listed.contains(alias))
        Find(fmt::format("tablet {} is not in the ShardReplication of {}/{}", alias.ToString(),
                         keyspace, shard),
             findings);
    for (const keys::TabletAlias& alias : listed)
      if (!aliases.contains(alias))
        Find(fmt::format("the ShardReplication of {}/{} lists {}, which is none of its tablets",
                         keyspace, shard, alias.ToString()),
             findings);
  }
}

Task<> Ping(const Context& ctx, Control& control, const topo::Tablet& tablet, Findings& findings) {
  tm::PingRequest request;
  request.set_payload("validate");
  const Result<tm::PingResponse> answer =
      co_await Ask<tm::PingResponse>(ctx, control, tablet, request);
  if (!answer.ok()) Find(answer.error().message(), findings);
}

Task<> PingAll(const Context& ctx, Control& control, const std::vector<topo::Tablet>& tablets,
               Findings& findings) {
  runtime::TaskGroup group(ctx);
  for (const topo::Tablet& tablet : tablets)
    group.Start(Ping(group.context(), control, tablet, findings));
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
}

Task<Result<>> CheckShard(const Context& ctx, Control& control, std::string keyspace,
                          std::string shard, bool ping, vtctldata::ValidateShardResponse& out) {
  CO_TRY(const topo::Versioned<topo::Shard> record,
         co_await FindShard(ctx, control, keyspace, shard));
  CO_TRY(const std::vector<topo::Tablet> tablets,
         co_await TabletsOfShard(ctx, control, keyspace, shard));
  Findings& findings = *out.mutable_results();
  CheckPrimary(keyspace + "/" + shard, record.record, tablets, findings);
  co_await CheckReplicationLists(ctx, control, keyspace, shard, tablets, findings);
  if (ping) co_await PingAll(ctx, control, tablets, findings);
  co_return Ok{};
}

Task<Result<vtctldata::ValidateShardResponse>> ValidateShard(
    const Context& ctx, Control& control, const vtctldata::ValidateShardRequest& request) {
  vtctldata::ValidateShardResponse response;
  CO_TRY_OK(co_await CheckShard(ctx, control, request.keyspace(), request.shard(),
                                request.ping_tablets(), response));
  co_return response;
}

Task<Result<>> CheckKeyspace(const Context& ctx, Control& control, std::string keyspace, bool ping,
                             vtctldata::ValidateKeyspaceResponse& out) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, keyspace));
  CO_TRY(const std::vector<std::string> shards, co_await control.topo.GetShards(ctx, keyspace));
  if (shards.empty())
    Find(fmt::format("keyspace {} has no shards", keyspace), *out.mutable_results());
  for (const std::string& shard : shards) (*out.mutable_results_by_shard())[shard];
  runtime::TaskGroup group(ctx);
  for (const std::string& shard : shards) {
    vtctldata::ValidateShardResponse& of_shard = (*out.mutable_results_by_shard())[shard];
    group.Start(CheckShard(group.context(), control, keyspace, shard, ping, of_shard));
  }
  co_return co_await group.Join();
}

Task<Result<vtctldata::ValidateKeyspaceResponse>> ValidateKeyspace(
    const Context& ctx, Control& control, const vtctldata::ValidateKeyspaceRequest& request) {
  vtctldata::ValidateKeyspaceResponse response;
  CO_TRY_OK(
      co_await CheckKeyspace(ctx, control, request.keyspace(), request.ping_tablets(), response));
  co_return response;
}

// Tablets of keyspaces or shards that are not there belong to nobody else's findings.
Task<Result<>> CheckStrays(const Context& ctx, Control& control, Findings& findings) {
  CO_TRY(const std::vector<std::string> cells, co_await control.topo.GetCells(ctx));
  std::map<std::string, bool> known;
  for (const std::string& cell : cells) {
    const Result<std::vector<topo::Tablet>> tablets = co_await control.topo.GetTablets(ctx, cell);
    if (!tablets.ok()) {
      Find(fmt::format("cell {}: {}", cell, tablets.error().message()), findings);
      continue;
    }
    for (const topo::Tablet& tablet : *tablets) {
      const std::string where = tablet.keyspace + "/" + tablet.shard;
      if (!known.contains(where)) {
        const auto found = co_await FindShard(ctx, control, tablet.keyspace, tablet.shard);
        known[where] = found.ok();
      }
      if (!known[where])
        Find(fmt::format("tablet {} is of {}, which is not there", tablet.alias.ToString(), where),
             findings);
    }
  }
  co_return Ok{};
}

Task<Result<vtctldata::ValidateResponse>> Validate(const Context& ctx, Control& control,
                                                   const vtctldata::ValidateRequest& request) {
  vtctldata::ValidateResponse response;
  CO_TRY(const std::vector<std::string> keyspaces, co_await control.topo.GetKeyspaces(ctx));
  for (const std::string& keyspace : keyspaces) {
    vtctldata::ValidateKeyspaceResponse& of_keyspace =
        (*response.mutable_results_by_keyspace())[keyspace];
    CO_TRY_OK(co_await CheckKeyspace(ctx, control, keyspace, request.ping_tablets(), of_keyspace));
  }
  CO_TRY_OK(co_await CheckStrays(ctx, control, *response.mutable_results()));
  co_return response;
}

// A tablet's tables by name, for comparison.
using Tables = std::map<std::string, std::string>;

struct SchemaOf {
  topo::Tablet tablet;
  Tables tables;
  std::optional<Error> error;
};

Task<> ReadTables(const Context& ctx, Control& control, const tm::GetSchemaRequest& request,
                  runtime::Semaphore& at_once, SchemaOf& out) {
  const Result<> turn = co_await at_once.Acquire(ctx);
  if (!turn.ok()) co_return;
  const Result<tm::GetSchemaResponse> answer =
      co_await Ask<tm::GetSchemaResponse>(ctx, control, out.tablet, request);
  at_once.Release();
  if (!answer.ok()) {
    out.error = answer.error();
    co_return;
  }
  for (const tm::TableDefinition& table : answer->schema_definition().table_definitions())
    out.tables[table.name()] = table.schema();
}

void Compare(const SchemaOf& model, const SchemaOf& other, Findings& findings) {
  const std::string alias = other.tablet.alias.ToString();
  const std::string from = model.tablet.alias.ToString();
  for (const auto& [name, sql] : model.tables) {
    const auto found = other.tables.find(name);
    if (found == other.tables.end())
      Find(fmt::format("{} has no table {}, which {} has", alias, name, from), findings);
    else if (found->second != sql)
      for (const std::string& difference : SchemaDifferences(sql, found->second))
        Find(fmt::format("table {} of {} is not that of {}: {}{}{}\n{}", name, alias, from,
                         difference, kWholeText, found->second, sql),
             findings);
  }
  for (const auto& [name, sql] : other.tables) {
    if (!model.tables.contains(name))
      Find(fmt::format("{} has a table {}, which {} has not", alias, name, from), findings);
  }
}

bool IsPrimaryOf(const SchemaOf& schema, const topo::Shard& shard) {
  return schema.tablet.alias == shard.primary_alias;
}

using vtctldata::ValidateSchemaKeyspaceRequest;
using vtctldata::ValidateSchemaKeyspaceResponse;

// The schemas of all tablets of a keyspace, each shard's primary first.
Task<Result<std::map<std::string, std::vector<SchemaOf>>>> ReadSchemas(
    const Context& ctx, Control& control, const ValidateSchemaKeyspaceRequest& request,
    const std::vector<std::string>& shards, ValidateSchemaKeyspaceResponse& response) {
  tm::GetSchemaRequest ask;
  *ask.mutable_exclude_tables() = request.exclude_tables();
  ask.set_include_views(request.include_views());
  std::map<std::string, std::vector<SchemaOf>> schemas;
  for (const std::string& shard : shards) {
    CO_TRY(const topo::Versioned<topo::Shard> record,
           co_await FindShard(ctx, control, request.keyspace(), shard));
    auto& findings = *(*response.mutable_results_by_shard())[shard].mutable_results();
    if (record.record.primary_alias.empty()) {
      if (!request.skip_no_primary())
        Find(fmt::format("shard {}/{} has no primary", request.keyspace(), shard), findings);
      continue;
    }
    CO_TRY(std::vector<topo::Tablet> tablets,
           co_await TabletsOfShard(ctx, control, request.keyspace(), shard));
    std::vector<SchemaOf>& of_shard = schemas[shard];
    for (topo::Tablet& tablet : tablets)
      if (keys::RunsQueryService(tablet.type)) of_shard.emplace_back().tablet = std::move(tablet);
    std::stable_partition(of_shard.begin(), of_shard.end(), [&](const SchemaOf& schema) {
      return IsPrimaryOf(schema, record.record);
    });
  }
  runtime::Semaphore at_once(kTabletsAtOnce);
  runtime::TaskGroup group(ctx);
  for (auto& [shard, of_shard] : schemas)
    for (SchemaOf& schema : of_shard)
      group.Start(ReadTables(group.context(), control, ask, at_once, schema));
  CO_TRY_OK(co_await group.Join());
  co_return schemas;
}

// Tables of a sharded keyspace that its VSchema does not know cannot be reached.
Task<Result<>> CheckVSchema(const Context& ctx, Control& control, const std::string& keyspace,
                            const SchemaOf& model, Findings& findings) {
  CO_TRY(const topo::Node node, co_await control.topo.GetVSchema(ctx, keyspace));
  ::vschema::Keyspace vschema;
  if (!vschema.ParseFromString(node.contents)) {
    Find(fmt::format("the VSchema of {} cannot be read", keyspace), findings);
    co_return Ok{};
  }
  if (!vschema.sharded()) co_return Ok{};
  for (const auto& [name, sql] : model.tables) {
    if (!vschema.tables().contains(name))
      Find(fmt::format("table {} is not in the VSchema of {}", name, keyspace), findings);
  }
  co_return Ok{};
}

Task<Result<ValidateSchemaKeyspaceResponse>> ValidateSchemaKeyspace(
    const Context& ctx, Control& control, const ValidateSchemaKeyspaceRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  std::vector<std::string> shards(request.shards().begin(), request.shards().end());
  if (shards.empty()) {
    CO_TRY(shards, co_await control.topo.GetShards(ctx, request.keyspace()));
  }
  ValidateSchemaKeyspaceResponse response;
  CO_TRY(const auto schemas, co_await ReadSchemas(ctx, control, request, shards, response));
  const SchemaOf* model = nullptr;
  for (const auto& [shard, of_shard] : schemas) {
    auto& findings = *(*response.mutable_results_by_shard())[shard].mutable_results();
    for (const SchemaOf& schema : of_shard) {
      if (schema.error)
        Find(schema.error->message(), findings);
      else if (model == nullptr)
        model = &schema;
      else
        Compare(*model, schema, findings);
    }
  }
  if (request.include_vschema() && model != nullptr) {
    CO_TRY_OK(co_await CheckVSchema(ctx, control, request.keyspace(), *model,
                                    *response.mutable_results()));
  }
  co_return response;
}

// Every shard's tables by the VSchema, as its primary has them.
Task<Result<vtctldata::ValidateVSchemaResponse>> ValidateVSchema(
    const Context& ctx, Control& control, const vtctldata::ValidateVSchemaRequest& request) {
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  std::vector<std::string> shards(request.shards().begin(), request.shards().end());
  if (shards.empty()) {
    CO_TRY(shards, co_await control.topo.GetShards(ctx, request.keyspace()));
  }
  tm::GetSchemaRequest ask;
  *ask.mutable_exclude_tables() = request.exclude_tables();
  ask.set_include_views(request.include_views());
  vtctldata::ValidateVSchemaResponse response;
  runtime::Semaphore at_once(kTabletsAtOnce);
  for (const std::string& shard : shards) {
    CO_TRY(const topo::Versioned<topo::Shard> record,
           co_await FindShard(ctx, control, request.keyspace(), shard));
    Findings& findings = *(*response.mutable_results_by_shard())[shard].mutable_results();
    if (record.record.primary_alias.empty()) {
      Find(fmt::format("shard {}/{} has no primary", request.keyspace(), shard), findings);
      continue;
    }
    CO_TRY(topo::Versioned<topo::Tablet> primary,
           co_await control.topo.GetTablet(ctx, record.record.primary_alias));
    SchemaOf schema;
    schema.tablet = std::move(primary.record);
    co_await ReadTables(ctx, control, ask, at_once, schema);
    if (schema.error) {
      Find(schema.error->message(), findings);
      continue;
    }
    CO_TRY_OK(co_await CheckVSchema(ctx, control, request.keyspace(), schema, findings));
  }
  co_return response;
}

}  // namespace

void AddValidate(Methods& methods, Control& control) {
  Add(methods, control, &Validate);
  Add(methods, control, &ValidateKeyspace);
  Add(methods, control, &ValidateShard);
  Add(methods, control, &ValidateSchemaKeyspace);
  Add(methods, control, &ValidateVSchema);
}

}  // namespace tessera::vtctl
