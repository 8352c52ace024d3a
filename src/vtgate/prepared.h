// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sqlparser/fingerprint.h"
#include "sqltypes/field.h"

namespace tessera::vtgate {

// A statement prepared by the gate, taken apart once: an execution reads no SQL. Does not move: the
// fingerprint points into the text.
struct PreparedStatement {
  PreparedStatement() = default;
  PreparedStatement(const PreparedStatement&) = delete;
  PreparedStatement& operator=(const PreparedStatement&) = delete;

  // Reads the statement; its question marks are parameters.
  Result<> Take(std::string_view text);

  // For one whose planning was refused, as bound to a connection: it is run as text, by which the
  // gate keeps its effects. Gives whether it answers with rows; the refusal when it is another one.
  Result<bool> TakeBound(const Error& refusal);

  std::string sql;
  bool planned = false;  // by `fingerprint`; others are run as text
  sqlparser::Fingerprint fingerprint;
  uint16_t parameter_count = 0;
  // Columns of its answer that are a parameter and nothing else: column and parameter, from 0.
  std::vector<std::pair<uint16_t, uint16_t>> parameter_columns;
  std::vector<uint16_t> limits;          // parameters that are numbers of a LIMIT
  std::vector<sqltypes::Field> columns;  // as far as known
};

}  // namespace tessera::vtgate
