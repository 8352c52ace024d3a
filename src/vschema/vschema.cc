// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vschema/vschema.h"

#include <algorithm>

#include <fmt/core.h>

#include "vschema/internal/rep.h"

namespace tessera::vschema {
namespace {

bool SameIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

Error TableNotFound(std::string_view name) {
  return Errorf(Code::kNotFound, "table {} not found", name)
      .WithMysql(1146, "42S02")
      .WithHint("it is in no VSchema; SHOW VSCHEMA TABLES lists those that are");
}

const vindex::FunctionalVindex* ColumnVindex::functional() const {
  return vindex->needs_lookup() ? nullptr : static_cast<const vindex::FunctionalVindex*>(vindex);
}

const Column* Table::FindColumn(std::string_view column) const {
  for (const Column& each : columns) {
    if (SameIgnoringCase(each.name, column)) return &each;
  }
  return nullptr;
}

bool Table::is_sharded() const { return keyspace->sharded; }

std::string Table::QualifiedName() const { return keyspace->name + "." + name; }

const Table* Keyspace::Undeclared(std::string_view table) const {
  const std::lock_guard lock(undeclared_mutex_);
  const auto known = undeclared_.find(table);
  if (known != undeclared_.end()) return known->second.get();
  auto made = std::make_unique<Table>();
  made->name = table;
  made->keyspace = this;
  made->undeclared = true;
  return undeclared_.emplace(table, std::move(made)).first->second.get();
}

Result<const Table*> VSchema::Rep::TableOf(const Keyspace& keyspace, std::string_view name) const {
  if (keyspace.error) return *keyspace.error;
  const auto found = keyspace.tables.find(name);
  if (found != keyspace.tables.end()) return found->second.get();
  if (!keyspace.sharded) return keyspace.Undeclared(name);
  return TableNotFound(fmt::format("{}.{}", keyspace.name, name));
}

Result<const Keyspace*> VSchema::Rep::KeyspaceNamed(std::string_view name) const {
  const auto found = keyspaces.find(name);
  if (found != keyspaces.end()) return found->second.get();
  return Errorf(Code::kNotFound, "VT05003: unknown database '{}' in vschema", name)
      .WithMysql(1049, "42000")
      .WithHint("SHOW DATABASES lists the keyspaces there are");
}

Result<const Table*> VSchema::Rep::GlobalTable(std::string_view name) const {
  const std::optional<const Table*> found = global.FindTable(name);
  if (!found) {
    // With one keyspace there is no doubt which is meant.
    if (keyspaces.size() == 1) return TableOf(*keyspaces.begin()->second, name);
    return TableNotFound(name);
  }
  if (*found == nullptr) {
    return Errorf(Code::kFailedPrecondition, "ambiguous table reference: {}", name)
        .WithHint("several keyspaces have that table: qualify it, as in keyspace.table");
  }
  if ((*found)->keyspace->error) return *(*found)->keyspace->error;
  return *found;
}

Result<const Keyspace*> VSchema::FindKeyspace(std::string_view name,
                                              keys::TabletType tablet_type) const {
  auto routed = rep_->keyspace_routing.end();
  if (!rep_->keyspace_routing.empty()) {
    if (tablet_type != keys::TabletType::kPrimary) {
      routed = rep_->keyspace_routing.find(
          fmt::format("{}@{}", name, keys::TabletTypeName(tablet_type)));
    }
    if (routed == rep_->keyspace_routing.end()) routed = rep_->keyspace_routing.find(name);
    if (routed != rep_->keyspace_routing.end()) name = routed->second;
  }
  TRY(const Keyspace* keyspace, rep_->KeyspaceNamed(name));
  if (keyspace->error) return *keyspace->error;
  return keyspace;
}

Result<const Table*> VSchema::FindTable(std::string_view keyspace, std::string_view name,
                                        keys::TabletType tablet_type) const {
  const Keyspace* in = nullptr;
  if (!keyspace.empty()) {
    TRY(in, FindKeyspace(keyspace, tablet_type));
  }
  if (!rep_->routing.empty()) {
    const std::string qualified =
        in == nullptr ? std::string(name) : fmt::format("{}.{}", in->name, name);
    auto rule =
        rep_->routing.find(fmt::format("{}@{}", qualified, keys::TabletTypeName(tablet_type)));
    if (rule == rep_->routing.end()) rule = rep_->routing.find(qualified);
    if (rule != rep_->routing.end()) {
      if (rule->second.error) return *rule->second.error;
      return rule->second.table;
    }
  }
  return in != nullptr ? rep_->TableOf(*in, name) : rep_->GlobalTable(name);
}

Result<TableOrVindex> VSchema::FindTableOrVindex(std::string_view keyspace, std::string_view name,
                                                 keys::TabletType tablet_type) const {
  Result<const Table*> table = FindTable(keyspace, name, tablet_type);
  // An unsharded keyspace has whatever table one asks for, but its vindexes go first.
  if (table.ok() && !(*table)->undeclared) return TableOrVindex{*table, nullptr, nullptr};
  if (!table.ok() && table.error().code() != Code::kNotFound) return std::move(table).error();
  if (keyspace.empty()) {
    const GlobalVindex found = rep_->global.FindVindex(name);
    if (found.vindex != nullptr) return TableOrVindex{nullptr, found.vindex, found.keyspace};
  } else if (const auto in = FindKeyspace(keyspace, tablet_type); in.ok()) {
    const auto found = (*in)->vindexes.find(name);
    if (found != (*in)->vindexes.end()) return TableOrVindex{nullptr, found->second.get(), *in};
  }
  if (!table.ok()) return std::move(table).error();
  return TableOrVindex{*table, nullptr, nullptr};
}

const Keyspace* VSchema::SingleKeyspace() const {
  return rep_->keyspaces.size() == 1 ? rep_->keyspaces.begin()->second.get() : nullptr;
}

std::string_view VSchema::RouteShard(std::string_view keyspace, std::string_view shard) const {
  if (rep_->shard_routing.empty()) return keyspace;
  const auto rule = rep_->shard_routing.find(fmt::format("{}.{}", keyspace, shard));
  return rule == rep_->shard_routing.end() ? keyspace : std::string_view(rule->second);
}

const VSchema::Keyspaces& VSchema::keyspaces() const { return rep_->keyspaces; }

const SrvVSchemaRecord& VSchema::record() const { return rep_->record; }

bool IsSystemDatabase(std::string_view name) {
  constexpr std::string_view kNames[] = {"information_schema", "mysql", "performance_schema",
                                         "sys"};
  return std::any_of(std::begin(kNames), std::end(kNames), [name](std::string_view known) {
    return std::equal(name.begin(), name.end(), known.begin(), known.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
    });
  });
}

const TrackedSchema& VSchema::tracked() const { return rep_->tracked; }

}  // namespace tessera::vschema
