// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/task_group.h"
#include "topo/conn.h"
#include "topo/records.h"
#include "topo/validate.h"

namespace tessera::topo {

struct ServerOptions {
  std::string implementation = "file";  // --topo-implementation
  std::string global_address;           // --topo-global-server-address
  std::string global_root = "/global";  // --topo-global-root
  // How long a cell's address is believed before its record is looked at again.
  Duration cell_check_interval = std::chrono::seconds(5);
  // How long calls under way may go on with a cell's old connection once it has a new address.
  Duration retire_after = std::chrono::minutes(1);
};

// A record and the version it was read at.
template <class Record>
struct Versioned {
  Record record;
  Version version = 0;
};

// What could be had of all cells, and an error naming the cell for each that did not answer or
// holds something that cannot be read.
template <class Item>
struct Partial {
  std::vector<Item> found;
  std::vector<Error> errors;
};

// A tablet listed in a shard's replication record that should not be.
struct ReplicationProblem {
  enum class Kind { kNotFound, kTopologyMismatch };  // it has no record; it is of another shard
  Kind kind;
  keys::TabletAlias alias;
};

// The whole topology: the global cell and, found through it, the others. Belongs to one loop. Await
// Close before it is destroyed. Lists are sorted; what has nothing gives an empty list.
class Server {
 public:
  // Factories by implementation name; they outlive the server.
  using Factories = std::map<std::string, Factory*, std::less<>>;
  template <class Record>
  using Change = std::function<Result<bool>(Record&)>;

  // Fails for unknown implementations and unusable addresses, not because a remote server is down.
  static Task<Result<std::unique_ptr<Server>>> Open(const Context& ctx, ServerOptions options,
                                                    Factories factories);
  Task<> Close();

  // The same topology through connections that `around` puts before its own ones, cell by cell.
  // Borrows this server, which outlives it, and needs no Close.
  using Around = std::function<std::unique_ptr<Conn>(std::string_view cell, Conn& inner)>;
  std::unique_ptr<Server> View(Around around);

  Conn& global() { return *global_; }
  // The cell's connection; "global" is the global one. Connects anew when the CellInfo has another
  // address or root: the old connection ends a minute later, so ask again rather than keep it.
  Task<Result<Conn*>> Cell(const Context& ctx, std::string_view cell);

  // Cells. UpdateCell makes the record when there is none. DeleteCell, under the lock of aliases,
  // refuses (kFailedPrecondition) while the cell has serving graphs or tablets, is in an alias, or
  // cannot be asked, unless forced: then it needs no lock either where that cannot be had.
  Task<Result<std::vector<std::string>>> GetCells(const Context& ctx);
  Task<Result<Versioned<CellInfo>>> GetCellInfo(const Context& ctx, std::string_view cell);
  Task<Result<>> CreateCell(const Context& ctx, std::string_view cell, CellInfo info);
  Task<Result<CellInfo>> UpdateCell(const Context& ctx, std::string_view cell,
                                    const Change<CellInfo>& change);
  Task<Result<>> DeleteCell(const Context& ctx, std::string_view cell, bool force);

  // Aliases of several cells, made and changed under one lock. kFailedPrecondition when a cell is
  // in another alias already, or has no record.
  Task<Result<std::map<std::string, CellsAlias>>> GetCellsAliases(const Context& ctx);
  Task<Result<>> CreateCellsAlias(const Context& ctx, std::string_view alias,
                                  std::vector<std::string> cells);
  Task<Result<>> UpdateCellsAlias(const Context& ctx, std::string_view alias,
                                  std::vector<std::string> cells);
  Task<Result<>> DeleteCellsAlias(const Context& ctx, std::string_view alias);
  // Names of cells and aliases as cells, each once.
  Task<Result<std::vector<std::string>>> ExpandCells(const Context& ctx,
                                                     std::vector<std::string> names);

