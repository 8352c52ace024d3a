// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "queryservice/codec.h"
#include "queryservice/query_service.h"
#include "rpc/channel.h"

namespace tessera::queryservice {

// A tablet at the other end of a gRPC channel. Errors read as Vitess's gates show them ("vttablet:
// rpc error: code = NotFound desc = ..."), with the tablet's code. The rows of an answer stay in
// the buffer they were received in. The channel outlives the client; loop and threads are the
// channel's.
class GrpcClient final : public QueryService {
 public:
  explicit GrpcClient(rpc::Channel& channel) : channel_(channel) {}

  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx, const Request& request) override;
  Task<Result<>> StreamExecute(const Context& ctx, const Request& request,
                               ResultSink& sink) override;
  Task<Result<State>> Begin(const Context& ctx, const Request& request) override;
  Task<Result<State>> Commit(const Context& ctx, const keys::Target& target,
                             int64_t transaction_id) override;
  Task<Result<State>> Rollback(const Context& ctx, const keys::Target& target,
                               int64_t transaction_id) override;
  Task<Result<StatefulResult>> BeginExecute(const Context& ctx, const Request& request) override;
  Task<Result<State>> BeginStreamExecute(const Context& ctx, const Request& request,
                                         ResultSink& sink) override;
  Task<Result<StatefulResult>> ReserveExecute(const Context& ctx, const Request& request) override;
  Task<Result<State>> ReserveStreamExecute(const Context& ctx, const Request& request,
                                           ResultSink& sink) override;
  Task<Result<StatefulResult>> ReserveBeginExecute(const Context& ctx,
                                                   const Request& request) override;
  Task<Result<State>> ReserveBeginStreamExecute(const Context& ctx, const Request& request,
                                                ResultSink& sink) override;
  Task<Result<>> Release(const Context& ctx, const keys::Target& target, int64_t transaction_id,
                         int64_t reserved_id) override;
  Task<Result<std::unique_ptr<Attachment>>> Attach(const Context& ctx,
                                                   const Request& request) override;
  Task<Result<sqltypes::ResultSet>> DescribeStatement(const Context& ctx,
                                                      const Request& request) override;
  Task<Result<>> StreamHealth(const Context& ctx, HealthSink& sink) override;
  Task<Result<>> GetSchema(const Context& ctx, const keys::Target& target, SchemaTables kind,
                           std::span<const std::string> tables, SchemaSink& sink) override;

 private:
  Task<Result<DecodedResponse>> Call(const Context& ctx, const Method& method,
                                     const Request& request);
  Task<Result<StatefulResult>> CallStateful(const Context& ctx, const Method& method,
                                            const Request& request);
  Task<Result<State>> CallStream(const Context& ctx, const Method& method, const Request& request,
                                 ResultSink& sink);

  rpc::Channel& channel_;
};

}  // namespace tessera::queryservice
