// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

// Character sets of a client in which a byte behind a lead byte may look like a quote or a
// backslash and is none. kPlain is every other one: UTF-8, latin1, ...
enum class TextEncoding : uint8_t { kPlain, kBig5, kGbk, kSjis, kGb18030 };

// Of character_set_client's name ("gbk", "cp932").
TextEncoding EncodingOfCharset(std::string_view charset);

// From the variable's text ("ANSI_QUOTES,STRICT_ALL_TABLES"); words that do not matter here are
// passed over. ANSI and the modes of other makers stand for their parts.
SqlMode ParseSqlMode(std::string_view text);

}  // namespace tessera::sqlparser
