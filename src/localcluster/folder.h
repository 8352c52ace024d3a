// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "localcluster/layout.h"
#include "localcluster/spec.h"

// The data folder of a cluster. Everything here may block: call it through RunBlocking.
namespace tessera::localcluster {

// Held while a supervisor runs; the kernel frees it when the supervisor dies, however it does.
class FolderLock {
 public:
  // kAlreadyExists names the process that holds it.
  static Result<std::unique_ptr<FolderLock>> Take(const std::string& path);
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

// The process that holds the lock; 0 when nobody does.
int LockHolder(const std::string& path);

// The spec of the cluster that lives in the folder; nothing when none does. kFailedPrecondition
// when the folder holds something else.
Result<std::optional<ClusterSpec>> ReadFolder(const std::string& dir);

// Makes the folder and its subfolders.
Result<> MakeFolders(const Layout& layout);
// The spec that the folder holds; nothing when it holds none. Of the lock's holder.
Result<std::optional<ClusterSpec>> ReadSpec(const std::string& dir);
Result<> WriteSpec(const Layout& layout);

// `asked` over `there`: what may change between two lives of a cluster does. kFailedPrecondition
// names what may not: keyspaces, shards, replicas, cell, topology.
Result<ClusterSpec> ChangedSpec(const ClusterSpec& there, const ClusterSpec& asked);

}  // namespace tessera::localcluster
