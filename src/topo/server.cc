// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/server.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <fmt/core.h>
#include <unistd.h>

#include "keys/shard.h"
#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

constexpr Duration kLockTimeout = std::chrono::seconds(45);

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

std::string LocalTime() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[40];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z", &local);
  std::string time(text, size);
  // strftime writes +0100, RFC 3339 wants +01:00.
  if (time.size() > 5) time.insert(time.size() - 2, ":");
  return time;
}

}  // namespace

std::string LockContents(std::string_view action) {
  char host[256] = "";
  ::gethostname(host, sizeof(host) - 1);
  const char* user = std::getenv("USER");
  std::string json = "{\n  \"Action\": ";
  AppendJsonString(action, json);
  json += ",\n  \"HostName\": ";
  AppendJsonString(host, json);
  json += ",\n  \"UserName\": ";
  AppendJsonString(user != nullptr ? user : "", json);
  json += ",\n  \"Time\": ";
  AppendJsonString(LocalTime(), json);
  json += ",\n  \"Options\": {},\n  \"Status\": \"Running\"\n}";
  return json;
}

Server::Server(ServerOptions options, Factories factories)
    : options_(std::move(options)), factories_(std::move(factories)) {}

Task<Result<std::unique_ptr<Server>>> Server::Open(const Context& ctx, ServerOptions options,
                                                   Factories factories) {
  std::unique_ptr<Server> server(new Server(std::move(options), std::move(factories)));
  const auto factory = server->factories_.find(server->options_.implementation);
  if (factory == server->factories_.end())
    co_return NoImplementation(server->options_.implementation);
  server->factory_ = factory->second;
  CO_TRY(server->global_, co_await server->factory_->Connect(ctx, server->options_.global_address,
                                                             server->options_.global_root));
  co_return server;
}

Task<> Server::Close() {
  for (auto& [name, cell] : cells_) {
    co_await cell.conn->Close();
  }
  cells_.clear();
  if (global_) {
    co_await global_->Close();
  }
  global_.reset();
}

Task<Result<Conn*>> Server::Cell(const Context& ctx, std::string_view cell) {
  if (cell == kGlobalCell) co_return global_.get();
  const auto open = cells_.find(cell);
  if (open != cells_.end()) co_return open->second.conn.get();
  Result<Node> node = co_await global_->Get(ctx, CellInfoPath(cell));
  if (!node.ok() && IsNoNode(node.error())) {
    co_return Errorf(Code::kNotFound, "cell {} is not in the topology", cell)
        .WithHint("add it with AddCellInfo, or correct the cell's name");
  }
  CO_TRY(const Node record, std::move(node));
  CO_TRY(CellInfo info, DecodeCellInfo(record.contents));
  CO_TRY(std::unique_ptr<Conn> conn,
         co_await factory_->Connect(ctx, info.server_address, info.root));
  // Somebody else may have connected while we did.
  const auto again = cells_.find(cell);
  if (again != cells_.end()) {
    co_await conn->Close();
    co_return again->second.conn.get();
  }
  OpenCell& added = cells_[std::string(cell)];
  added.conn = std::move(conn);
  added.info = std::move(info);
  co_return added.conn.get();
}

Task<Result<std::vector<std::string>>> Server::ListNames(const Context& ctx, Conn& conn,
                                                         std::string_view dir) {
  Result<std::vector<DirEntry>> entries = co_await conn.ListDir(ctx, dir);
  std::vector<std::string> names;
  if (!entries.ok() && IsNoNode(entries.error())) co_return names;
  if (!entries.ok()) co_return std::move(entries).error();
  for (DirEntry& entry : *entries) {
    if (entry.name != "locks" || !entry.is_ephemeral) names.push_back(std::move(entry.name));
  }
  co_return names;
}

Task<Result<std::vector<std::string>>> Server::GetCells(const Context& ctx) {
  co_return co_await ListNames(ctx, *global_, kCellsDir);
}

Task<Result<std::vector<std::string>>> Server::CellsOrAll(const Context& ctx,
                                                          std::vector<std::string> cells) {
  if (!cells.empty()) co_return cells;
  co_return co_await GetCells(ctx);
}

Task<Result<>> Server::CreateCell(const Context& ctx, std::string_view cell, CellInfo info) {
  CO_TRY_OK(co_await global_->Create(ctx, CellInfoPath(cell), Encode(info)));
  co_return Ok{};
}

Task<Result<std::vector<std::string>>> Server::GetKeyspaces(const Context& ctx) {
  co_return co_await ListNames(ctx, *global_, kKeyspacesDir);
}

Task<Result<Versioned<Keyspace>>> Server::GetKeyspace(const Context& ctx,
                                                      std::string_view keyspace) {
  CO_TRY(const Node node, co_await global_->Get(ctx, KeyspacePath(keyspace)));
  CO_TRY(Keyspace record, DecodeKeyspace(node.contents));
  co_return Versioned<Keyspace>{std::move(record), node.version};
}

