// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/descriptions.h"

#include <chrono>
#include <iterator>
#include <utility>

namespace tessera::vtgate {

namespace {

constexpr Duration kLife = std::chrono::seconds(5);

}  // namespace

void Descriptions::Drop(std::list<Entry>::iterator entry) {
  index_.erase(entry->key);
  entries_.erase(entry);
}

std::shared_ptr<const Descriptions::Columns> Descriptions::Find(std::string_view key,
                                                                const vschema::VSchema* vschema,
                                                                Instant now) {
  const auto at = index_.find(key);
  if (at == index_.end()) return nullptr;
  const std::list<Entry>::iterator entry = at->second;
  if (entry->vschema.get() != vschema || now - entry->told > kLife) {
    Drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->columns;
}

void Descriptions::Put(std::string key, std::shared_ptr<const vschema::VSchema> vschema,
                       Instant now, std::shared_ptr<const Columns> columns) {
  if (const auto at = index_.find(key); at != index_.end()) Drop(at->second);
  entries_.push_front(Entry{std::move(key), std::move(vschema), now, std::move(columns)});
  index_[entries_.front().key] = entries_.begin();
  if (entries_.size() > capacity_) Drop(std::prev(entries_.end()));
}

void Descriptions::Clear() {
  index_.clear();
  entries_.clear();
}

}  // namespace tessera::vtgate
