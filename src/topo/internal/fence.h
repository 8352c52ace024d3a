// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "topo/conn.h"

namespace tessera::topo {

// Stands between who holds a lock and the topology: nothing is written once the lock is not held
// any more. Writes to the lock's own server are tied to it (Guard); before others the lock is asked
// (which renews an etcd lease, so that the write has the lease's whole time to arrive). Borrows the
// lock.
class Fence {
 public:
  // `work` names in errors what is done under the lock: "RebuildKeyspace of keyspace ks".
  Fence(LockHandle& lock, std::string work)
      : lock_(lock), guard_(lock.guard()), work_(std::move(work)) {}

  // kAborted when the lock is lost: says what was written under it, and that `next` was not done.
  // What cannot be asked is taken for lost, except that an ended ctx gives its own error.
  Task<Result<>> Check(const Context& ctx, std::string next);

  // A cell's connection whose writes mind the lock. The fence outlives it.
  std::unique_ptr<Conn> Over(std::string_view cell, Conn& inner);

 private:
  friend class FencedConn;

  Error Lost(const Error& why, std::string_view next) const;

  LockHandle& lock_;
  std::shared_ptr<const Guard> guard_;
  std::string work_;
  std::vector<std::string> written_;  // "zone1:keyspaces/ks/SrvKeyspace", in order
};

}  // namespace tessera::topo
