// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "sqltypes/field.h"
#include "sqltypes/value.h"

namespace tessera::sqltypes {

// A line of SHOW WARNINGS.
struct Warning {
  std::string level = "Warning";  // or Note, Error
  uint16_t code = 0;
  std::string message;
};

// The answer of one statement, and the memory its rows point into. Rows are in one of two forms:
// encoded, as they travel in a query.QueryResult (row_codec.h), so that rows which only pass
// through are never taken apart; or cells, one flat run of values. Decode turns the first into the
// second. Move-only.
class ResultSet {
 public:
  std::vector<Field> fields;
  uint64_t affected_rows = 0;
  uint64_t insert_id = 0;
  bool insert_id_changed = false;  // matters when the new id is 0
  std::string info;
  std::string session_state_changes;
  std::vector<Warning> warnings;

  size_t row_count() const { return row_count_; }
  bool encoded() const { return encoded_; }

  // Encoded form. The run holds row_count() entries.
  std::string_view encoded_rows() const { return run_; }
  void SetEncodedRows(std::string run, size_t row_count);
  // The same for a run inside bytes that `memory` keeps alive.
  void SetEncodedRows(std::string_view run, size_t row_count, std::shared_ptr<const void> memory);
  // To cells. Does nothing when they are cells already.
  Result<> Decode();

  // Cell form (CHECKs that it is).
  std::span<const Value> row(size_t index) const;
  std::span<Value> row(size_t index);
  // The cells must outlive us, or be in arena().
  void AppendRow(std::span<const Value> cells);
  // All rows of `other`, and what keeps them alive. Both are brought to cells.
  Result<> AppendRows(ResultSet other);
  // LIMIT count OFFSET offset.
  void KeepRows(size_t offset, size_t count);
  // Puts the rows in the order of `order` (indexes of rows; may be a subset).
  void Reorder(std::span<const size_t> order);
  // Keeps the first `columns` columns of the fields and of each row.
  void KeepColumns(size_t columns);

  // Memory for cells that are made here.
  Arena& arena() { return *arena_; }
  void Adopt(std::shared_ptr<const void> memory) { memory_.push_back(std::move(memory)); }

 private:
  bool encoded_ = false;
  size_t row_count_ = 0;
  std::string_view run_;
  std::vector<Value> cells_;
  size_t width_ = 0;  // cells a row
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::vector<std::shared_ptr<const void>> memory_;  // what cells and run point into
};

}  // namespace tessera::sqltypes
