// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "vtgate/session.h"

// The protobuf message of the same name.
namespace vtgate {
class Session;
}

namespace tessera::vtgate {

// What a client of the gate's gRPC service sent as its session. kInvalidArgument when it names no
// keyspace or shard in a way that can be read.
Result<> DecodeSession(const ::vtgate::Session& message, Session& session);

// Puts what `session` holds into the message it was read from. Fields that a Session does not have
// stay as they came, those of newer versions included; so do fields whose value means the same.
void EncodeSession(const Session& session, ::vtgate::Session& message);

}  // namespace tessera::vtgate
