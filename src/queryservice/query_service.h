// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/tablet_alias.h"
#include "keys/target.h"
#include "sqltypes/bind_vars.h"
#include "sqltypes/result_set.h"
#include "sqltypes/row_sink.h"

namespace tessera::queryservice {

// query.ExecuteOptions, as far as this version acts on it; numbers are Vitess's.
enum class Workload : uint8_t { kUnspecified = 0, kOltp = 1, kOlap = 2, kDba = 3 };
enum class Isolation : uint8_t {
  kDefault = 0,
  kRepeatableRead = 1,
  kReadCommitted = 2,
  kReadUncommitted = 3,
  kSerializable = 4,
  kConsistentSnapshotReadOnly = 5,
  kAutocommit = 6,
};
enum class IncludedFields : uint8_t { kTypeAndName = 0, kTypeOnly = 1, kAll = 2 };
enum class AccessMode : uint8_t { kConsistentSnapshot = 0, kReadWrite = 1, kReadOnly = 2 };

struct ExecuteOptions {
  IncludedFields included_fields = IncludedFields::kTypeAndName;
  bool client_found_rows = false;
  Workload workload = Workload::kUnspecified;
  Isolation isolation = Isolation::kDefault;
  std::vector<AccessMode> access_modes;
  bool skip_query_plan_cache = false;
  bool has_created_temp_tables = false;
  int64_t authoritative_timeout_ms = 0;  // 0: the tablet's own
  int64_t transaction_timeout_ms = 0;
};

// Who asks: the immediate caller decides rights, the effective one is for people.
struct Caller {
  std::string username;  // immediate
  std::vector<std::string> groups;
  std::string principal;  // effective
  std::string component;
};

// One statement for one tablet. Views: the caller keeps everything until the task ends.
struct Request {
  const keys::Target* target = nullptr;
  const Caller* caller = nullptr;           // may be missing
  const ExecuteOptions* options = nullptr;  // may be missing: defaults
  std::string_view sql;
  // The comments around the client's statement, where the caller has cut them off: what query rules
  // ask for. They do not cross gRPC.
  std::string_view leading_comments;
  std::string_view trailing_comments;
  const sqltypes::BindVars* vars = nullptr;  // may be missing: none
  int64_t transaction_id = 0;
  int64_t reserved_id = 0;
  std::span<const std::string> pre_queries;  // settings (Reserve*) or savepoints (BeginExecute)
  std::span<const std::string> post_begin_queries;  // savepoints (ReserveBeginExecute)
};

// What a call that may open a transaction or a reserved connection left behind. With `error` set
// the ids still hold: what was opened is open, and the caller must end it.
struct State {
  int64_t transaction_id = 0;
  int64_t reserved_id = 0;
  keys::TabletAlias alias;  // where later calls must go
  std::string session_state_changes;
  std::optional<Error> error;
};

struct StatefulResult {
  State state;
  sqltypes::ResultSet result;
};

// Receives a streamed result.
using ResultSink = sqltypes::RowSink;

// query.StreamHealthResponse.
struct Health {
  keys::Target target;
  keys::TabletAlias alias;
  bool serving = false;
  int64_t primary_term_start = 0;  // seconds since 1970; 0 unless primary
  std::string health_error;
  uint32_t replication_lag_seconds = 0;
  double qps = 0;
  std::vector<std::string> table_schema_changed;
  std::vector<std::string> view_schema_changed;
};
class HealthSink {
 public:
  virtual ~HealthSink() = default;
  virtual Task<Result<>> OnHealth(const Context& ctx, const Health& health) = 0;
};

enum class SchemaTables : uint8_t { kViews = 0, kTables = 1, kAll = 2, kUdfs = 3 };
// Table name and its CREATE statement.
struct TableDefinition {
  std::string name;
  std::string create_statement;
};
class SchemaSink {
 public:
  virtual ~SchemaSink() = default;
  virtual Task<Result<>> OnTables(const Context& ctx, std::vector<TableDefinition> tables) = 0;
};

// What a gate asks of a tablet (queryservice.Query of Vitess v24): implemented by the tablet server
// itself and by its gRPC client. Thread rule: an instance belongs to one loop. Errors carry the
// tablet's code and text; the MySQL errno stands in the text as "(errno N) (sqlstate S)".
class QueryService {
 public:
  virtual ~QueryService() = default;

  // With a transaction or reserved id the statement runs there; without, on a pooled connection.
  virtual Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, const Request& request) = 0;
  virtual Task<Result<>> StreamExecute(const Context& ctx, const Request& request,
                                       ResultSink& sink) = 0;

  virtual Task<Result<State>> Begin(const Context& ctx, const Request& request) = 0;
  // Gives the id of the connection that stays reserved, or 0.
  virtual Task<Result<int64_t>> Commit(const Context& ctx, const keys::Target& target,
                                       int64_t transaction_id) = 0;
  virtual Task<Result<int64_t>> Rollback(const Context& ctx, const keys::Target& target,
                                         int64_t transaction_id) = 0;

  virtual Task<Result<StatefulResult>> BeginExecute(const Context& ctx, const Request& request) = 0;
  virtual Task<Result<State>> BeginStreamExecute(const Context& ctx, const Request& request,
                                                 ResultSink& sink) = 0;
  virtual Task<Result<StatefulResult>> ReserveExecute(const Context& ctx,
                                                      const Request& request) = 0;
  virtual Task<Result<State>> ReserveStreamExecute(const Context& ctx, const Request& request,
                                                   ResultSink& sink) = 0;
  virtual Task<Result<StatefulResult>> ReserveBeginExecute(const Context& ctx,
                                                           const Request& request) = 0;
  virtual Task<Result<State>> ReserveBeginStreamExecute(const Context& ctx, const Request& request,
                                                        ResultSink& sink) = 0;
  // At least one id is not zero, else kInvalidArgument.
  virtual Task<Result<>> Release(const Context& ctx, const keys::Target& target,
                                 int64_t transaction_id, int64_t reserved_id) = 0;

  // The present health at once, then every change, and at least one message each health interval,
  // until ctx ends.
  virtual Task<Result<>> StreamHealth(const Context& ctx, HealthSink& sink) = 0;

  // Empty `tables` asks for all.
  virtual Task<Result<>> GetSchema(const Context& ctx, const keys::Target& target,
                                   SchemaTables kind, std::span<const std::string> tables,
                                   SchemaSink& sink) = 0;
};

}  // namespace tessera::queryservice
