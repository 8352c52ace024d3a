// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "stats/family.h"

namespace tessera::stats {

// A rate to tell beside a counter or timings, as Vitess does: "QPSByKeyspace" is of "VtgateApi" by
// its label "Keyspace".
struct RateOf {
  std::string name;
  std::string help;
  std::string family;
  std::string label;  // of the family; empty: all its labels, between dots
};

// How fast counters grow, out of what they stand at from time to time: what is counted pays nothing
// for it. Of one loop.
class Rates {
 public:
  // `samples` rates are kept, each over one `interval`: Take must be called once in each.
  Rates(std::vector<RateOf> what, std::chrono::nanoseconds interval, size_t samples);

  // What the counters stand at now; the first time is the beginning.
  void Take(const Families& counters);
  // Events a second, rounded to tenths, the oldest first, under each label's value and under "All".
  Families Tell() const;

  std::chrono::nanoseconds interval() const { return interval_; }
  bool empty() const { return what_.empty(); }

 private:
  using Counts = std::map<std::string, double>;  // by the label's value
  std::vector<double> Growth(size_t rate, const std::string& key) const;

  const std::vector<RateOf> what_;
  const std::chrono::nanoseconds interval_;
  const size_t samples_;
  std::deque<std::vector<Counts>> taken_;  // of each rate; the oldest first
};

}  // namespace tessera::stats
