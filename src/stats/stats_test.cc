// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "stats/family.h"

namespace tessera::stats {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

Families Some() {
  Families families;
  families.push_back(Counter("QueryPlanCacheHits", "Plans found.", 7));
  Family timings = Labelled("VtgateApi", Kind::kTimings, "Statements.", {"Operation", "Keyspace"});
  Timings took;
  took.Add(microseconds(400));
  took.Add(microseconds(500));
  took.Add(microseconds(501));
  took.Add(seconds(60));
  AddSample(timings, {"Execute", "k.s\"\\\n"}, took);
  families.push_back(timings);
  families.push_back(Text("TabletStateName", "SERVING"));
  Family errors = Labelled("Errors", Kind::kCounter, "Failed.", {"Code"});
  AddSample(errors, {"NOT_FOUND"}, 2);
  families.push_back(errors);
  return families;
}

// Reads the text format back: "name{labels}" to value. Fails the test on lines it cannot read.
std::map<std::string, double> Parse(const std::string& text) {
  std::map<std::string, double> out;
  std::istringstream lines(text);
  std::string line;
  std::string family;
  while (std::getline(lines, line)) {
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      continue;
    }
    if (line.starts_with("# HELP ")) continue;
    const size_t space = line.rfind(' ');
    EXPECT_NE(space, std::string::npos) << line;
    EXPECT_TRUE(line.starts_with(family)) << line << " is not of " << family;
    char* end = nullptr;
    const double value = std::strtod(line.c_str() + space + 1, &end);
    EXPECT_EQ(*end, '\0') << line;
    EXPECT_TRUE(out.emplace(line.substr(0, space), value).second) << line << " stands twice";
  }
  return out;
}

TEST(SnakeCase, FollowsVitess) {
  EXPECT_EQ(SnakeCase("QueryPlanCacheHits"), "query_plan_cache_hits");
  EXPECT_EQ(SnakeCase("QPSByKeyspace"), "qps_by_keyspace");
  EXPECT_EQ(SnakeCase("TableACLPseudoDenied"), "table_acl_pseudo_denied");
  EXPECT_EQ(SnakeCase("QueryTimesNs"), "query_times_ns");
  EXPECT_EQ(SnakeCase("a.b-c"), "a_b_c");
}

TEST(Prometheus, TextReadsBack) {
  const auto read = Parse(ToPrometheus(Some(), "vtgate"));
  EXPECT_EQ(read.at("vtgate_query_plan_cache_hits"), 7);
  EXPECT_EQ(read.at("vtgate_errors{code=\"NOT_FOUND\"}"), 2);
  const std::string labels = "operation=\"Execute\",keyspace=\"k.s\\\"\\\\\\n\"";
  EXPECT_EQ(read.at("vtgate_api_bucket{" + labels + ",le=\"0.0005\"}"), 2);
  EXPECT_EQ(read.at("vtgate_api_bucket{" + labels + ",le=\"0.001\"}"), 3);
  EXPECT_EQ(read.at("vtgate_api_bucket{" + labels + ",le=\"10\"}"), 3);
  EXPECT_EQ(read.at("vtgate_api_bucket{" + labels + ",le=\"+Inf\"}"), 4);
  EXPECT_EQ(read.at("vtgate_api_count{" + labels + "}"), 4);
  EXPECT_NEAR(read.at("vtgate_api_sum{" + labels + "}"), 60.001401, 1e-6);
  EXPECT_EQ(read.size(), 15);
}

TEST(Vars, AreVitessJson) {
  const nlohmann::json vars = nlohmann::json::parse(ToVars(Some()));
  EXPECT_EQ(vars["QueryPlanCacheHits"], 7);
  EXPECT_EQ(vars["TabletStateName"], "SERVING");
  EXPECT_EQ(vars["Errors"]["NOT_FOUND"], 2);
  EXPECT_EQ(vars["VtgateApi"]["TotalCount"], 4);
  EXPECT_EQ(vars["VtgateApi"]["TotalTime"], 60'001'401'000);
  const nlohmann::json& one = vars["VtgateApi"]["Histograms"]["Execute.k_s\"\\\n"];
  EXPECT_EQ(one["500000"], 2);
  EXPECT_EQ(one["1000000"], 3);
  EXPECT_EQ(one["inf"], 4);
  EXPECT_EQ(one["Count"], 4);
}

TEST(Merge, SumsByNameAndLabels) {
  Families all = Some();
  Families more = Some();
  AddSample(more[3], {"INTERNAL"}, 5);
  more.push_back(Gauge("Open", "Open.", 3));
  Merge(all, more);
  const nlohmann::json vars = nlohmann::json::parse(ToVars(all));
  EXPECT_EQ(vars["QueryPlanCacheHits"], 14);
  EXPECT_EQ(vars["TabletStateName"], "SERVING");
  EXPECT_EQ(vars["Errors"]["NOT_FOUND"], 4);
  EXPECT_EQ(vars["Errors"]["INTERNAL"], 5);
  EXPECT_EQ(vars["VtgateApi"]["TotalCount"], 8);
  EXPECT_EQ(vars["Open"], 3);
}

TEST(Process, TellsOfItself) {
  const auto read = Parse(ToPrometheus(ProcessFamilies(seconds(5)), "vtgate"));
  EXPECT_EQ(read.at("vtgate_uptime"), 5e9);
  EXPECT_GT(read.at("process_resident_memory_bytes"), 1e5);
  EXPECT_GT(read.at("process_open_fds"), 2);
  EXPECT_GT(read.at("process_start_time_seconds"), 1.7e9);
  EXPECT_EQ(nlohmann::json::parse(ToVars(ProcessFamilies(seconds(5)))).count("process_open_fds"),
            0);
}

}  // namespace
}  // namespace tessera::stats
