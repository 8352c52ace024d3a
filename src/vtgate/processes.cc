// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "mysqlconn/clients.h"
#include "mysqlconn/server.h"
#include "planner/planner.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/ast_session.h"
#include "sqlparser/visitor.h"
#include "vtgate/executor.h"

// SHOW PROCESSLIST and KILL: the gate's own connections, by the ids of their greetings.
namespace tessera::vtgate {

using mysqlconn::ClientInfo;
using mysqlconn::KillOutcome;
using mysqlconn::KillWhat;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

constexpr size_t kShortText = 100;  // bytes of a statement without FULL

// The text's beginning, cut between characters.
std::string_view Shortened(std::string_view text) {
  if (text.size() <= kShortText) return text;
  size_t size = kShortText;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void MakeNumber(sqltypes::Field& field, Type type, uint32_t length) {
  field.type = type;
  field.charset = 63;
  field.column_length = length;
}

// The name of a user in its printed form, 'name' with or without a host.
std::string UserName(std::string_view printed) {
  const size_t at = printed.rfind('@');
  std::string_view name = printed.substr(0, at);
  const bool quoted = name.size() >= 2 && name.front() == name.back() &&
                      (name.front() == '\'' || name.front() == '`' || name.front() == '"');
  if (quoted) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

// The number of KILL 7, which needs no server to be worked out.
std::optional<StoredValue> LiteralOf(const sqlparser::Expr& expr) {
  const auto* literal = expr.As<sqlparser::Literal>();
  if (literal == nullptr) return std::nullopt;
  StoredValue out;
  out.type = Type::kInt64;
  out.bytes = literal->text;
  return out;
}

// Servers refuse before they look for the table or the sequence.
Result<> CheckId(const sqlparser::Expr& id) {
  bool reads = false;
  sqlparser::Walk(&id, [&](const sqlparser::Node& n) {
    reads = reads || n.Is<sqlparser::TableName>();
    return reads ? sqlparser::Visit::kStop : sqlparser::Visit::kContinue;
  });
  if (!reads) return Ok{};
  return Error(Code::kInvalidArgument, "KILL does not support subqueries or stored functions")
      .WithMysql(1970, "42000");
}

Error NoSuchThread(std::string_view id) {
  return Errorf(Code::kNotFound, "Unknown thread id: {}", id).WithMysql(1094, "HY000");
}

// What who kills itself hears. MySQL has one word for both, MariaDB another for connections.
Error KilledItself(KillWhat what, std::string_view version) {
  if (what == KillWhat::kConnection && version.find("MariaDB") != std::string_view::npos)
    return Error(Code::kCancelled, MysqlError{1927, "70100"}, "Connection was killed");
  return Error(Code::kCancelled, MysqlError{1317, "70100"}, "Query execution was interrupted");
}

}  // namespace

Task<Result<ResultSet>> Executor::ShowProcesslist(const Session& session,
                                                  const sqlparser::Show& show) {
  ResultSet out = TextRows({"Id", "User", "Host", "db", "Command", "Time", "State", "Info"}, {});
  MakeNumber(out.fields[0], Type::kUint64, 20);
  MakeNumber(out.fields[5], Type::kInt32, 7);
  const std::vector<ClientInfo> clients =
      co_await options_.front->clients.List(session.caller.principal);
  const auto text = [&out](std::string_view value) {
    return Value(Type::kVarChar, out.arena().Copy(value));
  };
  for (const ClientInfo& client : clients) {
    const bool sleeps = !client.text && client.command == "Sleep";
    std::vector<Value> cells(8);
    cells[0] = Value(Type::kUint64, out.arena().Copy(std::to_string(client.id)));
    cells[1] = text(client.user);
    cells[2] = text(client.host);
    if (!client.database.empty()) cells[3] = text(client.database);
    cells[4] = text(client.command);
    cells[5] = Value(Type::kInt32, out.arena().Copy(std::to_string(client.time.count())));
    cells[6] = text(sleeps ? "" : "executing");
    if (client.text) cells[7] = text(show.full ? *client.text : Shortened(*client.text));
    out.AppendRow(cells);
  }
  co_return out;
}

Task<Result<>> Executor::KillUser(Session& session, const sqlparser::Kill& kill, KillWhat what) {
  mysqlconn::Clients& clients = options_.front->clients;
  const std::string whose = UserName(kill.user);
  const std::string& user = session.caller.principal;
  if (!clients.MayManage(user, whose))
    co_return Errorf(Code::kPermissionDenied, "You are not owner of the connections of {}",
                     kill.user)
        .WithMysql(1095, "HY000")
        .WithHint("--mysql-server-process-managers names users who may end those of others");
  const bool itself = whose == user;
  const size_t count = co_await clients.KillAll(whose, what);
  if (itself && what == KillWhat::kConnection) session.ends = true;
  if (itself) co_return KilledItself(what, Version());
  if (count == 0)
    co_return Errorf(Code::kNotFound, "Operation KILL USER failed for {}", kill.user)
        .WithMysql(1396, "HY000");
  co_return Ok{};
}

Task<Result<>> Executor::Kill(const Context& ctx, Session& session, const sqlparser::Kill& kill) {
  if (options_.front == nullptr || session.connection_id == 0)
    co_return planner::Unsupported("KILL by others than clients of the MySQL protocol");
  if (kill.query_id) co_return planner::Unsupported("KILL QUERY ID: queries have no ids here");
  const bool query_only = kill.type == sqlparser::KillType::kQuery;
  const KillWhat what = query_only ? KillWhat::kQuery : KillWhat::kConnection;
  if (kill.id == nullptr) {
    co_return co_await KillUser(session, kill, what);
  }
  CO_TRY_OK(CheckId(*kill.id));
  std::optional<StoredValue> value = LiteralOf(*kill.id);
  if (!value) {
    CO_TRY(value, co_await Evaluate(ctx, session, *kill.id));
  }
  const Result<int64_t> id = value->view().ToInt64();
  if (!id.ok() || *id <= 0 || *id > UINT32_MAX)
    co_return NoSuchThread(value->is_null() ? "0" : value->bytes);
  if (*id == session.connection_id) {
    // Its own end comes with this answer, not before it.
    session.ends = !query_only;
    co_return KilledItself(what, Version());
  }
  const KillOutcome outcome = co_await options_.front->clients.Kill(
      session.caller.principal, static_cast<uint32_t>(*id), what);
  switch (outcome) {
    case KillOutcome::kDone:
      co_return Ok{};
    case KillOutcome::kNotAllowed:
      co_return Errorf(Code::kPermissionDenied, "You are not owner of thread {}", *id)
          .WithMysql(1095, "HY000")
          .WithHint("--mysql-server-process-managers names users who may end those of others");
    case KillOutcome::kNoSuchClient:
      break;
  }
  co_return NoSuchThread(value->bytes);
}

}  // namespace tessera::vtgate
