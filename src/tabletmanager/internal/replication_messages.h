// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlctl/replication.h"
#include "tabletmanager/tablet_manager.h"

namespace replicationdata {
class PrimaryStatus;
class Status;
}  // namespace replicationdata

namespace tessera::tabletmanager::internal {

void FillStatus(const mysqlctl::ReplicaStatus& status, const mysqlctl::SemiSyncState& semi_sync,
                ::replicationdata::Status& out);

// Position, place in the binary log and identity of the server.
Task<Result<>> FillPrimaryStatus(const Context& ctx, TabletManager& manager,
                                 mysqlconn::Connection& connection,
                                 ::replicationdata::PrimaryStatus& out);

}  // namespace tessera::tabletmanager::internal
