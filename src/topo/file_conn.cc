// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/file_conn.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/waiter.h"
#include "runtime/loop.h"
#include "topo/errors.h"
#include "topo/internal/file_store.h"
#include "topo/paths.h"
#include "topo/tree_diff.h"

namespace tessera::topo {
namespace {

using runtime::RunBlocking;
using std::chrono::milliseconds;

// How often watches and waiting lockers look at their file. The loop has no door to inotify, and a
// look costs one system call or two.
constexpr Duration kPollInterval = milliseconds(200);
// Files that came without us, from a backup or a process that died while it wrote, are not counted.
constexpr Duration kFullLookInterval = std::chrono::seconds(30);
constexpr Duration kFirstLockRetry = milliseconds(10);

// Set when the connection is closed; its watches share it.
using Closed = std::shared_ptr<bool>;

class FileWatcher final : public Watcher {
 public:
  FileWatcher(FileStore store, Closed closed, std::string path, Node first)
      : Watcher(first),
        store_(std::move(store)),
        closed_(std::move(closed)),
        path_(std::move(path)),
        seen_(first.version) {}

  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      CO_TRY_OK(co_await Sleep(ctx, kPollInterval));
      if (*closed_) co_return ConnectionClosed();
      const auto look = [this] { return Look(); };
      CO_TRY(Node node, co_await RunBlocking(look));
      if (node.version == seen_) continue;
      seen_ = node.version;
      co_return std::move(node);
    }
  }

 private:
  // The record, read only when its file is another than the last time.
  Result<Node> Look() {
    const uint64_t stamp = store_.Stamp(path_);
    if (stamp != 0 && stamp == stamp_) return Node{{}, seen_};
    TRY(Node node, store_.Get(path_));
    stamp_ = stamp;
    return node;
  }

  FileStore store_;
  Closed closed_;
  std::string path_;
  Version seen_;
  uint64_t stamp_ = 0;  // taken before the record was read
};

// Looks at the count of writes, and reads the records that were written since; the whole directory
// from time to time, and where it is not noted what they were.
class FileTreeWatcher final : public TreeWatcher {
 public:
  // A directory as it is, and the count of writes before it was read.
  struct Look {
    uint64_t writes = 0;
    std::vector<KeyedNode> nodes;
  };

  FileTreeWatcher(FileStore store, Closed closed, std::string prefix, Look first)
      : TreeWatcher(first.nodes),
        store_(std::move(store)),
        closed_(std::move(closed)),
        prefix_(std::move(prefix)),
        writes_(first.writes),
        read_again_(Executor::Current().Now() + kFullLookInterval),
        known_(VersionsOf(first.nodes)) {}

  Task<Result<TreeChange>> Next(const Context& ctx) override {
    while (pending_.empty()) {
      CO_TRY_OK(co_await Sleep(ctx, kPollInterval));
      if (*closed_) co_return ConnectionClosed();
      CO_TRY_OK(co_await LookAgain());
    }
    TreeChange change = std::move(pending_.front());
    pending_.pop_front();
    co_return change;
  }

  static Result<Look> LookAt(const FileStore& store, const std::string& prefix) {
    Look look;
    TRY(look.writes, store.Writes());
    Result<std::vector<KeyedNode>> nodes = store.List(prefix);
    if (!nodes.ok() && !IsNoNode(nodes.error())) return std::move(nodes).error();
    if (nodes.ok()) look.nodes = *std::move(nodes);
    return look;
  }

 private:
  Task<Result<>> LookAgain() {
    const auto count = [this] { return store_.Writes(); };
    CO_TRY(const uint64_t writes, co_await RunBlocking(count));
    const Instant now = Executor::Current().Now();
    if (writes == writes_ && now < read_again_) co_return Ok{};
    if (now < read_again_) {
      const auto look = [this, writes] { return LookAtChanged(writes); };
      CO_TRY(std::optional<std::vector<TreeChange>> changed, co_await RunBlocking(look));
      if (changed) {
        writes_ = writes;
        for (TreeChange& change : *changed) TakeChange(std::move(change));
        co_return Ok{};
      }
    }
    const auto read = [this] { return LookAt(store_, prefix_); };
    CO_TRY(Look look, co_await RunBlocking(read));
    writes_ = look.writes;
    read_again_ = now + kFullLookInterval;
    for (TreeChange& change : DiffTree(known_, std::move(look.nodes)))
      pending_.push_back(std::move(change));
    co_return Ok{};
  }

