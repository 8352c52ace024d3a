// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_alias.h"
#include "keys/tablet_type.h"
#include "mysqlconn/connection.h"
#include "mysqlctl/flavor.h"
#include "mysqlctl/replication.h"
#include "runtime/sync.h"
#include "tabletserver/tablet_server.h"
#include "topo/server.h"

namespace tessera::tabletmanager {

// What a tablet is told when it starts.
struct TabletOptions {
  keys::TabletAlias alias;
  std::string hostname;
  int32_t grpc_port = 0;
  int32_t http_port = 0;  // 0: none
  std::string keyspace;
  std::string shard;
  keys::TabletType type = keys::TabletType::kReplica;  // as wanted; see Join
  std::string db_name_override;
  std::map<std::string, std::string> tags;
  std::string mysql_hostname;
  int32_t mysql_port = 0;
  // Whether the server's replication and read-only state are ours to set.
  bool manage_replication = true;
  std::string replication_user = "vt_repl";
  std::string replication_password;
  int replication_connect_retry_seconds = 10;
};

// What a server that stops being the primary is asked for.
enum class Demotion : uint8_t {
  kOrderly,  // waits until no commit waits for a replica
  kForced,   // commits that wait for a replica are let go
};

// How a replica is to follow.
struct FollowOptions {
  keys::TabletAlias parent;
  bool start = false;  // also when its replication stands still
  std::optional<bool> semi_sync;
  double heartbeat_seconds = 0;  // 0: the server's own
  std::string position;          // with it, begins as new from there ("MariaDB/0-1-5")
};

// What a tablet is, the only place that knows: its record in the topology, its role in the shard's
// replication, whether its query service serves. Made, Join, Drive, Keep* in the background; what
// others ask for comes in actions, one at a time. Of one loop; the topology outlives it.
class TabletManager {
 public:
  using Action = runtime::AsyncMutex::Guard;

  TabletManager(topo::Server& topo, TabletOptions options, mysqlconn::ConnectOptions dba,
                const mysqlctl::Flavor& flavor = mysqlctl::MariaDb());

  // kAlreadyExists when a tablet of this alias answers at the address of its record.
  Task<Result<>> RefuseTwin(const Context& ctx);

  // Makes keyspace and shard where they are missing and decides what this tablet is: the shard's
  // primary when the shard says so, when our record has led for a newer term than the shard's, or
  // when the wanted type is primary and the shard has none; otherwise a replica of the wanted type.
  Task<Result<>> Join(const Context& ctx);

  // From here on `server` serves what this tablet is; it outlives the Keep tasks and all actions.
  void Drive(tabletserver::TabletServer& server);

  // Gives MySQL the tablet's role, at the start and whenever the server was lost: one that was
  // restarted comes back read-only and without replication. Publishes the tablet's record.
  Task<> KeepRole(const Context& ctx);
  // While primary: takes the shard's record when our term is newer, steps down when it is older.
  Task<> KeepShard(const Context& ctx);

  // Ends with true when somebody has deleted the published record, as DeleteTablets does: the
  // tablet is not wanted any more. A topology that lost its data has deleted nothing. False when
  // ctx ends.
  Task<bool> WaitUntilDeleted(const Context& ctx);

  // Marks the record as shut down, if it is still ours.
  Task<Result<>> Leave(const Context& ctx);

  // Actions change what the tablet is; hold the guard until done. The error tells which one runs.
  Task<Result<Action>> Begin(const Context& ctx, std::string name);
  // A connection of our own to MySQL, as vt_dba.
  Task<Result<std::unique_ptr<mysqlconn::Connection>>> ConnectDba(const Context& ctx) const;
  // kFailedPrecondition when MySQL's replication and read-only state are somebody else's.
  Result<> NeedManaged(std::string_view what) const;

  // All below: under an action. Writes the record, sets MySQL read-only or writable, then serves.
  Task<Result<>> SetType(const Context& ctx, mysqlconn::Connection& connection,
                         keys::TabletType type);
  Task<Result<>> ChangeTags(const Context& ctx, const std::map<std::string, std::string>& tags,
                            bool replace);
  // Reads what the topology says of this tablet's serving: denied tables, disabled query service.
  Task<Result<>> ReadControls(const Context& ctx);
  Task<Result<>> SetReadOnly(const Context& ctx, mysqlconn::Connection& connection, bool on);
  // A primary acknowledges and asks for acknowledgement, others only acknowledge. Remembered for
  // a server that restarts.
  Task<Result<>> SetSemiSync(const Context& ctx, mysqlconn::Connection& connection,
                             keys::TabletType type, bool on);
  // The same for what the tablet is now; a running replica connects anew where that matters.
  Task<Result<>> FixSemiSync(const Context& ctx, mysqlconn::Connection& connection, bool on);
  // What was asked for by SetSemiSync, or else what the keyspace's durability policy asks of the
  // tablet as it is now; `primary` is the tablet it follows (itself, as the primary), null when
  // nobody is known yet.
  Task<Result<>> HoldDurability(const Context& ctx, mysqlconn::Connection& connection,
                                const topo::Tablet* primary);

