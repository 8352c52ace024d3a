// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on cells, their aliases, and topologies of other clusters.
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;
using google::protobuf::Message;

namespace {

// --root and --server-address, of both commands that write a cell.
class CellFlags : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(root_, address_); }

 protected:
  topodata::CellInfo Info() const {
    topodata::CellInfo info;
    info.set_root(*root_);
    info.set_server_address(*address_);
    return info;
  }

 private:
  Flag<std::string> root_{"root", "", "Path of the cell's records on its topology server."};
  Flag<std::string> address_{"server-address", "",
                             "The cell's topology server: host:port, or a directory."};
};

class AddCellInfo final : public CellFlags {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::AddCellInfoRequest request;
    request.set_name(call.words[0]);
    *request.mutable_cell_info() = Info();
    CO_TRY_OK(co_await call.Ask<vtctldata::AddCellInfoResponse>(ctx, request));
    Print("Created cell: " + call.words[0]);
    co_return Ok{};
  }
};

class UpdateCellInfo final : public CellFlags {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::UpdateCellInfoRequest request;
    request.set_name(call.words[0]);
    *request.mutable_cell_info() = Info();
    CO_TRY(const vtctldata::UpdateCellInfoResponse response,
           co_await call.Ask<vtctldata::UpdateCellInfoResponse>(ctx, request));
    Print("Updated cell " + response.name() + ". New CellInfo:");
    PrintJson(call, response.cell_info());
    co_return Ok{};
  }
};

class DeleteCellInfo final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(force_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::DeleteCellInfoRequest request;
    request.set_name(call.words[0]);
    request.set_force(*force_);
    CO_TRY_OK(co_await call.Ask<vtctldata::DeleteCellInfoResponse>(ctx, request));
    Print("Deleted cell " + call.words[0]);
    co_return Ok{};
  }

 private:
  Flag<bool> force_{"force", false, "Although records still refer to it."};
};

Task<Result<>> GetCellInfo(const Context& ctx, Call& call) {
  vtctldata::GetCellInfoRequest request;
  request.set_cell(call.words[0]);
  CO_TRY(const vtctldata::GetCellInfoResponse response,
         co_await call.Ask<vtctldata::GetCellInfoResponse>(ctx, request));
  PrintJson(call, response.cell_info());
  co_return Ok{};
}

Task<Result<>> GetCellInfoNames(const Context& ctx, Call& call) {
  const vtctldata::GetCellInfoNamesRequest request;
  CO_TRY(const vtctldata::GetCellInfoNamesResponse response,
         co_await call.Ask<vtctldata::GetCellInfoNamesResponse>(ctx, request));
  for (const std::string& name : response.names()) Print(name);
  co_return Ok{};
}

class AddCellsAlias final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::AddCellsAliasRequest request;
    request.set_name(call.words[0]);
    for (const std::string& cell : *cells_) request.add_cells(cell);
    CO_TRY_OK(co_await call.Ask<vtctldata::AddCellsAliasResponse>(ctx, request));
    Print("Created cells alias: " + call.words[0]);
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "The cells the alias stands for."};
};

class UpdateCellsAlias final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::UpdateCellsAliasRequest request;
    request.set_name(call.words[0]);
    for (const std::string& cell : *cells_) request.mutable_cells_alias()->add_cells(cell);
    CO_TRY(const vtctldata::UpdateCellsAliasResponse response,
           co_await call.Ask<vtctldata::UpdateCellsAliasResponse>(ctx, request));
    Print("Updated cells alias " + response.name() + ". New CellsAlias:");
    PrintJson(call, response.cells_alias());
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "The cells the alias stands for from now."};
};

Task<Result<>> DeleteCellsAlias(const Context& ctx, Call& call) {
  vtctldata::DeleteCellsAliasRequest request;
  request.set_name(call.words[0]);
  CO_TRY_OK(co_await call.Ask<vtctldata::DeleteCellsAliasResponse>(ctx, request));
  Print("Deleted cells alias " + call.words[0]);
  co_return Ok{};
}

Task<Result<>> GetCellsAliases(const Context& ctx, Call& call) {
  const vtctldata::GetCellsAliasesRequest request;
  CO_TRY(const vtctldata::GetCellsAliasesResponse response,
         co_await call.Ask<vtctldata::GetCellsAliasesResponse>(ctx, request));
  std::map<std::string, const Message*> by_name;
  for (const auto& [name, alias] : response.aliases()) by_name[name] = &alias;
  PrintJson(call, by_name);
  co_return Ok{};
}

