// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tessera::vtgate {

// The character set of a collation, by its number in logins and column definitions: those that
// MySQL and MariaDB share. Empty for others. Source: information_schema.collations of both.
std::string_view CharsetOfCollation(uint16_t collation);

// Whether clients may write SQL in the character set: bytes of the others cannot be told apart from
// SQL's own. NotForClients is the error.
bool IsForClients(std::string_view charset);
Error NotForClients(std::string_view charset);

}  // namespace tessera::vtgate
