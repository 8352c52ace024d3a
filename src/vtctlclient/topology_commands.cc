// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on the topology as it is stored.
#include "proto/vtctldata.pb.h"
#include "vtctl/topology_paths.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

class GetTopologyPath final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(version_, as_json_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::GetTopologyPathRequest request;
    request.set_path(call.words[0]);
    request.set_version(*version_);
    request.set_as_json(*as_json_);
    CO_TRY(const vtctldata::GetTopologyPathResponse response,
           co_await call.Ask<vtctldata::GetTopologyPathResponse>(ctx, request));
    if (*as_json_ && !response.cell().data().empty())
      Print(response.cell().data());
    else
      PrintJson(call, response.cell());
    co_return Ok{};
  }

 private:
  Flag<int64_t> version_{"version", 0, "An older version of it, where such are kept."};
  Flag<bool> as_json_{"data-as-json", false, "The record alone, as JSON."};
};

Task<Result<>> WriteTopologyPath(const Context& ctx, Call& call) {
  if (call.topology == nullptr) {
    co_return Error(Code::kInvalidArgument, "a vtctld does not write the topology for others")
        .WithHint("--server internal and the topology's flags");
  }
  CO_TRY(std::string contents, ReadText(call.words[1]));
  co_return co_await vtctl::WriteTopologyPath(ctx, *call.topology, call.words[0],
                                              std::move(contents));
}

}  // namespace

std::vector<Command> TopologyCommands() {
  return {
      {"GetTopologyPath", "<path>", "Shows what the topology holds at a path.",
       "GetTopologyPath /global/keyspaces/customer/shards", 1, 1, With<GetTopologyPath>()},
      {"WriteTopologyPath", "<path> <file>", "Puts a file's bytes into the topology at a path.",
       "WriteTopologyPath --server internal /global/keyspaces/customer/VSchema vschema.pb", 2, 2,
       Plain(&WriteTopologyPath)},
  };
}

}  // namespace tessera::vtctlclient
