// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topocopy/program.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "flags/flag_set.h"
#include "runtime/loop_pool.h"
#include "topo/topo_flags.h"
#include "topocopy/copy.h"

namespace tessera::topocopy {
namespace {

using flags::Flag;

struct Flags {
  Flag<std::string> from_implementation{"from-implementation", "",
                                        "Kind of the source's topology."};
  Flag<std::string> from_server{"from-server", "", "Address of its global server."};
  Flag<std::string> from_root{"from-root", "", "Path of its global cell there."};
  Flag<std::string> to_implementation{"to-implementation", "", "Kind of the target's topology."};
  Flag<std::string> to_server{"to-server", "", "Address of its global server."};
  Flag<std::string> to_root{"to-root", "", "Path of its global cell there."};
  Flag<bool> compare{"compare", false, "Tell how the two differ, and copy nothing."};
  Flag<bool> keyspaces{"do-keyspaces", false, "Keyspaces and their VSchemas."};
  Flag<bool> shards{"do-shards", false, "Shards."};
  Flag<bool> shard_replications{"do-shard-replications", false,
                                "The lists of tablets that shards keep in each cell."};
  Flag<bool> tablets{"do-tablets", false, "Tablets of all cells."};
  Flag<bool> routing_rules{"do-routing-rules", false,
                           "Rules for tables, shards and keyspaces, and mirror rules."};

  void Register(flags::FlagSet& set) {
    set.Add(from_implementation, from_server, from_root, to_implementation, to_server, to_root,
            compare, keyspaces, shards, shard_replications, tablets, routing_rules);
  }
  Selection Selected() const {
    return {*keyspaces, *shards, *shard_replications, *tablets, *routing_rules};
  }
};

topo::ServerOptions Place(const Flag<std::string>& implementation, const Flag<std::string>& server,
                          const Flag<std::string>& root) {
  topo::ServerOptions options;
  options.implementation = *implementation;
  options.global_address = *server;
  options.global_root = *root;
  return options;
}

void Print(const std::string& line) { std::printf("%s\n", line.c_str()); }

// The exit status once both topologies are open.
Task<Result<int>> CopyOrCompare(const Context& ctx, topo::Server& from, topo::Server& to,
                                const Flags& flags) {
  if (*flags.compare) {
    CO_TRY(const size_t differences, co_await Compare(ctx, from, to, flags.Selected(), Print));
    Print(differences == 0 ? std::string("no differences")
                           : fmt::format("{} records differ", differences));
    co_return differences == 0 ? 0 : 1;
  }
  CO_TRY(const CopyCounts counts, co_await Copy(ctx, from, to, flags.Selected(), Print));
  Print(fmt::format("{} created, {} replaced, {} equal, {} not copied", counts.created,
                    counts.replaced, counts.equal, counts.refused));
  co_return counts.refused == 0 ? 0 : 1;
}

Task<Result<int>> Work(const Context& ctx, const Flags& flags, topo::Server::Factories topologies) {
  topo::ServerOptions source = Place(flags.from_implementation, flags.from_server, flags.from_root);
  topo::ServerOptions target = Place(flags.to_implementation, flags.to_server, flags.to_root);
  Result<std::unique_ptr<topo::Server>> from =
      co_await topo::Server::Open(ctx, std::move(source), topologies);
  if (!from.ok()) co_return std::move(from).error().Wrap("source");
  Result<std::unique_ptr<topo::Server>> to =
      co_await topo::Server::Open(ctx, std::move(target), topologies);
  Result<int> status(1);
  if (to.ok()) {
    topo::Server& source_server = **from;
    topo::Server& target_server = **to;
    status = co_await CopyOrCompare(ctx, source_server, target_server, flags);
    co_await target_server.Close();
  } else {
    status = std::move(to).error().Wrap("target");
  }
  topo::Server& opened = **from;
  co_await opened.Close();
  co_return status;
}

Task<int> Main(const Context& ctx, const Flags& flags, topo::Server::Factories topologies) {
  const Result<int> status = co_await Work(ctx, flags, std::move(topologies));
  if (status.ok()) co_return *status;
  std::fprintf(stderr, "topo2topo: %s\n", status.error().ToString().c_str());
  co_return 1;
}

// What is wrong with the command line; empty when nothing is.
std::string Problem(const Flags& flags, const Result<std::vector<std::string>>& rest) {
  if (!rest.ok()) return rest.error().ToString();
  if (!rest->empty()) return "unknown argument '" + rest->front() + "'";
  const Flag<std::string>* const needed[] = {&flags.from_implementation, &flags.from_server,
                                             &flags.from_root,           &flags.to_implementation,
                                             &flags.to_server,           &flags.to_root};
  for (const Flag<std::string>* flag : needed) {
    if (!flag->given()) return fmt::format("--{} is missing", flag->name());
  }
  if (flags.Selected().empty()) {
    return "nothing is selected: give one or more of --do-keyspaces --do-shards "
           "--do-shard-replications --do-tablets --do-routing-rules";
  }
  return {};
}

}  // namespace

int RunTopo2topo(int argc, const char* const* argv, topo::Server::Factories topologies) {
  Flags flags;
  flags::FlagSet set("topo2topo",
                     "Copies records from one topology into another, or tells how they differ.");
  flags.Register(set);
  topo::TopoFlags::RegisterFactories(set, topologies);
  const Result<std::vector<std::string>> rest = set.Parse(argc, argv);
  if (set.help_asked()) {
    std::fputs(set.Help().c_str(), stdout);
    return 0;
  }
  const std::string problem = Problem(flags, rest);
  if (!problem.empty()) {
    std::fprintf(stderr, "topo2topo: %s\n", problem.c_str());
    return 2;
  }
  return runtime::RunLoop([&flags, &topologies](const Context& ctx) {
    return Main(ctx, flags, std::move(topologies));
  });
}

}  // namespace tessera::topocopy
