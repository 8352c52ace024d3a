// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include <fmt/core.h>

#include "sqltypes/bind_vars.h"
#include "tabletserver/tablet_server.h"

// What statements came to: counters, and the log for who reads it.
namespace tessera::tabletserver {

using querylog::FieldKind;

namespace {

// The fields of Vitess's log, as far as there is something to tell.
void EmitOutcome(querylog::QueryLog& log, std::string_view method,
                 const queryservice::Request& request, const Plan& plan,
                 const QueryOutcome& outcome, const Error* error) {
  querylog::Record record;
  record.sql = request.sql;
  record.rows = outcome.rows_returned + outcome.rows_affected;
  record.took = outcome.took;
  record.code = outcome.code;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double end = std::chrono::duration<double>(now).count();
  const double span = std::chrono::duration<double>(outcome.took).count();
  static const queryservice::Caller kNobody;
  const queryservice::Caller& caller = request.caller == nullptr ? kNobody : *request.caller;
  record.Add("Method", std::string(method));
  record.Add("Username", caller.username);
  record.Add("ImmediateCaller", caller.username);
  record.Add("EffectiveCaller", caller.principal);
  record.Add("Start", fmt::format("{:.6f}", end - span), FieldKind::kNumber);
  record.Add("End", fmt::format("{:.6f}", end), FieldKind::kNumber);
  record.AddSeconds("TotalTime", outcome.took);
  record.Add("PlanType", std::string(PlanTypeName(plan.type)));
  record.Add("OriginalSQL", std::string(request.sql), FieldKind::kSql);
  record.Add("BindVars",
             request.vars == nullptr ? std::string() : sqltypes::DescribeForError(*request.vars),
             FieldKind::kValues);
  record.AddNumber("RowsReturned", outcome.rows_returned);
  record.AddNumber("RowsAffected", outcome.rows_affected);
  record.Add("TransactionID", std::to_string(request.transaction_id), FieldKind::kNumber);
  record.Add("ReservedID", std::to_string(request.reserved_id), FieldKind::kNumber);
  record.Add("Error", error == nullptr ? std::string() : error->message(), FieldKind::kError);
  log.Emit(record);
}

}  // namespace

void TabletServer::NoteOutcome(std::string_view method, const Request& request, const Plan& plan,
                               const QueryOutcome& outcome, const Error* error) {
  query_stats_.Note(plan, request.sql, outcome);
  if (error != nullptr) query_stats_.NoteError(request.sql, *error);
  if (config_.query_log != nullptr && config_.query_log->active()) [[unlikely]]
    EmitOutcome(*config_.query_log, method, request, plan, outcome, error);
}

void TabletServer::NoteResult(std::string_view method, const Request& request, const Plan& plan,
                              Instant began, const Result<ResultSet>& result) {
  QueryOutcome outcome;
  outcome.took = Executor::Current().Now() - began;
  if (!result.ok()) {
    outcome.code = result.error().code();
    return NoteOutcome(method, request, plan, outcome, &result.error());
  }
  outcome.rows_returned = result->row_count();
  // Of a query the server counts its rows a second time.
  if (result->fields.empty()) outcome.rows_affected = result->affected_rows;
  NoteOutcome(method, request, plan, outcome, nullptr);
}

void TabletServer::NoteStream(const Request& request, const Plan& plan, Instant began,
                              uint64_t rows, const Result<>& outcome) {
  QueryOutcome done;
  done.took = Executor::Current().Now() - began;
  done.rows_returned = rows;
  if (!outcome.ok()) done.code = outcome.error().code();
  NoteOutcome("StreamExecute", request, plan, done, outcome.ok() ? nullptr : &outcome.error());
}

}  // namespace tessera::tabletserver
