// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Cells, their aliases, and topologies of other clusters.
#include "proto/vtctldata.pb.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

using Strings = google::protobuf::RepeatedPtrField<std::string>;

std::vector<std::string> Words(const Strings& field) { return {field.begin(), field.end()}; }

Result<topo::CellInfo> RecordOf(const topodata::CellInfo& message) {
  return topo::DecodeCellInfo(message.SerializeAsString());
}

Task<Result<vtctldata::AddCellInfoResponse>> AddCellInfo(
    const Context& ctx, Control& control, const vtctldata::AddCellInfoRequest& request) {
  if (request.name().empty()) co_return Missing("cell");
  if (request.cell_info().root().empty())
    co_return Error(Code::kInvalidArgument, "a cell needs a root").WithHint("--root /vitess/zone1");
  CO_TRY(topo::CellInfo record, RecordOf(request.cell_info()));
  CO_TRY_OK(co_await control.topo.CreateCell(ctx, request.name(), std::move(record)));
  co_return vtctldata::AddCellInfoResponse();
}

// What the request leaves empty stays as it is.
Task<Result<vtctldata::UpdateCellInfoResponse>> UpdateCellInfo(
    const Context& ctx, Control& control, const vtctldata::UpdateCellInfoRequest& request) {
  if (request.name().empty()) co_return Missing("cell");
  const topodata::CellInfo& wanted = request.cell_info();
  const topo::Server::Change<topo::CellInfo> change =
      [&wanted](topo::CellInfo& record) -> Result<bool> {
    const topo::CellInfo before = record;
    if (!wanted.server_address().empty()) record.server_address = wanted.server_address();
    if (!wanted.root().empty()) record.root = wanted.root();
    return record.server_address != before.server_address || record.root != before.root;
  };
  CO_TRY(const topo::CellInfo record,
         co_await control.topo.UpdateCell(ctx, request.name(), change));
  vtctldata::UpdateCellInfoResponse response;
  response.set_name(request.name());
  *response.mutable_cell_info() = ToMessage<topodata::CellInfo>(record);
  co_return response;
}

Task<Result<vtctldata::DeleteCellInfoResponse>> DeleteCellInfo(
    const Context& ctx, Control& control, const vtctldata::DeleteCellInfoRequest& request) {
  CO_TRY_OK(co_await control.topo.DeleteCell(ctx, request.name(), request.force()));
  co_return vtctldata::DeleteCellInfoResponse();
}

Task<Result<vtctldata::GetCellInfoResponse>> GetCellInfo(
    const Context& ctx, Control& control, const vtctldata::GetCellInfoRequest& request) {
  if (request.cell().empty()) co_return Missing("cell");
  CO_TRY(const topo::Versioned<topo::CellInfo> found,
         co_await control.topo.GetCellInfo(ctx, request.cell()));
  vtctldata::GetCellInfoResponse response;
  *response.mutable_cell_info() = ToMessage<topodata::CellInfo>(found.record);
  co_return response;
}

Task<Result<vtctldata::GetCellInfoNamesResponse>> GetCellInfoNames(
    const Context& ctx, Control& control, const vtctldata::GetCellInfoNamesRequest&) {
  CO_TRY(const std::vector<std::string> cells, co_await control.topo.GetCells(ctx));
  vtctldata::GetCellInfoNamesResponse response;
  for (const std::string& cell : cells) response.add_names(cell);
  co_return response;
}

Task<Result<vtctldata::GetCellsAliasesResponse>> GetCellsAliases(
    const Context& ctx, Control& control, const vtctldata::GetCellsAliasesRequest&) {
  CO_TRY(const auto aliases, co_await control.topo.GetCellsAliases(ctx));
  vtctldata::GetCellsAliasesResponse response;
  for (const auto& [name, alias] : aliases)
    for (const std::string& cell : alias.cells) (*response.mutable_aliases())[name].add_cells(cell);
  co_return response;
}

