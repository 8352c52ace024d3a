// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/variable_readers.h"

#include <set>

#include "base/arena.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/parser.h"
#include "sqlparser/visitor.h"
#include "sqltypes/value.h"
#include "vschema/vschema.h"

namespace tessera::vtgate {

namespace {

constexpr Duration kKnownFor = std::chrono::seconds(5);
constexpr size_t kMostKnown = 10'000;

// Those of the target's own database.
std::set<std::string> TablesOf(std::string_view sql, const std::string& keyspace) {
  std::set<std::string> out;
  Arena arena;
  const Result<const sqlparser::Statement*> statement = sqlparser::Parse(arena, sql);
  if (!statement.ok()) return out;
  sqlparser::Walk(*statement, [&](const sqlparser::Node& n) {
    const auto* table = n.As<sqlparser::TableName>();
    if (table != nullptr && (table->database.empty() || table->database == keyspace))
      out.emplace(table->name);
    return sqlparser::Visit::kContinue;
  });
  return out;
}

}  // namespace

Task<bool> VariableReaders::Has(const Context& ctx, const queryservice::Request& request,
                                std::string_view sql) {
  const std::string keyspace = request.target->keyspace;
  const std::set<std::string> tables = TablesOf(sql, keyspace);
  const Instant now = tessera::Executor::Current().Now();
  for (const std::string& table : tables) {
    const std::string key = keyspace + '\0' + table;
    const auto found = known_.find(key);
    bool reads = found != known_.end() && found->second.reads;
    if (found == known_.end() || now - found->second.asked > kKnownFor) {
      reads = co_await Ask(ctx, request, table);
      if (known_.size() >= kMostKnown) known_.clear();
      known_[key] = {reads, now};
    }
    if (reads) co_return true;
  }
  co_return false;
}

// The condition on the name opens one table, not all of the database.
Task<bool> VariableReaders::Ask(const Context& ctx, queryservice::Request request,
                                std::string table) {
  std::string sql =
      "select 1 from information_schema.triggers where event_object_schema = database() and "
      "action_statement like '%@%' and event_object_table = ";
  sqltypes::AppendSql(sqltypes::Value(sqltypes::Type::kVarChar, table), sql);
  request.sql = sql;
  request.complete = true;
  const Result<sqltypes::ResultSet> rows = co_await gateway_.Execute(ctx, request);
  co_return rows.ok() && rows->row_count() != 0;
}

}  // namespace tessera::vtgate
