// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The topology itself, and records that nobody stands behind.
#include <algorithm>
#include <chrono>
#include <map>

#include "doctor/checks.h"
#include "doctor/internal/note.h"

namespace tessera::doctor {

namespace {

constexpr Duration kSlow = std::chrono::milliseconds(100);

void NoteLatency(const std::string& subject, Duration latency, Notes& notes) {
  const std::string sentence = fmt::format("a read takes {:.1f} ms", Milliseconds(latency));
  if (latency <= kSlow) {
    notes.Ok(subject, sentence);
  } else {
    notes.Warn(subject, sentence,
               "see whether its servers are short of disk or processor time, or far away: every "
               "change of a tablet's type waits for it");
  }
}

void CheckServers(const Facts& facts, Findings& out) {
  Notes notes("topology", "topology server", out);
  if (facts.topology_error) {
    notes.Fault(
        "global cell",
        fmt::format("{} cannot be read: {}", facts.topology, facts.topology_error->message()),
        "start its servers, or correct --topo-implementation, "
        "--topo-global-server-address and --topo-global-root; running gates and tablets "
        "go on with what they know");
    return;
  }
  NoteLatency("global cell", facts.topology_latency, notes);
  for (const CellFacts& cell : facts.cells) {
    if (!cell.error) {
      NoteLatency("cell " + cell.name, cell.latency, notes);
      continue;
    }
    notes.Fault(
        "cell " + cell.name,
        fmt::format("its topology at {} cannot be read: {}", cell.server, cell.error->message()),
        "start its servers, or correct the address (UpdateCellInfo --server-address)");
  }
  if (facts.cells.empty())
    notes.Fault("global cell", "it knows no cells",
                "add one (AddCellInfo), or correct --topo-global-root: another root may be meant");
}

void CheckReadable(const Facts& facts, Findings& out) {
  Notes notes("topology", "record", out);
  for (const Error& error : facts.unreadable)
    notes.Fault("topology", fmt::format("a record cannot be read: {}", error.message()),
                "look at it with GetTopologyPath; delete it when it is nobody's");
  for (const KeyspaceFacts& keyspace : facts.keyspaces)
    if (keyspace.error)
      notes.Fault("keyspace " + keyspace.name,
                  fmt::format("its records cannot be read: {}", keyspace.error->message()),
                  "look at them with GetTopologyPath keyspaces/" + keyspace.name);
}

bool HasShard(const Facts& facts, const topo::Tablet& record) {
  return std::any_of(facts.keyspaces.begin(), facts.keyspaces.end(), [&](const auto& keyspace) {
    // What could not be read may well be there.
    return keyspace.name == record.keyspace &&
           (keyspace.error || keyspace.shards.contains(record.shard));
  });
}

void CheckTabletRecords(const Facts& facts, Findings& out) {
  Notes notes("topology", "tablet record", out);
  for (const TabletFacts& tablet : facts.tablets) {
    const std::string alias = tablet.record.alias.ToString();
    if (!HasShard(facts, tablet.record)) {
      notes.Fault(tablet.process.name,
                  fmt::format("its record is of {}, which is not there", ShardName(tablet.record)),
                  fmt::format("delete the record (DeleteTablets {}), or make the shard", alias));
    } else if (tablet.record.tablet_shutdown_time != 0) {
      notes.Warn(
          tablet.process.name, "it was shut down in good order, and its record is kept",
          fmt::format("start its vttablet, or DeleteTablets {} if it is gone for good", alias));
    } else {
      notes.Ok(tablet.process.name, ShardName(tablet.record));
    }
  }
}

// Two records with one address: one of them is a tablet's that is gone.
void CheckAddresses(const Facts& facts, Findings& out) {
  Notes notes("topology", "one address", out);
  std::map<std::string, std::string> owners;
  for (const TabletFacts& tablet : facts.tablets) {
    if (IsShutDown(tablet.record)) continue;
    const std::string address =
        fmt::format("{}:{}", tablet.record.hostname, tablet.record.port("grpc"));
    const auto [owner, fresh] = owners.emplace(address, tablet.process.name);
    if (!fresh)
      notes.Fault(tablet.process.name,
                  fmt::format("its record has the gRPC address {}, and so has {}'s", address,
                              owner->second),
                  "delete the record of the one that is gone (DeleteTablets)");
  }
}

}  // namespace

void CheckTopology(const Facts& facts, Findings& out) {
  CheckServers(facts, out);
  CheckReadable(facts, out);
  CheckTabletRecords(facts, out);
  CheckAddresses(facts, out);
}

}  // namespace tessera::doctor
