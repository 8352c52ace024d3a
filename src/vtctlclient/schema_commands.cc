// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on MySQL's schema, and statements run on tablets.
#include <fmt/format.h>

#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"
#include "vtctlclient/internal/table.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

class GetSchema final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(tables_, exclude_, views_, names_only_, sizes_only_, schema_only_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::GetSchemaRequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    for (const std::string& table : *tables_) request.add_tables(table);
    for (const std::string& table : *exclude_) request.add_exclude_tables(table);
    request.set_include_views(*views_);
    request.set_table_names_only(*names_only_);
    request.set_table_sizes_only(*sizes_only_);
    request.set_table_schema_only(*schema_only_);
    CO_TRY(const vtctldata::GetSchemaResponse response,
           co_await call.Ask<vtctldata::GetSchemaResponse>(ctx, request));
    if (!*names_only_) {
      PrintJson(call, response.schema());
      co_return Ok{};
    }
    for (const auto& table : response.schema().table_definitions()) Print(table.name());
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> tables_{"tables", {}, "Only these tables; /regex/ is one, too."};
  Flag<std::vector<std::string>> exclude_{"exclude-tables", {}, "Not these tables."};
  Flag<bool> views_{"include-views", false, "Views, too."};
  Flag<bool> names_only_{"table-names-only", false, "Only the names, one a line."};
  Flag<bool> sizes_only_{"table-sizes-only", false, "Only names, rows and bytes."};
  Flag<bool> schema_only_{"table-schema-only", false, "Without columns, rows and bytes."};
};

class ApplySchema final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(sql_, file_, strategy_, wait_, batch_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ApplySchemaRequest request;
    request.set_keyspace(call.words[0]);
    CO_TRY(std::string sql, TextOrFile(sql_, file_));
    request.add_sql(std::move(sql));
    request.set_ddl_strategy(*strategy_);
    request.set_batch_size(*batch_);
    request.mutable_wait_replicas_timeout()->set_seconds(wait_->count() / 1'000'000'000);
    CO_TRY(const vtctldata::ApplySchemaResponse response,
           co_await call.Ask<vtctldata::ApplySchemaResponse>(ctx, request));
    for (const std::string& uuid : response.uuid_list()) Print(uuid);
    co_return Ok{};
  }

 private:
  Flag<std::string> sql_{"sql", "", "The statements, with semicolons between them."};
  Flag<std::string> file_{"sql-file", "", "A file of them; - is standard input."};
  Flag<std::string> strategy_{"ddl-strategy", "direct", "direct: at once, on every primary."};
  Flag<std::chrono::nanoseconds> wait_{"wait-replicas-timeout", std::chrono::seconds(10),
                                       "Longest wait for replicas to see the change."};
  Flag<int64_t> batch_{
      "batch-size", 0,
      "So many statements in one message to a tablet; CREATE TABLE and VIEW only."};
};

class CopySchemaShard final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(tables_, exclude_, views_, skip_verify_, wait_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[1]));
    vtctldata::CopySchemaShardRequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_source_tablet_alias()));
    for (const std::string& table : *tables_) request.add_tables(table);
    for (const std::string& table : *exclude_) request.add_exclude_tables(table);
    request.set_include_views(*views_);
    request.set_skip_verify(*skip_verify_);
    request.mutable_wait_replicas_timeout()->set_seconds(wait_->count() / 1'000'000'000);
    request.set_destination_keyspace(shard.keyspace);
    request.set_destination_shard(shard.shard);
    CO_TRY_OK(co_await call.Ask<vtctldata::CopySchemaShardResponse>(ctx, request));
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> tables_{"tables", {}, "Only these tables; /regex/ is one, too."};
  Flag<std::vector<std::string>> exclude_{"exclude-tables", {}, "Not these tables."};
  Flag<bool> views_{"include-views", false, "Views, too."};
  Flag<bool> skip_verify_{"skip-verify", false, "Do not look afterwards whether all are there."};
  Flag<std::chrono::nanoseconds> wait_{"wait-replicas-timeout", std::chrono::seconds(10),
                                       "Longest wait for replicas to have the tables."};
};

class ReloadSchemaShard final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(primary_, concurrency_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::ReloadSchemaShardRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    request.set_include_primary(*primary_);
    request.set_concurrency(*concurrency_);
    CO_TRY(const vtctldata::ReloadSchemaShardResponse response,
           co_await call.Ask<vtctldata::ReloadSchemaShardResponse>(ctx, request));
    for (const logutil::Event& event : response.events()) Print(event.value());
    co_return Ok{};
  }

 private:
  Flag<bool> primary_{"include-primary", false, "The primary, too."};
  Flag<int> concurrency_{"concurrency", 10, "Tablets at once."};
};

class ReloadSchemaKeyspace final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(primary_, concurrency_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ReloadSchemaKeyspaceRequest request;
    request.set_keyspace(call.words[0]);
    request.set_include_primary(*primary_);
    request.set_concurrency(*concurrency_);
    CO_TRY(const vtctldata::ReloadSchemaKeyspaceResponse response,
           co_await call.Ask<vtctldata::ReloadSchemaKeyspaceResponse>(ctx, request));
    for (const logutil::Event& event : response.events()) Print(event.value());
    co_return Ok{};
  }

 private:
  Flag<bool> primary_{"include-primary", false, "The primaries, too."};
  Flag<int> concurrency_{"concurrency", 10, "Tablets at once."};
};

