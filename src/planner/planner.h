// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/primitive.h"
#include "keys/target.h"
#include "sqlparser/parser.h"
#include "vschema/vschema.h"

namespace tessera::planner {

enum class PlanClass : uint8_t { kSelect, kInsert, kUpdate, kDelete, kDdl, kOther };

// Names of bind variables that the session fills in where a plan asks for them.
inline constexpr std::string_view kDatabaseVar = "__vtdbname";
inline constexpr std::string_view kLastInsertIdVar = "__lastInsertId";
inline constexpr std::string_view kFoundRowsVar = "__vtfrows";
inline constexpr std::string_view kRowCountVar = "__vtrcount";
inline constexpr std::string_view kConnectionIdVar = "__vtconnid";
inline constexpr std::string_view kUserVariablePrefix = "__vtudv";
inline constexpr std::string_view kQuotedUserVariablePrefix = "__vtudx";
inline constexpr std::string_view kSystemVariablePrefix = "__vtsv";
inline constexpr std::string_view kAttributePrefix = "__vtattr_";
inline constexpr std::string_view kAttributeNamedByPrefix = "__vtattrby_";  // a bind variable

// How a statement is answered. Immutable: kept in a cache and used by many runs.
// What runs of a plan came to: kept by who runs it, on the loop that has the plan.
struct PlanUse {
  uint64_t runs = 0;
  uint64_t errors = 0;
  uint64_t rows = 0;  // given or changed
  std::chrono::nanoseconds time{0};
  uint8_t shape = 0;  // what the runner calls plans like this
};

struct Plan {
  std::shared_ptr<const vschema::VSchema> vschema;  // what root points into
  PlanClass plan_class = PlanClass::kSelect;
  std::vector<std::string> session_vars;  // bind variables the session must add
  std::string ddl_keyspace;               // kDdl: whose tables change
  // What the one shard gets is the statement itself: it names nothing that has another name there,
  // and asks nothing that only a session knows. Its own text will do.
  bool as_written = false;
  // It changes rows and calls LAST_INSERT_ID with a value: the servers must be asked what it is
  // then.
  bool sets_insert_id = false;
  engine::PrimitivePtr root;
  mutable PlanUse use;
};

// What planning depends on besides the text.
struct PlanInput {
  // The databases of the target's servers have the keyspace's name.
  bool database_is_keyspace = false;
  std::shared_ptr<const vschema::VSchema> vschema;
  keys::TargetSelection target;
  sqlparser::ParseOptions parse;
  // Whether the session answers @@name itself.
  bool (*is_session_variable)(std::string_view name) = nullptr;
};

// The plan of a query, a change of rows or a DDL statement; `sql` as a fingerprint gives it, with
// values as bind variables. Statements about the session (SET, SHOW, USE, BEGIN ...) are not
// planned here. A shape that cannot be planned is kUnimplemented, "VT12001: unsupported: shape".
Result<std::shared_ptr<const Plan>> BuildPlan(const PlanInput& input, std::string_view sql);

// Whether the target is one shard, and the statement reads there as it does here: it names nothing
// that has another name there.
bool IsForOneServer(const PlanInput& input, const sqlparser::Statement& statement);

// What in the statement is bound to the connection that it runs on (named locks, assignments to
// user variables, SELECT INTO, temporary tables ...); empty when nothing is. BuildPlan refuses such
// statements: they want a session with a connection of its own, or one that keeps the effects.
std::string_view BoundToConnection(const sqlparser::Statement& statement);

// Whether the tree calls LAST_INSERT_ID with a value.
bool SetsInsertId(const sqlparser::Node& tree);

// The statement for a shard's server: keyspaces' names are left out, since a shard has one
// database; system databases have the same name everywhere.
std::string ServerText(const sqlparser::Node& statement);

// "VT12001: unsupported: shape", MySQL 1235.
Error Unsupported(std::string_view shape);

// What stands in a call of MySQL's mysql_query_attribute_string(name), if the node is one: what a
// client sends with its statement is the session's to tell. Null for other nodes, and for names
// that only a server could work out.
const sqlparser::Expr* AskedAttribute(const sqlparser::Node& node);

// The bind variables of an attribute, and of a user variable (whose name is in lower case). Their
// names may hold anything, those of bind variables only letters, digits and _.
std::string AttributeVar(std::string_view attribute);
std::string UserVariableVar(std::string_view variable);

}  // namespace tessera::planner
