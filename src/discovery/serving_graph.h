// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

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
// both watched; when the topology is down the last of both holds on. Belongs to one loop; await
// Stop before it is destroyed.
class ServingGraph {
 public:
  ServingGraph(const Context& ctx, topo::Server& topology, std::string cell,
               ServingGraphOptions options = {});

  // Waits for the VSchema (an absent one is empty) and its keyspaces, and follows them from there
  // on.
  Task<Result<>> Start(const Context& ctx);
  Task<> Stop();

  std::shared_ptr<const vschema::VSchema> vschema() const { return vschema_; }
  // Puts what tablets tell of their tables beside the VSchema, now and after each change of it;
  // keyspaces not in `tables` stay as they are. Costs as much for one keyspace as for all.
  void SetTracked(vschema::TrackedSchema tables);

  // Routes by a keyspace's record at once that was just saved; the watch brings the same later.
  void Adopt(const std::string& keyspace, vschema::KeyspaceRecord record);

  // Waits only for a keyspace that was never asked for. kNotFound (MySQL 1049) for a keyspace that
  // does not exist.
  Task<Result<ServingShards>> Shards(const Context& ctx, std::string_view keyspace,
                                     keys::TabletType type);

 private:
  bool Wants(std::string_view keyspace) const {
    return options_.keyspaces.empty() || options_.keyspaces.contains(keyspace);
  }
  void Take(std::shared_ptr<const vschema::SrvVSchemaRecord> record);
  void Rebuild();
  Task<> Follow();
  Task<> WatchKeyspaces(const Context& ctx);

  std::string cell_;
  ServingGraphOptions options_;
  srvtopo::ServingWatch watch_;
  runtime::TaskGroup tasks_;
  std::set<std::string, std::less<>> watched_;  // keyspaces
  vschema::TrackedSchema tracked_;
  std::shared_ptr<const vschema::SrvVSchemaRecord> record_;  // of the keyspaces wanted
  std::shared_ptr<const vschema::VSchema> vschema_;
};

}  // namespace tessera::discovery
