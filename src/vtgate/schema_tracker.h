// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/health_check.h"
#include "discovery/serving_graph.h"
#include "runtime/task_group.h"

namespace tessera::vtgate {

// Learns the columns of each keyspace's tables from one of its primaries, at first and whenever
// that one tells of a change, and puts them beside the VSchema. Belongs to one loop; await Stop
// before it is destroyed.
class SchemaTracker {
 public:
  SchemaTracker(const Context& ctx, discovery::ServingGraph& serving,
                discovery::HealthCheck& health)
      : serving_(serving), health_(health), tasks_(ctx) {}
  void Start() { tasks_.Start(Follow()); }
  Task<> Stop();
  // Reads a keyspace's tables now, whatever primaries have told: they are as of this call or newer
  // when it ends, unless no primary answers.
  Task<> Refresh(const Context& ctx, std::string keyspace);

 private:
  struct Seen {
    keys::TabletAlias alias;
    uint64_t changes = 0;
  };
  Task<> Follow();
  Task<> Look(std::string keyspace);
  Task<> Read(const Context& ctx, std::string keyspace, bool always);

  discovery::ServingGraph& serving_;
  discovery::HealthCheck& health_;
  runtime::TaskGroup tasks_;
  std::map<std::string, Seen> seen_;
  // Readings overlap: what an older one found must not replace what a newer one did.
  uint64_t readings_ = 0;
  std::map<std::string, uint64_t> newest_;
};

// The columns of a CREATE TABLE statement or the SELECT of a CREATE VIEW, as a tablet sends it.
// Statements of another kind or that do not parse are an error.
Result<vschema::TrackedTable> ReadTable(std::string_view create_statement);

}  // namespace tessera::vtgate
