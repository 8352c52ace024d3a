// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/learn_version.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/waiter.h"

namespace tessera::vtgate {

namespace {

constexpr Duration kAnswerTime = std::chrono::seconds(2);
// Short: who comes as soon as tablets serve should see what they are. Costs a look at a list.
constexpr Duration kUntilOneServes = std::chrono::milliseconds(20);
constexpr Duration kUntilAnother = std::chrono::minutes(1);

Task<bool> Ask(const Context& ctx, Executor& executor, mysqlconn::ServerVersion& version) {
  const Context bounded = ctx.WithTimeout(kAnswerTime);
  std::string told = co_await executor.AskVersion(bounded);
  const bool known = !told.empty();
  version.Learn(std::move(told));
  co_return known;
}

}  // namespace

Task<> LearnVersionNow(const Context& ctx, Executor& executor, mysqlconn::ServerVersion& version) {
  if (version.fixed()) co_return;
  const bool known = co_await Ask(ctx, executor, version);
  static_cast<void>(known);
}

Task<> LearnVersion(Context ctx, Executor& executor, mysqlconn::ServerVersion& version) {
  while (!version.fixed() && !ctx.cancelled()) {
    const bool known = co_await Ask(ctx, executor, version);
    const Result<> slept = co_await Sleep(ctx, known ? kUntilAnother : kUntilOneServes);
    static_cast<void>(slept.ok());
  }
}

}  // namespace tessera::vtgate
