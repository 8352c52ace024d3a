// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "topo/conn.h"
#include "topo_zk/zk_client.h"

namespace tessera::topo_zk {

// A queue of ephemeral, numbered nodes under one directory: whoever has the smallest number is
// first. Locks and elections are made of it.
struct ZkQueue {
  std::string dir;       // absolute
  std::string root;      // directories above dir and below this go when they are empty
  std::string contents;  // of our node
};

// Stands in the queue and gives the place once it is the first; NodeExists at once, without having
// stood in it, when `wait` is false and somebody is there. A place that is lost on the way, with
// its session, gives kUnavailable.
Task<Result<std::unique_ptr<topo::LockHandle>>> StandInQueue(const Context& ctx,
                                                             std::shared_ptr<ZkClient> client,
                                                             ZkQueue queue, bool wait);

// Deletes a node and the directories above it, below `root`, that are left empty.
Task<Result<>> DeleteUpwards(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path,
                             std::string root, int32_t version);

}  // namespace tessera::topo_zk
