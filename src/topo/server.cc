// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/server.h"

#include <cstdlib>
#include <ctime>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "topo/errors.h"
#include "topo/internal/fence.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

// How long giving a lock back may take; a lease frees it otherwise.
constexpr Duration kUnlockTimeout = std::chrono::seconds(5);

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
  // Retiring connections are closed at once.
  const Result<> retired = co_await retiring_.CancelAndJoin();
  (void)retired;  // closing cannot fail
  for (auto& [name, cell] : cells_) {
    co_await cell.conn->Close();
  }
  cells_.clear();
  if (global_) {
    co_await global_->Close();
  }
  global_.reset();
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

Task<Result<std::vector<std::string>>> Server::CellsOrAll(const Context& ctx,
                                                          std::vector<std::string> cells) {
  if (!cells.empty()) co_return cells;
  co_return co_await GetCells(ctx);
}

Task<Result<>> Server::DeleteIfThere(const Context& ctx, std::string_view cell, std::string path) {
  CO_TRY(Conn* const conn, co_await Cell(ctx, cell));
  Result<> deleted = co_await conn->Delete(ctx, path, std::nullopt);
  if (!deleted.ok() && !IsNoNode(deleted.error())) co_return deleted;
  co_return Ok{};
}

Task<Result<std::unique_ptr<LockHandle>>> Server::LockKeyspace(const Context& ctx,
                                                               std::string_view keyspace,
                                                               std::string_view action) {
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  const std::string contents = LockContents(action);
  co_return co_await global_->Lock(bounded, KeyspaceDir(keyspace), contents);
}

Task<Result<std::unique_ptr<LockHandle>>> Server::LockShard(const Context& ctx,
                                                            std::string_view keyspace,
                                                            std::string_view shard,
                                                            std::string_view action) {
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  const std::string contents = LockContents(action);
  co_return co_await global_->Lock(bounded, ShardDir(keyspace, shard), contents);
}

Task<Result<std::unique_ptr<LockHandle>>> Server::LockName(const Context& ctx,
                                                           std::string_view name,
                                                           std::string_view action) {
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  const std::string contents = LockContents(action);
  co_return co_await global_->LockName(bounded, name, contents);
}

std::unique_ptr<Server> Server::View(Around around) {
  std::unique_ptr<Server> view(new Server(options_, factories_));
  view->viewed_ = this;
  view->global_ = around(kGlobalCell, *global_);
  view->around_ = std::move(around);
  return view;
}

// Connections that somebody may still use stay when the cell has another by now.
Task<Result<Conn*>> Server::CellOfView(const Context& ctx, std::string_view cell) {
  CO_TRY(Conn* const inner, co_await viewed_->Cell(ctx, cell));
  std::vector<ViewOfCell>& made = views_[std::string(cell)];
  if (made.empty() || made.back().inner != inner) made.push_back({inner, around_(cell, *inner)});
  co_return made.back().conn.get();
}

Task<Result<>> Server::UnderKeyspaceLock(const Context& ctx, std::string_view keyspace,
                                         std::string_view action, LockedWork work) {
  CO_TRY(std::unique_ptr<LockHandle> lock, co_await LockKeyspace(ctx, keyspace, action));
  std::string name = fmt::format("{} of keyspace {}", action, keyspace);
  co_return co_await UnderLock(std::move(lock), std::move(name), std::move(work));
}

Task<Result<>> Server::UnderLock(std::unique_ptr<LockHandle> lock, std::string name,
                                 LockedWork work) {
  Fence fence(*lock, std::move(name));
  const std::unique_ptr<Server> locked =
      View([&fence](std::string_view cell, Conn& inner) { return fence.Over(cell, inner); });
  locked->fence_ = &fence;
  Result<> done = co_await work(*locked);
  const Context parting = Context::Background().WithTimeout(kUnlockTimeout);
  const Result<> unlocked = co_await lock->Unlock(parting);
  if (done.ok() && !unlocked.ok()) co_return unlocked;
  co_return done;
}

Task<Result<>> Server::CheckLock(const Context& ctx, std::string next) {
  if (fence_ != nullptr) {
    CO_TRY_OK(co_await fence_->Check(ctx, next));
  }
  if (viewed_ == nullptr) co_return Ok{};
  co_return co_await viewed_->CheckLock(ctx, std::move(next));
}

}  // namespace tessera::topo
