// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/plan_cache.h"

#include <cstring>

namespace tessera::vtgate {
namespace {

// What stands before the names in a key's text.
struct KeyHead {
  uint32_t keyspace_size = 0;
  uint32_t destination_size = 0;
  keys::TabletType tablet_type = keys::TabletType::kUnknown;
  uint8_t own_settings = 0;
  uint16_t unused = 0;
};
static_assert(std::has_unique_object_representations_v<KeyHead>);

}  // namespace

void PlanKey::WriteTo(std::string& out) const {
  const KeyHead head{.keyspace_size = static_cast<uint32_t>(keyspace.size()),
                     .destination_size = static_cast<uint32_t>(destination.size()),
                     .tablet_type = tablet_type,
                     .own_settings = own_settings};
  out.assign(reinterpret_cast<const char*>(&head), sizeof(head));
  out.append(keyspace).append(destination).append(sql);
}

PlanKey PlanKey::Read(std::string_view text) {
  KeyHead head;
  std::memcpy(&head, text.data(), sizeof(head));
  text.remove_prefix(sizeof(head));
  return {.sql = text.substr(head.keyspace_size + head.destination_size),
          .keyspace = text.substr(0, head.keyspace_size),
          .tablet_type = head.tablet_type,
          .destination = text.substr(head.keyspace_size, head.destination_size),
          .own_settings = head.own_settings};
}

std::shared_ptr<const planner::Plan> PlanCache::Find(std::string_view key,
                                                     const vschema::VSchema* vschema) {
  const auto at = index_.find(key);
  if (at == index_.end() || at->second->plan->vschema.get() != vschema) {
    ++misses_;
    return nullptr;
  }
  ++hits_;
  entries_.splice(entries_.begin(), entries_, at->second);
  return at->second->plan;
}

void PlanCache::Put(std::string key, std::shared_ptr<const planner::Plan> plan) {
  if (const auto at = index_.find(key); at != index_.end()) {
    at->second->plan = std::move(plan);
    return;
  }
  if (key.size() > kLongestText) return;
  text_ += key.size();
  entries_.push_front(Entry{std::move(key), std::move(plan)});
  index_[entries_.front().key] = entries_.begin();
  while (entries_.size() > capacity_ || text_ > kMostText) DropLast();
}

void PlanCache::DropLast() {
  text_ -= entries_.back().key.size();
  index_.erase(entries_.back().key);
  entries_.pop_back();
}

}  // namespace tessera::vtgate
