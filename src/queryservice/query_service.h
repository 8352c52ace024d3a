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
  // The answer tells exactly whether LAST_INSERT_ID() has changed, and to what: the statement may
  // set it itself.
  bool fetch_last_insert_id = false;
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
  // The text is a client's own, without variables. Tablets of other makes do not know this, and
  // look for some all the same.
  bool complete = false;
  int64_t transaction_id = 0;
  int64_t reserved_id = 0;
  std::span<const std::string> pre_queries;  // settings (Reserve*) or savepoints (BeginExecute)
  std::span<const std::string> post_begin_queries;  // savepoints (ReserveBeginExecute)
};

// Part of the error (kUnimplemented) of a tablet that takes no complete texts.
inline constexpr std::string_view kPlansOnly = "this tablet takes statements as they are planned";

// What a call that may open a transaction or a reserved connection left behind. With `error` set
// the ids still hold: what was opened is open, and the caller must end it.
struct State {
  int64_t transaction_id = 0;
  int64_t reserved_id = 0;
  keys::TabletAlias alias;  // where later calls must go
  std::string session_state_changes;
  std::vector<sqltypes::Warning> warnings;  // of the end of a transaction
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

// What a client that is attached to a connection of the tablet's server must know of it.
struct AttachedTo {
  int64_t reserved_id = 0;
  keys::TabletAlias alias;
  std::string database;       // its name at the server
  uint32_t thread_id = 0;     // of the connection, at the server
  uint64_t capabilities = 0;  // that the answers follow (mysqlwire::Capability)
  std::string server_version;
};

// A connection of the tablet's server that one client has to itself, commands and answers passing
// as they are (docs/decisions/0007). Of one loop, one call at a time but for Interrupt. When it is
// dropped, or the client goes away, the server rolls back and forgets the session.
class Attachment {
 public:
  virtual ~Attachment() = default;
  virtual const AttachedTo& about() const = 0;

  // A command's packet, or one of a file that the answer to LOAD DATA LOCAL asked for.
  virtual Task<Result<>> Send(const Context& ctx, std::string_view packet) = 0;
  // The next piece of the answer, as mysqlwire::RunReader takes it. The caller knows from the
  // packets when the answer has ended; a tablet's own attachment gives an empty piece then. An
  // error means that the connection is lost, and with it the session. When ctx ends the answer is
  // still under way.
  virtual Task<Result<std::string>> Receive(const Context& ctx) = 0;
  // Asks the server to end the command under way; its answer must still be received.
  virtual Task<Result<>> Interrupt(const Context& ctx) = 0;
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
  // The id of the connection that stays reserved, or 0, and what the server warned of.
  virtual Task<Result<State>> Commit(const Context& ctx, const keys::Target& target,
                                     int64_t transaction_id) = 0;
  virtual Task<Result<State>> Rollback(const Context& ctx, const keys::Target& target,
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

  // A connection with the request's settings (pre_queries), or that of a transaction or reserved id
  // which it names. Not part of Vitess's service: kUnimplemented where it is not known.
  virtual Task<Result<std::unique_ptr<Attachment>>> Attach(const Context& ctx,
                                                           const Request& request);
  // What the server says of the request's statement when it is prepared: the columns of its answer,
  // and in affected_rows how many parameters (`?`) it has. kUnimplemented as with Attach.
  virtual Task<Result<sqltypes::ResultSet>> DescribeStatement(const Context& ctx,
                                                              const Request& request);

  // The present health at once, then every change, and at least one message each health interval,
  // until ctx ends.
  virtual Task<Result<>> StreamHealth(const Context& ctx, HealthSink& sink) = 0;

  // Empty `tables` asks for all.
  virtual Task<Result<>> GetSchema(const Context& ctx, const keys::Target& target,
                                   SchemaTables kind, std::span<const std::string> tables,
                                   SchemaSink& sink) = 0;
};

}  // namespace tessera::queryservice
