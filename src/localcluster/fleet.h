// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/task.h"
#include "localcluster/layout.h"
#include "localcluster/service.h"

namespace tessera::localcluster {

// A process that is to run, and how it fares.
struct Member {
  std::unique_ptr<Service> service;
  int pid = 0;  // as last seen; 0: does not run
  int restarts = 0;
  std::string trouble;  // why it does not run, as far as known
};

// All processes of one cluster, whoever started them: each is known by its pid file and its command
// line. Of one loop.
class Fleet {
 public:
  // `program_dir` holds vttablet, vtgate and vtctld.
  Fleet(const Layout& layout, const std::string& program_dir);

  // etcd or ZooKeeper; nullptr when the topology is in files.
  Member* topology() { return topology_.get(); }
  const std::vector<std::unique_ptr<Member>>& mysqls() const { return mysqls_; }
  // As many as mysqls(), in the layout's order both.
  const std::vector<std::unique_ptr<Member>>& tablets() const { return tablets_; }
  const std::vector<std::unique_ptr<Member>>& gates() const { return gates_; }
  Member& vtctld() { return *vtctld_; }
  const std::vector<Member*>& all() const { return all_; }

  // Brings every pid up to date, and tells how many run.
  Task<size_t> Look();

  // Kinds, vtctld among the gates, in the order in which they are to be ended.
  enum class Kind : uint8_t { kGates, kTablets, kMysqls, kTopology };
  static constexpr Kind kKinds[] = {Kind::kGates, Kind::kTablets, Kind::kMysqls, Kind::kTopology};
  // Ends what runs of a kind, within 10 s in good order. What then still runs has a pid.
  Task<> Stop(Kind kind);

 private:
  std::unique_ptr<Member> Add(std::unique_ptr<Service> service);
  std::vector<Member*> Of(Kind kind) const;

  std::unique_ptr<Member> topology_;
  std::vector<std::unique_ptr<Member>> mysqls_;
  std::vector<std::unique_ptr<Member>> tablets_;
  std::vector<std::unique_ptr<Member>> gates_;
  std::unique_ptr<Member> vtctld_;
  std::vector<Member*> all_;
};

}  // namespace tessera::localcluster
