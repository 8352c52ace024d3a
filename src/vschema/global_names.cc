// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vschema/internal/global_names.h"

#include <functional>
#include <utility>

namespace tessera::vschema {
namespace {

size_t BucketOf(std::string_view name, size_t buckets) {
  return std::hash<std::string_view>()(name) % buckets;
}

}  // namespace

GlobalNames::Bucket& GlobalNames::Names::Own(size_t index) {
  if (own[index] == nullptr) {
    const std::shared_ptr<const Bucket>& shared = buckets[index];
    auto made = shared ? std::make_shared<Bucket>(*shared) : std::make_shared<Bucket>();
    own[index] = made.get();
    buckets[index] = std::move(made);
  }
  return *own[index];
}

void GlobalNames::Add(Names& names, std::string_view name, Owner owner) {
  Bucket& bucket = names.Own(BucketOf(name, kBuckets));
  const auto found = bucket.find(name);
  if (found != bucket.end()) {
    found->second.push_back(owner);
  } else {
    bucket.emplace(name, std::vector<Owner>(1, owner));
  }
}

void GlobalNames::Remove(Names& names, std::string_view name, const Keyspace& keyspace) {
  if (Find(names, name) == nullptr) return;
  Bucket& bucket = names.Own(BucketOf(name, kBuckets));
  const auto found = bucket.find(name);
  std::erase_if(found->second,
                [&keyspace](const Owner& owner) { return owner.keyspace == &keyspace; });
  if (found->second.empty()) bucket.erase(found);
}

const std::vector<GlobalNames::Owner>* GlobalNames::Find(const Names& names,
                                                         std::string_view name) {
  const std::shared_ptr<const Bucket>& bucket = names.buckets[BucketOf(name, kBuckets)];
  if (bucket == nullptr) return nullptr;
  const auto found = bucket->find(name);
  return found == bucket->end() ? nullptr : &found->second;
}

void GlobalNames::AddTable(const Table& table, bool copy) {
  Owner owner{table.keyspace};
  owner.table = &table;
  owner.copy = copy;
  Add(tables_, table.name, owner);
}

void GlobalNames::AddVindex(std::string_view name, const vindex::Vindex& vindex,
                            const Keyspace& keyspace) {
  Owner owner{&keyspace};
  owner.vindex = &vindex;
  Add(vindexes_, name, owner);
}

void GlobalNames::RemoveTable(std::string_view name, const Keyspace& keyspace) {
  Remove(tables_, name, keyspace);
}

void GlobalNames::RemoveVindex(std::string_view name, const Keyspace& keyspace) {
  Remove(vindexes_, name, keyspace);
}

std::optional<const Table*> GlobalNames::FindTable(std::string_view name) const {
  const std::vector<Owner>* owners = Find(tables_, name);
  if (owners == nullptr) return std::nullopt;
  std::optional<const Table*> original;
  std::optional<const Table*> copy;
  for (const Owner& owner : *owners) {
    std::optional<const Table*>& among = owner.copy ? copy : original;
    among = among ? nullptr : owner.table;
  }
  return original ? original : copy;
}

GlobalVindex GlobalNames::FindVindex(std::string_view name) const {
  const std::vector<Owner>* owners = Find(vindexes_, name);
  if (owners == nullptr || owners->size() > 1) return {};
  return {owners->front().vindex, owners->front().keyspace};
}

}  // namespace tessera::vschema