  // Keyspaces. A snapshot must name its base keyspace and its time, and gets the base's vschema
  // with explicit routing required.
  Task<Result<std::vector<std::string>>> GetKeyspaces(const Context& ctx);
  Task<Result<Versioned<Keyspace>>> GetKeyspace(const Context& ctx, std::string_view keyspace);
  Task<Result<>> CreateKeyspace(const Context& ctx, std::string_view keyspace, Keyspace record);
  Task<Result<>> UpdateKeyspace(const Context& ctx, std::string_view keyspace,
                                Versioned<Keyspace> changed);
  // Hears why something is done without its lock.
  using WithoutLock = std::function<void(const Error& why)>;
  // Deletes all records of a keyspace, under its lock. kFailedPrecondition while it has shards,
  // unless recursive: then shards and tablets go too. With `force` also when the lock cannot be had
  // (whoever holds it is waited for as ever), and although a cell does not answer.
  Task<Result<>> DeleteKeyspace(const Context& ctx, std::string_view keyspace, bool recursive,
                                bool force = false, WithoutLock hear = nullptr);
  // Deletes the keyspace's records of one cell: see RemoveShardCell, and its serving graph.
  Task<Result<>> RemoveKeyspaceCell(const Context& ctx, std::string_view keyspace,
                                    std::string_view cell, bool force, bool recursive);

  // Shards. CreateShard takes the keyspace lock and makes the shard serving unless an existing one
  // overlaps.
  Task<Result<std::vector<std::string>>> GetShards(const Context& ctx, std::string_view keyspace);
  Task<Result<std::map<std::string, Shard>>> FindAllShardsInKeyspace(const Context& ctx,
                                                                     std::string_view keyspace);
  Task<Result<Versioned<Shard>>> GetShard(const Context& ctx, std::string_view keyspace,
                                          std::string_view shard);
  Task<Result<>> CreateShard(const Context& ctx, std::string_view keyspace, std::string_view shard);
  // Reads, lets `change` edit, writes if the record is still the same, and starts over otherwise.
  // `change` gives false to leave the record alone.
  using ShardChange = Change<Shard>;
  Task<Result<Shard>> UpdateShard(const Context& ctx, std::string_view keyspace,
                                  std::string_view shard, const ShardChange& change);
  // The same under the keyspace lock, which controls and is_primary_serving need.
  Task<Result<Shard>> SetShardIsPrimaryServing(const Context& ctx, std::string_view keyspace,
                                               std::string_view shard, bool serving);
  Task<Result<Shard>> SetDeniedTables(const Context& ctx, std::string_view keyspace,
                                      std::string_view shard, DeniedTables denied);
  Task<Result<Shard>> RemoveDeniedTables(const Context& ctx, std::string_view keyspace,
                                         std::string_view shard, DeniedTables allowed);
  struct DeleteShardOptions {
    bool recursive = false;        // tablets too
    bool even_if_serving = false;  // although gates route to it
    bool force = false;            // although a cell does not answer, or the lock cannot be had
    WithoutLock hear = nullptr;
  };
  // Deletes the shard's records everywhere, under its lock. kFailedPrecondition says what is in
  // the way.
  Task<Result<>> DeleteShard(const Context& ctx, std::string_view keyspace, std::string_view shard,
                             DeleteShardOptions options);
  // Deletes the shard's records of one cell. kFailedPrecondition when its primary is there, or
  // tablets are and it is not recursive; `force` goes on although the cell does not answer.
  Task<Result<>> RemoveShardCell(const Context& ctx, std::string_view keyspace,
                                 std::string_view shard, std::string_view cell, bool force,
                                 bool recursive);

