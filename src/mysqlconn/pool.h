// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/connection.h"
#include "runtime/sync.h"

namespace tessera::mysqlconn {

struct PoolOptions {
  std::string name;  // in errors and metrics: "oltp", "transaction"
  ConnectOptions connect;
  size_t size = 16;           // connections at most; of this loop
  size_t max_waiters = 5000;  // one more fails at once; 0 is no limit
  Duration wait_timeout =
      std::chrono::seconds(30);  // for a free connection; zero waits as long as ctx
  Duration idle_timeout =
      std::chrono::minutes(30);  // an idle connection older than this is closed; zero never
  Duration max_lifetime =
      Duration::zero();  // of a connection, with a random tenth on top; zero for ever
};

// What a pool has done, for metrics.
struct PoolStats {
  uint64_t gets = 0;
  uint64_t waits = 0;
  Duration wait_time = Duration::zero();
  uint64_t timeouts = 0;
  uint64_t refused = 0;  // too many waiters
  uint64_t connects = 0;
  uint64_t connect_errors = 0;
  uint64_t closed_idle = 0;
  uint64_t closed_lifetime = 0;
  uint64_t closed_broken = 0;
};

// Connections to one server, reused last in first out, so that those not needed grow old and leave.
// Belongs to one loop (a process splits its total over its loops). Must be drained before it is
// destroyed.
class Pool {
  struct Birth {
    Instant opened;
    uint64_t renewals = 0;  // of the pool before
  };

 public:
  // A borrowed connection: goes back when destroyed, or away when it is no longer usable.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { Return(); }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }
    explicit operator bool() const { return connection_ != nullptr; }
    void Return();
    // Closes it instead of giving it back, for instance because session state was changed.
    void Discard();

   private:
    friend class Pool;
    Pool* pool_ = nullptr;
    std::unique_ptr<Connection> connection_;
    Birth birth_;
  };

  explicit Pool(PoolOptions options);
  ~Pool();

  // kResourceExhausted when no connection comes free within wait_timeout, or too many wait.
  Task<Result<Lease>> Get(const Context& ctx);

  // A larger pool takes effect at once, a smaller one as connections come back.
  void Resize(size_t size);
  // Closes idle connections that have been idle or alive too long; call it now and then
  // (idle_timeout / 10).
  void CloseExpired();
  // Connections of before are used no more: idle ones are closed at once, lent ones when they come
  // back. What servers tell new sessions (SET GLOBAL) is then told to all.
  void Renew();
  // Refuses new borrowers, closes idle connections and waits until the others are back.
  Task<Result<>> Drain(const Context& ctx);

  size_t size() const { return options_.size; }
  size_t in_use() const { return in_use_; }
  size_t idle() const { return idle_.size(); }
  size_t waiting() const { return waiters_.size(); }
  const PoolStats& stats() const { return stats_; }
  const PoolOptions& options() const { return options_; }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Birth birth;
    Instant since;
  };
  void TakeBack(std::unique_ptr<Connection> connection, Birth birth, bool keep);
  bool Expired(Birth birth, Instant now) const;
  Task<Result<>> WaitForRoom(const Context& ctx);
  Task<Result<Lease>> Open(const Context& ctx);

  PoolOptions options_;
  std::vector<Idle> idle_;  // newest last
  uint64_t renewals_ = 0;
  size_t in_use_ = 0;  // lent, being opened, or promised to a woken waiter
  bool draining_ = false;
  runtime::WaitQueue waiters_;
  runtime::WaitQueue drained_;
  PoolStats stats_;
};

}  // namespace tessera::mysqlconn
