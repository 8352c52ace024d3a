// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/grpc_service.h"

#include <string>
#include <utility>

#include "sqlparser/split.h"
#include "vtgate/grpc_codec.h"

namespace tessera::vtgate {

using sqltypes::ResultSet;

namespace {

// Named by gates for clients of whom nothing is known.
constexpr std::string_view kUnknownClient = "unsecure_grpc_client";

// A call under way: its request, and who runs it.
struct GateTask {
  GateTask(Executor& executor_in, const GrpcServiceOptions& options_in)
      : executor(executor_in), options(options_in) {}
  Executor& executor;
  const GrpcServiceOptions& options;
  GateRequest request;

  Result<> Decode(GateCall call, const runtime::TlsSession* tls, std::string_view bytes) {
    TRY_OK(request.Decode(call, bytes));
    queryservice::Caller& caller = request.session.caller;
    caller.username = kUnknownClient;
    if (tls != nullptr && !tls->peer_common_name.empty()) {
      // What a certificate says counts for more than what the request says.
      caller.username = tls->peer_common_name;
      caller.groups = tls->peer_names;
    } else if (options.use_effective_caller && !caller.principal.empty()) {
      caller.username = caller.principal;
    }
    return Ok{};
  }
  Task<Result<ResultSet>> Run(const Context& ctx, const Result<std::string>& statement) {
    if (!statement.ok()) co_return statement.error();
    co_return co_await executor.Execute(ctx, request.session, *statement);
  }
};

using UnaryCall = Task<Result<std::string>> (*)(const Context& ctx, GateTask& task);
using StreamCall = Task<Result<>> (*)(const Context& ctx, GateTask& task,
                                      rpc::ServerWriter& writer);

Task<Result<std::string>> Execute(const Context& ctx, GateTask& task) {
  const Result<ResultSet> result = co_await task.Run(ctx, task.request.statements.front());
  const std::string session = task.request.SessionBytes();
  if (!result.ok()) co_return EncodeExecute(&result.error(), session, nullptr);
  co_return EncodeExecute(nullptr, session, &*result);
}

// Every query runs, whatever became of those before it.
Task<Result<std::string>> ExecuteBatch(const Context& ctx, GateTask& task) {
  std::vector<Result<ResultSet>> results;
  for (const Result<std::string>& statement : task.request.statements) {
    Result<ResultSet> result = co_await task.Run(ctx, statement);
    results.push_back(std::move(result));
  }
  co_return EncodeBatch(task.request.SessionBytes(), results);
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

// The statements of a text one by one. An error ends them.
Task<Result<std::string>> ExecuteMulti(const Context& ctx, GateTask& task) {
  std::vector<ResultSet> results;
  std::optional<Error> failed;
  const Result<std::string>& text = task.request.statements.front();
  if (!text.ok()) failed = text.error();
  std::string_view rest = text.ok() ? std::string_view(*text) : std::string_view();
  do {
    if (failed) break;
    const auto split = sqlparser::SplitFirst(rest);
    if (!split.ok()) {
      failed = split.error();
      break;
    }
    rest = split->second;
    Result<ResultSet> result =
        co_await task.executor.Execute(ctx, task.request.session, split->first);
    if (result.ok())
      results.push_back(*std::move(result));
    else
      failed = std::move(result).error();
  } while (!IsBlank(rest));
  co_return EncodeMulti(failed ? &*failed : nullptr, task.request.SessionBytes(), results);
}

Task<Result<std::string>> CloseSession(const Context& ctx, GateTask& task) {
  co_await task.executor.CloseSession(ctx, task.request.session);
  co_return EncodeClose(nullptr);
}

// Each part of a result as a message of its own.
class PartSink final : public sqltypes::RowSink {
 public:
  explicit PartSink(rpc::ServerWriter& writer) : writer_(writer) {}
  bool started() const { return started_; }

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    started_ = true;
    ResultSet head;
    head.fields = std::move(fields);
    std::string message = queryservice::EncodeResponse(nullptr, &head, kStreamLayout);
    co_return co_await writer_.Write(ctx, std::move(message));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t) override {
    std::string message = queryservice::EncodeRowsResponse(run, kStreamLayout);
    co_return co_await writer_.Write(ctx, std::move(message));
  }

 private:
  rpc::ServerWriter& writer_;
  bool started_ = false;
};

Task<Result<>> StreamExecute(const Context& ctx, GateTask& task, rpc::ServerWriter& writer) {
  const Result<std::string>& statement = task.request.statements.front();
  PartSink sink(writer);
  Result<ResultSet> result = ResultSet();
  if (statement.ok()) {
    result = co_await task.executor.Stream(ctx, task.request.session, *statement, sink);
  } else {
    result = statement.error();
  }
  if (result.ok() && !sink.started()) {
    if (result->fields.empty()) {
      std::string done = queryservice::EncodeResponse(nullptr, &*result, kStreamLayout);
      CO_TRY_OK(co_await writer.Write(ctx, std::move(done)));
    } else {
      CO_TRY_OK(co_await sqltypes::DeliverResult(ctx, *std::move(result), sink));
    }
  }
  std::string last = EncodeStreamEnd(task.request.SessionBytes());
  const Result<> sent = co_await writer.Write(ctx, std::move(last));
  if (!result.ok()) co_return WireError(result.error());
  co_return sent;
}

// A statement's parts with the marks that tell where its result begins.
class MultiSink final : public sqltypes::RowSink {
 public:
  MultiSink(rpc::ServerWriter& writer, bool more_results)
      : writer_(writer), more_results_(more_results) {}
  bool started() const { return started_; }

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    ResultSet head;
    head.fields = std::move(fields);
    co_return co_await WriteResult(ctx, head);
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t) override {
    MultiPart part;
    part.result = run;
    return WritePart(ctx, part);
  }
  Task<Result<>> WriteResult(const Context& ctx, const ResultSet& result) {
    std::string bytes;
    queryservice::AppendQueryResult(result, bytes);
    MultiPart part;
    part.result = bytes;
    co_return co_await WritePart(ctx, part);
  }
  Task<Result<>> WriteError(const Context& ctx, const Error& error) {
    MultiPart part;
    part.error = &error;
    co_return co_await WritePart(ctx, part);
  }

