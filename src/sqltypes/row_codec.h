// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqltypes/value.h"

namespace tessera::sqltypes {

// Rows as they stand in a serialised query.QueryResult: a run of entries, each the tag of the
// repeated field 4, a varint length, and the body of a query.Row (field 1: packed zigzag lengths,
// -1 for NULL; field 2: all values in one piece).
inline constexpr char kRowTag = 0x22;

// Walks a run of entries. Views into the run.
class RowRunReader {
 public:
  explicit RowRunReader(std::string_view run) : rest_(run) {}
  bool empty() const { return rest_.empty(); }
  // The body of the next row. kInvalidArgument when the run is cut or holds something else.
  Result<std::string_view> Next();
  // The entries not read yet.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Appends one entry.
void AppendRowEntry(std::span<const Value> cells, std::string& run);

// Splits a body into as many cells as `cells` has; types are those of `types`, NULLs aside. The
// cells point into body.
Result<> DecodeRow(std::string_view body, std::span<const Type> types, std::span<Value> cells);

}  // namespace tessera::sqltypes
