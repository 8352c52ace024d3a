// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/primitive.h"

namespace tessera::engine {

// A list variable of a table's rows: the values that a column of an earlier table has.
struct GatherKey {
  std::string var;
  size_t table = 0;
  std::string column;
};

// One table of a query whose tables do not meet.
struct GatherTable {
  std::string name;      // of its copy
  std::string original;  // what the copy is of
  PrimitivePtr input;    // the rows it brings
  // The same less rows that join none of an earlier table's: input with `keys`. May be null.
  PrimitivePtr keyed;
  std::vector<GatherKey> keys;
  // "create temporary table ...", where the original is at hand; else `definition` tells its
  // columns: name, type, collation.
  std::string create;
  PrimitivePtr definition;
};

// Answers a query of any shape: brings the rows of each of its tables to one shard, as temporary
// tables of a connection of its own, and lets the server there run the query over them. What the
// server makes of types, collations, NULLs and order is thereby what it always makes of them.
class Gather final : public Primitive {
 public:
  // Rows of all tables together that one query may bring.
  static constexpr size_t kMostRows = 300000;
  // Values of one list; with more of them the whole table comes.
  static constexpr size_t kMostKeys = 2000;

  Gather(std::string keyspace, bool sharded, std::string sql, std::vector<GatherTable> tables)
      : keyspace_(std::move(keyspace)),
        sharded_(sharded),
        sql_(std::move(sql)),
        tables_(std::move(tables)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  // One table's statements go behind `prepare`.
  Task<Result<>> Copy(const Context& ctx, Exec& exec, const GatherTable& table,
                      const sqltypes::ResultSet& rows, const sqltypes::BindVars& vars,
                      std::vector<std::string>& prepare) const;
  Task<Result<sqltypes::ResultSet>> Read(const Context& ctx, Exec& exec, const GatherTable& table,
                                         const std::vector<sqltypes::ResultSet>& earlier,
                                         const sqltypes::BindVars& vars) const;

  std::string keyspace_;
  bool sharded_;
  std::string sql_;
  std::vector<GatherTable> tables_;
};

}  // namespace tessera::engine
