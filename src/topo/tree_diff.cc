// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/tree_diff.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tessera::topo {

TreeVersions VersionsOf(const std::vector<KeyedNode>& nodes) {
  TreeVersions versions;
  for (const KeyedNode& node : nodes) versions[node.path] = node.version;
  return versions;
}

std::vector<TreeChange> DiffTree(TreeVersions& known, std::vector<KeyedNode> now) {
  TreeVersions next = VersionsOf(now);
  std::vector<TreeChange> changes;
  for (const auto& [path, version] : known) {
    if (!next.contains(path)) changes.push_back({path, std::nullopt});
  }
  std::stable_sort(now.begin(), now.end(),
                   [](const KeyedNode& a, const KeyedNode& b) { return a.version < b.version; });
  for (KeyedNode& node : now) {
    const auto old = known.find(node.path);
    if (old != known.end() && old->second == node.version) continue;
    changes.push_back({std::move(node.path), Node{std::move(node.contents), node.version}});
  }
  known = std::move(next);
  return changes;
}

}  // namespace tessera::topo
