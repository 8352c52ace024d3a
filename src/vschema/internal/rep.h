// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "vschema/internal/global_names.h"
#include "vschema/vschema.h"

namespace tessera::vschema {

// Where a routing rule leads, or why it leads nowhere.
struct RoutingRule {
  const Table* table = nullptr;
  std::optional<Error> error;
};

// What a keyspace's tables point to outside of it, as their records name it.
struct Links {
  std::set<std::string, std::less<>> keyspaces;  // of sequences and sources that are qualified
  std::set<std::string, std::less<>> names;      // of those that are not
  // Keyspaces that point back, by referenced_by.
  std::set<std::string, std::less<>> sources;
};

struct VSchema::Rep {
  SrvVSchemaRecord record;
  TrackedSchema tracked;
  Keyspaces keyspaces;
  // Of those that have any.
  std::map<std::string, std::shared_ptr<const Links>, std::less<>> links;
  GlobalNames global;
  std::map<std::string, RoutingRule, std::less<>> routing;
  std::map<std::string, std::string, std::less<>> shard_routing;  // "keyspace.shard" to keyspace
  std::map<std::string, std::string, std::less<>>
      keyspace_routing;  // "keyspace" or "keyspace@type" to keyspace

  // The table of that keyspace, without rules; made up where the keyspace is unsharded.
  Result<const Table*> TableOf(const Keyspace& keyspace, std::string_view name) const;
  Result<const Keyspace*> KeyspaceNamed(std::string_view name) const;
  Result<const Table*> GlobalTable(std::string_view name) const;
};

// The keyspaces that must be built anew for these records and tracked tables: those that differ
// from `before`, and what leads to them or is led to from them by references.
std::set<std::string, std::less<>> StaleKeyspaces(const SrvVSchemaRecord& record,
                                                  const TrackedSchema& tracked,
                                                  const VSchema::Rep& before);
// What the tables of the record point to; `sources` is left empty.
Links LinksOf(const KeyspaceRecord& record);

// Fills vindexes, tables and error of a keyspace from its record; references to other keyspaces are
// left open.
std::unique_ptr<Keyspace> BuildKeyspace(std::string_view name, const KeyspaceRecord& record);

// Two parts of "keyspace.table", either maybe between backquotes; the first empty when there is no
// dot. kInvalidArgument for more dots than one.
Result<std::pair<std::string, std::string>> SplitTableName(std::string_view text);

Error TableNotFound(std::string_view name);

}  // namespace tessera::vschema
