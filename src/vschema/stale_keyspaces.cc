// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Which keyspaces a new snapshot cannot take over from the one before.
#include <algorithm>
#include <utility>

#include "vschema/internal/rep.h"

namespace tessera::vschema {
namespace {

using Names = std::set<std::string, std::less<>>;

TrackedTables TrackedOf(const TrackedSchema& tracked, std::string_view keyspace) {
  const auto found = tracked.find(keyspace);
  return found == tracked.end() ? nullptr : found->second;
}

// Grows from the keyspaces that differ to all that must be built with them.
class Spread {
 public:
  Spread(const SrvVSchemaRecord& record, const TrackedSchema& tracked, const VSchema::Rep& before)
      : record_(record), tracked_(tracked), before_(before) {}

  Names Run() {
    // A name without a keyspace means more while there is but one.
    const bool few = record_.keyspaces.size() <= 1 || before_.record.keyspaces.size() <= 1;
    if (few) return All();
    MarkChanged();
    while (!all_ && !unread_.empty()) {
      const std::string next = std::move(unread_.back());
      unread_.pop_back();
      FollowFrom(next);
      if (unread_.empty()) MarkThoseThatPoint();
    }
    return all_ ? All() : std::move(stale_);
  }

 private:
  Names All() const {
    Names all;
    for (const auto& [name, record] : record_.keyspaces) all.insert(name);
    return all;
  }

  void Mark(const std::string& keyspace) {
    if (stale_.insert(keyspace).second) unread_.push_back(keyspace);
  }

  void MarkChanged() {
    const auto& old = before_.record.keyspaces;
    for (const auto& [name, record] : record_.keyspaces) {
      const auto known = old.find(name);
      const bool same = known != old.end() && known->second.SharedWith(record) &&
                        TrackedOf(tracked_, name) == TrackedOf(before_.tracked, name);
      if (!same) Mark(name);
    }
    for (const auto& [name, record] : old)
      if (!record_.keyspaces.contains(name)) Mark(name);
  }

  // To the sources of its reference tables, which know their copies.
  void FollowFrom(const std::string& keyspace) {
    const auto linked = before_.links.find(keyspace);
    if (linked != before_.links.end())
      for (const std::string& source : linked->second->sources) Mark(source);
    const auto record = record_.keyspaces.find(keyspace);
    if (record != record_.keyspaces.end()) {
      for (const auto& [name, table] : record->second->tables) {
        if (table.source.empty()) continue;
        const auto source = SplitTableName(table.source);
        if (!source.ok()) continue;
        if (source->first.empty()) all_ = true;  // whose it is comes out of the build
        if (!source->first.empty()) Mark(source->first);
      }
    }
    NoteNames(keyspace);
  }

  // Tables it has or had, which others may mean without naming it.
  void NoteNames(const std::string& keyspace) {
    const auto old = before_.keyspaces.find(keyspace);
    if (old != before_.keyspaces.end())
      for (const auto& [name, table] : old->second->tables) names_.insert(name);
    const auto record = record_.keyspaces.find(keyspace);
    if (record == record_.keyspaces.end()) return;
    for (const auto& [name, table] : record->second->tables) names_.insert(name);
    const TrackedTables tracked = TrackedOf(tracked_, keyspace);
    if (tracked == nullptr) return;
    for (const TrackedTable& table : *tracked) names_.insert(table.name);
  }

  void MarkThoseThatPoint() {
    for (const auto& [keyspace, links] : before_.links) {
      if (stale_.contains(keyspace)) continue;
      const auto stale = [this](const std::string& name) { return stale_.contains(name); };
      const auto touched = [this](const std::string& name) { return names_.contains(name); };
      if (std::any_of(links->keyspaces.begin(), links->keyspaces.end(), stale) ||
          std::any_of(links->names.begin(), links->names.end(), touched)) {
        Mark(keyspace);
      }
    }
  }

  const SrvVSchemaRecord& record_;
  const TrackedSchema& tracked_;
  const VSchema::Rep& before_;
  Names stale_;
  std::vector<std::string> unread_;  // of those, the ones not followed yet
  Names names_;                      // of tables
  bool all_ = false;
};

void NoteLink(std::string_view text, Links& links) {
  auto name = SplitTableName(text);
  if (!name.ok()) return;
  if (name->first.empty()) {
    links.names.insert(std::move(name->second));
  } else {
    links.keyspaces.insert(std::move(name->first));
  }
}

}  // namespace

Names StaleKeyspaces(const SrvVSchemaRecord& record, const TrackedSchema& tracked,
                     const VSchema::Rep& before) {
  return Spread(record, tracked, before).Run();
}

Links LinksOf(const KeyspaceRecord& record) {
  Links links;
  for (const auto& [name, table] : record.tables) {
    if (!table.source.empty()) NoteLink(table.source, links);
    if (!table.auto_increment_column.empty()) NoteLink(table.auto_increment_sequence, links);
  }
  return links;
}

}  // namespace tessera::vschema
