// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/topology_paths.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <google/protobuf/text_format.h>

#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "vtctl/internal/operation.h"
#include "vtctl/json.h"
#include "vtctl/record_text.h"

namespace tessera::vtctl {

namespace {

using google::protobuf::Message;
using vtctldata::GetTopologyPathRequest;
using vtctldata::GetTopologyPathResponse;

// The kind of record a path holds, by its last part; null when it is none of ours.
std::unique_ptr<Message> MessageFor(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name == "CellInfo") return std::make_unique<topodata::CellInfo>();
  if (name == "CellsAlias") return std::make_unique<topodata::CellsAlias>();
  if (name == "Keyspace") return std::make_unique<topodata::Keyspace>();
  if (name == "Shard") return std::make_unique<topodata::Shard>();
  if (name == "VSchema") return std::make_unique<::vschema::Keyspace>();
  if (name == "ShardReplication") return std::make_unique<topodata::ShardReplication>();
  if (name == "Tablet") return std::make_unique<topodata::Tablet>();
  if (name == "SrvKeyspace") return std::make_unique<topodata::SrvKeyspace>();
  if (name == "SrvVSchema") return std::make_unique<::vschema::SrvVSchema>();
  if (name == "RoutingRules") return std::make_unique<::vschema::RoutingRules>();
  if (name == "ShardRoutingRules") return std::make_unique<::vschema::ShardRoutingRules>();
  if (name == "MirrorRules") return std::make_unique<::vschema::MirrorRules>();
  if (path.ends_with("routing_rules/keyspace/Rules"))
    return std::make_unique<::vschema::KeyspaceRoutingRules>();
  // A mounted cluster's record is named for the cluster.
  if (path.find("ExternalClusters/vitess/") != std::string_view::npos)
    return std::make_unique<topodata::ExternalVitessCluster>();
  return nullptr;
}

}  // namespace

Result<std::string> RecordText(std::string_view path, const std::string& contents, bool as_json) {
  const std::unique_ptr<Message> message = MessageFor(path);
  if (message == nullptr) return contents;
  if (!message->ParseFromString(contents)) {
    return Errorf(Code::kDataLoss, "{} is no {}: {} bytes cannot be read", path,
                  message->GetTypeName(), contents.size())
        .WithHint("it was damaged; write it anew, or delete it");
  }
  if (as_json) return JsonText(*message);
  std::string text;
  google::protobuf::TextFormat::PrintToString(*message, &text);
  return text;
}

Result<RecordPlace> ParseRecordPlace(std::string_view text) {
  if (!text.starts_with('/')) {
    return Errorf(Code::kInvalidArgument, "the path '{}' does not begin with a slash", text)
        .WithHint("/ lists the cells, /global/keyspaces what is in one");
  }
  text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  const size_t slash = std::min(text.find('/'), text.size());
  RecordPlace place{std::string(text.substr(0, slash)), ""};
  if (slash < text.size()) place.path = text.substr(slash + 1);
  return place;
}

namespace {

Task<Result<GetTopologyPathResponse>> ListRoot(const Context& ctx, Control& control) {
  CO_TRY(const std::vector<std::string> cells, co_await control.topo.GetCells(ctx));
  GetTopologyPathResponse response;
  vtctldata::TopologyCell& root = *response.mutable_cell();
  root.set_path("/");
  root.add_children(std::string(topo::kGlobalCell));
  for (const std::string& cell : cells) root.add_children(cell);
  co_return response;
}

Task<Result<GetTopologyPathResponse>> GetTopologyPath(const Context& ctx, Control& control,
                                                      const GetTopologyPathRequest& request) {
  CO_TRY(const RecordPlace place, ParseRecordPlace(request.path()));
  if (place.cell.empty()) {
    co_return co_await ListRoot(ctx, control);
  }
  if (request.version() != 0) {
    co_return Error(Code::kUnimplemented, "older versions of records are not kept")
        .WithHint("ask without --version");
  }
  CO_TRY(topo::Conn* const conn, co_await control.topo.Cell(ctx, place.cell));
  GetTopologyPathResponse response;
  vtctldata::TopologyCell& cell = *response.mutable_cell();
  cell.set_path(request.path());
  const std::string_view path = request.path();
  cell.set_name(std::string(path.substr(path.rfind('/') + 1)));
  const Result<std::vector<topo::DirEntry>> entries = co_await conn->ListDir(ctx, place.path);
  if (entries.ok() && !entries->empty()) {
    for (const topo::DirEntry& entry : *entries) cell.add_children(entry.name);
    co_return response;
  }
  const Result<topo::Node> node = co_await conn->Get(ctx, place.path);
  if (!node.ok()) co_return Error(node.error()).Wrap("cell " + place.cell);
  CO_TRY(std::string data, RecordText(request.path(), node->contents, request.as_json()));
  cell.set_data(std::move(data));
  cell.set_version(node->version);
  co_return response;
}

}  // namespace

Task<Result<>> WriteTopologyPath(const Context& ctx, topo::Server& topology, std::string path,
                                 std::string contents) {
  CO_TRY(const RecordPlace place, ParseRecordPlace(path));
  if (place.path.empty()) {
    co_return Errorf(Code::kInvalidArgument, "'{}' is a cell, not a record", path);
  }
  const std::unique_ptr<Message> message = MessageFor(path);
  if (message != nullptr && !message->ParseFromString(contents)) {
    co_return Errorf(Code::kInvalidArgument, "these {} bytes are no {}, and nothing was written",
                     contents.size(), message->GetTypeName());
  }
  CO_TRY(topo::Conn* const conn, co_await topology.Cell(ctx, place.cell));
  CO_TRY_OK(co_await conn->Update(ctx, place.path, contents, std::nullopt));
  co_return Ok{};
}

void AddTopologyPaths(Methods& methods, Control& control) {
  Add(methods, control, &GetTopologyPath);
}

}  // namespace tessera::vtctl
