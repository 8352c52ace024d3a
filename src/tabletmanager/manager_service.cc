// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/manager_service.h"

#include <utility>

#include "base/waiter.h"
#include "log/log.h"
#include "tabletmanager/internal/calls.h"

namespace tessera::tabletmanager {

using mysqlconn::Connection;

void ManagerService::Register(rpc::Server& rpc) {
  internal::AddStateCalls(rpc, *this);
  internal::AddQueryCalls(rpc, *this);
  internal::AddSchemaCalls(rpc, *this);
  internal::AddReplicationCalls(rpc, *this);
  internal::AddReparentCalls(rpc, *this);
}

Task<> ManagerService::Stop() {
  if (lock_timer_ != nullptr) {
    const Result<> ended = co_await lock_timer_->CancelAndJoin();
    static_cast<void>(ended.ok());
    lock_timer_.reset();
  }
  locking_.reset();
}

Task<Result<>> ManagerService::LockTables(const Context& ctx) {
  if (locking_ != nullptr)
    co_return Error(Code::kFailedPrecondition, "tables already locked on this tablet");
  CO_TRY(std::unique_ptr<Connection> connection, co_await manager_.ConnectDba(ctx));
  CO_TRY_OK(co_await connection->Query(ctx, "flush tables with read lock"));
  if (lock_timer_ != nullptr) {
    // Of an earlier lock, which has ended.
    const Result<> ended = co_await lock_timer_->CancelAndJoin();
    static_cast<void>(ended.ok());
  }
  locking_ = std::move(connection);
  lock_timer_ = std::make_unique<runtime::TaskGroup>(Context::Background());
  lock_timer_->Start(UnlockAfterTime(lock_timer_->context()));
  co_return Ok{};
}

Task<> ManagerService::UnlockAfterTime(const Context& ctx) {
  const Result<> slept = co_await Sleep(ctx, options_.lock_tables_timeout);
  if (!slept.ok() || locking_ == nullptr) co_return;
  LOG(kWarn, "tablet {}: tables are unlocked: they were locked for too long",
      manager_.options().alias.ToString());
  locking_.reset();
}

Task<Result<>> ManagerService::UnlockTables(const Context& ctx) {
  if (locking_ == nullptr) co_return Error(Code::kFailedPrecondition, "tables were not locked");
  const std::unique_ptr<Connection> connection = std::move(locking_);
  lock_timer_->context().Cancel();
  // Were this to fail, the connection's end unlocks them.
  CO_TRY_OK(co_await connection->Query(ctx, "unlock tables"));
  co_return Ok{};
}

}  // namespace tessera::tabletmanager
