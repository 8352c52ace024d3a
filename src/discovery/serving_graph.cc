// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/serving_graph.h"

#include <set>

#include "base/waiter.h"
#include "log/log.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "vschema/records.h"

namespace tessera::discovery {

using keys::Destination;

namespace {

constexpr Duration kRefresh = std::chrono::seconds(1);

}  // namespace

Task<Result<>> ServingGraph::Start(const Context& ctx) {
  vschema_ = vschema::VSchema::Build(vschema::SrvVSchemaRecord());
  CO_TRY_OK(co_await ReadVSchema(ctx));
  const Result<> read = co_await ReadKeyspaces(ctx);
  static_cast<void>(read.ok());  // Follow tells when it lasts
  tasks_.Start(Follow());
  co_return Ok{};
}

// Those of the VSchema before anyone asks: when the topology goes down it is too late to begin.
Task<Result<>> ServingGraph::ReadKeyspaces(const Context& ctx) {
  std::set<std::string> names;
  for (const auto& [name, known] : keyspaces_) names.insert(name);
  for (const auto& [name, keyspace] : vschema_->keyspaces()) names.insert(name);
  Result<> out = Ok{};
  for (const std::string& name : names) {
    Result<> one = co_await ReadKeyspace(ctx, name);
    if (!one.ok() && !topo::IsNoNode(one.error())) out = std::move(one);
  }
  co_return out;
}

Task<> ServingGraph::Stop() {
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());
}

Task<> ServingGraph::Follow() {
  const Context ctx = tasks_.context();
  bool worked = true;
  while (!ctx.cancelled()) {
    const auto quiet1 = co_await Sleep(ctx, kRefresh);
    static_cast<void>(quiet1.ok());
    if (ctx.cancelled()) break;
    Result<> read = co_await ReadVSchema(ctx);
    Result<> keyspaces = co_await ReadKeyspaces(ctx);
    if (!keyspaces.ok()) read = std::move(keyspaces);
    if (!read.ok() && worked && !ctx.cancelled())
      LOG(kWarn, "the topology of cell {} cannot be read, the last known holds: {}", cell_,
          read.error().message());
    worked = read.ok();
  }
}

Task<Result<>> ServingGraph::ReadVSchema(const Context& ctx) {
  CO_TRY(topo::Conn * conn, co_await topology_.Cell(ctx, cell_));
  Result<topo::Node> node = co_await conn->Get(ctx, topo::kSrvVSchemaPath);
  if (!node.ok()) {
    // A VSchema that was deleted is kept: nothing says it is not wanted.
    if (topo::IsNoNode(node.error())) co_return Ok{};
    co_return std::move(node).error();
  }
  if (node->contents == vschema_contents_) co_return Ok{};
  CO_TRY(const vschema::SrvVSchemaRecord record, vschema::DecodeSrvVSchema(node->contents));
  vschema_contents_ = std::move(node->contents);
  vschema_ = vschema::VSchema::Build(record, tracked_);
  co_return Ok{};
}

void ServingGraph::SetTracked(std::string keyspace, std::vector<vschema::TrackedTable> tables) {
  vschema_ = vschema_->WithTrackedColumns(keyspace, tables);
  tracked_[std::move(keyspace)] = std::move(tables);
}

Task<Result<>> ServingGraph::ReadKeyspace(const Context& ctx, std::string keyspace) {
  CO_TRY(topo::Conn * conn, co_await topology_.Cell(ctx, cell_));
  const std::string path = topo::SrvKeyspacePath(keyspace);
  CO_TRY(topo::Node node, co_await conn->Get(ctx, path));
  Known& known = keyspaces_[keyspace];
  if (!known.contents.empty() && node.contents == known.contents) co_return Ok{};
  CO_TRY(known.record, topo::DecodeSrvKeyspace(node.contents));
  known.contents = std::move(node.contents);
  co_return Ok{};
}

Task<Result<std::vector<topo::ShardReference>>> ServingGraph::Shards(const Context& ctx,
                                                                     std::string_view keyspace,
                                                                     keys::TabletType type) {
  auto at = keyspaces_.find(keyspace);
  if (at == keyspaces_.end()) {
    Result<> read = co_await ReadKeyspace(ctx, std::string(keyspace));
    if (!read.ok()) {
      if (!topo::IsNoNode(read.error())) co_return std::move(read).error();
      co_return Errorf(Code::kNotFound,
                       "VT05003: unknown database '{}' in vschema: cell {} serves no such keyspace",
                       keyspace, cell_)
          .WithMysql(1049, "42000");
    }
    at = keyspaces_.find(keyspace);
  }
  const topo::KeyspacePartition* partition = at->second.record.Find(type);
  if (partition == nullptr) {
    co_return Errorf(Code::kUnavailable, "no shards of keyspace {} serve {} in cell {}", keyspace,
                     keys::TabletTypeName(type), cell_);
  }
  co_return partition->shard_references;
}

Result<std::vector<std::string>> PickShards(const std::vector<topo::ShardReference>& shards,
                                            std::string_view keyspace,
                                            const Destination& destination) {
  std::vector<std::string> out;
  const auto range_of = [](const topo::ShardReference& shard) {
    return shard.key_range ? *shard.key_range : keys::KeyRange();
  };
  switch (destination.kind()) {
    case Destination::Kind::kNone:
      return out;
    case Destination::Kind::kAllShards:
      for (const topo::ShardReference& shard : shards) out.push_back(shard.name);
      return out;
    case Destination::Kind::kAnyShard:
      if (!shards.empty()) {
        const size_t at = Executor::HasCurrent() ? Executor::Current().Random() % shards.size() : 0;
        out.push_back(shards[at].name);
      }
      return out;
    case Destination::Kind::kShard:
      // A shard that serves nobody yet can be asked for by name.
      out.push_back(destination.shard());
      return out;
    case Destination::Kind::kShards:
      return destination.ids();
    case Destination::Kind::kKeyspaceId:
      for (const topo::ShardReference& shard : shards)
        if (range_of(shard).Contains(destination.id())) return std::vector<std::string>{shard.name};
      break;
    case Destination::Kind::kKeyspaceIds:
      for (const topo::ShardReference& shard : shards) {
        for (const std::string& id : destination.ids()) {
          if (!range_of(shard).Contains(id)) continue;
          out.push_back(shard.name);
          break;
        }
      }
      return out;
    case Destination::Kind::kKeyRange:
    case Destination::Kind::kExactKeyRange:
      for (const topo::ShardReference& shard : shards)
        if (range_of(shard).Intersects(destination.key_range())) out.push_back(shard.name);
      return out;
  }
  return Errorf(Code::kUnavailable, "no serving shard of keyspace {} holds {}", keyspace,
                destination.ToString());
}

}  // namespace tessera::discovery
