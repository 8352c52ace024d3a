// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/pool.h"
#include "runtime/sync.h"

namespace tessera::tabletserver {

// A connection that one client owns for longer than a statement: a transaction, a reserved session,
// or both.
struct StatefulConnection {
  int64_t id = 0;
  mysqlconn::Pool::Lease lease;
  bool in_transaction = false;
  bool begun = false;     // BEGIN was sent: false for an "autocommit" transaction
  bool reserved = false;  // stays with its client after the transaction
  bool tainted = false;   // its session differs from a fresh one: never goes back to the pool
  bool busy = false;
  Instant began;                     // of the transaction
  Instant expires = Instant::max();  // when the killer may end it
  Duration timeout = Duration::zero();
};

// All stateful connections of a tablet server, by id. Ids come from the clock at start and count
// up, so that ids of an earlier life are not met again. Belongs to one loop.
class StatefulConnections {
 public:
  // A connection locked for one call. Unlocks when destroyed; a connection found broken then is
  // dropped, and later uses of its id are told so.
  class Use {
   public:
    Use(StatefulConnections* owner, StatefulConnection* connection)
        : owner_(owner), connection_(connection) {}
    Use(Use&& other) noexcept
        : owner_(other.owner_), connection_(std::exchange(other.connection_, nullptr)) {}
    Use& operator=(Use&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(connection_, other.connection_);
      return *this;
    }
    ~Use() {
      if (connection_ != nullptr) owner_->Unlock(*connection_);
    }
    StatefulConnection* operator->() const { return connection_; }
    StatefulConnection& operator*() const { return *connection_; }
    mysqlconn::Connection& connection() const { return *connection_->lease; }

    // Gives the connection another id; the old one is known as ended, for `why`.
    void Renumber(std::string_view why);
    // Ends it: the lease goes back to its pool, or away when it is tainted or `discard`.
    void End(std::string_view why, bool discard);

   private:
    StatefulConnections* owner_;
    StatefulConnection* connection_;
  };

  explicit StatefulConnections(int64_t first_id) : next_id_(first_id) {}
  ~StatefulConnections() { CHECK(connections_.empty()); }

  // Takes the lease in, locked.
  Use Add(mysqlconn::Pool::Lease lease);
  // kAborted when there is no such connection ("transaction N: not found", "... ended at ...") or
  // it is busy.
  Result<Use> Lock(int64_t id);
  // The same, waiting a few seconds while it is busy: a client whose statement was killed goes on
  // at once, while the server still ends the statement.
  Task<Result<Use>> LockSoon(const Context& ctx, int64_t id);

  // Ends idle connections whose time is over; those in use are cut by their query's own deadline.
  // Gives how many.
  size_t KillExpired(Instant now);
  // Ends every idle connection. Gives how many are left, being busy.
  size_t EndAll(std::string_view why);

  size_t size() const { return connections_.size(); }
  size_t transactions() const;

 private:
  bool IsBusy(int64_t id) const;
  void Unlock(StatefulConnection& connection);
  void Forget(StatefulConnection& connection, std::string_view why, bool discard);
  void NoteEnd(int64_t id, std::string_view why);

  int64_t next_id_;
  std::unordered_map<int64_t, std::unique_ptr<StatefulConnection>> connections_;
  runtime::WaitQueue freed_;                           // some connection is not busy any more
  std::deque<std::pair<int64_t, std::string>> ended_;  // the latest, for better errors
};

}  // namespace tessera::tabletserver
