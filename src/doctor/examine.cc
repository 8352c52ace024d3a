// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/examine.h"

#include <cstdio>
#include <memory>
#include <utility>

#include <fmt/core.h>
#include <unistd.h>

#include "base/waiter.h"
#include "doctor/checks.h"
#include "doctor/gather.h"
#include "doctor/report.h"
#include "rpc/tls_files.h"
#include "runtime/task_group.h"

namespace tessera::doctor {

namespace {

constexpr Duration kQuiet = std::chrono::seconds(1);

// Says on standard error what is being done, once that has taken a while.
class Progress {
 public:
  void Step(std::string_view step) {
    step_ = step;
    if (loud_) Say();
  }
  Task<> SpeakUp(const Context& ctx) {
    const Result<> slept = co_await Sleep(ctx, kQuiet);
    if (!slept.ok()) co_return;
    loud_ = true;
    Say();
  }

 private:
  void Say() const { std::fprintf(stderr, "tessera doctor: %s ...\n", step_.c_str()); }

  std::string step_;
  bool loud_ = false;
};

Result<rpc::ChannelOptions> ToTablets(const ExamineFlags& flags) {
  rpc::ClientTlsFiles files;
  files.certificate = *flags.tablet_cert;
  files.key = *flags.tablet_key;
  files.ca = *flags.tablet_ca;
  files.crl = *flags.tablet_crl;
  files.server_name = *flags.tablet_server_name;
  rpc::ChannelOptions options;
  TRY(options.tls, rpc::LoadClientTls(files));
  return options;
}

Task<> GatherInto(const Context& ctx, const Fleet& fleet, Progress& progress, Facts& facts) {
  runtime::TaskGroup group(ctx);
  group.Start(progress.SpeakUp(group.context()));
  facts = co_await Gather(ctx, fleet);
  const Result<> quiet = co_await group.CancelAndJoin();
  static_cast<void>(quiet.ok());
}

Task<Result<Facts>> FactsOf(const Context& ctx, const ExamineFlags& flags, Place place,
                            topo::Server::Factories topologies) {
  Progress progress;
  Fleet fleet;
  CO_TRY(fleet.to_tablets, ToTablets(flags));
  fleet.topology =
      fmt::format("{} at {}", place.topology.implementation, place.topology.global_address);
  fleet.gates = std::move(place.gates);
  fleet.vtctlds = std::move(place.vtctlds);
  fleet.patience = *flags.patience;
  fleet.on_step = [&progress](std::string_view step) { progress.Step(step); };
  CO_TRY(const std::unique_ptr<topo::Server> topo,
         co_await topo::Server::Open(ctx, std::move(place.topology), std::move(topologies)));
  fleet.topo = topo.get();
  const Context bounded = ctx.WithTimeout(*flags.wait);
  Facts facts;
  co_await GatherInto(bounded, fleet, progress, facts);
  co_await topo->Close();
  co_return facts;
}

int Refuse(const Error& error) {
  std::fprintf(stderr, "tessera doctor: %s\n", error.ToString().c_str());
  return 2;
}

}  // namespace

Task<int> Examine(const Context& ctx, const ExamineFlags& flags, Place place,
                  topo::Server::Factories topologies) {
  const Result<Findings> areas = OfAreas(Findings(), *flags.only);
  if (!areas.ok()) co_return Refuse(areas.error());
  const Result<Facts> facts = co_await FactsOf(ctx, flags, std::move(place), std::move(topologies));
  if (!facts.ok()) co_return Refuse(facts.error());
  const Result<Findings> findings = OfAreas(CheckAll(*facts), *flags.only);
  ReportStyle style;
  style.colour = isatty(STDOUT_FILENO) == 1;
  style.verbose = *flags.verbose;
  const std::string report = *flags.json ? ReportJson(*findings) : ReportText(*findings, style);
  std::fwrite(report.data(), 1, report.size(), stdout);
  std::fflush(stdout);
  co_return StatusOf(*findings);
}

}  // namespace tessera::doctor
