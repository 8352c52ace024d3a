// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctld/service.h"

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "log/log.h"
#include "proto/operations.pb.h"
#include "rpc/protobuf.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "vtctl/dry_run.h"
#include "vtctl/effects.h"

namespace tessera::vtctld {

namespace {

using operations::RunEvent;
using operations::RunRequest;

// A little less time than the caller waits: the answer can then say which tablet was slow, where
// the caller itself could only say that it has waited.
Context WithTimeToTell(const Context& ctx) {
  const std::optional<Duration> left = ctx.remaining();
  return left ? ctx.WithTimeout(*left * 19 / 20) : ctx;
}

// Which operation runs.
struct Known {
  std::string_view name;
  bool dry_run;
};

// What changes a cluster should be found in the log, with who asked.
Task<Result<std::string>> Run(const Context& ctx, const rpc::ServerCall& call, Known known,
                              const vtctl::Method& method, std::string_view request,
                              OperationStats& stats) {
  const auto begun = std::chrono::steady_clock::now();
  const Context bounded = WithTimeToTell(ctx);
  Result<std::string> answer = co_await method(bounded, request);
  const auto took = std::chrono::steady_clock::now() - begun;
  const std::string_view name = known.name;
  stats.Note(name, took, answer.ok() ? nullptr : &answer.error());
  if (vtctl::ChangesNothing(name) && answer.ok()) co_return answer;
  const std::string_view dry = known.dry_run ? " (dry run)" : "";
  if (answer.ok())
    LOG(kInfo, "{}{} by {}: done in {} ms", name, dry, call.peer(),
        std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  else
    LOG(kWarn, "{}{} by {}: {}", name, dry, call.peer(), answer.error().message());
  co_return answer;
}

// What happens in one run, on its way to who asked. It waits here while the client takes it more
// slowly than it comes; a run tells as much as it does, so there is no other bound.
using Events = runtime::Channel<RunEvent>;

void Push(Events& events, RunEvent event) { static_cast<void>(events.TryPush(std::move(event))); }

Task<Result<>> WriteEvents(const Context& ctx, Events& events, rpc::ProtoWriter<RunEvent>& out) {
  for (;;) {
    CO_TRY(const std::optional<RunEvent> event, co_await events.Pop(ctx));
    if (!event) co_return Ok{};
    CO_TRY_OK(co_await out.Write(ctx, *event));
  }
}

Task<Result<std::string>> RunOn(const Context& ctx, rpc::ServerCall& call, vtctl::Control& control,
                                const RunRequest& request, OperationStats& stats) {
  const vtctl::Methods methods = vtctl::AllMethods(control);
  const auto found = methods.find(request.method());
  if (found == methods.end()) {
    co_return Errorf(Code::kUnimplemented, "there is no operation {}", request.method())
        .WithHint("this vtctld is older than what asks it");
  }
  const vtctl::Method& method = found->second;
  const Known known{found->first, control.dry_run};
  co_return co_await Run(ctx, call, known, method, request.request(), stats);
}

Task<Result<std::string>> Operate(const Context& ctx, rpc::ServerCall& call,
                                  const vtctl::Control& shared, const RunRequest& request,
                                  OperationStats& stats, Events& events) {
  vtctl::Control control = shared.On(shared.topo);
  control.progress = [&](std::string_view line) {
    shared.Tell(line);
    RunEvent event;
    event.set_progress(std::string(line));
    Push(events, std::move(event));
  };
  if (!request.dry_run()) {
    co_return co_await RunOn(ctx, call, control, request, stats);
  }
  vtctl::DryRun::Hear hear = [&events](std::string step) {
    RunEvent event;
    event.set_step(std::move(step));
    Push(events, std::move(event));
  };
  vtctl::DryRun dry(control, std::move(hear));
  Result<std::string> answer = co_await RunOn(ctx, call, dry.control(), request, stats);
  co_await dry.Close();
  co_return answer;
}

Task<Result<>> RunTold(const Context& ctx, rpc::ServerCall& call, const vtctl::Control& shared,
                       const RunRequest& request, OperationStats& stats,
                       rpc::ProtoWriter<RunEvent>& out) {
  Events events(std::numeric_limits<size_t>::max());
  RunEvent begun;
  begun.set_begun(true);
  Push(events, std::move(begun));
  runtime::TaskGroup writing(ctx);
  writing.Start(WriteEvents(writing.context(), events, out));
  Result<std::string> answer = co_await Operate(ctx, call, shared, request, stats, events);
  if (answer.ok()) {
    RunEvent last;
    last.set_answer(std::move(*answer));
    Push(events, std::move(last));
  }
  events.Close();
  const Result<> written = co_await writing.Join();
  if (!answer.ok()) co_return std::move(answer).error();
  co_return written;
}

}  // namespace

void RegisterVtctld(rpc::Server& server, const vtctl::Control& control,
                    const vtctl::Methods& methods, OperationStats& stats) {
  server.ServerStream(
      "/operations.Operations/Run",
      rpc::ProtoServerStream<RunRequest, RunEvent>(
          [&control, &stats](const Context& ctx, rpc::ServerCall& call, const RunRequest& request,
                             rpc::ProtoWriter<RunEvent>& out) {
            return RunTold(ctx, call, control, request, stats, out);
          }));
  for (const auto& [name, method] : methods) {
    server.Unary("/vtctlservice.Vtctld/" + name,
                 [&name = name, &method = method, &stats](const Context& ctx, rpc::ServerCall& call,
                                                          std::string_view request) {
                   return Run(ctx, call, Known{name, false}, method, request, stats);
                 });
  }
}

}  // namespace tessera::vtctld
