// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/reload.h"

#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "runtime/loop.h"
#include "runtime/signals.h"

namespace tessera::vtgate {

using mysqlconn::ServerShared;

namespace {

Task<bool> ReloadUsers(ServerShared& shared) {
  const auto read = [&shared] { return shared.auth.Reload(); };
  const Result<> users = co_await runtime::RunBlocking(read);
  if (!users.ok()) LOG(kError, "the users stay as they were: {}", users.error().ToString());
  co_return users.ok();
}

Task<bool> ReloadTls(const MysqlFlags& flags, ServerShared& shared) {
  const auto read = [&flags] { return flags.LoadTls(); };
  Result<std::shared_ptr<const runtime::TlsContext>> tls = co_await runtime::RunBlocking(read);
  if (tls.ok()) {
    shared.tls.Set(std::move(tls).value());
    co_return true;
  }
  LOG(kError, "the certificates stay as they were: {}", tls.error().ToString());
  co_return false;
}

}  // namespace

Task<> ReloadFront(const MysqlFlags& flags, ServerShared& shared) {
  const bool users = co_await ReloadUsers(shared);
  const bool tls = co_await ReloadTls(flags, shared);
  if (users && tls) LOG(kInfo, "users and certificates of MySQL clients were read again");
}

Task<> ReloadOnSignal(const Context& ctx, const MysqlFlags& flags, ServerShared& shared) {
  for (;;) {
    const Result<> signal = co_await runtime::WaitForReloadSignal(ctx);
    if (!signal.ok()) co_return;
    co_await ReloadFront(flags, shared);
  }
}

Task<> ReloadAtIntervals(const Context& ctx, const MysqlFlags& flags, ServerShared& shared) {
  if (*flags.auth_reload <= Duration(0)) co_return;
  for (;;) {
    const Result<> slept = co_await Sleep(ctx, *flags.auth_reload);
    if (!slept.ok()) co_return;
    co_await ReloadUsers(shared);
  }
}

}  // namespace tessera::vtgate
