// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tessera::vtgate {

// The character set of a collation, by its number in logins and column definitions: those that
// MySQL and MariaDB share. Empty for others. Source: information_schema.collations of both.
std::string_view CharsetOfCollation(uint16_t collation);

}  // namespace tessera::vtgate
