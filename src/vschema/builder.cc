// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Builds a VSchema: keyspaces, then global names, references, rules and sequences, in this order,
// because each step needs the ones before it. Keyspaces that another snapshot has already are taken
// as they are, and with them what they mean to global names.
#include <fmt/core.h>

#include "vschema/internal/rep.h"

namespace tessera::vschema {
namespace {

class Builder {
 public:
  // `before` may be null.
  Builder(VSchema::Rep& rep, const VSchema::Rep* before) : rep_(rep), before_(before) {}

  void Run() {
    if (before_ != nullptr) TakeOver();
    for (const auto& [name, record] : rep_.record.keyspaces)
      if (!rep_.keyspaces.contains(name)) MakeKeyspace(name, *record);
    for (const auto& [name, keyspace] : fresh_) AddGlobalNames(*keyspace);
    for (const auto& [name, keyspace] : fresh_) ResolveReferences(*keyspace);
    for (const RoutingRuleRecord& rule : rep_.record.routing_rules) AddRoutingRule(rule);
    for (const ShardRoutingRuleRecord& rule : rep_.record.shard_routing_rules) {
      rep_.shard_routing[rule.from_keyspace + "." + rule.shard] = rule.to_keyspace;
    }
    for (const KeyspaceRoutingRuleRecord& rule : rep_.record.keyspace_routing_rules) {
      rep_.keyspace_routing[rule.from_keyspace] = rule.to_keyspace;
    }
    for (const auto& [name, keyspace] : fresh_) ResolveSequences(*keyspace);
    for (auto& [name, links] : fresh_links_)
      rep_.links[name] = std::make_shared<const Links>(std::move(links));
  }

 private:
  void TakeOver() {
    const auto stale = StaleKeyspaces(rep_.record, rep_.tracked, *before_);
    rep_.keyspaces = before_->keyspaces;
    rep_.links = before_->links;
    rep_.global = before_->global;
    for (const std::string& name : stale) {
      const auto old = rep_.keyspaces.find(name);
      if (old == rep_.keyspaces.end()) continue;
      ForgetGlobalNames(*old->second);
      rep_.keyspaces.erase(old);
      rep_.links.erase(name);
    }
  }

  void ForgetGlobalNames(const Keyspace& keyspace) {
    for (const auto& [name, table] : keyspace.tables) rep_.global.RemoveTable(name, keyspace);
    for (const auto& [name, vindex] : keyspace.vindexes) rep_.global.RemoveVindex(name, keyspace);
  }

  void MakeKeyspace(const std::string& name, const KeyspaceRecord& record) {
    std::shared_ptr<Keyspace> made = BuildKeyspace(name, record);
    MergeTracked(*made);
    fresh_[name] = made.get();
    rep_.keyspaces[name] = std::move(made);
    Links links = LinksOf(record);
    if (!links.keyspaces.empty() || !links.names.empty()) fresh_links_[name] = std::move(links);
  }

  static void Note(Keyspace& keyspace, Error error) {
    if (!keyspace.error)
      keyspace.error = std::move(error).Wrap(fmt::format("keyspace {}", keyspace.name));
  }

  // Columns the tablets report replace those of the VSchema, unless these are said to be complete.
  void MergeTracked(Keyspace& keyspace) {
    const auto tracked = rep_.tracked.find(keyspace.name);
    if (tracked == rep_.tracked.end() || tracked->second == nullptr) return;
    for (const TrackedTable& from : *tracked->second) {
      if (from.view) {
        AddView(keyspace, from);
        continue;
      }
      std::unique_ptr<Table>& table = keyspace.tables[from.name];
      if (!table) {
        table = std::make_unique<Table>();
        table->name = from.name;
        table->keyspace = &keyspace;
        table->undeclared = true;
      }
      if (!table->columns_authoritative) {
        table->columns = from.columns;
        table->columns_authoritative = true;
      }
      table->primary_key = from.primary_key;
    }
  }

  // An unsharded keyspace's server knows its views; what the VSchema says of a name counts for
  // more.
  static void AddView(Keyspace& keyspace, const TrackedTable& from) {
    if (!keyspace.sharded || keyspace.tables.contains(from.name)) return;
    auto table = std::make_unique<Table>();
    table->name = from.name;
    table->keyspace = &keyspace;
    table->undeclared = true;
    table->view = from.view;
    keyspace.tables.emplace(from.name, std::move(table));
  }

