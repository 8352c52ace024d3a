// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlparser/parser.h"

namespace tessera::sqlparser {

// One statement of a text: sql.substr(offset, length) without the semicolon and outer blanks.
struct StatementPiece {
  size_t offset = 0;
  size_t length = 0;
};

// Cuts a text at its semicolons. Those in strings, names, comments and in the bodies of
// stored programs do not count. Pieces of nothing but blanks are left out.
Result<std::vector<StatementPiece>> SplitStatements(std::string_view sql,
                                                    const ParseOptions& options = {});

// The first statement and what is behind its semicolon, for COM_QUERY with several statements.
Result<std::pair<std::string_view, std::string_view>> SplitFirst(std::string_view sql,
                                                                 const ParseOptions& options = {});

// The text with every value removed (:redacted1, ...), for logs. A text that cannot be read at all
// gives a fixed note, never its bytes.
std::string Redact(std::string_view sql, const ParseOptions& options = {});

}  // namespace tessera::sqlparser
