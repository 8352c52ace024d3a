// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "runtime/sync.h"
#include "topo/conn.h"

namespace tessera::topo {

// Records kept in memory, for tests and programs that run a whole cluster in one process. All
// connections share the store and its loop; it must outlive them.
class MemoryTopo final : public Factory {
 public:
  MemoryTopo();
  ~MemoryTopo() override;
  Task<Result<std::unique_ptr<Conn>>> Connect(const Context& ctx, std::string address,
                                              std::string root) override;

  // While set, every operation fails with this error and watches end with it: a topology server
  // that is down.
  void SetDown(std::optional<Error> error);

  // Takes every lock from its holder, who finds out when it asks: what etcd does to leases that run
  // out. Others may have the locks from now on.
  void LoseLocks();

 private:
  friend class MemoryConn;
  friend class MemoryWatcher;
  friend class MemoryTreeWatcher;
  friend class MemoryLock;

  Result<> Check() const;
  // True when some record lies under the full path taken as a directory.
  bool HasChildren(const std::string& dir) const;
  bool Holds(const std::string& dir, uint64_t number) const;
  void Changed() { changed_.WakeAll(); }
  // Tells the tree watchers of a written or deleted record, and everybody that something changed.
  void Told(const std::string& path, std::optional<Node> node);

  std::map<std::string, Node> records_;  // by full path
  struct Holding {
    std::string contents;
    uint64_t number = 0;  // of all that there ever were
  };
  std::map<std::string, Holding> locks_;  // held, by full path
  uint64_t holdings_ = 0;
  std::set<class MemoryTreeWatcher*> trees_;
  Version last_version_ = 0;
  std::optional<Error> down_;
  runtime::WaitQueue changed_;  // anything at all: watchers and lockers look for themselves
};

}  // namespace tessera::topo
