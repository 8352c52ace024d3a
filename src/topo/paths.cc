// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/paths.h"

#include <algorithm>

#include <fmt/core.h>

namespace tessera::topo {

std::string CellInfoPath(std::string_view cell) { return fmt::format("cells/{}/CellInfo", cell); }

std::string CellsAliasPath(std::string_view alias) {
  return fmt::format("cells_aliases/{}/CellsAlias", alias);
}

std::string ExternalClusterPath(std::string_view name) {
  return fmt::format("ExternalClusters/vitess/{}", name);
}

std::string MetadataPath(std::string_view key) { return fmt::format("metadata/{}", key); }

std::string NamedLockDir(std::string_view name) {
  return fmt::format("internal/named_locks/{}", name);
}

std::string ElectionDir(std::string_view name) { return fmt::format("elections/{}", name); }

std::string KeyspaceDir(std::string_view keyspace) { return fmt::format("keyspaces/{}", keyspace); }

std::string KeyspacePath(std::string_view keyspace) {
  return fmt::format("keyspaces/{}/Keyspace", keyspace);
}

std::string VSchemaPath(std::string_view keyspace) {
  return fmt::format("keyspaces/{}/VSchema", keyspace);
}

std::string ShardDir(std::string_view keyspace, std::string_view shard) {
  return fmt::format("keyspaces/{}/shards/{}", keyspace, shard);
}

std::string ShardPath(std::string_view keyspace, std::string_view shard) {
  return fmt::format("keyspaces/{}/shards/{}/Shard", keyspace, shard);
}

std::string TabletPath(const keys::TabletAlias& alias) {
  return fmt::format("tablets/{}/Tablet", alias.ToString());
}

std::string ShardReplicationPath(std::string_view keyspace, std::string_view shard) {
  return fmt::format("keyspaces/{}/shards/{}/ShardReplication", keyspace, shard);
}

std::string SrvKeyspacePath(std::string_view keyspace) {
  return fmt::format("keyspaces/{}/SrvKeyspace", keyspace);
}

Result<std::vector<std::string_view>> SplitPath(std::string_view path) {
  constexpr size_t kMaxPart = 255;
  std::vector<std::string_view> parts;
  if (path.empty()) return parts;
  for (std::string_view rest = path;;) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    const bool control =
        std::any_of(part.begin(), part.end(), [](char c) { return c >= 0 && c < 0x20; });
    if (part.empty() || part.front() == '.' || part.size() > kMaxPart || control) {
      return Errorf(Code::kInvalidArgument,
                    "'{}' is not a topology path: a name in it is empty, begins with a dot, "
                    "or is too long",
                    path.substr(0, 2 * kMaxPart));
    }
    parts.push_back(part);
    if (slash == rest.size()) return parts;
    rest.remove_prefix(slash + 1);
  }
}

Result<> CheckPrefix(std::string_view prefix) {
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  TRY_OK(SplitPath(prefix));
  return Ok{};
}

std::string JoinPath(std::string_view root, std::string_view path) {
  while (!root.empty() && root.back() == '/') root.remove_suffix(1);
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return std::string(root);
  return fmt::format("{}/{}", root, path);
}

}  // namespace tessera::topo
