// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/internal/read_topology.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "runtime/task_group.h"

namespace tessera::doctor {

namespace {

// The topology has one client for all questions, and waits longer than for one process.
Context Bounded(const Context& ctx, const Fleet& fleet) {
  return ctx.WithTimeout(fleet.patience * 2);
}

Task<> ReadCell(const Context& ctx, const Fleet& fleet, CellFacts& cell) {
  const Context bounded = Bounded(ctx, fleet);
  topo::Server& topo = *fleet.topo;
  const auto info = co_await topo.GetCellInfo(bounded, cell.name);
  if (info.ok()) cell.server = info->record.server_address;
  const Result<topo::Conn*> connected = co_await topo.Cell(bounded, cell.name);
  if (!connected.ok()) {
    cell.error = connected.error();
    co_return;
  }
  // Connected or not: the first read pays for that, the second is the latency.
  for (int i = 0; i < 2; ++i) {
    const Instant start = Executor::Current().Now();
    const Result<topo::Node> read = co_await topo.GetSrvVSchema(bounded, cell.name);
    cell.latency = Executor::Current().Now() - start;
    cell.has_srv_vschema = read.ok();
    if (read.ok() || read.error().code() == Code::kNotFound) continue;
    cell.error = read.error();
    co_return;
  }
}

// Adds the keyspace's encoded VSchema to what SrvVSchemas are made of.
Task<Result<>> ReadVSchema(const Context& ctx, topo::Server& topo, KeyspaceFacts& keyspace,
                           topo::VSchemaParts& parts) {
  const Result<topo::Node> node = co_await topo.GetVSchema(ctx, keyspace.name);
  if (!node.ok() && node.error().code() == Code::kNotFound) co_return Ok{};
  if (!node.ok()) co_return node.error();
  CO_TRY(vschema::KeyspaceRecord record, vschema::DecodeKeyspace(node->contents));
  keyspace.vschema = std::move(record);
  parts.keyspaces[keyspace.name] = node->contents;
  co_return Ok{};
}

Task<Result<>> ReadKeyspaceRecords(const Context& ctx, topo::Server& topo, KeyspaceFacts& keyspace,
                                   topo::VSchemaParts& parts) {
  CO_TRY(topo::Versioned<topo::Keyspace> record, co_await topo.GetKeyspace(ctx, keyspace.name));
  keyspace.record = std::move(record.record);
  CO_TRY(keyspace.shards, co_await topo.FindAllShardsInKeyspace(ctx, keyspace.name));
  CO_TRY_OK(co_await ReadVSchema(ctx, topo, keyspace, parts));
  const std::vector<std::string> all_cells;
  CO_TRY(keyspace.graph_problems, co_await topo.ValidateSrvKeyspace(ctx, keyspace.name, all_cells));
  co_return Ok{};
}

Task<> ReadKeyspace(const Context& ctx, const Fleet& fleet, KeyspaceFacts& keyspace,
                    topo::VSchemaParts& parts) {
  const Context bounded = Bounded(ctx, fleet);
  const Result<> read = co_await ReadKeyspaceRecords(bounded, *fleet.topo, keyspace, parts);
  if (!read.ok()) keyspace.error = read.error();
}

Task<Result<>> ReadRules(const Context& ctx, topo::Server& topo, topo::VSchemaParts& parts) {
  CO_TRY(parts.routing_rules, co_await topo.GetRules(ctx, topo::RulesKind::kRouting));
  CO_TRY(parts.shard_routing_rules, co_await topo.GetRules(ctx, topo::RulesKind::kShardRouting));
  CO_TRY(parts.keyspace_routing_rules,
         co_await topo.GetRules(ctx, topo::RulesKind::kKeyspaceRouting));
  CO_TRY(parts.mirror_rules, co_await topo.GetRules(ctx, topo::RulesKind::kMirror));
  co_return Ok{};
}

Task<Result<>> CompareVSchemas(const Context& ctx, topo::Server& topo, topo::VSchemaParts parts,
                               std::vector<CellFacts>& cells) {
  CO_TRY_OK(co_await ReadRules(ctx, topo, parts));
  CO_TRY(const std::string wanted, topo::JoinSrvVSchema(parts));
  for (CellFacts& cell : cells) {
    if (!cell.has_srv_vschema || cell.error) continue;
    CO_TRY(const topo::Node found, co_await topo.GetSrvVSchema(ctx, cell.name));
    CO_TRY(cell.stale, StaleParts(wanted, found.contents));
  }
  co_return Ok{};
}

Task<> ReadTablets(const Context& ctx, const Fleet& fleet, std::vector<std::string> cells,
                   Facts& facts) {
  const Context bounded = Bounded(ctx, fleet);
  Result<topo::Partial<topo::Tablet>> tablets =
      co_await fleet.topo->GetTabletsOfCells(bounded, std::move(cells));
  if (!tablets.ok()) {
    facts.unreadable.push_back(tablets.error());
    co_return;
  }
  for (topo::Tablet& record : tablets->found)
    facts.tablets.emplace_back().record = std::move(record);
  facts.unreadable = std::move(tablets->errors);
}

Task<Result<std::vector<std::string>>> ReadGlobal(const Context& ctx, const Fleet& fleet,
                                                  Facts& facts) {
  topo::Server& topo = *fleet.topo;
  const Context bounded = Bounded(ctx, fleet);
  CO_TRY(std::vector<std::string> cells, co_await topo.GetCells(bounded));
  const Instant start = Executor::Current().Now();
  CO_TRY(const std::vector<std::string> keyspaces, co_await topo.GetKeyspaces(bounded));
  facts.topology_latency = Executor::Current().Now() - start;
  for (const std::string& name : keyspaces) facts.keyspaces.emplace_back().name = name;
  for (const std::string& name : cells) facts.cells.emplace_back().name = name;
  co_return cells;
}

// By keyspace only: each has one record, so its canonical bytes tell whether it is the same.
std::map<std::string, std::string> Encoded(const vschema::SrvVSchemaRecord& record) {
  std::map<std::string, std::string> out;
  for (const auto& [name, keyspace] : record.keyspaces)
    out[name] = vschema::EncodeKeyspace(*keyspace);
  return out;
}

}  // namespace

Result<std::vector<std::string>> StaleParts(std::string_view wanted, std::string_view found) {
  TRY(vschema::SrvVSchemaRecord to_be, vschema::DecodeSrvVSchema(wanted));
  TRY(vschema::SrvVSchemaRecord is, vschema::DecodeSrvVSchema(found));
  const std::map<std::string, std::string> keyspaces_to_be = Encoded(to_be);
  const std::map<std::string, std::string> keyspaces = Encoded(is);
  std::set<std::string> stale;
  for (const auto& [name, bytes] : keyspaces_to_be) {
    const auto there = keyspaces.find(name);
    if (there == keyspaces.end() || there->second != bytes) stale.insert(name);
  }
  for (const auto& [name, bytes] : keyspaces)
    if (!keyspaces_to_be.contains(name)) stale.insert(name);
  std::vector<std::string> out(stale.begin(), stale.end());
  to_be.keyspaces.clear();
  is.keyspaces.clear();
  if (vschema::EncodeSrvVSchema(to_be) != vschema::EncodeSrvVSchema(is)) out.emplace_back("rules");
  return out;
}

Task<> ReadTopology(const Context& ctx, const Fleet& fleet, Facts& facts) {
  const Result<std::vector<std::string>> cells = co_await ReadGlobal(ctx, fleet, facts);
  if (!cells.ok()) {
    facts.topology_error = cells.error();
    co_return;
  }
  topo::VSchemaParts parts;
  runtime::TaskGroup group(ctx);
  for (CellFacts& cell : facts.cells) group.Start(ReadCell(group.context(), fleet, cell));
  for (KeyspaceFacts& keyspace : facts.keyspaces)
    group.Start(ReadKeyspace(group.context(), fleet, keyspace, parts));
  group.Start(ReadTablets(group.context(), fleet, *cells, facts));
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
  // A VSchema that could not be read would look as if it had been taken away.
  for (const KeyspaceFacts& keyspace : facts.keyspaces)
    if (keyspace.error) co_return;
  const Context bounded = Bounded(ctx, fleet);
  const Result<> compared =
      co_await CompareVSchemas(bounded, *fleet.topo, std::move(parts), facts.cells);
  if (!compared.ok()) facts.unreadable.push_back(compared.error());
}

}  // namespace tessera::doctor
