// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "topo/conn.h"
#include "topo/records.h"

namespace tessera::topo {

struct ServerOptions {
  std::string implementation = "file";  // --topo-implementation
  std::string global_address;           // --topo-global-server-address
  std::string global_root = "/global";  // --topo-global-root
};

// A record and the version it was read at.
template <class Record>
struct Versioned {
  Record record;
  Version version = 0;
};

// The whole topology: the global cell and, found through it, the others. Belongs to one loop. Await
// Close before it is destroyed.
class Server {
 public:
  // Factories by implementation name; they outlive the server.
  using Factories = std::map<std::string, Factory*, std::less<>>;

  // Fails for unknown implementations and unusable addresses, not because a remote server is down.
  static Task<Result<std::unique_ptr<Server>>> Open(const Context& ctx, ServerOptions options,
                                                    Factories factories);
  Task<> Close();

  Conn& global() { return *global_; }
  // The cell's connection; "global" is the global one. Reads CellInfo at first use.
  Task<Result<Conn*>> Cell(const Context& ctx, std::string_view cell);

  // Cells.
  Task<Result<std::vector<std::string>>> GetCells(const Context& ctx);
  Task<Result<>> CreateCell(const Context& ctx, std::string_view cell, CellInfo info);

  // Keyspaces. Lists are sorted; none at all gives an empty list.
  Task<Result<std::vector<std::string>>> GetKeyspaces(const Context& ctx);
  Task<Result<Versioned<Keyspace>>> GetKeyspace(const Context& ctx, std::string_view keyspace);
  Task<Result<>> CreateKeyspace(const Context& ctx, std::string_view keyspace, Keyspace record);
  Task<Result<>> UpdateKeyspace(const Context& ctx, std::string_view keyspace,
                                Versioned<Keyspace> changed);

  // Shards. CreateShard takes the keyspace lock and makes the shard serving unless an existing one
  // overlaps.
  Task<Result<std::vector<std::string>>> GetShards(const Context& ctx, std::string_view keyspace);
  Task<Result<Versioned<Shard>>> GetShard(const Context& ctx, std::string_view keyspace,
                                          std::string_view shard);
  Task<Result<>> CreateShard(const Context& ctx, std::string_view keyspace, std::string_view shard);
  // Reads, lets `change` edit, writes if the record is still the same, and starts over otherwise.
  // `change` gives false to leave the record alone.
  using ShardChange = std::function<Result<bool>(Shard&)>;
  Task<Result<Shard>> UpdateShard(const Context& ctx, std::string_view keyspace,
                                  std::string_view shard, const ShardChange& change);

  // Tablets.
  Task<Result<Versioned<Tablet>>> GetTablet(const Context& ctx, const keys::TabletAlias& alias);
  // All tablet records of a cell; records that cannot be read are left out.
  Task<Result<std::vector<Tablet>>> GetTablets(const Context& ctx, std::string_view cell);
  using TabletChange = std::function<Result<bool>(Tablet&)>;
  Task<Result<Tablet>> UpdateTablet(const Context& ctx, const keys::TabletAlias& alias,
                                    const TabletChange& change);
  // Creates the tablet's record, or overwrites it when it is of the same keyspace and shard, and
  // lists it in its shard's replication record. kFailedPrecondition when the alias belongs to
  // another shard.
  Task<Result<>> PublishTablet(const Context& ctx, Tablet tablet);
  Task<Result<>> DeleteTablet(const Context& ctx, const keys::TabletAlias& alias);

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

  Task<Result<SrvKeyspace>> GetSrvKeyspace(const Context& ctx, std::string_view cell,
                                           std::string_view keyspace);
  // Makes the SrvKeyspace of the cells (all when none are named) from the serving shards, under the
  // keyspace lock. kFailedPrecondition when the shards leave a gap or overlap, and nothing is
  // written.
  Task<Result<>> RebuildKeyspace(const Context& ctx, std::string_view keyspace,
                                 std::vector<std::string> cells);

  // Locks; `action` tells others what goes on. Waits at most 45 s.
  Task<Result<std::unique_ptr<LockHandle>>> LockKeyspace(const Context& ctx,
                                                         std::string_view keyspace,
                                                         std::string_view action);
  Task<Result<std::unique_ptr<LockHandle>>> LockShard(const Context& ctx, std::string_view keyspace,
                                                      std::string_view shard,
                                                      std::string_view action);

 private:
  Server(ServerOptions options, Factories factories);
  Task<Result<std::vector<std::string>>> ListNames(const Context& ctx, Conn& conn,
                                                   std::string_view dir);
  Task<Result<std::vector<std::string>>> CellsOrAll(const Context& ctx,
                                                    std::vector<std::string> cells);
  Task<Result<>> CreateShardLocked(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard);
  Task<Result<>> RebuildKeyspaceLocked(const Context& ctx, std::string_view keyspace,
                                       std::vector<std::string> cells);
  Task<Result<>> RefuseDisabled(const Context& ctx, std::string_view cell,
                                std::string_view keyspace);
  Task<Result<>> ListInReplication(const Context& ctx, Tablet tablet, bool present);
  Task<Result<std::string>> GetOrEmpty(const Context& ctx, std::string_view path);

  ServerOptions options_;
  Factories factories_;
  Factory* factory_ = nullptr;
  std::unique_ptr<Conn> global_;

  struct OpenCell {
    std::unique_ptr<Conn> conn;
    CellInfo info;
  };
  std::map<std::string, OpenCell, std::less<>> cells_;
};

// The text of a lock's record: a JSON object that tells action, host, user and time.
std::string LockContents(std::string_view action);

}  // namespace tessera::topo
