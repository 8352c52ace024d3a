// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/pool.h"
#include "queryservice/query_service.h"
#include "runtime/sync.h"

namespace tessera::tabletserver {

struct SchemaColumn {
  std::string name;
  std::string type;  // as the server describes it: "varchar(64)"
  bool nullable = false;
  bool auto_increment = false;
};

struct SchemaTable {
  std::string name;
  bool is_view = false;
  std::vector<SchemaColumn> columns;
  std::vector<std::string> primary_key;
  std::vector<std::string> keys;  // names
  std::string signature;          // changes when the table's definition does
  std::string create_statement;   // read when first asked for
};

using Schema = std::map<std::string, std::shared_ptr<SchemaTable>, std::less<>>;

// What a Reload found different: created, changed and dropped.
struct SchemaChanges {
  std::vector<std::string> tables;
  std::vector<std::string> views;
  bool empty() const { return tables.empty() && views.empty(); }
};

// Tables, columns and keys of the tablet's database, read from information_schema. Of one loop.
class SchemaEngine {
 public:
  // The pool is of a user that may read everything, and outlives the engine.
  SchemaEngine(mysqlconn::Pool& pool, std::string database)
      : pool_(pool), database_(std::move(database)) {}

  // Reads the schema anew. The first time there are no changes to tell.
  Task<Result<SchemaChanges>> Reload(const Context& ctx);

  // CREATE statements of the tables and views asked for; names that do not exist are left out.
  Task<Result<>> GetSchema(const Context& ctx, queryservice::SchemaTables kind,
                           std::span<const std::string> names, queryservice::SchemaSink& sink);

  const Schema& schema() const { return schema_; }
  bool loaded() const { return loaded_; }

 private:
  Task<Result<Schema>> Read(const Context& ctx, mysqlconn::Connection& connection) const;
  Task<Result<>> ReadColumns(const Context& ctx, mysqlconn::Connection& connection,
                             Schema& schema) const;
  Task<Result<>> ReadKeys(const Context& ctx, mysqlconn::Connection& connection,
                          Schema& schema) const;
  Task<Result<>> ReadViews(const Context& ctx, mysqlconn::Connection& connection,
                           Schema& schema) const;
  Task<Result<>> ReadCreateStatement(const Context& ctx, mysqlconn::Connection& connection,
                                     SchemaTable& table) const;
  SchemaChanges Compare(Schema& fresh) const;

  mysqlconn::Pool& pool_;
  std::string database_;
  Schema schema_;
  bool loaded_ = false;
  runtime::AsyncMutex reloading_;
};

}  // namespace tessera::tabletserver
