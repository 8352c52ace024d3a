// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctld/service.h"

#include <chrono>
#include <optional>

#include "log/log.h"
#include "vtctl/effects.h"

namespace tessera::vtctld {

namespace {

// A little less time than the caller waits: the answer can then say which tablet was slow, where
// the caller itself could only say that it has waited.
Context WithTimeToTell(const Context& ctx) {
  const std::optional<Duration> left = ctx.remaining();
  return left ? ctx.WithTimeout(*left * 19 / 20) : ctx;
}

// What changes a cluster should be found in the log, with who asked.
Task<Result<std::string>> Run(const Context& ctx, const rpc::ServerCall& call,
                              std::string_view name, const vtctl::Method& method,
                              std::string_view request, OperationStats& stats) {
  const auto begun = std::chrono::steady_clock::now();
  const Context bounded = WithTimeToTell(ctx);
  Result<std::string> answer = co_await method(bounded, request);
  const auto took = std::chrono::steady_clock::now() - begun;
  stats.Note(name, took, answer.ok() ? nullptr : &answer.error());
  if (vtctl::ChangesNothing(name) && answer.ok()) co_return answer;
  if (answer.ok())
    LOG(kInfo, "{} by {}: done in {} ms", name, call.peer(),
        std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  else
    LOG(kWarn, "{} by {}: {}", name, call.peer(), answer.error().message());
  co_return answer;
}

}  // namespace

void RegisterVtctld(rpc::Server& server, const vtctl::Methods& methods, OperationStats& stats) {
  for (const auto& [name, method] : methods) {
    server.Unary("/vtctlservice.Vtctld/" + name,
                 [&name = name, &method = method, &stats](const Context& ctx, rpc::ServerCall& call,
                                                          std::string_view request) {
                   return Run(ctx, call, name, method, request, stats);
                 });
  }
}

}  // namespace tessera::vtctld
