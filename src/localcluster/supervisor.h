// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "localcluster/fleet.h"
#include "localcluster/folder.h"
#include "localcluster/layout.h"
#include "localcluster/status.h"
#include "runtime/sync.h"
#include "topo/server.h"

namespace tessera::localcluster {

// Runs one cluster: lifts it, keeps it up, takes it down. Processes that a dead supervisor left
// behind are taken over. Of one loop.
class Supervisor {
 public:
  // Called at every step of Up, with a sentence for people.
  using OnStep = std::function<void(std::string_view)>;

  // `program_dir` holds vttablet and vtgate.
  Supervisor(Layout layout, std::string program_dir, topo::Server::Factories topologies,
             OnStep on_step);

  // Makes the folder this supervisor's until it ends: nobody else's may start there, and the spec
  // is written down. When the folder held another spec, what still runs of that one is ended first.
  // kAlreadyExists, with nothing changed, while another supervisor runs.
  Task<Result<>> Claim(const Context& ctx);
  // Claims the folder, if that was not done, and lifts the cluster. Returns when every shard has a
  // serving primary and a gate answers. When that fails, what runs has been stopped again.
  Task<Result<>> Up(const Context& ctx);
  // Starts again what ends by itself, but tablets whose records were deleted. Returns when ctx
  // ends.
  Task<> Watch(const Context& ctx);
  // Ends every process, gates first. Waits at most 10 s a kind for an orderly end.
  Task<> Down();

  const Layout& layout() const { return layout_; }

 private:
  Task<Result<>> RaiseAll(const Context& ctx);
  Task<Result<>> CheckPorts(const Context& ctx);
  Task<Result<>> PrepareTopology(const Context& ctx);
  Task<Result<>> FillTopology(const Context& ctx, topo::Server& topo, topo::CellInfo cell);
  Task<Result<>> PrepareKeyspace(const Context& ctx, topo::Server& topo,
                                 const KeyspaceSpec& keyspace);
  Task<Result<>> StartTopology(const Context& ctx);
  Task<Result<>> StartTablet(const Context& ctx, size_t index);
  Task<Result<>> StartGates(const Context& ctx);
  Task<Result<>> WaitUntilPublished(const Context& ctx);
  topo::ServerOptions TopoOptions() const;
  Task<Result<>> EndFormerLife(const Context& ctx);
  Task<Result<>> StartIfDown(const Context& ctx, Member& member);
  Task<Result<>> WaitUntilServing(const Context& ctx);
  Task<Result<size_t>> CountServingPrimaries(const Context& ctx);
  Task<Result<size_t>> CountServingPrimaries(const Context& ctx, const GatePlace& gate);
  Task<Result<>> RefuseDead();
  Task<> Keep(const Context& ctx, Member& member);

  Task<> Tell(std::string phase, std::string step, std::string error);
  Task<> Report(std::string_view step);

  Layout layout_;
  std::string program_dir_;
  topo::Server::Factories topologies_;
  OnStep on_step_;
  Fleet fleet_;
  std::unique_ptr<FolderLock> lock_;
  ClusterStatus status_;
  runtime::AsyncMutex telling_;  // one writes the status at a time
};

}  // namespace tessera::localcluster
