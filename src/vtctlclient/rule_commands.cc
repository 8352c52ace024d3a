// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on routing and mirror rules.
#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;
using namespace vtctldata;

namespace {

// Every kind of rules is applied alike: read as JSON, shown or sent. `Rules` is the message of the
// kind, `Field` the request's field that takes it.
template <class Request, class Response, class Rules, Rules* (Request::*Field)()>
class Apply final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(rules_, file_, cells_, skip_rebuild_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const std::string json, TextOrFile(rules_, file_));
    Request request;
    CO_TRY_OK(vtctl::FromJson(json, *(request.*Field)()));
    request.set_skip_rebuild(*skip_rebuild_);
    for (const std::string& cell : *cells_) request.add_rebuild_cells(cell);
    CO_TRY_OK(co_await call.Ask<Response>(ctx, request));
    Print("New rules object:");
    PrintJson(call, *(request.*Field)());
    co_return Ok{};
  }

 private:
  Flag<std::string> rules_{"rules", "", "The rules as JSON; they replace all of their kind."};
  Flag<std::string> file_{"rules-file", "", "A file of them; - is standard input."};
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only for the gates of these cells."};
  Flag<bool> skip_rebuild_{"skip-rebuild", false, "Leave what gates watch for later."};
};

using ApplyRouting =
    Apply<ApplyRoutingRulesRequest, ApplyRoutingRulesResponse, ::vschema::RoutingRules,
          &ApplyRoutingRulesRequest::mutable_routing_rules>;
using ApplyShardRouting = Apply<ApplyShardRoutingRulesRequest, ApplyShardRoutingRulesResponse,
                                ::vschema::ShardRoutingRules,
                                &ApplyShardRoutingRulesRequest::mutable_shard_routing_rules>;
using ApplyKeyspaceRouting =
    Apply<ApplyKeyspaceRoutingRulesRequest, ApplyKeyspaceRoutingRulesResponse,
          ::vschema::KeyspaceRoutingRules,
          &ApplyKeyspaceRoutingRulesRequest::mutable_keyspace_routing_rules>;

Task<Result<>> GetRouting(const Context& ctx, Call& call) {
  const GetRoutingRulesRequest request;
  CO_TRY(const GetRoutingRulesResponse response,
         co_await call.Ask<GetRoutingRulesResponse>(ctx, request));
  PrintJson(call, response.routing_rules());
  co_return Ok{};
}

Task<Result<>> GetShardRouting(const Context& ctx, Call& call) {
  const GetShardRoutingRulesRequest request;
  CO_TRY(const GetShardRoutingRulesResponse response,
         co_await call.Ask<GetShardRoutingRulesResponse>(ctx, request));
  PrintJson(call, response.shard_routing_rules());
  co_return Ok{};
}

Task<Result<>> GetKeyspaceRouting(const Context& ctx, Call& call) {
  const GetKeyspaceRoutingRulesRequest request;
  CO_TRY(const GetKeyspaceRoutingRulesResponse response,
         co_await call.Ask<GetKeyspaceRoutingRulesResponse>(ctx, request));
  PrintJson(call, response.keyspace_routing_rules());
  co_return Ok{};
}

Task<Result<>> GetMirror(const Context& ctx, Call& call) {
  const GetMirrorRulesRequest request;
  CO_TRY(const GetMirrorRulesResponse response,
         co_await call.Ask<GetMirrorRulesResponse>(ctx, request));
  PrintJson(call, response.mirror_rules());
  co_return Ok{};
}

}  // namespace

std::vector<Command> RuleCommands() {
  return {
      {"ApplyRoutingRules", "", "Replaces the rules that send tables to other keyspaces.",
       "ApplyRoutingRules --rules '{\"rules\": [{\"from_table\": \"orders\", \"to_tables\": "
       "[\"customer.orders\"]}]}'",
       0, 0, With<ApplyRouting>()},
      {"ApplyShardRoutingRules", "", "Replaces the rules that send shards to other keyspaces.",
       "ApplyShardRoutingRules --rules-file rules.json", 0, 0, With<ApplyShardRouting>()},
      {"ApplyKeyspaceRoutingRules", "", "Replaces the rules that send keyspaces to others.",
       "ApplyKeyspaceRoutingRules --rules-file rules.json", 0, 0, With<ApplyKeyspaceRouting>()},
      {"GetRoutingRules", "", "Shows the rules that send tables to other keyspaces.",
       "GetRoutingRules", 0, 0, Plain(&GetRouting)},
      {"GetShardRoutingRules", "", "Shows the rules that send shards to other keyspaces.",
       "GetShardRoutingRules", 0, 0, Plain(&GetShardRouting)},
      {"GetKeyspaceRoutingRules", "", "Shows the rules that send keyspaces to others.",
       "GetKeyspaceRoutingRules", 0, 0, Plain(&GetKeyspaceRouting)},
      {"GetMirrorRules", "", "Shows the rules that copy queries to other keyspaces.",
       "GetMirrorRules", 0, 0, Plain(&GetMirror)},
  };
}

}  // namespace tessera::vtctlclient
