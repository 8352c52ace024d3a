// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "localcluster/folder.h"
#include "localcluster/layout.h"
#include "localcluster/service.h"
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

  // Returns when every shard has a serving primary and a gate answers. When that fails, what it
  // started has been stopped again.
  Task<Result<>> Up(const Context& ctx);
  // Starts again what ends by itself. Returns when ctx ends.
  Task<> Watch(const Context& ctx);
  // Ends every process, gates first. Waits at most 10 s a kind for an orderly end.
  Task<> Down();

  const Layout& layout() const { return layout_; }

 private:
  // A process that is to run, and how it fares.
  struct Kept {
    std::unique_ptr<Service> service;
    int pid = 0;
    int restarts = 0;
    std::string trouble;
  };

  Task<Result<>> RaiseAll(const Context& ctx);
  Task<Result<>> CheckPorts(const Context& ctx);
  Task<Result<>> PrepareTopology(const Context& ctx);
  Task<Result<>> FillTopology(const Context& ctx, topo::Server& topo, topo::CellInfo cell);
  Task<Result<>> PrepareKeyspace(const Context& ctx, topo::Server& topo,
                                 const KeyspaceSpec& keyspace);
  Task<Result<>> StartEtcd(const Context& ctx);
  Task<Result<>> StartTablet(const Context& ctx, size_t index);
  Task<Result<>> StartGates(const Context& ctx);
  Task<Result<>> WaitUntilPublished(const Context& ctx);
  topo::ServerOptions TopoOptions() const;
  Task<Result<>> StartIfDown(const Context& ctx, Kept& kept);
  Task<Result<>> WaitUntilServing(const Context& ctx);
  Task<Result<size_t>> CountServingPrimaries(const Context& ctx);
  Task<Result<>> RefuseDead();
  Task<> Keep(const Context& ctx, Kept& kept);
  Task<> StopThese(std::vector<Kept*> group);
  Task<Result<>> StopQuietly(const Context& ctx, Kept& kept);

  Task<> Tell(std::string phase, std::string step, std::string error);
  Task<> Report(std::string_view step);

  Layout layout_;
  topo::Server::Factories topologies_;
  OnStep on_step_;
  std::unique_ptr<FolderLock> lock_;
  ClusterStatus status_;
  runtime::AsyncMutex telling_;  // one writes the status at a time

  std::unique_ptr<Kept> etcd_;
  std::vector<std::unique_ptr<Kept>> mysqls_;   // one a tablet, in the layout's order
  std::vector<std::unique_ptr<Kept>> tablets_;  // likewise
  std::vector<std::unique_ptr<Kept>> gates_;
  std::vector<Kept*> all_;
};

}  // namespace tessera::localcluster
