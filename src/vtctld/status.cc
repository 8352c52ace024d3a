// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctld/status.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace tessera::vtctld {

using pages::Html;
using stats::Kind;

void OperationStats::Note(std::string_view operation, Duration took, const Error* error) {
  timings_.At({std::string(operation)}).Add(took);
  if (error != nullptr)
    ++errors_.At({std::string(operation), std::string(CodeName(error->code()))});
}

stats::Families OperationStats::Families() const {
  stats::Family timings = stats::Labelled("Operations", Kind::kTimings,
                                          "Operations and how long they took.", {"Operation"});
  for (const auto& [labels, value] : timings_.values()) stats::AddSample(timings, labels, value);
  stats::Family errors = stats::Labelled("OperationErrors", Kind::kCounter,
                                         "Operations that failed, by code.", {"Operation", "Code"});
  for (const auto& [labels, value] : errors_.values())
    stats::AddSample(errors, labels, static_cast<double>(value));
  return {std::move(timings), std::move(errors)};
}

Html OperationStats::Table() const {
  std::map<std::string, uint64_t> failed;
  for (const auto& [labels, count] : errors_.values()) failed[labels[0]] += count;
  std::vector<Html::Row> rows;
  for (const auto& [labels, timings] : timings_.values()) {
    const double milliseconds =
        static_cast<double>(timings.total().count()) / 1e6 / static_cast<double>(timings.count());
    rows.push_back({labels[0], std::to_string(timings.count()), std::to_string(failed[labels[0]]),
                    fmt::format("{:.1f}", milliseconds)});
  }
  Html body;
  body.Heading("Operations")
      .Table({"Operation", "Count", "Failed", "Milliseconds"}, rows, "Nobody has asked for any.");
  return body;
}

namespace {

Task<std::string> NoTrouble() { co_return std::string(); }
Task<stats::Families> FamiliesOf(const OperationStats& operations) {
  co_return operations.Families();
}
Task<Html> TableOf(const OperationStats& operations) { co_return operations.Table(); }

}  // namespace

std::unique_ptr<pages::Pages> MakeStatusPages(const OperationStats& operations,
                                              const flags::FlagSet& flags, pages::Policy policy) {
  pages::Subject subject;
  subject.program = "vtctld";
  subject.title = "vtctld";
  subject.started = Executor::Current().Now();
  subject.flags = &flags;
  subject.policy = policy;
  subject.trouble = &NoTrouble;
  subject.families = [&operations] { return FamiliesOf(operations); };
  subject.status = [&operations] { return TableOf(operations); };
  return std::make_unique<pages::Pages>(std::move(subject));
}

}  // namespace tessera::vtctld
