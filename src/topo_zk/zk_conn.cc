// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/internal/zk_conn.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/check.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "topo/paths.h"
#include "topo_zk/internal/zk_lock.h"
#include "topo_zk/internal/zk_tree.h"

namespace tessera::topo_zk {

using topo::DirEntry;
using topo::Guards;
using topo::KeyedNode;
using topo::LockHandle;
using topo::Node;
using topo::Version;
using topo::Watcher;

namespace {

// The node's absolute path is ours to know: errors name the record.
Error About(Error error, std::string_view path) {
  if (topo::IsNoNode(error)) return topo::NoNode(path);
  if (topo::IsNodeExists(error)) return topo::NodeExists(path);
  if (topo::IsBadVersion(error)) return topo::BadVersion(path);
  return error;
}

// How often a directory that others delete is made again.
constexpr int kMostParentsMade = 10;

// A version that no node has any more: versions of ZooKeeper have 32 bits.
bool IsZkVersion(Version version) {
  return version >= 0 && version <= std::numeric_limits<int32_t>::max();
}

class ZkWatcher final : public Watcher {
 public:
  ZkWatcher(std::shared_ptr<ZkClient> client, std::unique_ptr<ZkSignal> signal, std::string node,
            std::string path, ZkNode first)
      : Watcher(Node{first.contents, first.stat.version}),
        client_(std::move(client)),
        signal_(std::move(signal)),
        node_(std::move(node)),
        path_(std::move(path)),
        seen_(first.stat.mzxid) {}

  // Each read arms the signal again, so that what is written after it is never missed. A read that
  // failed has armed nothing: it is done again by the next call.
  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      if (armed_) {
        CO_TRY_OK(co_await signal_->Wait(ctx));
      }
      armed_ = false;
      Result<ZkNode> now = co_await client_->Get(ctx, node_, signal_.get());
      if (!now.ok()) co_return About(std::move(now).error(), path_);
      armed_ = true;
      if (now->stat.mzxid == seen_) continue;
      seen_ = now->stat.mzxid;
      co_return Node{std::move(now->contents), now->stat.version};
    }
  }

 private:
  std::shared_ptr<ZkClient> client_;
  std::unique_ptr<ZkSignal> signal_;
  std::string node_;
  std::string path_;
  int64_t seen_;  // transaction that wrote what was given last
  bool armed_ = true;
};

// A write in the session that holds the first of the locks, and only while the nodes of all are
// there. The server looks for a node's name, and a queue that was empty meanwhile begins to count
// anew: so the nodes are asked first whose they are. What is left is a node that somebody deleted
// by hand while the write was on its way, and whose name has come to another since.
Task<Result<ZkStat>> WriteGuarded(const Context& ctx, ZkWrite write, const Guards& guards) {
  std::vector<std::string> nodes;
  std::shared_ptr<const ZkGuard> first;
  for (const auto& guard : guards) {
    const auto ours = std::dynamic_pointer_cast<const ZkGuard>(guard);
    CHECK(ours != nullptr);
    CO_TRY_OK(co_await CheckHeld(ctx, ours));
    if (first == nullptr) first = ours;
    nodes.push_back(ours->place());
  }
  CHECK(first != nullptr);
  const std::shared_ptr<ZkClient> client = first->client;
  CO_TRY(const ZkTiedWrite outcome,
         co_await client->WriteTied(ctx, std::move(write), first->session, std::move(nodes)));
  if (outcome.session_gone) co_return topo::LockLost(first->place());
  if (outcome.missing) co_return topo::LockLost(guards[*outcome.missing]->place());
  co_return outcome.stat;
}

// Looks at one child, for ListDir. One that is gone by now stays without a name.
Task<Result<>> LookAt(const Context& ctx, std::shared_ptr<ZkClient> client, std::string node,
                      std::string name, DirEntry& entry) {
  CO_TRY(const std::optional<ZkStat> stat, co_await client->Exists(ctx, std::move(node)));
  if (!stat) co_return Ok{};
  entry.name = std::move(name);
  entry.is_directory = stat->num_children > 0;
  entry.is_ephemeral = stat->ephemeral_owner != 0;
  co_return Ok{};
}

