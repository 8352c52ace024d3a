// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/internal/zk_lock.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/waiter.h"
#include "topo/errors.h"

namespace tessera::topo_zk {

using topo::LockHandle;

namespace {

// Between attempts of what must be done, while the connection is gone.
constexpr Duration kPause = std::chrono::milliseconds(100);

Error PlaceLost(const std::string& node) {
  return Errorf(Code::kUnavailable,
                "the session with ZooKeeper that held {} is lost, and the lock with it", node)
      .WithHint("take it again");
}

// Our node in a queue. Dropped, it deletes the node in the background.
class Place final : public LockHandle {
 public:
  Place(std::shared_ptr<ZkClient> client, std::string node, std::string root)
      : client_(client),
        node_(std::move(node)),
        root_(std::move(root)),
        guard_(std::make_shared<const ZkGuard>(std::move(client), node_)) {
    client_->queue_book().places.insert(node_);
  }
  ~Place() override {
    client_->queue_book().places.erase(node_);
    const bool left = std::exchange(*guard_->left, true);
    if (!left && !client_->life().cancelled())
      client_->background().Start(LeaveQuietly(client_, node_, root_, guard_->generation));
  }

  const std::string& node() const { return node_; }

  Task<Result<>> Check(const Context& ctx) override {
    Result<> held = co_await CheckHeld(ctx, guard_);
    if (!held.ok() && topo::IsLockLost(held.error(), node_)) co_return PlaceLost(node_);
    co_return held;
  }

  Task<Result<>> Unlock(const Context& ctx) override {
    CO_TRY_OK(co_await Check(ctx));
    *guard_->left = true;
    Result<> deleted = co_await DeleteUpwards(ctx, client_, node_, root_, -1);
    if (!deleted.ok() && !topo::IsNoNode(deleted.error())) *guard_->left = false;
    co_return deleted;
  }

  std::shared_ptr<const topo::Guard> guard() const override { return guard_; }

 private:
  static Task<> LeaveQuietly(std::shared_ptr<ZkClient> client, std::string node, std::string root,
                             uint64_t generation) {
    const Context& life = client->life();
    while (!life.cancelled() && client->generation() == generation) {
      const Result<> deleted = co_await DeleteUpwards(life, client, node, root, -1);
      if (deleted.ok() || deleted.error().code() != Code::kUnavailable) co_return;
      const Result<> slept = co_await Sleep(life, kPause);
      (void)slept;  // the loop asks
    }
  }

  std::shared_ptr<ZkClient> client_;
  std::string node_;
  std::string root_;
  std::shared_ptr<const ZkGuard> guard_;
};

// The name before ours; nothing when we are the first. kUnavailable when we are not there.
Result<std::optional<std::string>> Before(const std::vector<std::string>& names,
                                          std::string_view ours) {
  const auto found = std::lower_bound(names.begin(), names.end(), ours);
  if (found == names.end() || *found != ours) return PlaceLost(std::string(ours));
  if (found == names.begin()) return std::optional<std::string>();
  return std::optional<std::string>(*std::prev(found));
}

Task<Result<>> WaitForTurn(const Context& ctx, std::shared_ptr<ZkClient> client,
                           const ZkQueue& queue, const std::string& node, bool wait) {
  const uint64_t generation = client->generation();
  ZkSignal signal(client);
  for (;;) {
    CO_TRY(const std::vector<std::string> names, co_await client->Children(ctx, queue.dir));
    CO_TRY(const std::optional<std::string> before,
           Before(names, std::string_view(node).substr(queue.dir.size() + 1)));
    if (!before) co_return Ok{};
    if (!wait) co_return topo::NodeExists(queue.dir);
    const std::string watched = queue.dir + "/" + *before;
    CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, watched, &signal));
    if (stat) {
      CO_TRY_OK(co_await signal.Wait(ctx));
    }
    if (client->generation() != generation) co_return PlaceLost(node);
  }
}

// One look through a queue for nodes of our session that nobody here knows of.
Task<Result<>> SweepOnce(std::shared_ptr<ZkClient> client, ZkQueue queue) {
  const Context& life = client->life();
  CO_TRY(const auto creating, co_await client->queue_book().mutex.Lock(life));
  CO_TRY(const std::vector<std::string> names, co_await client->Children(life, queue.dir));
  for (const std::string& name : names) {
    const std::string path = queue.dir + "/" + name;
    if (client->queue_book().places.contains(path)) continue;
    CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(life, path));
    if (!stat || stat->ephemeral_owner != client->session_id()) continue;
    CO_TRY_OK(co_await DeleteUpwards(life, client, path, queue.root, -1));
  }
  co_return Ok{};
}

