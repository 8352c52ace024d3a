// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "topo/conn.h"
#include "topo_zk/zk_client.h"

namespace tessera::topo_zk {

// One cell in ZooKeeper: the record `path` is the node <root>/<path>.
class ZkConn final : public topo::Conn {
 public:
  ZkConn(std::shared_ptr<ZkClient> client, std::string root);

  Task<Result<topo::Node>> Get(const Context& ctx, std::string_view path) override;
  Task<Result<std::vector<topo::DirEntry>>> ListDir(const Context& ctx,
                                                    std::string_view path) override;
  Task<Result<std::vector<topo::KeyedNode>>> List(const Context& ctx,
                                                  std::string_view path_prefix) override;
  Task<Result<topo::Version>> Create(const Context& ctx, std::string_view path,
                                     std::string_view contents,
                                     const topo::Guards& guards) override;
  Task<Result<topo::Version>> Update(const Context& ctx, std::string_view path,
                                     std::string_view contents,
                                     std::optional<topo::Version> version,
                                     const topo::Guards& guards) override;
  Task<Result<>> Delete(const Context& ctx, std::string_view path,
                        std::optional<topo::Version> version, const topo::Guards& guards) override;
  bool CanGuard(const topo::Guard& guard) const override;
  Task<Result<std::unique_ptr<topo::LockHandle>>> Lock(const Context& ctx, std::string_view dir,
                                                       std::string_view contents) override;
  Task<Result<std::unique_ptr<topo::LockHandle>>> TryLock(const Context& ctx, std::string_view dir,
                                                          std::string_view contents) override;
  Task<Result<std::unique_ptr<topo::LockHandle>>> LockName(const Context& ctx,
                                                           std::string_view name,
                                                           std::string_view contents) override;
  Task<Result<std::unique_ptr<topo::LockHandle>>> Lead(const Context& ctx,
                                                       std::string_view election,
                                                       std::string_view id) override;
  Task<Result<std::string>> Leader(const Context& ctx, std::string_view election) override;
  Task<Result<std::unique_ptr<topo::Watcher>>> Watch(const Context& ctx,
                                                     std::string_view path) override;
  Task<Result<std::unique_ptr<topo::TreeWatcher>>> WatchTree(const Context& ctx,
                                                             std::string_view dir) override;
  Task<> Close() override;

 private:
  // The node of a record; kInvalidArgument when the path is none.
  Result<std::string> NodePath(std::string_view path) const;
  // The three writes, tied to locks where there are guards.
  Task<Result<>> MakeNode(const Context& ctx, std::string node, std::string contents,
                          const topo::Guards& guards);
  Task<Result<ZkStat>> SetNode(const Context& ctx, std::string node, std::string contents,
                               int32_t version, const topo::Guards& guards);
  Task<Result<>> DeleteNode(const Context& ctx, std::string node, int32_t version,
                            const topo::Guards& guards);
  Task<Result<std::unique_ptr<topo::LockHandle>>> TakeLock(const Context& ctx, std::string_view dir,
                                                           std::string_view contents, bool wait);
  Task<Result<std::unique_ptr<topo::LockHandle>>> Stand(const Context& ctx, std::string dir,
                                                        std::string_view contents, bool wait);

  std::shared_ptr<ZkClient> client_;
  std::string root_;  // without a slash at its end; may be empty
};

}  // namespace tessera::topo_zk
