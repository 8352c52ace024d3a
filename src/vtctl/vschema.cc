// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// VSchemas.
#include "vschema/vschema.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "vschema/ddl.h"
#include "vschema/records.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

namespace {

using vtctldata::ApplyVSchemaRequest;
using vtctldata::ApplyVSchemaResponse;

using UnknownParams = std::map<std::string, std::vector<std::string>>;

Task<Result<vtctldata::GetVSchemaResponse>> GetVSchema(
    const Context& ctx, Control& control, const vtctldata::GetVSchemaRequest& request) {
  CO_TRY(const topo::Node node, co_await control.topo.GetVSchema(ctx, request.keyspace()));
  vtctldata::GetVSchemaResponse response;
  if (!response.mutable_v_schema()->ParseFromString(node.contents)) {
    co_return Errorf(Code::kDataLoss, "the VSchema of keyspace {} cannot be read: {} bytes",
                     request.keyspace(), node.contents.size())
        .WithHint("ApplyVSchema writes it anew");
  }
  co_return response;
}

// "unknown vindex params: hash (a, b); other (c)"
Error UnknownError(const UnknownParams& unknown) {
  std::string text = "unknown vindex params: ";
  for (const auto& [vindex, params] : unknown) {
    if (!text.ends_with(": ")) text += "; ";
    text += vindex + " (";
    for (const std::string& param : params) text += (text.ends_with("(") ? "" : ", ") + param;
    text += ")";
  }
  return Error(Code::kInvalidArgument, text).WithHint("leave them out, or do without --strict");
}

// The VSchema to save, and the version it is made from: what somebody else saved meanwhile is not
// overwritten. A whole VSchema has none, it replaces whatever there is.
struct Wanted {
  std::string bytes;
  std::optional<topo::Version> version;
};

Task<Result<Wanted>> WantedVSchema(const Context& ctx, Control& control,
                                   const ApplyVSchemaRequest& request) {
  Wanted wanted;
  if (request.sql().empty()) {
    wanted.bytes = request.v_schema().SerializeAsString();
    co_return wanted;
  }
  vschema::KeyspaceRecord record;
  const Result<topo::Node> node = co_await control.topo.GetVSchema(ctx, request.keyspace());
  if (node.ok()) {
    CO_TRY(record, vschema::DecodeKeyspace(node->contents));
    wanted.version = node->version;
  } else if (!topo::IsNoNode(node.error())) {
    co_return node.error();
  }
  CO_TRY(const vschema::KeyspaceRecord changed,
         vschema::ApplyDdlText(request.sql(), request.keyspace(), record));
  wanted.bytes = vschema::EncodeKeyspace(changed);
  co_return wanted;
}

Task<Result<ApplyVSchemaResponse>> ApplyVSchema(const Context& ctx, Control& control,
                                                const ApplyVSchemaRequest& request) {
  if (request.has_v_schema() != request.sql().empty())
    co_return Error(Code::kInvalidArgument, "must pass exactly one of req.VSchema and req.Sql");
  CO_TRY_OK(co_await FindKeyspace(ctx, control, request.keyspace()));
  CO_TRY(const Wanted wanted, co_await WantedVSchema(ctx, control, request));
  const std::string& bytes = wanted.bytes;
  CO_TRY(const vschema::KeyspaceRecord record, vschema::DecodeKeyspace(bytes));
  CO_TRY(const UnknownParams unknown, vschema::ValidateKeyspace(request.keyspace(), record));
  if (request.strict() && !unknown.empty()) co_return UnknownError(unknown);

  ApplyVSchemaResponse response;
  response.mutable_v_schema()->ParseFromString(bytes);
  for (const auto& [vindex, params] : unknown) {
    auto& list = (*response.mutable_unknown_vindex_params())[vindex];
    for (const std::string& param : params) list.add_params(param);
  }
  if (request.dry_run()) co_return response;
  CO_TRY_OK(co_await control.topo.SaveVSchema(ctx, request.keyspace(), bytes, wanted.version));
  if (!request.skip_rebuild()) {
    std::vector<std::string> cells(request.cells().begin(), request.cells().end());
    CO_TRY_OK(co_await control.topo.RebuildSrvVSchema(ctx, std::move(cells)));
  }
  co_return response;
}

}  // namespace

void AddVSchema(Methods& methods, Control& control) {
  Add(methods, control, &GetVSchema);
  Add(methods, control, &ApplyVSchema);
}

}  // namespace tessera::vtctl
