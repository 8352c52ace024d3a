// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// What gates watch, cell by cell.
#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

Task<Result<std::vector<std::string>>> CellsOr(
    const Context& ctx, Control& control,
    const google::protobuf::RepeatedPtrField<std::string>& named) {
  if (!named.empty()) co_return std::vector<std::string>(named.begin(), named.end());
  co_return co_await control.topo.GetCells(ctx);
}

// A record of a cell as its message; nothing when there is none.
template <class Message>
Task<Result<std::optional<Message>>> Read(const Context& ctx, Control& control,
                                          const std::string& cell, std::string path) {
  CO_TRY(topo::Conn* const conn, co_await control.topo.Cell(ctx, cell));
  const Result<topo::Node> node = co_await conn->Get(ctx, path);
  if (!node.ok()) {
    if (topo::IsNoNode(node.error())) co_return std::optional<Message>();
    co_return node.error();
  }
  Message message;
  if (!message.ParseFromString(node->contents)) {
    co_return Errorf(Code::kDataLoss, "cell {}: {} is no {}: {} bytes", cell, path,
                     message.GetTypeName(), node->contents.size())
        .WithHint("RebuildKeyspaceGraph and RebuildVSchemaGraph write such records anew");
  }
  co_return std::optional<Message>(std::move(message));
}

Task<Result<vtctldata::RebuildKeyspaceGraphResponse>> RebuildKeyspaceGraph(
    const Context& ctx, Control& control, const vtctldata::RebuildKeyspaceGraphRequest& request) {
  std::vector<std::string> cells(request.cells().begin(), request.cells().end());
  CO_TRY_OK(co_await control.topo.RebuildKeyspace(ctx, request.keyspace(), std::move(cells),
                                                  request.allow_partial()));
  co_return vtctldata::RebuildKeyspaceGraphResponse();
}

Task<Result<vtctldata::RebuildVSchemaGraphResponse>> RebuildVSchemaGraph(
    const Context& ctx, Control& control, const vtctldata::RebuildVSchemaGraphRequest& request) {
  std::vector<std::string> cells(request.cells().begin(), request.cells().end());
  CO_TRY_OK(co_await control.topo.RebuildSrvVSchema(ctx, std::move(cells)));
  co_return vtctldata::RebuildVSchemaGraphResponse();
}

Task<Result<vtctldata::GetSrvKeyspaceNamesResponse>> GetSrvKeyspaceNames(
    const Context& ctx, Control& control, const vtctldata::GetSrvKeyspaceNamesRequest& request) {
  CO_TRY(const std::vector<std::string> cells, co_await CellsOr(ctx, control, request.cells()));
  vtctldata::GetSrvKeyspaceNamesResponse response;
  for (const std::string& cell : cells) {
    CO_TRY(topo::Conn* const conn, co_await control.topo.Cell(ctx, cell));
    const Result<std::vector<topo::DirEntry>> entries =
        co_await conn->ListDir(ctx, topo::kKeyspacesDir);
    auto& names = (*response.mutable_names())[cell];
    if (!entries.ok() && !topo::IsNoNode(entries.error())) co_return entries.error();
    if (!entries.ok()) continue;
    for (const topo::DirEntry& entry : *entries) names.add_names(entry.name);
  }
  co_return response;
}

Task<Result<vtctldata::GetSrvKeyspacesResponse>> GetSrvKeyspaces(
    const Context& ctx, Control& control, const vtctldata::GetSrvKeyspacesRequest& request) {
  CO_TRY(const std::vector<std::string> cells, co_await CellsOr(ctx, control, request.cells()));
  vtctldata::GetSrvKeyspacesResponse response;
  for (const std::string& cell : cells) {
    CO_TRY(std::optional<topodata::SrvKeyspace> record,
           co_await Read<topodata::SrvKeyspace>(ctx, control, cell,
                                                topo::SrvKeyspacePath(request.keyspace())));
    if (record) (*response.mutable_srv_keyspaces())[cell].Swap(&*record);
  }
  co_return response;
}

Task<Result<vtctldata::GetSrvVSchemaResponse>> GetSrvVSchema(
    const Context& ctx, Control& control, const vtctldata::GetSrvVSchemaRequest& request) {
  std::string path(topo::kSrvVSchemaPath);
  CO_TRY(std::optional<::vschema::SrvVSchema> record,
         co_await Read<::vschema::SrvVSchema>(ctx, control, request.cell(), std::move(path)));
  if (!record) {
    co_return Errorf(Code::kNotFound, "cell {} has no SrvVSchema", request.cell())
        .WithHint("RebuildVSchemaGraph writes it");
  }
  vtctldata::GetSrvVSchemaResponse response;
  response.mutable_srv_v_schema()->Swap(&*record);
  co_return response;
}

Task<Result<vtctldata::GetSrvVSchemasResponse>> GetSrvVSchemas(
    const Context& ctx, Control& control, const vtctldata::GetSrvVSchemasRequest& request) {
  CO_TRY(const std::vector<std::string> cells, co_await CellsOr(ctx, control, request.cells()));
  vtctldata::GetSrvVSchemasResponse response;
  for (const std::string& cell : cells) {
    std::string path(topo::kSrvVSchemaPath);
    CO_TRY(std::optional<::vschema::SrvVSchema> record,
           co_await Read<::vschema::SrvVSchema>(ctx, control, cell, std::move(path)));
    if (record) (*response.mutable_srv_v_schemas())[cell].Swap(&*record);
  }
  co_return response;
}

Task<Result<vtctldata::DeleteSrvVSchemaResponse>> DeleteSrvVSchema(
    const Context& ctx, Control& control, const vtctldata::DeleteSrvVSchemaRequest& request) {
  CO_TRY(topo::Conn* const conn, co_await control.topo.Cell(ctx, request.cell()));
  CO_TRY_OK(co_await conn->Delete(ctx, topo::kSrvVSchemaPath, std::nullopt));
  co_return vtctldata::DeleteSrvVSchemaResponse();
}

}  // namespace

void AddServing(Methods& methods, Control& control) {
  Add(methods, control, &RebuildKeyspaceGraph);
  Add(methods, control, &RebuildVSchemaGraph);
  Add(methods, control, &GetSrvKeyspaceNames);
  Add(methods, control, &GetSrvKeyspaces);
  Add(methods, control, &GetSrvVSchema);
  Add(methods, control, &GetSrvVSchemas);
  Add(methods, control, &DeleteSrvVSchema);
}

}  // namespace tessera::vtctl
