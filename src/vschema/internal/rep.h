// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "vschema/vschema.h"

namespace tessera::vschema {

// Where a routing rule leads, or why it leads nowhere.
struct RoutingRule {
  const Table* table = nullptr;
  std::optional<Error> error;
};

struct GlobalVindex {
  const vindex::Vindex* vindex = nullptr;  // null: several keyspaces have one of that name
  const Keyspace* keyspace = nullptr;
};

struct VSchema::Rep {
  SrvVSchemaRecord record;
  TrackedSchema tracked;
  std::map<std::string, std::unique_ptr<Keyspace>, std::less<>> keyspaces;
  std::map<std::string, const Table*, std::less<>> global_tables;  // null: ambiguous
  std::map<std::string, GlobalVindex, std::less<>> global_vindexes;
  std::map<std::string, RoutingRule, std::less<>> routing;
  std::map<std::string, std::string, std::less<>> shard_routing;  // "keyspace.shard" to keyspace
  std::map<std::string, std::string, std::less<>>
      keyspace_routing;  // "keyspace" or "keyspace@type" to keyspace

  // Tables of unsharded keyspaces that nobody declared, made when first asked for. They live as
  // long as we do.
  mutable std::mutex undeclared_mutex;
  mutable std::map<std::pair<std::string, std::string>, std::unique_ptr<Table>> undeclared;

  const Table* Undeclared(const Keyspace& keyspace, std::string_view name) const;
  // The table of that keyspace, without rules; made up where the keyspace is unsharded.
  Result<const Table*> TableOf(const Keyspace& keyspace, std::string_view name) const;
  Result<const Keyspace*> KeyspaceNamed(std::string_view name) const;
  Result<const Table*> GlobalTable(std::string_view name) const;
};

// Fills vindexes, tables and error of a keyspace from its record; references to other keyspaces are
// left open.
std::unique_ptr<Keyspace> BuildKeyspace(std::string_view name, const KeyspaceRecord& record);

// Two parts of "keyspace.table", either maybe between backquotes; the first empty when there is no
// dot. kInvalidArgument for more dots than one.
Result<std::pair<std::string, std::string>> SplitTableName(std::string_view text);

Error TableNotFound(std::string_view name);

}  // namespace tessera::vschema
