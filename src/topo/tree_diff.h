// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "topo/conn.h"

namespace tessera::topo {

// The version of every record under a watched directory, as far as its watcher has told.
using TreeVersions = std::map<std::string, Version>;

TreeVersions VersionsOf(const std::vector<KeyedNode>& nodes);

// What a watcher that has missed events must tell: deletions first, then writes by version. `known`
// becomes what `now` says.
std::vector<TreeChange> DiffTree(TreeVersions& known, std::vector<KeyedNode> now);

}  // namespace tessera::topo