  // Leads from here on, with a new term. Gives the position at which it began.
  Task<Result<std::string>> Promote(const Context& ctx, mysqlconn::Connection& connection,
                                    bool semi_sync);
  // Like Promote, of a shard's first primary: its log gets a transaction that replicas can ask for.
  Task<Result<std::string>> InitPrimary(const Context& ctx, mysqlconn::Connection& connection,
                                        bool semi_sync);
  // Stops serving and writing; the type stays. A failure undoes what was done.
  Task<Result<>> Demote(const Context& ctx, mysqlconn::Connection& connection, Demotion how);
  Task<Result<>> UndoDemote(const Context& ctx, mysqlconn::Connection& connection, bool semi_sync);
  // Follows another tablet, as a replica. Says whether replication runs now.
  Task<Result<bool>> Follow(const Context& ctx, mysqlconn::Connection& connection,
                            const FollowOptions& follow);
  // Replication was started or stopped on somebody's word: a server that restarts keeps to it.
  void NoteReplication(bool stopped) { replication_stopped_ = stopped; }
  // The source was taken away: nothing is followed until the topology or somebody says so.
  void ForgetParent() { parent_.reset(); }

  keys::TabletType type() const { return tablet_.type; }
  // Seconds since 1970; 0 for replicas.
  int64_t primary_term_start() const { return tablet_.primary_term_start / 1'000'000'000; }
  const topo::Tablet& tablet() const { return tablet_; }
  const TabletOptions& options() const { return options_; }
  const mysqlctl::Flavor& flavor() const { return flavor_; }
  const mysqlconn::ConnectOptions& dba() const { return dba_; }
  // The database of our own tables, "_vt".
  const std::string& sidecar_db() const { return sidecar_db_; }

 private:
  // Whom to follow until the shard has a newer primary than when this was asked for.
  struct Parent {
    keys::TabletAlias alias;
    int64_t shard_term = 0;
  };

  // tablet_manager.cc: the record.
  Task<Result<>> WatchRecord(const Context& ctx);
  Task<Result<>> CheckDeleted(const Context& ctx);
  bool Owns(const topo::Tablet& record) const;
  Task<Result<>> Publish(const Context& ctx);
  Task<Result<>> PublishServing(const Context& ctx);
  Task<Result<>> WriteRecord(const Context& ctx, const topo::Tablet& next);

  // role.cc: keeping the role.
  void UpdateServing();
  keys::TabletType ReplicaType() const;
  // Whether the shard has a newer primary than us.
  bool Outranked(const topo::Shard& shard) const;
  Task<Result<bool>> SettleRole(const Context& ctx);
  Task<Result<bool>> PrepareMysql(const Context& ctx);
  Task<Result<>> PreparePrimary(const Context& ctx, mysqlconn::Connection& connection);
  Task<Result<bool>> PrepareReplica(const Context& ctx, mysqlconn::Connection& connection);
  Task<Result<>> FollowPrimary(const Context& ctx, mysqlconn::Connection& connection,
                               const topo::Tablet& primary);
  Task<> WaitUntilMysqlIsLost(const Context& ctx);
  Task<Result<>> SyncShard(const Context& ctx);
  Task<Result<>> StepDown(const Context& ctx);
  Task<Result<>> WatchShard(const Context& ctx);
  Task<Result<>> RestartReceiving(const Context& ctx, mysqlconn::Connection& connection);
  Task<Result<>> ApplySemiSync(const Context& ctx, mysqlconn::Connection& connection,
                               keys::TabletType type, bool on);
  Task<Result<>> AnnounceSemiSync(const Context& ctx, mysqlconn::Connection& connection, bool on);
  Task<Result<>> NeedDatabase(const Context& ctx, mysqlconn::Connection& connection);

  // reparent.cc: changes of role on somebody's word.
  Task<Result<>> WriteDemotion(const Context& ctx, mysqlconn::Connection& connection, Demotion how);
  Task<Result<>> ReleaseCommits(const Context& ctx, mysqlconn::Connection& connection,
                                Demotion how);
  Task<Result<bool>> Repoint(const Context& ctx, mysqlconn::Connection& connection,
                             const FollowOptions& follow, const topo::Tablet& parent,
                             bool was_primary);
  mysqlctl::ReplicationSource SourceAt(const topo::Tablet& tablet) const;

  topo::Server& topo_;
  TabletOptions options_;
  mysqlconn::ConnectOptions dba_;
  const mysqlctl::Flavor& flavor_;
  topo::Tablet tablet_;
  std::string sidecar_db_ = "_vt";

  tabletserver::TabletServer* server_ = nullptr;
  runtime::AsyncMutex action_;
  std::string action_name_;  // the last to begin
  runtime::WaitQueue type_changed_;

  bool published_ = false;
  bool mysql_ready_ = false;
  std::string mysql_reason_ = "tablet is starting";
  bool demoted_ = false;         // the primary does not serve: another is to lead
  bool read_only_held_ = false;  // the primary does not write, on somebody's word
  bool replication_stopped_ = false;
  std::optional<bool> semi_sync_;  // as somebody asked for; else the durability policy decides
  std::optional<Parent> parent_;
  std::string disabled_reason_;  // why the topology does not let us serve
};

// `name`, in backquotes.
std::string Backquoted(std::string_view name);

}  // namespace tessera::tabletmanager
