// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tessera::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Findings Some() {
  return {{"ports", "tablet port", "tablet a", Verdict::kOk, "answers", ""},
          {"ports", "tablet port", "tablet b", Verdict::kOk, "answers", ""},
          {"ports", "tablet port", "tablet c", Verdict::kFault, "refused\x1b[2J", "start it"},
          {"topology", "record", "cell z", Verdict::kWarn, "slow", "wait"}};
}

TEST(Report, TextByAreas) {
  const std::string text = ReportText(Some(), {});
  EXPECT_EQ(text,
            "topology\n"
            "  warn     record       cell z: slow\n"
            "                        -> wait\n"
            "ports\n"
            "  ok       tablet port  2 of 3\n"
            "  fault    tablet port  tablet c: refused [2J\n"
            "                        -> start it\n"
            "\n"
            "1 fault, 1 warning, 2 well\n");
}

TEST(Report, WhatIsTheSameIsSaidOnce) {
  Findings findings;
  for (const char* const name : {"a", "b", "c", "d", "e", "f"})
    findings.push_back({"ports", "view", name, Verdict::kUnknown, "cannot be asked", "upgrade"});
  EXPECT_EQ(ReportText(findings, {}),
            "ports\n"
            "  unknown  view  a, b, c, d and 2 more: cannot be asked\n"
            "                 -> upgrade\n"
            "\n"
            "0 faults, 0 warnings, 0 well, 6 could not be looked at\n");
}

TEST(Report, VerboseAndColour) {
  ReportStyle style;
  style.verbose = true;
  EXPECT_THAT(ReportText(Some(), style), HasSubstr("tablet b: answers"));
  EXPECT_THAT(ReportText(Some(), style), Not(HasSubstr("\x1b")));
  style.colour = true;
  EXPECT_THAT(ReportText(Some(), style), HasSubstr("\x1b[31mfault  \x1b[0m"));
}

TEST(Report, JsonHoldsAll) {
  const nlohmann::json json = nlohmann::json::parse(ReportJson(Some()));
  EXPECT_EQ(json["faults"], 1);
  EXPECT_EQ(json["ok"], 2);
  EXPECT_EQ(json["findings"].size(), 4u);
  EXPECT_EQ(json["findings"][2]["fix"], "start it");
}

TEST(Report, AreasAndStatus) {
  EXPECT_EQ(StatusOf(Some()), 1);
  const Result<Findings> topology = OfAreas(Some(), {"topology"});
  ASSERT_TRUE(topology.ok());
  EXPECT_EQ(topology->size(), 1u);
  EXPECT_EQ(StatusOf(*topology), 0);
  const Result<Findings> unknown = OfAreas(Some(), {"port"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().hint(), HasSubstr("topology, ports, tls"));
}

}  // namespace
}  // namespace tessera::doctor