struct Found {
  std::string path;  // under the root
  ZkNode node;
  std::vector<std::string> children;
};

// Reads one node and the names under it, for List. One that is gone by now, or a directory that is
// just being made or removed, stays without a path.
Task<Result<>> Fetch(const Context& ctx, std::shared_ptr<ZkClient> client, std::string node,
                     std::string path, Found& found) {
  Result<ZkNode> read = co_await client->Get(ctx, node);
  if (!read.ok() && topo::IsNoNode(read.error())) co_return Ok{};
  if (!read.ok()) co_return std::move(read).error();
  if (read->stat.num_children > 0) {
    Result<std::vector<std::string>> names = co_await client->Children(ctx, std::move(node));
    if (!names.ok() && topo::IsNoNode(names.error())) co_return Ok{};
    if (!names.ok()) co_return std::move(names).error();
    found.children = std::move(*names);
  } else if (read->contents.empty() && read->stat.ephemeral_owner == 0) {
    const Result<bool> bare = co_await IsBareDirectory(ctx, client, std::move(node));
    if (!bare.ok() && !topo::IsNoNode(bare.error())) co_return bare.error();
    if (!bare.ok() || *bare) co_return Ok{};
  }
  found.node = std::move(*read);
  found.path = std::move(path);
  co_return Ok{};
}

// Takes the records among what was found, and gives the paths to look at next.
std::vector<std::string> Harvest(std::vector<Found> found, std::vector<KeyedNode>& records) {
  std::vector<std::string> next;
  for (Found& item : found) {
    if (item.path.empty() || item.node.stat.ephemeral_owner != 0) continue;
    for (const std::string& name : item.children) next.push_back(topo::JoinPath(item.path, name));
    // A record of defaults is as empty as a directory; only the latter has children.
    if (item.children.empty() || !item.node.contents.empty()) {
      records.push_back(
          {std::move(item.path), std::move(item.node.contents), item.node.stat.version});
    }
  }
  return next;
}

}  // namespace

ZkConn::ZkConn(std::shared_ptr<ZkClient> client, std::string root)
    : client_(std::move(client)), root_(std::move(root)) {
  while (!root_.empty() && root_.back() == '/') root_.pop_back();
  if (!root_.empty() && root_.front() != '/') root_.insert(root_.begin(), '/');
}

Result<std::string> ZkConn::NodePath(std::string_view path) const {
  TRY_OK(topo::SplitPath(path));
  if (path.empty()) return root_.empty() ? std::string("/") : root_;
  return root_ + "/" + std::string(path);
}

Task<Result<Node>> ZkConn::Get(const Context& ctx, std::string_view path) {
  CO_TRY(const std::string node, NodePath(path));
  Result<ZkNode> read = co_await client_->Get(ctx, node);
  if (!read.ok()) co_return About(std::move(read).error(), path);
  co_return Node{std::move(read->contents), read->stat.version};
}

Task<Result<std::vector<DirEntry>>> ZkConn::ListDir(const Context& ctx, std::string_view path) {
  CO_TRY(const std::string node, NodePath(path));
  const Result<std::vector<std::string>> names = co_await client_->Children(ctx, node);
  if (!names.ok()) co_return About(names.error(), path);
  std::vector<DirEntry> entries(names->size());
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < names->size(); ++i) {
    std::string child = node == "/" ? "/" + (*names)[i] : node + "/" + (*names)[i];
    group.Start(LookAt(group.context(), client_, std::move(child), (*names)[i], entries[i]));
  }
  CO_TRY_OK(co_await group.Join());
  std::erase_if(entries, [](const DirEntry& entry) { return entry.name.empty(); });
  if (entries.empty()) co_return topo::NoNode(path);
  co_return entries;
}