Task<Result<>> ReloadSchema(const Context& ctx, Call& call) {
  vtctldata::ReloadSchemaRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY_OK(co_await call.Ask<vtctldata::ReloadSchemaResponse>(ctx, request));
  co_return Ok{};
}

class ExecuteFetchAsApp final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(max_rows_, json_, use_pool_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ExecuteFetchAsAppRequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    request.set_query(call.words[1]);
    request.set_max_rows(*max_rows_);
    request.set_use_pool(*use_pool_);
    CO_TRY(const vtctldata::ExecuteFetchAsAppResponse response,
           co_await call.Ask<vtctldata::ExecuteFetchAsAppResponse>(ctx, request));
    ShowResult(call, response.result(), *json_);
    co_return Ok{};
  }

 private:
  Flag<int64_t> max_rows_{"max-rows", 10000, "Most rows to fetch."};
  Flag<bool> json_{"json", false, "As JSON instead of a table.", 'j'};
  Flag<bool> use_pool_{"use-pool", false, "Over a connection of the tablet's own pool."};
};

class ExecuteFetchAsDba final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(max_rows_, json_, no_binlogs_, reload_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ExecuteFetchAsDBARequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    request.set_query(call.words[1]);
    request.set_max_rows(*max_rows_);
    request.set_disable_binlogs(*no_binlogs_);
    request.set_reload_schema(*reload_);
    CO_TRY(const vtctldata::ExecuteFetchAsDBAResponse response,
           co_await call.Ask<vtctldata::ExecuteFetchAsDBAResponse>(ctx, request));
    ShowResult(call, response.result(), *json_);
    co_return Ok{};
  }

 private:
  Flag<int64_t> max_rows_{"max-rows", 10000, "Most rows to fetch."};
  Flag<bool> json_{"json", false, "As JSON instead of a table.", 'j'};
  Flag<bool> no_binlogs_{"disable-binlogs", false, "Keep it out of the binary log."};
  Flag<bool> reload_{"reload-schema", false, "Have the tablet read its schema again after it."};
};

class ExecuteMultiFetchAsDba final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(max_rows_, json_, no_binlogs_, reload_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ExecuteMultiFetchAsDBARequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    request.set_sql(call.words[1]);
    request.set_max_rows(*max_rows_);
    request.set_disable_binlogs(*no_binlogs_);
    request.set_reload_schema(*reload_);
    CO_TRY(const vtctldata::ExecuteMultiFetchAsDBAResponse response,
           co_await call.Ask<vtctldata::ExecuteMultiFetchAsDBAResponse>(ctx, request));
    for (const query::QueryResult& result : response.results()) ShowResult(call, result, *json_);
    co_return Ok{};
  }

 private:
  Flag<int64_t> max_rows_{"max-rows", 10000, "Most rows to fetch of each."};
  Flag<bool> json_{"json", false, "As JSON instead of tables.", 'j'};
  Flag<bool> no_binlogs_{"disable-binlogs", false, "Keep them out of the binary log."};
  Flag<bool> reload_{"reload-schema", false, "Have the tablet read its schema again after them."};
};

}  // namespace

std::vector<Command> SchemaCommands() {
  return {
      {"GetSchema", "<alias>", "Shows the tables of a tablet's MySQL.",
       "GetSchema --table-names-only zone1-0000000100", 1, 1, With<GetSchema>()},
      {"ApplySchema", "<keyspace>", "Runs schema changes on all shards of a keyspace.",
       "ApplySchema --sql 'ALTER TABLE orders ADD note TEXT' customer", 1, 1, With<ApplySchema>()},
      {"ReloadSchema", "<alias>", "Has a tablet read its schema again.",
       "ReloadSchema zone1-0000000100", 1, 1, Plain(&ReloadSchema)},
      {"CopySchemaShard", "<source alias> <destination keyspace/shard>",
       "Makes the tables of a tablet on another shard, empty.",
       "CopySchemaShard zone1-0000000100 customer/80-", 2, 2, With<CopySchemaShard>()},
      {"ReloadSchemaShard", "<keyspace/shard>", "Has a shard's tablets read their schema again.",
       "ReloadSchemaShard customer/-80", 1, 1, With<ReloadSchemaShard>()},
      {"ReloadSchemaKeyspace", "<keyspace>", "Has a keyspace's tablets read their schema again.",
       "ReloadSchemaKeyspace customer", 1, 1, With<ReloadSchemaKeyspace>()},
  };
}

std::vector<Command> QueryCommands() {
  return {
      {"ExecuteFetchAsApp", "<alias> <query>", "Runs a query on a tablet's MySQL as the app user.",
       "ExecuteFetchAsApp zone1-0000000100 'SELECT COUNT(*) FROM orders'", 2, 2,
       With<ExecuteFetchAsApp>()},
      {"ExecuteFetchAsDBA", "<alias> <query>", "Runs a statement on a tablet's MySQL as the DBA.",
       "ExecuteFetchAsDBA --json zone1-0000000100 'SHOW PROCESSLIST'", 2, 2,
       With<ExecuteFetchAsDba>()},
      {"ExecuteMultiFetchAsDBA", "<alias> <statements>",
       "Runs several statements on a tablet's MySQL as the DBA.",
       "ExecuteMultiFetchAsDBA zone1-0000000100 'SELECT 1; SELECT 2'", 2, 2,
       With<ExecuteMultiFetchAsDba>()},
  };
}

}  // namespace tessera::vtctlclient