Task<Result<>> Server::CreateKeyspace(const Context& ctx, std::string_view keyspace,
                                      Keyspace record) {
  CO_TRY_OK(keys::ValidateKeyspaceName(keyspace));
  CO_TRY_OK(co_await global_->Create(ctx, KeyspacePath(keyspace), Encode(record)));
  co_return Ok{};
}

Task<Result<>> Server::UpdateKeyspace(const Context& ctx, std::string_view keyspace,
                                      Versioned<Keyspace> changed) {
  CO_TRY_OK(co_await global_->Update(ctx, KeyspacePath(keyspace), Encode(changed.record),
                                     changed.version));
  co_return Ok{};
}

Task<Result<std::vector<std::string>>> Server::GetShards(const Context& ctx,
                                                         std::string_view keyspace) {
  co_return co_await ListNames(ctx, *global_, JoinPath(KeyspaceDir(keyspace), "shards"));
}

Task<Result<Versioned<Shard>>> Server::GetShard(const Context& ctx, std::string_view keyspace,
                                                std::string_view shard) {
  CO_TRY(const Node node, co_await global_->Get(ctx, ShardPath(keyspace, shard)));
  CO_TRY(Shard record, DecodeShard(node.contents));
  co_return Versioned<Shard>{std::move(record), node.version};
}

Task<Result<Shard>> Server::UpdateShard(const Context& ctx, std::string_view keyspace,
                                        std::string_view shard, const ShardChange& change) {
  for (;;) {
    CO_TRY(Versioned<Shard> old, co_await GetShard(ctx, keyspace, shard));
    CO_TRY(const bool changed, change(old.record));
    if (!changed) co_return std::move(old.record);
    const Result<Version> written =
        co_await global_->Update(ctx, ShardPath(keyspace, shard), Encode(old.record), old.version);
    if (written.ok()) co_return std::move(old.record);
    if (!IsBadVersion(written.error())) co_return written.error();
  }
}

Task<Result<>> Server::CreateShard(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard) {
  CO_TRY(const auto lock, co_await LockKeyspace(ctx, keyspace, "CreateShard"));
  Result<> created = co_await CreateShardLocked(ctx, keyspace, shard);
  const Result<> unlocked = co_await lock->Unlock(ctx);
  if (created.ok() && !unlocked.ok()) co_return unlocked;
  co_return created;
}

Task<Result<>> Server::CreateShardLocked(const Context& ctx, std::string_view keyspace,
                                         std::string_view shard) {
  CO_TRY(keys::ShardName name, keys::ParseShardName(shard));
  CO_TRY(const std::vector<std::string> others, co_await GetShards(ctx, keyspace));
  Shard record;
  record.key_range = name.key_range;
  record.is_primary_serving = true;
  for (const std::string& other : others) {
    CO_TRY(const keys::ShardName known, keys::ParseShardName(other));
    const bool apart =
        record.key_range && known.key_range && !record.key_range->Intersects(*known.key_range);
    if (!apart) record.is_primary_serving = false;
  }
  CO_TRY_OK(co_await global_->Create(ctx, ShardPath(keyspace, name.name), Encode(record)));
  co_return Ok{};
}

Task<Result<Versioned<Tablet>>> Server::GetTablet(const Context& ctx,
                                                  const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  CO_TRY(const Node node, co_await cell->Get(ctx, TabletPath(alias)));
  CO_TRY(Tablet record, DecodeTablet(node.contents));
  co_return Versioned<Tablet>{std::move(record), node.version};
}

Task<Result<std::vector<Tablet>>> Server::GetTablets(const Context& ctx, std::string_view cell) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  Result<std::vector<KeyedNode>> nodes = co_await conn->List(ctx, kTabletsDir);
  std::vector<Tablet> tablets;
  if (!nodes.ok() && IsNoNode(nodes.error())) co_return tablets;
  if (!nodes.ok()) co_return std::move(nodes).error();
  for (const KeyedNode& node : *nodes) {
    // The prefix may catch neighbours of the directory.
    if (!node.path.starts_with("tablets/") || !node.path.ends_with("/Tablet")) continue;
    Result<Tablet> tablet = DecodeTablet(node.contents);
    if (tablet.ok()) tablets.push_back(std::move(*tablet));
  }
  co_return tablets;
}

Task<Result<Tablet>> Server::UpdateTablet(const Context& ctx, const keys::TabletAlias& alias,
                                          const TabletChange& change) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  for (;;) {
    CO_TRY(Versioned<Tablet> old, co_await GetTablet(ctx, alias));
    CO_TRY(const bool changed, change(old.record));
    if (!changed) co_return std::move(old.record);
    const Result<Version> written =
        co_await cell->Update(ctx, TabletPath(alias), Encode(old.record), old.version);
    if (written.ok()) co_return std::move(old.record);
    if (!IsBadVersion(written.error())) co_return written.error();
  }
}

