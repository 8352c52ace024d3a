// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/destination.h"
#include "keys/tablet_type.h"
#include "runtime/task_group.h"
#include "topo/records.h"
#include "topo/server.h"
#include "vschema/vschema.h"

namespace tessera::discovery {

// The serving graph and VSchema of one cell, read again every second; when the topology is down the
// last of both holds on. Belongs to one loop; await Stop before it is destroyed.
class ServingGraph {
 public:
  ServingGraph(const Context& ctx, topo::Server& topology, std::string cell)
      : topology_(topology), cell_(std::move(cell)), tasks_(ctx) {}

  // Reads the VSchema (an absent one is empty) and its keyspaces once, and follows them from there
  // on.
  Task<Result<>> Start(const Context& ctx);
  Task<> Stop();

  std::shared_ptr<const vschema::VSchema> vschema() const { return vschema_; }
  // Puts what tablets tell of their tables beside the VSchema, now and after each change of it.
  void SetTracked(std::string keyspace, std::vector<vschema::TrackedTable> tables);

  // The shards that serve the type, in the order of their ranges. Waits only for a keyspace that
  // was never asked for. kNotFound (MySQL 1049) for a keyspace that does not exist.
  Task<Result<std::vector<topo::ShardReference>>> Shards(const Context& ctx,
                                                         std::string_view keyspace,
                                                         keys::TabletType type);

 private:
  struct Known {
    std::string contents;
    topo::SrvKeyspace record;
  };
  Task<> Follow();
  Task<Result<>> ReadKeyspace(const Context& ctx, std::string keyspace);
  Task<Result<>> ReadKeyspaces(const Context& ctx);
  Task<Result<>> ReadVSchema(const Context& ctx);

  topo::Server& topology_;
  std::string cell_;
  runtime::TaskGroup tasks_;
  std::map<std::string, Known, std::less<>> keyspaces_;
  std::string vschema_contents_;
  vschema::TrackedSchema tracked_;
  std::shared_ptr<const vschema::VSchema> vschema_;
};

// The names of the shards that the destination means, in their order. kUnavailable when a keyspace
// id lies in none.
Result<std::vector<std::string>> PickShards(const std::vector<topo::ShardReference>& shards,
                                            std::string_view keyspace,
                                            const keys::Destination& destination);

}  // namespace tessera::discovery