// A node whose making was not answered may stand in the queue, unknown to us and in everybody's
// way, as long as our session lasts.
Task<> SweepOrphans(std::shared_ptr<ZkClient> client, ZkQueue queue, uint64_t generation) {
  const Context& life = client->life();
  while (!life.cancelled() && client->generation() == generation) {
    const Result<> swept = co_await SweepOnce(client, queue);
    if (swept.ok() || topo::IsNoNode(swept.error())) co_return;
    const Result<> slept = co_await Sleep(life, kPause);
    (void)slept;  // the loop asks
  }
}

// Makes our node at the end of the queue. Not cut short by the caller's context, so that we know of
// the node when it is made.
Task<Result<std::unique_ptr<Place>>> Enqueue(std::shared_ptr<ZkClient> client, ZkQueue queue) {
  const Context& life = client->life();
  CO_TRY(const auto creating, co_await client->queue_book().mutex.Lock(life));
  const uint64_t generation = client->generation();
  Result<std::string> node =
      co_await client->CreateDeep(life, queue.dir + "/", queue.contents, WorldAcl(kFilePermissions),
                                  ZkMode::kEphemeralSequential);
  if (node.ok()) co_return std::make_unique<Place>(client, std::move(*node), std::move(queue.root));
  const Code code = node.error().code();
  if (code == Code::kUnavailable || code == Code::kDeadlineExceeded)
    client->background().Start(SweepOrphans(client, std::move(queue), generation));
  co_return std::move(node).error();
}

}  // namespace

Task<Result<>> CheckHeld(const Context& ctx, std::shared_ptr<const ZkGuard> place) {
  if (*place->left || place->client->generation() != place->generation)
    co_return topo::LockLost(place->place());
  CO_TRY(const std::optional<ZkStat> stat, co_await place->client->Exists(ctx, place->place()));
  // A queue that was empty meanwhile counts from the beginning: the same name may be another's.
  if (!stat || stat->ephemeral_owner != place->session || *place->left)
    co_return topo::LockLost(place->place());
  co_return Ok{};
}

Task<> DeleteEmptyAbove(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path,
                        std::string root) {
  for (size_t slash = path.rfind('/'); slash != std::string::npos && slash > root.size();
       slash = path.rfind('/')) {
    path.resize(slash);
    const Result<> emptied = co_await client->Delete(ctx, path, -1);
    // Others may have been quicker, or have put something there; what matters is done.
    if (!emptied.ok() && !topo::IsNoNode(emptied.error())) break;
  }
}

Task<Result<>> DeleteUpwards(const Context& ctx, std::shared_ptr<ZkClient> client, std::string path,
                             std::string root, int32_t version) {
  CO_TRY_OK(co_await client->Delete(ctx, path, version));
  co_await DeleteEmptyAbove(ctx, std::move(client), std::move(path), std::move(root));
  co_return Ok{};
}

Task<Result<std::unique_ptr<LockHandle>>> StandInQueue(const Context& ctx,
                                                       std::shared_ptr<ZkClient> client,
                                                       ZkQueue queue, bool wait) {
  CO_TRY_OK(ctx.Check());
  if (!wait) {
    const Result<std::vector<std::string>> others = co_await client->Children(ctx, queue.dir);
    if (others.ok() && !others->empty()) co_return topo::NodeExists(queue.dir);
    if (!others.ok() && !topo::IsNoNode(others.error())) co_return others.error();
  }
  CO_TRY(std::unique_ptr<Place> place, co_await Enqueue(client, queue));
  const std::string node = place->node();
  const Result<> first = co_await WaitForTurn(ctx, client, queue, node, wait);
  if (first.ok()) co_return std::unique_ptr<LockHandle>(std::move(place));
  // ctx may be what ended the wait, and our place must not outlive it.
  const Result<> left = co_await place->Unlock(client->life());
  (void)left;  // else the place leaves in the background
  if (topo::IsTimeout(first.error()))
    co_return topo::Timeout(queue.dir).WithHint("somebody else holds the lock");
  co_return first.error();
}

}  // namespace tessera::topo_zk
