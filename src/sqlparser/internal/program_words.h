// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Bare words as names in stored programs. The keyword table's flags are Vitess's, which has no
// programs to speak of; here MariaDB's own rules count.
namespace tessera::sqlparser {

// Whether MariaDB reserves the word; `reserved` is what the keyword table says.
bool IsReservedByServer(std::string_view word, bool reserved);
// Whether the word may be a name but not a label.
bool IsNoLabel(std::string_view word);
// Whether the word is a built-in function's, and no name, when a parenthesis follows at once.
bool IsCalledWithoutBlank(std::string_view word);

}  // namespace tessera::sqlparser
