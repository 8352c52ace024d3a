// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlclient/internal/services.h"

#include <optional>
#include <string>
#include <utility>

#include "proto/operations.pb.h"
#include "rpc/protobuf.h"

namespace tessera::vtctlclient {

// `begun` tells whether the server knows such calls.
Task<Result<std::string>> RemoteService::CallTold(const Context& ctx, const std::string& method,
                                                  const std::string& request, bool& begun) {
  operations::RunRequest run;
  run.set_method(method);
  run.set_request(request);
  run.set_dry_run(hearing_.step != nullptr);
  using Stream = rpc::ProtoStream<operations::RunRequest, operations::RunEvent>;
  CO_TRY(Stream stream, co_await rpc::ServerStreamProto<operations::RunEvent>(
                            channel_, ctx, "/operations.Operations/Run", run));
  std::optional<std::string> answer;
  for (;;) {
    CO_TRY(std::optional<operations::RunEvent> event, co_await stream.Next(ctx));
    if (!event) break;
    begun = true;
    if (event->has_progress()) hearing_.progress(event->progress());
    if (event->has_step() && hearing_.step) hearing_.step(event->step());
    if (event->has_answer()) answer = std::move(*event->mutable_answer());
  }
  if (answer) co_return *std::move(answer);
  co_return Errorf(Code::kInternal, "the vtctld at {} ended {} without an answer",
                   channel_.target().ToString(), method);
}

Task<Result<std::string>> RemoteService::Call(const Context& ctx, std::string method,
                                              std::string request) {
  bool begun = false;
  Result<std::string> told = co_await CallTold(ctx, method, request, begun);
  if (told.ok() || begun || told.error().code() != Code::kUnimplemented) co_return told;
  if (hearing_.step) {
    co_return Errorf(Code::kUnimplemented, "the vtctld at {} knows no dry runs; nothing was done",
                     channel_.target().ToString())
        .WithHint("--server internal and the topology's flags do one without a vtctld");
  }
  const std::string path = "/vtctlservice.Vtctld/" + method;
  co_return co_await channel_.Call(ctx, path, std::move(request));
}

LocalService::LocalService(std::unique_ptr<topo::Server> topo, rpc::ChannelOptions to_tablets,
                           Hearing hearing)
    : topo_(std::move(topo)), tablets_(std::move(to_tablets)), control_{*topo_, tablets_} {
  control_.progress = std::move(hearing.progress);
  if (hearing.step) dry_.emplace(control_, std::move(hearing.step));
  methods_ = vtctl::AllMethods(dry_ ? dry_->control() : control_);
}

Task<Result<std::unique_ptr<LocalService>>> LocalService::Open(const Context& ctx,
                                                               topo::ServerOptions topology,
                                                               topo::Server::Factories topologies,
                                                               rpc::ChannelOptions to_tablets,
                                                               Hearing hearing) {
  CO_TRY(std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, std::move(topology), std::move(topologies)));
  co_return std::unique_ptr<LocalService>(
      new LocalService(std::move(topo), std::move(to_tablets), std::move(hearing)));
}

Task<Result<std::string>> LocalService::Call(const Context& ctx, std::string method,
                                             std::string request) {
  const auto found = methods_.find(method);
  if (found == methods_.end())
    co_return Errorf(Code::kUnimplemented, "there is no operation {}", method);
  const vtctl::Method& run = found->second;
  co_return co_await run(ctx, request);
}

Task<> LocalService::Close() {
  if (dry_) co_await dry_->Close();
  co_await tablets_.Close();
  co_await topo_->Close();
}

}  // namespace tessera::vtctlclient
