// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "stats/rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera::stats {
namespace {

constexpr const char* kAll = "All";

double CountOf(const Family& family, const Sample& sample) {
  return family.kind == Kind::kTimings ? static_cast<double>(sample.timings.count()) : sample.value;
}

std::string KeyOf(const Family& family, const Sample& sample, const std::string& label) {
  std::string key;
  for (size_t i = 0; i < family.labels.size() && i < sample.labels.size(); ++i) {
    if (!label.empty() && family.labels[i] != label) continue;
    key += (key.empty() ? "" : ".") + sample.labels[i];
  }
  return key;
}

std::map<std::string, double> CountsOf(const Families& counters, const RateOf& rate) {
  std::map<std::string, double> counts;
  for (const Family& family : counters) {
    if (family.name != rate.family) continue;
    for (const Sample& sample : family.samples) {
      const double count = CountOf(family, sample);
      counts[kAll] += count;
      if (!family.labels.empty()) counts[KeyOf(family, sample, rate.label)] += count;
    }
  }
  return counts;
}

}  // namespace

Rates::Rates(std::vector<RateOf> what, std::chrono::nanoseconds interval, size_t samples)
    : what_(std::move(what)), interval_(interval), samples_(samples) {}

void Rates::Take(const Families& counters) {
  std::vector<Counts>& now = taken_.emplace_back();
  for (const RateOf& rate : what_) now.push_back(CountsOf(counters, rate));
  if (taken_.size() > samples_ + 1) taken_.pop_front();
}

std::vector<double> Rates::Growth(size_t rate, const std::string& key) const {
  std::vector<double> growth;
  const double seconds = std::chrono::duration<double>(interval_).count();
  double before = 0;
  for (size_t i = 0; i < taken_.size(); ++i) {
    const auto found = taken_[i][rate].find(key);
    // One that is not there yet has counted nothing.
    const double now = found == taken_[i][rate].end() ? 0 : found->second;
    if (i > 0) growth.push_back(std::round(10 * std::max(0.0, now - before) / seconds) / 10);
    before = now;
  }
  return growth;
}

Families Rates::Tell() const {
  Families out;
  for (size_t i = 0; i < what_.size(); ++i) {
    Family family = Labelled(what_[i].name, Kind::kRates, what_[i].help, {"Key"});
    if (taken_.size() > 1) {
      for (const auto& [key, count] : taken_.back()[i]) {
        AddSample(family, {key}, 0);
        family.samples.back().rates = Growth(i, key);
      }
    }
    out.push_back(std::move(family));
  }
  return out;
}

}  // namespace tessera::stats
