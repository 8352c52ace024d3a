// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on what gates watch.
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;
using google::protobuf::Message;

namespace {

class RebuildKeyspaceGraph final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_, allow_partial_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    for (const std::string& keyspace : call.words) {
      vtctldata::RebuildKeyspaceGraphRequest request;
      request.set_keyspace(keyspace);
      request.set_allow_partial(*allow_partial_);
      for (const std::string& cell : *cells_) request.add_cells(cell);
      CO_TRY_OK(co_await call.Ask<vtctldata::RebuildKeyspaceGraphResponse>(ctx, request));
    }
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only in these cells."};
  Flag<bool> allow_partial_{"allow-partial", false,
                            "Of a SNAPSHOT keyspace: although some shards are not there."};
};

class RebuildVSchemaGraph final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::RebuildVSchemaGraphRequest request;
    for (const std::string& cell : *cells_) request.add_cells(cell);
    CO_TRY_OK(co_await call.Ask<vtctldata::RebuildVSchemaGraphResponse>(ctx, request));
    Print("RebuildVSchemaGraph: ok");
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only in these cells."};
};

Task<Result<>> GetSrvKeyspaceNames(const Context& ctx, Call& call) {
  vtctldata::GetSrvKeyspaceNamesRequest request;
  for (const std::string& cell : call.words) request.add_cells(cell);
  CO_TRY(const vtctldata::GetSrvKeyspaceNamesResponse response,
         co_await call.Ask<vtctldata::GetSrvKeyspaceNamesResponse>(ctx, request));
  std::map<std::string, const Message*> by_cell;
  for (const auto& [cell, names] : response.names()) by_cell[cell] = &names;
  PrintJson(call, by_cell);
  co_return Ok{};
}

Task<Result<>> GetSrvKeyspaces(const Context& ctx, Call& call) {
  vtctldata::GetSrvKeyspacesRequest request;
  request.set_keyspace(call.words[0]);
  for (size_t i = 1; i < call.words.size(); ++i) request.add_cells(call.words[i]);
  CO_TRY(const vtctldata::GetSrvKeyspacesResponse response,
         co_await call.Ask<vtctldata::GetSrvKeyspacesResponse>(ctx, request));
  std::map<std::string, const Message*> by_cell;
  for (const auto& [cell, keyspace] : response.srv_keyspaces()) by_cell[cell] = &keyspace;
  PrintJson(call, by_cell);
  co_return Ok{};
}

Task<Result<>> GetSrvVSchema(const Context& ctx, Call& call) {
  vtctldata::GetSrvVSchemaRequest request;
  request.set_cell(call.words[0]);
  CO_TRY(const vtctldata::GetSrvVSchemaResponse response,
         co_await call.Ask<vtctldata::GetSrvVSchemaResponse>(ctx, request));
  PrintJson(call, response.srv_v_schema());
  co_return Ok{};
}

Task<Result<>> GetSrvVSchemas(const Context& ctx, Call& call) {
  vtctldata::GetSrvVSchemasRequest request;
  for (const std::string& cell : call.words) request.add_cells(cell);
  CO_TRY(const vtctldata::GetSrvVSchemasResponse response,
         co_await call.Ask<vtctldata::GetSrvVSchemasResponse>(ctx, request));
  std::map<std::string, const Message*> by_cell;
  for (const auto& [cell, srv] : response.srv_v_schemas()) by_cell[cell] = &srv;
  PrintJson(call, by_cell);
  co_return Ok{};
}

Task<Result<>> DeleteSrvVSchema(const Context& ctx, Call& call) {
  vtctldata::DeleteSrvVSchemaRequest request;
  request.set_cell(call.words[0]);
  CO_TRY_OK(co_await call.Ask<vtctldata::DeleteSrvVSchemaResponse>(ctx, request));
  co_return Ok{};
}

}  // namespace

std::vector<Command> ServingCommands() {
  return {
      {"RebuildKeyspaceGraph", "<keyspace> [<keyspace> ...]",
       "Writes anew which shards gates send a keyspace's queries to.",
       "RebuildKeyspaceGraph customer", 1, kAnyNumber, With<RebuildKeyspaceGraph>()},
      {"RebuildVSchemaGraph", "", "Writes all VSchemas and rules anew where gates watch them.",
       "RebuildVSchemaGraph --cells zone1", 0, 0, With<RebuildVSchemaGraph>()},
      {"GetSrvKeyspaceNames", "[<cell> ...]", "Lists the keyspaces gates know, by cell.",
       "GetSrvKeyspaceNames zone1", 0, kAnyNumber, Plain(&GetSrvKeyspaceNames)},
      {"GetSrvKeyspaces", "<keyspace> [<cell> ...]",
       "Shows which shards gates send a keyspace's queries to, by cell.",
       "GetSrvKeyspaces customer", 1, kAnyNumber, Plain(&GetSrvKeyspaces)},
      {"GetSrvVSchema", "<cell>", "Shows the VSchemas and rules gates of a cell use.",
       "GetSrvVSchema zone1", 1, 1, Plain(&GetSrvVSchema)},
      {"GetSrvVSchemas", "[<cell> ...]", "Shows the VSchemas and rules gates use, by cell.",
       "GetSrvVSchemas", 0, kAnyNumber, Plain(&GetSrvVSchemas)},
      {"DeleteSrvVSchema", "<cell>", "Deletes the VSchemas gates of a cell use.",
       "DeleteSrvVSchema zone9", 1, 1, Plain(&DeleteSrvVSchema)},
  };
}

}  // namespace tessera::vtctlclient