  // Tablets.
  Task<Result<Versioned<Tablet>>> GetTablet(const Context& ctx, const keys::TabletAlias& alias);
  // All tablet records of a cell; records that cannot be read are left out.
  Task<Result<std::vector<Tablet>>> GetTablets(const Context& ctx, std::string_view cell);
  // Those of the cells (all when none are named), asked at the same time.
  Task<Result<Partial<Tablet>>> GetTabletsOfCells(const Context& ctx,
                                                  std::vector<std::string> cells);
  // The tablets of a shard in the cells (all when none are named), by its replication records.
  Task<Result<Partial<Tablet>>> GetShardTablets(const Context& ctx, std::string_view keyspace,
                                                std::string_view shard,
                                                std::vector<std::string> cells);
  using TabletChange = Change<Tablet>;
  Task<Result<Tablet>> UpdateTablet(const Context& ctx, const keys::TabletAlias& alias,
                                    const TabletChange& change);
  // Creates the tablet's record, or overwrites it when it is of the same keyspace and shard, and
  // lists it in its shard's replication record. kFailedPrecondition when the alias belongs to
  // another shard.
  Task<Result<>> PublishTablet(const Context& ctx, Tablet tablet);
  Task<Result<>> DeleteTablet(const Context& ctx, const keys::TabletAlias& alias);

  // A shard's list of tablets in one cell.
  Task<Result<Versioned<ShardReplication>>> GetShardReplication(const Context& ctx,
                                                                std::string_view cell,
                                                                std::string_view keyspace,
                                                                std::string_view shard);
  Task<Result<>> DeleteShardReplication(const Context& ctx, std::string_view cell,
                                        std::string_view keyspace, std::string_view shard);
  Task<Result<>> AddToShardReplication(const Context& ctx, std::string_view keyspace,
                                       std::string_view shard, const keys::TabletAlias& alias);
  Task<Result<>> RemoveFromShardReplication(const Context& ctx, std::string_view keyspace,
                                            std::string_view shard, const keys::TabletAlias& alias);
  // Takes out tablets that have no record or are of another shard, and tells which.
  Task<Result<std::vector<ReplicationProblem>>> FixShardReplication(const Context& ctx,
                                                                    std::string_view cell,
                                                                    std::string_view keyspace,
                                                                    std::string_view shard);

  // What vttablet needs before it starts: keyspace (with sidecar database name), empty vschema,
  // shard.
  Task<Result<>> EnsureShard(const Context& ctx, std::string_view keyspace, std::string_view shard);

  // VSchema records, encoded as vschema.Keyspace (see vschema/records.h).
  Task<Result<Node>> GetVSchema(const Context& ctx, std::string_view keyspace);
  // Without a version: creates or overwrites.
  Task<Result<>> SaveVSchema(const Context& ctx, std::string_view keyspace, std::string_view record,
                             std::optional<Version> version);
  // Collects all VSchemas and rules and writes the SrvVSchema of the cells (all cells when none are
  // named).
  Task<Result<>> RebuildSrvVSchema(const Context& ctx, std::vector<std::string> cells);
  // The encoded vschema.SrvVSchema.
  Task<Result<Node>> GetSrvVSchema(const Context& ctx, std::string_view cell);
  Task<Result<>> DeleteSrvVSchema(const Context& ctx, std::string_view cell);

  // Serving graphs.
  Task<Result<std::vector<std::string>>> GetSrvKeyspaceNames(const Context& ctx,
                                                             std::string_view cell);
  Task<Result<SrvKeyspace>> GetSrvKeyspace(const Context& ctx, std::string_view cell,
                                           std::string_view keyspace);
  Task<Result<SrvKeyspace>> UpdateSrvKeyspace(const Context& ctx, std::string_view cell,
                                              std::string_view keyspace,
                                              const Change<SrvKeyspace>& change);
  Task<Result<>> DeleteSrvKeyspace(const Context& ctx, std::string_view cell,
                                   std::string_view keyspace);
  // Makes the SrvKeyspace of the cells (all when none are named) from the serving shards, under the
  // keyspace lock. kFailedPrecondition when the shards leave a gap or overlap, or none serves
  // any more, and nothing is written; allow_partial lets snapshot keyspaces have gaps.
  Task<Result<>> RebuildKeyspace(const Context& ctx, std::string_view keyspace,
                                 std::vector<std::string> cells, bool allow_partial = false);
  // Switches the query service of shards' tablets of one type off or on in the graphs of the cells
  // (all when none are named), under the keyspace lock. Cells without a graph are left out.
  Task<Result<>> UpdateDisableQueryService(const Context& ctx, std::string_view keyspace,
                                           std::vector<std::string> shards, keys::TabletType type,
                                           std::vector<std::string> cells, bool disabled);
  // What is wrong with the graphs of the cells, each line with its cell; empty when all is well.
  Task<Result<std::vector<std::string>>> ValidateSrvKeyspace(const Context& ctx,
                                                             std::string_view keyspace,
                                                             std::vector<std::string> cells);