// ZooKeeper has no such request: level by level, each level's nodes at the same time.
Task<Result<std::vector<KeyedNode>>> ZkConn::List(const Context& ctx,
                                                  std::string_view path_prefix) {
  CO_TRY_OK(topo::CheckPrefix(path_prefix));
  const size_t slash = path_prefix.rfind('/');
  const std::string_view dir =
      slash == std::string_view::npos ? std::string_view() : path_prefix.substr(0, slash);
  const std::string_view begin =
      slash == std::string_view::npos ? path_prefix : path_prefix.substr(slash + 1);
  CO_TRY(const std::string top, NodePath(dir));
  const Result<std::vector<std::string>> names = co_await client_->Children(ctx, top);
  if (!names.ok()) co_return About(names.error(), path_prefix);
  std::vector<std::string> level;
  for (const std::string& name : *names) {
    if (name.starts_with(begin)) level.push_back(dir.empty() ? name : topo::JoinPath(dir, name));
  }
  std::vector<KeyedNode> records;
  while (!level.empty()) {
    std::vector<Found> found(level.size());
    runtime::TaskGroup group(ctx);
    for (size_t i = 0; i < level.size(); ++i) {
      group.Start(Fetch(group.context(), client_, root_ + "/" + level[i], level[i], found[i]));
    }
    CO_TRY_OK(co_await group.Join());
    level = Harvest(std::move(found), records);
  }
  if (records.empty()) co_return topo::NoNode(path_prefix);
  std::sort(records.begin(), records.end(),
            [](const KeyedNode& a, const KeyedNode& b) { return a.path < b.path; });
  co_return records;
}

Task<Result<>> ZkConn::MakeNode(const Context& ctx, std::string node, std::string contents,
                                const Guards& guards) {
  if (guards.empty()) {
    CO_TRY_OK(co_await client_->CreateDeep(ctx, node, std::move(contents),
                                           WorldAcl(kFilePermissions), ZkMode::kPersistent));
    co_return Ok{};
  }
  ZkWrite write{ZkWrite::Kind::kCreate, node, std::move(contents)};
  // As CreateDeep: others may delete an empty directory before we have put our node there.
  for (int attempt = 1;; ++attempt) {
    const Result<ZkStat> made = co_await WriteGuarded(ctx, write, guards);
    if (made.ok()) co_return Ok{};
    if (!topo::IsNoNode(made.error()) || attempt == kMostParentsMade) co_return made.error();
    const Result<> parents = co_await client_->MakeParents(ctx, node);
    if (!parents.ok() && !topo::IsNoNode(parents.error())) co_return parents;
  }
}

Task<Result<ZkStat>> ZkConn::SetNode(const Context& ctx, std::string node, std::string contents,
                                     int32_t version, const Guards& guards) {
  if (guards.empty()) {
    co_return co_await client_->Set(ctx, std::move(node), std::move(contents), version);
  }
  ZkWrite write{ZkWrite::Kind::kSet, std::move(node), std::move(contents), version};
  co_return co_await WriteGuarded(ctx, std::move(write), guards);
}

Task<Result<>> ZkConn::DeleteNode(const Context& ctx, std::string node, int32_t version,
                                  const Guards& guards) {
  if (guards.empty()) {
    co_return co_await DeleteUpwards(ctx, client_, std::move(node), root_, version);
  }
  ZkWrite write{ZkWrite::Kind::kDelete, node, {}, version};
  CO_TRY_OK(co_await WriteGuarded(ctx, std::move(write), guards));
  co_await DeleteEmptyAbove(ctx, client_, std::move(node), root_);
  co_return Ok{};
}

Task<Result<Version>> ZkConn::Create(const Context& ctx, std::string_view path,
                                     std::string_view contents, const Guards& guards) {
  CO_TRY(const std::string node, NodePath(path));
  const Result<> made = co_await MakeNode(ctx, node, std::string(contents), guards);
  if (!made.ok()) co_return About(made.error(), path);
  co_return Version{0};  // of every new node
}

Task<Result<Version>> ZkConn::Update(const Context& ctx, std::string_view path,
                                     std::string_view contents, std::optional<Version> version,
                                     const Guards& guards) {
  CO_TRY(const std::string node, NodePath(path));
  if (version && !IsZkVersion(*version)) co_return topo::BadVersion(path);
  const int32_t expected = version ? static_cast<int32_t>(*version) : -1;
  for (;;) {
    const Result<ZkStat> set = co_await SetNode(ctx, node, std::string(contents), expected, guards);
    if (set.ok()) co_return Version{set->version};
    if (version || !topo::IsNoNode(set.error())) co_return About(set.error(), path);
    const Result<Version> made = co_await Create(ctx, path, contents, guards);
    // Somebody else may have made it between our two steps.
    if (made.ok() || !topo::IsNodeExists(made.error())) co_return made;
  }
}