Task<Result<>> Server::PublishTablet(const Context& ctx, Tablet tablet) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, tablet.alias.cell));
  const Result<Version> created =
      co_await cell->Create(ctx, TabletPath(tablet.alias), Encode(tablet));
  if (!created.ok() && !IsNodeExists(created.error())) co_return created.error();
  if (!created.ok()) {
    CO_TRY(const Versioned<Tablet> old, co_await GetTablet(ctx, tablet.alias));
    if (old.record.keyspace != tablet.keyspace || old.record.shard != tablet.shard) {
      co_return Errorf(Code::kFailedPrecondition,
                       "tablet {} belongs to {}/{} in the topology, not to {}/{}",
                       tablet.alias.ToString(), old.record.keyspace, old.record.shard,
                       tablet.keyspace, tablet.shard)
          .WithHint("give this tablet another uid, or delete the old record with DeleteTablets");
    }
    CO_TRY_OK(co_await cell->Update(ctx, TabletPath(tablet.alias), Encode(tablet), std::nullopt));
  }
  co_return co_await ListInReplication(ctx, std::move(tablet), true);
}

Task<Result<>> Server::DeleteTablet(const Context& ctx, const keys::TabletAlias& alias) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, alias.cell));
  CO_TRY(Versioned<Tablet> old, co_await GetTablet(ctx, alias));
  CO_TRY_OK(co_await cell->Delete(ctx, TabletPath(alias), std::nullopt));
  co_return co_await ListInReplication(ctx, std::move(old.record), false);
}

// Adds the tablet to its shard's ShardReplication in its cell, or takes it out.
Task<Result<>> Server::ListInReplication(const Context& ctx, Tablet tablet, bool present) {
  CO_TRY(Conn* const cell, co_await Cell(ctx, tablet.alias.cell));
  const std::string path = ShardReplicationPath(tablet.keyspace, tablet.shard);
  for (;;) {
    Result<Node> node = co_await cell->Get(ctx, path);
    if (!node.ok() && !IsNoNode(node.error())) co_return std::move(node).error();
    ShardReplication record;
    if (node.ok()) {
      CO_TRY(record, DecodeShardReplication(node->contents));
    }
    const auto listed = std::find(record.nodes.begin(), record.nodes.end(), tablet.alias);
    if ((listed != record.nodes.end()) == present) co_return Ok{};
    if (present) {
      record.nodes.push_back(tablet.alias);
    } else {
      record.nodes.erase(listed);
    }
    Result<Version> written(Version{0});
    if (node.ok()) {
      written = co_await cell->Update(ctx, path, Encode(record), node->version);
    } else {
      written = co_await cell->Create(ctx, path, Encode(record));
    }
    if (written.ok()) co_return Ok{};
    const bool lost_race =
        IsBadVersion(written.error()) || IsNodeExists(written.error()) || IsNoNode(written.error());
    if (!lost_race) co_return written.error();
  }
}

Task<Result<>> Server::EnsureShard(const Context& ctx, std::string_view keyspace,
                                   std::string_view shard) {
  Keyspace fresh;
  fresh.sidecar_db_name = "_vt";
  const Result<> created = co_await CreateKeyspace(ctx, keyspace, std::move(fresh));
  if (!created.ok() && !IsNodeExists(created.error())) co_return created.error();
  if (!created.ok()) {
    CO_TRY(Versioned<Keyspace> old, co_await GetKeyspace(ctx, keyspace));
    if (old.record.sidecar_db_name.empty()) {
      old.record.sidecar_db_name = "_vt";
      const Result<> named = co_await UpdateKeyspace(ctx, keyspace, std::move(old));
      // Lost to another tablet, which has named it.
      if (!named.ok() && !IsBadVersion(named.error())) co_return named.error();
    }
  }
  const Result<Version> vschema = co_await global_->Create(ctx, VSchemaPath(keyspace), "");
  if (!vschema.ok() && !IsNodeExists(vschema.error())) co_return vschema.error();
  const Result<Versioned<Shard>> known = co_await GetShard(ctx, keyspace, shard);
  if (known.ok()) co_return Ok{};
  if (!IsNoNode(known.error())) co_return known.error();
  const Result<> made = co_await CreateShard(ctx, keyspace, shard);
  if (!made.ok() && !IsNodeExists(made.error())) co_return made.error();
  co_return Ok{};
}

Task<Result<std::unique_ptr<LockHandle>>> Server::LockKeyspace(const Context& ctx,
                                                               std::string_view keyspace,
                                                               std::string_view action) {
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  co_return co_await global_->Lock(bounded, KeyspaceDir(keyspace), LockContents(action));
}

Task<Result<std::unique_ptr<LockHandle>>> Server::LockShard(const Context& ctx,
                                                            std::string_view keyspace,
                                                            std::string_view shard,
                                                            std::string_view action) {
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  co_return co_await global_->Lock(bounded, ShardDir(keyspace, shard), LockContents(action));
}

}  // namespace tessera::topo
