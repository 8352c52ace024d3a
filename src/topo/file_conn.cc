// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/file_conn.h"

#include "base/waiter.h"
#include "runtime/loop.h"
#include "topo/errors.h"
#include "topo/internal/file_store.h"
#include "topo/paths.h"

namespace tessera::topo {
namespace {

using runtime::RunBlocking;
using std::chrono::milliseconds;

// How often watches and waiting lockers look at their file. The loop has no door to inotify, and a
// look costs one open and read.
constexpr Duration kPollInterval = milliseconds(200);
constexpr Duration kFirstLockRetry = milliseconds(10);

class FileWatcher final : public Watcher {
 public:
  FileWatcher(FileStore store, std::string path, Node first)
      : Watcher(first), store_(std::move(store)), path_(std::move(path)), seen_(first.version) {}

  Task<Result<Node>> Next(const Context& ctx) override {
    for (;;) {
      CO_TRY_OK(co_await Sleep(ctx, kPollInterval));
      const auto look = [this] { return store_.Get(path_); };
      CO_TRY(Node node, co_await RunBlocking(look));
      if (node.version == seen_) continue;
      seen_ = node.version;
      co_return std::move(node);
    }
  }

 private:
  FileStore store_;
  std::string path_;
  Version seen_;
};

class FileLockHandle final : public LockHandle {
 public:
  explicit FileLockHandle(FileLock lock) : lock_(std::move(lock)) {}

  Task<Result<>> Check(const Context&) override {
    // The kernel takes an flock from nobody who lives.
    if (!lock_) co_return Error(Code::kFailedPrecondition, "the lock was given back already");
    co_return Ok{};
  }
  Task<Result<>> Unlock(const Context&) override {
    lock_.reset();
    co_return Ok{};
  }

 private:
  std::optional<FileLock> lock_;
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

  Task<Result<Version>> Create(const Context& ctx, std::string_view path,
                               std::string_view contents) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const std::string bytes(contents);
    const auto work = [this, &name, &bytes] {
      return store_.Put(FileStore::Mode::kCreate, name, bytes, std::nullopt);
    };
    co_return co_await RunBlocking(work);
  }

  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const std::string bytes(contents);
    const auto work = [this, &name, &bytes, version] {
      return store_.Put(FileStore::Mode::kUpdate, name, bytes, version);
    };
    co_return co_await RunBlocking(work);
  }

  Task<Result<>> Delete(const Context& ctx, std::string_view path,
                        std::optional<Version> version) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name, version] { return store_.Delete(name, version); };
    co_return co_await RunBlocking(work);
  }

  Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                 std::string_view contents) override {
    CO_TRY(const std::string name, Checked(ctx, dir));
    const std::string text(contents);
    const auto attempt = [this, &name, &text] { return store_.TryLock(name, text); };
    Duration pause = kFirstLockRetry;
    for (;;) {
      CO_TRY(std::optional<FileLock> lock, co_await RunBlocking(attempt));
      if (lock) co_return Held(std::move(*lock));
      const Result<> slept = co_await Sleep(ctx, pause);
      if (!slept.ok()) {
        const auto ask = [this, &name] { return Result<std::string>(store_.LockHolder(name)); };
        CO_TRY(const std::string holder, co_await RunBlocking(ask));
        co_return Timeout("lock of " + name).WithHint("it is held: " + holder);
      }
      pause = std::min(2 * pause, kPollInterval);
    }
  }

  Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                    std::string_view contents) override {
    CO_TRY(const std::string name, Checked(ctx, dir));
    const std::string text(contents);
    const auto attempt = [this, &name, &text] { return store_.TryLock(name, text); };
    CO_TRY(std::optional<FileLock> lock, co_await RunBlocking(attempt));
    if (!lock) co_return NodeExists(JoinPath(dir, "locks"));
    co_return Held(std::move(*lock));
  }

  Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx, std::string_view path) override {
    CO_TRY(const std::string name, Checked(ctx, path));
    const auto work = [this, &name] { return store_.Get(name); };
    CO_TRY(Node first, co_await RunBlocking(work));
    co_return std::unique_ptr<Watcher>(
        std::make_unique<FileWatcher>(store_, name, std::move(first)));
  }

  Task<> Close() override { co_return; }

 private:
  static Result<std::string> Checked(const Context& ctx, std::string_view path) {
    TRY_OK(ctx.Check());
    TRY_OK(SplitPath(path));
    return std::string(path);
  }

  static std::unique_ptr<LockHandle> Held(FileLock lock) {
    return std::make_unique<FileLockHandle>(std::move(lock));
  }

  FileStore store_;
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
