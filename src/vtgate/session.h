// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/target.h"
#include "mysqlwire/binary_rows.h"
#include "queryservice/query_service.h"
#include "sqltypes/bind_vars.h"
#include "sqltypes/result_set.h"
#include "sqltypes/value.h"

namespace tessera::planner {
struct Plan;
}

namespace tessera::vtgate {

enum class TransactionMode : uint8_t { kSingle, kMulti };

// A transaction or reserved connection that is open on one tablet.
struct ShardSession {
  keys::Target target;
  int64_t transaction_id = 0;
  int64_t reserved_id = 0;
  keys::TabletAlias alias;
  std::string settings;  // that its connection has, as Session::SettingsSql tells them
};

struct StoredValue {
  sqltypes::Type type = sqltypes::Type::kNull;
  std::string bytes;
  sqltypes::Value view() const {
    return is_null() ? sqltypes::Value() : sqltypes::Value(type, bytes);
  }
  bool is_null() const { return type == sqltypes::Type::kNull; }
};

// A statement that one shard was sent, values in place.
struct SentQuery {
  std::string keyspace;
  std::string shard;
  std::string sql;
};

// Reads on replicas that are to see what was written before.
struct ReadAfterWrite {
  std::string gtid;                           // what replicas must have applied; empty: anything
  std::chrono::milliseconds timeout{10'000};  // how long a read waits for that
  bool track = false;                         // positions of writes are told
  friend bool operator==(const ReadAfterWrite&, const ReadAfterWrite&) = default;
};

// Settings whose changes a client wants to hear of.
struct TrackedSettings {
  std::string text;             // as it was set
  std::set<std::string> names;  // in lower case
  bool all = false;
  bool Has(const std::string& name) const { return all || names.contains(name); }
};

class Attached;
struct PreparedStatement;
struct SideConnection;

// What the gate keeps for one client between statements. Used by one statement at a time.
struct Session {
  Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  keys::TargetSelection target;
  bool type_chosen = false;  // by USE; else the target's type is the executor's first_target's
  bool autocommit = true;
  bool in_transaction = false;
  bool read_only = false;  // transactions that do not say otherwise only read
  TransactionMode transaction_mode = TransactionMode::kMulti;
  std::vector<ShardSession> shards;
  std::vector<std::string> savepoints;  // SAVEPOINTs that hold, made on shards that join later
  bool must_rollback = false;           // a shard lost its part: only ROLLBACK is left
  // How long its client may be silent, once it has said so.
  std::optional<std::chrono::seconds> wait_timeout;
  std::chrono::milliseconds query_timeout{0};  // of each statement; 0: no limit but the tablets'

  queryservice::ExecuteOptions options;
  // What SET TRANSACTION chose for the next transaction alone gives way to these behind it.
  std::optional<queryservice::Isolation> isolation_after;
  std::optional<bool> read_only_after;
  void LeaveNextTransaction();
  queryservice::Caller caller;
  uint32_t connection_id = 0;  // of a client of the MySQL protocol, as its greeting told it

  // Settings of SET that tablets must apply: name to SQL literal.
  std::map<std::string, std::string> system_variables;
  std::map<std::string, StoredValue> user_variables;

  ReadAfterWrite read_after_write;
  std::vector<keys::Target> written;  // with changes whose positions are to be told when they hold
  std::string last_gtid;  // positions of the last write, as read_after_write_gtid takes them

  uint64_t last_insert_id = 0;
  uint64_t found_rows = 0;
  int64_t row_count = -1;
  std::vector<sqltypes::Warning> warnings;  // of the last statement, for SHOW WARNINGS
  size_t warning_count = 0;                 // @@warning_count, and the next
  size_t error_count = 0;
  // What was of the statement before is gone with its text.
  void BeginStatement();
  // What the statement before warned of is still counted for @@warning_count.
  void ForgetWarnings();
  void TakeWarnings(sqltypes::ResultSet& result);

  // A client of the MySQL protocol may have a connection to itself, and perhaps has one.
  bool may_attach = false;
  // It has agreed to hear what changes of its session (CLIENT_SESSION_TRACK).
  bool tracks = false;
  // Which settings (session_track_system_variables), once it has said so; before, servers' default.
  std::optional<TrackedSettings> tracked_settings;
  // Of those, what was set and is not told yet, as servers show it.
  std::vector<std::pair<std::string, std::string>> told_settings;
  // It can do without columns (CLIENT_OPTIONAL_RESULTSET_METADATA), and does (resultset_metadata).
  bool may_leave_out_columns = false;
  bool leaves_out_columns = false;
  std::unique_ptr<Attached> attached;

  // A connection beside the pooled ones, while it holds locks (bound.cc).
  std::unique_ptr<SideConnection> side;
  // PREPARE name FROM ..., by names in lower case, where the gate itself prepares.
  std::map<std::string, std::shared_ptr<const PreparedStatement>> prepared;

  // The client has killed its own connection: it ends with the answer.
  bool ends = false;

  // Of the statement under way.
  std::span<const mysqlwire::QueryAttribute> query_attributes;
  std::string_view leading_comments;  // around its text
  std::string_view trailing_comments;
  std::shared_ptr<const planner::Plan> plan;  // that it runs, if it is planned
  bool reached_shards = false;                // it may have done something
  bool tells_warnings = false;             // it shows those of the one before, and has none itself
  std::vector<SentQuery>* sent = nullptr;  // VEXPLAIN QUERIES: what shards are sent goes here

  // "set a = v, b = w", empty when there is nothing to set.
  std::string SettingsSql() const {
    std::string out;
    for (const auto& [name, value] : system_variables)
      out += (out.empty() ? "set " : ", ") + name + " = " + value;
    return out;
  }
};

}  // namespace tessera::vtgate
