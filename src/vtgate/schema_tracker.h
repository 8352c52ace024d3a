// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/health_check.h"
#include "discovery/serving_graph.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "vschema/vschema.h"

namespace tessera::vtgate {

// Learns the columns of each keyspace's tables from one of its primaries, at first and whenever
// that one tells of a change, and hands them to whoever routes by them. Belongs to one loop, that
// of the health check that follows the tablets; await Stop before it is destroyed.
class SchemaTracker {
 public:
  using Tables = std::shared_ptr<const vschema::TrackedSchema>;
  // Puts what was learned (the keyspaces in it, not others) beside the VSchemas; returns when all
  // have it.
  using Tell = std::function<Task<>(Tables)>;

  SchemaTracker(const Context& ctx, discovery::ServingGraph& serving,
                discovery::HealthCheck& health, Tell tell);
  void Start() { tasks_.Start(Follow()); }
  Task<> Stop();
  // Reads a keyspace's tables now, whatever primaries have told: they are as of this call or newer
  // when it ends, unless no primary answers.
  Task<> Refresh(const Context& ctx, std::string keyspace);

 private:
  struct Seen {
    keys::TabletAlias alias;
    uint64_t changes = 0;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  Task<> Follow();
  bool IsStale(const std::string& keyspace) const;
  Task<> Look(const Context& ctx, std::string keyspace, vschema::TrackedSchema& found);
  Task<> Read(const Context& ctx, std::string keyspace, vschema::TrackedSchema& found);
  Task<> Spread(vschema::TrackedSchema found);

  discovery::ServingGraph& serving_;
  discovery::HealthCheck& health_;
  Tell tell_;
  runtime::TaskGroup tasks_;
  runtime::Semaphore at_once_;
  std::map<std::string, Seen, std::less<>> seen_;
  vschema::TrackedSchema known_;
  // Readings overlap: what an older one found must not replace what a newer one did.
  uint64_t readings_ = 0;
  std::map<std::string, uint64_t> newest_;
};

// The columns of a CREATE TABLE statement or the SELECT of a CREATE VIEW, as a tablet sends it.
// Statements of another kind or that do not parse are an error.
Result<vschema::TrackedTable> ReadTable(std::string_view create_statement);

}  // namespace tessera::vtgate
