// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/internal/read_after_write.h"

#include <algorithm>
#include <utility>

#include "vtgate/executor.h"

// Reads on replicas that see what was written before: session_track_gtids tells the positions of
// writes, read_after_write_gtid has replicas wait for them.
namespace tessera::vtgate {

using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace internal {

bool NamesShards(std::string_view positions) {
  return positions.find('@') != std::string_view::npos;
}

std::string_view PositionFor(const Session& session, const keys::Target& target) {
  std::string_view rest = session.read_after_write.gtid;
  if (rest.empty() || target.tablet_type == keys::TabletType::kPrimary) return {};
  if (!NamesShards(rest)) {
    const std::string& keyspace = session.target.keyspace;
    return keyspace.empty() || keyspace == target.keyspace ? rest : std::string_view();
  }
  const std::string wanted = target.keyspace + "/" + target.shard + "@";
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    if (entry.starts_with(wanted)) return entry.substr(wanted.size());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

namespace {

std::string Seconds(const Session& session) {
  return fmt::format("{:.3f}", static_cast<double>(session.read_after_write.timeout.count()) / 1e3);
}

// MySQL's positions have colons, MariaDB's none.
std::string_view Function(std::string_view position) {
  return position.find(':') == std::string_view::npos ? "master_gtid_wait"
                                                      : "wait_for_executed_gtid_set";
}

}  // namespace

std::string AwaitSql(const Session& session, std::string_view position) {
  std::string sql = fmt::format("select {}(", Function(position));
  sqltypes::AppendSql(Value(Type::kVarChar, position), sql);
  return sql + ", " + Seconds(session) + ") from dual";
}

Result<> CheckAwaited(const Session& session, const keys::Target& target, std::string_view position,
                      ResultSet answer) {
  TRY_OK(answer.Decode());
  const ResultSet& rows = answer;
  if (rows.row_count() == 1 && rows.fields.size() == 1 && rows.row(0)[0].raw() == "0") return Ok{};
  return Errorf(Code::kDeadlineExceeded,
                "read after write: {} has not applied {} within {} s (read_after_write_timeout)",
                target.ToString(), position, Seconds(session))
      .WithMysql(3024, "HY000")
      .WithHint("its replication is behind or stopped: read at the primary, or wait longer");
}

Task<Result<>> AwaitPosition(const Context& ctx, const Session& session, const keys::Target& target,
                             queryservice::QueryService& tablet) {
  const std::string_view position = PositionFor(session, target);
  if (position.empty()) co_return Ok{};
  const std::string sql =
      fmt::format("select {}(:position, :seconds) from dual", Function(position));
  const std::string seconds = Seconds(session);
  BindVars vars;
  vars.Add("position", Value(Type::kVarChar, position));
  vars.Add("seconds", Value(Type::kDecimal, seconds));
  queryservice::ExecuteOptions options;
  // The tablet's own limit is for statements that work.
  constexpr std::chrono::milliseconds kGrace{5000};
  options.authoritative_timeout_ms = (session.read_after_write.timeout + kGrace).count();
  queryservice::Request request;
  request.target = &target;
  request.caller = &session.caller;
  request.options = &options;
  request.sql = sql;
  request.vars = &vars;
  CO_TRY(ResultSet answer, co_await tablet.Execute(ctx, request));
  co_return CheckAwaited(session, target, position, std::move(answer));
}

}  // namespace internal

namespace {

// Of MariaDB, and of MySQL.
constexpr std::string_view kPositions[] = {"select @@global.gtid_binlog_pos from dual",
                                           "select @@global.gtid_executed from dual"};
constexpr uint16_t kUnknownVariable = 1193;

// MySQL writes long positions in lines.
std::string WithoutSpace(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return out;
}

}  // namespace

Result<> Executor::SetReadAfterWrite(Session& session, std::string_view text) {
  const std::string value = WithoutSpace(text);
  const bool readable = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-_:,;/@").find(c) != std::string_view::npos;
  });
  if (!readable)
    return Errorf(Code::kInvalidArgument,
                  "read_after_write_gtid '{}' is no position; @@last_gtid tells one after a write "
                  "with session_track_gtids = own_gtid",
                  value)
        .WithMysql(1231, "42000");
  session.read_after_write.gtid = value;
  return Ok{};
}

Result<> Executor::CheckReadAfterWrite(const Session& session) const {
  const std::string& gtid = session.read_after_write.gtid;
  const bool due = !gtid.empty() && session.target.tablet_type != keys::TabletType::kPrimary;
  if (!due || internal::NamesShards(gtid) || HasOneServer(session)) return Ok{};
  return Errorf(Code::kFailedPrecondition,
                "read_after_write_gtid {} is a position of one server, but {} has several shards",
                gtid, session.target.ToString())
      .WithMysql(1231, "42000")
      .WithHint("give \"keyspace/shard@position;...\", as @@last_gtid tells it there");
}

Task<Result<>> Executor::AwaitAttached(const Context& ctx, Session& session) {
  const keys::Target target = session.attached->target();
  const std::string_view position = internal::PositionFor(session, target);
  if (position.empty()) co_return Ok{};
  const std::string sql = internal::AwaitSql(session, position);
  CO_TRY(ResultSet answer, co_await session.attached->Execute(ctx, sql));
  co_return internal::CheckAwaited(session, target, position, std::move(answer));
}

// The shard's primary is asked behind the write: its position then is not less than the write's.
Task<Result<std::string>> Executor::PositionOf(const Context& ctx, const Session& session,
                                               const keys::Target& target) {
  queryservice::Request request;
  request.target = &target;
  request.caller = &session.caller;
  Result<ResultSet> answer = ResultSet();
  for (const std::string_view sql : kPositions) {
    request.sql = sql;
    answer = co_await gateway_.Execute(ctx, request);
    if (answer.ok() || answer.error().message().find("(errno 1193)") == std::string::npos) break;
  }
  if (!answer.ok()) co_return std::move(answer).error();
  CO_TRY_OK(answer->Decode());
  const ResultSet& rows = *answer;
  if (rows.row_count() != 1 || rows.fields.size() != 1 || rows.row(0)[0].raw().empty())
    co_return Errorf(Code::kFailedPrecondition, "{} writes no binary log", target.ToString());
  co_return WithoutSpace(rows.row(0)[0].raw());
}

Task<> Executor::NotePositions(const Context& ctx, Session& session, Result<ResultSet>& result) {
  if (session.in_transaction || session.written.empty()) co_return;
  const std::vector<keys::Target> written = std::exchange(session.written, {});
  if (!result.ok() || !session.read_after_write.track) co_return;
  const bool plain = HasOneServer(session) && written.size() == 1;
  std::string all;
  for (const keys::Target& target : written) {
    const Result<std::string> position = co_await PositionOf(ctx, session, target);
    if (!position.ok()) {
      // The write itself has succeeded. Who finds no position does not trust an old one.
      sqltypes::Warning& warning = session.warnings.emplace_back();
      warning.code = kUnknownVariable;
      warning.message = "no position of the write: " + position.error().message();
      session.last_gtid.clear();
      co_return;
    }
    if (!all.empty()) all += ';';
    if (!plain) all += target.keyspace + "/" + target.shard + "@";
    all += *position;
  }
  session.last_gtid = all;
  result->session_state_changes = all;
}

}  // namespace tessera::vtgate
