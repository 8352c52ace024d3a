// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_type.h"
#include "runtime/loop.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "srvtopo/serving_watch.h"
#include "topo/records.h"
#include "topo/server.h"
#include "vschema/records.h"
#include "vschema/vschema.h"

namespace tessera::discovery {

// The shards that serve a tablet type, in key range order, and the graph they lie in.
struct ServingShards {
  std::shared_ptr<const topo::SrvKeyspace> graph;
  std::span<const topo::ShardReference> shards;
};

struct ServingGraphOptions {
  // --keyspaces-to-watch: nothing else is there for this gate; all when it is empty.
  std::set<std::string, std::less<>> keyspaces;
  srvtopo::ServingWatchOptions watch;
};

// What a gate routes by: the VSchema of one cell, built, and the serving graph of its keyspaces,
// both watched; when the topology is down the last of both holds on. Or a mirror of another loop's:
// one loop reads and builds for a process, and hands the others what does not change any more.
// Belongs to one loop; await Stop before it is destroyed, the source's before its mirrors'.
class ServingGraph {
 public:
  ServingGraph(const Context& ctx, topo::Server& topology, std::string cell,
               ServingGraphOptions options = {});
  // A mirror.
  ServingGraph(const Context& ctx, std::string cell);

  // Waits for the VSchema (an absent one is empty) and its keyspaces, and follows them from there
  // on.
  Task<Result<>> Start(const Context& ctx);
  // On a mirror, instead: `source`, on loop `home`, tells it all from now on. Returns when the
  // mirror knows what the source does.
  Task<> MirrorOf(runtime::Loop& home, ServingGraph& source);
  Task<> Stop();

  std::shared_ptr<const vschema::VSchema> vschema() const { return vschema_; }
  // Puts what tablets tell of their tables beside the VSchema, now and after each change of it;
  // keyspaces not in `tables` stay as they are. Not for mirrors, to whose loops what comes of it
  // has been posted on return.
  void SetTracked(vschema::TrackedSchema tables);

  // Routes by a keyspace's record at once that was just saved; the watch brings the same later.
  // Not for mirrors, which are told as by SetTracked.
  void Adopt(const std::string& keyspace, vschema::KeyspaceRecord record);

  // Waits only for a keyspace that was never asked for. kNotFound (MySQL 1049) for a keyspace that
  // does not exist.
  Task<Result<ServingShards>> Shards(const Context& ctx, std::string_view keyspace,
                                     keys::TabletType type);

 private:
  using Graph = std::shared_ptr<const topo::SrvKeyspace>;
  using Record = std::shared_ptr<const vschema::SrvVSchemaRecord>;
  struct Mirror {
    runtime::Loop* loop;
    ServingGraph* graph;
  };
  bool Wants(std::string_view keyspace) const {
    return options_.keyspaces.empty() || options_.keyspaces.contains(keyspace);
  }
  void Take(Record record);
  void Rebuild();
  Task<> Follow();
  Task<> WatchKeyspaces(const Context& ctx);
  void Tell(const std::function<void(ServingGraph&)>& news) const;
  Task<Result<>> AddMirror(Mirror mirror);
  Task<Result<Graph>> Find(const Context& ctx, std::string_view keyspace);
  Task<Result<Graph>> FindForMirror(std::string keyspace);
  static Task<Result<Graph>> AskSource(std::weak_ptr<ServingGraph*> source, std::string keyspace);

  std::string cell_;
  ServingGraphOptions options_;
  runtime::TaskGroup tasks_;
  std::shared_ptr<const vschema::VSchema> vschema_;

  // Of one that follows.
  std::unique_ptr<srvtopo::ServingWatch> watch_;
  std::set<std::string, std::less<>> watched_;  // keyspaces
  vschema::TrackedSchema tracked_;
  Record record_;  // of the keyspaces wanted
  std::vector<Mirror> mirrors_;
  std::shared_ptr<ServingGraph*> self_;  // mirrors find us by it until we stop
  size_t asked_ = 0;                     // by mirrors, under way
  runtime::WaitQueue answered_;

  // Of a mirror.
  srvtopo::ServingWatch::Graphs graphs_;
  runtime::Loop* source_loop_ = nullptr;
  std::weak_ptr<ServingGraph*> source_;
};

}  // namespace tessera::discovery
