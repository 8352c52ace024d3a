// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What gates route by: serving graphs, the VSchema of each cell, and what each gate knows of both.
#include <algorithm>
#include <map>
#include <set>

#include "doctor/checks.h"
#include "doctor/internal/note.h"
#include "keys/tablet_type.h"

namespace tessera::doctor {

namespace {

void CheckGraphs(const Facts& facts, Findings& out) {
  Notes notes("serving", "serving graph", out);
  for (const KeyspaceFacts& keyspace : facts.keyspaces) {
    const std::string subject = "keyspace " + keyspace.name;
    for (const std::string& problem : keyspace.graph_problems)
      notes.Fault(subject, problem,
                  fmt::format("RebuildKeyspaceGraph {}; when shards are missing, start their "
                              "primaries first",
                              keyspace.name));
    if (keyspace.graph_problems.empty() && !keyspace.error)
      notes.Ok(subject, fmt::format("{} shards", keyspace.shards.size()));
  }
}

void CheckVSchemas(const Facts& facts, Findings& out) {
  Notes notes("serving", "SrvVSchema", out);
  for (const CellFacts& cell : facts.cells) {
    if (cell.error) continue;
    const std::string subject = "cell " + cell.name;
    if (!cell.has_srv_vschema) {
      notes.Fault(subject, "it has no SrvVSchema: its gates know no keyspace",
                  "RebuildVSchemaGraph --cells " + cell.name);
    } else if (!cell.stale.empty()) {
      std::string names;
      for (const std::string& name : cell.stale) names += (names.empty() ? "" : ", ") + name;
      notes.Fault(subject,
                  fmt::format("its SrvVSchema is not what the VSchemas say (of {}): gates route by "
                              "an old one",
                              names),
                  "RebuildVSchemaGraph --cells " + cell.name);
    } else {
      notes.Ok(subject, "as the VSchemas say");
    }
  }
}

// Keyspaces that have tablets to be routed to.
std::set<std::string> ServedKeyspaces(const Facts& facts) {
  std::set<std::string> out;
  for (const TabletFacts& tablet : facts.tablets)
    if (!IsShutDown(tablet.record)) out.insert(tablet.record.keyspace);
  return out;
}

void CheckGateKeyspaces(const std::string& gate, const GateView& view,
                        const std::set<std::string>& served, Notes& notes) {
  const std::set<std::string> known(view.keyspaces.begin(), view.keyspaces.end());
  std::string missing;
  for (const std::string& keyspace : served)
    if (!known.contains(keyspace)) missing += (missing.empty() ? "" : ", ") + keyspace;
  if (missing.empty()) {
    notes.Ok(gate, fmt::format("knows {} keyspaces", known.size()));
  } else {
    notes.Fault(
        gate, "it does not know the keyspace " + missing,
        "RebuildVSchemaGraph; when that does not help, see whether it reaches the topology");
  }
}

// The gate watches some cells, at least its own and those it has tablets of.
std::set<std::string> WatchedCells(const GateView& view) {
  std::set<std::string> out = {view.cell};
  for (const GateView::Tablet& tablet : view.tablets)
    out.insert(tablet.alias.substr(0, tablet.alias.rfind('-')));
  return out;
}

void CheckGateTablets(const std::string& gate, const GateView& view, const Facts& facts,
                      Notes& notes) {
  std::map<std::string, const GateView::Tablet*> known;
  for (const GateView::Tablet& tablet : view.tablets) known[tablet.alias] = &tablet;
  const std::set<std::string> watched = WatchedCells(view);
  size_t usable = 0;
  for (const TabletFacts& tablet : facts.tablets) {
    const topo::Tablet& record = tablet.record;
    const std::string alias = record.alias.ToString();
    const bool serves = IsTold(tablet.health) && (*tablet.health)->serving;
    if (!keys::IsServedType(record.type) || !serves || !watched.contains(record.alias.cell))
      continue;
    const auto found = known.find(alias);
    if (found == known.end()) {
      notes.Fault(gate, fmt::format("it does not know tablet {}", alias),
                  "it reads records every --tablet-refresh-interval; when that has passed, see "
                  "--cells-to-watch, --keyspaces-to-watch and its view of the topology");
    } else if (!found->second->usable) {
      notes.Fault(gate,
                  fmt::format("it cannot use tablet {}, which serves when asked from here: {}",
                              alias, found->second->why),
                  "see the views of the gate among the ports: DNS, firewall and TLS as the gate "
                  "meets them");
    } else {
      ++usable;
    }
  }
  notes.Ok(gate, fmt::format("can use {} tablets", usable));
}

void CheckGates(const Facts& facts, Findings& out) {
  Notes keyspaces("serving", "gate's keyspaces", out);
  Notes tablets("serving", "gate's tablets", out);
  const std::set<std::string> served = ServedKeyspaces(facts);
  for (const GateFacts& gate : facts.gates) {
    if (!gate.view) continue;
    const std::string& name = gate.process.name;
    if (!gate.view->ok()) {
      keyspaces.Unknown(name, "what it knows", gate.view->error());
      continue;
    }
    CheckGateKeyspaces(name, **gate.view, served, keyspaces);
    CheckGateTablets(name, **gate.view, facts, tablets);
  }
}

}  // namespace

void CheckServing(const Facts& facts, Findings& out) {
  CheckGraphs(facts, out);
  CheckVSchemas(facts, out);
  CheckGates(facts, out);
}

}  // namespace tessera::doctor