  // Rules, encoded messages of the vschema package; empty when there are none. Save refuses bytes
  // that are no such message, and deletes the record when they hold no rules (keyspace routing
  // rules are kept even then). Gates see them after RebuildSrvVSchema.
  Task<Result<std::string>> GetRules(const Context& ctx, RulesKind kind);
  Task<Result<>> SaveRules(const Context& ctx, RulesKind kind, std::string_view rules);
  // Reads the keyspace routing rules, lets `change` edit, and writes them, all under their lock.
  Task<Result<>> UpdateKeyspaceRoutingRules(const Context& ctx, std::string_view action,
                                            const Change<std::string>& change);

  // Metadata: plain text by key.
  Task<Result<std::map<std::string, std::string>>> GetAllMetadata(const Context& ctx);
  Task<Result<std::string>> GetMetadata(const Context& ctx, std::string_view key);
  Task<Result<>> SetMetadata(const Context& ctx, std::string_view key, std::string_view value);
  Task<Result<>> DeleteMetadata(const Context& ctx, std::string_view key);

  // Topologies of other clusters.
  Task<Result<std::vector<std::string>>> GetExternalClusters(const Context& ctx);
  Task<Result<Versioned<ExternalCluster>>> GetExternalCluster(const Context& ctx,
                                                              std::string_view name);
  Task<Result<>> CreateExternalCluster(const Context& ctx, std::string_view name,
                                       ExternalCluster cluster);
  Task<Result<ExternalCluster>> UpdateExternalCluster(const Context& ctx, std::string_view name,
                                                      const Change<ExternalCluster>& change);
  Task<Result<>> DeleteExternalCluster(const Context& ctx, std::string_view name);

  // Locks; `action` tells others what goes on. Waits at most 45 s.
  Task<Result<std::unique_ptr<LockHandle>>> LockKeyspace(const Context& ctx,
                                                         std::string_view keyspace,
                                                         std::string_view action);
  Task<Result<std::unique_ptr<LockHandle>>> LockShard(const Context& ctx, std::string_view keyspace,
                                                      std::string_view shard,
                                                      std::string_view action);
  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx, std::string_view name,
                                                     std::string_view action);

  // Runs `work` on this topology as who holds the lock sees it: once the lock is lost (a lease ran
  // out, a session ended), its next write gives kAborted instead, which says what was written and
  // what was not. The lock is given back at the end, even when ctx has ended. `name` is that of the
  // work, for errors.
  using LockedWork = std::function<Task<Result<>>(Server& locked)>;
  Task<Result<>> UnderLock(std::unique_ptr<LockHandle> lock, std::string name, LockedWork work);
  Task<Result<>> UnderKeyspaceLock(const Context& ctx, std::string_view keyspace,
                                   std::string_view action, LockedWork work);
  // For work under a lock, before it does something (`next`) that is no write here: the same error.
  Task<Result<>> CheckLock(const Context& ctx, std::string next);

 private:
  Server(ServerOptions options, Factories factories);
  Task<Result<Conn*>> CellOfView(const Context& ctx, std::string_view cell);
  Task<Result<Conn*>> Reconnect(const Context& ctx, std::string cell, CellInfo info);
  Task<Result<>> CloseLater(const Context& ctx, std::unique_ptr<Conn> conn);
  void Retire(std::string_view cell);
  Task<Result<>> RefuseReferenced(const Context& ctx, std::string_view cell);
  Task<Result<>> DeleteCellLocked(const Context& ctx, std::string_view cell, bool force);
  Task<Result<std::unique_ptr<LockHandle>>> LockAliases(const Context& ctx,
                                                        std::string_view action);
  Task<Result<>> UnderAliasLock(const Context& ctx, std::string_view action, LockedWork work);
  enum class AliasMode { kCreate, kReplace };
  Task<Result<>> WriteCellsAlias(const Context& ctx, std::string_view alias,
                                 std::vector<std::string> cells, AliasMode mode);
  Task<Result<>> CheckAlias(const Context& ctx, std::string_view alias,
                            const std::vector<std::string>& cells);

