// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "zkctl/zk_config.h"

namespace tessera::zkctl {

// The life of one ZooKeeper server on this machine. The process outlives us; it is known by its pid
// file and its command line.
class ZkServer {
 public:
  explicit ZkServer(ZkConfig config) : config_(std::move(config)) {}
  const ZkConfig& config() const { return config_; }

  // Makes the folder and starts the server. kAlreadyExists when there is one.
  Task<Result<>> Init(const Context& ctx);
  // Starts a server that was made; returns when it serves. Ok when it runs already.
  Task<Result<>> Start(const Context& ctx);
  // Ends it in good order, or by force when ctx ends first. Ok when it does not run.
  Task<Result<>> Shutdown(const Context& ctx);
  // Shuts it down and removes its folder.
  Task<Result<>> Teardown(const Context& ctx);

  Task<bool> Initialised() const;
  // 0 when it does not run.
  Task<int> Pid() const;

 private:
  Task<Result<>> WaitUntilAnswering(const Context& ctx) const;
  int FindPid() const;

  ZkConfig config_;
};

}  // namespace tessera::zkctl
