// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/plan_cache.h"

namespace tessera::vtgate {

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
