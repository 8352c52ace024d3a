// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keys/tablet_alias.h"
#include "proto/topodata.pb.h"
#include "rpc/protobuf.h"
#include "topo/conn.h"
#include "topo/records.h"
#include "topo/server.h"
#include "vtctl/methods.h"

// How an operation is written: a function from its request to its answer, added under the name its
// request's type tells. Included by operations only.
namespace tessera::vtctl {

template <class Response, class Request>
using Operation = Task<Result<Response>> (*)(const Context&, Control&, const Request&);

template <class Response, class Request>
Task<Result<std::string>> RunOperation(Operation<Response, Request> operation, const Context& ctx,
                                       Control& control, std::string_view bytes) {
  CO_TRY(const Request request, rpc::ParseProto<Request>(bytes));
  const Result<Response> response = co_await operation(ctx, control, request);
  if (!response.ok()) co_return Error(response.error().code(), response.error().ToString());
  co_return rpc::SerializeProto(*response);
}

template <class Response, class Request>
void Add(Methods& methods, Control& control, Operation<Response, Request> operation) {
  methods.emplace(rpc::ProtoPath<Request>(""),
                  [operation, &control](const Context& ctx, std::string_view bytes) {
                    return RunOperation(operation, ctx, control, bytes);
                  });
}

// The operations of one file.
void AddCells(Methods& methods, Control& control);
void AddKeyspaces(Methods& methods, Control& control);
void AddShards(Methods& methods, Control& control);
void AddTablets(Methods& methods, Control& control);
void AddTabletCalls(Methods& methods, Control& control);
void AddReplication(Methods& methods, Control& control);
void AddRules(Methods& methods, Control& control);
void AddServing(Methods& methods, Control& control);
void AddVSchema(Methods& methods, Control& control);
void AddSchema(Methods& methods, Control& control);
void AddTopologyPaths(Methods& methods, Control& control);
void AddValidate(Methods& methods, Control& control);
void AddVersions(Methods& methods, Control& control);
void AddPermissions(Methods& methods, Control& control);
void AddCopySchema(Methods& methods, Control& control);
void AddRecordEdits(Methods& methods, Control& control);

// A record as its message: both are the same bytes.
template <class Message, class Record>
Message ToMessage(const Record& record) {
  Message message;
  message.ParseFromString(topo::Encode(record));
  return message;
}

inline keys::TabletAlias AliasOf(const topodata::TabletAlias& alias) {
  return {alias.cell(), alias.uid()};
}

// The record a request's alias names; kInvalidArgument when it names none.
Task<Result<topo::Tablet>> FindTablet(const Context& ctx, Control& control,
                                      const topodata::TabletAlias& alias);

// The records a request names; kNotFound names what is missing.
Task<Result<topo::Versioned<topo::Keyspace>>> FindKeyspace(const Context& ctx, Control& control,
                                                           std::string_view keyspace);
Task<Result<topo::Versioned<topo::Shard>>> FindShard(const Context& ctx, Control& control,
                                                     std::string_view keyspace,
                                                     std::string_view shard);

// Runs `work` while the keyspace's lock is held (topo::Server::UnderKeyspaceLock): what it does to
// the topology through the Control it gets, it does only while the lock is its own.
using LockedWork = std::function<Task<Result<>>(Control& locked)>;
Task<Result<>> UnderKeyspaceLock(const Context& ctx, Control& control, std::string keyspace,
                                 std::string_view action, LockedWork work);

// A shard's primary, and what its keyspace asks of replicas. kFailedPrecondition when the shard has
// none, or the tablet it names does not say that it is.
struct ShardPrimary {
  topo::Tablet primary;
  std::string durability_policy;
};
Task<Result<ShardPrimary>> FindPrimary(const Context& ctx, Control& control,
                                       const topo::Tablet& of_shard);

// The tablets of a shard, of all its cells or of those named. A cell that cannot be read is an
// error.
Task<Result<std::vector<topo::Tablet>>> TabletsOfShard(const Context& ctx, Control& control,
                                                       std::string_view keyspace,
                                                       std::string_view shard,
                                                       std::vector<std::string> cells = {});

// One question to one tablet, within the time a tablet has for an answer.
template <class Response, class Request>
Task<Result<Response>> Ask(const Context& ctx, Control& control, const topo::Tablet& tablet,
                           const Request& request) {
  const Context bounded = ctx.WithTimeout(control.tablet_timeout);
  co_return co_await control.tablets.Call<Response>(bounded, tablet, request);
}

// The same to the tablet an alias names.
template <class Response, class Request>
Task<Result<Response>> AskAlias(const Context& ctx, Control& control,
                                const topodata::TabletAlias& alias, const Request& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, alias));
  co_return co_await Ask<Response>(ctx, control, tablet, request);
}

// Tells as progress what is done without its lock.
inline topo::Server::WithoutLock TellOf(Control& control) {
  return [&control](const Error& why) { control.Tell(why.ToString()); };
}

inline Error Missing(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "the request names no {}", what);
}

}  // namespace tessera::vtctl
