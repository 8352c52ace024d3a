// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "topo_zk/zk_client.h"

namespace tessera::zktool {

// The local file a word stands for: what begins with "file:", or with no slash. Everything else is
// a path in ZooKeeper.
std::optional<std::string> LocalFile(std::string_view word);

// Without slashes at the end and doubled ones. kInvalidArgument unless it begins with a slash.
Result<std::string> CleanPath(std::string_view word);

// "/a" and "b" to "/a/b"; "/" and "b" to "/b".
std::string ChildPath(std::string_view dir, std::string_view name);

// "a-b*" and the like: *, ? and [...] stand for what a shell lets them, within one part of a path.
bool HasWildcards(std::string_view text);
bool Matches(const std::string& pattern, const std::string& name);

// The nodes that a path with wildcards names, sorted; a path without them is given as it is. NoNode
// when none is named.
Task<Result<std::vector<std::string>>> Expand(const Context& ctx,
                                              std::shared_ptr<topo_zk::ZkClient> client,
                                              std::string word);

// The node and all below it, parents first.
Task<Result<std::vector<std::string>>> Subtree(const Context& ctx,
                                               std::shared_ptr<topo_zk::ZkClient> client,
                                               std::string path);

// The servers for a path /zk/<cell>/...: `config` is JSON, an object of addresses by cell;
// `local_cell` is what the cell "local" stands for. kInvalidArgument says what is missing.
Result<std::string> ServersOfPath(std::string_view path, std::string_view config,
                                  std::string_view local_cell);

// What `n+rw`, `n-w`, `n=rwdca` makes of permissions (see topo_zk::ZkPermission).
Result<int> ChangedPermissions(std::string_view mode, int permissions);

}  // namespace tessera::zktool
