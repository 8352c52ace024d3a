// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Processes by themselves: whether tablets serve, versions, clocks, pools, disks.
#include <algorithm>
#include <chrono>
#include <map>

#include "doctor/checks.h"
#include "doctor/internal/note.h"
#include "keys/tablet_type.h"

namespace tessera::doctor {

using keys::TabletType;
using keys::TabletTypeName;

namespace {

constexpr Duration kSkew = std::chrono::seconds(1);
constexpr Duration kGreatSkew = std::chrono::seconds(30);

void CheckServingTablets(const Facts& facts, Findings& out) {
  Notes notes("processes", "tablet health", out);
  for (const TabletFacts& tablet : facts.tablets) {
    if (!tablet.health) continue;
    const std::string& name = tablet.process.name;
    if (!tablet.health->ok()) {
      notes.Fault(name, fmt::format("it gives no health: {}", tablet.health->error().message()),
                  "see its log; gates do not route to it");
      continue;
    }
    const queryservice::Health& health = **tablet.health;
    const TabletType type = tablet.record.type;
    if (health.target.tablet_type != type) {
      notes.Warn(name,
                 fmt::format("its record says {}, it says {}", TabletTypeName(type),
                             TabletTypeName(health.target.tablet_type)),
                 "RefreshState has it read its record; a reparent under way ends this by itself");
    } else if (!keys::IsServedType(type)) {
      notes.Ok(name, fmt::format("it is {}, which does not serve", TabletTypeName(type)));
    } else if (!health.serving || !health.health_error.empty()) {
      notes.Fault(name,
                  fmt::format("it does not serve: {}", health.health_error.empty()
                                                           ? "it was told not to, or still starts"
                                                           : health.health_error),
                  "see its log and /debug/status, and whether its MySQL server runs");
    } else {
      notes.Ok(name, fmt::format("serves as {}", TabletTypeName(type)));
    }
  }
}

// Those that have another value than most.
void CompareVersions(const std::vector<std::pair<std::string, std::string>>& versions,
                     std::string_view what, Notes& notes) {
  std::map<std::string, int> counts;
  for (const auto& [name, version] : versions) ++counts[version];
  if (counts.empty()) return;
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [name, version] : versions) {
    if (version == most->first) {
      notes.Ok(name, fmt::format("{} {}", what, version));
    } else {
      notes.Warn(name, fmt::format("{} {}, most others have {}", what, version, most->first),
                 "finish the upgrade: mixed versions are meant for its duration only");
    }
  }
}

void CheckVersions(const Facts& facts, Findings& out) {
  Notes notes("processes", "version", out);
  std::vector<std::pair<std::string, std::string>> gates;
  std::vector<std::pair<std::string, std::string>> tablets;
  std::vector<std::pair<std::string, std::string>> servers;
  const auto add = [](const ProcessFacts& process, auto& to) {
    if (!IsTold(process.vars)) return;
    const auto found = (*process.vars)->texts.find("BuildVersion");
    if (found != (*process.vars)->texts.end()) to.emplace_back(process.name, found->second);
  };
  for (const GateFacts& gate : facts.gates) add(gate.process, gates);
  for (const TabletFacts& tablet : facts.tablets) {
    add(tablet.process, tablets);
    if (IsTold(tablet.server)) servers.emplace_back(tablet.process.name, (*tablet.server)->version);
  }
  CompareVersions(gates, "version", notes);
  CompareVersions(tablets, "version", notes);
  CompareVersions(servers, "MySQL server", notes);
}

void CheckClocks(const Facts& facts, Findings& out) {
  Notes notes("processes", "clock", out);
  std::vector<std::pair<std::string, Clock>> clocks = {{"this machine", Clock()}};
  const auto add = [&clocks](const ProcessFacts& process) {
    if (IsTold(process.clock)) clocks.emplace_back(process.name, **process.clock);
  };
  for (const GateFacts& gate : facts.gates) add(gate.process);
  for (const TabletFacts& tablet : facts.tablets) add(tablet.process);
  if (clocks.size() < 2) return;
  std::vector<Duration> sorted;
  for (const auto& [name, clock] : clocks) sorted.push_back(clock.ahead);
  std::sort(sorted.begin(), sorted.end());
  // Most clocks are right: those in the middle tell the time.
  const Duration middle = sorted[sorted.size() / 2];
  for (const auto& [name, clock] : clocks) {
    const Duration off = clock.ahead - middle;
    const Duration least = std::max(Duration(0), std::chrono::abs(off) - clock.doubt);
    const std::string sentence =
        fmt::format("{:.3f} s {} the others'", std::abs(Milliseconds(off)) / 1000,
                    off < Duration(0) ? "behind" : "ahead of");
    const std::string fix =
        "run chrony or ntpd there: terms of primaries, backups and certificates go by clocks";
    if (least > kGreatSkew) {
      notes.Fault(name, "its clock is " + sentence, fix);
    } else if (least > kSkew) {
      notes.Warn(name, "its clock is " + sentence, fix);
    } else {
      notes.Ok(name, sentence);
    }
  }
}

double Number(const Vars& vars, const std::string& name) {
  const auto found = vars.numbers.find(name);
  return found == vars.numbers.end() ? 0 : found->second;
}

void CheckPool(const ProcessFacts& process, const std::string& pool, Notes& notes) {
  const Vars& vars = **process.vars;
  const double capacity = Number(vars, pool + "Capacity");
  if (capacity <= 0) return;
  const double in_use = Number(vars, pool + "InUse");
  const double waiting = Number(vars, pool + "Waiting");
  const double waits = Number(vars, pool + "WaitCount");
  const double timeouts = Number(vars, pool + "WaitTimeouts");
  const std::string fix =
      "find the statements that hold connections (/debug/queryz, SHOW PROCESSLIST), or raise the "
      "pool's size and the server's max_connections";
  if (in_use >= capacity && waiting > 0) {
    notes.Fault(process.name,
                fmt::format("its {} is exhausted: all {:.0f} connections are in use, {:.0f} "
                            "statements wait",
                            pool, capacity, waiting),
                fix);
  } else if (timeouts > 0) {
    notes.Warn(process.name,
               fmt::format("{:.0f} statements waited in vain for its {} since it started ({:.0f} "
                           "of {:.0f} connections are in use now)",
                           timeouts, pool, in_use, capacity),
               fix);
  } else {
    notes.Ok(process.name, fmt::format("{} {:.0f} of {:.0f} in use, {:.0f} waits so far", pool,
                                       in_use, capacity, waits));
  }
}

void CheckPools(const Facts& facts, Findings& out) {
  Notes notes("processes", "pool", out);
  for (const TabletFacts& tablet : facts.tablets) {
    if (!IsTold(tablet.process.vars)) continue;
    for (const char* const pool : {"ConnPool", "StreamConnPool", "TransactionPool", "FoundRowsPool",
                                   "SettingsPool", "DbaPool"})
      CheckPool(tablet.process, pool, notes);
  }
}

void CheckDisks(const Facts& facts, Findings& out) {
  Notes notes("processes", "disk", out);
  for (const TabletFacts& tablet : facts.tablets)
    if (IsTold(tablet.server) && (*tablet.server)->disk_stalled)
      notes.Fault(tablet.process.name, "its disk takes no writes",
                  "see the machine's disk and its log; move the primary away if it is one "
                  "(EmergencyReparentShard)");
}

}  // namespace

void CheckProcesses(const Facts& facts, Findings& out) {
  CheckServingTablets(facts, out);
  CheckVersions(facts, out);
  CheckClocks(facts, out);
  CheckPools(facts, out);
  CheckDisks(facts, out);
}

}  // namespace tessera::doctor