  const TableRecord* RecordOf(const Table& table) const {
    const auto keyspace = rep_.record.keyspaces.find(table.keyspace->name);
    const auto& tables = keyspace->second->tables;
    const auto found = tables.find(table.name);
    return found == tables.end() ? nullptr : &found->second;
  }

  bool IsReferenceWithSource(const Table& table) const {
    const TableRecord* record = RecordOf(table);
    return record != nullptr && !record->source.empty();
  }

  // Neither a vindex nor a view's SELECT leads to its rows.
  static bool IsUnreachable(const Table& table) {
    return table.undeclared && table.keyspace->sharded && !table.view;
  }

  void AddGlobalNames(const Keyspace& keyspace) {
    if (keyspace.require_explicit_routing) return;
    for (const auto& [name, table] : keyspace.tables) {
      // Tables nobody declared are only known by name where no vindex is needed to reach their
      // rows.
      if (!IsUnreachable(*table)) rep_.global.AddTable(*table, IsReferenceWithSource(*table));
    }
    for (const auto& [name, vindex] : keyspace.vindexes)
      rep_.global.AddVindex(name, *vindex, keyspace);
  }

  Result<Table*> FindSource(const Table& reference, std::string_view text) {
    TRY(const auto name, SplitTableName(text));
    const Table* found = nullptr;
    if (name.first.empty()) {
      TRY(found, rep_.GlobalTable(name.second));
    } else {
      const auto keyspace = rep_.keyspaces.find(name.first);
      if (keyspace == rep_.keyspaces.end()) {
        return Errorf(Code::kNotFound, "source {} of reference table {} is in no known keyspace",
                      text, reference.name);
      }
      const auto table = keyspace->second->tables.find(name.second);
      if (table == keyspace->second->tables.end()) return TableNotFound(text);
      found = table->second.get();
    }
    if (found->keyspace == reference.keyspace) {
      return Errorf(Code::kInvalidArgument,
                    "source {} may not reference a table in the same keyspace as table: {}", text,
                    reference.name);
    }
    if (IsReferenceWithSource(*found)) {
      return Errorf(Code::kInvalidArgument,
                    "source {} of table {} is itself a copy of another table", text,
                    reference.name);
    }
    if (found->type == TableType::kSequence || found->keyspace->sharded) {
      return Errorf(Code::kInvalidArgument,
                    "source {} of table {} must be an unsharded table, and no sequence", text,
                    reference.name);
    }
    const auto owner = fresh_.find(found->keyspace->name);
    if (owner == fresh_.end()) {
      return Errorf(Code::kInternal, "keyspace {} was not built with {}, which refers to it",
                    found->keyspace->name, reference.keyspace->name);
    }
    return owner->second->tables.find(found->name)->second.get();
  }

  void ResolveReferences(Keyspace& keyspace) {
    const KeyspaceRecord& record = *rep_.record.keyspaces.find(keyspace.name)->second;
    for (const auto& [name, definition] : record.tables) {
      const auto table = keyspace.tables.find(name);
      if (definition.source.empty() || table == keyspace.tables.end()) continue;
      Result<Table*> source = FindSource(*table->second, definition.source);
      if (!source.ok()) {
        Note(keyspace, std::move(source).error());
        continue;
      }
      if (!(*source)->referenced_by.emplace(keyspace.name, table->second.get()).second) {
        Note(keyspace, Errorf(Code::kInvalidArgument,
                              "source {} is referenced by more than one table of keyspace {}",
                              definition.source, keyspace.name));
        continue;
      }
      table->second->source = *source;
      fresh_links_[keyspace.name].sources.insert((*source)->keyspace->name);
    }
  }

