// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tessera::sqlparser {

// The parts of sql_mode that change how a text is read.
struct SqlMode {
  bool ansi_quotes = false;           // "x" is a name
  bool pipes_as_concat = false;       // || joins strings
  bool no_backslash_escapes = false;  // \ is a letter
  bool ignore_space = false;          // a function's name may stand apart from its (
  bool high_not_precedence = false;
};

// From the variable's text ("ANSI_QUOTES,STRICT_ALL_TABLES"); words that do not matter here are
// passed over. ANSI and the modes of other makers stand for their parts.
SqlMode ParseSqlMode(std::string_view text);

}  // namespace tessera::sqlparser
