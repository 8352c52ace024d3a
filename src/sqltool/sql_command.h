// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/parser.h"
#include "sqlparser/printer.h"

namespace tessera::sqltool {

// What `tessera sql` does with a statement.
enum class SqlVerb : uint8_t { kFormat, kFingerprint, kRedact, kAst };

// nullopt for a word that is none of them.
std::optional<SqlVerb> SqlVerbFromWord(std::string_view word);

struct SqlOptions {
  SqlVerb verb = SqlVerb::kFormat;
  sqlparser::ParseOptions parse;
  sqlparser::PrintOptions print;
};

// The answer to one statement as lines for a person: the text asked for, or false with the error
// and a caret under the place.
bool AnswerText(std::string_view sql, const SqlOptions& options, std::string& out);

// The answer to one JSON line {"sql": ...} as one JSON line without its newline: {"ok": ...}, or
// {"error": ..., "position": ..., "line": ..., "column": ..., "near": ...}. `sql_mode` in the line
// overrides the options' mode. "position" is the error text's own: it counts bytes from one and
// points behind the offending token; line and column are those of the token's first byte.
std::string AnswerLine(std::string_view line, const SqlOptions& options);

// The command `tessera sql`, from the words after "sql" to its exit status.
int RunSql(const std::vector<std::string>& words);

}  // namespace tessera::sqltool
