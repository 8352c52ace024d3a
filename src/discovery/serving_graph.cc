// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/serving_graph.h"

#include <utility>

#include "base/waiter.h"
#include "srvtopo/resolve.h"
#include "topo/errors.h"
#include "vschema/records.h"

namespace tessera::discovery {

namespace {

// How often keyspaces are looked for that the VSchema names and nobody serves yet.
constexpr Duration kLookAgain = std::chrono::seconds(1);

}  // namespace

ServingGraph::ServingGraph(const Context& ctx, topo::Server& topology, std::string cell,
                           ServingGraphOptions options)
    : cell_(cell),
      options_(std::move(options)),
      watch_(topology, std::move(cell), options_.watch),
      tasks_(ctx),
      record_(std::make_shared<const vschema::SrvVSchemaRecord>()) {
  Rebuild();
  watch_.OnSrvVSchema(
      [this](std::shared_ptr<const vschema::SrvVSchemaRecord> record) { Take(std::move(record)); });
}

void ServingGraph::Take(std::shared_ptr<const vschema::SrvVSchemaRecord> record) {
  if (!options_.keyspaces.empty()) {
    auto wanted = std::make_shared<vschema::SrvVSchemaRecord>(*record);
    std::erase_if(wanted->keyspaces, [this](const auto& named) { return !Wants(named.first); });
    record = std::move(wanted);
  }
  record_ = std::move(record);
  Rebuild();
}

void ServingGraph::Rebuild() { vschema_ = vschema::VSchema::Build(*record_, tracked_); }

Task<Result<>> ServingGraph::Start(const Context& ctx) {
  const auto read = co_await watch_.GetSrvVSchema(ctx);
  if (!read.ok() && !topo::IsNoNode(read.error())) co_return read.error();
  // One watch of all, unless only some are wanted or that is not to be had.
  Result<> all = Error(Code::kUnimplemented, "some keyspaces only");
  if (options_.keyspaces.empty()) all = co_await watch_.WatchAll(ctx);
  if (all.ok() || all.error().code() != Code::kUnimplemented) co_return Ok{};
  co_await WatchKeyspaces(ctx);
  tasks_.Start(Follow());
  co_return Ok{};
}

Task<> ServingGraph::Stop() {
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());  // it ends by our cancelling
  co_await watch_.Close();
}

// Before anyone asks: when the topology goes down it is too late to begin.
Task<> ServingGraph::WatchKeyspaces(const Context& ctx) {
  const std::shared_ptr<const vschema::VSchema> all = vschema_;
  for (const auto& [name, keyspace] : all->keyspaces()) {
    if (watched_.contains(name)) continue;
    const auto graph = co_await watch_.GetSrvKeyspace(ctx, name);
    if (graph.ok()) watched_.insert(name);
  }
}

Task<> ServingGraph::Follow() {
  const Context ctx = tasks_.context();
  while (true) {
    const Result<> slept = co_await Sleep(ctx, kLookAgain);
    if (!slept.ok()) co_return;
    co_await WatchKeyspaces(ctx);
  }
}

void ServingGraph::SetTracked(vschema::TrackedSchema tables) {
  bool changed = false;
  for (auto& [keyspace, now] : tables) {
    std::vector<vschema::TrackedTable>& known = tracked_[keyspace];
    changed = changed || !known.empty() || !now.empty();
    known = std::move(now);
  }
  if (changed) Rebuild();
}

void ServingGraph::Adopt(const std::string& keyspace, vschema::KeyspaceRecord record) {
  auto all = std::make_shared<vschema::SrvVSchemaRecord>(*record_);
  all->keyspaces[keyspace] = std::move(record);
  Take(std::move(all));
}

Task<Result<ServingShards>> ServingGraph::Shards(const Context& ctx, std::string_view keyspace,
                                                 keys::TabletType type) {
  Result<std::shared_ptr<const topo::SrvKeyspace>> graph = topo::NoNode(keyspace);
  if (Wants(keyspace)) graph = co_await watch_.GetSrvKeyspace(ctx, keyspace);
  if (!graph.ok()) {
    if (!topo::IsNoNode(graph.error())) co_return std::move(graph).error();
    co_return Errorf(Code::kNotFound,
                     "VT05003: unknown database '{}' in vschema: cell {} serves no such keyspace",
                     keyspace, cell_)
        .WithMysql(1049, "42000");
  }
  ServingShards out;
  out.graph = *std::move(graph);
  CO_TRY(out.shards, srvtopo::ServingShards(*out.graph, keyspace, type));
  co_return out;
}

}  // namespace tessera::discovery