class Mount final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(type_, server_, root_, name_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    const std::string& verb = call.words[0];
    if (verb == "register") {
      co_return co_await Add(ctx, call);
    }
    if (verb == "unregister") {
      co_return co_await Remove(ctx, call);
    }
    if (verb == "show") {
      co_return co_await Show(ctx, call);
    }
    if (verb == "list") {
      co_return co_await List(ctx, call);
    }
    co_return Errorf(Code::kInvalidArgument, "Mount cannot {}", verb)
        .WithHint("register, unregister, show or list");
  }

 private:
  Task<Result<>> Add(const Context& ctx, Call& call) {
    vtctldata::MountRegisterRequest request;
    request.set_topo_type(*type_);
    request.set_topo_server(*server_);
    request.set_topo_root(*root_);
    request.set_name(*name_);
    CO_TRY_OK(co_await call.Ask<vtctldata::MountRegisterResponse>(ctx, request));
    Print("Mount " + *name_ + " registered successfully");
    co_return Ok{};
  }
  Task<Result<>> Remove(const Context& ctx, Call& call) {
    vtctldata::MountUnregisterRequest request;
    request.set_name(*name_);
    CO_TRY_OK(co_await call.Ask<vtctldata::MountUnregisterResponse>(ctx, request));
    Print("Mount " + *name_ + " unregistered successfully");
    co_return Ok{};
  }
  Task<Result<>> Show(const Context& ctx, Call& call) {
    vtctldata::MountShowRequest request;
    request.set_name(*name_);
    CO_TRY(const vtctldata::MountShowResponse response,
           co_await call.Ask<vtctldata::MountShowResponse>(ctx, request));
    PrintJson(call, response);
    co_return Ok{};
  }
  static Task<Result<>> List(const Context& ctx, Call& call) {
    const vtctldata::MountListRequest request;
    CO_TRY(const vtctldata::MountListResponse response,
           co_await call.Ask<vtctldata::MountListResponse>(ctx, request));
    PrintJson(call, response);
    co_return Ok{};
  }

  Flag<std::string> type_{"topo-type", "etcd2", "Kind of the other cluster's topology server."};
  Flag<std::string> server_{"topo-server", "", "Its address."};
  Flag<std::string> root_{"topo-root", "", "Path of its global cell."};
  Flag<std::string> name_{"name", "", "What the other cluster is called here."};
};

}  // namespace

std::vector<Command> CellCommands() {
  return {
      {"AddCellInfo", "<cell>", "Makes a cell: a place with a topology of its own.",
       "AddCellInfo --root /vitess/zone1 --server-address localhost:2379 zone1", 1, 1,
       With<AddCellInfo>()},
      {"UpdateCellInfo", "<cell>", "Changes where a cell's topology is; makes the cell if needed.",
       "UpdateCellInfo --server-address localhost:12379 zone1", 1, 1, With<UpdateCellInfo>()},
      {"DeleteCellInfo", "<cell>", "Deletes a cell that nothing uses any more.",
       "DeleteCellInfo zone1", 1, 1, With<DeleteCellInfo>()},
      {"GetCellInfo", "<cell>", "Shows where a cell's topology is.", "GetCellInfo zone1", 1, 1,
       Plain(&GetCellInfo)},
      {"GetCellInfoNames", "", "Lists the cells.", "GetCellInfoNames", 0, 0,
       Plain(&GetCellInfoNames)},
      {"AddCellsAlias", "<alias>", "Lets gates of several cells use each other's replicas.",
       "AddCellsAlias --cells zone1,zone2 region1", 1, 1, With<AddCellsAlias>()},
      {"UpdateCellsAlias", "<alias>", "Changes the cells of an alias.",
       "UpdateCellsAlias --cells zone1,zone2,zone3 region1", 1, 1, With<UpdateCellsAlias>()},
      {"DeleteCellsAlias", "<alias>", "Deletes an alias of cells.", "DeleteCellsAlias region1", 1,
       1, Plain(&DeleteCellsAlias)},
      {"GetCellsAliases", "", "Shows the aliases of cells.", "GetCellsAliases", 0, 0,
       Plain(&GetCellsAliases)},
      {"Mount", "<register|unregister|show|list>",
       "Gives names to other clusters' topologies, to copy data from them.",
       "Mount register --name ext1 --topo-type etcd2 --topo-server localhost:12379 --topo-root "
       "/vitess/global",
       1, 1, With<Mount>()},
  };
}

}  // namespace tessera::vtctlclient
