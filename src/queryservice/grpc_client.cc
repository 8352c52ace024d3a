// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/grpc_client.h"

#include <memory>
#include <optional>
#include <utility>

#include "queryservice/internal/call_error.h"

namespace tessera::queryservice {

using internal::FromCall;

using sqltypes::ResultSet;

namespace {

Error InBand(const Error& error) { return Error(error.code(), "vttablet: " + error.message()); }

Request IdRequest(const keys::Target& target, int64_t transaction_id, int64_t reserved_id) {
  Request request;
  request.target = &target;
  request.transaction_id = transaction_id;
  request.reserved_id = reserved_id;
  return request;
}

// Gives one streamed result to the sink.
Task<Result<>> Deliver(const Context& ctx, ResultSet& result, ResultSink& sink) {
  if (!result.fields.empty()) {
    CO_TRY_OK(co_await sink.OnFields(ctx, std::move(result.fields)));
  }
  if (result.row_count() > 0) {
    CO_TRY_OK(co_await sink.OnRows(ctx, result.encoded_rows(), result.row_count()));
  }
  co_return Ok{};
}

}  // namespace

Task<Result<DecodedResponse>> GrpcClient::Call(const Context& ctx, const Method& method,
                                               const Request& request) {
  std::string bytes = EncodeRequest(request, method.request);
  Result<std::string> answer = co_await channel_.Call(ctx, method.path, std::move(bytes));
  if (!answer.ok()) co_return FromCall(answer.error());
  const auto buffer = std::make_shared<const std::string>(*std::move(answer));
  CO_TRY(DecodedResponse response, DecodeResponse(*buffer, method.response, buffer));
  if (response.state.error) response.state.error = InBand(*response.state.error);
  co_return response;
}

Task<Result<StatefulResult>> GrpcClient::CallStateful(const Context& ctx, const Method& method,
                                                      const Request& request) {
  CO_TRY(DecodedResponse response, co_await Call(ctx, method, request));
  StatefulResult out;
  out.state = std::move(response.state);
  if (response.result) out.result = *std::move(response.result);
  co_return out;
}

Task<Result<State>> GrpcClient::CallStream(const Context& ctx, const Method& method,
                                           const Request& request, ResultSink& sink) {
  std::string bytes = EncodeRequest(request, method.request);
  Result<std::unique_ptr<rpc::ClientStream>> opened =
      co_await channel_.ServerStream(ctx, method.path, std::move(bytes));
  if (!opened.ok()) co_return FromCall(opened.error());
  const std::unique_ptr<rpc::ClientStream> stream = *std::move(opened);
  State state;
  while (true) {
    Result<std::optional<std::string>> message = co_await stream->Next(ctx);
    if (!message.ok()) co_return FromCall(message.error());
    if (!message->has_value()) break;
    const auto buffer = std::make_shared<const std::string>(*std::move(*message));
    CO_TRY(DecodedResponse response, DecodeResponse(*buffer, method.response, buffer));
    if (response.result) {
      CO_TRY_OK(co_await Deliver(ctx, *response.result, sink));
    }
    // The ids stand in the last message, which has no rows.
    if (!response.result || response.state.error) state = std::move(response.state);
  }
  if (state.error) state.error = InBand(*state.error);
  co_return state;
}

Task<Result<ResultSet>> GrpcClient::Execute(const Context& ctx, const Request& request) {
  CO_TRY(DecodedResponse response, co_await Call(ctx, kExecute, request));
  if (!response.result) co_return ResultSet();
  co_return *std::move(response.result);
}

Task<Result<>> GrpcClient::StreamExecute(const Context& ctx, const Request& request,
                                         ResultSink& sink) {
  CO_TRY_OK(co_await CallStream(ctx, kStreamExecute, request, sink));
  co_return Ok{};
}

Task<Result<State>> GrpcClient::Begin(const Context& ctx, const Request& request) {
  CO_TRY(DecodedResponse response, co_await Call(ctx, kBegin, request));
  co_return std::move(response.state);
}

Task<Result<State>> GrpcClient::Commit(const Context& ctx, const keys::Target& target,
                                       int64_t transaction_id) {
  const Request request = IdRequest(target, transaction_id, 0);
  CO_TRY(DecodedResponse response, co_await Call(ctx, kCommit, request));
  co_return std::move(response.state);
}

Task<Result<State>> GrpcClient::Rollback(const Context& ctx, const keys::Target& target,
                                         int64_t transaction_id) {
  const Request request = IdRequest(target, transaction_id, 0);
  CO_TRY(DecodedResponse response, co_await Call(ctx, kRollback, request));
  co_return std::move(response.state);
}

Task<Result<StatefulResult>> GrpcClient::BeginExecute(const Context& ctx, const Request& request) {
  return CallStateful(ctx, kBeginExecute, request);
}

Task<Result<State>> GrpcClient::BeginStreamExecute(const Context& ctx, const Request& request,
                                                   ResultSink& sink) {
  return CallStream(ctx, kBeginStreamExecute, request, sink);
}

Task<Result<StatefulResult>> GrpcClient::ReserveExecute(const Context& ctx,
                                                        const Request& request) {
  return CallStateful(ctx, kReserveExecute, request);
}

Task<Result<State>> GrpcClient::ReserveStreamExecute(const Context& ctx, const Request& request,
                                                     ResultSink& sink) {
  return CallStream(ctx, kReserveStreamExecute, request, sink);
}

Task<Result<StatefulResult>> GrpcClient::ReserveBeginExecute(const Context& ctx,
                                                             const Request& request) {
  return CallStateful(ctx, kReserveBeginExecute, request);
}

Task<Result<State>> GrpcClient::ReserveBeginStreamExecute(const Context& ctx,
                                                          const Request& request,
                                                          ResultSink& sink) {
  return CallStream(ctx, kReserveBeginStreamExecute, request, sink);
}

Task<Result<>> GrpcClient::Release(const Context& ctx, const keys::Target& target,
                                   int64_t transaction_id, int64_t reserved_id) {
  const Request request = IdRequest(target, transaction_id, reserved_id);
  CO_TRY_OK(co_await Call(ctx, kRelease, request));
  co_return Ok{};
}

Task<Result<>> GrpcClient::StreamHealth(const Context& ctx, HealthSink& sink) {
  Result<std::unique_ptr<rpc::ClientStream>> opened =
      co_await channel_.ServerStream(ctx, kStreamHealthPath, std::string());
  if (!opened.ok()) co_return FromCall(opened.error());
  const std::unique_ptr<rpc::ClientStream> stream = *std::move(opened);
  while (true) {
    const Result<std::optional<std::string>> message = co_await stream->Next(ctx);
    if (!message.ok()) co_return FromCall(message.error());
    if (!message->has_value()) co_return Ok{};
    CO_TRY(const Health health, DecodeHealth(**message));
    CO_TRY_OK(co_await sink.OnHealth(ctx, health));
  }
}

Task<Result<>> GrpcClient::GetSchema(const Context& ctx, const keys::Target& target,
                                     SchemaTables kind, std::span<const std::string> tables,
                                     SchemaSink& sink) {
  std::string bytes = EncodeSchemaRequest(target, kind, tables);
  Result<std::unique_ptr<rpc::ClientStream>> opened =
      co_await channel_.ServerStream(ctx, kGetSchemaPath, std::move(bytes));
  if (!opened.ok()) co_return FromCall(opened.error());
  const std::unique_ptr<rpc::ClientStream> stream = *std::move(opened);
  while (true) {
    const Result<std::optional<std::string>> message = co_await stream->Next(ctx);
    if (!message.ok()) co_return FromCall(message.error());
    if (!message->has_value()) co_return Ok{};
    CO_TRY(std::vector<TableDefinition> definitions, DecodeSchemaResponse(**message));
    if (definitions.empty()) continue;
    CO_TRY_OK(co_await sink.OnTables(ctx, std::move(definitions)));
  }
}

}  // namespace tessera::queryservice
