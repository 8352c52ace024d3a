// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The tables of one tablet made on another shard.
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "proto/tabletmanagerdata.pb.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

namespace tm = tabletmanagerdata;
using vtctldata::CopySchemaShardRequest;
using vtctldata::CopySchemaShardResponse;

constexpr std::string_view kTemplateName = "{{.DatabaseName}}";  // in the text of a view
constexpr std::string_view kViewType = "VIEW";
constexpr int64_t kReplicaSeconds = 10;  // when the request names no wait

Task<Result<tm::SchemaDefinition>> ReadDefinition(const Context& ctx, Control& control,
                                                  const topo::Tablet& tablet,
                                                  const CopySchemaShardRequest& request) {
  tm::GetSchemaRequest ask;
  *ask.mutable_tables() = request.tables();
  *ask.mutable_exclude_tables() = request.exclude_tables();
  ask.set_include_views(request.include_views());
  ask.set_table_schema_only(true);
  CO_TRY(tm::GetSchemaResponse answer,
         co_await Ask<tm::GetSchemaResponse>(ctx, control, tablet, ask));
  co_return std::move(*answer.mutable_schema_definition());
}

std::string InDatabase(std::string text, std::string_view database) {
  for (size_t at = text.find(kTemplateName); at != std::string::npos;
       at = text.find(kTemplateName, at + database.size()))
    text.replace(at, kTemplateName.size(), database);
  return text;
}

// The statements that make what the destination lacks: tables, and behind them views, which may
// read them. A table of the same name and another form is an error: nothing is altered.
Result<std::vector<std::string>> MissingTables(const tm::SchemaDefinition& source,
                                               const tm::SchemaDefinition& destination,
                                               const topo::Tablet& to) {
  std::map<std::string, std::string> present;
  for (const tm::TableDefinition& table : destination.table_definitions())
    present[table.name()] = table.schema();
  std::vector<std::string> tables;
  std::vector<std::string> views;
  for (const tm::TableDefinition& table : source.table_definitions()) {
    const auto found = present.find(table.name());
    if (found == present.end()) {
      std::string sql = InDatabase(table.schema(), to.db_name());
      (table.type() == kViewType ? views : tables).push_back(std::move(sql));
    } else if (found->second != table.schema()) {
      return Errorf(Code::kFailedPrecondition,
                    "table {} of {} has another form, and nothing was copied", table.name(),
                    to.alias.ToString())
          .WithHint("GetSchema shows both; --exclude-tables leaves it out");
    }
  }
  tables.insert(tables.end(), views.begin(), views.end());
  return tables;
}

Task<Result<>> ReloadAt(const Context& ctx, Control& control, const topo::Tablet& tablet,
                        std::string position) {
  tm::ReloadSchemaRequest reload;
  reload.set_wait_position(position);
  CO_TRY_OK(co_await control.tablets.Call<tm::ReloadSchemaResponse>(ctx, tablet, reload));
  co_return Ok{};
}

// Every tablet of the destination has the tables, and knows them.
Task<Result<>> WaitForReplicas(const Context& ctx, Control& control,
                               const CopySchemaShardRequest& request, const topo::Tablet& primary) {
  const tm::PrimaryPositionRequest ask;
  CO_TRY(const tm::PrimaryPositionResponse position,
         co_await Ask<tm::PrimaryPositionResponse>(ctx, control, primary, ask));
  CO_TRY(const std::vector<topo::Tablet> tablets,
         co_await TabletsOfShard(ctx, control, request.destination_keyspace(),
                                 request.destination_shard()));
  const bool given = request.has_wait_replicas_timeout();
  const Context bounded = ctx.WithTimeout(
      std::chrono::seconds(given ? request.wait_replicas_timeout().seconds() : kReplicaSeconds));
  runtime::TaskGroup group(bounded);
  for (const topo::Tablet& tablet : tablets) {
    if (keys::RunsQueryService(tablet.type))
      group.Start(ReloadAt(group.context(), control, tablet, position.position()));
  }
  co_return co_await group.Join();
}

Task<Result<>> Make(const Context& ctx, Control& control, const topo::Tablet& primary,
                    const std::vector<std::string>& statements) {
  tm::ApplySchemaRequest apply;
  apply.set_sql(fmt::format("{}", fmt::join(statements, ";\n")));
  apply.set_allow_replication(true);
  // Tables may refer to ones that come behind them.
  apply.set_disable_foreign_key_checks(true);
  CO_TRY_OK(co_await control.tablets.Call<tm::ApplySchemaResponse>(ctx, primary, apply));
  co_return Ok{};
}

Task<Result<CopySchemaShardResponse>> CopySchemaShard(const Context& ctx, Control& control,
                                                      const CopySchemaShardRequest& request) {
  const std::string where = request.destination_keyspace() + "/" + request.destination_shard();
  CO_TRY(const topo::Tablet source,
         co_await FindTablet(ctx, control, request.source_tablet_alias()));
  CO_TRY(const topo::Versioned<topo::Shard> shard,
         co_await FindShard(ctx, control, request.destination_keyspace(),
                            request.destination_shard()));
  if (shard.record.primary_alias.empty()) {
    co_return Errorf(Code::kFailedPrecondition, "shard {} has no primary; nothing was copied",
                     where);
  }
  CO_TRY(const topo::Versioned<topo::Tablet> primary,
         co_await control.topo.GetTablet(ctx, shard.record.primary_alias));
  const topo::Tablet& to = primary.record;
  CO_TRY(const tm::SchemaDefinition wanted, co_await ReadDefinition(ctx, control, source, request));
  CO_TRY(const tm::SchemaDefinition present, co_await ReadDefinition(ctx, control, to, request));
  CO_TRY(const std::vector<std::string> missing, MissingTables(wanted, present, to));
  if (missing.empty()) {
    control.Tell(fmt::format("shard {} has all {} tables", where, wanted.table_definitions_size()));
    co_return CopySchemaShardResponse();
  }
  CO_TRY_OK(co_await Make(ctx, control, to, missing));
  control.Tell(fmt::format("shard {}: {} tables made", where, missing.size()));
  CO_TRY_OK(co_await WaitForReplicas(ctx, control, request, to));
  if (request.skip_verify() || control.dry_run) co_return CopySchemaShardResponse();
  CO_TRY(const tm::SchemaDefinition now, co_await ReadDefinition(ctx, control, to, request));
  CO_TRY(const std::vector<std::string> still, MissingTables(wanted, now, to));
  if (still.empty()) co_return CopySchemaShardResponse();
  co_return Errorf(Code::kInternal, "{} of {} tables are still missing on shard {}", still.size(),
                   wanted.table_definitions_size(), where);
}

}  // namespace

void AddCopySchema(Methods& methods, Control& control) { Add(methods, control, &CopySchemaShard); }

}  // namespace tessera::vtctl
