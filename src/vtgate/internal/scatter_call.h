// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vtgate/scatter_conn.h"

namespace tessera::vtgate {

// One statement on its way to one shard.
struct ScatterConn::Call {
  keys::Target target;
  engine::ShardQuery query;
  bool begin = false;    // belongs into the session's transaction
  bool outside = false;  // must not run within it
};

namespace internal {

// The session's open part on the target; null when there is none.
ShardSession* FindShard(Session& session, const keys::Target& target);

// Puts ids that a tablet gave into the session: a new part, or those that changed of the old one.
// A second transaction on a target is a part of its own: each must be ended.
void NoteOpened(Session& session, const keys::Target& target, const queryservice::State& opened);

// The session's part on the target has these settings now.
void NoteSettings(Session& session, const keys::Target& target, const std::string& settings);

queryservice::Request RequestFor(const Session& session, const keys::Target& target,
                                 const engine::ShardQuery& query);

}  // namespace internal
}  // namespace tessera::vtgate