  // The records written since the last look, as they are; nothing where that is not known.
  Result<std::optional<std::vector<TreeChange>>> LookAtChanged(uint64_t writes) const {
    const std::optional<std::vector<TreeChange>> unknown;
    TRY(auto paths, store_.ChangedSince(writes_, writes));
    if (!paths) return unknown;
    std::erase_if(*paths, [this](const std::string& path) { return !path.starts_with(prefix_); });
    TRY(auto nodes, store_.ReadMany(*paths));
    std::vector<TreeChange> changes;
    for (size_t i = 0; i < nodes.size(); ++i)
      changes.push_back({std::move((*paths)[i]), std::move(nodes[i])});
    return std::optional<std::vector<TreeChange>>(std::move(changes));
  }

  void TakeChange(TreeChange change) {
    const auto known = known_.find(change.path);
    if (!change.node) {
      if (known == known_.end()) return;
      known_.erase(known);
    } else {
      if (known != known_.end() && known->second == change.node->version) return;
      known_[change.path] = change.node->version;
    }
    pending_.push_back(std::move(change));
  }

  FileStore store_;
  Closed closed_;
  std::string prefix_;
  uint64_t writes_;
  Instant read_again_;
  TreeVersions known_;
  std::deque<TreeChange> pending_;
};

class FileLockHandle final : public LockHandle {
 public:
  FileLockHandle(FileLock lock, std::string file)
      : lock_(std::make_shared<const FileLock>(std::move(lock))),
        guard_(std::make_shared<const FileGuard>(std::move(file), lock_)) {}

  Task<Result<>> Check(const Context&) override {
    if (!lock_) co_return Error(Code::kFailedPrecondition, "the lock was given back already");
    // The kernel takes an flock from nobody who lives, but its file may be removed.
    const auto look = [this] { return Look(); };
    co_return co_await RunBlocking(look);
  }
  Task<Result<>> Unlock(const Context&) override {
    lock_.reset();
    co_return Ok{};
  }
  std::shared_ptr<const Guard> guard() const override { return guard_; }

 private:
  Result<> Look() const {
    if (!lock_->IsOf(guard_->place()))
      return Errorf(Code::kNotFound, "somebody has removed {}", guard_->place());
    return Ok{};
  }

  std::shared_ptr<const FileLock> lock_;
  std::shared_ptr<const FileGuard> guard_;
};

class FileConn final : public Conn {
 public:
  explicit FileConn(FileStore store) : store_(std::move(store)) {}

