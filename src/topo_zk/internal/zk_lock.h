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

// A place in a queue, and the session it is of.
struct ZkGuard final : topo::Guard {
  ZkGuard(std::shared_ptr<ZkClient> of, std::string node)
      : Guard(std::move(node)),
        client(std::move(of)),
        generation(client->generation()),
        session(client->session_id()) {}

  std::shared_ptr<ZkClient> client;
  uint64_t generation;
  int64_t session;
  // Given back; by the holder. Afterwards somebody else may have a node of the same name.
  std::shared_ptr<bool> left = std::make_shared<bool>(false);
};

// LockLost when the place is given back or gone.
Task<Result<>> CheckHeld(const Context& ctx, std::shared_ptr<const ZkGuard> place);

// Stands in the queue and gives the place once it is the first; NodeExists at once, without having
// stood in it, when `wait` is false and somebody is there. A place that is lost on the way, with
// its session, gives kUnavailable.
Task<Result<std::unique_ptr<topo::LockHandle>>> StandInQueue(const Context& ctx,
                                                             std::shared_ptr<ZkClient> client,
                                                             ZkQueue queue, bool wait);

// Deletes the directories above a node, below `root`, that are empty.
Task<> DeleteEmptyAbove(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path,
                        std::string root);

// Deletes a node and the directories above it, below `root`, that are left empty.
Task<Result<>> DeleteUpwards(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path,
                             std::string root, int32_t version);

}  // namespace tessera::topo_zk