 private:
  Task<Result<>> WritePart(const Context& ctx, MultiPart part) {
    part.more_results = more_results_;
    part.new_result = !std::exchange(started_, true);
    return writer_.Write(ctx, EncodeMultiPart(part));
  }

  rpc::ServerWriter& writer_;
  bool more_results_;
  bool started_ = false;
};

// One statement of a text. False when it failed and has told so: the text ends there.
Task<Result<bool>> StreamOne(const Context& ctx, GateTask& task, std::string_view sql,
                             MultiSink& sink) {
  Result<ResultSet> result = co_await task.executor.Stream(ctx, task.request.session, sql, sink);
  if (!result.ok()) {
    if (sink.started()) co_return WireError(result.error());
    CO_TRY_OK(co_await sink.WriteError(ctx, result.error()));
    co_return false;
  }
  if (sink.started()) co_return true;
  if (result->fields.empty()) {
    CO_TRY_OK(co_await sink.WriteResult(ctx, *result));
  } else {
    CO_TRY_OK(co_await sqltypes::DeliverResult(ctx, *std::move(result), sink));
  }
  co_return true;
}

Task<Result<>> StreamExecuteMulti(const Context& ctx, GateTask& task, rpc::ServerWriter& writer) {
  const Result<std::string>& text = task.request.statements.front();
  if (!text.ok()) co_return WireError(text.error());
  std::string_view rest = *text;
  Result<bool> outcome = true;
  do {
    CO_TRY(const auto split, sqlparser::SplitFirst(rest));
    rest = split.second;
    MultiSink sink(writer, !IsBlank(rest));
    outcome = co_await StreamOne(ctx, task, split.first, sink);
  } while (outcome.ok() && *outcome && !IsBlank(rest));
  std::string last = EncodeMultiEnd(task.request.SessionBytes());
  const Result<> sent = co_await writer.Write(ctx, std::move(last));
  if (!outcome.ok()) co_return std::move(outcome).error();
  co_return sent;
}

Error NoExecutor() { return Error(Code::kUnavailable, "vtgate is shutting down"); }

Task<Result<std::string>> RunUnary(const Context& ctx, ExecutorPicker pick,
                                   const GrpcServiceOptions& options, GateCall call, UnaryCall run,
                                   const runtime::TlsSession* tls, std::string_view bytes) {
  Executor* const executor = pick();
  if (executor == nullptr) co_return NoExecutor();
  GateTask task(*executor, options);
  CO_TRY_OK(task.Decode(call, tls, bytes));
  co_return co_await run(ctx, task);
}

Task<Result<>> RunStream(const Context& ctx, ExecutorPicker pick, const GrpcServiceOptions& options,
                         GateCall call, StreamCall run, const runtime::TlsSession* tls,
                         std::string_view bytes, rpc::ServerWriter& writer) {
  Executor* const executor = pick();
  if (executor == nullptr) co_return NoExecutor();
  GateTask task(*executor, options);
  CO_TRY_OK(task.Decode(call, tls, bytes));
  co_return co_await run(ctx, task, writer);
}

}  // namespace

void RegisterGateService(rpc::Server& server, ExecutorPicker pick, GrpcServiceOptions options) {
  const auto unary = [&server, pick, options](GateCall call, UnaryCall run) {
    server.Unary(std::string(GateCallPath(call)),
                 [=](const Context& ctx, rpc::ServerCall& info, std::string_view bytes) {
                   return RunUnary(ctx, pick, options, call, run, info.tls(), bytes);
                 });
  };
  const auto stream = [&server, pick, options](GateCall call, StreamCall run) {
    server.ServerStream(
        std::string(GateCallPath(call)), [=](const Context& ctx, rpc::ServerCall& info,
                                             std::string_view bytes, rpc::ServerWriter& writer) {
          return RunStream(ctx, pick, options, call, run, info.tls(), bytes, writer);
        });
  };
  unary(GateCall::kExecute, &Execute);
  unary(GateCall::kExecuteMulti, &ExecuteMulti);
  unary(GateCall::kExecuteBatch, &ExecuteBatch);
  unary(GateCall::kCloseSession, &CloseSession);
  stream(GateCall::kStreamExecute, &StreamExecute);
  stream(GateCall::kStreamExecuteMulti, &StreamExecuteMulti);
}

}  // namespace tessera::vtgate