  Task<Result<std::vector<std::string>>> ListNames(const Context& ctx, Conn& conn,
                                                   std::string_view dir);
  Task<Result<std::vector<std::string>>> CellsOrAll(const Context& ctx,
                                                    std::vector<std::string> cells);
  // Deletes a record; that it is not there is fine.
  Task<Result<>> DeleteIfThere(const Context& ctx, std::string_view cell, std::string path);

  Task<Result<>> CreateShardLocked(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard);
  Task<Result<>> CopySnapshotVSchema(const Context& ctx, std::string_view keyspace,
                                     std::string base);
  Task<Result<>> ForceUnderLock(const Context& ctx, Result<std::unique_ptr<LockHandle>> lock,
                                std::string name, const WithoutLock& hear, LockedWork work);
  Task<Result<>> DeleteKeyspaceLocked(const Context& ctx, std::string_view keyspace, bool recursive,
                                      bool force, const WithoutLock& hear);
  Task<Result<>> DeleteShardLocked(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard, DeleteShardOptions options);
  Task<Result<>> DeleteShardTablets(const Context& ctx, std::string_view keyspace,
                                    std::string_view shard, DeleteShardOptions options);
  Task<Result<>> UpdateShardLocked(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard, const ShardChange& change, Shard& after);
  Task<Result<Shard>> UpdateShardUnderLock(const Context& ctx, std::string_view keyspace,
                                           std::string_view shard, std::string_view action,
                                           const ShardChange& change);

  Task<Result<>> AddTablets(const Context& ctx, std::string cell, Partial<Tablet>& into);
  Task<Result<>> AddShardTablets(const Context& ctx, std::string cell, std::string keyspace,
                                 std::string shard, Partial<Tablet>& into);
  Task<Result<>> ReadShardTablets(const Context& ctx, std::string_view cell, std::string keyspace,
                                  std::string shard, std::vector<Tablet>& into);
  Task<Result<>> ReadTablets(const Context& ctx, std::string_view cell, Partial<Tablet>& into);

  Task<Result<>> RebuildKeyspaceLocked(const Context& ctx, std::string_view keyspace,
                                       std::vector<std::string> cells, bool allow_partial);
  Task<Result<>> RefuseRebuild(const Context& ctx, std::string_view cell, std::string_view keyspace,
                               bool none_serves);
  Task<Result<>> DisableLocked(const Context& ctx, std::string_view keyspace,
                               std::vector<std::string> shards, keys::TabletType type,
                               std::vector<std::string> cells, bool disabled);
  Task<Result<>> ChangeKeyspaceRules(const Context& ctx, const Change<std::string>& change);
  Task<Result<std::string>> GetOrEmpty(const Context& ctx, std::string_view path);

  ServerOptions options_;
  Factories factories_;
  Factory* factory_ = nullptr;
  std::unique_ptr<Conn> global_;

  // Of a view: whose it is, and the connections it was asked for, with those of before a cell
  // moved.
  struct ViewOfCell {
    Conn* inner;
    std::unique_ptr<Conn> conn;
  };
  Server* viewed_ = nullptr;
  Around around_;
  class Fence* fence_ = nullptr;
  std::map<std::string, std::vector<ViewOfCell>, std::less<>> views_;

  struct OpenCell {
    std::unique_ptr<Conn> conn;
    CellInfo info;
    Instant check_at{};
  };
  std::map<std::string, OpenCell, std::less<>> cells_;
  runtime::TaskGroup retiring_{Context::Background()};  // connections that calls may still use
};

// Longest wait for a lock.
inline constexpr Duration kLockTimeout = std::chrono::seconds(45);

// The text of a lock's record: a JSON object that tells action, host, user and time.
std::string LockContents(std::string_view action);

}  // namespace tessera::topo
