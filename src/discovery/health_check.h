// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/tablet_filter.h"
#include "discovery/tablet_health.h"
#include "discovery/tablet_table.h"
#include "keys/target.h"
#include "queryservice/query_service.h"
#include "runtime/loop.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "srvtopo/tree_follow.h"
#include "topo/records.h"
#include "topo/server.h"

namespace tessera::discovery {

struct HealthCheckOptions {
  std::vector<std::string> cells;  // the first is our own
  TabletFilter filter;
  bool refresh_known = true;  // a known tablet's new address is taken over
  Duration refresh_interval = std::chrono::minutes(1);
  Duration health_timeout = std::chrono::minutes(1);
  // A tablet without a health stream is dialed again after retry_delay, which doubles each time up
  // to retry_most, or to a tenth of how long it has been away, but for at most health_timeout.
  // Whenever its record is written it is dialed at once.
  Duration retry_delay = std::chrono::milliseconds(2);
  Duration retry_most = std::chrono::seconds(5);
  uint32_t lag_low_seconds = 30;     // preferred
  uint32_t lag_high_seconds = 7200;  // not used above
  size_t min_serving = 2;            // so many even above lag_low_seconds
  TabletDialer dial = DialTablet;
};

// How one tablet stands, for a loop that does not follow it itself. Immutable once it is handed
// over.
struct TabletNews {
  keys::TabletAlias alias;
  bool removed = false;
  std::shared_ptr<const topo::Tablet> record;  // when it is new or has changed
  bool up = false;
  queryservice::Health health;
  std::string last_error;
  uint64_t schema_changes = 0;
};

// Which tablets can be asked: follows the tablet records of the cells and the health stream of each
// tablet, or mirrors another loop's HealthCheck that does. So a process has one health stream to
// each tablet however many loops it runs. Belongs to one loop; await Stop before it is destroyed.
class HealthCheck {
 public:
  HealthCheck(const Context& ctx, topo::Server& topology, HealthCheckOptions options);
  // A mirror: knows what Share of another one tells it. Of the options it needs those of choice and
  // the dialer.
  HealthCheck(const Context& ctx, HealthCheckOptions options);

  void Start();
  Task<> Stop();

  // On a mirror, before anything else: `source`, on loop `home`, tells it all from now on. Returns
  // when the mirror knows what the source does. Stop the source before its mirrors.
  Task<> MirrorOf(runtime::Loop& home, HealthCheck& source);

  // Tablets to try, best first: for a primary at most the one of the latest term, serving or not.
  std::vector<std::shared_ptr<TabletHealth>> Find(const keys::Target& target) const {
    return table_.Find(target);
  }
  std::shared_ptr<TabletHealth> FindByAlias(const keys::TabletAlias& alias) const {
    return table_.FindByAlias(alias);
  }
  // Some usable primary of the keyspace, or null.
  std::shared_ptr<TabletHealth> UsablePrimary(std::string_view keyspace) const {
    return table_.UsablePrimary(keyspace);
  }
  std::vector<std::shared_ptr<TabletHealth>> InKeyspace(std::string_view keyspace) const {
    return table_.InKeyspace(keyspace);
  }
  std::vector<std::shared_ptr<TabletHealth>> All() const;

  // How replicas are chosen by their lag from now on; see HealthCheckOptions.
  void SetLagLimits(uint32_t low_seconds, uint32_t high_seconds, size_t min_serving) {
    table_.SetLagLimits(low_seconds, high_seconds, min_serving);
  }

  // Looks at the tablet records again soon, where they are not watched.
  void Kick();
  // Waits for a usable tablet of each target, as long as ctx allows.
  Task<Result<>> WaitFor(const Context& ctx, std::vector<keys::Target> targets);

 private:
  class Sink;
  using Entry = std::shared_ptr<TabletHealth>;
  using News = std::shared_ptr<const std::vector<TabletNews>>;
  struct Mirror {
    runtime::Loop* loop;
    HealthCheck* check;
  };

  // Follows.
  srvtopo::TreeListener Listener();
  void OnRecord(const std::string& path, const std::string& contents);
  void OnTablet(topo::Tablet tablet);
  void OnGone(const keys::TabletAlias& alias, bool lost);
  Duration RefreshPause() const;
  Task<> FollowTablet(Entry entry);
  struct Retry {
    Duration delay;  // the last, or the one to begin with
    Instant heard;   // of the tablet
  };
  Task<Result<>> FollowOnce(const Context& ctx, const Entry& entry, Retry& retry);
  Task<Result<>> PauseBeforeDial(const Context& ctx, Duration delay);
  Duration LongestDelay(Duration away) const;
  static void Hurry(TabletHealth& entry);
  Task<> WatchSilence();
  void NoteHealth(const Entry& entry, const queryservice::Health& health);
  void NoteDown(const Entry& entry, std::string error);

  // Both.
  Entry Add(topo::Tablet tablet);
  void Remove(const keys::TabletAlias& alias);
  Task<> CloseEntry(Entry entry);

  // Tells mirrors.
  void Changed(const keys::TabletAlias& alias, bool record);
  Task<> TellMirrors();
  TabletNews NewsOf(const keys::TabletAlias& alias, bool record) const;
  Task<Result<>> AddMirror(Mirror mirror);
  void Apply(const std::vector<TabletNews>& news);
  void ApplyOne(const TabletNews& news);

  HealthCheckOptions options_;
  std::shared_ptr<const TabletDialer> dialer_;
  runtime::TaskGroup tasks_;
  TabletTable table_;
  bool is_mirror_ = true;
  std::vector<std::unique_ptr<srvtopo::TreeFollow>> records_;  // of each cell
  Instant next_dial_{};  // not before it, of tablets that were dialed before
  runtime::WaitQueue changed_;
  std::vector<Mirror> mirrors_;
  std::map<keys::TabletAlias, bool> untold_;  // to mirrors; whether the record is part of it
  runtime::WaitQueue untold_any_;

  // What a mirror's loop posts to ours finds us by, unless we have stopped.
  std::shared_ptr<HealthCheck*> self_;
  std::weak_ptr<HealthCheck*> source_;
  runtime::Loop* source_loop_ = nullptr;
};

}  // namespace tessera::discovery
