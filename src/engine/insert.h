// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/route.h"

namespace tessera::engine {

// A vindex and where its columns stand in the inserted rows.
struct InsertVindex {
  const vindex::FunctionalVindex* vindex = nullptr;
  std::vector<size_t> columns;  // indexes into InsertRow::values
};

// One row of VALUES.
struct InsertRow {
  std::string sql;                // "(:vtg1, now(), :__seq0)"
  std::vector<PlanValue> values;  // those the vindexes need
  std::vector<std::string> vars;  // names of bind variables in sql
  PlanValue auto_increment;       // what the statement gives the sequence's column
  bool sets_insert_id = false;    // by LAST_INSERT_ID with a value
};

// Where ids come from.
struct Sequence {
  Routing routing;
  std::string sql;  // "select next :n values from seq"
};

// INSERT ... VALUES: fills the auto-increment column from its sequence, and sends each row to the
// shard its primary vindex names. Rows of one shard travel together.
class Insert final : public Primitive {
 public:
  // `prefix` stands before the rows, `suffix` behind them. No vindexes: everything goes where
  // `routing` says. The first vindex is the primary one; the others are only checked against it.
  Insert(Routing routing, std::string table, std::string prefix, std::string suffix,
         std::vector<InsertRow> rows, std::vector<InsertVindex> vindexes,
         std::vector<std::string> suffix_vars, std::optional<Sequence> sequence)
      : routing_(std::move(routing)),
        table_(std::move(table)),
        prefix_(std::move(prefix)),
        suffix_(std::move(suffix)),
        rows_(std::move(rows)),
        vindexes_(std::move(vindexes)),
        suffix_vars_(std::move(suffix_vars)),
        sequence_(std::move(sequence)) {}

  // Bind variable of row i's id.
  static std::string SequenceVar(size_t row) { return "__seq" + std::to_string(row); }

  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  struct Ids {
    uint64_t first = 0;              // 0: none was made
    std::vector<std::string> names;  // of the variables
    std::vector<std::string> texts;  // what they hold
  };
  struct Piece {
    std::string shard;
    std::string sql;
    sqltypes::BindVars vars;
    size_t setter = 0;  // its last row that sets the insert id, counted from 1 in the statement
  };
  Task<Result<Ids>> MakeIds(const Context& ctx, Exec& exec, const sqltypes::BindVars& vars) const;
  Task<Result<std::vector<Piece>>> Split(const Context& ctx, Exec& exec,
                                         const sqltypes::BindVars& vars) const;
  Result<keys::Destination> PlaceRow(const InsertRow& row, const sqltypes::BindVars& vars) const;
  Result<> AddRow(size_t number, const sqltypes::BindVars& vars, Piece& piece) const;

  Routing routing_;
  std::string table_;
  std::string prefix_;
  std::string suffix_;
  std::vector<InsertRow> rows_;
  std::vector<InsertVindex> vindexes_;
  std::vector<std::string> suffix_vars_;
  std::optional<Sequence> sequence_;
};

// INSERT ... SELECT: the rows of `input` become those of an Insert.
class InsertSelect final : public Primitive {
 public:
  // What does not depend on the rows; see Insert.
  struct Shape {
    Routing routing;
    std::string table;
    std::string prefix;
    std::string suffix;
    std::vector<InsertVindex> vindexes;
    std::vector<std::string> suffix_vars;
    std::optional<Sequence> sequence;
    bool sets_insert_id = false;     // of each row
    size_t columns = 0;              // of the statement's list, with the sequence's
    int auto_column = -1;            // the sequence's; `columns - 1` when the input lacks it
    std::vector<int> value_columns;  // by index of InsertRow::values: the input's column, or -1
  };
  InsertSelect(PrimitivePtr input, Shape shape)
      : input_(std::move(input)), shape_(std::move(shape)) {}
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, Exec& exec,
                                            const sqltypes::BindVars& vars) const override;
  PlanDescription Describe() const override;

 private:
  InsertRow MakeRow(std::span<const sqltypes::Value> row, size_t number) const;

  PrimitivePtr input_;
  Shape shape_;
};

}  // namespace tessera::engine
