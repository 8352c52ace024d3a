// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on keyspaces.
#include <ctime>

#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;
using vtctldata::CreateKeyspaceRequest;
using vtctldata::CreateKeyspaceResponse;

namespace {

// "2026-01-31T12:00:00Z", seconds since 1970.
Result<int64_t> ParseTimestamp(const std::string& text) {
  std::tm time{};
  const char* const end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  if (end == nullptr || *end != '\0') {
    return Errorf(Code::kInvalidArgument, "'{}' is no time", text)
        .WithHint("RFC 3339 in UTC: 2026-01-31T12:00:00Z");
  }
  return static_cast<int64_t>(::timegm(&time));
}

Result<topodata::KeyspaceType> ParseKeyspaceType(std::string_view text) {
  if (text == "NORMAL" || text == "normal") return topodata::NORMAL;
  if (text == "SNAPSHOT" || text == "snapshot") return topodata::SNAPSHOT;
  return Errorf(Code::kInvalidArgument, "there is no keyspace type {}", text)
      .WithHint("NORMAL or SNAPSHOT");
}

class CreateKeyspace final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(force_, type_, base_, timestamp_, durability_, sidecar_, allow_empty_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CreateKeyspaceRequest request;
    request.set_name(call.words[0]);
    request.set_force(*force_);
    request.set_allow_empty_v_schema(*allow_empty_);
    CO_TRY(const topodata::KeyspaceType type, ParseKeyspaceType(*type_));
    request.set_type(type);
    request.set_base_keyspace(*base_);
    request.set_durability_policy(*durability_);
    request.set_sidecar_db_name(*sidecar_);
    if (timestamp_.given()) {
      CO_TRY(const int64_t seconds, ParseTimestamp(*timestamp_));
      request.mutable_snapshot_time()->set_seconds(seconds);
    }
    CO_TRY(const CreateKeyspaceResponse response,
           co_await call.Ask<CreateKeyspaceResponse>(ctx, request));
    Print("Successfully created keyspace " + call.words[0] + ". Result:");
    PrintJson(call, response.keyspace());
    co_return Ok{};
  }

 private:
  Flag<bool> force_{"force", false, "Succeed when it exists already, and leave it as it is.", 'f'};
  Flag<std::string> type_{"type", "NORMAL", "NORMAL or SNAPSHOT."};
  Flag<std::string> base_{"base-keyspace", "", "Of a SNAPSHOT: the keyspace it was taken of."};
  Flag<std::string> timestamp_{"snapshot-timestamp", "",
                               "Of a SNAPSHOT: its moment, as 2026-01-31T12:00:00Z."};
  Flag<std::string> durability_{
      "durability-policy", "none",
      "Who acknowledges commits: none, semi_sync, cross_cell or semi_sync_with_rdonly_ack."};
  Flag<std::string> sidecar_{"sidecar-db-name", "_vt",
                             "Database beside the keyspace's own that tablets keep notes in."};
  Flag<bool> allow_empty_{"allow-empty-vschema", false,
                          "Taken for Vitess's sake: a keyspace always has a VSchema here."};
};

class DeleteKeyspace final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(recursive_, force_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::DeleteKeyspaceRequest request;
    request.set_keyspace(call.words[0]);
    request.set_recursive(*recursive_);
    request.set_force(*force_);
    CO_TRY_OK(co_await call.Ask<vtctldata::DeleteKeyspaceResponse>(ctx, request));
    Print("Successfully deleted keyspace " + call.words[0]);
    co_return Ok{};
  }

 private:
  Flag<bool> recursive_{"recursive", false, "Its shards and the records of its tablets, too.", 'r'};
  Flag<bool> force_{"force", false,
                    "Although its lock cannot be had in 45 s, or a cell does not answer.", 'f'};
};

