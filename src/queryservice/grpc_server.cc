// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/grpc_server.h"

#include <string>
#include <string_view>
#include <utility>

#include "queryservice/codec.h"
#include "queryservice/internal/attach_server.h"

namespace tessera::queryservice {

using sqltypes::ResultSet;

namespace {

using StatefulCall = Task<Result<StatefulResult>> (QueryService::*)(const Context&, const Request&);
using StreamCall = Task<Result<State>> (QueryService::*)(const Context&, const Request&,
                                                         ResultSink&);
using IdCall = Task<Result<State>> (QueryService::*)(const Context&, const keys::Target&, int64_t);

Error NoTarget() { return Error(Code::kInvalidArgument, "No target"); }

// Sends each part of a streamed result as a response of its own.
class WireSink final : public ResultSink {
 public:
  WireSink(rpc::ServerWriter& writer, const ResponseLayout& layout)
      : writer_(writer), layout_(layout) {}

  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    ResultSet result;
    result.fields = std::move(fields);
    std::string message = EncodeResponse(nullptr, &result, layout_);
    co_return co_await writer_.Write(ctx, std::move(message));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t) override {
    std::string message = EncodeRowsResponse(run, layout_);
    co_return co_await writer_.Write(ctx, std::move(message));
  }

 private:
  rpc::ServerWriter& writer_;
  const ResponseLayout& layout_;
};

class WireHealthSink final : public HealthSink {
 public:
  explicit WireHealthSink(rpc::ServerWriter& writer) : writer_(writer) {}
  Task<Result<>> OnHealth(const Context& ctx, const Health& health) override {
    return writer_.Write(ctx, EncodeHealth(health));
  }

 private:
  rpc::ServerWriter& writer_;
};

class WireSchemaSink final : public SchemaSink {
 public:
  explicit WireSchemaSink(rpc::ServerWriter& writer) : writer_(writer) {}
  Task<Result<>> OnTables(const Context& ctx, std::vector<TableDefinition> tables) override {
    return writer_.Write(ctx, EncodeSchemaResponse(tables));
  }

 private:
  rpc::ServerWriter& writer_;
};

Task<Result<std::string>> Execute(QueryService& service, const Context& ctx,
                                  std::string_view bytes) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, kExecute.request));
  CO_TRY(const ResultSet result, co_await service.Execute(ctx, decoded.request()));
  co_return EncodeResponse(nullptr, &result, kExecute.response);
}

Task<Result<std::string>> Begin(QueryService& service, const Context& ctx, std::string_view bytes) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, kBegin.request));
  CO_TRY(const State state, co_await service.Begin(ctx, decoded.request()));
  co_return EncodeResponse(&state, nullptr, kBegin.response);
}

Task<Result<std::string>> End(QueryService& service, const Context& ctx, std::string_view bytes,
                              const Method& method, IdCall call) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, method.request));
  const Request& request = decoded.request();
  if (request.target == nullptr) co_return NoTarget();
  CO_TRY(const State state, co_await (service.*call)(ctx, *request.target, request.transaction_id));
  co_return EncodeResponse(&state, nullptr, method.response);
}

Task<Result<std::string>> Release(QueryService& service, const Context& ctx,
                                  std::string_view bytes) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, kRelease.request));
  const Request& request = decoded.request();
  if (request.target == nullptr) co_return NoTarget();
  CO_TRY_OK(
      co_await service.Release(ctx, *request.target, request.transaction_id, request.reserved_id));
  co_return std::string();
}

Task<Result<std::string>> Stateful(QueryService& service, const Context& ctx,
                                   std::string_view bytes, const Method& method,
                                   StatefulCall call) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, method.request));
  CO_TRY(const StatefulResult out, co_await (service.*call)(ctx, decoded.request()));
  const ResultSet* const result = out.state.error ? nullptr : &out.result;
  co_return EncodeResponse(&out.state, result, method.response);
}

Task<Result<>> StreamExecute(QueryService& service, const Context& ctx, std::string_view bytes,
                             rpc::ServerWriter& writer) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, kStreamExecute.request));
  WireSink sink(writer, kStreamExecute.response);
  co_return co_await service.StreamExecute(ctx, decoded.request(), sink);
}

