// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::tabletserver {

// What a caller must be to a table.
enum class TableRole : uint8_t { kReader, kWriter, kAdmin };

struct TableUse {
  std::string table;  // of another database than ours: "database.table"
  TableRole role = TableRole::kReader;
  friend bool operator==(const TableUse&, const TableUse&) = default;
};

// What a statement is called in rules and errors, and the tables it names.
struct StatementTables {
  std::string_view plan = "OtherRead";  // Vitess's name of the plan type
  std::vector<TableUse> uses;           // each once, in order of appearance
  // False when there may be more tables than were found: text that no grammar of ours reads,
  // dynamic SQL, comments that some servers run.
  bool complete = true;
};

// Reads a statement. `own_names` are the names that our database goes by. Never fails: what cannot
// be read is not complete.
StatementTables FindStatementTables(std::string_view sql,
                                    const std::vector<std::string>& own_names);

}  // namespace tessera::tabletserver