  Task<Result<Node>> Get(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name] { return store_.Get(name); };
    co_return co_await RunBlocking(work);
  }

  Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name] { return store_.ListDir(name); };
    co_return co_await RunBlocking(work);
  }

  Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                            std::string_view path_prefix) override {
    CO_TRY_OK(ctx.Check());
    CO_TRY_OK(CheckPrefix(path_prefix));
    const std::string prefix(path_prefix);
    const auto work = [this, &prefix] { return store_.List(prefix); };
    co_return co_await RunBlocking(work);
  }

  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const std::string bytes(contents);
    const auto work = [this, &name, &bytes, &guards] {
      return store_.Put(FileStore::Mode::kCreate, name, bytes, std::nullopt, guards);
    };
    co_return co_await RunBlocking(work);
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const std::string bytes(contents);
    const auto work = [this, &name, &bytes, version, &guards] {
      return store_.Put(FileStore::Mode::kUpdate, name, bytes, version, guards);
    };
    co_return co_await RunBlocking(work);
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name, version, &guards] {
      return store_.Delete(name, version, guards);
    };
    co_return co_await RunBlocking(work);
  }

  bool CanGuard(const Guard& guard) const override {
    return dynamic_cast<const FileGuard*>(&guard) != nullptr && store_.OwnsLock(guard.place());
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    CO_TRY(const std::string name, Checked(ctx, dir));
    const std::string text(contents);
    const auto attempt = [this, &name, &text] { return store_.TryLock(name, text); };
    co_return co_await WaitForLock(ctx, name, attempt);
  }

  Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx, std::string_view name,
                                                     std::string_view contents) override {
    co_return co_await LockDetached(ctx, NamedLockDir(name), std::string(contents));
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context& ctx, std::string_view election,
                                                 std::string_view id) override {
    co_return co_await LockDetached(ctx, ElectionDir(election), std::string(id));
  }

  Task<Result<std::string>> Leader(const Context& ctx, std::string_view election) override {
    CO_TRY(const std::string name, Checked(ctx, ElectionDir(election)));
    const auto ask = [this, &name] { return store_.HolderNow(name); };
    co_return co_await RunBlocking(ask);
  }

  Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                       std::string_view dir) override {
    CO_TRY(const std::string name, Checked(ctx, dir));
    const std::string prefix = name.empty() ? name : name + "/";
    const auto look = [this, &prefix] { return FileTreeWatcher::LookAt(store_, prefix); };
    CO_TRY(FileTreeWatcher::Look first, co_await RunBlocking(look));
    co_return std::unique_ptr<TreeWatcher>(
        std::make_unique<FileTreeWatcher>(store_, closed_, prefix, std::move(first)));
  }

  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    CO_TRY(const std::string name, Checked(ctx, dir));
    const std::string text(contents);
    const auto attempt = [this, &name, &text] { return store_.TryLock(name, text); };
    CO_TRY(std::optional<FileLock> lock, co_await RunBlocking(attempt));
    if (!lock) co_return NodeExists(JoinPath(dir, "locks"));
    co_return Held(std::move(*lock), name);
  }

  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name] { return store_.Get(name); };
    CO_TRY(Node first, co_await RunBlocking(work));
    co_return std::unique_ptr<Watcher>(
        std::make_unique<FileWatcher>(store_, closed_, name, std::move(first)));
  }

  Task<> Close() override {
    *closed_ = true;
    co_return;
  }

 private:
  static Result<std::string> Checked(const Context& ctx, std::string_view path) {
    TRY_OK(ctx.Check());
    TRY_OK(SplitPath(path));
    return std::string(path);
  }

  // A lock under a path that needs no records.
  Task<Result<std::unique_ptr<LockHandle>>> LockDetached(const Context& ctx, std::string path,
                                                         std::string contents) {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto attempt = [this, &name, &contents] { return store_.TryLockName(name, contents); };
    co_return co_await WaitForLock(ctx, name, attempt);
  }

  // Tries, less and less often, until the lock is free or ctx ends.
  Task<Result<std::unique_ptr<LockHandle>>> WaitForLock(
      const Context& ctx, const std::string& name,
      const std::function<Result<std::optional<FileLock>>()>& attempt) {
    Duration pause = kFirstLockRetry;
    for (;;) {
      CO_TRY(std::optional<FileLock> lock, co_await RunBlocking(attempt));
      if (lock) co_return Held(std::move(*lock), name);
      const Result<> slept = co_await Sleep(ctx, pause);
      if (!slept.ok()) {
        const auto ask = [this, &name] { return Result<std::string>(store_.LockHolder(name)); };
        CO_TRY(const std::string holder, co_await RunBlocking(ask));
        co_return Timeout("lock of " + name).WithHint("it is held: " + holder);
      }
      pause = std::min(2 * pause, kPollInterval);
    }
  }

  std::unique_ptr<LockHandle> Held(FileLock lock, const std::string& name) const {
    return std::make_unique<FileLockHandle>(std::move(lock), store_.LockFile(name));
  }

  FileStore store_;
  Closed closed_ = std::make_shared<bool>(false);
};

}  // namespace

Task<Result<std::unique_ptr<Conn>>> FileTopo::Connect(const Context&, std::string address,
                                                      std::string root) {
  while (!root.empty() && root.front() == '/') root.erase(0, 1);
  while (!root.empty() && root.back() == '/') root.pop_back();
  CO_TRY_OK(SplitPath(root));
  if (address.empty()) {
    co_return Error(Code::kInvalidArgument, "topology: no directory is given")
        .WithHint("set --topo-global-server-address to the directory of the topology");
  }
  FileStore store(std::move(address), std::move(root));
  const auto prepare = [&store] { return store.Prepare(); };
  CO_TRY_OK(co_await RunBlocking(prepare));
  co_return std::unique_ptr<Conn>(std::make_unique<FileConn>(std::move(store)));
}

}  // namespace tessera::topo