  RoutingRule MakeRule(const RoutingRuleRecord& record) const {
    if (record.to_tables.empty()) {
      return {nullptr,
              Errorf(Code::kFailedPrecondition, "table {} has been disabled", record.from_table)};
    }
    if (record.to_tables.size() > 1) {
      return {nullptr, Errorf(Code::kInvalidArgument, "table {} has more than one target: [{}]",
                              record.from_table,
                              fmt::format("{} {}", record.to_tables[0], record.to_tables[1]))};
    }
    const auto name = SplitTableName(record.to_tables[0]);
    if (!name.ok()) return {nullptr, name.error()};
    if (name->first.empty()) {
      return {nullptr,
              Errorf(Code::kInvalidArgument, "table {} must be qualified in the rule for {}",
                     record.to_tables[0], record.from_table)};
    }
    const auto keyspace = rep_.KeyspaceNamed(name->first);
    if (!keyspace.ok()) return {nullptr, keyspace.error()};
    const auto table = rep_.TableOf(**keyspace, name->second);
    if (!table.ok()) return {nullptr, table.error()};
    return {*table, std::nullopt};
  }

  void AddRoutingRule(const RoutingRuleRecord& record) {
    const auto known = rep_.routing.find(record.from_table);
    if (known == rep_.routing.end()) {
      rep_.routing[record.from_table] = MakeRule(record);
    } else {
      known->second = {
          nullptr, Errorf(Code::kAlreadyExists, "duplicate rule for entry {}", record.from_table)};
    }
  }

  Result<const Table*> FindSequence(const std::string& text) const {
    TRY(const auto name, SplitTableName(text));
    if (name.first.empty()) return rep_.GlobalTable(name.second);
    TRY(const Keyspace* keyspace, rep_.KeyspaceNamed(name.first));
    return rep_.TableOf(*keyspace, name.second);
  }

  // A table whose sequence is missing would give rows without their key: it is taken away.
  void ResolveSequences(Keyspace& keyspace) {
    const KeyspaceRecord& record = *rep_.record.keyspaces.find(keyspace.name)->second;
    for (const auto& [name, definition] : record.tables) {
      const auto table = keyspace.tables.find(name);
      if (definition.auto_increment_column.empty() || table == keyspace.tables.end()) continue;
      Result<const Table*> sequence = FindSequence(definition.auto_increment_sequence);
      if (sequence.ok()) {
        table->second->auto_increment = AutoIncrement{definition.auto_increment_column, *sequence};
        continue;
      }
      Note(keyspace,
           std::move(sequence).error().Wrap(fmt::format("cannot resolve sequence {} of table {}",
                                                        definition.auto_increment_sequence, name)));
      Forget(*table->second);
      keyspace.tables.erase(table);
    }
  }

  void Forget(const Table& table) {
    rep_.global.RemoveTable(table.name, *table.keyspace);
    for (auto& [from, rule] : rep_.routing) {
      if (rule.table == &table) rule = {nullptr, TableNotFound(table.QualifiedName())};
    }
    for (const auto& [keyspace_name, keyspace] : fresh_) {
      for (const auto& [name, other] : keyspace->tables) {
        std::erase_if(other->referenced_by,
                      [&table](const auto& entry) { return entry.second == &table; });
        if (other->source == &table) other->source = nullptr;
      }
    }
  }

  VSchema::Rep& rep_;
  const VSchema::Rep* before_;
  std::map<std::string, Keyspace*, std::less<>> fresh_;  // those that were not taken over
  std::map<std::string, Links, std::less<>> fresh_links_;
};

}  // namespace

VSchema::VSchema() : rep_(std::make_unique<Rep>()) {}
VSchema::~VSchema() = default;

std::shared_ptr<const VSchema> VSchema::Build(const SrvVSchemaRecord& record,
                                              const TrackedSchema& tracked, const VSchema* before) {
  std::shared_ptr<VSchema> made(new VSchema());
  made->rep_->record = record;
  made->rep_->tracked = tracked;
  Builder(*made->rep_, before != nullptr ? before->rep_.get() : nullptr).Run();
  return made;
}

std::shared_ptr<const VSchema> VSchema::WithTrackedColumns(std::string_view keyspace,
                                                           std::vector<TrackedTable> tables) const {
  TrackedSchema tracked = rep_->tracked;
  tracked[std::string(keyspace)] =
      std::make_shared<const std::vector<TrackedTable>>(std::move(tables));
  return Build(rep_->record, tracked, this);
}

}  // namespace tessera::vschema