Task<Result<>> StatefulStream(QueryService& service, const Context& ctx, std::string_view bytes,
                              rpc::ServerWriter& writer, const Method& method, StreamCall call) {
  DecodedRequest decoded;
  CO_TRY_OK(decoded.Decode(bytes, method.request));
  WireSink sink(writer, method.response);
  CO_TRY(const State state, co_await (service.*call)(ctx, decoded.request(), sink));
  std::string last = EncodeResponse(&state, nullptr, method.response);
  co_return co_await writer.Write(ctx, std::move(last));
}

Task<Result<>> StreamHealth(QueryService& service, const Context& ctx, rpc::ServerWriter& writer) {
  WireHealthSink sink(writer);
  co_return co_await service.StreamHealth(ctx, sink);
}

Task<Result<>> GetSchema(QueryService& service, const Context& ctx, std::string_view bytes,
                         rpc::ServerWriter& writer) {
  CO_TRY(const SchemaRequest request, DecodeSchemaRequest(bytes));
  if (!request.has_target) co_return NoTarget();
  WireSchemaSink sink(writer);
  co_return co_await service.GetSchema(ctx, request.target, request.kind, request.tables, sink);
}

void RegisterStateful(rpc::Server& server, const ServicePicker& pick, const Method& method,
                      StatefulCall call) {
  server.Unary(std::string(method.path),
               [pick, &method, call](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return Stateful(pick(), ctx, bytes, method, call);
               });
}

void RegisterEnd(rpc::Server& server, const ServicePicker& pick, const Method& method,
                 IdCall call) {
  server.Unary(std::string(method.path),
               [pick, &method, call](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return End(pick(), ctx, bytes, method, call);
               });
}

void RegisterStream(rpc::Server& server, const ServicePicker& pick, const Method& method,
                    StreamCall call) {
  server.ServerStream(std::string(method.path),
                      [pick, &method, call](const Context& ctx, rpc::ServerCall&,
                                            std::string_view bytes, rpc::ServerWriter& writer) {
                        return StatefulStream(pick(), ctx, bytes, writer, method, call);
                      });
}

}  // namespace

void RegisterQueryService(rpc::Server& server, ServicePicker pick) {
  internal::RegisterAttach(server, pick);
  server.Unary(std::string(kExecute.path),
               [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return Execute(pick(), ctx, bytes);
               });
  server.Unary(std::string(kBegin.path),
               [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return Begin(pick(), ctx, bytes);
               });
  server.Unary(std::string(kRelease.path),
               [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes) {
                 return Release(pick(), ctx, bytes);
               });
  RegisterEnd(server, pick, kCommit, &QueryService::Commit);
  RegisterEnd(server, pick, kRollback, &QueryService::Rollback);
  RegisterStateful(server, pick, kBeginExecute, &QueryService::BeginExecute);
  RegisterStateful(server, pick, kReserveExecute, &QueryService::ReserveExecute);
  RegisterStateful(server, pick, kReserveBeginExecute, &QueryService::ReserveBeginExecute);
  RegisterStream(server, pick, kBeginStreamExecute, &QueryService::BeginStreamExecute);
  RegisterStream(server, pick, kReserveStreamExecute, &QueryService::ReserveStreamExecute);
  RegisterStream(server, pick, kReserveBeginStreamExecute,
                 &QueryService::ReserveBeginStreamExecute);
  server.ServerStream(
      std::string(kStreamExecute.path),
      [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes,
             rpc::ServerWriter& writer) { return StreamExecute(pick(), ctx, bytes, writer); });
  server.ServerStream(
      std::string(kStreamHealthPath),
      [pick](const Context& ctx, rpc::ServerCall&, std::string_view, rpc::ServerWriter& writer) {
        return StreamHealth(pick(), ctx, writer);
      });
  server.ServerStream(
      std::string(kGetSchemaPath),
      [pick](const Context& ctx, rpc::ServerCall&, std::string_view bytes,
             rpc::ServerWriter& writer) { return GetSchema(pick(), ctx, bytes, writer); });
}

}  // namespace tessera::queryservice
