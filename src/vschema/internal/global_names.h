// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vschema/vschema.h"

namespace tessera::vschema {

struct GlobalVindex {
  const vindex::Vindex* vindex = nullptr;  // null: no keyspace has one of that name, or several
  const Keyspace* keyspace = nullptr;
};

// What the names of tables and vindexes mean that stand without a keyspace: who has one of that
// name. A copy shares all it can with what it was copied from: a change costs what it touches.
class GlobalNames {
 public:
  // `copy`: of a reference table, which goes by its name only where no other table does.
  void AddTable(const Table& table, bool copy);
  void AddVindex(std::string_view name, const vindex::Vindex& vindex, const Keyspace& keyspace);
  void RemoveTable(std::string_view name, const Keyspace& keyspace);
  void RemoveVindex(std::string_view name, const Keyspace& keyspace);

  // The table; null when several keyspaces have one; nothing when none has.
  std::optional<const Table*> FindTable(std::string_view name) const;
  GlobalVindex FindVindex(std::string_view name) const;

 private:
  struct Owner {
    const Keyspace* keyspace;
    const Table* table = nullptr;
    bool copy = false;
    const vindex::Vindex* vindex = nullptr;
  };
  using Bucket = std::map<std::string, std::vector<Owner>, std::less<>>;
  static constexpr size_t kBuckets = 256;
  struct Names {
    Names() = default;
    Names(const Names& other) : buckets(other.buckets) {}
    Names& operator=(const Names& other) {
      buckets = other.buckets;
      own.fill(nullptr);
      return *this;
    }
    Bucket& Own(size_t index);

    std::array<std::shared_ptr<const Bucket>, kBuckets> buckets;
    std::array<Bucket*, kBuckets> own{};  // those made since we were copied
  };

  static void Add(Names& names, std::string_view name, Owner owner);
  static void Remove(Names& names, std::string_view name, const Keyspace& keyspace);
  static const std::vector<Owner>* Find(const Names& names, std::string_view name);

  Names tables_;
  Names vindexes_;
};

}  // namespace tessera::vschema
