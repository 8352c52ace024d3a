// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sqltypes/value.h"

// How vindexes read column values.
namespace tessera::vindex {

// The value's bytes taken as an unsigned decimal number of digits only, whatever its type.
std::optional<uint64_t> ToUnsigned(const sqltypes::Value& value);

// As ToUnsigned; integers of a signed type may be negative and are taken as two's complement.
std::optional<uint64_t> ToTwosComplement(const sqltypes::Value& value);

// The bytes to hash: as sent, with hex and bit literals decoded. NULL is empty.
Result<std::string> ToBytes(const sqltypes::Value& value);

// Calls use(bytes) with the bytes of ToBytes, copying only where they must be decoded.
template <class Use>
auto WithBytes(const sqltypes::Value& value, Use use) -> decltype(use(std::string_view()));

bool IsLiteral(sqltypes::Type type);

template <class Use>
auto WithBytes(const sqltypes::Value& value, Use use) -> decltype(use(std::string_view())) {
  if (!IsLiteral(value.type())) return use(value.is_null() ? std::string_view() : value.raw());
  TRY(const std::string bytes, ToBytes(value));
  return use(std::string_view(bytes));
}

// Eight big-endian bytes, and back (nullopt unless there are eight).
std::string BigEndian(uint64_t number);
std::optional<uint64_t> FromBigEndian(std::string_view bytes);

}  // namespace tessera::vindex
