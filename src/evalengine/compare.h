// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sqltypes/field.h"
#include "sqltypes/value.h"

namespace tessera::evalengine {

// How the values of one result column are ordered.
enum class OrderKind : uint8_t {
  kSigned,
  kUnsigned,
  kDecimal,
  kFloat,
  kTime,   // may be negative and longer than a day
  kBytes,  // binary strings, and dates, whose text sorts as they do
  kText,   // by collation: only the back end's weight strings tell the order
  kEnum,   // by position in the column's list, which a result does not show
};
OrderKind OrderKindOf(const sqltypes::Field& field);

// Negative, zero or positive; NULL comes first. kText and kEnum are an error (VT12001), as are
// bytes that are no value of the kind.
Result<int> Compare(OrderKind kind, const sqltypes::Value& a, const sqltypes::Value& b);

// Appends bytes that are the same for values MySQL holds equal and that say where they end. Text
// without weights is known only where it is ASCII and then compared without case; anything else is
// VT12001.
Result<> AppendEqualityKey(OrderKind kind, const sqltypes::Value& value, std::string& key);

// The shortest text that reads back as the same number, as MySQL writes it.
std::string FormatDouble(double value);

}  // namespace tessera::evalengine
