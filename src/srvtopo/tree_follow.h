// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/executor.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "topo/server.h"
#include "topo/tree_diff.h"

namespace tessera::srvtopo {

// Hears what happens to the records followed, on the loop that follows them.
struct TreeListener {
  // A record that is new or has changed.
  std::function<void(const std::string& path, const std::string& contents)> on_record;
  // It was deleted. `lost`: along with everything else, so that it is the topology that has lost
  // its data.
  std::function<void(const std::string& path, bool lost)> on_gone;
  // All records there are have been told: at first, and again after each time of trouble.
  std::function<void()> on_read;
  // How long to wait before the next listing, where trees cannot be watched, and the longest wait
  // where watches of them do not hold. Without it they are not listed: on_read comes once and
  // unwatchable() is true.
  std::function<Duration()> pause;
};

struct TreePlace {
  std::string cell;
  std::string dir;     // the records are below it
  std::string suffix;  // and their paths end so
  std::string what;    // they are called in the log: "tablet records"
};

// Follows the records of one kind in one cell: by a watch of their tree where the topology has
// that, by listings at intervals elsewhere. Only what changed is told, nothing while the topology
// is down; that it is down is logged once, and that it is back. Belongs to one loop; await Stop
// before it is destroyed.
class TreeFollow {
 public:
  TreeFollow(const Context& ctx, topo::Server& topology, TreePlace place, TreeListener listener);

  void Start() { tasks_.Start(Follow(tasks_.context())); }
  Task<> Stop();
  // Where records are listed: list them again soon.
  void Kick() { kick_.WakeAll(); }
  // The topology cannot watch trees, and listings are not wanted.
  bool unwatchable() const { return unwatchable_; }

 private:
  Task<> Follow(const Context& ctx);
  Task<Result<>> FollowOnce(const Context& ctx);
  Task<Result<>> Watch(const Context& ctx, topo::Conn* conn);
  Task<Result<>> ListAlways(const Context& ctx);
  Task<Result<>> List(const Context& ctx, topo::Conn* conn);
  Task<> Pause(const Context& ctx, Duration most);
  void TakeAll(std::vector<topo::KeyedNode> nodes);
  void Take(const topo::TreeChange& change);
  Task<> TellGone(const Context& ctx, topo::Conn* conn);
  void NoteTrouble(const Error& error);
  void NoteRead();
  Duration RetryAfter(Duration lasted, const Error& error);

  topo::Server& topology_;
  TreePlace place_;
  TreeListener listener_;
  runtime::TaskGroup tasks_;
  runtime::WaitQueue kick_;
  topo::TreeVersions known_;    // records as they were last told
  std::set<std::string> gone_;  // deleted, not told yet
  bool in_trouble_ = false;
  bool read_ = false;  // all records, since the last watch began
  bool told_ = false;  // a change of one, since then
  int loose_ = 0;      // watches in a row that did not hold
  bool unwatchable_ = false;
};

}  // namespace tessera::srvtopo
