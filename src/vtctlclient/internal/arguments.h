// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "flags/flag_set.h"
#include "keys/shard.h"
#include "keys/tablet_alias.h"
#include "proto/topodata.pb.h"
#include "vtctlclient/internal/command.h"

// Words of a command line as parts of requests. Errors name the word.
namespace tessera::vtctlclient {

Result<> SetAlias(std::string_view word, topodata::TabletAlias& alias);
Result<topodata::TabletType> ParseType(std::string_view word);
// "true", "false", "1", "0".
Result<bool> ParseBool(std::string_view word);

// "keyspace/shard".
inline Result<keys::KeyspaceShard> ParseShard(std::string_view word) {
  return keys::ParseKeyspaceShard(word);
}

// A command that asks the tablet its first word names and prints nothing, as nothing comes back.
template <class Request, class Response>
Task<Result<>> AskTablet(const Context& ctx, Call& call) {
  Request request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY_OK(co_await call.Ask<Response>(ctx, request));
  co_return Ok{};
}

// The contents of a file; - is standard input. Blocks: call it before anything runs.
Result<std::string> ReadText(const std::string& path);

// What the first of two flags says, or the file the second names; exactly one must be given.
Result<std::string> TextOrFile(const flags::Flag<std::string>& text,
                               const flags::Flag<std::string>& file);

}  // namespace tessera::vtctlclient
