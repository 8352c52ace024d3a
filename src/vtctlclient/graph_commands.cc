// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands that repair and remove shards and what lists their tablets.
#include <fmt/format.h>

#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;
using google::protobuf::Message;

namespace {

class DeleteShards final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(recursive_, even_if_serving_, force_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::DeleteShardsRequest request;
    for (const std::string& word : call.words) {
      CO_TRY(const keys::KeyspaceShard shard, ParseShard(word));
      request.add_shards()->set_keyspace(shard.keyspace);
      request.mutable_shards(request.shards_size() - 1)->set_name(shard.shard);
    }
    request.set_recursive(*recursive_);
    request.set_even_if_serving(*even_if_serving_);
    request.set_force(*force_);
    CO_TRY_OK(co_await call.Ask<vtctldata::DeleteShardsResponse>(ctx, request));
    Print(fmt::format("Successfully deleted {} shards", call.words.size()));
    co_return Ok{};
  }

 private:
  Flag<bool> recursive_{"recursive", false, "The records of their tablets, too.", 'r'};
  Flag<bool> even_if_serving_{"even-if-serving", false, "Although gates send queries to them."};
  Flag<bool> force_{"force", false,
                    "Although their locks cannot be had in 45 s, or a cell does not answer.", 'f'};
};

class RemoveShardCell final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(force_, recursive_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::RemoveShardCellRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard_name(shard.shard);
    request.set_cell(call.words[1]);
    request.set_force(*force_);
    request.set_recursive(*recursive_);
    CO_TRY_OK(co_await call.Ask<vtctldata::RemoveShardCellResponse>(ctx, request));
    Print("Successfully removed cell " + call.words[1] + " from shard " + call.words[0]);
    co_return Ok{};
  }

 private:
  Flag<bool> force_{"force", false, "Although the cell's topology does not answer.", 'f'};
  Flag<bool> recursive_{"recursive", false, "The records of its tablets there, too.", 'r'};
};

Task<Result<>> GetShardReplication(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  vtctldata::GetShardReplicationRequest request;
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  for (size_t i = 1; i < call.words.size(); ++i) request.add_cells(call.words[i]);
  CO_TRY(const vtctldata::GetShardReplicationResponse response,
         co_await call.Ask<vtctldata::GetShardReplicationResponse>(ctx, request));
  std::map<std::string, const Message*> by_cell;
  for (const auto& [cell, record] : response.shard_replication_by_cell()) by_cell[cell] = &record;
  PrintJson(call, by_cell);
  co_return Ok{};
}

template <class Request, class Response>
Task<Result<>> ChangeReplication(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  Request request;
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  CO_TRY_OK(SetAlias(call.words[1], *request.mutable_tablet_alias()));
  CO_TRY_OK(co_await call.Ask<Response>(ctx, request));
  co_return Ok{};
}

Task<Result<>> ShardReplicationFix(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[1]));
  vtctldata::ShardReplicationFixRequest request;
  request.set_cell(call.words[0]);
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  CO_TRY(const vtctldata::ShardReplicationFixResponse response,
         co_await call.Ask<vtctldata::ShardReplicationFixResponse>(ctx, request));
  if (!response.has_error()) {
    Print("Nothing was wrong");
    co_return Ok{};
  }
  const topodata::TabletAlias& alias = response.error().tablet_alias();
  Print(fmt::format("{} has been fixed: {}",
                    keys::TabletAlias{alias.cell(), alias.uid()}.ToString(),
                    topodata::ShardReplicationError::Type_Name(response.error().type())));
  co_return Ok{};
}

Task<Result<>> SetIsPrimaryServing(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  CO_TRY(const bool serving, ParseBool(call.words[1]));
  vtctldata::SetShardIsPrimaryServingRequest request;
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  request.set_is_serving(serving);
  CO_TRY(const vtctldata::SetShardIsPrimaryServingResponse response,
         co_await call.Ask<vtctldata::SetShardIsPrimaryServingResponse>(ctx, request));
  PrintJson(call, response.shard());
  co_return Ok{};
}

class SetTabletControl final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_, tables_, remove_, disable_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    CO_TRY(const topodata::TabletType type, ParseType(call.words[1]));
    vtctldata::SetShardTabletControlRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    request.set_tablet_type(type);
    for (const std::string& cell : *cells_) request.add_cells(cell);
    for (const std::string& table : *tables_) request.add_denied_tables(table);
    request.set_remove(*remove_);
    request.set_disable_query_service(*disable_);
    CO_TRY(const vtctldata::SetShardTabletControlResponse response,
           co_await call.Ask<vtctldata::SetShardTabletControlResponse>(ctx, request));
    PrintJson(call, response.shard());
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only in these cells."};
  Flag<std::vector<std::string>> tables_{"denied-tables", {}, "Tables the tablets are to refuse."};
  Flag<bool> remove_{"remove", false, "Take the control away instead."};
  Flag<bool> disable_{"disable-query-service", false, "Switch their query service off."};
};

}  // namespace

std::vector<Command> ReplicationGraphCommands() {
  using namespace vtctldata;
  return {
      {"DeleteShards", "<keyspace/shard> [...]", "Deletes the records of shards.",
       "DeleteShards --recursive customer/-80", 1, kAnyNumber, With<DeleteShards>()},
      {"RemoveShardCell", "<keyspace/shard> <cell>", "Takes a shard out of one cell.",
       "RemoveShardCell customer/-80 zone2", 2, 2, With<RemoveShardCell>()},
      {"GetShardReplication", "<keyspace/shard> [<cell> ...]",
       "Shows which tablets of a shard each cell lists.", "GetShardReplication customer/-80", 1,
       kAnyNumber, Plain(&GetShardReplication)},
      {"ShardReplicationAdd", "<keyspace/shard> <alias>", "Lists a tablet among its shard's.",
       "ShardReplicationAdd customer/-80 zone1-0000000101", 2, 2,
       Plain(&ChangeReplication<ShardReplicationAddRequest, ShardReplicationAddResponse>)},
      {"ShardReplicationRemove", "<keyspace/shard> <alias>",
       "Takes a tablet out of its shard's list.",
       "ShardReplicationRemove customer/-80 zone1-0000000101", 2, 2,
       Plain(&ChangeReplication<ShardReplicationRemoveRequest, ShardReplicationRemoveResponse>)},
      {"ShardReplicationFix", "<cell> <keyspace/shard>",
       "Takes tablets that are none of the shard's out of its list.",
       "ShardReplicationFix zone1 customer/-80", 2, 2, Plain(&ShardReplicationFix)},
      {"SetShardIsPrimaryServing", "<keyspace/shard> <true|false>",
       "Says whether gates send a shard queries, for emergencies.",
       "SetShardIsPrimaryServing customer/-80 true", 2, 2, Plain(&SetIsPrimaryServing)},
      {"SetShardTabletControl", "<keyspace/shard> <type>",
       "Denies tables, or all queries, on tablets of a type.",
       "SetShardTabletControl --denied-tables orders customer/-80 primary", 2, 2,
       With<SetTabletControl>()},
  };
}

}  // namespace tessera::vtctlclient