Task<Result<vtctldata::AddCellsAliasResponse>> AddCellsAlias(
    const Context& ctx, Control& control, const vtctldata::AddCellsAliasRequest& request) {
  std::vector<std::string> cells = Words(request.cells());
  CO_TRY_OK(co_await control.topo.CreateCellsAlias(ctx, request.name(), std::move(cells)));
  co_return vtctldata::AddCellsAliasResponse();
}

Task<Result<vtctldata::UpdateCellsAliasResponse>> UpdateCellsAlias(
    const Context& ctx, Control& control, const vtctldata::UpdateCellsAliasRequest& request) {
  std::vector<std::string> cells = Words(request.cells_alias().cells());
  CO_TRY_OK(co_await control.topo.UpdateCellsAlias(ctx, request.name(), std::move(cells)));
  vtctldata::UpdateCellsAliasResponse response;
  response.set_name(request.name());
  *response.mutable_cells_alias() = request.cells_alias();
  co_return response;
}

Task<Result<vtctldata::DeleteCellsAliasResponse>> DeleteCellsAlias(
    const Context& ctx, Control& control, const vtctldata::DeleteCellsAliasRequest& request) {
  CO_TRY_OK(co_await control.topo.DeleteCellsAlias(ctx, request.name()));
  co_return vtctldata::DeleteCellsAliasResponse();
}

Task<Result<vtctldata::MountRegisterResponse>> MountRegister(
    const Context& ctx, Control& control, const vtctldata::MountRegisterRequest& request) {
  if (request.name().empty()) co_return Missing("cluster");
  topo::ExternalCluster cluster;
  cluster.topo_implementation = request.topo_type();
  cluster.server_address = request.topo_server();
  cluster.root = request.topo_root();
  CO_TRY_OK(co_await control.topo.CreateExternalCluster(ctx, request.name(), std::move(cluster)));
  co_return vtctldata::MountRegisterResponse();
}

Task<Result<vtctldata::MountUnregisterResponse>> MountUnregister(
    const Context& ctx, Control& control, const vtctldata::MountUnregisterRequest& request) {
  CO_TRY_OK(co_await control.topo.DeleteExternalCluster(ctx, request.name()));
  co_return vtctldata::MountUnregisterResponse();
}

Task<Result<vtctldata::MountShowResponse>> MountShow(const Context& ctx, Control& control,
                                                     const vtctldata::MountShowRequest& request) {
  CO_TRY(const topo::Versioned<topo::ExternalCluster> found,
         co_await control.topo.GetExternalCluster(ctx, request.name()));
  vtctldata::MountShowResponse response;
  response.set_name(request.name());
  response.set_topo_type(found.record.topo_implementation);
  response.set_topo_server(found.record.server_address);
  response.set_topo_root(found.record.root);
  co_return response;
}

Task<Result<vtctldata::MountListResponse>> MountList(const Context& ctx, Control& control,
                                                     const vtctldata::MountListRequest&) {
  CO_TRY(const std::vector<std::string> names, co_await control.topo.GetExternalClusters(ctx));
  vtctldata::MountListResponse response;
  for (const std::string& name : names) response.add_names(name);
  co_return response;
}

}  // namespace

void AddCells(Methods& methods, Control& control) {
  Add(methods, control, &AddCellInfo);
  Add(methods, control, &UpdateCellInfo);
  Add(methods, control, &DeleteCellInfo);
  Add(methods, control, &GetCellInfo);
  Add(methods, control, &GetCellInfoNames);
  Add(methods, control, &GetCellsAliases);
  Add(methods, control, &AddCellsAlias);
  Add(methods, control, &UpdateCellsAlias);
  Add(methods, control, &DeleteCellsAlias);
  Add(methods, control, &MountRegister);
  Add(methods, control, &MountUnregister);
  Add(methods, control, &MountShow);
  Add(methods, control, &MountList);
}

}  // namespace tessera::vtctl
