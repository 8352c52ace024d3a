// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vindex/vindex.h"

namespace tessera::vindex {

// How rows of the lookup table are locked when they are read within a transaction's DML.
enum class ReadLock : uint8_t { kExclusive, kShared, kNone };

// How a lookup table holds keyspace ids and the values that lead to them.
enum class LookupForm : uint8_t {
  kBytes,             // `to` is the keyspace id itself
  kHash,              // `to` is the number whose hash is the keyspace id
  kUnicodeLooseHash,  // as kHash, and `from` is the start of the value's unicode_loose_md5
};

struct LookupSettings {
  std::string table;
  std::vector<std::string> from;
  std::string to;
  LookupForm form = LookupForm::kBytes;
  ReadLock read_lock = ReadLock::kExclusive;
  bool unique = false;
  bool consistent = false;  // reads and writes in sessions committed before and after the main ones
  bool autocommit = false;
  bool multi_shard_autocommit = false;
  bool ignore_nulls = false;
  bool batch_lookup = false;
  bool write_only = false;  // being filled: reads go to all shards
  bool no_verify = false;
  int cost = 20;
};

// A vindex kept in a table. It knows its statements and how values are stored; running them,
// through the gate like any user's query, is the caller's.
class LookupVindex final : public Vindex {
 public:
  explicit LookupVindex(LookupSettings settings) : settings_(std::move(settings)) {}

  int cost() const override { return settings_.cost; }
  bool is_unique() const override { return settings_.unique; }
  bool needs_lookup() const override { return true; }
  ColumnCount columns() const override {
    return {.max = static_cast<int>(settings_.from.size()), .partial = false};
  }
  const LookupSettings& settings() const { return settings_; }

  // Statements; bind variables are named after the columns. locking is for DML within a
  // transaction.
  std::string MapSql(bool locking) const;
  std::string VerifySql() const;
  std::string InsertSql(size_t rows, bool ignore) const;
  std::string DeleteSql() const;

  // The stored form of a keyspace id, and the way back.
  Result<OwnedValue> ToColumn(std::string_view keyspace_id) const;
  Result<keys::KeyspaceId> FromToColumn(const sqltypes::Value& stored) const;
  // The stored form of the first `from` value; others are stored as they are.
  Result<OwnedValue> FromColumn(const sqltypes::Value& value) const;

 private:
  LookupSettings settings_;
};

// Makes one of the lookup types; params as the VSchema gives them.
Result<std::unique_ptr<Vindex>> MakeLookup(std::string_view type, const Params& params);

// The answer to a statement that would have to go through a lookup vindex where that cannot be
// planned (VT12001).
Error LookupUnsupported(const Vindex& vindex);

}  // namespace tessera::vindex
