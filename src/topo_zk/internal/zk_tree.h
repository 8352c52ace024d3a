// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "topo/conn.h"
#include "topo_zk/zk_client.h"

namespace tessera::topo_zk {

// Watches every node below `node`, which is `dir` under the connection's root, by a watch on its
// contents and one on its children: two requests a node to begin with, one for each change of a
// record, and all of them again when the connection has moved to another server; a few at a time.
// The watch goes on over lost connections and sessions; kUnavailable only while no server answers,
// after which Next may be called again.
Task<Result<std::unique_ptr<topo::TreeWatcher>>> WatchNodes(const Context& ctx,
                                                            std::shared_ptr<ZkClient> client,
                                                            std::string node, std::string dir);

// True when this node without contents and children was made to hold others, as ours and Vitess's
// directories are: whoever deletes or fills it is on the way. Records may not have children.
Task<Result<bool>> IsBareDirectory(const Context& ctx, std::shared_ptr<ZkClient> client,
                                   std::string node);

}  // namespace tessera::topo_zk
