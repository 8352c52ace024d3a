// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "rpc/protobuf.h"
#include "topo/server.h"
#include "vtctl/json.h"
#include "vtctl/methods.h"

// How a command of vtctldclient is written.
namespace tessera::vtctlclient {

using Words = std::vector<std::string>;

// Where operations are: in a vtctld, or in this process.
class Service {
 public:
  virtual ~Service() = default;
  // `method` is a name as in vtctl::Methods.
  virtual Task<Result<std::string>> Call(const Context& ctx, std::string method,
                                         std::string request) = 0;
};

// One run of a command.
struct Call {
  Service* service = nullptr;
  const Words& words;  // what stood on the line beside flags
  vtctl::JsonStyle style;
  topo::Server* topology = nullptr;  // where operations are in this process
  bool dry_run = false;              // of a command whose request knows dry runs itself

  template <class Response, class Request>
  Task<Result<Response>> Ask(const Context& ctx, const Request& request) {
    CO_TRY(std::string bytes, rpc::SerializeProto(request));
    CO_TRY(const std::string answer,
           co_await service->Call(ctx, rpc::ProtoPath<Request>(""), std::move(bytes)));
    co_return rpc::ParseProto<Response>(answer);
  }
};

// To standard output, with a newline. In a dry run nowhere: what commands print is what they did.
void Print(std::string_view text);

template <class T>
void PrintJson(const Call& call, const T& value) {
  Print(vtctl::JsonText(value, call.style));
}

// What a command does, with the flags of its own.
class Action {
 public:
  virtual ~Action() = default;
  virtual void Register(flags::FlagSet&) {}
  virtual Task<Result<>> Run(const Context& ctx, Call& call) = 0;
};

struct Command {
  std::string_view name;       // as in vtctlservice
  std::string_view arguments;  // "<keyspace/shard>"
  std::string_view summary;    // one sentence
  std::string_view example;    // what stands after the program's name
  size_t least = 0;            // words it takes
  size_t most = 0;
  std::function<std::unique_ptr<Action>()> make;
  bool asks_nobody = false;  // then its call has no service
  // Its request has a field for dry runs, which Vitess's vtctld heeds too, and it prints what would
  // be itself.
  bool own_dry_run = false;
};

// Every command does that may change something: --dry-run is one flag for all of them.
bool TakesDryRun(const Command& command);

constexpr size_t kAnyNumber = ~size_t{0};

// A command without flags of its own.
using PlainRun = Task<Result<>> (*)(const Context&, Call&);
class PlainAction final : public Action {
 public:
  explicit PlainAction(PlainRun run) : run_(run) {}
  Task<Result<>> Run(const Context& ctx, Call& call) override { return run_(ctx, call); }

 private:
  PlainRun run_;
};

inline std::function<std::unique_ptr<Action>()> Plain(PlainRun run) {
  return [run] { return std::make_unique<PlainAction>(run); };
}

template <class T>
std::function<std::unique_ptr<Action>()> With() {
  return [] { return std::make_unique<T>(); };
}

// The commands of one file each, by subject.
std::vector<Command> CellCommands();
std::vector<Command> KeyspaceCommands();
std::vector<Command> ShardCommands();
std::vector<Command> TabletCommands();
std::vector<Command> QueryCommands();
std::vector<Command> ReplicationCommands();
std::vector<Command> ServingCommands();
std::vector<Command> SchemaCommands();
std::vector<Command> VSchemaCommands();
std::vector<Command> TopologyCommands();
std::vector<Command> ValidateCommands();
std::vector<Command> RuleCommands();
std::vector<Command> RecordCommands();
std::vector<Command> ReplicationGraphCommands();

}  // namespace tessera::vtctlclient
