// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "keys/target.h"
#include "queryservice/query_service.h"
#include "vtgate/session.h"

namespace tessera::vtgate::internal {

// What a server of the target must have applied before the session reads there; empty when it need
// not wait. read_after_write_gtid is a position of one server, which counts for the keyspace in
// use, or tells one for each shard: "keyspace/shard@position;keyspace/shard@position".
std::string_view PositionFor(const Session& session, const keys::Target& target);
// Whether the text tells shards.
bool NamesShards(std::string_view positions);

// Waits until the tablet has applied the session's position for the target. kDeadlineExceeded when
// read_after_write_timeout is over first.
Task<Result<>> AwaitPosition(const Context& ctx, const Session& session, const keys::Target& target,
                             queryservice::QueryService& tablet);

// The same as a statement, for a connection of the session's own, and what its answer tells.
std::string AwaitSql(const Session& session, std::string_view position);
Result<> CheckAwaited(const Session& session, const keys::Target& target, std::string_view position,
                      sqltypes::ResultSet answer);

}  // namespace tessera::vtgate::internal
