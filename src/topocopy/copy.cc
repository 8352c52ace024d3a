// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topocopy/copy.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "topo/errors.h"
#include "topo/paths.h"

namespace tessera::topocopy {
namespace {

using topo::Conn;
using topo::KeyedNode;
using topo::Node;
using topo::Server;

constexpr std::string_view kRulesPaths[] = {topo::kRoutingRulesPath, topo::kShardRoutingRulesPath,
                                            topo::kKeyspaceRoutingRulesPath,
                                            topo::kMirrorRulesPath};

// The last name of a path that has so many names; empty for others.
std::string_view NameAtDepth(std::string_view path, long names) {
  if (std::count(path.begin(), path.end(), '/') + 1 != names) return {};
  return path.substr(path.rfind('/') + 1);
}

bool SelectsGlobal(const Selection& selection, std::string_view path) {
  const std::string_view keyspace_record = NameAtDepth(path, 3);  // keyspaces/<ks>/<record>
  if (keyspace_record == "Keyspace" || keyspace_record == "VSchema") return selection.keyspaces;
  return NameAtDepth(path, 5) == "Shard" && selection.shards;  // keyspaces/<ks>/shards/<s>/Shard
}

bool SelectsOfCell(std::string_view path) {
  return NameAtDepth(path, 3) == "Tablet" || NameAtDepth(path, 5) == "ShardReplication";
}

void Add(Records& records, std::string_view cell, std::string_view path, std::string contents) {
  records[fmt::format("{}:{}", cell, path)] = {std::string(cell), std::string(path),
                                               std::move(contents)};
}

// What `wanted` takes of the records below a directory of a cell.
Task<Result<>> AddBelow(const Context& ctx, Server& server, std::string cell, std::string prefix,
                        const std::function<bool(std::string_view)>& wanted, Records& records) {
  CO_TRY(Conn* const conn, co_await server.Cell(ctx, cell));
  Result<std::vector<KeyedNode>> nodes = co_await conn->List(ctx, prefix);
  if (!nodes.ok() && topo::IsNoNode(nodes.error())) co_return Ok{};
  if (!nodes.ok()) co_return std::move(nodes).error().Wrap("cell " + cell);
  for (KeyedNode& node : *nodes) {
    if (wanted(node.path)) Add(records, cell, node.path, std::move(node.contents));
  }
  co_return Ok{};
}

Task<Result<>> AddRules(const Context& ctx, Server& server, Records& records) {
  for (const std::string_view path : kRulesPaths) {
    Result<Node> node = co_await server.global().Get(ctx, path);
    if (!node.ok() && topo::IsNoNode(node.error())) continue;
    if (!node.ok()) co_return std::move(node).error();
    Add(records, topo::kGlobalCell, path, std::move(node->contents));
  }
  co_return Ok{};
}

Task<Result<>> AddCells(const Context& ctx, Server& server, Selection selection, Records& records) {
  CO_TRY(const std::vector<std::string> cells, co_await server.GetCells(ctx));
  for (const std::string& cell : cells) {
    if (selection.tablets) {
      CO_TRY_OK(co_await AddBelow(ctx, server, cell, "tablets/", SelectsOfCell, records));
    }
    if (selection.shard_replications) {
      CO_TRY_OK(co_await AddBelow(ctx, server, cell, "keyspaces/", SelectsOfCell, records));
    }
  }
  co_return Ok{};
}

enum class Outcome { kCreated, kReplaced, kEqual };

Task<Result<Outcome>> CopyOne(const Context& ctx, Server& to, const Record& record) {
  CO_TRY(Conn* const conn, co_await to.Cell(ctx, record.cell));
  const Result<Node> old = co_await conn->Get(ctx, record.path);
  if (!old.ok() && !topo::IsNoNode(old.error())) co_return old.error();
  if (!old.ok()) {
    CO_TRY_OK(co_await conn->Create(ctx, record.path, record.contents));
    co_return Outcome::kCreated;
  }
  if (old->contents == record.contents) co_return Outcome::kEqual;
  CO_TRY_OK(co_await conn->Update(ctx, record.path, record.contents, old->version));
  co_return Outcome::kReplaced;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The lines of one text that the other lacks. Fields come in a fixed order, so this is what a
// reader wants to know.
void SayMissing(const std::vector<std::string>& of, const std::vector<std::string>& in, char sign,
                const Say& say) {
  for (const std::string& line : of) {
    if (std::find(in.begin(), in.end(), line) == in.end()) say(fmt::format("  {}{}", sign, line));
  }
}

// True when the records say the same. Bytes may differ where they do not count: the order of a
// map's entries.
bool SameRecord(const std::string& place, const Record& from, const Record& to, const Say& say) {
  if (from.contents == to.contents) return true;
  const Result<std::string> old_text = topo::RecordText(from.path, from.contents);
  const Result<std::string> new_text = topo::RecordText(to.path, to.contents);
  if (old_text.ok() && new_text.ok() && *old_text == *new_text) return true;
  say("differs: " + place);
  if (!old_text.ok()) say("  source: " + old_text.error().ToString());
  if (!new_text.ok()) say("  target: " + new_text.error().ToString());
  if (!old_text.ok() || !new_text.ok()) return false;
  const std::vector<std::string> old_lines = Lines(*old_text);
  const std::vector<std::string> new_lines = Lines(*new_text);
  SayMissing(old_lines, new_lines, '-', say);
  SayMissing(new_lines, old_lines, '+', say);
  return false;
}

}  // namespace

Task<Result<Records>> ReadRecords(const Context& ctx, Server& server, Selection selection) {
  Records records;
  if (selection.keyspaces || selection.shards) {
    const auto wanted = [selection](std::string_view path) {
      return SelectsGlobal(selection, path);
    };
    CO_TRY_OK(co_await AddBelow(ctx, server, std::string(topo::kGlobalCell), "keyspaces/", wanted,
                                records));
  }
  if (selection.routing_rules) {
    CO_TRY_OK(co_await AddRules(ctx, server, records));
  }
  if (selection.tablets || selection.shard_replications) {
    CO_TRY_OK(co_await AddCells(ctx, server, selection, records));
  }
  co_return records;
}

Task<Result<CopyCounts>> Copy(const Context& ctx, Server& from, Server& to, Selection selection,
                              const Say& say) {
  Result<Records> records = co_await ReadRecords(ctx, from, selection);
  if (!records.ok()) co_return std::move(records).error().Wrap("source");
  CopyCounts counts;
  for (const auto& [place, record] : *records) {
    const Result<std::string> text = topo::RecordText(record.path, record.contents);
    if (!text.ok()) {
      ++counts.refused;
      say(fmt::format("not copied: {}: {}", place, text.error().ToString()));
      continue;
    }
    const Result<Outcome> outcome = co_await CopyOne(ctx, to, record);
    if (!outcome.ok()) co_return Error(outcome.error()).Wrap("target, " + place);
    if (*outcome == Outcome::kEqual) {
      ++counts.equal;
    } else if (*outcome == Outcome::kCreated) {
      ++counts.created;
      say("created: " + place);
    } else {
      ++counts.replaced;
      say("replaced: " + place);
    }
  }
  co_return counts;
}

Task<Result<size_t>> Compare(const Context& ctx, Server& from, Server& to, Selection selection,
                             const Say& say) {
  Result<Records> source = co_await ReadRecords(ctx, from, selection);
  if (!source.ok()) co_return std::move(source).error().Wrap("source");
  Result<Records> target = co_await ReadRecords(ctx, to, selection);
  if (!target.ok()) co_return std::move(target).error().Wrap("target");
  size_t differences = 0;
  for (const auto& [place, record] : *source) {
    const auto other = target->find(place);
    if (other == target->end()) {
      ++differences;
      say("only in the source: " + place);
    } else if (!SameRecord(place, record, other->second, say)) {
      ++differences;
    }
  }
  for (const auto& [place, record] : *target) {
    if (source->contains(place)) continue;
    ++differences;
    say("only in the target: " + place);
  }
  co_return differences;
}

}  // namespace tessera::topocopy
