// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tessera::localcluster {

struct KeyspaceSpec {
  std::string name;
  std::vector<std::string> shards;  // canonical names: "0", or "-80" and "80-"
  int replicas = 1;                 // beside the primary of each shard
  std::string database;             // its name at the servers; empty: "vt_" and the keyspace's
  std::string vschema;              // JSON; empty: none is applied

  bool operator==(const KeyspaceSpec&) const = default;
};

// What a user asks for: one cluster on one machine.
struct ClusterSpec {
  std::string cell = "zone1";
  std::string topology = "file";  // or "etcd", "zk2"
  int base_port = 15000;          // every port is counted from here; see Layout
  int gates = 1;
  bool durable = true;              // MariaDB reaches the disk at every commit
  std::string buffer_pool = "64M";  // of each MariaDB
  std::string auth_file;            // users of the gates, as vtgate reads them; empty: anyone
  std::vector<KeyspaceSpec> keyspaces;

  bool operator==(const ClusterSpec&) const = default;
};

// Reads cluster.yaml. Files that it names are found beside `directory`. Errors are
// kInvalidArgument and name the line or the key; unknown keys are errors.
Result<ClusterSpec> SpecFromYaml(std::string_view text, const std::string& directory);
// The same, from a file.
Result<ClusterSpec> SpecFromFile(const std::string& path);
// Text that SpecFromYaml reads back as an equal value.
std::string SpecToYaml(const ClusterSpec& spec);

// Names, counts and ports that make sense together.
Result<> CheckSpec(const ClusterSpec& spec);

// "2" gives -80 and 80-, "1" gives 0, "-40,40-" what it says.
Result<std::vector<std::string>> ShardsOf(std::string_view text);

}  // namespace tessera::localcluster