Task<Result<>> ZkConn::Delete(const Context& ctx, std::string_view path,
                              std::optional<Version> version, const Guards& guards) {
  CO_TRY(const std::string node, NodePath(path));
  if (version && !IsZkVersion(*version)) co_return topo::BadVersion(path);
  const int32_t expected = version ? static_cast<int32_t>(*version) : -1;
  const Result<> deleted = co_await DeleteNode(ctx, node, expected, guards);
  if (!deleted.ok()) co_return About(deleted.error(), path);
  co_return Ok{};
}

bool ZkConn::CanGuard(const topo::Guard& guard) const {
  const auto* ours = dynamic_cast<const ZkGuard*>(&guard);
  return ours != nullptr && ours->client->SharesServerWith(*client_);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::Stand(const Context& ctx, std::string dir,
                                                        std::string_view contents, bool wait) {
  ZkQueue queue;
  queue.dir = std::move(dir);
  queue.root = root_;
  queue.contents = contents;
  co_return co_await StandInQueue(ctx, client_, std::move(queue), wait);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::TakeLock(const Context& ctx, std::string_view dir,
                                                           std::string_view contents, bool wait) {
  CO_TRY(const std::string node, NodePath(dir));
  const Result<std::vector<std::string>> children = co_await client_->Children(ctx, node);
  if (!children.ok()) co_return About(children.error(), dir);
  if (children->empty()) co_return topo::NoNode(dir);
  co_return co_await Stand(ctx, node + "/locks", contents, wait);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::Lock(const Context& ctx, std::string_view dir,
                                                       std::string_view contents) {
  co_return co_await TakeLock(ctx, dir, contents, true);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::TryLock(const Context& ctx, std::string_view dir,
                                                          std::string_view contents) {
  co_return co_await TakeLock(ctx, dir, contents, false);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::LockName(const Context& ctx,
                                                           std::string_view name,
                                                           std::string_view contents) {
  CO_TRY(std::string node, NodePath("internal/named_locks/" + std::string(name)));
  co_return co_await Stand(ctx, node + "/locks", contents, true);
}

Task<Result<std::unique_ptr<LockHandle>>> ZkConn::Lead(const Context& ctx,
                                                       std::string_view election,
                                                       std::string_view id) {
  CO_TRY(std::string node, NodePath("elections/" + std::string(election)));
  co_return co_await Stand(ctx, std::move(node), id, true);
}

Task<Result<std::string>> ZkConn::Leader(const Context& ctx, std::string_view election) {
  CO_TRY(const std::string node, NodePath("elections/" + std::string(election)));
  for (;;) {
    const Result<std::vector<std::string>> names = co_await client_->Children(ctx, node);
    if (!names.ok() && !topo::IsNoNode(names.error())) co_return names.error();
    if (!names.ok() || names->empty()) co_return std::string();
    Result<ZkNode> first = co_await client_->Get(ctx, node + "/" + names->front());
    if (first.ok()) co_return std::move(first->contents);
    // Who led may have gone between our two reads.
    if (!topo::IsNoNode(first.error())) co_return std::move(first).error();
  }
}

Task<Result<std::unique_ptr<Watcher>>> ZkConn::Watch(const Context& ctx, std::string_view path) {
  CO_TRY(std::string node, NodePath(path));
  auto signal = std::make_unique<ZkSignal>(client_);
  Result<ZkNode> first = co_await client_->Get(ctx, node, signal.get());
  if (!first.ok()) co_return About(std::move(first).error(), path);
  co_return std::unique_ptr<Watcher>(std::make_unique<ZkWatcher>(
      client_, std::move(signal), std::move(node), std::string(path), std::move(*first)));
}

Task<Result<std::unique_ptr<topo::TreeWatcher>>> ZkConn::WatchTree(const Context& ctx,
                                                                   std::string_view dir) {
  CO_TRY(std::string node, NodePath(dir));
  co_return co_await WatchNodes(ctx, client_, std::move(node), std::string(dir));
}

Task<> ZkConn::Close() { co_await client_->Close(); }

}  // namespace tessera::topo_zk