class RemoveKeyspaceCell final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(force_, recursive_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::RemoveKeyspaceCellRequest request;
    request.set_keyspace(call.words[0]);
    request.set_cell(call.words[1]);
    request.set_force(*force_);
    request.set_recursive(*recursive_);
    CO_TRY_OK(co_await call.Ask<vtctldata::RemoveKeyspaceCellResponse>(ctx, request));
    Print("Successfully removed keyspace " + call.words[0] + " from cell " + call.words[1]);
    co_return Ok{};
  }

 private:
  Flag<bool> force_{"force", false, "Although the cell's topology does not answer.", 'f'};
  Flag<bool> recursive_{"recursive", false, "The records of its tablets there, too.", 'r'};
};

Task<Result<>> GetKeyspace(const Context& ctx, Call& call) {
  vtctldata::GetKeyspaceRequest request;
  request.set_keyspace(call.words[0]);
  CO_TRY(const vtctldata::GetKeyspaceResponse response,
         co_await call.Ask<vtctldata::GetKeyspaceResponse>(ctx, request));
  PrintJson(call, response.keyspace());
  co_return Ok{};
}

Task<Result<>> GetKeyspaces(const Context& ctx, Call& call) {
  const vtctldata::GetKeyspacesRequest request;
  CO_TRY(const vtctldata::GetKeyspacesResponse response,
         co_await call.Ask<vtctldata::GetKeyspacesResponse>(ctx, request));
  std::vector<const google::protobuf::Message*> list;
  for (const vtctldata::Keyspace& keyspace : response.keyspaces()) list.push_back(&keyspace);
  PrintJson(call, list);
  co_return Ok{};
}

Task<Result<>> FindAllShards(const Context& ctx, Call& call) {
  vtctldata::FindAllShardsInKeyspaceRequest request;
  request.set_keyspace(call.words[0]);
  CO_TRY(const vtctldata::FindAllShardsInKeyspaceResponse response,
         co_await call.Ask<vtctldata::FindAllShardsInKeyspaceResponse>(ctx, request));
  std::map<std::string, const google::protobuf::Message*> shards;
  for (const auto& [name, shard] : response.shards()) shards[name] = &shard;
  PrintJson(call, shards);
  co_return Ok{};
}

class SetDurability final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(policy_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::SetKeyspaceDurabilityPolicyRequest request;
    request.set_keyspace(call.words[0]);
    request.set_durability_policy(*policy_);
    CO_TRY(const vtctldata::SetKeyspaceDurabilityPolicyResponse response,
           co_await call.Ask<vtctldata::SetKeyspaceDurabilityPolicyResponse>(ctx, request));
    PrintJson(call, response);
    co_return Ok{};
  }

 private:
  Flag<std::string> policy_{"durability-policy", "none",
                            "none, semi_sync, cross_cell or semi_sync_with_rdonly_ack."};
};

}  // namespace

std::vector<Command> KeyspaceCommands() {
  return {
      {"CreateKeyspace", "<keyspace>", "Makes a keyspace: a logical database, sharded or not.",
       "CreateKeyspace --durability-policy semi_sync customer", 1, 1, With<CreateKeyspace>()},
      {"DeleteKeyspace", "<keyspace>", "Deletes the records of a keyspace; MySQL's data stay.",
       "DeleteKeyspace --recursive customer", 1, 1, With<DeleteKeyspace>()},
      {"RemoveKeyspaceCell", "<keyspace> <cell>", "Takes a keyspace out of one cell.",
       "RemoveKeyspaceCell customer zone2", 2, 2, With<RemoveKeyspaceCell>()},
      {"GetKeyspace", "<keyspace>", "Shows a keyspace's record.", "GetKeyspace customer", 1, 1,
       Plain(&GetKeyspace)},
      {"GetKeyspaces", "", "Shows the records of all keyspaces.", "GetKeyspaces", 0, 0,
       Plain(&GetKeyspaces)},
      {"FindAllShardsInKeyspace", "<keyspace>", "Shows the records of a keyspace's shards.",
       "FindAllShardsInKeyspace customer", 1, 1, Plain(&FindAllShards)},
      {"SetKeyspaceDurabilityPolicy", "<keyspace>",
       "Says which replicas must acknowledge a commit before it counts.",
       "SetKeyspaceDurabilityPolicy --durability-policy semi_sync customer", 1, 1,
       With<SetDurability>()},
  };
}

}  // namespace tessera::vtctlclient
