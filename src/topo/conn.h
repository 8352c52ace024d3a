// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace tessera::flags {
class FlagSet;
}

namespace tessera::topo {

// Changes with every write of a record; only equality means anything.
using Version = int64_t;

struct Node {
  std::string contents;
  Version version = 0;
};

struct DirEntry {
  std::string name;
  bool is_directory = false;
  bool is_ephemeral = false;  // goes away with the process that made it
};

struct KeyedNode {
  std::string path;
  std::string contents;
  Version version = 0;
};

// Ties writes to a lock that is held: a server that is given it with a write makes the write only
// while the lock is held, in one step. What is in it is each kind of server's own.
class Guard {
 public:
  // `place` names the lock, and this holding of it, in errors.
  explicit Guard(std::string place) : place_(std::move(place)) {}
  virtual ~Guard() = default;
  const std::string& place() const { return place_; }

 private:
  std::string place_;
};
// The locks that a write is tied to; none: it is always made.
using Guards = std::vector<std::shared_ptr<const Guard>>;

// A lock that is held. Unlock it and await that; a handle that is dropped, or whose process dies,
// frees the lock by itself, at once (file, memory) or when its lease or session runs out
// (etcd, ZooKeeper).
class LockHandle {
 public:
  virtual ~LockHandle() = default;
  // An error when the lock was lost.
  virtual Task<Result<>> Check(const Context& ctx) = 0;
  virtual Task<Result<>> Unlock(const Context& ctx) = 0;
  // For writes that must not be made without the lock; may outlive this. Nothing for a lock that no
  // write can be tied to.
  virtual std::shared_ptr<const Guard> guard() const = 0;
};

// The changes of one record. Several quick changes may show as one: the last.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // The record when the watch began.
  const Node& first() const { return first_; }
  // The next change. NoNode when the record was deleted; that or any other error ends the watch.
  virtual Task<Result<Node>> Next(const Context& ctx) = 0;

 protected:
  explicit Watcher(Node first) : first_(std::move(first)) {}

 private:
  Node first_;
};

// A record under a watched directory that was written (with what it is now) or deleted (without).
struct TreeChange {
  std::string path;
  std::optional<Node> node;
};

// The changes of all records under a directory, in the order they were made.
class TreeWatcher {
 public:
  virtual ~TreeWatcher() = default;
  // The records when the watch began, by path.
  const std::vector<KeyedNode>& first() const { return first_; }
  // The same for who needs them once: first() is empty afterwards.
  std::vector<KeyedNode> TakeFirst() { return std::exchange(first_, {}); }
  // The next change; an error ends the watch.
  virtual Task<Result<TreeChange>> Next(const Context& ctx) = 0;

 protected:
  explicit TreeWatcher(std::vector<KeyedNode> first) : first_(std::move(first)) {}

 private:
  std::vector<KeyedNode> first_;
};

// One cell's part of the topology: records by slash-separated path, without a leading slash.
// Belongs to the loop it was made on. Errors are those of errors.h; a path that is no path gives
// kInvalidArgument.
//
// Writes take guards: when one of their locks is not held any more, the write gives LockLost with
// that lock's place, and changes nothing. Guards must be such that CanGuard is true.
class Conn {
 public:
  virtual ~Conn() = default;

  virtual Task<Result<Node>> Get(const Context& ctx, std::string_view path) = 0;

  // Children of a directory, by name. NoNode when it has none.
  virtual Task<Result<std::vector<DirEntry>>> ListDir(const Context& ctx,
                                                      std::string_view path) = 0;

  // Every record whose path begins with the text, by path. NoNode when there is none.
  virtual Task<Result<std::vector<KeyedNode>>> List(const Context& ctx,
                                                    std::string_view path_prefix) = 0;

  // NodeExists when there is such a record.
  virtual Task<Result<Version>> Create(const Context& ctx, std::string_view path,
                                       std::string_view contents, const Guards& guards) = 0;
  Task<Result<Version>> Create(const Context& ctx, std::string_view path,
                               std::string_view contents);

  // With a version: BadVersion when the record has another by now, NoNode when it is gone. Without:
  // creates or overwrites.
  virtual Task<Result<Version>> Update(const Context& ctx, std::string_view path,
                                       std::string_view contents, std::optional<Version> version,
                                       const Guards& guards) = 0;
  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version);

  // Deletes the record, and directories left empty.
  virtual Task<Result<>> Delete(const Context& ctx, std::string_view path,
                                std::optional<Version> version, const Guards& guards) = 0;
  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version);

  // True when writes here can be tied to that lock: it is of the same server.
  virtual bool CanGuard(const Guard& guard) const = 0;

  // Waits for the lock of a directory that has children. `contents` tells others who holds it.
  virtual Task<Result<std::unique_ptr<LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                         std::string_view contents) = 0;

  // NodeExists, at once, when the lock is held.
  virtual Task<Result<std::unique_ptr<LockHandle>>> TryLock(const Context& ctx,
                                                            std::string_view dir,
                                                            std::string_view contents) = 0;

  // NoNode when there is no such record.
  virtual Task<Result<std::unique_ptr<Watcher>>> Watch(const Context& ctx,
                                                       std::string_view path) = 0;

  // The directory may still be empty. These four give kUnimplemented where a kind of server lacks
  // them.
  virtual Task<Result<std::unique_ptr<TreeWatcher>>> WatchTree(const Context& ctx,
                                                               std::string_view dir);

  // Waits for a lock that belongs to no record, at internal/named_locks/<name>. Its owner may be
  // silent for 24 hours.
  virtual Task<Result<std::unique_ptr<LockHandle>>> LockName(const Context& ctx,
                                                             std::string_view name,
                                                             std::string_view contents);

  // Stands in an election under an id and returns once this process leads; it leads until the
  // handle is unlocked, dropped or lost.
  virtual Task<Result<std::unique_ptr<LockHandle>>> Lead(const Context& ctx,
                                                         std::string_view election,
                                                         std::string_view id);
  // The id of who leads; empty while nobody does.
  virtual Task<Result<std::string>> Leader(const Context& ctx, std::string_view election);

  // Ends what runs in the background, and watches, whose Next then fails. Await it before
  // destruction; nothing else may be called after.
  virtual Task<> Close() = 0;
};

// A kind of topology server: etcd2, zk2, file, memory. Lives as long as the process.
class Factory {
 public:
  virtual ~Factory() = default;
  // A connection for records under `root` of the server at `address`. May give a connection before
  // the server answers.
  virtual Task<Result<std::unique_ptr<Conn>>> Connect(const Context& ctx, std::string address,
                                                      std::string root) = 0;
  // Adds the flags of this kind of server, before a program parses its command line. They count
  // for connections made afterwards.
  virtual void RegisterFlags(flags::FlagSet&) {}
};

}  // namespace tessera::topo
