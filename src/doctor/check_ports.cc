// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Who reaches whom: from here, and from where the processes stand.
#include <set>

#include "doctor/checks.h"
#include "doctor/internal/note.h"
#include "doctor/replication_errors.h"

namespace tessera::doctor {

using reach::Sight;
using reach::Step;

namespace {

// What to do when a port was not reached, by the step that failed.
std::string FixOf(const Sight& sight, std::string_view program) {
  switch (sight.failed) {
    case Step::kNone:
      return "";
    case Step::kResolve:
      return "correct the host's name in DNS or /etc/hosts where this was asked, or the name the "
             "process registers under (vttablet --tablet-hostname)";
    case Step::kConnect:
      return fmt::format(
          "start the {} if it does not run; else the port is an old one, it listens on another "
          "address (--bind-address, --grpc-bind-address), or a firewall stands between",
          program);
    case Step::kTls:
      return "both sides must speak TLS or neither, with a certificate that is valid, for that "
             "name, and of an authority the client trusts (--tablet-grpc-ca)";
    case Step::kGrpc:
      return fmt::format(
          "see that port's owner and the {}'s log: the port is open, but no gRPC "
          "comes out of it in time",
          program);
    case Step::kMysql:
      return std::string(CureOf(sight.error).number != 0
                             ? CureOf(sight.error).fix
                             : "see that MySQL server's log, and whose port it is");
  }
  return "";
}

std::string Seen(const Sight& sight) {
  return fmt::format("answers in {:.1f} ms", static_cast<double>(sight.total_us) / 1000);
}

void CheckTabletPorts(const Facts& facts, Findings& out) {
  Notes notes("ports", "tablet port", out);
  for (const TabletFacts& tablet : facts.tablets) {
    if (IsShutDown(tablet.record)) continue;
    if (tablet.record.port("grpc") == 0) {
      notes.Fault(tablet.process.name, "its record has no gRPC port",
                  "start its vttablet with --grpc-port: it writes the record");
    } else if (!tablet.asked) {
      notes.Unasked(tablet.process.name);
    } else if (tablet.grpc.ok()) {
      notes.Ok(tablet.process.name, Seen(tablet.grpc));
    } else {
      notes.Fault(
          tablet.process.name,
          fmt::format("its gRPC port {}:{} is not reached from here: {}", tablet.record.hostname,
                      tablet.record.port("grpc"), tablet.grpc.error),
          FixOf(tablet.grpc, "vttablet"));
    }
  }
}

// The record's alias against the one that answers.
void CheckAliases(const Facts& facts, Findings& out) {
  Notes notes("ports", "tablet alias", out);
  for (const TabletFacts& tablet : facts.tablets) {
    if (!IsTold(tablet.health)) continue;
    const keys::TabletAlias& answers = (*tablet.health)->alias;
    if (answers == tablet.record.alias) {
      notes.Ok(tablet.process.name, "answers under its alias");
    } else {
      notes.Fault(
          tablet.process.name,
          fmt::format("its record points to {}:{}, where tablet {} answers", tablet.record.hostname,
                      tablet.record.port("grpc"), answers.ToString()),
          fmt::format("start tablet {0} again: it writes its record; if it is gone, "
                      "DeleteTablets {0}",
                      tablet.record.alias.ToString()));
    }
  }
}

// Status pages are optional: a process without them is only less well known.
void CheckPages(const Facts& facts, Findings& out) {
  Notes notes("ports", "status pages", out);
  const auto look = [&notes](const ProcessFacts& process, bool asked_for) {
    if (!process.vars && asked_for) notes.Unasked(process.name);
    if (!process.vars) return;
    const std::string address = process.pages.ToString();
    if (process.vars->ok()) {
      notes.Ok(process.name, "answer at " + address);
    } else if (asked_for) {
      notes.Fault(process.name,
                  fmt::format("its status pages at {} do not answer: {}", address,
                              process.vars->error().message()),
                  "start it if it does not run; else correct --gates, or its --port and "
                  "--bind-address");
    } else {
      notes.Warn(process.name,
                 fmt::format("its status pages at {} do not answer: {}", address,
                             process.vars->error().message()),
                 "give it --port (and --bind-address when others look): without them neither its "
                 "pools nor its view of others can be looked at");
    }
  };
  for (const GateFacts& gate : facts.gates) look(gate.process, true);
  // A tablet that does not answer at all is told about once.
  for (const TabletFacts& tablet : facts.tablets)
    if (tablet.grpc.ok()) look(tablet.process, false);
}

void CheckOtherPorts(const Facts& facts, Findings& out) {
  Notes notes("ports", "vtctld port", out);
  for (const PortFacts& port : facts.ports) {
    if (!port.asked) {
      notes.Unasked(port.name);
    } else if (port.seen.ok()) {
      notes.Ok(port.name, Seen(port.seen));
    } else {
      notes.Fault(port.name, "it is not reached from here: " + port.seen.error,
                  FixOf(port.seen, "vtctld"));
    }
  }
}

std::string_view OwnerOf(std::string_view port) {
  if (port == "MySQL") return "MySQL server";
  return port == "topology" ? "topology server" : "vttablet";
}

// What one process sees of others, once a process when it cannot be asked.
void CheckViews(const Facts& facts, Findings& out) {
  Notes notes("ports", "view from a process", out);
  std::set<std::string> silent;
  std::set<std::string> away;
  for (const TabletFacts& tablet : facts.tablets)
    if (tablet.grpc.failed == Step::kConnect) away.insert(tablet.process.name);
  for (const View& view : facts.views) {
    // Nobody is there: said once, and seen alike from everywhere.
    if (view.port == "gRPC" && away.contains(view.to)) continue;
    const std::string what = fmt::format("{}'s {} port {}", view.to, view.port, view.address);
    if (!view.seen.ok()) {
      if (silent.insert(view.from).second) notes.Unknown(view.from, what, view.seen.error());
    } else if (view.seen->ok()) {
      notes.Ok(view.from, fmt::format("reaches {}", what));
    } else {
      notes.Fault(view.from, fmt::format("it does not reach {}: {}", what, view.seen->error),
                  FixOf(*view.seen, OwnerOf(view.port)));
    }
  }
}

// Processes of other makes have no such page, which is fine; those that refuse us can be told to.
void CheckEyes(const Facts& facts, Findings& out) {
  Notes notes("ports", "view from a process", out);
  const auto look = [&notes](const ProcessFacts& process) {
    if (process.clock && !process.clock->ok())
      notes.Unknown(process.name, "its view of others", process.clock->error());
  };
  for (const GateFacts& gate : facts.gates) look(gate.process);
  for (const TabletFacts& tablet : facts.tablets) look(tablet.process);
}

}  // namespace

void CheckPorts(const Facts& facts, Findings& out) {
  CheckTabletPorts(facts, out);
  CheckAliases(facts, out);
  CheckPages(facts, out);
  CheckOtherPorts(facts, out);
  CheckViews(facts, out);
  CheckEyes(facts, out);
}

}  // namespace tessera::doctor
