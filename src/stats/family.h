// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stats/timings.h"

namespace tessera::stats {

enum class Kind : uint8_t {
  kCounter,
  kGauge,
  kTimings,
  kRates,  // for /debug/vars only, as is the next
  kText,
};

// One value of a family.
struct Sample {
  std::vector<std::string> labels;  // values, in the order of the family's labels
  double value = 0;
  Timings timings;            // kTimings
  std::vector<double> rates;  // kRates: events a second, the oldest first
  std::string text;           // kText
};

// A variable and its values at one moment: a copy that may cross threads.
struct Family {
  std::string name;  // Vitess's: "QueryPlanCacheHits"
  Kind kind = Kind::kCounter;
  std::string help;                 // one sentence
  std::vector<std::string> labels;  // names, in Vitess's spelling: "Keyspace"
  std::vector<Sample> samples;
  // A name that Prometheus knows from all programs ("process_open_fds"): told as it is, there only.
  bool plain = false;
};

using Families = std::vector<Family>;

Family Counter(std::string name, std::string help, double value);
Family Gauge(std::string name, std::string help, double value);
Family Text(std::string name, std::string value);
// Families with labels, without samples yet.
Family Labelled(std::string name, Kind kind, std::string help, std::vector<std::string> labels);

void AddSample(Family& family, std::vector<std::string> labels, double value);
void AddSample(Family& family, std::vector<std::string> labels, const Timings& timings);

// Adds what another loop counts under the same names and labels. Texts stay as they are.
void Merge(Families& into, const Families& more);

// Numbers of one loop by the values of labels. References stay valid.
template <class T>
class ByLabels {
 public:
  T& At(std::vector<std::string> labels) { return values_[std::move(labels)]; }
  const std::map<std::vector<std::string>, T>& values() const { return values_; }

 private:
  std::map<std::vector<std::string>, T> values_;
};

// Uptime, memory, CPU time and files of this process. `up` is how long it runs.
Families ProcessFamilies(std::chrono::nanoseconds up);

// A JSON object, one name a line.
std::string ToVars(const Families& families);
// Prometheus's text format 0.0.4. `program` is the prefix: "vtgate".
std::string ToPrometheus(const Families& families, std::string_view program);

// Vitess's rule: "QPSByKeyspace" is "qps_by_keyspace".
std::string SnakeCase(std::string_view name);

}  // namespace tessera::stats
