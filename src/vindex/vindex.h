// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/destination.h"
#include "sqltypes/value.h"

namespace tessera::vindex {

// Parameters of a vindex as the VSchema gives them.
using Params = std::map<std::string, std::string, std::less<>>;

// How many columns a vindex takes. Fewer than max gives a key range where partial is true, else an
// error.
struct ColumnCount {
  int max = 1;
  bool partial = false;
};

// A function from column values to where their row lives. Immutable after it is made: shared by all
// threads.
class Vindex {
 public:
  virtual ~Vindex() = default;
  Vindex(const Vindex&) = delete;
  Vindex& operator=(const Vindex&) = delete;

  const std::string& name() const { return name_; }
  // The registered type, as "xxhash".
  const std::string& type() const { return type_; }
  // Parameters that the type does not know: kept, reported, without effect.
  const std::vector<std::string>& unknown_params() const { return unknown_params_; }

  // The planner prefers lower costs; 0 and 1 are plain functions, 10 and 20 need a query.
  virtual int cost() const = 0;
  // True when a value maps to at most one keyspace id.
  virtual bool is_unique() const = 0;
  // True for vindexes kept in a table of their own (see lookup.h); others are FunctionalVindex.
  virtual bool needs_lookup() const { return false; }
  virtual ColumnCount columns() const { return {}; }
  bool is_multi_column() const { return columns().max > 1; }

 protected:
  Vindex() = default;

 private:
  friend class VindexMaker;
  std::string name_;
  std::string type_;
  std::vector<std::string> unknown_params_;
};

// A type and bytes that own their memory: what ReverseMap finds.
struct OwnedValue {
  sqltypes::Type type = sqltypes::Type::kNull;
  std::string bytes;

  sqltypes::Value view() const { return sqltypes::Value(type, bytes); }
};

// A vindex that is computed from the values alone.
class FunctionalVindex : public Vindex {
 public:
  // The destination of one row, given its columns in vindex order (one value for single-column
  // vindexes). A value the vindex cannot place gives none: reads find nothing, inserts fail. An
  // error fails the statement.
  virtual Result<keys::Destination> Map(std::span<const sqltypes::Value> row) const = 0;
  Result<keys::Destination> Map(const sqltypes::Value& value) const {
    return Map(std::span<const sqltypes::Value>(&value, 1));
  }

  // True when Map puts the row at keyspace_id.
  virtual Result<bool> Verify(std::span<const sqltypes::Value> row,
                              std::string_view keyspace_id) const;

  // True when MapRange narrows BETWEEN to a key range (numeric, binary).
  virtual bool maps_ranges() const { return false; }
  virtual Result<keys::Destination> MapRange(const sqltypes::Value& from,
                                             const sqltypes::Value& to) const;

  // True when MapLike narrows LIKE to a key range (cfc).
  virtual bool maps_prefixes() const { return false; }
  virtual Result<keys::Destination> MapLike(std::string_view pattern) const;

  // True when ReverseMap gives back the value that Map took.
  virtual bool is_reversible() const { return false; }
  virtual Result<OwnedValue> ReverseMap(std::string_view keyspace_id) const;
};

}  // namespace tessera::vindex
