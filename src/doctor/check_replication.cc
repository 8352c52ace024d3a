// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Each shard's primary, and how its replicas follow it.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "doctor/checks.h"
#include "doctor/internal/note.h"
#include "doctor/replication_errors.h"
#include "keys/tablet_type.h"
#include "topo/durability.h"

namespace tessera::doctor {

using keys::TabletType;
using keys::TabletTypeName;

namespace {

constexpr uint32_t kLagSeconds = 30;

// A shard, its record and the tablets of it that are not shut down.
struct Group {
  std::string name;  // "shard app/-80"
  std::string policy;
  const topo::Shard* shard = nullptr;
  std::vector<const TabletFacts*> tablets;
  const TabletFacts* primary = nullptr;  // whom the shard's record names
};

std::vector<Group> GroupsOf(const Facts& facts) {
  std::vector<Group> out;
  for (const KeyspaceFacts& keyspace : facts.keyspaces) {
    for (const auto& [name, shard] : keyspace.shards) {
      Group& group = out.emplace_back();
      group.name = fmt::format("shard {}/{}", keyspace.name, name);
      group.policy = keyspace.record.durability_policy;
      group.shard = &shard;
      for (const TabletFacts& tablet : facts.tablets) {
        const bool here = tablet.record.keyspace == keyspace.name && tablet.record.shard == name;
        if (!here || IsShutDown(tablet.record)) continue;
        group.tablets.push_back(&tablet);
        if (tablet.record.alias == shard.primary_alias) group.primary = &tablet;
      }
    }
  }
  return out;
}

void CheckPrimary(const Group& group, Findings& out) {
  Notes notes("replication", "primary", out);
  const std::string alias = group.shard->primary_alias.ToString();
  const std::string reparent =
      "PlannedReparentShard, or EmergencyReparentShard when the old one "
      "is gone";
  bool well = true;
  if (group.shard->primary_alias.empty()) {
    notes.Fault(group.name, "it has no primary: it takes no writes", reparent);
    return;
  }
  if (group.primary == nullptr) {
    notes.Fault(group.name,
                fmt::format("its primary is to be {}, which is shut down or has no record", alias),
                "start that tablet, or " + reparent);
    return;
  }
  for (const TabletFacts* const tablet : group.tablets) {
    const bool claims = tablet->record.type == TabletType::kPrimary;
    if (tablet == group.primary && !claims) {
      well = false;
      notes.Fault(group.name,
                  fmt::format("its primary is to be {}, whose own record says {}", alias,
                              TabletTypeName(tablet->record.type)),
                  "a reparent was cut short: " + reparent);
    }
    if (tablet != group.primary && claims) {
      well = false;
      notes.Fault(group.name,
                  fmt::format("two tablets say they are its primary: {} and {}", alias,
                              tablet->record.alias.ToString()),
                  fmt::format("start {} again, so that it sees who leads; then see whether it took "
                              "writes that {} lacks",
                              tablet->record.alias.ToString(), alias));
    }
  }
  if (well) notes.Ok(group.name, alias);
}

std::string_view StateName(ThreadState state) {
  switch (state) {
    case ThreadState::kUnknown:
      return "in an unknown state";
    case ThreadState::kStopped:
      return "stopped";
    case ThreadState::kConnecting:
      return "connecting";
    case ThreadState::kRunning:
      return "running";
  }
  return "";
}

// One thread of a replica. True when it runs.
bool CheckThread(const TabletFacts& tablet, std::string_view thread, ThreadState state,
                 const std::string& error, Notes& notes) {
  if (state == ThreadState::kRunning) return true;
  const std::string& name = tablet.process.name;
  if (!error.empty()) {
    const Cure& cure = CureOf(error);
    const std::string number = cure.number == 0 ? "" : fmt::format(" ({})", cure.number);
    notes.Fault(name,
                fmt::format("its {} thread is {}: {}{}: {}", thread, StateName(state), cure.meaning,
                            number, error),
                std::string(cure.fix));
  } else if (state == ThreadState::kConnecting) {
    notes.Fault(name, fmt::format("its {} thread is still connecting to its primary", thread),
                "look again; when it stays so, see the primary's port, and firewalls between");
  } else {
    notes.Fault(name, fmt::format("its {} thread is {}", thread, StateName(state)),
                "StartReplication " + tablet.record.alias.ToString() +
                    ", unless somebody stopped it on purpose");
  }
  return false;
}

// Whether the replica follows the primary that the shard names.
bool CheckSource(const TabletFacts& tablet, const ReplicationFacts& replication,
                 const TabletFacts* primary, Notes& notes) {
  if (primary == nullptr) return true;
  const topo::Tablet& source = primary->record;
  if (replication.source_host == source.mysql_hostname &&
      replication.source_port == source.mysql_port)
    return true;
  notes.Fault(tablet.process.name,
              fmt::format("it follows {}:{}, but the primary is {} at {}:{}",
                          replication.source_host, replication.source_port, source.alias.ToString(),
                          source.mysql_hostname, source.mysql_port),
              fmt::format("ReparentTablet {}", tablet.record.alias.ToString()));
  return false;
}

void CheckLag(const TabletFacts& tablet, const ReplicationFacts& replication, Notes& notes) {
  const std::string& name = tablet.process.name;
  if (!replication.lag_seconds) {
    notes.Warn(name, "it replicates, and its lag is not known",
               "look again in a moment; its SQL thread may have just started");
  } else if (*replication.lag_seconds > kLagSeconds) {
    notes.Warn(name, fmt::format("it lags {} s behind its primary", *replication.lag_seconds),
               "see whether one long statement holds it up, or its disk is slower than the "
               "primary's");
  } else {
    notes.Ok(name, fmt::format("follows its primary, {} s behind", *replication.lag_seconds));
  }
}

bool Follows(TabletType type) {
  return type == TabletType::kReplica || type == TabletType::kRdonly ||
         type == TabletType::kSpare || type == TabletType::kExperimental;
}

void CheckReplica(const Group& group, const TabletFacts& tablet, Notes& notes) {
  if (!tablet.server || tablet.record.type == TabletType::kPrimary) return;
  if (!tablet.server->ok()) return;  // said once, by CheckAsked
  const ServerFacts& server = **tablet.server;
  if (!server.replication) {
    if (Follows(tablet.record.type))
      notes.Fault(tablet.process.name, "it does not replicate from anybody",
                  fmt::format("ReparentTablet {}, which has it follow the shard's primary",
                              tablet.record.alias.ToString()));
    return;
  }
  const ReplicationFacts& replication = *server.replication;
  const bool source = CheckSource(tablet, replication, group.primary, notes);
  const bool io = CheckThread(tablet, "IO", replication.io, replication.io_error, notes);
  const bool sql = CheckThread(tablet, "SQL", replication.sql, replication.sql_error, notes);
  if (source && io && sql) CheckLag(tablet, replication, notes);
}

void CheckAsked(const TabletFacts& tablet, Notes& notes) {
  if (tablet.server && !tablet.server->ok())
    notes.Unknown(tablet.process.name, "its replication", tablet.server->error());
}

void CheckReadOnly(const TabletFacts& tablet, Findings& out) {
  Notes notes("replication", "read_only", out);
  if (!IsTold(tablet.server)) return;
  const bool primary = tablet.record.type == TabletType::kPrimary;
  const bool read_only = (*tablet.server)->read_only;
  if (primary && read_only) {
    notes.Fault(tablet.process.name, "it is the primary, and its MySQL server is read-only",
                "SetWritable " + tablet.record.alias.ToString() + " true");
  } else if (!primary && !read_only) {
    notes.Fault(tablet.process.name, "it is no primary, and its MySQL server takes writes",
                "SetWritable " + tablet.record.alias.ToString() + " false, before somebody writes");
  } else {
    notes.Ok(tablet.process.name, read_only ? "read-only" : "takes writes");
  }
}

// The keyspace's durability policy against what the servers are set to.
void CheckSemiSync(const Group& group, Findings& out) {
  Notes notes("replication", "semi-sync", out);
  if (group.primary == nullptr || !IsTold(group.primary->server)) return;
  const ServerFacts& primary = **group.primary->server;
  const std::string policy = group.policy.empty() ? "none" : group.policy;
  bool wanted = false;
  bool asked_all = true;
  int acknowledging = 0;
  bool well = true;
  for (const TabletFacts* const tablet : group.tablets) {
    if (tablet == group.primary) continue;
    const bool acks = topo::AcksCommits(policy, group.primary->record, tablet->record);
    wanted |= acks;
    asked_all &= IsTold(tablet->server);
    if (!IsTold(tablet->server)) continue;
    const bool on = (*tablet->server)->semi_sync_replica;
    acknowledging += on ? 1 : 0;
    if (on == acks) continue;
    well = false;
    notes.Warn(tablet->process.name,
               fmt::format("it {} commits, which the policy {} of its keyspace {}",
                           on ? "acknowledges" : "does not acknowledge", policy,
                           acks ? "asks for" : "does not ask for"),
               fmt::format("StopReplication and StartReplication {}: the latter sets it",
                           tablet->record.alias.ToString()));
  }
  if (primary.semi_sync_blocked || (primary.semi_sync_primary && asked_all && acknowledging == 0)) {
    well = false;
    notes.Fault(group.primary->process.name,
                "its commits wait for acknowledgements that no replica gives",
                "start a replica, or give the keyspace another policy "
                "(SetKeyspaceDurabilityPolicy)");
  } else if (wanted && !primary.semi_sync_primary) {
    well = false;
    notes.Warn(
        group.primary->process.name,
        fmt::format("it does not wait for acknowledgements, which the policy {} asks for", policy),
        "PlannedReparentShard sets it: a commit may be lost with this server");
  }
  if (well) notes.Ok(group.name, "as the policy " + policy + " asks for");
}

}  // namespace

void CheckReplication(const Facts& facts, Findings& out) {
  for (const Group& group : GroupsOf(facts)) {
    CheckPrimary(group, out);
    Notes notes("replication", "replica", out);
    for (const TabletFacts* const tablet : group.tablets) {
      CheckAsked(*tablet, notes);
      CheckReplica(group, *tablet, notes);
      CheckReadOnly(*tablet, out);
    }
    CheckSemiSync(group, out);
  }
}

}  // namespace tessera::doctor
