// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// tessera vschema.
#include <cstdio>

#include "localcluster/internal/commands.h"
#include "mysqlctl/data_folder.h"
#include "runtime/loop_pool.h"
#include "vschema/records.h"
#include "vschema/vschema.h"

namespace tessera::localcluster {

namespace {

Task<Result<>> Apply(const Context& ctx, topo::Server& topo, const Layout& layout,
                     std::string keyspace, std::string text) {
  CO_TRY(const vschema::KeyspaceRecord record, vschema::KeyspaceFromJson(text));
  // Refused before anything is written when a vindex or a table does not make sense.
  CO_TRY(const auto unknown, vschema::ValidateKeyspace(keyspace, record));
  for (const auto& [vindex, parameters] : unknown)
    std::fprintf(stderr, "warning: vindex %s does not know its parameter %s\n", vindex.c_str(),
                 parameters.front().c_str());
  const std::string encoded = vschema::EncodeKeyspace(record);
  CO_TRY_OK(co_await topo.SaveVSchema(ctx, keyspace, encoded, std::nullopt));
  const std::vector<std::string> cells(1, layout.spec.cell);
  CO_TRY_OK(co_await topo.RebuildSrvVSchema(ctx, cells));
  std::printf("keyspace %s has its new VSchema; gates follow within a second\n", keyspace.c_str());
  co_return Ok{};
}

Task<Result<>> Print(const Context& ctx, topo::Server& topo, std::string keyspace) {
  CO_TRY(const topo::Node node, co_await topo.GetVSchema(ctx, keyspace));
  CO_TRY(const vschema::KeyspaceRecord record, vschema::DecodeKeyspace(node.contents));
  std::printf("%s", vschema::KeyspaceToJson(record).c_str());
  co_return Ok{};
}

Task<int> Main(const Context& ctx, const Layout& layout, const Arguments& words,
               const topo::Server::Factories& topologies) {
  topo::ServerOptions options;
  options.implementation = layout.topo_implementation();
  options.global_address = layout.topo_address();
  options.global_root = layout.global_root();
  Result<std::unique_ptr<topo::Server>> topo =
      co_await topo::Server::Open(ctx, std::move(options), topologies);
  if (!topo.ok()) co_return Fail("vschema", topo.error());
  Result<> done = Ok{};
  if (words.size() == 1) {
    done = co_await Print(ctx, **topo, words[0]);
  } else {
    const auto read = [&words] { return mysqlctl::ReadFile(words[1]); };
    const std::optional<std::string> text = co_await runtime::RunBlocking(read);
    if (text) {
      done = co_await Apply(ctx, **topo, layout, words[0], *text);
    } else {
      done = Errorf(Code::kNotFound, "cannot read {}", words[1]);
    }
  }
  co_await (*topo)->Close();
  if (done.ok()) co_return 0;
  co_return Fail("vschema", done.error());
}

}  // namespace

int RunVSchema(const Arguments& arguments, const topo::Server::Factories& topologies) {
  DataFlag data;
  flags::FlagSet set("tessera vschema",
                     "Prints the VSchema of a keyspace, or replaces it by a file's JSON.",
                     "[flags] KEYSPACE [FILE]");
  set.Add(data.data);
  const Parsed parsed = ParseWords(set, arguments, 2);
  if (!parsed.go_on) return parsed.status;
  if (parsed.rest.empty())
    return Fail("vschema", Error(Code::kInvalidArgument, "no keyspace is named")
                               .WithHint("tessera vschema KEYSPACE [FILE]"));
  const Result<Layout> layout = FindCluster(data.Folder());
  if (!layout.ok()) return Fail("vschema", layout.error());
  return runtime::RunLoop(
      [&](const Context& ctx) { return Main(ctx, *layout, parsed.rest, topologies); });
}

}  // namespace tessera::localcluster
